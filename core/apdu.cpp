// SPDX-License-Identifier: Apache-2.0
#include "core/apdu.hpp"

namespace uicclab::apdu {
namespace {

constexpr std::size_t kHeader = 4;

std::uint32_t short_le(std::uint8_t coded) {
  return coded == 0 ? 256U : coded;
}
std::uint32_t extended_le(std::uint8_t high, std::uint8_t low) {
  const std::uint32_t value = (static_cast<std::uint32_t>(high) << 8) | low;
  return value == 0 ? 65536U : value;
}

Result<Command> parse_extended(Command command, BytesView bytes) {
  command.extended = true;
  if (bytes.size() == kHeader + 3) {  // case 2E: 00 Le Le
    command.le = extended_le(bytes[5], bytes[6]);
    return command;
  }
  if (bytes.size() < kHeader + 3) return fail(ErrorCode::kTruncated, "extended Lc ends too early", bytes.size());
  const std::size_t lc = (static_cast<std::size_t>(bytes[5]) << 8) | bytes[6];
  if (lc == 0) return fail(ErrorCode::kMalformed, "extended Lc is zero", 5);
  const std::size_t end = kHeader + 3 + lc;
  if (bytes.size() < end) return fail(ErrorCode::kTruncated, "less data than Lc says", bytes.size());
  command.data = bytes.subspan(kHeader + 3, lc);
  if (bytes.size() == end) return command;
  if (bytes.size() != end + 2) return fail(ErrorCode::kTrailing, "more bytes than Lc and Le say", end);
  command.le = extended_le(bytes[end], bytes[end + 1]);
  return command;
}

}  // namespace

Result<Command> parse(BytesView bytes) {
  if (bytes.size() < kHeader) return fail(ErrorCode::kTruncated, "a command has at least four bytes", bytes.size());
  Command command;
  command.cla = bytes[0];
  command.ins = bytes[1];
  command.p1 = bytes[2];
  command.p2 = bytes[3];
  if (bytes.size() == kHeader) return command;
  if (bytes.size() == kHeader + 1) {
    command.le = short_le(bytes[4]);
    return command;
  }
  if (bytes[4] == 0) return parse_extended(command, bytes);

  const std::size_t lc = bytes[4];
  const std::size_t end = kHeader + 1 + lc;
  if (bytes.size() < end) return fail(ErrorCode::kTruncated, "less data than Lc says", bytes.size());
  command.data = bytes.subspan(kHeader + 1, lc);
  if (bytes.size() == end) return command;
  if (bytes.size() != end + 1) return fail(ErrorCode::kTrailing, "more bytes than Lc and Le say", end);
  command.le = short_le(bytes[end]);
  return command;
}

Bytes encode(const Command& command) {
  if (command.data.size() > 0xFFFF) throw SystemError("APDU: more than 65535 bytes of data");
  if (command.le && (*command.le == 0 || *command.le > 0x10000)) throw SystemError("APDU: Le is 1 to 65536");
  const bool extended = command.extended || command.data.size() > 255 || (command.le && *command.le > 256);
  Bytes out{command.cla, command.ins, command.p1, command.p2};
  out.reserve(kHeader + 5 + command.data.size());
  const auto low = [](std::size_t value) { return static_cast<std::uint8_t>(value); };
  if (!command.data.empty()) {
    if (extended) {
      out.push_back(0);
      out.push_back(low(command.data.size() >> 8));
    }
    out.push_back(low(command.data.size()));
    append(out, command.data);
  }
  if (command.le) {
    if (extended) {
      if (command.data.empty()) out.push_back(0);
      out.push_back(low(*command.le >> 8));
    }
    out.push_back(low(*command.le));
  }
  return out;
}

Result<Response> parse_response(BytesView bytes) {
  if (bytes.size() < 2) return fail(ErrorCode::kTruncated, "a response has at least two bytes", bytes.size());
  const std::size_t size = bytes.size() - 2;
  return Response{to_bytes(bytes.first(size)), StatusWord{static_cast<std::uint16_t>((bytes[size] << 8) | bytes[size + 1])}};
}

}  // namespace uicclab::apdu
