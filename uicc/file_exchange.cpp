// SPDX-License-Identifier: Apache-2.0
#include "uicc/file_exchange.hpp"

#include <algorithm>

#include "core/ber_tlv.hpp"
#include "core/transceive.hpp"

namespace uicclab::uicc {
namespace {

constexpr std::uint8_t kReadBinary = 0xB0, kUpdateBinary = 0xD6, kReadRecord = 0xB2, kUpdateRecord = 0xDC, kRetrieveData = 0xCB;
constexpr std::uint8_t kByNumber = 0x04, kPrevious = 0x03;     // P2 of the record commands (tables 11.10 and 11.12)
constexpr std::uint8_t kFirstBlock = 0x80, kNextBlock = 0x00;  // P2 of RETRIEVE DATA (table 11.3.1.2)
constexpr std::size_t kMostBlocks = 1024;                      // of one data object
constexpr ber::Tag kTagList = 0x5C;

std::uint8_t high(std::size_t offset) {
  return static_cast<std::uint8_t>(offset >> 8);
}
std::uint8_t low(std::size_t offset) {
  return static_cast<std::uint8_t>(offset);
}

bool is_end(StatusWord status) {
  return status == sw::kEndOfFile || status == sw::kWrongP1P2;
}

bool goes_on(StatusWord status) {
  return status == sw::kMoreData || status == sw::kMoreDataAndProactive;
}

/// The answer's data at the end of `out`, and nowhere else.
void take(apdu::Response& answer, ReadContent& out) {
  out.bytes.insert(out.bytes.end(), answer.data.begin(), answer.data.end());
  crypto::wipe(answer.data);
}

}  // namespace

Result<apdu::Response> FileExchange::send(apdu::Command command) {
  command.cla = apdu::cla_for_channel(command.cla, m_channel.value);
  return transceive(m_port, command);
}

Result<ReadContent> FileExchange::read_binary(std::optional<std::size_t> size) {
  ReadContent out;
  const std::size_t end = size.value_or(kReach);
  while (out.bytes.size() < end && out.bytes.size() < kReach) {
    const std::size_t offset = out.bytes.size();
    const std::size_t wanted = std::min(m_longest_answer, end - offset);
    auto answer = send({0x00, kReadBinary, high(offset), low(offset), {}, static_cast<std::uint32_t>(wanted)});
    if (!answer) return tl::unexpected(answer.error());
    const std::size_t got = answer->data.size();
    const bool at_end = is_end(answer->status) && (offset > 0 || got > 0);
    if (!at_end) out.status = answer->status;
    if (out.is_refused()) return out;
    take(*answer, out);
    if (at_end || got < wanted) break;
  }
  return out;
}

Result<ReadContent> FileExchange::read_record(std::uint8_t number, std::size_t length) {
  auto answer = send({0x00, kReadRecord, number, kByNumber, {}, static_cast<std::uint32_t>(length)});
  if (!answer) return tl::unexpected(answer.error());
  ReadContent out{answer->status, {}};
  if (!out.is_refused()) take(*answer, out);
  return out;
}

Result<ReadContent> FileExchange::retrieve(BytesView tag) {
  ReadContent out;
  for (std::size_t block = 0; block < kMostBlocks; ++block) {
    const bool first = block == 0;
    auto answer = send({0x80, kRetrieveData, 0x00, first ? kFirstBlock : kNextBlock, first ? tag : BytesView(), 256});
    if (!answer) return tl::unexpected(answer.error());
    out.status = answer->status;
    if (out.is_refused()) return out;
    take(*answer, out);
    if (!goes_on(out.status)) return out;
  }
  return fail(ErrorCode::kMalformed, "a data object that does not end after " + std::to_string(kMostBlocks) + " blocks");
}

Result<ReadContent> FileExchange::read_objects() {
  const auto list = retrieve("5C"_h);
  if (!list || list->is_refused()) return list;
  ReadContent out;
  for (const BytesView tag : listed_tags(list->bytes)) {
    auto object = retrieve(tag);
    if (!object) return object;
    if (object->status == sw::kReferencedDataNotFound) continue;  // deleted since
    out.status = object->status;
    if (object->is_refused()) return out;
    out.bytes.insert(out.bytes.end(), object->bytes.begin(), object->bytes.end());
  }
  return out;
}

Result<StatusWord> FileExchange::update_binary(std::size_t offset, BytesView content) {
  StatusWord status = sw::kOk;
  while (!content.empty()) {
    const BytesView part = content.first(std::min(content.size(), m_longest_command));
    const auto answer = send({0x00, kUpdateBinary, high(offset), low(offset), part, std::nullopt});
    if (!answer) return tl::unexpected(answer.error());
    status = answer->status;
    if (!status.is_success()) break;
    offset += part.size();
    content = content.subspan(part.size());
  }
  return status;
}

Result<StatusWord> FileExchange::update_record(FileKind kind, std::uint8_t number, BytesView content) {
  const bool cyclic = kind == FileKind::kCyclic;
  const std::uint8_t p1 = cyclic ? std::uint8_t{0} : number;
  const auto answer = send({0x00, kUpdateRecord, p1, cyclic ? kPrevious : kByNumber, content, std::nullopt});
  if (!answer) return tl::unexpected(answer.error());
  return answer->status;
}

std::vector<BytesView> listed_tags(BytesView answer) {
  std::vector<BytesView> out;
  for (BytesView rest = ber::find(answer, kTagList).value_or(BytesView()); !rest.empty();) {
    std::size_t size = 1;
    if ((rest[0] & 0x1F) == 0x1F) {
      while (size < rest.size() && (rest[size] & 0x80) != 0) ++size;
      ++size;
    }
    if (size > rest.size()) break;
    out.push_back(rest.first(size));
    rest = rest.subspan(size);
  }
  return out;
}

}  // namespace uicclab::uicc
