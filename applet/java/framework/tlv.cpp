// SPDX-License-Identifier: Apache-2.0
#include "applet/java/framework/tlv.hpp"

namespace uicclab::applet::java::tlv {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr std::uint8_t kConstructed = 0x20;
constexpr std::uint8_t kLongNumber = 0x1F;
constexpr std::uint8_t kMore = 0x80;

}  // namespace

/// ISO/IEC 8825-1 clauses 8.1.2.2 to 8.1.2.4: numbers up to 30 are in the first byte, and no leading zeros.
Tag read_tag(BytesView from) {
  Tag out;
  if (from.empty()) {
    out.fault = Fault::kOutside;
    return out;
  }
  out.bytes.push_back(from[0]);
  out.number = from[0] & kLongNumber;
  if (out.number != kLongNumber) return out;
  out.number = 0;
  bool more = true;
  for (std::size_t i = 1; more; ++i) {
    if (i >= kMostTagBytes) out.fault = Fault::kTooLong;
    if (i >= from.size()) out.fault = Fault::kOutside;
    if (out.fault != Fault::kNone) return out;
    if (i == 1 && from[i] == kMore) out.fault = Fault::kMalformed;
    out.bytes.push_back(from[i]);
    out.number = out.number << 7 | (from[i] & 0x7FU);
    more = (from[i] & kMore) != 0;
  }
  if (out.number < kLongNumber) out.fault = Fault::kMalformed;
  return out;
}

Bytes encode_tag(std::uint8_t tag_class, bool constructed, std::uint16_t number) {
  const auto first = static_cast<std::uint8_t>(tag_class << 6 | (constructed ? kConstructed : 0));
  if (number < kLongNumber) return {static_cast<std::uint8_t>(first | number)};
  Bytes out{static_cast<std::uint8_t>(first | kLongNumber)};
  if (number > 0x7F) out.push_back(static_cast<std::uint8_t>(kMore | number >> 7));
  out.push_back(static_cast<std::uint8_t>(number & 0x7F));
  return out;
}

/// Definite lengths only (clause 8.1.3).
Header read_header(BytesView from) {
  Header out;
  out.tag = read_tag(from);
  out.fault = out.tag.fault;
  if (out.fault != Fault::kNone) return out;
  out.size = out.tag.bytes.size();
  if (out.size >= from.size()) {
    out.fault = Fault::kOutside;
    return out;
  }
  const std::uint8_t first = from[out.size++];
  if (first < kMore) {
    out.length = first;
    return out;
  }
  const std::size_t count = first & 0x7FU;
  constexpr std::size_t kMostLengthBytes = 4;
  if (count == 0 || count > kMostLengthBytes) {
    out.fault = Fault::kMalformed;
    return out;
  }
  if (from.size() - out.size < count) {
    out.fault = Fault::kOutside;
    return out;
  }
  for (std::size_t i = 0; i < count; ++i) out.length = out.length << 8 | from[out.size++];
  return out;
}

Bytes encode_length(std::size_t length) {
  if (length < kMore) return {static_cast<std::uint8_t>(length)};
  if (length <= 0xFF) return {0x81, static_cast<std::uint8_t>(length)};
  return {0x82, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)};
}

bool are_well_formed(BytesView value, unsigned depth) {
  while (!value.empty()) {
    const Header header = read_header(value);
    if (header.fault != Fault::kNone || header.whole() > value.size()) return false;
    if (!is_well_formed(value.first(header.whole()), depth)) return false;
    value = value.subspan(header.whole());
  }
  return true;
}

bool is_well_formed(BytesView bytes, unsigned depth) {
  if (depth >= kDeepest) return false;
  const Header header = read_header(bytes);
  if (header.fault != Fault::kNone || header.whole() != bytes.size()) return false;
  return !header.tag.is_constructed() || are_well_formed(bytes.subspan(header.size), depth + 1);
}

std::optional<Bytes> bytes_from(NativeCall& call, std::size_t argument, std::int32_t offset) {
  if (!call.read_array(argument, offset, 0)) return std::nullopt;
  Bytes out = to_bytes(call.read_array(argument)->subspan(static_cast<std::size_t>(offset)));
  call.charge(out.size());
  return out;
}

Outcome throw_tlv(NativeCall& call, Reason reason) {
  return call.throws(kTlvException, reason);
}

