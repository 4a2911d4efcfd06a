// SPDX-License-Identifier: Apache-2.0
// A table with one value for each enumerator, checked when it is compiled: none is missing, none is out of order.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

namespace uicclab {

/// Made by enum_table(); indexed by the enumerator.
template <typename Enum, typename Value, std::size_t n>
struct EnumTable {
  std::array<Value, n> values;
  constexpr const Value& operator[](Enum one) const { return values[static_cast<std::size_t>(one)]; }
};

/// `last` is the enumerator declared last; the entries are those from 0 on, in order. What is wrong does not compile.
template <auto last, typename Value, std::size_t n>
consteval EnumTable<decltype(last), Value, n> enum_table(const std::pair<decltype(last), Value> (&entries)[n]) {
  static_assert(n == static_cast<std::size_t>(last) + 1, "an enumerator has no entry, or an entry stands twice");
  EnumTable<decltype(last), Value, n> out{};
  for (std::size_t i = 0; i < n; ++i) {
    if (static_cast<std::size_t>(entries[i].first) != i) throw "entries must be in the order of the enumerators";
    out.values[i] = entries[i].second;
  }
  return out;
}

}  // namespace uicclab
