// SPDX-License-Identifier: Apache-2.0
#include "profile/toml_remote.hpp"

#include <array>

namespace uicclab::profile {
namespace {

constexpr std::uint8_t kZeros = 0x00;
constexpr std::uint8_t kMethod2 = 0x80;  // ISO/IEC 9797-1

struct RemoteFlag {
  std::string_view name;
  bool& (*of)(emulator::RemoteSettings&);
};

constexpr auto kRemoteFlags = std::to_array<RemoteFlag>({
    {"single_des", [](emulator::RemoteSettings& s) -> bool& { return s.policy.single_des; }},
    {"short_cmac", [](emulator::RemoteSettings& s) -> bool& { return s.policy.short_cmac; }},
    {"answer_failed_cc", [](emulator::RemoteSettings& s) -> bool& { return s.quirks.answer_failed_cc; }},
    {"never_answer_errors", [](emulator::RemoteSettings& s) -> bool& { return s.quirks.never_answer_errors; }},
    {"one_higher_is_higher", [](emulator::RemoteSettings& s) -> bool& { return s.quirks.one_higher_is_higher; }},
    {"response_check_without_udh", [](emulator::RemoteSettings& s) -> bool& { return s.quirks.response_check_without_udh; }},
    {"protect_any_error", [](emulator::RemoteSettings& s) -> bool& { return s.quirks.protect_any_error; }},
});

}  // namespace

emulator::RemoteSettings read_remote(const toml::table& table, Complaints& complaints) {
  TableReader in(table, "ota", complaints);
  emulator::RemoteSettings settings;
  for (const RemoteFlag& flag : kRemoteFlags) take(flag.of(settings), in.flag(flag.name));
  if (const auto padding = in.hex("padding")) {
    const bool known = padding->size() == 1 && (padding->front() == kZeros || padding->front() == kMethod2);
    if (!known) in.complain("padding", "must be 00 or 80");
    if (known) settings.quirks.first_padding = padding->front();
  }
  if (settings.quirks.answer_failed_cc && settings.quirks.never_answer_errors) {
    in.complain("answer_failed_cc", "contradicts never_answer_errors");
  }
  in.refuse_unknown();
  return settings;
}

std::string remote_section(const emulator::RemoteSettings& given) {
  emulator::RemoteSettings settings = given;
  std::string text;
  for (const RemoteFlag& flag : kRemoteFlags) {
    if (flag.of(settings)) text += std::string(flag.name) + " = true\n";
  }
  if (settings.quirks.first_padding == kMethod2) text += "padding = \"80\"\n";
  return text.empty() ? text : "\n[ota]\n" + text;
}

}  // namespace uicclab::profile
