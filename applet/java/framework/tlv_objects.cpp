// SPDX-License-Identifier: Apache-2.0
// BERTLV, PrimitiveBERTLV and ConstructedBERTLV. An object of an applet's own subclass of BERTLV counts as empty.
#include <set>

#include "applet/java/framework/tlv.hpp"

namespace uicclab::applet::java::tlv {

namespace machine = jcvm::machine;
using machine::kNull;
using machine::NativeCall;
using machine::Outcome;
using machine::Ref;

namespace {

constexpr unsigned kTag = 0;      // a reference of BERTLV: null, it is empty
constexpr unsigned kContent = 0;  // a reference of both subclasses: byte[], BERTLV[]; longer than what is in it
constexpr unsigned kCount = 1;    // a number: bytes, elements

std::size_t number(NativeCall& call, Ref tlv, machine::ApiClass of) {
  return static_cast<std::size_t>(call.number_in(tlv, of, kCount));
}

std::vector<Ref> elements(NativeCall& call, Ref tlv) {
  std::vector<Ref> out;
  const machine::Object* array = call.heap().find(call.reference_in(tlv, kConstructedTlv, kContent));
  if (array == nullptr) return out;
  // A constructor that is called once more makes a shorter array; a full commit buffer leaves a null at the end.
  const std::size_t count = std::min<std::size_t>(number(call, tlv, kConstructedTlv), array->length);
  for (std::size_t i = 0; i < count; ++i) {
    if (const Ref element = array->u32(4 * i); element != kNull) out.push_back(element);
  }
  return out;
}

BytesView value_of(NativeCall& call, Ref tlv) {
  const machine::Object* array = call.heap().find(call.reference_in(tlv, kPrimitiveTlv, kContent));
  return array == nullptr ? BytesView{} : BytesView(array->body).first(std::min(number(call, tlv, kPrimitiveTlv), array->body.size()));
}

bool is_empty(NativeCall& call, Ref tlv) {
  return call.reference_in(tlv, kBerTlv, kTag) == kNull || bytes_of_tag(call, call.reference_in(tlv, kBerTlv, kTag)).empty();
}

/// What one TLV has on the wire. The same object may be in it many times, and in that again: the work has a limit.
class Encoder {
 public:
  explicit Encoder(NativeCall& call) : m_call(call) {}

  /// Empty: more than 32767 bytes, or too many within each other.
  std::optional<Bytes> run(Ref tlv) {
    Bytes out = encode(tlv, 0);
    m_call.charge(m_work);
    return m_failed ? std::nullopt : std::optional(std::move(out));
  }
  std::optional<Bytes> value(Ref tlv) {
    Bytes out = encode_value(tlv, 0);
    m_call.charge(m_work);
    return m_failed ? std::nullopt : std::optional(std::move(out));
  }

 private:
  Bytes encode_value(Ref tlv, unsigned depth) {
    if (m_call.machine().is_a(tlv, kPrimitiveTlv)) return to_bytes(value_of(m_call, tlv));
    Bytes out;
    if (!m_call.machine().is_a(tlv, kConstructedTlv)) return out;
    for (const Ref element : elements(m_call, tlv)) {
      append(out, encode(element, depth + 1));
      if (out.size() > kMost) m_failed = true;
      if (m_failed) break;
    }
    return out;
  }

  Bytes encode(Ref tlv, unsigned depth) {
    constexpr std::size_t kMostWork = kDeepest * kMost;
    if (depth >= kDeepest || ++m_work > kMostWork) m_failed = true;
    if (m_failed || is_empty(m_call, tlv)) return {};
    const Bytes value = encode_value(tlv, depth);
    if (value.size() > kMost) m_failed = true;
    if (m_failed) return {};
    Bytes out = bytes_of_tag(m_call, m_call.reference_in(tlv, kBerTlv, kTag));
    append(out, encode_length(value.size()));
    append(out, value);
    m_work += out.size();
    if (out.size() > kMost) m_failed = true;
    return out;
  }

