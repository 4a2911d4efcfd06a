// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/vpcd_frames.hpp"

#include "core/reader.hpp"

namespace uicclab::pcsc_bridge::vpcd {

Bytes frame(BytesView payload) {
  return ByteWriter().u16(static_cast<std::uint16_t>(payload.size())).bytes(payload).take();
}

Bytes frame(Control control) {
  return frame(Bytes{static_cast<std::uint8_t>(control)});
}

std::span<std::uint8_t> FrameReader::space() {
  std::copy(m_buffer.begin() + static_cast<std::ptrdiff_t>(m_begin), m_buffer.begin() + static_cast<std::ptrdiff_t>(m_end),
            m_buffer.begin());
  m_end -= m_begin;
  m_begin = 0;
  if (m_end >= 2) {
    const std::size_t whole = 2 + ((std::size_t{m_buffer[0]} << 8) | m_buffer[1]);
    if (whole > m_buffer.size()) m_buffer.resize(whole);
  }
  return std::span(m_buffer).subspan(m_end);
}

std::optional<BytesView> FrameReader::next() {
  ByteReader in(BytesView(m_buffer).subspan(m_begin, m_end - m_begin));
  const auto size = in.u16();
  if (!size) return std::nullopt;
  const auto payload = in.bytes(*size);
  if (payload) m_begin += in.offset();
  return payload;
}

Result<void> CardSide::start() {
  auto result = reset();
  if (result) m_card.power_off();
  return result;
}

Result<void> CardSide::reset() {
  auto atr = m_card.reset();
  if (!atr) return tl::unexpected(atr.error());
  m_atr = std::move(*atr);
  return {};
}

Result<Bytes> CardSide::on_frame(BytesView payload) {
  if (payload.empty()) return Bytes{};
  if (payload.size() == 1) {
    Result<void> done;
    switch (static_cast<Control>(payload[0])) {
      case Control::kAtr:
        return frame(m_atr);
      case Control::kOff:
        m_card.power_off();
        break;
      case Control::kOn:
      case Control::kReset:
        done = reset();
        break;
      default:
        break;  // a control of a later vpcd: those known so far are not answered either
    }
    if (!done) return tl::unexpected(done.error());
    return Bytes{};
  }
  const auto answer = m_card.transmit(payload);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->size() > kMaxPayload) return frame(Bytes{0x6F, 0x00});  // more than two bytes of length can say
  return frame(*answer);
}

}  // namespace uicclab::pcsc_bridge::vpcd
