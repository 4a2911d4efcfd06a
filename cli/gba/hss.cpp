// SPDX-License-Identifier: Apache-2.0
// uicclab gba hss: subscribers, from profiles and lists, and reference point Zh.
#include <iostream>

#include <toml++/toml.h>

#include "applet/aka/subscriber.hpp"
#include "cli/common/input_file.hpp"
#include "cli/gba/gba.hpp"
#include "cli/gba/subscriber_database.hpp"
#include "cli/profile/profile_source.hpp"
#include "core/crypto/random.hpp"
#include "core/visible.hpp"

namespace uicclab::cli {
namespace {

constexpr std::size_t kGbaService = 68;  // EF_UST (TS 31.102 clause 4.2.8)

std::string digits_of(gba::UserIdentity::Kind kind, const std::string& text, const std::string& where) {
  if (text.empty()) return {};
  auto user = gba::checked({kind, text});
  if (!user) throw Exit{kUsage, where + ": " + user.error().text};
  return user->digits;
}

/// What is the same for both sources.
HssRecord record_of(const std::string& imsi, std::size_t mnc_size, const std::string& impi, applet::Parameters keys,
                    const std::string& where) {
  HssRecord out;
  out.imsi = digits_of(gba::UserIdentity::Kind::kImsi, imsi, where);
  auto made = gba::impi_of(out.imsi, mnc_size);
  if (!made) throw Exit{kUsage, where + ": " + made.error().text};
  out.impi = impi.empty() ? *made : impi;
  const auto read = applet::aka::read_subscriber(keys);
  if (!read) throw Exit{kUsage, where + ": " + read.error().text};
  out.sqn = read->sqn_start;
  out.keys = std::move(keys);
  return out;
}

/// One table of a list; what is no member of HssRecord is a parameter of the USIM.
HssRecord listed(const toml::table& table, const std::string& where) {
  constexpr std::string_view kOwn[] = {"imsi", "mnc_digits", "msisdn", "imei", "gba_u"};
  applet::Parameters keys;
  keys.set("algorithm", std::string("milenage"));
  for (const auto& [name, node] : table) {
    if (std::ranges::find(kOwn, name.str()) != std::end(kOwn)) continue;
    if (const auto text = node.value_exact<std::string>()) {
      keys.set(std::string(name.str()), *text);
    } else if (const auto number = node.value_exact<std::int64_t>()) {
      keys.set(std::string(name.str()), *number);
    } else {
      throw Exit{kUsage, where + ": " + std::string(name.str()) + " must be a text or a number"};
    }
  }
  HssRecord out = record_of(table["imsi"].value_or<std::string>(""),
                            static_cast<std::size_t>(table["mnc_digits"].value_or<std::int64_t>(2)), "", std::move(keys), where);
  out.msisdn = digits_of(gba::UserIdentity::Kind::kMsisdn, table["msisdn"].value_or<std::string>(""), where);
  out.imei = digits_of(gba::UserIdentity::Kind::kImei, table["imei"].value_or<std::string>(""), where);
  out.uicc_type = table["gba_u"].value_or(true) ? gba::UiccType::kGbaU : gba::UiccType::kGba;
  return out;
}

/// A USIM with service 68, or, where the profile leaves EF_UST to be filled in, with EF_GBANL.
bool is_capable_of_gba_u(const profile::Profile& profile, const std::string& adf) {
  bool has_list = false;
  for (const profile::FileSpec& file : profile.files) {
    has_list = has_list || file.path == adf + "/6FDA";
    constexpr std::size_t kByte = (kGbaService - 1) / 8;
    if (file.path == adf + "/6F38" && !file.content.empty()) {
      return file.content.size() > kByte && (file.content[kByte] >> ((kGbaService - 1) % 8) & 1) != 0;
    }
  }
  return has_list;
}

HssRecord of_profile(const std::string& name) {
  const auto read = read_profile(name);
  if (!read) throw Exit{kUsage, read.error().text};
  const profile::Profile& profile = read->profile;
  for (const profile::ApplicationSpec& one : profile.applications) {
    if (one.module != "usim") continue;
    HssRecord out = record_of(profile.identity.imsi, profile.identity.mnc.empty() ? 2 : profile.identity.mnc.size(), profile.identity.impi,
                              one.parameters, name);
    out.msisdn = digits_of(gba::UserIdentity::Kind::kMsisdn, profile.identity.msisdn, name);
    out.uicc_type = is_capable_of_gba_u(profile, one.adf) ? gba::UiccType::kGbaU : gba::UiccType::kGba;
    return out;
  }
  throw Exit{kUsage, name + ": the profile has no USIM"};
}

/// A list has [[subscriber]] tables, or is one such table.
std::vector<HssRecord> records_in(const std::string& name) {
  if (name == "default") return {of_profile(name)};
  const std::string text = read_input_text(name, kProfileFile);
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error&) {
    return {of_profile(name)};  // a package, a dump; what is wrong with it is said there
  }
  if (table.contains("k") && table.contains("imsi")) return {listed(table, name)};
  const toml::array* list = table["subscriber"].as_array();
  if (list == nullptr) return {of_profile(name)};
  std::vector<HssRecord> out;
  for (const toml::node& one : *list) {
    const std::string where = name + ":" + std::to_string(one.source().begin.line);
    if (!one.is_table()) throw Exit{kUsage, where + ": [[subscriber]] must be a table"};
    out.push_back(listed(*one.as_table(), where));
  }
  return out;
}

struct HssOptions {
  std::string database, file, imei, imsi, token;
  RoleServer server{.host = "127.0.0.1", .port = 8701};
};

int import(const HssOptions& options) {
  auto records = records_in(options.file);
  if (!options.imei.empty()) {
    if (records.size() != 1) throw Exit{kUsage, "--imei is for one subscriber; a list has imei in each table"};
    records[0].imei = digits_of(gba::UserIdentity::Kind::kImei, options.imei, "--imei");
  }
  SubscriberDatabase database(options.database);
  for (const HssRecord& one : records) database.put(one);
  std::cout << records.size() << (records.size() == 1 ? " subscriber" : " subscribers") << " imported\n";
  return kOk;
}

int list(const HssOptions& options) {
  for (const HssRecord& one : SubscriberDatabase(options.database).all()) {
    std::cout << one.imsi << "  " << name_of(one.uicc_type) << "  SQN " << one.sqn << "  " << visible(one.impi);
    if (!one.msisdn.empty()) std::cout << "  MSISDN " << one.msisdn;
    if (!one.imei.empty()) std::cout << "  IMEI " << one.imei;
    std::cout << "\n";
  }
  return kOk;
}

int remove(const HssOptions& options) {
  if (!SubscriberDatabase(options.database).remove(options.imsi)) throw Exit{kCheckFailed, "no subscriber has the IMSI " + options.imsi};
  return kOk;
}

int serve_hss(const HssOptions& options) {
  const std::string token = token_in(options.token);
  SubscriberDatabase database(options.database);
  crypto::SystemRandom random;
  gba::Hss hss(database, random);
  return options.server.run("HSS", [&](const HttpRequest& request, const HttpApi::Reply& reply) {
    using gba::ResultCode;
    if (!is_token(token, request))
      return reply(answer_of({"HSS", ResultCode::kNotAuthorized, "who asks does not have the token of this HSS"}));
    if (request.method != "POST" || request.path != "/zh") return reply(answer_of({"HSS", ResultCode::kInvalidAvpValue, "POST /zh"}));
    const auto asked = gba::parse_zh_request(request.body);
    if (!asked) return reply(answer_of({"HSS", ResultCode::kInvalidAvpValue, asked.error().text}));
    reply(answer_of(hss.vector(*asked)));
  });
}

}  // namespace

