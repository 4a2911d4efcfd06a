// SPDX-License-Identifier: Apache-2.0
// What a test bench does to a card while a terminal uses it: past the access rules, between two commands.
#pragma once

#include <span>

#include "emulator/card.hpp"

namespace uicclab::emulator {

/// Which part of an EF.
struct Part {
  std::size_t offset = 0;   ///< transparent EFs
  std::uint8_t record = 0;  ///< record structured EFs, from 1, which in a cyclic EF is the newest
};

/// Writes into an EF of a card that is on or off, in a transaction of its own; applications that watch their files are notified.
/// `selection` are SELECT commands that lead to the file, by AID or by path, as script::selection() makes them; they are not executed. A
/// record is filled up with FF. Errors: kNotFound for the file or the record, kRange for a value that does not fit, kUnsupported for an EF
/// of another structure, kRefused if the card has less memory, kIo if it fails.
Result<void> write_file(Card& card, std::span<const Bytes> selection, Part part, BytesView value);

/// Queues a proactive command of the card itself: whatever the terminal answers is taken. Errors: kRefused if the card is off, or has had
/// no TERMINAL PROFILE, or its queue is full.
Result<void> queue_proactive(Card& card, BytesView command);

}  // namespace uicclab::emulator
