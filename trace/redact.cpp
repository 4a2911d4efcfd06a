// What is taken out of a report that others get to read.
#include <algorithm>
#include <array>

#include "trace/report.hpp"

namespace uicclab::trace {
namespace {

constexpr auto kSecretFields = std::to_array<std::string_view>({"PIN", "new PIN", "unblock PIN", "CK", "IK", "Kc", "Ks_ext_NAF"});
// Commands whose data are secrets, as they are or inside.
constexpr auto kSecretCommands = std::to_array<std::string_view>(
    {"VERIFY PIN", "CHANGE PIN", "DISABLE PIN", "ENABLE PIN", "UNBLOCK PIN", "VERIFY CHV", "CHANGE CHV", "DISABLE CHV", "ENABLE CHV",
     "UNBLOCK CHV", "PUT KEY", "STORE DATA"});
constexpr auto kSecretAnswers = std::to_array<std::string_view>({"AUTHENTICATE", "RUN GSM ALGORITHM"});
// Files with keys: 3GPP TS 31.102 clauses 4.2.3, 4.2.4, 4.4.3, 4.4.11.
constexpr auto kSecretFiles = std::to_array<std::string_view>(
    {"EF.Keys", "EF.KeysPS", "EF.Kc", "EF.KcGPRS", "EF.EPSNSC", "EF.5GS3GPPNSC", "EF.5GSN3GPPNSC", "EF.5GAUTHKEYS", "EF.MSK", "EF.MUK"});

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

void hide(Field& field) {
  if (!field.bytes.empty() || !field.parts.empty()) field.meaning = std::to_string(field.bytes.size()) + " bytes, not shown";
  field.bytes.clear();
  field.parts.clear();
}

void hide_all(std::vector<Field>& fields, bool whole) {
  for (Field& field : fields) {
    if (whole || among(kSecretFields, field.name)) {
      hide(field);
    } else {
      hide_all(field.parts, false);
    }
  }
}

bool is_data(const Field& field) {
  return field.name != "CLA" && field.name != "INS" && field.name != "P1" && field.name != "P2" && field.name != "Lc" && field.name != "Le";
}

/// All fields but those of the header.
void hide_data(std::vector<Field>& fields) {
  for (Field& field : fields) {
    if (is_data(field)) hide(field);
  }
}

bool is_about(const Exchange& exchange, std::string_view name) {
  return exchange.name == name || (exchange.name == "GET RESPONSE" && exchange.title.find(name) != std::string::npos);
}

}  // namespace

void redact(Exchange& exchange) {
  constexpr std::size_t kHeader = 5;
  const bool in_command = among(kSecretCommands, exchange.name) && exchange.command.size() > kHeader;
  const bool key_file = among(kSecretFiles, exchange.file);
  const bool writes = key_file && (exchange.name == "UPDATE BINARY" || exchange.name == "UPDATE RECORD");
  const bool reads = key_file && (is_about(exchange, "READ BINARY") || is_about(exchange, "READ RECORD"));
  const bool keys = std::ranges::any_of(kSecretAnswers, [&](std::string_view name) { return is_about(exchange, name); });
  if (in_command || writes) {
    exchange.command.resize(kHeader);
    if (exchange.plain) exchange.plain->command.resize(std::min(exchange.plain->command.size(), kHeader));
    hide_data(exchange.command_fields);
    exchange.notes.emplace_back("the data of the command is not shown");
  }
  if ((keys || reads) && !exchange.data.empty()) {
    exchange.data.clear();
    if (exchange.plain) exchange.plain->data.clear();
    exchange.notes.emplace_back("the data of the answer is not shown");
  }
  hide_all(exchange.command_fields, false);
  hide_all(exchange.answer_fields, reads);
  // The start of an answer that GET RESPONSE completes is in the pieces; the parts of a script that was deciphered stand in fields.
}

}  // namespace uicclab::trace
