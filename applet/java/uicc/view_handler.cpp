// SPDX-License-Identifier: Apache-2.0
// ViewHandler and BERTLVViewHandler: ETSI TS 102 241 annex A.
#include "applet/java/uicc/toolkit.hpp"
#include "core/ber_tlv.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

enum : std::int16_t { kTlvNotFound, kTlvFoundCrSet, kTlvFoundCrNotSet };

Outcome get_length(NativeCall& call) {
  Handler list(call);
  return list ? call.returns(static_cast<std::int16_t>(list->bytes.size())) : call.failed();
}

Outcome get_capacity(NativeCall& call) {
  Handler list(call);
  return list ? call.returns(static_cast<std::int16_t>(list->capacity)) : call.failed();
}

/// Bytes of `from` into the array `argument`, behind which its offset and length are. Returns offset + length.
Outcome copy_part(NativeCall& call, BytesView from, std::int32_t offset, std::size_t argument, std::int32_t length) {
  const std::int16_t at = call.short_at(argument + 1);
  if (!call.check_array(argument, at, length)) return call.failed();
  if (offset < 0 || offset + length > static_cast<std::int32_t>(from.size())) return toolkit_refuses(call, kOutOfTlvBoundaries);
  const Bytes part = to_bytes(from.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)));
  return call.write_array(argument, at, part) ? call.returns(static_cast<std::int16_t>(at + length)) : call.failed();
}

Outcome compare_part(NativeCall& call, BytesView with, std::int32_t offset, std::size_t argument, std::int32_t length) {
  const auto other = call.read_array(argument, call.short_at(argument + 1), length);
  if (!other) return call.failed();
  if (offset < 0 || offset + length > static_cast<std::int32_t>(with.size())) return toolkit_refuses(call, kOutOfTlvBoundaries);
  const BytesView part = with.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
  // As bytes of Java, which have a sign.
  const auto [own, given] = std::ranges::mismatch(part, *other);
  if (own == part.end()) return call.returns(std::int16_t{0});
  return call.returns(static_cast<std::int16_t>(static_cast<std::int8_t>(*own) < static_cast<std::int8_t>(*given) ? -1 : 1));
}

Outcome copy(NativeCall& call) {
  Handler list(call);
  return list ? copy_part(call, list->bytes, 0, 0, call.short_at(2)) : call.failed();
}

/// BAD_INPUT_PARAMETER: there is no such occurrence in any list.
std::optional<TlvList::Element> find(NativeCall& call, Handler& list, std::int8_t occurrence) {
  if (occurrence < 1) {
    toolkit_refuses(call, kBadInputParameter);
    return std::nullopt;
  }
  const auto found = list->find(static_cast<std::uint8_t>(call.byte_at(0)), static_cast<unsigned>(occurrence));
  if (!list.keep()) return std::nullopt;
  if (!found) toolkit_refuses(call, kUnavailableElement);
  return found;
}

Outcome find_tlv(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  if (call.byte_at(1) < 1) return toolkit_refuses(call, kBadInputParameter);
  const auto found = list->find(static_cast<std::uint8_t>(call.byte_at(0)), static_cast<unsigned>(call.byte_at(1)));
  if (!list.keep()) return call.failed();
  return call.returns(!found ? kTlvNotFound : found->comprehension_required ? kTlvFoundCrSet : kTlvFoundCrNotSet);
}

/// The value that was found last; UNAVAILABLE_ELEMENT.
std::optional<BytesView> selected(NativeCall& call, Handler& list) {
  if (list->selected) return list->value(*list->selected);
  toolkit_refuses(call, kUnavailableElement);
  return std::nullopt;
}

Outcome value_length(NativeCall& call) {
  Handler list(call);
  const auto value = list ? selected(call, list) : std::nullopt;
  return value ? call.returns(static_cast<std::int16_t>(value->size())) : call.failed();
}

