// SPDX-License-Identifier: Apache-2.0
#include "ota/remote_apdu_compact.hpp"

#include "core/apdu.hpp"
#include "core/reader.hpp"

namespace uicclab::ota {
namespace {

constexpr std::uint8_t kInsReadBinary = 0xB0;
constexpr std::uint8_t kInsReadRecord = 0xB2;
constexpr std::uint8_t kInsGetData = 0xCA;
constexpr std::uint8_t kInsRetrieveData = 0xCB;
constexpr std::uint8_t kInsStatus = 0xF2;
constexpr std::size_t kHeaderSize = 5;
constexpr std::size_t kResponseHeaderSize = 3;
constexpr std::size_t kMaxCommands = 255;

}  // namespace

bool is_outgoing(BytesView command, CommandSet set) {
  const std::uint8_t ins = command[1];
  if (ins == apdu::kGetResponse) return true;
  if (set == CommandSet::kApplications) return ins == kInsGetData;
  // ETSI TS 102 221 clause 11.3.1: P2 b8 b7 = 10 is the first block, the only one with data.
  if (ins == kInsRetrieveData) return (command[3] & 0xC0) != 0x80;
  return ins == kInsReadBinary || ins == kInsReadRecord || ins == kInsStatus;
}

CompactScript CompactScript::parse(BytesView bytes, CommandSet set) {
  CompactScript script;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const BytesView rest = bytes.subspan(at);
    if (rest.size() < kHeaderSize) {
      script.broken = Error{ErrorCode::kTruncated, "a command of fewer than five bytes", at};
      break;
    }
    const std::size_t size = kHeaderSize + (is_outgoing(rest, set) ? 0 : rest[4]);
    if (size > rest.size()) {
      script.broken = Error{ErrorCode::kTruncated, "less data than P3 says", at};
      break;
    }
    script.commands.push_back(rest.first(size));
    at += size;
  }
  return script;
}

Result<Bytes> build_compact(const std::vector<Bytes>& commands, CommandSet set) {
  ByteWriter script;
  std::size_t count = commands.size();
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const auto command = apdu::parse(commands[i]);
    if (!command) return fail(command.error().code, command.error().text, i);
    if (command->extended) return fail(ErrorCode::kUnsupported, "an extended command", i);
    const bool last = i + 1 == commands.size();
    const bool asks = command->kind() == apdu::Case::k2;
    const auto le = command->le ? static_cast<std::uint8_t>(*command->le) : std::uint8_t{0};
    const BytesView header = BytesView(commands[i]).first(4);
    const auto p3 = asks ? le : static_cast<std::uint8_t>(command->data.size());
    // A case 2 command with Le 00 to an instruction that takes data reads as one without data: P3 is 00 either way.
    const bool read_as_asking = is_outgoing(header, set);
    if (asks != read_as_asking && p3 != 0) return fail(ErrorCode::kUnsupported, "P3 of this instruction has another meaning", i);
    if (read_as_asking && !command->data.empty()) return fail(ErrorCode::kUnsupported, "this instruction has no data in a script", i);
    if (read_as_asking && !last) return fail(ErrorCode::kRefused, "only the last command of a script is answered with data", i);
    script.bytes(header).u8(p3).bytes(command->data);
    if (last && command->kind() == apdu::Case::k4) {
      script.u8(command->cla == 0xA0 ? 0xA0 : 0x00).u8(apdu::kGetResponse).u8(0).u8(0).u8(le);
      ++count;
    }
  }
  if (count > kMaxCommands) return fail(ErrorCode::kRange, "a script of more than 255 commands", kMaxCommands);
  return script.take();
}

Result<CompactResponse> CompactResponse::parse(BytesView response) {
  if (response.size() < kResponseHeaderSize) return fail(ErrorCode::kTruncated, "a response of fewer than three bytes");
  ByteReader reader(response);
  CompactResponse out;
  out.executed = *reader.u8();
  out.status = {*reader.u16()};
  out.data = to_bytes(reader.rest());
  return out;
}

Bytes CompactResponse::build(std::size_t limit) const {
  if (limit < kResponseHeaderSize) throw SystemError("a response of fewer than three bytes");
  const std::size_t size = std::min(data.size(), limit - kResponseHeaderSize);
  const StatusWord sent = size < data.size() ? sw::kMoreData : status;
  return ByteWriter().u8(executed).u16(sent.value).bytes(BytesView(data).first(size)).take();
}

}  // namespace uicclab::ota
