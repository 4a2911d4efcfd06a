// SPDX-License-Identifier: Apache-2.0
#include "script/explain.hpp"

#include <algorithm>
#include <array>

#include "core/apdu.hpp"
#include "core/hex.hpp"
#include "ota/explain/explain.hpp"
#include "script/fields.hpp"

namespace uicclab::script {
namespace {

struct Proactive {
  std::uint8_t type;
  std::string_view name;
};

constexpr auto kProactive = std::to_array<Proactive>({
    {0x01, "REFRESH"},
    {0x02, "MORE TIME"},
    {0x03, "POLL INTERVAL"},
    {0x04, "POLLING OFF"},
    {0x05, "SET UP EVENT LIST"},
    {0x10, "SET UP CALL"},
    {0x11, "SEND SS"},
    {0x12, "SEND USSD"},
    {0x13, "SEND SHORT MESSAGE"},
    {0x14, "SEND DTMF"},
    {0x15, "LAUNCH BROWSER"},
    {0x16, "GEOGRAPHICAL LOCATION REQUEST"},
    {0x20, "PLAY TONE"},
    {0x21, "DISPLAY TEXT"},
    {0x22, "GET INKEY"},
    {0x23, "GET INPUT"},
    {0x24, "SELECT ITEM"},
    {0x25, "SET UP MENU"},
    {0x26, "PROVIDE LOCAL INFORMATION"},
    {0x27, "TIMER MANAGEMENT"},
    {0x28, "SET UP IDLE MODE TEXT"},
    {0x30, "PERFORM CARD APDU"},
    {0x31, "POWER ON CARD"},
    {0x32, "POWER OFF CARD"},
    {0x33, "GET READER STATUS"},
    {0x34, "RUN AT COMMAND"},
    {0x35, "LANGUAGE NOTIFICATION"},
    {0x40, "OPEN CHANNEL"},
    {0x41, "CLOSE CHANNEL"},
    {0x42, "RECEIVE DATA"},
    {0x43, "SEND DATA"},
    {0x44, "GET CHANNEL STATUS"},
    {0x45, "SERVICE SEARCH"},
    {0x46, "GET SERVICE INFORMATION"},
    {0x47, "DECLARE SERVICE"},
    {0x50, "SET FRAMES"},
    {0x51, "GET FRAMES STATUS"},
    {0x60, "RETRIEVE MULTIMEDIA MESSAGE"},
    {0x61, "SUBMIT MULTIMEDIA MESSAGE"},
    {0x62, "DISPLAY MULTIMEDIA MESSAGE"},
    {0x70, "ACTIVATE"},
    {0x71, "CONTACTLESS STATE CHANGED"},
    {0x72, "COMMAND CONTAINER"},
    {0x73, "ENCAPSULATED SESSION CONTROL"},
});

}  // namespace

std::string describe_command(BytesView command) {
  if (command.size() < 4) return "command " + to_hex(command);
  if (const auto parsed = apdu::parse(command); parsed && parsed->kind() == apdu::Case::k4 && !parsed->extended) {
    command = command.first(command.size() - 1);  // the names say what is asked, not how long the answer may be
  }
  const std::uint8_t channel = apdu::channel_of(command[0]);
  const std::string text = ota::name_of_command(command).text;
  if (command[0] == 0xA0) return text + " (class A0)";
  return channel == 0 ? text : text + " on channel " + std::to_string(channel);
}

std::string describe(StatusWord status) {
  return to_hex(status) + " (" + std::string(meaning(status)) + ")";
}

std::string_view proactive_name(std::uint8_t type) {
  const auto found = std::ranges::find(kProactive, type, &Proactive::type);
  return found == kProactive.end() ? std::string_view() : found->name;
}

std::optional<std::uint8_t> proactive_type(std::string_view name) {
  std::string plain(name);
  std::ranges::transform(plain, plain.begin(),
                         [](unsigned char c) { return c == '_' || c == '-' ? ' ' : static_cast<char>(std::toupper(c)); });
  const auto found = std::ranges::find(kProactive, plain, &Proactive::name);
  if (found != kProactive.end()) return found->type;
  const auto type = from_hex(name);
  return type && type->size() == 1 ? std::optional(type->front()) : std::nullopt;
}

}  // namespace uicclab::script
