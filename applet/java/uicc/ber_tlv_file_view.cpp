// SPDX-License-Identifier: Apache-2.0
// BERTLVFileView: ETSI TS 102 241 annex A, by RETRIEVE DATA and SET DATA (ETSI TS 102 221 clauses 11.3.1 and 11.3.2).
#include "applet/java/framework/arrays.hpp"
#include "applet/java/uicc/access.hpp"
#include "core/ber_tlv.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr std::uint8_t kRetrieveData = 0xCB;
constexpr std::uint8_t kSetData = 0xDB;
constexpr std::uint8_t kFirstBlock = 0x80;
constexpr std::uint8_t kNextBlock = 0x00;
constexpr ber::Tag kTagList = 0x5C;

/// BER_TLV_ACC_MODE_FIRST, _NEXT.
constexpr std::int8_t kFirst = -128;
constexpr std::int8_t kNext = 0;

constexpr Meanings kOfData{.bounds = kOutOfDataBoundaries, .conditions = kConditionsOfUseNotSatisfied, .data = kInvalidTagValue};

/// A tag of one to three bytes that an object in a file can have. Nothing: it is none.
std::optional<Bytes> tag_bytes(std::int32_t tag) {
  constexpr std::int32_t kMost = 0xFFFFFF;
  if (tag <= 0 || tag > kMost) return std::nullopt;
  Bytes bytes;
  for (int shift = 16; shift >= 0; shift -= 8) {
    if (const auto byte = static_cast<std::uint8_t>(tag >> shift); byte != 0 || !bytes.empty()) bytes.push_back(byte);
  }
  const bool is_list = bytes.size() == 1 && bytes[0] == kTagList;
  const bool more_follow = (bytes[0] & 0x1F) == 0x1F;
  bool well_formed = bytes[0] != 0xFF && more_follow == (bytes.size() > 1);
  for (std::size_t i = 1; i < bytes.size(); ++i) well_formed = well_formed && ((bytes[i] & 0x80) != 0) == (i + 1 < bytes.size());
  return well_formed && !is_list ? std::optional(bytes) : std::nullopt;
}

apdu::Command command(std::uint8_t ins, std::uint8_t block, BytesView data = {}) {
  apdu::Command out;
  out.cla = 0x80;
  out.ins = ins;
  out.p2 = block;
  out.data = data;
  return out;
}

/// The value of a data object, or of the list of tags, in as many blocks as it takes.
StatusWord retrieve(View& view, BytesView tag, Bytes& value) {
  constexpr std::uint32_t kMost = 65536;
  Bytes object;
  Bytes block;
  apdu::Command ask = command(kRetrieveData, kFirstBlock, tag);
  ask.le = kMost;
  ask.extended = true;
  StatusWord status = view.run(ask, block);
  ask.p2 = kNextBlock;
  ask.data = {};
  for (append(object, block); status == sw::kMoreData; append(object, block)) status = view.run(ask, block);
  if (!status.is_success()) return status;
  const auto tlv = ber::first(object);
  if (!tlv) return sw::kNoPreciseDiagnosis;
  value = to_bytes(tlv->value);
  return sw::kOk;
}

/// A place for `wanted` elements from `offset` on in something of this size. False: an exception was chosen.
bool is_inside(NativeCall& call, std::int32_t offset, std::int32_t wanted, std::size_t size) {
  if (offset >= 0 && std::int64_t{offset} + wanted <= static_cast<std::int64_t>(size)) return true;
  uicc_refuses(call, kOutOfDataBoundaries);
  return false;
}

/// (tag, offset in the object, array, offset, length): the bytes that remain.
Outcome retrieve_data(NativeCall& call) {
  const std::int16_t length = call.short_at(4);
  if (!call.check_array(2, call.short_at(3), length)) return call.failed();
  View view(call, call.self());
  if (!view) return call.failed();
  const auto tag = tag_bytes(call.int_at(0));
  if (!tag) return uicc_refuses(call, kInvalidTagValue);
  Bytes value;
  const StatusWord status = retrieve(view, *tag, value);
  if (!status.is_success()) return uicc_refuses(call, status, kOfData);
  const std::int32_t offset = call.int_at(1);
  if (!is_inside(call, offset, length, value.size())) return call.failed();
  const auto part = BytesView(value).subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
  if (!call.write_array(2, call.short_at(3), part)) return call.failed();
  return call.returns_int(static_cast<std::int32_t>(value.size()) - offset - length);
}

