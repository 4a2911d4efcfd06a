// SPDX-License-Identifier: Apache-2.0
// uicclab gba: the roles of GBA Push, and how they reach each other.
#include "cli/gba/gba.hpp"

#include <csignal>
#include <filesystem>
#include <iostream>

#include <poll.h>
#include <sys/signalfd.h>

#include "cli/common/private_file.hpp"
#include "cli/common/secret_text.hpp"
#include "cli/gba/association_database.hpp"
#include "cli/gba/bsf_policy.hpp"
#include "cli/gba/subscriber_database.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"
#include "core/wall_clock.hpp"

namespace uicclab::cli {
namespace {

constexpr std::size_t kTokenSize = 32;
constexpr std::chrono::seconds kPatience{15};

struct Where {
  std::string host;
  std::uint16_t port = 0;
};
/// Nothing if it is no HOST:PORT.
std::optional<Where> where_of(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  const std::string digits = text.substr(colon + 1);
  if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string::npos || std::stoul(digits) > 0xFFFF) {
    return std::nullopt;
  }
  return Where{text.substr(0, colon), static_cast<std::uint16_t>(std::stoul(digits))};
}

/// The HSS of a process that is the BSF, too.
struct OwnHss {
  explicit OwnHss(const std::string& path) : database(path), hss(database, random) {}
  SubscriberDatabase database;
  crypto::SystemRandom random;
  gba::Hss hss;
};
struct OwnBsf {
  OwnBsf(gba::BsfPolicy policy, gba::Zh zh) : bsf(std::move(policy), std::move(zh), clock, random) {}
  WallClock clock;
  crypto::SystemRandom random;
  gba::Bsf bsf;
};

}  // namespace

void UserOption::add_to(App& command) {
  command.add_option("--imsi", imsi, "IMSI of the subscriber");
  command.add_option("--msisdn", msisdn, "Or the MSISDN");
  command.add_option("--imei", imei, "Or the IMEI of the device that the HSS knows with the subscriber");
}

gba::UserIdentity UserOption::user() const {
  using Kind = gba::UserIdentity::Kind;
  const std::string* given = nullptr;
  gba::UserIdentity out;
  for (const auto& [kind, digits] : {std::pair{Kind::kImsi, &imsi}, {Kind::kMsisdn, &msisdn}, {Kind::kImei, &imei}}) {
    if (digits->empty()) continue;
    if (given != nullptr) throw Exit{kUsage, "one of --imsi, --msisdn and --imei, not two"};
    given = digits;
    out = {kind, *digits};
  }
  if (given == nullptr) throw Exit{kUsage, "whose? --imsi, --msisdn or --imei"};
  auto good = gba::checked(std::move(out));
  if (!good) throw Exit{kUsage, good.error().text};
  return *std::move(good);
}

void PeerOption::add_to(App& command, const std::string& option, const std::string& what) {
  command.add_option(option, at, "HOST:PORT of " + what);
  command.add_option(option + "-token", token, std::string("The token that it wants: ") + kSecretForms);
}

gba::Answer<std::string> ask_role(const PeerOption& peer, const char* asking, const char* asked, const std::string& path,
                                  const std::string& json) {
  const auto where = where_of(peer.at);
  if (!where) throw Exit{kUsage, peer.at + ": the " + asked + " is named by HOST:PORT"};
  std::string token;
  if (!peer.token.empty()) token = read_secret(std::string(asked) + "'s token", peer.token).text;
  auto answer = ask_http(where->host, where->port, "POST", path, json, token, kPatience);
  crypto::wipe({reinterpret_cast<std::uint8_t*>(token.data()), token.size()});
  if (answer) return *std::move(answer);
  if (auto refused = gba::parse_refused(answer.error().text)) return tl::unexpected(*std::move(refused));
  return gba::refuse(asking, gba::ResultCode::kUnableToComply, std::string("the ") + asked + " at " + peer.at + ": " + answer.error().text);
}

void BsfOption::add_to(App& command) {
  bsf.add_to(command, "--bsf", "the BSF's HTTP interface (uicclab gba bsf)");
  command.add_option("--policy", policy, "In its place: be the BSF with this policy, too");
  command.add_option("--subscribers", subscribers, "With --policy: be the HSS with this database, too");
}

gba::Zh zh_of(const PeerOption& hss, const std::string& subscribers, const char* asking) {
  if (hss.given() == !subscribers.empty()) throw Exit{kUsage, "the HSS is --hss HOST:PORT, or a database of --subscribers"};
  if (!subscribers.empty()) {
    const auto own = std::make_shared<OwnHss>(subscribers);  // shared with the function, which may be copied
    return [own](const gba::ZhRequest& request) { return own->hss.vector(request); };
  }
  return [hss, asking](const gba::ZhRequest& request) -> gba::Answer<gba::ZhAnswer> {
    auto json = ask_role(hss, asking, "HSS", "/zh", gba::to_json(request));
    if (!json) return tl::unexpected(std::move(json.error()));
    auto answer = gba::parse_zh_answer(*json);
    crypto::wipe({reinterpret_cast<std::uint8_t*>(json->data()), json->size()});
    if (!answer) return gba::refuse(asking, gba::ResultCode::kUnableToComply, "the HSS's answer: " + answer.error().text);
    return *std::move(answer);
  };
}

