// SPDX-License-Identifier: Apache-2.0
// uicclab ara: the access rules of a card (GlobalPlatform Secure Element Access Control), which Android asks for carrier privileges.
#include <charconv>
#include <iostream>

#include "cli/gp/gp.hpp"
#include "core/transceive.hpp"
#include "core/visible.hpp"
#include "gp/host/access_rule_client.hpp"

namespace uicclab::cli {
namespace {

using gp::host::ListedRule;
using gp::host::RuleList;

constexpr std::size_t kLongestData = 255;

struct AraOptions {
  GpOptions gp;
  std::string aid = to_hex(gp::kAraMAid);
  gp::RuleText rule;
  std::string which;  ///< of delete: a number
  bool all = false;
};

/// The card, with the application selected.
class AraCard {
 public:
  explicit AraCard(const AraOptions& options) : m_trace(options.gp.trace), m_aid(aid_option("--ara-m", options.aid)) {
    m_card = options.gp.card.open(m_atr, m_trace.sink());
    if (auto* guard = m_card->guard()) {
      guard->allow_authentication(true);  // the host end checks the card's cryptogram before it sends its own
      guard->allow_management(true);
    }
    select();
  }
  void select() {
    const auto selected = gp::host::select_ara_m(m_card->port(), m_aid);
    if (selected) return;
    const bool absent = selected.error().code == ErrorCode::kNotFound;
    const std::string hint = absent ? "; an emulated card has one if its profile lists the module ara-m; --ara-m gives another AID" : "";
    gp_fail({selected.error().code, selected.error().text + hint});
  }
  OpenCard& card() { return *m_card; }
  CardPort& port() { return m_card->port(); }
  const Aid& aid() const { return m_aid; }

 private:
  Trace m_trace;
  Aid m_aid;
  Atr m_atr;
  std::unique_ptr<OpenCard> m_card;
};

std::string app_words(const gp::RuleTarget& target, const gp::RuleText& text) {
  std::string out;
  if (target.device_app) {
    const std::size_t size = target.device_app->size();
    out = size == 0 ? "all that no other rule names" : *text.app + (size == 20 ? " (SHA-1)" : size == 32 ? " (SHA-256)" : "");
  }
  if (target.package) out += (out.empty() ? "package " : ", package ") + json_quoted(*target.package);
  return out.empty() ? "not said" : out;
}

std::string aid_words(const gp::RuleTarget& target, const gp::RuleText& text) {
  if (target.default_selected) return "the one that is selected by default";
  if (!target.aid) return "not said";
  return target.aid->empty() ? "all that no other rule names" : *text.aid;
}

void print(const ListedRule& one, std::size_t number) {
  std::cout << "rule " << number << "\n";
  const auto line = [](std::string_view name, const std::string& value) {
    constexpr std::size_t kColumn = 28;
    std::cout << "    " << name << std::string(kColumn - name.size(), ' ') << visible(value) << "\n";
  };
  if (one.rule) {
    const auto text = gp::text_of(*one.rule);
    line("applications of the device", app_words(one.rule->target, text));
    line("applications of the card", aid_words(one.rule->target, text));
    if (text.apdu) line("APDUs", *text.apdu);
    if (text.nfc) line("NFC events", *text.nfc);
    if (text.permissions) line("Android permissions", *text.permissions);
  }
  if (!one.odd.empty()) line("odd", one.odd + ": " + to_hex(one.object));
}

Json json(const ListedRule& one) {
  const auto text = one.rule ? gp::text_of(*one.rule) : gp::RuleText{};
  Json out = Json::object();
  const auto field = [&](const char* name, const std::optional<std::string>& value) { out.set(name, value ? Json(*value) : Json()); };
  field("aid", text.aid);
  field("app", text.app);
  field("package", text.package);
  field("apdu", text.apdu);
  field("nfc", text.nfc);
  field("permissions", text.permissions);
  return out.set("odd", one.odd.empty() ? Json() : Json(one.odd)).set("data", Json(to_hex(one.object)));
}

int list(const AraOptions& options) {
  AraCard ara(options);
  const auto list = gp_value(gp::host::read_rules(ara.port()));
  if (options.gp.json) {
    Json rules = Json::array();
    for (const ListedRule& one : list.rules) rules.add(json(one));
    Json out = Json::object();
    out.set("rules", rules).set("refresh_tag", list.refresh_tag ? Json(to_hex(*list.refresh_tag)) : Json());
    std::cout << out.text() << "\n";
    return kOk;
  }
  for (std::size_t i = 0; i < list.rules.size(); ++i) print(list.rules[i], i + 1);
  if (list.rules.empty()) std::cout << "no rules\n";
  if (list.refresh_tag) std::cout << "refresh tag " << to_hex(*list.refresh_tag) << "\n";
  return kOk;
}

int report(const AraOptions& options, StatusWord status, const char* done) {
  const bool changed = status == sw::kOk || status.sw1() == 0x63;
  if (!changed) throw Exit{kCheckFailed, "STORE DATA answered " + gp::host::ara_meaning(status)};
  const std::string words = status == sw::kOk ? done : gp::host::ara_meaning(status);
  if (options.gp.json) {
    std::cout << Json::object().set("done", Json(words)).set("status", Json(to_hex(status))).text() << "\n";
  } else {
    std::cout << words << "\n";
  }
  if (options.gp.card.is_forgotten()) std::cerr << "This emulated card is discarded; keep its memory with --state FILE.\n";
  return kOk;
}

bool has_keys(const KeySource& keys) {
  return keys.from != "default" || !keys.hex.empty() || !keys.key_card.empty();
}

/// Without keys first, if none were given: many cards take rules so, and a refusal costs nothing. Else through the security domain.
int change(const AraOptions& options, AraCard& ara, const Bytes& object, const char* done) {
  if (!has_keys(options.gp.keys)) {
    const auto status = gp_value(
        gp::host::store_rule_command([&](const apdu::Command& command) { return transceive(ara.port(), command); }, kLongestData, object));
    if (status != sw::kSecurityStatusNotSatisfied) return report(options, status, done);
  }
  const auto through_domain = [&](GpContext& context) {
    gp::InstallFields fields;
    fields.third = ara.aid();
    gp_value(context.manager.install(gp::install::kPersonalization, fields));
    const auto status = gp_value(gp::host::store_rule_command([&](const apdu::Command& command) { return context.manager.send(command); },
                                                              context.manager.max_command_data(), object));
    return report(options, status, done);
  };
  return run_gp(options.gp, {GpJob::Kind::kRead, "", through_domain, {}, true}, ara.card());
}

int add(const AraOptions& options) {
  const auto rule = gp::rule_of(options.rule);
  if (!rule) throw Exit{kUsage, rule.error().text + " (uicclab ara add --help)"};
  AraCard ara(options);
  return change(options, ara, ber::encode(gp::seac::kStore, gp::encode(*rule)), "Stored.");
}

std::size_t number_in(const std::string& text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) {
    throw Exit{kUsage, "'" + text + "': must be the number of a rule, as 'uicclab ara list' shows it"};
  }
  return number;
}

int remove(const AraOptions& options) {
  if (options.all != options.which.empty()) throw Exit{kUsage, "delete takes the number of a rule, or --all"};
  if (options.all) {
    AraCard ara(options);
    return change(options, ara, ber::encode(gp::seac::kDelete, {}), "All rules are deleted.");
  }
  const std::size_t number = number_in(options.which);
  AraCard ara(options);
  const auto list = gp_value(gp::host::read_rules(ara.port()));
  if (number > list.rules.size()) {
    throw Exit{kCheckFailed, "no rule " + options.which + ": the card has " + std::to_string(list.rules.size())};
  }
  return change(options, ara, gp::host::delete_command(list, number - 1), "Deleted.");
}

App* add_command(App& ara, Action& action, const std::string& name, const std::string& help, int (*run)(const AraOptions&),
                 const std::shared_ptr<AraOptions>& options, const std::string& example) {
  auto* command = ara.add_subcommand(name, help);
  options->gp.card.add_to(*command);
  command->add_option("--ara-m", options->aid, "AID of the access rule application")->capture_default_str();
  command->add_flag("--json", options->gp.json, "One line of JSON on standard output");
  Trace::add_to(*command, options->gp.trace);
  set_example(*command, example);
  command->callback([options, run, &action] { action = [options, run] { return run(*options); }; });
  return command;
}

/// Whoever changes rules may need a secure channel.
void add_session(App& command, AraOptions& options) {
  options.gp.keys.add_to(command, "", "Keys of the security domain, if the card requires a secure channel");
  command.add_option("--scp", options.gp.scp, "Secure channel protocol: 03, or 02 (triple DES, answers unprotected)")
      ->capture_default_str();
  command.add_option("--domain", options.gp.domain, "AID of the security domain; default: the one that the card selects by default");
}

}  // namespace

