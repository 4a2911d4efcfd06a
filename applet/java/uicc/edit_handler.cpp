// SPDX-License-Identifier: Apache-2.0
// EditHandler and BERTLVEditHandler: ETSI TS 102 241 annex A.
#include "applet/java/uicc/toolkit.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr std::int16_t kMostValue = 255;

Outcome done(NativeCall& call, Handler& list, bool fits) {
  if (!fits) return toolkit_refuses(call, kHandlerOverflow);
  return list.keep() ? call.returns() : call.failed();
}

Outcome clear(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  list->clear();
  return done(call, list, true);
}

Outcome append_array(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  const auto bytes = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!bytes) return call.failed();
  return done(call, list, list->append(to_bytes(*bytes)));
}

/// A value of the arguments from 1 on, one or two bytes each.
template <std::size_t... kSizes>
Outcome append_numbers(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  Bytes value;
  std::size_t argument = 1;
  for (const std::size_t size : {kSizes...}) {
    const auto number = static_cast<std::uint16_t>(call.short_at(argument++));
    if (size == 2) value.push_back(static_cast<std::uint8_t>(number >> 8));
    value.push_back(static_cast<std::uint8_t>(number));
  }
  return done(call, list, list->append_tlv(static_cast<std::uint8_t>(call.byte_at(0)), {value}));
}

/// The part of a value in the array `argument`; BAD_INPUT_PARAMETER: it is longer than `most`.
std::optional<Bytes> part(NativeCall& call, std::size_t argument, std::int16_t most) {
  const auto bytes = call.read_array(argument, call.short_at(argument + 1), call.short_at(argument + 2));
  if (!bytes) return std::nullopt;
  if (call.short_at(argument + 2) <= most) return to_bytes(*bytes);
  toolkit_refuses(call, kBadInputParameter);
  return std::nullopt;
}

Outcome append_bytes(NativeCall& call) {
  Handler list(call);
  const auto value = list ? part(call, 1, kMostValue) : std::nullopt;
  return value ? done(call, list, list->append_tlv(static_cast<std::uint8_t>(call.byte_at(0)), {*value})) : call.failed();
}

Outcome append_byte_and_bytes(NativeCall& call) {
  Handler list(call);
  const auto value = list ? part(call, 2, kMostValue - 1) : std::nullopt;
  if (!value) return call.failed();
  const std::array first{static_cast<std::uint8_t>(call.byte_at(1))};
  return done(call, list, list->append_tlv(static_cast<std::uint8_t>(call.byte_at(0)), {first, *value}));
}

Outcome append_two_arrays(NativeCall& call) {
  Handler list(call);
  const auto first = list ? part(call, 1, kMostValue) : std::nullopt;
  const auto second = first ? part(call, 4, kMostValue) : std::nullopt;
  if (!second) return call.failed();
  if (first->size() + second->size() > static_cast<std::size_t>(kMostValue)) return toolkit_refuses(call, kBadInputParameter);
  return done(call, list, list->append_tlv(static_cast<std::uint8_t>(call.byte_at(0)), {*first, *second}));
}

Outcome set_tag(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  list->tag = static_cast<std::uint8_t>(call.byte_at(0));
  return done(call, list, true);
}

constexpr auto kEditMethods = std::to_array<machine::NativeMethod>({
    {"", "clear", "()V", clear},
    {"", "appendArray", "([BSS)V", append_array},
    {"", "appendTLV", "(B[BSS)V", append_bytes},
    {"", "appendTLV", "(BB)V", append_numbers<1>},
    {"", "appendTLV", "(BS)V", append_numbers<2>},
    {"", "appendTLV", "(BBB)V", append_numbers<1, 1>},
    {"", "appendTLV", "(BBS)V", append_numbers<1, 2>},
    {"", "appendTLV", "(BSS)V", append_numbers<2, 2>},
    {"", "appendTLV", "(BB[BSS)V", append_byte_and_bytes},
    {"", "appendTLV", "(B[BSS[BSS)V", append_two_arrays},
});

constexpr auto kTagMethods = std::to_array<machine::NativeMethod>({{"", "setTag", "(B)V", set_tag}});

}  // namespace

void add_edit_handlers(machine::NativeTable& table) {
  add_to_each(table, {"EditHandler", "BERTLVEditHandler", "EnvelopeResponseHandler", "ProactiveHandler"}, kEditMethods);
  add_to_each(table, {"BERTLVEditHandler"}, kTagMethods);
}

}  // namespace uicclab::applet::java
