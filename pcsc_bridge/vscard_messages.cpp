// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/vscard_messages.hpp"

#include <array>

#include "core/reader.hpp"

namespace uicclab::pcsc_bridge::vscard {

namespace {

constexpr std::size_t kHeader = 12;
constexpr std::array<std::uint8_t, 4> kMagic{'V', 'S', 'C', 'D'};
constexpr std::uint32_t kVersion = 2;  // major << 21, middle << 10, minor
constexpr unsigned kMajorShift = 21;
constexpr std::size_t kLongestLine = 256;

}  // namespace

Bytes encode(Type type, std::uint32_t reader, BytesView payload) {
  return ByteWriter()
      .u32(static_cast<std::uint32_t>(type))
      .u32(reader)
      .u32(static_cast<std::uint32_t>(payload.size()))
      .bytes(payload)
      .take();
}

Bytes init_payload() {
  return ByteWriter().bytes(kMagic).u32(kVersion).u32(0).take();
}

Result<void> check_init(BytesView payload) {
  ByteReader in(payload);
  const auto magic = in.bytes(kMagic.size());
  const auto version = in.u32();
  if (!magic || !version) return fail(ErrorCode::kTruncated, "VSCARD Init must have 12 bytes, got " + std::to_string(payload.size()));
  if (!equal(*magic, kMagic)) return fail(ErrorCode::kMalformed, "VSCARD Init must begin with VSCD");
  if (*version >> kMajorShift != 0)
    return fail(ErrorCode::kMalformed, "VSCARD version 0 is spoken, not " + std::to_string(*version >> kMajorShift));
  return {};
}

Result<std::uint32_t> error_code(BytesView payload) {
  const auto code = ByteReader(payload).u32();
  if (!code) return fail(ErrorCode::kTruncated, "VSCARD Error must have 4 bytes, got " + std::to_string(payload.size()));
  return *code;
}

Bytes error_payload(std::uint32_t code) {
  return ByteWriter().u32(code).take();
}

Result<std::optional<Message>> MessageReader::next() {
  ByteReader in(m_buffer);
  const auto type = in.u32();
  const auto reader = in.u32();
  const auto size = in.u32();
  if (!type || !reader || !size) return std::optional<Message>();
  if (*size > kMaxPayload)
    return fail(ErrorCode::kRange, "a VSCARD message has at most " + std::to_string(kMaxPayload) + " bytes, not " + std::to_string(*size));
  const auto payload = in.bytes(*size);
  if (!payload) return std::optional<Message>();
  Message message{static_cast<Type>(*type), *reader, to_bytes(*payload)};
  m_buffer.erase(m_buffer.begin(), m_buffer.begin() + static_cast<std::ptrdiff_t>(kHeader + *size));
  return std::optional(std::move(message));
}

// "usb-ccid: ccid_handle_bulk_out 62 IccPowerOn"
std::vector<PowerLog::Action> PowerLog::received(BytesView text) {
  std::vector<Action> actions;
  for (const std::uint8_t byte : text) {
    if (byte != '\n') {
      if (m_line.size() < kLongestLine) m_line += static_cast<char>(byte);
      continue;
    }
    if (m_line.ends_with("IccPowerOn")) actions.push_back(Action::kOn);
    if (m_line.ends_with("IccPowerOff")) actions.push_back(Action::kOff);
    m_line.clear();
  }
  return actions;
}

}  // namespace uicclab::pcsc_bridge::vscard
