// SPDX-License-Identifier: Apache-2.0
// uicclab gba naf: pushes, security associations, and NAF keys for applications.
#include <iostream>

#include "cli/common/private_file.hpp"
#include "cli/gba/association_database.hpp"
#include "cli/gba/gba.hpp"
#include "cli/gba/push_messages.hpp"
#include "core/hex.hpp"
#include "core/json.hpp"
#include "core/visible.hpp"
#include "core/wall_clock.hpp"
#include "gba/time_text.hpp"

namespace uicclab::cli {
namespace {

/// A NAF in this process.
struct OwnOptions {
  std::string name, naf_id, database;
  BsfOption bsf;
  void add_to(App& command) {
    command.add_option("--name", name, "Name of the NAF, as the BSF knows it");
    command.add_option("--database", database, "SQLite file with the security associations, readable by its owner only");
    bsf.add_to(command);
  }
};

struct NafOptions {
  OwnOptions own;
  PeerOption at;
  UserOption user;
  NafOption naf;
  std::string naf_id, mode, label = "dm", resync, sms, sa_id, output, token;
  std::optional<std::uint64_t> lifetime;
  RoleServer server{.host = "127.0.0.1", .port = 8703};
  bool json = false, uicc = false;
};

gba::ZpnRequest request_of(const NafOptions& options) {
  gba::ZpnRequest out;
  out.user = options.user.user();
  const std::string naf_id = options.naf_id.empty() ? options.own.name : options.naf_id;
  if (naf_id.empty()) throw Exit{kUsage, "--naf-id: the NAF_Id, dm.example.com/FF00000001"};
  out.naf_id = naf_id_option("--naf-id", naf_id);
  if (options.lifetime) {
    if (*options.lifetime > 0xFFFFFFFF) throw Exit{kUsage, "--lifetime has at most 32 bits"};
    out.lifetime = static_cast<std::uint32_t>(*options.lifetime);
  }
  if (!options.mode.empty()) out.mode = options.mode == "me" ? gba::PushMode::kMe : gba::PushMode::kUicc;
  out.application = options.label;
  if (!options.resync.empty()) out.resynchronisation = resynchronisation_of("--resync", options.resync);
  return out;
}

gba::Answer<gba::Naf::Push> pushed(const NafOptions& options) {
  const gba::ZpnRequest request = request_of(options);
  if (options.at.given()) {
    auto json = ask_role(options.at, "NAF", "NAF", "/push", gba::to_json(request));
    if (!json) return tl::unexpected(std::move(json.error()));
    auto answer = gba::parse_naf_push(*json);
    if (!answer) return gba::refuse("NAF", gba::ResultCode::kUnableToComply, "its answer: " + answer.error().text);
    return *std::move(answer);
  }
  if (options.own.name.empty() || options.own.database.empty())
    throw Exit{kUsage, "a NAF that runs (--at HOST:PORT), or --name and --database"};
  const WallClock clock;
  const auto zpn = zpn_of(options.own.bsf);
  AssociationDatabase database(options.own.database);
  return gba::Naf(options.own.name, zpn, database, clock).push(request);
}

int push(const NafOptions& options) {
  const auto made = gba_value(pushed(options));
  const auto parsed = gba::parse_push(made.gpi);  // of a NAF that runs elsewhere it is what came over HTTP
  if (!parsed) throw Exit{kCheckFailed, "the NAF's answer: " + parsed.error().text};
  const gba::PushInfo& info = parsed->info;
  std::vector<std::string> messages;
  if (!options.sms.empty()) messages = push_messages(made.gpi, options.sms);
  if (options.json) {
    Json list = Json::array();
    for (const std::string& one : messages) list.add(Json(one));
    Json out = Json::object();
    out.set("gpi", Json(to_hex(made.gpi))).set("rand", Json(to_hex(info.rand))).set("mode", Json(name_of(info.mode)));
    out.set("sa", Json(made.sa_id)).set("expires", Json(gba::time_text(made.expires))).set("messages", list);
    std::cout << out.text() << "\n";
    return kOk;
  }
  std::cerr << name_of(info.mode) << ", NAF security association " << visible(made.sa_id) << ", until " << gba::time_text(made.expires)
            << "\n";
  if (messages.empty()) std::cout << to_hex(made.gpi) << "\n";
  for (const std::string& one : messages) std::cout << one << "\n";
  return kOk;
}

int key(const NafOptions& options) {
  gba::KeyRequest request;
  request.sa_id = options.sa_id;
  if (options.sa_id.empty()) request.user = options.user.user();
  const auto association = gba_value(options.naf.key(request));
  const crypto::SecretBytes& which = options.uicc ? association.uicc_key : association.me_key;
  if (which.empty()) throw Exit{kCheckFailed, "this association is of GBA_ME: there is no Ks_int_NAF"};
  constexpr crypto::ExposeSecret kForApplication{"the NAF gives its key to the application, in a file of the owner's"};
  std::string text = to_hex(which.expose(kForApplication)) + "\n";
  write_private(options.output, as_bytes(text));
  crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  std::cout << (options.uicc                             ? "Ks_int_NAF"
                : association.mode == gba::PushMode::kMe ? "Ks_NAF"
                                                         : "Ks_ext_NAF")
            << " of " << visible(association.impi) << " for " << gba::naf_name(association.naf_id) << " in " << options.output << ", until "
            << gba::time_text(association.expires) << "\n";
  return kOk;
}

int list(const NafOptions& options) {
  AssociationDatabase database(options.own.database);
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(WallClock().now()).count();
  database.forget_keys(now);
  for (const auto& one : database.all()) {
    std::cout << visible(one.sa_id) << "  " << name_of(one.mode) << "  " << name_of(one.user.kind) << " " << one.user.digits << "  "
              << gba::naf_name(one.naf_id) << "  " << (one.expires > now ? "until " : "over since ") << gba::time_text(one.expires) << "\n";
  }
  return kOk;
}

int serve_naf(const NafOptions& options) {
  if (options.own.name.empty() || options.own.database.empty()) throw Exit{kUsage, "--name and --database are required"};
  const std::string token = token_in(options.token);
  const WallClock clock;
  const auto zpn = zpn_of(options.own.bsf);
  AssociationDatabase database(options.own.database);
  gba::Naf naf(options.own.name, zpn, database, clock);
  return options.server.run("NAF", [&](const HttpRequest& request, const HttpApi::Reply& reply) {
    using gba::ResultCode;
    const auto wrong = [](const std::string& text) { return answer_of({"NAF", ResultCode::kInvalidAvpValue, text}); };
    if (!is_token(token, request)) {
      return reply(answer_of({"NAF", ResultCode::kNotAuthorized, "who asks does not have the token of this NAF's applications"}));
    }
    naf.forget_keys();
    if (request.method == "POST" && request.path == "/push") {
      const auto asked = gba::parse_zpn_request(request.body);
      return reply(asked ? answer_of(naf.push(*asked)) : wrong(asked.error().text));
    }
    if (request.method == "POST" && request.path == "/key") {
      const auto asked = gba::parse_key_request(request.body);
      if (!asked) return reply(wrong(asked.error().text));
      return reply(answer_of(asked->sa_id.empty() ? naf.latest_key(asked->user) : naf.key(asked->sa_id)));
    }
    reply(wrong("POST /push, POST /key"));
  });
}

}  // namespace

void add_gba_naf(App& gba, Action& action) {
  auto* command = gba.add_subcommand("naf", "The NAF: push keys to a UE, and give them to an application");
  command->require_subcommand();
  const auto options = std::make_shared<NafOptions>();  // shared with the callbacks, which outlive this function
  auto* pushing = command->add_subcommand("push", "Ask the BSF for keys, keep them, print the GBA Push Info for the UE");
  options->user.add_to(*pushing);
  pushing->add_option("--naf-id", options->naf_id, "FQDN, or FQDN/Ua security protocol identifier; without it the NAF's name");
  pushing->add_option("--lifetime", options->lifetime, "Of the key, in seconds; the BSF may shorten it");
  pushing->add_option("--mode", options->mode, "me: the device makes the key; uicc: the card does; without it the BSF decides")
      ->check(OneOf{{"me", "uicc"}});
  pushing->add_option("--label", options->label, "Of the application that the key is for")->capture_default_str();
  pushing->add_option("--resync", options->resync, "RAND:AUTS of a UE that refused: the HSS goes on from its card's sequence number");
  pushing->add_option("--sms", options->sms, "Print short messages (WAP push) from this number in place of the GBA Push Info");
  pushing->add_flag("--json", options->json, "As JSON");
  options->at.add_to(*pushing, "--at", "a NAF that runs (uicclab gba naf serve)");
  options->own.add_to(*pushing);
  set_example(
      *pushing,
      "  uicclab gba naf push --at 127.0.0.1:8703 --at-token file:dm-app.token --naf-id dm.example.com --imsi 001010000000001\n"
      "  uicclab gba naf push --name dm.example.com --database naf.db --policy bsf.toml --subscribers hss.db --imsi 001010000000001");
  pushing->callback([options, &action] { action = [options] { return push(*options); }; });

  auto* giving = command->add_subcommand("key", "Put a NAF key into a file that only its owner can read");
  giving->add_option("SA", options->sa_id, "NAF-SA-Identifier; without it the youngest of the subscriber");
  options->user.add_to(*giving);
  options->naf.add_to(*giving, true);
  giving->add_option("-o,--output", options->output, "The file, 64 hexadecimal digits")->required();
  giving->add_flag("--uicc", options->uicc, "Ks_int_NAF, which the card has, in place of what the device has");
  set_example(*giving, "  uicclab gba naf key --naf naf.db --imsi 001010000000001 -o ks-naf.hex");
  giving->callback([options, &action] { action = [options] { return key(*options); }; });

  auto* listing = command->add_subcommand("list", "Print the security associations; keys stay hidden, those that are over are forgotten");
  listing->add_option("--database", options->own.database, "SQLite file with the security associations")->required();
  set_example(*listing, "  uicclab gba naf list --database naf.db");
  listing->callback([options, &action] { action = [options] { return list(*options); }; });

  auto* serving = command->add_subcommand("serve", "Answer applications over HTTP on loopback");
  options->own.add_to(*serving);
  serving->add_option("--token", options->token, "File with the token that an application must have; made if there is none")->required();
  options->server.add_to(*serving);
  set_example(*serving,
              "  uicclab gba naf serve --name dm.example.com --database naf.db --bsf 127.0.0.1:8702 --bsf-token file:dm.token "
              "--token dm-app.token --http 8703");
  serving->callback([options, &action] { action = [options] { return serve_naf(*options); }; });
}

}  // namespace uicclab::cli
