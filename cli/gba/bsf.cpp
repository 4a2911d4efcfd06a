// SPDX-License-Identifier: Apache-2.0
// uicclab gba bsf: reference point Zpn under a local policy.
#include <iostream>

#include "cli/gba/bsf_policy.hpp"
#include "cli/gba/gba.hpp"
#include "core/crypto/random.hpp"
#include "core/visible.hpp"
#include "core/wall_clock.hpp"

namespace uicclab::cli {
namespace {

struct BsfOptions {
  std::string policy, subscribers;
  PeerOption hss;
  RoleServer server{.host = "127.0.0.1", .port = 8702};
};

constexpr const char* const kGbaUWords[] = {"refused", "allowed", "required"};

int show(const BsfOptions& options) {
  const BsfPolicyFile file = read_bsf_policy(options.policy);
  for (const gba::NafPolicy& one : file.policy.nafs) {
    std::cout << visible(one.naf) << ": up to " << one.longest << " s, GBA_U " << kGbaUWords[static_cast<std::size_t>(one.gba_u)]
              << (file.tokens.contains(one.naf) ? "" : ", no token: in one process only") << "\n";
    for (const Bytes& id : one.naf_ids) std::cout << "  " << gba::naf_name(id) << "\n";
  }
  return kOk;
}

int serve_bsf(const BsfOptions& options) {
  BsfPolicyFile file = read_bsf_policy(options.policy);
  std::map<std::string, std::string> tokens;
  for (const auto& [naf, where] : file.tokens) {
    std::string token = token_in(where);
    for (const auto& [other, known] : tokens) {
      if (known == token)
        throw Exit{kUsage, options.policy + ": " + other + " and " + naf + " have the same token; each NAF needs its own"};
    }
    tokens[naf] = std::move(token);
  }
  const WallClock clock;
  crypto::SystemRandom random;
  gba::Bsf bsf(std::move(file.policy), zh_of(options.hss, options.subscribers, "BSF"), clock, random);
  return options.server.run("BSF", [&](const HttpRequest& request, const HttpApi::Reply& reply) {
    using gba::ResultCode;
    std::string who;
    for (const auto& [naf, token] : tokens) {
      if (is_token(token, request)) who = naf;
    }
    if (who.empty()) return reply(answer_of({"BSF", ResultCode::kNotAuthorized, "who asks has no token of a NAF that this BSF serves"}));
    if (request.method != "POST" || request.path != gba::kPushInfoPath) {
      return reply(answer_of({"BSF", ResultCode::kInvalidAvpValue, std::string("POST ") + gba::kPushInfoPath}));
    }
    auto asked = gba::parse_zpn_request(request.body);
    if (!asked) return reply(answer_of({"BSF", ResultCode::kInvalidAvpValue, asked.error().text}));
    asked->naf = who;
    reply(answer_of(bsf.push(*asked)));
  });
}

}  // namespace

void add_gba_bsf(App& gba, Action& action) {
  auto* command = gba.add_subcommand("bsf", "The BSF: which NAF may have which keys, and GBA Push Info (Zpn)");
  command->require_subcommand();
  const auto options = std::make_shared<BsfOptions>();  // shared with the callbacks, which outlive this function
  auto* showing = command->add_subcommand("policy", "Check a policy and print it");
  showing->add_option("POLICY", options->policy, "TOML: name; [[naf]] name, token, naf_ids, longest_lifetime, gba_u")->required();
  set_example(*showing, "  uicclab gba bsf policy bsf.toml");
  showing->callback([options, &action] { action = [options] { return show(*options); }; });

  auto* serving = command->add_subcommand("serve", "Answer NAFs over HTTP on loopback");
  serving->add_option("--policy", options->policy, "TOML: name; [[naf]] name, token, naf_ids, longest_lifetime, gba_u")->required();
  options->hss.add_to(*serving, "--hss", "the HSS's HTTP interface (uicclab gba hss serve)");
  serving->add_option("--subscribers", options->subscribers, "In its place: be the HSS with this database, too");
  options->server.add_to(*serving);
  set_example(*serving, "  uicclab gba bsf serve --policy bsf.toml --hss 127.0.0.1:8701 --hss-token file:zh.token --http 8702");
  serving->callback([options, &action] { action = [options] { return serve_bsf(*options); }; });
}

}  // namespace uicclab::cli