void add_ara(App& app, Action& action) {
  auto* ara = app.add_subcommand(
      "ara", "Access rules: which application of a phone may use which of the card (ARA-M; Android's carrier privileges)");
  ara->require_subcommand();

  // shared with the callbacks, which outlive this function
  add_command(*ara, action, "list", "Show the rules", list, std::make_shared<AraOptions>(),
              "  uicclab ara list\n  uicclab ara list --card pcsc --json");

  const auto options = std::make_shared<AraOptions>();
  auto* adding = add_command(*ara, action, "add", "Store one more rule", add, options,
                             "  uicclab ara add --app ABCD92CBB156B280FA4E1429A6ECEEB6E5C1BFE4 --package com.example.app --permissions "
                             "0000000000000001\n  uicclab ara add --aid A0000000871004 --app any --apdu never --nfc never --card pcsc");
  adding->add_option("--app", options->rule.app,
                     "The phone's application: SHA-1 or SHA-256 of its certificate, or any (that no other rule names)");
  adding->add_option("--package", options->rule.package, "Its package name (Android)");
  adding->add_option("--aid", options->rule.aid,
                     "The card's application: AID, any (all that no other rule names), or default (what is selected by default)");
  adding->add_option("--apdu", options->rule.apdu,
                     "Commands: always, never, or filters of header and mask: '80CA0000/FFFF0000 00A40400/FFFFFFFF'");
  adding->add_option("--nfc", options->rule.nfc, "NFC events: always or never");
  adding->add_option("--permissions", options->rule.permissions,
                     "Android's permission bits, 8 bytes; carrier privileges: 0000000000000001");
  add_session(*adding, *options);

  const auto deleted = std::make_shared<AraOptions>();
  auto* deleting = add_command(*ara, action, "delete", "Delete a rule, or all", remove, deleted,
                               "  uicclab ara delete 1 --card pcsc\n  uicclab ara delete --all --card pcsc");
  deleting->add_option("NUMBER", deleted->which, "Which rule, as 'ara list' counts them");
  deleting->add_flag("--all", deleted->all, "All rules");
  add_session(*deleting, *deleted);
}

}  // namespace uicclab::cli
