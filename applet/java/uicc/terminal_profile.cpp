// SPDX-License-Identifier: Apache-2.0
// TerminalProfile: ETSI TS 102 241 annex A. Bit n of the profile is bit n % 8 + 1 of byte n / 8 + 1; what is behind its end is 0.
#include "applet/java/uicc/toolkit.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

bool bit(BytesView profile, std::int32_t index) {
  const auto byte = static_cast<std::size_t>(index / 8);
  return byte < profile.size() && ((profile[byte] >> (index % 8)) & 1) != 0;
}

std::uint8_t byte_at(BytesView profile, std::size_t index) {
  return index < profile.size() ? profile[index] : std::uint8_t{0};
}

/// Empty: return failed().
std::optional<BytesView> profile_of(NativeCall& call) {
  const BytesView profile = session_of(call).context().toolkit().terminal_profile();
  if (!profile.empty()) return profile;
  toolkit_refuses(call, kTerminalProfileNotAvailable);
  return std::nullopt;
}

Outcome check_index(NativeCall& call) {
  const std::int32_t index = call.short_at(0);
  const auto profile = profile_of(call);
  if (!profile) return call.failed();
  return index < 0 ? toolkit_refuses(call, kBadInputParameter) : call.returns(boolean(bit(*profile, index)));
}

Outcome check_mask(NativeCall& call) {
  const auto mask = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!mask) return call.failed();
  const auto profile = profile_of(call);
  if (!profile) return call.failed();
  bool all = true;
  for (std::size_t i = 0; i < mask->size(); ++i) all = all && (byte_at(*profile, i) & (*mask)[i]) == (*mask)[i];
  return call.returns(boolean(all));
}

Outcome get_value(NativeCall& call) {
  constexpr std::int32_t kBits = 16;
  const std::int32_t highest = call.short_at(0);
  const std::int32_t lowest = call.short_at(1);
  const auto profile = profile_of(call);
  if (!profile) return call.failed();
  if (lowest < 0 || highest < lowest || highest >= lowest + kBits) return toolkit_refuses(call, kBadInputParameter);
  std::uint32_t value = 0;
  for (std::int32_t index = highest; index >= lowest; --index) value = value << 1 | (bit(*profile, index) ? 1U : 0U);
  return call.returns(static_cast<std::int16_t>(value));
}

Outcome copy(NativeCall& call) {
  if (!call.check_array(1, call.short_at(2), call.short_at(3))) return call.failed();
  const auto profile = profile_of(call);
  if (!profile) return call.failed();
  if (call.short_at(0) < 0) return toolkit_refuses(call, kBadInputParameter);
  Bytes part;
  const auto start = static_cast<std::size_t>(call.short_at(0));
  for (std::size_t i = 0; i < static_cast<std::size_t>(call.short_at(3)); ++i) part.push_back(byte_at(*profile, start + i));
  if (!call.write_array(1, call.short_at(2), part)) return call.failed();
  return call.returns(static_cast<std::int16_t>(call.short_at(2) + call.short_at(3)));
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"TerminalProfile", "check", "(B)Z", check_index},
    {"TerminalProfile", "check", "([BSS)Z", check_mask},
    {"TerminalProfile", "check", "(S)Z", check_index},
    {"TerminalProfile", "getValue", "(SS)S", get_value},
    {"TerminalProfile", "copy", "(S[BSS)S", copy},
});

}  // namespace

void add_terminal_profile(machine::NativeTable& table) {
  table.add(kToolkitPackage, kMethods);
}

}  // namespace uicclab::applet::java