Outcome throw_tag_fault(NativeCall& call, Fault fault) {
  if (fault == Fault::kOutside) return call.throws(machine::kArrayIndexOutOfBoundsException);
  return throw_tlv(call, fault == Fault::kTooLong ? kIllegalSize : kMalformedTag);
}

Outcome throw_tlv_fault(NativeCall& call, Fault fault) {
  if (fault == Fault::kOutside) return call.throws(machine::kArrayIndexOutOfBoundsException);
  return throw_tlv(call, fault == Fault::kTooLong ? kIllegalSize : kMalformedTlv);
}

// A tag object: length, tag

Bytes bytes_of_tag(NativeCall& call, machine::Ref tag) {
  const BytesView all = call.bytes_in(tag, kBerTag);
  return to_bytes(all.subspan(1, all[0]));
}

namespace {

/// False: return failed().
bool set_tag(NativeCall& call, machine::Ref tag, BytesView bytes) {
  Bytes value{static_cast<std::uint8_t>(bytes.size())};
  append(value, bytes);
  return call.set_bytes(tag, kBerTag, 0, value);
}

/// Of this object; empty, and an exception was chosen: it is empty.
std::optional<Tag> own(NativeCall& call) {
  const Bytes bytes = bytes_of_tag(call, call.self());
  if (!bytes.empty()) return read_tag(bytes);
  throw_tlv(call, kEmptyTag);
  return std::nullopt;
}

/// In an array, arguments 0 and 1. Empty: an exception was chosen.
std::optional<Tag> given(NativeCall& call) {
  const auto from = bytes_from(call, 0, call.short_at(1));
  if (!from) return std::nullopt;
  Tag tag = read_tag(*from);
  if (tag.fault == Fault::kNone) return tag;
  throw_tag_fault(call, tag.fault);
  return std::nullopt;
}

Outcome make_empty(NativeCall& call) {
  return call.returns();
}

Outcome get_instance(NativeCall& call) {
  const auto tag = given(call);
  if (!tag) return call.failed();
  const auto made = make_tag(call, tag->bytes);
  return made ? call.returns_reference(*made) : call.failed();
}

template <bool kIsConstructed>
Outcome init_from_bytes(NativeCall& call) {
  const auto tag = given(call);
  if (!tag) return call.failed();
  if (tag->is_constructed() != kIsConstructed) return throw_tlv(call, kMalformedTag);
  return set_tag(call, call.self(), tag->bytes) ? call.returns() : call.failed();
}

/// Empty: an exception was chosen.
std::optional<Bytes> encoded(NativeCall& call, std::int16_t tag_class, bool constructed, std::int16_t number) {
  constexpr std::int16_t kHighest = 0x3FFF;
  if (tag_class >= 0 && tag_class <= 3 && number >= 0 && number <= kHighest) {
    return encode_tag(static_cast<std::uint8_t>(tag_class), constructed, static_cast<std::uint16_t>(number));
  }
  throw_tlv(call, number > kHighest ? kIllegalSize : kInvalidParam);
  return std::nullopt;
}

template <bool kIsConstructed>
Outcome init_from_number(NativeCall& call) {
  const auto bytes = encoded(call, call.byte_at(0), kIsConstructed, call.short_at(1));
  return bytes && set_tag(call, call.self(), *bytes) ? call.returns() : call.failed();
}

Outcome own_size(NativeCall& call) {
  const auto tag = own(call);
  return tag ? call.returns(static_cast<std::int16_t>(tag->bytes.size())) : call.failed();
}

Outcome own_to_bytes(NativeCall& call) {
  const auto tag = own(call);
  if (!tag || !call.write_array(0, call.short_at(1), tag->bytes)) return call.failed();
  return call.returns(static_cast<std::int16_t>(tag->bytes.size()));
}

Outcome own_number(NativeCall& call) {
  const auto tag = own(call);
  return tag ? call.returns(static_cast<std::int16_t>(tag->number)) : call.failed();
}

Outcome own_is_constructed(NativeCall& call) {
  const auto tag = own(call);
  return tag ? call.returns(boolean(tag->is_constructed())) : call.failed();
}

Outcome own_class(NativeCall& call) {
  const auto tag = own(call);
  return tag ? call.returns(static_cast<std::int16_t>(tag->tag_class())) : call.failed();
}

Outcome equals(NativeCall& call) {
  const machine::Ref other = call.reference_at(0);
  if (other == machine::kNull) return call.returns(boolean(false));
  if (call.object(other) == nullptr) return call.failed();
  if (!call.machine().is_a(other, kBerTag)) return call.returns(boolean(false));
  return call.returns(boolean(bytes_of_tag(call, call.self()) == bytes_of_tag(call, other)));
}

Outcome to_bytes_of(NativeCall& call) {
  if (call.object_at(3) == nullptr) return call.failed();
  const auto bytes = encoded(call, call.short_at(0), call.boolean_at(1), call.short_at(2));
  if (!bytes || !call.write_array(3, call.short_at(4), *bytes)) return call.failed();
  return call.returns(static_cast<std::int16_t>(bytes->size()));
}

Outcome size_of(NativeCall& call) {
  const auto tag = given(call);
  return tag ? call.returns(static_cast<std::int16_t>(tag->bytes.size())) : call.failed();
}

Outcome number_of(NativeCall& call) {
  const auto tag = given(call);
  return tag ? call.returns(static_cast<std::int16_t>(tag->number)) : call.failed();
}

Outcome is_constructed(NativeCall& call) {
  const auto tag = given(call);
  return tag ? call.returns(boolean(tag->is_constructed())) : call.failed();
}

Outcome class_of(NativeCall& call) {
  const auto tag = given(call);
  return tag ? call.returns(static_cast<std::int16_t>(tag->tag_class())) : call.failed();
}

Outcome verify_format(NativeCall& call) {
  const auto from = bytes_from(call, 0, call.short_at(1));
  if (!from) return call.failed();
  const Fault fault = read_tag(*from).fault;
  return fault == Fault::kOutside ? throw_tag_fault(call, fault) : call.returns(boolean(fault == Fault::kNone));
}

Outcome throw_it(NativeCall& call) {
  return call.throws(kTlvException, call.short_at(0));
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"BERTag", "<init>", "()V", make_empty},
    {"BERTag", "getInstance", "([BS)Ljavacardx/framework/tlv/BERTag;", get_instance},
    {"BERTag", "toBytes", "(SZS[BS)S", to_bytes_of},
    {"BERTag", "size", "([BS)B", size_of},
    {"BERTag", "tagNumber", "([BS)S", number_of},
    {"BERTag", "isConstructed", "([BS)Z", is_constructed},
    {"BERTag", "tagClass", "([BS)B", class_of},
    {"BERTag", "verifyFormat", "([BS)Z", verify_format},
    {"BERTag", "equals", "(Ljava/lang/Object;)Z", equals},
    {"BERTag", "size", "()B", own_size},
    {"BERTag", "toBytes", "([BS)S", own_to_bytes},
    {"BERTag", "tagNumber", "()S", own_number},
    {"BERTag", "isConstructed", "()Z", own_is_constructed},
    {"BERTag", "tagClass", "()B", own_class},
    {"BERTag", "equals", "(Ljavacardx/framework/tlv/BERTag;)Z", equals},
    {"ConstructedBERTag", "<init>", "()V", make_empty},
    {"ConstructedBERTag", "init", "([BS)V", init_from_bytes<true>},
    {"ConstructedBERTag", "init", "(BS)V", init_from_number<true>},
    {"PrimitiveBERTag", "<init>", "()V", make_empty},
    {"PrimitiveBERTag", "init", "([BS)V", init_from_bytes<false>},
    {"PrimitiveBERTag", "init", "(BS)V", init_from_number<false>},
    {"TLVException", "<init>", "(S)V", set_exception_reason},
    {"TLVException", "throwIt", "(S)V", throw_it},
});

}  // namespace

std::optional<machine::Ref> make_tag(NativeCall& call, BytesView bytes) {
  const Bytes copy = to_bytes(bytes);
  const bool constructed = (copy.front() & kConstructed) != 0;
  const auto made = call.make(constructed ? kConstructedTag : kPrimitiveTag, call.caller());
  if (!made || !set_tag(call, *made, copy)) return std::nullopt;
  return made;
}

}  // namespace uicclab::applet::java::tlv

namespace uicclab::applet::java {

void add_tags(jcvm::machine::NativeTable& table) {
  table.layout("javacardx/framework/tlv", "BERTag", {.bytes = 1 + tlv::kMostTagBytes});
  table.add("javacardx/framework/tlv", tlv::kMethods);
}

}  // namespace uicclab::applet::java