void add_gba_hss(App& gba, Action& action) {
  auto* command = gba.add_subcommand("hss", "The HSS: subscribers, their sequence numbers, authentication vectors (Zh)");
  command->require_subcommand();
  const auto options = std::make_shared<HssOptions>();  // shared with the callbacks, which outlive this function
  const auto with_database = [&](const char* name, const char* what) {
    auto* out = command->add_subcommand(name, what);
    out->add_option("--database", options->database, "SQLite file with the subscribers, readable by its owner only")->required();
    return out;
  };
  auto* importing = with_database("import", "Take subscribers from a profile, or from a list");
  importing
      ->add_option("FILE", options->file,
                   "Profile (TOML, package, dump), 'default' for the built-in card; or TOML with [[subscriber]]: imsi, mnc_digits, msisdn, "
                   "imei, gba_u, and the parameters of a USIM (algorithm, k, opc, ...)")
      ->required();
  importing->add_option("--imei", options->imei, "IMEI of the device that the card is in");
  set_example(*importing, "  uicclab gba hss import default --database hss.db --imei 490154203237518");
  importing->callback([options, &action] { action = [options] { return import(*options); }; });

  auto* listing = with_database("list", "Print the subscribers; keys stay hidden");
  set_example(*listing, "  uicclab gba hss list --database hss.db");
  listing->callback([options, &action] { action = [options] { return list(*options); }; });

  auto* removing = with_database("remove", "Forget a subscriber");
  removing->add_option("IMSI", options->imsi, "Whom")->required();
  set_example(*removing, "  uicclab gba hss remove 001010000000001 --database hss.db");
  removing->callback([options, &action] { action = [options] { return remove(*options); }; });

  auto* serving = with_database("serve", "Answer a BSF over HTTP on loopback");
  serving->add_option("--token", options->token, "File with the token that the BSF must have; made if there is none")->required();
  options->server.add_to(*serving);
  set_example(*serving, "  uicclab gba hss serve --database hss.db --token zh.token --http 8701");
  serving->callback([options, &action] { action = [options] { return serve_hss(*options); }; });
}

}  // namespace uicclab::cli
