// SPDX-License-Identifier: Apache-2.0
// RETRIEVE DATA and SET DATA on BER-TLV structure EFs: ETSI TS 102 221 clauses 8.2.2.4, 11.3.1 and 11.3.2.
#include "core/ber_tlv.hpp"
#include "emulator/commands/handlers.hpp"

namespace uicclab::emulator::commands {
namespace {

// P2: how a block is related to the transfer, and an SFI in bits 5-1 (tables 11.31 and 11.33).
constexpr std::uint8_t kFirstBlock = 0x80;
constexpr std::uint8_t kNextBlock = 0x00;
constexpr std::uint8_t kRetransmit = 0x40;
constexpr std::uint8_t kBlockMask = 0xE0;
constexpr std::uint8_t kSfiMask = 0x1F;

constexpr ber::Tag kTagList = 0x5C;

// Tag bytes of a command's data, which may end behind the tag or carry a length and the beginning of the value.
struct Head {
  ber::Tag tag = 0;
  std::size_t tag_size = 0;
  std::optional<std::size_t> object_size;  ///< of tag, length and value, if a length is there
};

Result<Head> parse_head(BytesView data) {
  Head head;
  if (data.empty()) return fail(ErrorCode::kTruncated, "a tag is missing");
  do {
    if (head.tag_size == data.size() || head.tag_size == 3) return fail(ErrorCode::kMalformed, "a tag of one to three bytes");
    head.tag = (head.tag << 8) | data[head.tag_size++];
  } while (head.tag_size == 1 ? (data[0] & 0x1F) == 0x1F : (data[head.tag_size - 1] & 0x80) != 0);
  if (data.size() == head.tag_size) return head;

  std::size_t at = head.tag_size;
  std::size_t length = data[at++];
  if (length > 0x80 && length <= 0x83) {
    const std::size_t count = length & 0x7F;
    if (data.size() - at < count) return fail(ErrorCode::kTruncated, "the length ends too early");
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = (length << 8) | data[at++];
  } else if (length >= 0x80) {
    return fail(ErrorCode::kMalformed, "a length of one to four bytes");
  }
  head.object_size = at + length;
  return head;
}

Bytes tag_list(BytesView body) {
  Bytes tags;
  ber::Reader reader(body);
  while (!reader.empty()) {
    const auto tlv = reader.next();
    if (!tlv) break;
    const std::size_t size = tlv->tag > 0xFFFF ? 3 : tlv->tag > 0xFF ? 2 : 1;
    append(tags, tlv->whole.first(size));
  }
  return ber::encode(kTagList, tags);
}

std::optional<BytesView> find_object(BytesView body, ber::Tag tag) {
  ber::Reader reader(body);
  while (!reader.empty()) {
    const auto tlv = reader.next();
    if (!tlv) break;
    if (tlv->tag == tag) return tlv->whole;
  }
  return std::nullopt;
}

StatusWord send_block(Execution& e, std::size_t start) {
  DataTransfer& transfer = e.channel.transfer;
  const std::size_t left = transfer.object.size() - start;
  const std::size_t size = std::min<std::size_t>(left, e.command.le.value_or(255));
  if (!e.le_fits(size)) return sw::exact_length(size);
  append(e.out, BytesView{transfer.object}.subspan(start, size));
  transfer.sent = start + size;
  transfer.last = size;
  return transfer.sent < transfer.object.size() ? sw::kMoreData : sw::kOk;
}

// Takes the collected object into the file: replaces one of the same tag, or deletes it if only the tag was given.
StatusWord store_object(Execution& e, FileId file, ber::Tag tag, BytesView object) {
  const FileHeader& header = e.files().header(file);
  const BytesView body = e.files().body(file);
  const auto old = find_object(body, tag);
  if (object.empty() && !old) return sw::kReferencedDataNotFound;
  if (body.size() - (old ? old->size() : 0) + object.size() > capacity(header)) return sw::kNotEnoughMemory;
  Bytes next;
  next.reserve(body.size() + object.size());
  ber::Reader reader(body);
  while (!reader.empty()) {
    const auto tlv = reader.next();
    if (!tlv) break;
    if (tlv->tag != tag) append(next, tlv->whole);
  }
  append(next, object);
  e.files().set_body(file, next);
  return sw::kOk;
}

}  // namespace

StatusWord retrieve_data(Execution& e) {
  const apdu::Command& c = e.command;
  if (c.p1 != 0) return sw::kIncorrectP1P2;
  StatusWord status;
  const auto file = e.target(c.p2 & kSfiMask, status);
  if (!file) return status;
  if (const auto refused = e.refuse(*file, {FileKind::kBerTlv}, Access::of_mode(ef_access::kRead))) return *refused;
  const DataTransfer& transfer = e.channel.transfer;
  const bool running = transfer.kind == DataTransfer::Kind::kRetrieve && transfer.file == *file;
  switch (c.p2 & kBlockMask) {
    case kFirstBlock: {
      const auto head = parse_head(c.data);
      if (!head || head->object_size) return sw::kIncorrectData;
      const BytesView body = e.files().body(*file);
      Bytes object;
      if (head->tag == kTagList) {
        object = tag_list(body);
      } else {
        const auto found = find_object(body, head->tag);
        if (!found) return sw::kReferencedDataNotFound;
        object = to_bytes(*found);
      }
      e.make_current(*file, c.p2 & kSfiMask);
      e.channel.transfer = {DataTransfer::Kind::kRetrieve, *file, std::move(object), 0, 0, 0};
      return send_block(e, 0);
    }
    case kNextBlock:
      if (!c.data.empty()) return sw::kWrongLength;
      if (!running || transfer.sent >= transfer.object.size()) return sw::kConditionsNotSatisfied;
      return send_block(e, transfer.sent);
    case kRetransmit:
      if (!c.data.empty()) return sw::kWrongLength;
      if (!running || transfer.sent == 0) return sw::kConditionsNotSatisfied;
      return send_block(e, transfer.sent - transfer.last);
    default:
      return sw::kIncorrectP1P2;
  }
}

StatusWord set_data(Execution& e) {
  const apdu::Command& c = e.command;
  if (c.p1 != 0) return sw::kIncorrectP1P2;
  const std::uint8_t block = c.p2 & kBlockMask;
  if (block != kFirstBlock && block != kNextBlock) return sw::kIncorrectP1P2;
  if (c.data.empty()) return sw::kWrongLength;
  StatusWord status;
  const auto file = e.target(c.p2 & kSfiMask, status);
  if (!file) return status;
  if (const auto refused = e.refuse(*file, {FileKind::kBerTlv}, Access::of_mode(ef_access::kUpdate))) return *refused;

  if (block == kFirstBlock) {
    const auto head = parse_head(c.data);
    if (!head || head->tag == kTagList || c.data[0] == 0x00 || c.data[0] == 0xFF) return sw::kIncorrectData;
    e.make_current(*file, c.p2 & kSfiMask);
    e.channel.transfer = {};
    if (!head->object_size) return store_object(e, *file, head->tag, {});
    if (*head->object_size > capacity(e.files().header(*file))) return sw::kNotEnoughMemory;
    e.channel.transfer = {DataTransfer::Kind::kSet, *file, {}, 0, 0, *head->object_size};
  } else if (e.channel.transfer.kind != DataTransfer::Kind::kSet || e.channel.transfer.file != *file) {
    return sw::kConditionsNotSatisfied;
  }

  DataTransfer& transfer = e.channel.transfer;
  append(transfer.object, c.data);
  if (transfer.object.size() < transfer.expected) return sw::kMoreDataExpected;
  const DataTransfer whole = std::move(transfer);
  e.channel.transfer = {};
  if (whole.object.size() > whole.expected) return sw::kIncorrectData;
  return store_object(e, *file, parse_head(whole.object)->tag, whole.object);
}

}  // namespace uicclab::emulator::commands