/// (mode, int array, offset, number): the tags that remain.
Outcome get_tag_list(NativeCall& call) {
  const auto array = elements_at(call, 1, call.short_at(2), call.short_at(3), machine::kSecurityException, 0);
  if (!array) return call.failed();
  View view(call, call.self());
  if (!view) return call.failed();
  const std::int8_t mode = call.byte_at(0);
  if (mode != kFirst && mode != kNext) return uicc_refuses(call, kInvalidMode);
  Bytes list;
  const std::array<std::uint8_t, 1> all{kTagList};
  const StatusWord status = retrieve(view, all, list);
  if (!status.is_success()) return uicc_refuses(call, status, kOfData);
  std::vector<std::uint32_t> tags;
  for (std::size_t at = 0; at < list.size();) {
    std::uint32_t tag = list[at++];
    for (bool more = (tag & 0x1F) == 0x1F; more && at < list.size(); ++at) {
      tag = tag << 8 | list[at];
      more = (list[at] & 0x80) != 0;
    }
    tags.push_back(tag);
  }
  auto& given = view.state().tags_given;
  if (mode == kNext && !given) return uicc_refuses(call, kConditionsOfUseNotSatisfied);
  const std::size_t first = mode == kFirst ? 0 : std::min(*given, tags.size());
  if (!is_inside(call, static_cast<std::int32_t>(first), call.short_at(3), tags.size())) return call.failed();
  Bytes numbers;
  const std::size_t end = first + static_cast<std::size_t>(call.short_at(3));
  for (std::size_t i = first; i < end; ++i) {
    for (int shift = 24; shift >= 0; shift -= 8) numbers.push_back(static_cast<std::uint8_t>(tags[i] >> shift));
  }
  if (!write_elements(call, *array, numbers, true)) return call.failed();
  given = end;
  return call.returns_int(static_cast<std::int32_t>(tags.size() - end));
}

/// (tag, mode, size of the value, array, offset, length): the bytes that remain. The object is there when the last byte is.
Outcome set_data(NativeCall& call) {
  const std::int16_t length = call.short_at(5);
  const auto array = call.read_array(3, call.short_at(4), length);
  if (!array) return call.failed();
  Bytes block = to_bytes(*array);
  View view(call, call.self());
  if (!view) return call.failed();
  const std::int8_t mode = call.byte_at(1);
  if (mode != kFirst && mode != kNext) return uicc_refuses(call, kInvalidMode);
  auto& missing = view.state().data_missing;
  std::size_t size = missing.value_or(0);
  if (mode == kFirst) {
    constexpr std::int32_t kMost = 0xFFFFFF;
    missing.reset();
    const auto tag = tag_bytes(call.int_at(0));
    if (!tag) return uicc_refuses(call, kInvalidTagValue);
    if (call.int_at(2) < 0 || call.int_at(2) > kMost) return uicc_refuses(call, kOutOfDataBoundaries);
    size = static_cast<std::size_t>(call.int_at(2));
    Bytes object;
    ber::write_header(object, static_cast<ber::Tag>(call.int_at(0)), size);
    append(object, block);
    block = std::move(object);
  } else if (!missing) {
    return uicc_refuses(call, kConditionsOfUseNotSatisfied);
  } else if (block.empty()) {
    return call.returns_int(static_cast<std::int32_t>(size));
  }
  if (!is_inside(call, 0, length, size)) return call.failed();
  Bytes nothing;
  const StatusWord status = view.run(command(kSetData, mode == kFirst ? kFirstBlock : kNextBlock, block), nothing);
  missing.reset();
  if (!status.is_success()) return uicc_refuses(call, status, kOfData);
  size -= static_cast<std::size_t>(length);
  if (size != 0) missing = size;
  return call.returns_int(static_cast<std::int32_t>(size));
}

Outcome delete_data(NativeCall& call) {
  View view(call, call.self());
  if (!view) return call.failed();
  const auto tag = tag_bytes(call.int_at(0));
  if (!tag) return uicc_refuses(call, kInvalidTagValue);
  Bytes nothing;
  const StatusWord status = view.run(command(kSetData, kFirstBlock, *tag), nothing);
  return status.is_success() ? call.returns() : uicc_refuses(call, status, kOfData);
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"", "retrieveData", "(II[BSS)I", retrieve_data},
    {"", "getTAGList", "(B[ISS)I", get_tag_list},
    {"", "setData", "(IBI[BSS)I", set_data},
    {"", "deleteData", "(I)V", delete_data},
});

}  // namespace

void add_ber_tlv_file_view(machine::NativeTable& table) {
  add_to_views(table, {"BERTLVFileView", "AdminBERTLVFileView"}, kMethods);
}

}  // namespace uicclab::applet::java
