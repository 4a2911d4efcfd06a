// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/server/server.hpp"

#include <algorithm>
#include <array>

#include "core/json.hpp"

namespace uicclab::lwm2m::server {
namespace {

using coap::Message;
using Kind = Command::Kind;

constexpr coap::Code kInternalError = coap::code_of(5, 0), kUnavailable = coap::code_of(5, 3);

std::string path_text(const std::vector<std::uint16_t>& path) {
  std::string out;
  for (const std::uint16_t one : path) out += "/" + std::to_string(one);
  return out.empty() ? "/" : out;
}

Json of_device(const std::string& endpoint) {
  return Json::object().set("endpoint", endpoint);
}

Json event_of(const char* event, const std::string& endpoint) {
  return Json::object().set("event", event).set("endpoint", endpoint);
}

Json& add_answer(Json& out, const Message& answer, const std::vector<std::uint16_t>& path) {
  return out.set("code", coap::name(answer.code)).set("value", payload_json(answer, path));
}

Server::Outcome failed(const std::string& endpoint, const std::string& reason) {
  return {false, of_device(endpoint).set("error", reason).text()};
}

constexpr std::array<std::string_view, 3> kVersions{"1.0", "1.1", "1.2"};

}  // namespace

Server::Server(Accounts& accounts, const Clock& clock, Random& random, Ways ways, Options options)
    : m_accounts(accounts),
      m_clock(clock),
      m_random(random),
      m_ways(std::move(ways)),
      m_options(options),
      m_exchanges(clock, random,
                  {.send = m_ways.send,
                   .room = m_ways.room,
                   .answer =
                       [this](const PeerAddress& from, const PeerProof& proof, const Message& request) {
                         Message out = coap::answer_of(kInternalError);
                         guarded([&] { out = answer(from, proof, request); });
                         return out;
                       }},
                  options.times) {}

void Server::tell(const Json& event) {
  m_ways.event(event.text());
}

void Server::guarded(const std::function<void()>& work) {
  try {
    work();
  } catch (const SystemError& error) {
    tell(event_of("failed", {}).set("reason", error.what()));
  }
}

void Server::receive(const PeerAddress& from, const PeerProof& proof, BytesView datagram) {
  if (proof.mode == SecurityMode::kNoSec && m_proofs.contains(from)) return;
  m_exchanges.receive(from, proof, datagram);
  for (const auto& one : std::exchange(m_soon, {})) guarded(one);
}

void Server::connected(const PeerAddress& peer, const PeerProof& proof) {
  m_exchanges.drop(peer);
  m_proofs[peer] = proof;
  guarded([&] {
    const auto account = account_of(m_accounts, proof, m_ways.date());
    if (account) m_connected[account->endpoint] = peer;
  });
}

void Server::closed(const PeerAddress& peer) {
  m_exchanges.drop(peer);
  m_proofs.erase(peer);
  std::erase_if(m_connected, [&](const auto& one) { return one.second == peer; });
}

Message Server::answer(const PeerAddress& from, const PeerProof& proof, const Message& request) {
  const auto path = request.texts(coap::option::kUriPath);
  if (path.empty()) return coap::answer_of(coap::kNotFound);
  if (path[0] == "rd" && path.size() == 1) {
    return request.code == coap::kPost ? on_register(from, proof, request) : coap::answer_of(coap::kMethodNotAllowed);
  }
  if (path[0] == "rd" && path.size() == 2) {
    if (request.code == coap::kPost || request.code == coap::kPut) return on_update(from, proof, path[1], request);
    return request.code == coap::kDelete ? on_deregister(proof, path[1]) : coap::answer_of(coap::kMethodNotAllowed);
  }
  if (path[0] == "bs" && path.size() == 1) {
    return request.code == coap::kPost ? on_bootstrap_request(from, proof, request) : coap::answer_of(coap::kMethodNotAllowed);
  }
  if (path[0] == "dp" && path.size() == 1 && request.code == coap::kPost) {  // Send, of 1.1 (Core 1.1 clause 6.4.6)
    for (const auto& [location, one] : m_registrations.all()) {
      if (one.address != from || one.proof != proof) continue;
      tell(event_of("sent", one.endpoint).set("value", payload_json(request, {})));
      return coap::answer_of(coap::kChanged);
    }
    return coap::answer_of(coap::kNotFound);
  }
  return coap::answer_of(coap::kNotFound);
}

Message Server::on_register(const PeerAddress& from, const PeerProof& proof, const Message& request) {
  const auto format = request.number_in(coap::option::kContentFormat);
  if (format && *format != coap::format::kLinkFormat) return coap::answer_of(coap::kUnsupportedFormat, "the object list is in link format");
  auto parameters = parse_parameters(request.texts(coap::option::kUriQuery), request.payload);
  if (!parameters) return coap::answer_of(coap::kBadRequest, parameters.error().text);
  if (!parameters->endpoint) return coap::answer_of(coap::kBadRequest, "ep is missing");
  if (parameters->version && std::ranges::find(kVersions, *parameters->version) == kVersions.end()) {
    return coap::answer_of(coap::kPreconditionFailed, "versions 1.0, 1.1 and 1.2 are supported");
  }
  if (const auto good = check_endpoint(m_accounts, *parameters->endpoint, proof, m_options.open, m_ways.date()); !good) {
    tell(event_of("refused", *parameters->endpoint).set("reason", good.error().text));
    return coap::answer_of(coap::kForbidden);
  }
  if (m_registrations.size() >= m_options.most_registrations && m_registrations.find_endpoint(*parameters->endpoint) == nullptr) {
    tell(event_of("refused", *parameters->endpoint).set("reason", "too many registrations"));
    return coap::answer_of(kUnavailable);
  }
  Registration one;
  std::array<std::uint8_t, 5> random{};
  do {
    m_random.fill(random);
    one.location = to_hex(random);
  } while (m_registrations.find(one.location) != nullptr);
  one.endpoint = *parameters->endpoint;
  one.version = parameters->version.value_or("1.0");
  one.binding = parameters->binding.value_or("U");
  one.sms_number = parameters->sms_number.value_or("");
  one.lifetime = parameters->lifetime.value_or(std::chrono::seconds(86400));
  one.objects = parameters->objects.value_or(std::vector<Link>());
  one.address = from;
  one.proof = proof;
  if (const Registration* before = m_registrations.find_endpoint(one.endpoint)) end(*before, nullptr);
  const Registration& added = m_registrations.add(std::move(one), m_clock.now());
  m_soon.push_back([this, endpoint = added.endpoint, lifetime = added.lifetime.count(), version = added.version] {
    tell(event_of("registered", endpoint).set("lifetime", lifetime).set("version", version));
  });
  Message out = coap::answer_of(coap::kCreated);
  out.add(coap::option::kLocationPath, std::string_view("rd"));
  out.add(coap::option::kLocationPath, added.location);
  return out;
}

Message Server::on_update(const PeerAddress& from, const PeerProof& proof, const std::string& location, const Message& request) {
  const Registration* there = m_registrations.find(location);
  if (there == nullptr || there->until <= m_clock.now()) return coap::answer_of(coap::kNotFound);
  if (there->proof != proof) return coap::answer_of(coap::kForbidden);
  const auto parameters = parse_parameters(request.texts(coap::option::kUriQuery), request.payload);
  if (!parameters) return coap::answer_of(coap::kBadRequest, parameters.error().text);
  if (const auto good = check_endpoint(m_accounts, there->endpoint, proof, m_options.open, m_ways.date()); !good) {
    tell(event_of("refused", there->endpoint).set("reason", good.error().text));
    end(*m_registrations.remove(location), nullptr);
    return coap::answer_of(coap::kForbidden);
  }
  if (there->address != from) {  // an observation is one of an address and a token (RFC 7641 clause 3.1)
    end(*there, nullptr);
    m_exchanges.drop(there->address);
  }
  const Registration& one = m_registrations.update(location, *parameters, from, m_clock.now());
  tell(event_of("updated", one.endpoint).set("lifetime", one.lifetime.count()));
  return coap::answer_of(coap::kChanged);
}

Message Server::on_deregister(const PeerProof& proof, const std::string& location) {
  const Registration* there = m_registrations.find(location);
  if (there == nullptr) return coap::answer_of(coap::kNotFound);
  if (there->proof != proof) return coap::answer_of(coap::kForbidden);
  const auto gone = m_registrations.remove(location);
  end(*gone, "deregistered");
  return coap::answer_of(coap::kDeleted);
}

void Server::end(const Registration& registration, const char* what) {
  std::erase_if(m_observations, [&](const auto& one) {
    if (one.first.first != registration.endpoint) return false;
    m_exchanges.forget(registration.address, one.second);
    return true;
  });
  if (what != nullptr) tell(event_of(what, registration.endpoint));
}

Message Server::on_bootstrap_request(const PeerAddress& from, const PeerProof& proof, const Message& request) {
  const auto parameters = parse_parameters(request.texts(coap::option::kUriQuery), {});
  if (!parameters) return coap::answer_of(coap::kBadRequest, parameters.error().text);
  std::optional<Account> account;
  if (proof.mode != SecurityMode::kNoSec) {
    auto proved = account_of(m_accounts, proof, m_ways.date());
    if (proved) account = *std::move(proved);
  } else if (parameters->endpoint) {
    account = m_accounts.find(*parameters->endpoint);
  }
  const std::string endpoint = parameters->endpoint.value_or(account ? account->endpoint : "");
  const bool named = account && account->endpoint == endpoint && account->mode == proof.mode;
  if (!named || account->bootstrap.empty()) {
    tell(event_of("refused", endpoint).set("reason", named ? "the account has no bootstrap" : "no such account"));
    return coap::answer_of(coap::kBadRequest);
  }
  m_soon.push_back([this, from, endpoint] {
    const auto now = m_accounts.find(endpoint);
    // Clause 5.2.3.3: who asks again has begun anew, perhaps after a restart. Both runs at a time would mix their writes.
    stop_bootstrap(endpoint, {ErrorCode::kRefused, "the device asked for a bootstrap again"});
    if (now) run_bootstrap(from, *now, [](const Outcome&) {});
  });
  return coap::answer_of(coap::kChanged);
}

void Server::run_bootstrap(const PeerAddress& peer, const Account& account, std::function<void(Outcome)> done) {
  auto file = parse_bootstrap_file(account.bootstrap);
  if (!file) return done(failed(account.endpoint, "the account's bootstrap information: " + file.error().text));
  tell(event_of("bootstrapping", account.endpoint));
  const auto run = BootstrapRun::make(
      *std::move(file),
      [this, peer](Message request, BootstrapRun::Answer answer) {
        return m_exchanges.request(peer, std::move(request), std::move(answer));
      },
      [this, endpoint = account.endpoint, done = std::move(done)](const Result<void>& result) {
        m_bootstraps.erase(endpoint);
        if (result) {
          tell(event_of("bootstrapped", endpoint));
          return done({true, of_device(endpoint).set("result", "bootstrapped").text()});
        }
        tell(event_of("bootstrap failed", endpoint).set("reason", result.error().text));
        done(failed(endpoint, result.error().text));
      });
  m_bootstraps[account.endpoint] = {peer, run};
  run->start();
}

void Server::stop_bootstrap(const std::string& endpoint, const Error& why) {
  const auto there = m_bootstraps.find(endpoint);
  if (there == m_bootstraps.end()) return;
  const Bootstrapping running = there->second;
  m_exchanges.cancel(running.peer, running.run->stop(why));
}

void Server::bootstrap(const Command& command, const std::function<void(Outcome)>& done) {
  std::optional<Account> account;
  guarded([&] { account = m_accounts.find(command.endpoint); });
  if (!account || account->bootstrap.empty()) return done(failed(command.endpoint, "no account with a bootstrap has this name"));
  if (m_bootstraps.contains(command.endpoint)) return done(failed(command.endpoint, "a bootstrap of this device is running"));
  const auto connection = m_connected.find(command.endpoint);
  if (connection != m_connected.end()) return run_bootstrap(connection->second, *account, done);
  if (account->mode != SecurityMode::kNoSec) return done(failed(command.endpoint, "the device has no DTLS connection to begin on"));
  if (command.words.size() != 1) return done(failed(command.endpoint, "without DTLS the device's address must be said: HOST:PORT"));
  const auto address = m_ways.resolve(command.words[0]);
  if (!address) return done(failed(command.endpoint, address.error().text));
  run_bootstrap(*address, *account, done);
}

bool Server::reaches(const Registration& registration) const {
  const auto there = m_proofs.find(registration.address);
  return (there != m_proofs.end() ? there->second : PeerProof()) == registration.proof;
}

void Server::manage(const Command& command, std::function<void(Outcome)> done) {
  if (command.kind == Kind::kBootstrap) return bootstrap(command, done);
  const Registration* there = m_registrations.find_endpoint(command.endpoint);
  if (there == nullptr || there->until <= m_clock.now()) return done(failed(command.endpoint, "the device is not registered"));
  if (!reaches(*there)) {
    const bool secure = there->proof.mode != SecurityMode::kNoSec;
    return done(failed(command.endpoint, secure ? "the device has no DTLS connection now" : "its address is that of a DTLS connection"));
  }
  if (!command.path.empty() && command.path[0] == kSecurityObject) {
    return done(failed(command.endpoint, "no server reaches the Security object (LwM2M 1.0 appendix E.1)"));
  }
  auto request = message_of(command);
  if (!request) return done(failed(command.endpoint, request.error().text));
  const std::string path = path_text(command.path);
  const Json begin = of_device(command.endpoint).set("path", path);
  const auto key = std::pair(command.endpoint, path);
  auto answered = [begin, path = command.path, done](const Result<Message>& answer) {
    Json out = begin;
    if (!answer) return done({false, out.set("error", answer.error().text).text()});
    done({answer->code.is_success(), add_answer(out, *answer, path).text()});
  };
  if (command.kind == Kind::kObserve) {
    const PeerAddress address = there->address;
    if (const auto before = m_observations.find(key); before != m_observations.end()) m_exchanges.forget(address, before->second);
    m_observations[key] = m_exchanges.observe(address, *std::move(request), std::move(answered),
                                              [this, endpoint = command.endpoint, path, numbers = command.path](const Message& message) {
                                                Json event = event_of("notified", endpoint).set("path", path);
                                                tell(add_answer(event, message, numbers));
                                              });
    return;
  }
  if (command.kind == Kind::kCancel) {
    const auto observation = m_observations.find(key);
    if (observation == m_observations.end()) return done(failed(command.endpoint, path + " is not observed"));
    request->token = observation->second;  // RFC 7641 clause 3.6
    m_exchanges.forget(there->address, observation->second);
    m_observations.erase(observation);
  }
  m_exchanges.request(there->address, *std::move(request), std::move(answered));
}

std::string Server::registrations_json() const {
  Json all = Json::array();
  const auto now = m_clock.now();
  for (const auto& [location, one] : m_registrations.all()) {
    Json objects = Json::array();
    for (const Link& link : one.objects) objects.add(Json(link.path));
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(one.until - now).count();
    all.add(of_device(one.endpoint)
                .set("location", "rd/" + location)
                .set("version", one.version)
                .set("binding", one.binding)
                .set("lifetime", one.lifetime.count())
                .set("seconds_left", std::max<std::int64_t>(left, 0))
                .set("security_mode", static_cast<int>(one.proof.mode))
                .set("objects", objects));
  }
  return all.text();
}

void Server::on_time() {
  m_exchanges.on_time();
  for (const Registration& one : m_registrations.expire(m_clock.now())) end(one, "expired");
  for (const auto& one : std::exchange(m_soon, {})) guarded(one);
}

std::chrono::milliseconds Server::wake_up() const {
  auto out = m_exchanges.wake_up();
  if (const auto next = m_registrations.next_expiry()) out = std::min(out, std::max(*next - m_clock.now(), std::chrono::milliseconds(0)));
  return out;
}

}  // namespace uicclab::lwm2m::server
