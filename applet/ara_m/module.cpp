// SPDX-License-Identifier: Apache-2.0
#include "applet/ara_m/module.hpp"

#include <charconv>

#include "applet/ara_m/ara_m.hpp"

namespace uicclab::applet::ara_m {
namespace {

constexpr std::string_view kRules = "rules.";

/// "rules.3.app" as 3 and "app". Error: kMalformed for any other name.
Result<std::pair<unsigned, std::string_view>> rule_field(std::string_view name) {
  std::string_view rest = name.substr(std::min(kRules.size(), name.size()));
  unsigned number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  const auto digits = static_cast<std::size_t>(end - rest.data());
  if (!name.starts_with(kRules) || error != std::errc() || digits + 1 >= rest.size() || rest[digits] != '.') {
    return fail(ErrorCode::kMalformed,
                std::string(name) + " is not a parameter of ara-m: secure_channel, refresh_tag, rules (a list of tables)");
  }
  return std::pair{number, rest.substr(digits + 1)};
}

std::optional<std::string>* field_of(gp::RuleText& rule, std::string_view name) {
  struct Field {
    std::string_view name;
    std::optional<std::string> gp::RuleText::*member;
  };
  static constexpr auto kFields = std::to_array<Field>({{"aid", &gp::RuleText::aid},
                                                        {"app", &gp::RuleText::app},
                                                        {"package", &gp::RuleText::package},
                                                        {"apdu", &gp::RuleText::apdu},
                                                        {"nfc", &gp::RuleText::nfc},
                                                        {"permissions", &gp::RuleText::permissions}});
  const auto field = std::ranges::find(kFields, name, &Field::name);
  return field == kFields.end() ? nullptr : &(rule.*(field->member));
}

Result<Bytes> read_rules(const Parameters& parameters) {
  std::map<unsigned, gp::RuleText> texts;  // by number: the names of rules 2 and 10 come in another order
  for (const auto& [name, value] : parameters.all()) {
    if (name == "secure_channel" || name == "refresh_tag") continue;
    const auto field = rule_field(name);
    if (!field) return tl::unexpected(field.error());
    auto* member = field_of(texts[field->first], field->second);
    if (member == nullptr) {
      return fail(ErrorCode::kMalformed, name + ": a rule has aid, app, package, apdu, nfc and permissions");
    }
    auto text = parameters.text(name);
    if (!text) return tl::unexpected(text.error());
    *member = *std::move(text);
  }
  Bytes out;
  for (const auto& [number, text] : texts) {
    const auto rule = gp::rule_of(text);
    if (!rule) return fail(rule.error().code, std::string(kRules) + std::to_string(number) + ": " + rule.error().text);
    append(out, gp::encode(*rule));
  }
  if (out.size() > kMaxRules) return fail(ErrorCode::kRange, "rules: all of them have up to " + std::to_string(kMaxRules) + " bytes");
  return out;
}

}  // namespace

Aid AraMModule::load_file_aid() const {
  return Aid::from("F075696363 6C616207"_h).value();
}

Aid AraMModule::module_aid() const {
  return Aid::from("F075696363 6C616207 01"_h).value();
}

Result<InitialObjects> AraMModule::personalise(const Parameters& parameters) const {
  auto rules = read_rules(parameters);
  if (!rules) return tl::unexpected(rules.error());
  const auto secure_channel = parameters.contains("secure_channel") ? parameters.flag("secure_channel") : Result<bool>(true);
  if (!secure_channel) return tl::unexpected(secure_channel.error());
  const auto refresh_tag =
      parameters.contains("refresh_tag") ? parameters.hex("refresh_tag", {kRefreshTagSize}) : Result<Bytes>(first_refresh_tag(*rules));
  if (!refresh_tag) return tl::unexpected(refresh_tag.error());
  return InitialObjects{{kSettingsSlot, {static_cast<std::uint8_t>(*secure_channel ? 1 : 0)}},
                        {kRulesSlot, *std::move(rules)},
                        {kRefreshTagSlot, *refresh_tag}};
}

std::unique_ptr<Applet> AraMModule::make() const {
  return std::make_unique<AraM>();
}

}  // namespace uicclab::applet::ara_m
