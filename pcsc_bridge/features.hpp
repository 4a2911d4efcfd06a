// SPDX-License-Identifier: Apache-2.0
// The description of a reader: attributes (PC/SC part 3 clause 3.1.4) and features (PC/SC part 10 clauses 2.2 and 2.6.14).
#pragma once

#include <optional>

#include "pcsc_bridge/wire.hpp"

namespace uicclab::pcsc_bridge {

/// The value of an attribute of a reader, at most 264 bytes; nothing for one we do not have.
std::optional<Bytes> attribute(std::uint32_t id, const wire::ReaderState& reader);

/// The answer to a control code: the list of features (there is no PIN pad) and the reader's properties; nothing for other codes.
std::optional<Bytes> control_answer(std::uint32_t code);

}  // namespace uicclab::pcsc_bridge
