// SPDX-License-Identifier: Apache-2.0
#include "applet/java/framework/arrays.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

std::int16_t sum(NativeCall& call, std::size_t offset, std::size_t length) {
  return static_cast<std::int16_t>(call.short_at(offset) + call.short_at(length));
}

template <bool kAtomic>
Outcome array_copy(NativeCall& call) {
  const auto source = call.read_array(0, call.short_at(1), call.short_at(4));
  if (!source) return call.failed();
  const Bytes copy = to_bytes(*source);
  if (!kAtomic && (!call.check_array(2, call.short_at(3), call.short_at(4)) || !may_write_now(call, 2))) return call.failed();
  const bool done = kAtomic ? call.write_array(2, call.short_at(3), copy) : call.write_array_now(2, call.short_at(3), copy);
  return done ? call.returns(sum(call, 3, 4)) : call.failed();
}

template <bool kAtomic>
Outcome array_fill(NativeCall& call) {
  if (!call.check_array(0, call.short_at(1), call.short_at(2)) || (!kAtomic && !may_write_now(call, 0))) return call.failed();
  const Bytes value(static_cast<std::size_t>(call.short_at(2)), static_cast<std::uint8_t>(call.byte_at(3)));
  const bool done = kAtomic ? call.write_array(0, call.short_at(1), value) : call.write_array_now(0, call.short_at(1), value);
  return done ? call.returns(sum(call, 1, 2)) : call.failed();
}

Outcome array_compare(NativeCall& call) {
  const auto source = call.read_array(0, call.short_at(1), call.short_at(4));
  if (!source) return call.failed();
  const auto other = call.read_array(2, call.short_at(3), call.short_at(4));
  if (!other) return call.failed();
  const auto order = std::lexicographical_compare_three_way(source->begin(), source->end(), other->begin(), other->end());
  return call.returns(static_cast<std::int16_t>(order < 0 ? -1 : order > 0 ? 1 : 0));
}

Outcome get_short(NativeCall& call) {
  const auto bytes = call.read_array(0, call.short_at(1), 2);
  if (!bytes) return call.failed();
  return call.returns(static_cast<std::int16_t>((*bytes)[0] << 8 | (*bytes)[1]));
}

Outcome set_short(NativeCall& call) {
  const auto value = static_cast<std::uint16_t>(call.short_at(2));
  const std::array<std::uint8_t, 2> bytes{static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
  if (!call.write_array(0, call.short_at(1), bytes)) return call.failed();
  return call.returns(static_cast<std::int16_t>(call.short_at(1) + 2));
}

Outcome make_short(NativeCall& call) {
  return call.returns(
      static_cast<std::int16_t>(static_cast<std::uint8_t>(call.byte_at(0)) << 8 | static_cast<std::uint8_t>(call.byte_at(1))));
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"Util", "arrayCompare", "([BS[BSS)B", array_compare},
    {"Util", "arrayCopy", "([BS[BSS)S", array_copy<true>},
    {"Util", "arrayCopyNonAtomic", "([BS[BSS)S", array_copy<false>},
    {"Util", "arrayFill", "([BSSB)S", array_fill<true>},
    {"Util", "arrayFillNonAtomic", "([BSSB)S", array_fill<false>},
    {"Util", "getShort", "([BS)S", get_short},
    {"Util", "makeShort", "(BB)S", make_short},
    {"Util", "setShort", "([BSS)S", set_short},
});

}  // namespace

void add_util(machine::NativeTable& table) {
  table.add("javacard/framework", kMethods);
}

}  // namespace uicclab::applet::java