  NativeCall& m_call;
  bool m_failed = false;
  std::size_t m_work = 0;
};

/// Of this object; empty, and an exception was chosen: it is empty, or too large.
std::optional<Bytes> encoded(NativeCall& call) {
  if (is_empty(call, call.self())) {
    throw_tlv(call, kEmptyTlv);
    return std::nullopt;
  }
  auto bytes = Encoder(call).run(call.self());
  if (!bytes) throw_tlv(call, kTlvSizeAbove32767);
  return bytes;
}

Outcome returns_size(NativeCall& call) {
  const auto bytes = encoded(call);
  return bytes ? call.returns(static_cast<std::int16_t>(bytes->size())) : call.failed();
}

// Content

/// The array, larger than it was if it must be. False: return failed().
bool set_value(NativeCall& call, Ref tlv, BytesView bytes) {
  const Bytes value = to_bytes(bytes);
  if (value.size() > kMost) {
    throw_tlv(call, kInsufficientStorage);
    return false;
  }
  machine::Object* array = call.heap().find(call.reference_in(tlv, kPrimitiveTlv, kContent));
  if (array == nullptr || array->length < value.size()) {
    const auto made = call.make_array(jcvm::code::kTypeByte, static_cast<std::int32_t>(value.size()), call.heap().find(tlv)->owner);
    if (!made || !call.set_reference(tlv, kPrimitiveTlv, kContent, *made)) return false;
    array = call.heap().find(*made);
  }
  if (!call.heap().write(*array, 0, value)) {
    call.throws(machine::kTransactionException, machine::kTransactionBufferFull);
    return false;
  }
  return call.set_number(tlv, kPrimitiveTlv, kCount, static_cast<std::int32_t>(value.size()));
}

/// The same of a constructed one.
bool set_elements(NativeCall& call, Ref tlv, const std::vector<Ref>& all) {
  machine::Object* array = call.heap().find(call.reference_in(tlv, kConstructedTlv, kContent));
  if (array == nullptr || array->length < all.size()) {
    const auto made = call.make_object_array(kBerTlv, static_cast<std::int32_t>(all.size()), call.heap().find(tlv)->owner);
    if (!made || !call.set_reference(tlv, kConstructedTlv, kContent, *made)) return false;
    array = call.heap().find(*made);
  }
  for (std::size_t i = 0; i < array->length; ++i) {
    if (!call.heap().write_reference(*array, 4 * i, i < all.size() ? all[i] : kNull)) {
      call.throws(machine::kTransactionException, machine::kTransactionBufferFull);
      return false;
    }
  }
  return call.set_number(tlv, kConstructedTlv, kCount, static_cast<std::int32_t>(all.size()));
}

std::optional<Ref> make_tlv(NativeCall& call, BytesView bytes);

/// `bytes` are well-formed. Empty: return failed().
std::optional<std::vector<Ref>> make_all(NativeCall& call, BytesView bytes) {
  std::vector<Ref> out;
  while (!bytes.empty()) {
    const std::size_t whole = read_header(bytes).whole();
    const auto made = make_tlv(call, bytes.first(whole));
    if (!made) return std::nullopt;
    out.push_back(*made);
    bytes = bytes.subspan(whole);
  }
  return out;
}

/// `bytes` are well-formed, and no array of the heap. False: return failed().
bool fill(NativeCall& call, Ref tlv, BytesView bytes) {
  const Header header = read_header(bytes);
  const auto tag = make_tag(call, header.tag.bytes);
  if (!tag) return false;
  const BytesView value = bytes.subspan(header.size);
  if (header.tag.is_constructed()) {
    const auto all = make_all(call, value);
    if (!all || !set_elements(call, tlv, *all)) return false;
  } else if (!set_value(call, tlv, value)) {
    return false;
  }
  return call.set_reference(tlv, kBerTlv, kTag, *tag);
}

std::optional<Ref> make_tlv(NativeCall& call, BytesView bytes) {
  const bool constructed = read_tag(bytes).is_constructed();
  const auto made = call.make(constructed ? kConstructedTlv : kPrimitiveTlv, call.caller());
  if (!made || !fill(call, *made, bytes)) return std::nullopt;
  return made;
}

/// Bytes of an array, arguments from `argument` on. Empty: return failed().
std::optional<Bytes> range(NativeCall& call, std::size_t argument) {
  const auto bytes = call.read_array(argument, call.short_at(argument + 1), call.short_at(argument + 2));
  return bytes ? std::optional(to_bytes(*bytes)) : std::nullopt;
}

// BERTLV

Outcome make_empty(NativeCall& call) {
  return call.returns();
}

Outcome get_instance(NativeCall& call) {
  const auto bytes = range(call, 0);
  if (!bytes) return call.failed();
  if (!is_well_formed(*bytes)) return throw_tlv(call, read_header(*bytes).fault == Fault::kTooLong ? kIllegalSize : kMalformedTlv);
  const auto made = make_tlv(call, *bytes);
  return made ? call.returns_reference(*made) : call.failed();
}

Outcome verify_format(NativeCall& call) {
  const auto bytes = range(call, 0);
  return bytes ? call.returns(boolean(is_well_formed(*bytes))) : call.failed();
}

/// What begins at an array's offset, arguments from `argument` on. Empty: an exception was chosen.
std::optional<Header> header_at(NativeCall& call, std::size_t argument) {
  const auto from = bytes_from(call, argument, call.short_at(argument + 1));
  if (!from) return std::nullopt;
  Header header = read_header(*from);
  if (header.fault == Fault::kNone) return header;
  throw_tlv_fault(call, header.fault);
  return std::nullopt;
}

Outcome tag_of(NativeCall& call) {
  const auto header = header_at(call, 0);
  if (!header || !call.write_array(2, call.short_at(3), header->tag.bytes)) return call.failed();
  return call.returns(static_cast<std::int16_t>(header->tag.bytes.size()));
}

Outcome length_of(NativeCall& call) {
  const auto header = header_at(call, 0);
  if (!header) return call.failed();
  if (header->length > kMost) return throw_tlv(call, kTlvLengthAbove32767);
  return call.returns(static_cast<std::int16_t>(header->length));
}

Outcome own_to_bytes(NativeCall& call) {
  const auto bytes = encoded(call);
  if (!bytes || !call.write_array(0, call.short_at(1), *bytes)) return call.failed();
  return call.returns(static_cast<std::int16_t>(bytes->size()));
}

Outcome own_tag(NativeCall& call) {
  if (is_empty(call, call.self())) return throw_tlv(call, kEmptyTlv);
  return call.returns_reference(call.reference_in(call.self(), kBerTlv, kTag));
}

Outcome own_length(NativeCall& call) {
  if (is_empty(call, call.self())) return throw_tlv(call, kEmptyTlv);
  const auto value = Encoder(call).value(call.self());
  if (!value || value->size() > kMost) return throw_tlv(call, kTlvLengthAbove32767);
  return call.returns(static_cast<std::int16_t>(value->size()));
}

// PrimitiveBERTLV

Outcome make_primitive(NativeCall& call) {
  const std::int16_t capacity = call.short_at(0);
  if (capacity < 0) return throw_tlv(call, kInvalidParam);
  const auto made = call.make_array(jcvm::code::kTypeByte, capacity, call.heap().find(call.self())->owner);
  return made && call.set_reference(call.self(), kPrimitiveTlv, kContent, *made) ? call.returns() : call.failed();
}

template <bool kIsConstructed>
Outcome init_from_bytes(NativeCall& call) {
  const auto bytes = range(call, 0);
  if (!bytes) return call.failed();
  if (!is_well_formed(*bytes) || read_tag(*bytes).is_constructed() != kIsConstructed) return throw_tlv(call, kMalformedTlv);
  return fill(call, call.self(), *bytes) ? returns_size(call) : call.failed();
}

/// The tag that is kept, with all that an applet does to it.
bool keep_tag(NativeCall& call) {
  return call.set_reference(call.self(), kBerTlv, kTag, call.reference_at(0));
}

Outcome init_primitive(NativeCall& call) {
  if (call.object_at(0) == nullptr) return call.failed();
  const auto value = range(call, 1);
  if (!value || !set_value(call, call.self(), *value) || !keep_tag(call)) return call.failed();
  return returns_size(call);
}

template <bool kAppend>
Outcome change_value(NativeCall& call) {
  const auto added = range(call, 0);
  if (!added) return call.failed();
  if (is_empty(call, call.self())) return throw_tlv(call, kEmptyTlv);
  Bytes value = kAppend ? to_bytes(value_of(call, call.self())) : Bytes{};
  append(value, *added);
  return set_value(call, call.self(), value) ? returns_size(call) : call.failed();
}

Outcome get_value(NativeCall& call) {
  if (is_empty(call, call.self())) return throw_tlv(call, kEmptyTlv);
  const Bytes value = to_bytes(value_of(call, call.self()));
  return call.write_array(0, call.short_at(1), value) ? call.returns(static_cast<std::int16_t>(value.size())) : call.failed();
}

/// A TLV that begins at an array's offset and is there to its end. Empty: an exception was chosen.
std::optional<Bytes> tlv_at(NativeCall& call, std::size_t argument) {
  auto from = bytes_from(call, argument, call.short_at(argument + 1));
  if (!from) return std::nullopt;
  const Header header = read_header(*from);
  if (header.fault != Fault::kNone) {
    throw_tlv_fault(call, header.fault);
    return std::nullopt;
  }
  if (header.whole() > from->size()) {
    call.throws(machine::kArrayIndexOutOfBoundsException);
    return std::nullopt;
  }
  from->resize(header.whole());
  if (is_well_formed(*from)) return from;
  throw_tlv(call, kMalformedTlv);
  return std::nullopt;
}

template <bool kIsConstructed>
std::optional<Bytes> tlv_of_kind_at(NativeCall& call, std::size_t argument) {
  auto tlv = tlv_at(call, argument);
  if (!tlv || read_tag(*tlv).is_constructed() == kIsConstructed) return tlv;
  throw_tlv(call, kMalformedTlv);
  return std::nullopt;
}

Outcome value_offset(NativeCall& call) {
  const auto tlv = tlv_of_kind_at<false>(call, 0);
  return tlv ? call.returns(static_cast<std::int16_t>(call.short_at(1) + static_cast<std::int32_t>(read_header(*tlv).size)))
             : call.failed();
}

/// The length that `tag` and `value` have together. False: an exception was chosen.
bool join(NativeCall& call, const Bytes& tag, BytesView value, Bytes& out) {
  out = tag;
  append(out, encode_length(value.size()));
  append(out, value);
  if (out.size() > kMost) throw_tlv(call, kTlvSizeAbove32767);
  return out.size() <= kMost;
}

Outcome primitive_to_bytes(NativeCall& call) {
  const auto from = bytes_from(call, 0, call.short_at(1));
  if (!from) return call.failed();
  const Tag tag = read_tag(*from);
  if (tag.fault != Fault::kNone) return throw_tag_fault(call, tag.fault);
  const auto value = range(call, 2);
  Bytes out;
  if (!value) return call.failed();
  if (tag.is_constructed()) return throw_tlv(call, kMalformedTag);
  if (!join(call, tag.bytes, *value, out) || !call.write_array(5, call.short_at(6), out)) return call.failed();
  return call.returns(static_cast<std::int16_t>(out.size()));
}

/// The TLV at an array's offset, with more in it. What lies behind it is overwritten.
Outcome append_to(NativeCall& call, std::size_t argument, BytesView tlv, BytesView added) {
  const Header header = read_header(tlv);
  Bytes value = to_bytes(tlv.subspan(header.size));
  append(value, added);
  Bytes out;
  if (!join(call, header.tag.bytes, value, out) || !call.write_array(argument, call.short_at(argument + 1), out)) return call.failed();
  return call.returns(static_cast<std::int16_t>(out.size()));
}

Outcome append_value(NativeCall& call) {
  const auto tlv = tlv_of_kind_at<false>(call, 0);
  if (!tlv) return call.failed();
  const auto added = range(call, 2);
  return added ? append_to(call, 0, *tlv, *added) : call.failed();
}

// ConstructedBERTLV

Outcome make_constructed(NativeCall& call) {
  const std::int16_t capacity = call.short_at(0);
  if (capacity < 0) return throw_tlv(call, kInvalidParam);
  const auto made = call.make_object_array(kBerTlv, capacity, call.heap().find(call.self())->owner);
  return made && call.set_reference(call.self(), kConstructedTlv, kContent, *made) ? call.returns() : call.failed();
}

/// `tlv` is `wanted` or has it in it, however deep.
bool has(NativeCall& call, Ref tlv, Ref wanted) {
  std::vector<Ref> open{tlv};
  std::set<Ref> seen;
  while (!open.empty()) {
    const Ref one = open.back();
    open.pop_back();
    if (one == wanted) return true;
    if (one == kNull || !seen.insert(one).second || !call.machine().is_a(one, kConstructedTlv)) continue;
    for (const Ref element : elements(call, one)) open.push_back(element);
  }
  return false;
}

Outcome init_constructed(NativeCall& call) {
  if (call.object_at(0) == nullptr || call.object_at(1) == nullptr) return call.failed();
  if (has(call, call.reference_at(1), call.self())) return throw_tlv(call, kInvalidParam);
  return set_elements(call, call.self(), {call.reference_at(1)}) && keep_tag(call) ? returns_size(call) : call.failed();
}

Outcome init_constructed_from_value(NativeCall& call) {
  if (call.object_at(0) == nullptr) return call.failed();
  const auto value = range(call, 1);
  if (!value) return call.failed();
  if (!are_well_formed(*value)) return throw_tlv(call, kMalformedTlv);
  const auto all = make_all(call, *value);
  return all && set_elements(call, call.self(), *all) && keep_tag(call) ? returns_size(call) : call.failed();
}

Outcome append_element(NativeCall& call) {
  if (call.object_at(0) == nullptr) return call.failed();
  if (has(call, call.reference_at(0), call.self())) return throw_tlv(call, kInvalidParam);
  std::vector<Ref> all = elements(call, call.self());
  if (all.size() >= kMost) return throw_tlv(call, kInsufficientStorage);
  all.push_back(call.reference_at(0));
  return set_elements(call, call.self(), all) ? returns_size(call) : call.failed();
}

/// Where the occurrence is that arguments `argument` (not null) and the next one name. Empty: an exception was chosen.
std::optional<std::size_t> occurrence(NativeCall& call, std::size_t argument, const std::vector<Ref>& all) {
  if (call.object_at(argument) == nullptr) return std::nullopt;
  std::int16_t left = call.short_at(argument + 1);
  for (std::size_t i = 0; left > 0 && i < all.size(); ++i) {
    if (all[i] == call.reference_at(argument) && --left == 0) return i;
  }
  throw_tlv(call, kInvalidParam);
  return std::nullopt;
}

Outcome delete_element(NativeCall& call) {
  std::vector<Ref> all = elements(call, call.self());
  const auto place = occurrence(call, 0, all);
  if (!place) return call.failed();
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(*place));
  return set_elements(call, call.self(), all) ? returns_size(call) : call.failed();
}

/// Argument 0 is the tag, or null.
Outcome find_from(NativeCall& call, const std::vector<Ref>& all, std::size_t begin) {
  const Ref tag = call.reference_at(0);
  if (tag != kNull && call.object(tag) == nullptr) return call.failed();
  for (std::size_t i = begin; i < all.size(); ++i) {
    if (tag == kNull) return call.returns_reference(all[i]);
    const Ref other = call.reference_in(all[i], kBerTlv, kTag);
    if (other != kNull && bytes_of_tag(call, other) == bytes_of_tag(call, tag)) return call.returns_reference(all[i]);
  }
  return call.returns_reference(kNull);
}

Outcome find(NativeCall& call) {
  return find_from(call, elements(call, call.self()), 0);
}

Outcome find_next(NativeCall& call) {
  const std::vector<Ref> all = elements(call, call.self());
  const auto place = occurrence(call, 1, all);
  return place ? find_from(call, all, *place + 1) : call.failed();
}

Outcome append_bytes(NativeCall& call) {
  const auto added = tlv_at(call, 0);
  if (!added) return call.failed();
  const auto tlv = tlv_of_kind_at<true>(call, 2);
  return tlv ? append_to(call, 2, *tlv, *added) : call.failed();
}

/// `start`: behind the TLV that is there. The tag is argument `tag_argument`, which may be null, and the next one.
Outcome find_in_bytes(NativeCall& call, std::optional<std::int16_t> start, std::size_t tag_argument) {
  const auto tlv = tlv_of_kind_at<true>(call, 0);
  if (!tlv) return call.failed();
  std::optional<Bytes> wanted;
  if (call.reference_at(tag_argument) != kNull) {
    const auto from = bytes_from(call, tag_argument, call.short_at(tag_argument + 1));
    if (!from) return call.failed();
    const Tag tag = read_tag(*from);
    if (tag.fault != Fault::kNone) return throw_tag_fault(call, tag.fault);
    wanted = tag.bytes;
  }
  const std::int32_t base = call.short_at(1);
  bool past = !start;
  for (std::size_t at = read_header(*tlv).size; at < tlv->size();) {
    const Header header = read_header(BytesView(*tlv).subspan(at));
    const auto place = static_cast<std::int16_t>(base + static_cast<std::int32_t>(at));
    if (past && (!wanted || header.tag.bytes == *wanted)) return call.returns(place);
    past = past || place == *start;
    at += header.whole();
  }
  return past ? call.returns(std::int16_t{-1}) : throw_tlv(call, kInvalidParam);
}

Outcome find_bytes(NativeCall& call) {
  return find_in_bytes(call, std::nullopt, 2);
}

Outcome find_next_bytes(NativeCall& call) {
  return call.short_at(2) < 0 ? call.throws(machine::kArrayIndexOutOfBoundsException) : find_in_bytes(call, call.short_at(2), 3);
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"BERTLV", "<init>", "()V", make_empty},
    {"BERTLV", "getInstance", "([BSS)Ljavacardx/framework/tlv/BERTLV;", get_instance},
    {"BERTLV", "verifyFormat", "([BSS)Z", verify_format},
    {"BERTLV", "getTag", "([BS[BS)S", tag_of},
    {"BERTLV", "getLength", "([BS)S", length_of},
    {"BERTLV", "toBytes", "([BS)S", own_to_bytes},
    {"BERTLV", "getTag", "()Ljavacardx/framework/tlv/BERTag;", own_tag},
    {"BERTLV", "getLength", "()S", own_length},
    {"BERTLV", "size", "()S", returns_size},
    {"PrimitiveBERTLV", "<init>", "(S)V", make_primitive},
    {"PrimitiveBERTLV", "getValueOffset", "([BS)S", value_offset},
    {"PrimitiveBERTLV", "toBytes", "([BS[BSS[BS)S", primitive_to_bytes},
    {"PrimitiveBERTLV", "appendValue", "([BS[BSS)S", append_value},
    {"PrimitiveBERTLV", "init", "([BSS)S", init_from_bytes<false>},
    {"PrimitiveBERTLV", "init", "(Ljavacardx/framework/tlv/PrimitiveBERTag;[BSS)S", init_primitive},
    {"PrimitiveBERTLV", "appendValue", "([BSS)S", change_value<true>},
    {"PrimitiveBERTLV", "replaceValue", "([BSS)S", change_value<false>},
    {"PrimitiveBERTLV", "getValue", "([BS)S", get_value},
    {"ConstructedBERTLV", "<init>", "(S)V", make_constructed},
    {"ConstructedBERTLV", "append", "([BS[BS)S", append_bytes},
    {"ConstructedBERTLV", "find", "([BS[BS)S", find_bytes},
    {"ConstructedBERTLV", "findNext", "([BSS[BS)S", find_next_bytes},
    {"ConstructedBERTLV", "init", "([BSS)S", init_from_bytes<true>},
    {"ConstructedBERTLV", "init", "(Ljavacardx/framework/tlv/ConstructedBERTag;Ljavacardx/framework/tlv/BERTLV;)S", init_constructed},
    {"ConstructedBERTLV", "init", "(Ljavacardx/framework/tlv/ConstructedBERTag;[BSS)S", init_constructed_from_value},
    {"ConstructedBERTLV", "append", "(Ljavacardx/framework/tlv/BERTLV;)S", append_element},
    {"ConstructedBERTLV", "delete", "(Ljavacardx/framework/tlv/BERTLV;S)S", delete_element},
    {"ConstructedBERTLV", "find", "(Ljavacardx/framework/tlv/BERTag;)Ljavacardx/framework/tlv/BERTLV;", find},
    {"ConstructedBERTLV", "findNext", "(Ljavacardx/framework/tlv/BERTag;Ljavacardx/framework/tlv/BERTLV;S)Ljavacardx/framework/tlv/BERTLV;",
     find_next},
});

}  // namespace
}  // namespace uicclab::applet::java::tlv

namespace uicclab::applet::java {

void add_tlvs(jcvm::machine::NativeTable& table) {
  table.layout("javacardx/framework/tlv", "BERTLV", {.references = 1});
  table.layout("javacardx/framework/tlv", "PrimitiveBERTLV", {.references = 1, .numbers = 1});
  table.layout("javacardx/framework/tlv", "ConstructedBERTLV", {.references = 1, .numbers = 1});
  table.add("javacardx/framework/tlv", tlv::kMethods);
}

}  // namespace uicclab::applet::java
