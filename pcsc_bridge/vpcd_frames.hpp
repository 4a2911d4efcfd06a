// SPDX-License-Identifier: Apache-2.0
// The protocol between vpcd (the virtual reader of vsmartcard) and a virtual card: a length of two bytes, big-endian, and as many bytes.
// From vpcd a frame of one byte is a control, any other one a command; the card answers commands and the question for its ATR.
#pragma once

#include <optional>

#include "core/card_port.hpp"

namespace uicclab::pcsc_bridge::vpcd {

enum class Control : std::uint8_t { kOff = 0, kOn = 1, kReset = 2, kAtr = 4 };

inline constexpr std::size_t kMaxPayload = 0xFFFF;
inline constexpr std::uint16_t kDefaultPort = 35963;

/// The frame of a payload of at most kMaxPayload bytes.
Bytes frame(BytesView payload);
Bytes frame(Control control);

/// Cuts a byte stream into frames.
class FrameReader {
 public:
  /// Where to receive the next bytes: at least one, and all of a frame that has begun.
  std::span<std::uint8_t> space();
  /// `size` bytes have been received there.
  void received(std::size_t size) { m_end += size; }
  /// The payload of the next whole frame; valid until space() is called.
  std::optional<BytesView> next();
  bool in_mid_frame() const { return m_begin != m_end; }
  void clear() { m_begin = m_end = 0; }

 private:
  Bytes m_buffer = Bytes(4096);
  std::size_t m_begin = 0;
  std::size_t m_end = 0;
};

/// The card's side: what a virtual card does with the frames of vpcd.
class CardSide {
 public:
  explicit CardSide(CardPort& card) : m_card(card) {}

  /// Learns the ATR with a reset, and switches the card off again, as it is before vpcd asks for power. Errors: those of the card.
  Result<void> start();
  /// The frame to send back; empty for frames without an answer. The question for the ATR does not disturb the card.
  /// Errors: those of the card, which then counts as removed: the protocol has no other message for it.
  Result<Bytes> on_frame(BytesView payload);

 private:
  Result<void> reset();

  CardPort& m_card;
  Atr m_atr;
};

}  // namespace uicclab::pcsc_bridge::vpcd
