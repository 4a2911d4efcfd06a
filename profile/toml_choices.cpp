// SPDX-License-Identifier: Apache-2.0
#include "profile/toml_choices.hpp"

#include <array>

#include "core/hex.hpp"

namespace uicclab::profile {
namespace {

constexpr std::string_view kAdmKey = "gsm_adm";
constexpr std::string_view kVerifyKey = "verify";
constexpr std::string_view kStrict = "strict";
constexpr std::string_view kWarn = "warn";

struct Flag {
  std::string_view name;
  bool& (*of)(emulator::CardChoices&);
};

constexpr auto kFlags = std::to_array<Flag>({
    {"uicc_class", [](emulator::CardChoices& c) -> bool& { return c.uicc_class; }},
    {"any_pin_value", [](emulator::CardChoices& c) -> bool& { return c.any_pin_value; }},
    {"warning_first", [](emulator::CardChoices& c) -> bool& { return c.warning_first; }},
    {"deactivated_warning", [](emulator::CardChoices& c) -> bool& { return c.deactivated_warning; }},
    {"version_70_opens_sessions", [](emulator::CardChoices& c) -> bool& { return c.version_70_opens_sessions; }},
    {"java_21_install", [](emulator::CardChoices& c) -> bool& { return c.java_21_install; }},
    {"given_directory_data", [](emulator::CardChoices& c) -> bool& { return c.given_directory_data; }},
});

std::string hex_of(std::uint8_t byte) {
  return to_hex(BytesView{&byte, 1});
}

bool is_adm(KeyReference key) {
  const auto low = static_cast<std::uint8_t>(key.value & 0x7F);
  return low >= 0x0A && low <= 0x0E;
}

/// { "04" = "0A", "0A" = "0A" }: number of VERIFY CHV, key reference.
std::vector<emulator::ChvOfAdm> read_adm(TableReader& in) {
  std::vector<emulator::ChvOfAdm> adm;
  const toml::table* table = in.table(kAdmKey);
  if (table == nullptr) return adm;
  TableReader entries(*table, std::string(kAdmKey), in.complaints());
  for (const auto& [key, node] : in_text_order(*table)) {
    const std::string_view name = key->str();
    const auto chv = from_hex(name);
    const auto value = entries.hex(name);
    if (!chv || chv->size() != 1 || chv->front() < 0x03) {
      entries.complain(name, "must be a number of VERIFY CHV, \"03\" to \"FF\": 01 and 02 are CHV1 and CHV2 (3GPP TS 51.011 clause 9.3)");
    } else if (value && (value->size() != 1 || !is_adm(KeyReference{value->front()}))) {
      entries.complain(name, "must be the key reference of an ADM, \"0A\" to \"0E\" or \"8A\" to \"8E\"");
    } else if (value) {
      adm.push_back({chv->front(), KeyReference{value->front()}});
    }
  }
  return adm;
}

}  // namespace

bool read_verify(TableReader& in) {
  const auto value = in.text(kVerifyKey);
  if (value && *value != kStrict && *value != kWarn) in.complain(kVerifyKey, "must be \"strict\" or \"warn\"");
  return value == kStrict;
}

std::string verify_line() {
  return std::string(kVerifyKey) + " = \"" + std::string(kStrict) + "\"\n";
}

emulator::CardChoices read_choices(TableReader& in) {
  emulator::CardChoices choices;
  for (const Flag& flag : kFlags) take(flag.of(choices), in.flag(flag.name));
  choices.gsm_adm = read_adm(in);
  choices.verify_strictly = read_verify(in);
  return choices;
}

std::string choices_lines(const emulator::CardChoices& given) {
  emulator::CardChoices choices = given;
  emulator::CardChoices usual;
  std::string text;
  for (const Flag& flag : kFlags) {
    if (flag.of(choices) != flag.of(usual)) text += std::string(flag.name) + " = " + (flag.of(choices) ? "true" : "false") + "\n";
  }
  if (choices.verify_strictly) text += verify_line();
  if (choices.gsm_adm.empty()) return text;
  std::string entries;
  for (const emulator::ChvOfAdm& one : choices.gsm_adm) {
    entries += (entries.empty() ? " \"" : ", \"") + hex_of(one.chv) + "\" = \"" + hex_of(one.key.value) + "\"";
  }
  return text + std::string(kAdmKey) + " = {" + entries + " }\n";
}

}  // namespace uicclab::profile
