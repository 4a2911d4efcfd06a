// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m sms answer, ask, refresh: the server's end.
#include <iostream>

#include "cli/lwm2m/key_file.hpp"
#include "cli/lwm2m/lwm2m.hpp"
#include "cli/lwm2m/sms_ends.hpp"
#include "core/crypto/random.hpp"
#include "core/visible.hpp"
#include "lwm2m/secured_sms.hpp"
#include "lwm2m/server/management.hpp"
#include "lwm2m/server/registrations.hpp"

namespace uicclab::cli {
namespace {

namespace coap = lwm2m::coap;
using lwm2m::Operation;
using lwm2m::SessionKeyRecord;
using Verdict = lwm2m::ServerKeyRules::Verdict;

Operation operation_of(const coap::Message& request) {
  const auto path = request.texts(coap::option::kUriPath);
  if (!request.code.is_request() || path.empty() || path[0] != "rd") return Operation::kOther;
  if (request.code == coap::kDelete) return Operation::kDeregister;
  return path.size() == 1 ? Operation::kRegister : Operation::kUpdate;
}

coap::Code success_of(Operation operation) {
  switch (operation) {
    case Operation::kRegister:
      return coap::kCreated;
    case Operation::kUpdate:
      return coap::kChanged;
    case Operation::kDeregister:
      return coap::kDeleted;
    case Operation::kOther:
      break;
  }
  return coap::kNotFound;
}

std::optional<std::chrono::seconds> lifetime_in(const coap::Message& request) {
  const auto parameters = lwm2m::server::parse_parameters(request.texts(coap::option::kUriQuery), {});
  return parameters ? parameters->lifetime : std::nullopt;
}

/// The keys that open the packet, and what is in it.
struct Opened {
  SessionKeyRecord* keys;
  Bytes coap;
};
Opened open_packet(lwm2m::ServerLedger& ledger, const MessageContent& message) {
  // Each end-point has a TAR of its own to the server.
  const Tar& tar = message.end_point == EndPoint::kDevice ? lwm2m::kToServer : lwm2m::kToServerFromCard;
  Result<Bytes> opened = fail(ErrorCode::kMismatch, "there are no session keys yet");
  for (SessionKeyRecord* keys : ledger.all()) {
    opened = lwm2m::open_sms(message.content, *keys, tar);
    if (opened) return {keys, *std::move(opened)};
    if (opened.error().code != ErrorCode::kMismatch) break;
  }
  lwm2m_fail(opened.error());
}

}  // namespace

SmsAnswer answer_sms(lwm2m::ServerLedger& ledger, const std::vector<std::string>& messages, const std::string& number, lwm2m::Instant now) {
  const MessageContent message = content_of(messages, SmsContent::kSecuredPacket, Direction::kToServer);
  if (!number.empty() && !ota::is_same_number(number_option("--number", number), message.peer)) {
    throw Exit{kCheckFailed, "the message goes to " + message.peer.text() + "; this server has the number " + number};
  }
  Opened opened = open_packet(ledger, message);
  SessionKeyRecord keys = lwm2m::copy_of(*opened.keys);
  const auto got = coap::parse(opened.coap);
  SmsAnswer out;
  if (!got) {
    (void)ledger.on_message(now, keys, Operation::kOther, std::nullopt);  // its counter is used up
    return out;
  }
  out.got = *got;
  const Operation operation = operation_of(*got);
  const Verdict verdict = ledger.on_message(now, keys, operation, lifetime_in(*got));
  if (!got->code.is_request()) return out;
  coap::Message answer;
  answer.type = coap::Type::kAcknowledgement;
  answer.id = got->id;
  answer.token = got->token;
  answer.code = verdict == Verdict::kAccepted ? success_of(operation) : coap::kBadRequest;
  if (answer.code == coap::kCreated) {
    answer.add(coap::option::kLocationPath, std::string_view("rd"));
    answer.add(coap::option::kLocationPath, std::string_view("1"));
  }
  out.code = answer.code;
  const bool device = message.end_point == EndPoint::kDevice;
  const Bytes packet = lwm2m_value(lwm2m::protect_sms(coap::encode(answer), keys, device ? lwm2m::kToDevice : lwm2m::kToCard));
  if (SessionKeyRecord* there = ledger.find(keys.generation)) there->sent = keys.sent;
  // TP-OA of the answer is the number that the request went to.
  out.messages = messages_to_device(packet, SmsContent::kSecuredPacket, message.peer.text(), message.end_point);
  return out;
}

std::vector<std::string> ask_by_sms(lwm2m::ServerLedger& ledger, const std::string& command, EndPoint end, const std::string& number,
                                    lwm2m::Instant now, Random& random) {
  const auto parsed = lwm2m::server::parse_command(command);
  if (!parsed) throw Exit{kUsage, parsed.error().text};
  auto request = lwm2m_value(lwm2m::server::message_of(*parsed));
  SessionKeyRecord* keys = ledger.for_sending(now);
  if (keys == nullptr) {
    throw Exit{kCheckFailed, "no session keys may be used now: there are none, or they have ended; lwm2m sms refresh sends new ones"};
  }
  std::array<std::uint8_t, 3> fresh{};
  random.fill(fresh);
  request.id = static_cast<std::uint16_t>(fresh[0] << 8 | fresh[1]);
  request.token = {fresh[2]};
  const Tar& tar = end == EndPoint::kDevice ? lwm2m::kToDevice : lwm2m::kToCard;
  const Bytes packet = lwm2m_value(lwm2m::protect_sms(coap::encode(request), *keys, tar));
  return messages_to_device(packet, SmsContent::kSecuredPacket, number, end);
}

namespace {

struct ServerOptions {
  KeyFileOption keys;
  ClockOption clock;
  RefreshOption refresh;
  std::vector<std::string> words;
  std::string number;
  bool by_card = false, awake = false, asleep = false, delivered = false, forgetful = false;
};

/// Keeps the ledger, then lets out what depends on it.
void refresh_and_keep(const ServerOptions& options, const ServerKeyFile& file, lwm2m::ServerLedger& ledger, Random& random,
                      const std::function<void()>& out) {
  file.keep(ledger);  // what was opened is not opened again, whatever becomes of the refresh
  out();
  const auto refresh = make_refresh(options.refresh, ledger, options.clock.now(), random);
  if (!refresh) return;
  file.keep(ledger);
  send_refresh(options.refresh, *refresh);
}

int answer(const ServerOptions& options) {
  crypto::SystemRandom random;
  const ServerKeyFile file(options.keys, random);
  lwm2m::ServerLedger ledger = file.load();
  const SmsAnswer made = answer_sms(ledger, options.words, options.number, options.clock.now());
  refresh_and_keep(options, file, ledger, random, [&] {
    for (const std::string& one : made.messages) std::cout << one << "\n";
    if (made.code != coap::kEmpty) {
      const bool stale = made.code == coap::kBadRequest;
      std::cerr << coap::name(made.code) << (stale ? ": stale keys or an expired registration; the device needs new keys" : "") << "\n";
    } else if (made.got.code != coap::kEmpty) {
      std::cout << coap::name(made.got.code) << " " << visible(lwm2m::server::payload_json(made.got, {}).text()) << "\n";
    } else {
      std::cerr << "a packet without a CoAP message\n";
    }
  });
  return kOk;
}

int ask(const ServerOptions& options) {
  crypto::SystemRandom random;
  const ServerKeyFile file(options.keys, random);
  lwm2m::ServerLedger ledger = file.load();
  if (options.words.size() < 2) throw Exit{kUsage, "ask wants an operation and a path: read /3/0"};
  std::string command = options.words[0] + " device";
  for (std::size_t i = 1; i < options.words.size(); ++i) command += " " + options.words[i];
  const SmsAccountFacts facts = options.refresh.account.read();
  const std::string number = !options.number.empty() ? options.number : !facts.server.empty() ? facts.server : kUsualServer;
  const auto messages =
      ask_by_sms(ledger, command, options.by_card ? EndPoint::kCard : EndPoint::kDevice, number, options.clock.now(), random);
  file.keep(ledger);
  for (const std::string& one : messages) std::cout << one << "\n";
  return kOk;
}

int refresh(const ServerOptions& options) {
  crypto::SystemRandom random;
  const ServerKeyFile file(options.keys, random);
  lwm2m::ServerLedger ledger = file.load();
  const lwm2m::Instant now = options.clock.now();
  if (options.forgetful) ledger.set_renew_on_wake_up(true);
  if (options.asleep) ledger.rules().on_asleep();
  if (options.awake) ledger.rules().on_awake(now);
  const auto& pending = ledger.rules().state().pending;
  if (options.delivered && pending) ledger.rules().on_delivered(pending->key);
  if (options.refresh.way.empty()) throw Exit{kUsage, "--refresh says how new keys go out: rfm, ram, push or push-u"};
  refresh_and_keep(options, file, ledger, random, [] {});
  const auto next = ledger.rules().due_at();
  if (!next) {
    std::cerr << "the device sleeps; next: when it wakes up (--awake)\n";
  } else if (*next > now) {
    std::cerr << "next: in " << (*next - now).count() << " s\n";
  }
  return kOk;
}

}  // namespace

void add_sms_server(App& sms, Action& action) {
  constexpr const char* kNumber = "The server's number";
  const auto add = [](App& command, ServerOptions& options) {
    options.keys.add_to(command, "--server-keys", "File with the server's session keys", true);
    options.clock.add_to(command);
  };

  const auto answering = std::make_shared<ServerOptions>();  // shared with the callbacks, which outlive this function
  auto* answer_command = sms.add_subcommand(
      "answer", "At the server: open a request and make the answer; 4.00 to one under stale keys, and new ones (--refresh)");
  answer_command->add_option("MESSAGE", answering->words, "SMS-SUBMIT in hexadecimal, all parts")->required();
  add(*answer_command, *answering);
  answer_command->add_option("--number", answering->number, "The server's number; a message to another one is refused");
  answering->refresh.add_to(*answer_command);
  set_example(*answer_command, "  uicclab lwm2m sms answer 01000C91... --server-keys server.keys --refresh rfm");
  answer_command->callback([answering, &action] { action = [answering] { return answer(*answering); }; });

  const auto asking = std::make_shared<ServerOptions>();
  auto* ask_command = sms.add_subcommand("ask", "At the server: a request to the device, which its answer comes to lwm2m sms answer for");
  ask_command->add_option("COMMAND", asking->words, "read, discover or execute, and a path: read /3/0")->required();
  add(*ask_command, *asking);
  asking->refresh.account.add_to(*ask_command);
  ask_command->add_option("--number", asking->number, std::string(kNumber) + "; default: the account's");
  ask_command->add_flag("--by-card", asking->by_card, "The packets end in the card");
  set_example(*ask_command, "  uicclab lwm2m sms ask read /3/0 --server-keys server.keys");
  ask_command->callback([asking, &action] { action = [asking] { return ask(*asking); }; });

  const auto refreshing = std::make_shared<ServerOptions>();
  auto* refresh_command = sms.add_subcommand("refresh", "At the server: new session keys, if they are due; when the next ones are");
  add(*refresh_command, *refreshing);
  refresh_command->add_flag("--awake", refreshing->awake, "The device has woken up");
  refresh_command->add_flag("--asleep", refreshing->asleep, "The device sleeps: nothing is sent before it wakes up");
  refresh_command->add_flag("--delivered", refreshing->delivered, "The keys that are on their way arrived (proof of receipt)");
  refresh_command->add_flag("--forgetful", refreshing->forgetful,
                            "The device keeps no keys while it sleeps: it gets new ones at each wake-up");
  refreshing->refresh.add_to(*refresh_command);
  set_example(*refresh_command,
              "  uicclab lwm2m sms refresh --server-keys server.keys --refresh rfm --smsc 127.0.0.1:2775 --to +491710000001");
  refresh_command->callback([refreshing, &action] { action = [refreshing] { return refresh(*refreshing); }; });
}

}  // namespace uicclab::cli