template <std::int32_t kSize>
Outcome value_number(NativeCall& call) {
  Handler list(call);
  const auto value = list ? selected(call, list) : std::nullopt;
  if (!value) return call.failed();
  const std::int32_t offset = call.short_at(0);
  if (offset < 0 || offset + kSize > static_cast<std::int32_t>(value->size())) return toolkit_refuses(call, kOutOfTlvBoundaries);
  const BytesView bytes = value->subspan(static_cast<std::size_t>(offset));
  if (kSize == 1) return call.returns(static_cast<std::int16_t>(static_cast<std::int8_t>(bytes[0])));
  return call.returns(static_cast<std::int16_t>(bytes[0] << 8 | bytes[1]));
}

Outcome copy_value(NativeCall& call) {
  Handler list(call);
  if (!list || !call.check_array(1, call.short_at(2), call.short_at(3))) return call.failed();
  const auto value = selected(call, list);
  return value ? copy_part(call, *value, call.short_at(0), 1, call.short_at(3)) : call.failed();
}

Outcome compare_value(NativeCall& call) {
  Handler list(call);
  if (!list || !call.check_array(1, call.short_at(2), call.short_at(3))) return call.failed();
  const auto value = selected(call, list);
  return value ? compare_part(call, *value, call.short_at(0), 1, call.short_at(3)) : call.failed();
}

using Part = Outcome (*)(NativeCall&, BytesView, std::int32_t, std::size_t, std::int32_t);

/// (tag, array, offset): the first element, whole.
template <Part kPart>
Outcome find_whole(NativeCall& call) {
  Handler list(call);
  if (!list || !call.check_array(1, 0, 0)) return call.failed();
  const auto found = find(call, list, 1);
  return found ? kPart(call, list->value(*found), 0, 1, static_cast<std::int32_t>(found->length)) : call.failed();
}

/// (tag, occurrence, value offset, array, offset, length)
template <Part kPart>
Outcome find_part(NativeCall& call) {
  Handler list(call);
  if (!list || !call.check_array(3, call.short_at(4), call.short_at(5))) return call.failed();
  const auto found = find(call, list, call.byte_at(1));
  return found ? kPart(call, list->value(*found), call.short_at(2), 3, call.short_at(5)) : call.failed();
}

Outcome get_tag(NativeCall& call) {
  Handler list(call);
  return list ? call.returns(static_cast<std::int16_t>(static_cast<std::int8_t>(list->tag))) : call.failed();
}

Outcome get_size(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  const std::size_t length = list->bytes.size();
  return call.returns(static_cast<std::int16_t>(ber::header_size(0xD0, length) + length));
}

constexpr auto kViewMethods = std::to_array<machine::NativeMethod>({
    {"", "getLength", "()S", get_length},
    {"", "copy", "([BSS)S", copy},
    {"", "findTLV", "(BB)B", find_tlv},
    {"", "getValueLength", "()S", value_length},
    {"", "getValueByte", "(S)B", value_number<1>},
    {"", "getValueShort", "(S)S", value_number<2>},
    {"", "copyValue", "(S[BSS)S", copy_value},
    {"", "compareValue", "(S[BSS)B", compare_value},
    {"", "findAndCopyValue", "(B[BS)S", find_whole<copy_part>},
    {"", "findAndCopyValue", "(BBS[BSS)S", find_part<copy_part>},
    {"", "findAndCompareValue", "(B[BS)B", find_whole<compare_part>},
    {"", "findAndCompareValue", "(BBS[BSS)B", find_part<compare_part>},
    {"", "getCapacity", "()S", get_capacity},
});

constexpr auto kBerMethods = std::to_array<machine::NativeMethod>({
    {"", "getTag", "()B", get_tag},
    {"", "getSize", "()S", get_size},
});

}  // namespace

void add_view_handlers(machine::NativeTable& table) {
  add_to_each(table, {"EditHandler", "BERTLVEditHandler", "EnvelopeResponseHandler", "ProactiveHandler", "ProactiveResponseHandler"},
              kViewMethods);
  add_to_each(table, {"BERTLVEditHandler"}, kBerMethods);
  add_to_each(table, {"USATEnvelopeHandler"}, kViewMethods, kUsimToolkitPackage);
  add_to_each(table, {"USATEnvelopeHandler"}, kBerMethods, kUsimToolkitPackage);
}

}  // namespace uicclab::applet::java