gba::Zpn zpn_of(const BsfOption& option) {
  if (option.bsf.given() == !option.policy.empty()) throw Exit{kUsage, "the BSF is --bsf HOST:PORT, or --policy FILE with --subscribers"};
  if (!option.policy.empty()) {
    const auto own = std::make_shared<OwnBsf>(read_bsf_policy(option.policy).policy, zh_of(option.hss, option.subscribers, "BSF"));
    return [own](const gba::ZpnRequest& request) { return own->bsf.push(request); };
  }
  return [bsf = option.bsf](const gba::ZpnRequest& request) -> gba::Answer<gba::ZpnAnswer> {
    auto json = ask_role(bsf, "NAF", "BSF", gba::kPushInfoPath, gba::to_json(request));
    if (!json) return tl::unexpected(std::move(json.error()));
    auto answer = gba::parse_zpn_answer(*json);
    crypto::wipe({reinterpret_cast<std::uint8_t*>(json->data()), json->size()});
    if (!answer) return gba::refuse("NAF", gba::ResultCode::kUnableToComply, "the BSF's answer: " + answer.error().text);
    return *std::move(answer);
  };
}

void NafOption::add_to(App& command, bool required) {
  command.add_option("--naf", naf, "The NAF that has the key: its database, or HOST:PORT of its HTTP interface")->required(required);
  command.add_option("--naf-token", token, std::string("The token that the HTTP interface wants: ") + kSecretForms);
}

gba::Answer<gba::NafAssociation> NafOption::key(const gba::KeyRequest& request) const {
  if (where_of(naf)) {
    auto json = ask_role({naf, token}, "NAF", "NAF", "/key", gba::to_json(request));
    if (!json) return tl::unexpected(std::move(json.error()));
    auto answer = gba::parse_association(*json);
    crypto::wipe({reinterpret_cast<std::uint8_t*>(json->data()), json->size()});
    if (!answer) return gba::refuse("NAF", gba::ResultCode::kUnableToComply, "its answer: " + answer.error().text);
    return *std::move(answer);
  }
  if (!std::filesystem::exists(naf)) throw Exit{kEnvironment, naf + ": neither a NAF's database (uicclab gba naf) nor HOST:PORT"};
  AssociationDatabase database(naf);
  const WallClock clock;
  gba::Naf own("", {}, database, clock);
  return request.sa_id.empty() ? own.latest_key(request.user) : own.key(request.sa_id);
}

gba::Resynchronisation resynchronisation_of(const std::string& option, const std::string& text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto rand = from_hex(text.substr(0, colon));
  const auto auts = from_hex(text.substr(std::min(colon + 1, text.size())));
  if (!rand || rand->size() != 16 || !auts || auts->size() < 14 || auts->size() > 38) {
    throw Exit{kUsage, option + " " + text + ": RAND has 32 hexadecimal digits, AUTS 28, a colon is between them"};
  }
  gba::Resynchronisation out;
  std::ranges::copy(*rand, out.rand.begin());
  out.auts = *auts;
  return out;
}

Bytes naf_id_option(const std::string& option, const std::string& text) {
  auto naf_id = gba::parse_naf_name(text);
  if (!naf_id) throw Exit{kUsage, option + " " + text + ": " + naf_id.error().text};
  return *std::move(naf_id);
}

void RoleServer::add_to(App& command) {
  command.add_option("--http", port, "TCP port of the HTTP interface; 0: any that is free")->capture_default_str();
  command.add_option("--http-host", host, "Loopback address of the HTTP interface")->capture_default_str();
}

int RoleServer::run(const char* role, const HttpApi::Handler& handler) const {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const net::Fd stop(signalfd(-1, &signals, SFD_CLOEXEC));
  if (!stop) throw SystemError("signalfd");
  // What fails in one request is told to who asked; the next one may go well.
  HttpApi http(host, port, [&](const HttpRequest& request, const HttpApi::Reply& reply) {
    const auto unable = [&](const std::string& why) { reply(answer_of({role, gba::ResultCode::kUnableToComply, why})); };
    try {
      handler(request, reply);
    } catch (const Exit& exit) {
      unable(exit.message);
    } catch (const SystemError& error) {
      unable(error.what());
    }
  });
  std::cout << "uicclab " UICCLAB_VERSION ": " << role << "\nHTTP    http://" << host << ":" << http.port() << "\nStop with Ctrl-C.\n"
            << std::flush;
  while (true) {
    std::vector<pollfd> wait{{stop.get(), POLLIN, 0}};
    http.add_to(wait);
    ::poll(wait.data(), wait.size(), 60'000);
    if (wait[0].revents != 0) return kOk;
    http.serve();
  }
}

std::string token_in(const std::string& path) {
  if (!std::filesystem::exists(path)) {
    std::array<std::uint8_t, kTokenSize> fresh{};
    crypto::SystemRandom().fill(fresh);
    make_private(path, as_bytes(to_hex(fresh) + "\n"));
    crypto::wipe(fresh);
  }
  tell_if_readable_by_others(path);
  std::string token = read_secret("the token", "file:" + path).text;
  if (token.size() < 16) throw Exit{kUsage, path + ": a token has at least 16 characters; without the file a new one is made"};
  return token;
}

bool is_token(const std::string& token, const HttpRequest& request) {
  return !token.empty() && crypto::constant_time_equal(as_bytes(token), as_bytes(request.token));
}

HttpAnswer answer_of(const gba::Refused& refused) {
  using gba::ResultCode;
  const int status = refused.code == ResultCode::kNotAuthorized                  ? 403
                     : refused.code == ResultCode::kImpiUnknown                  ? 404
                     : refused.code == ResultCode::kTransactionIdentifierInvalid ? 404
                                                                                 : 400;
  std::cerr << visible(gba::to_text(refused)) << "\n";
  return {status, gba::to_json(refused)};
}

void add_gba(App& app, Action& action) {
  auto* command = app.add_subcommand("gba", "GBA Push: HSS, BSF and NAF, and the UE that takes a push");
  command->require_subcommand();
  add_gba_hss(*command, action);
  add_gba_bsf(*command, action);
  add_gba_naf(*command, action);
  add_gba_take(*command, action);
}

}  // namespace uicclab::cli
