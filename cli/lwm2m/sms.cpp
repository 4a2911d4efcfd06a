// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m sms: messages of the SMS binding, secured with session keys, at the device (send, receive) and at the server (answer).
#include <iostream>

#include "cli/lwm2m/card_end.hpp"
#include "cli/lwm2m/key_file.hpp"
#include "cli/lwm2m/lwm2m.hpp"
#include "cli/lwm2m/messages.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"
#include "lwm2m/device/registration.hpp"
#include "lwm2m/secured_sms.hpp"
#include "lwm2m/session_key_rules.hpp"

namespace uicclab::cli {
namespace {

namespace device = lwm2m::device;
namespace coap = lwm2m::coap;
using lwm2m::SessionKeyRecord;

struct SmsOptions {
  KeyFileOption keys;
  CardOption card;
  bool by_card = false;
  std::vector<std::string> messages;
  std::string operation, endpoint, location, number = "+491710000000";
  std::optional<std::uint32_t> lifetime;
  bool before = false;
};

SessionKeyRecord need_keys(const KeyFile& file, bool before) {
  auto record = before ? file.load_before() : file.load();
  if (!record) throw Exit{kCheckFailed, before ? "there are no keys before those in use" : "there are no session keys yet"};
  return *std::move(record);
}

void keep(KeyFile& file, const SessionKeyRecord& record, bool before) {
  if (before) {
    file.keep_before(record);
  } else {
    file.keep(record);
  }
}

coap::Message request_of(const SmsOptions& options) {
  if (options.operation == "register") {
    if (options.endpoint.empty()) throw Exit{kUsage, "register wants --endpoint"};
    device::RegistrationRequest request;
    request.endpoint = options.endpoint;
    request.lifetime = std::chrono::seconds(options.lifetime.value_or(86400));
    request.binding = "S";
    request.objects = "</1/0>,</3/0>";
    return device::register_message(request);
  }
  if (options.location.empty()) throw Exit{kUsage, options.operation + " wants --location"};
  std::optional<std::chrono::seconds> lifetime;
  if (options.lifetime) lifetime = std::chrono::seconds(*options.lifetime);
  return options.operation == "update" ? device::update_message(options.location, lifetime) : device::deregister_message(options.location);
}

/// One end has the keys: the device, in its file, or the card.
void check_end(const SmsOptions& options) {
  if (options.by_card == options.keys.name.empty()) return;
  throw Exit{kUsage, "who has the session keys: --device-keys FILE, or --by-card"};
}

int send(const SmsOptions& options) {
  check_end(options);
  crypto::SystemRandom random;
  if (options.by_card) {
    coap::Message request = request_of(options);
    std::array<std::uint8_t, 2> id{};
    random.fill(id);
    request.id = static_cast<std::uint16_t>(id[0] * 256 + id[1]);
    for (const std::string& one : CardEnd(options.card).send(coap::encode(request))) std::cout << one << "\n";
    return kOk;
  }
  KeyFile file(options.keys, random);
  SessionKeyRecord record = need_keys(file, options.before);
  coap::Message request = request_of(options);
  request.id = static_cast<std::uint16_t>(record.sent + 1);
  const Bytes packet = lwm2m_value(lwm2m::protect_sms(coap::encode(request), record, lwm2m::kToServer));
  keep(file, record, options.before);
  for (const std::string& one : messages_to_server(packet, options.number)) std::cout << one << "\n";
  return kOk;
}

Bytes open_in_device(const SmsOptions& options) {
  crypto::SystemRandom random;
  KeyFile file(options.keys, random);
  SessionKeyRecord record = need_keys(file, options.before);
  const Bytes packet = content_of(options.messages, SmsContent::kSecuredPacket);
  Bytes plain = lwm2m_value(lwm2m::open_sms(packet, record, lwm2m::kToDevice));
  keep(file, record, options.before);
  return plain;
}

int receive(const SmsOptions& options) {
  check_end(options);
  const Bytes plain = options.by_card ? CardEnd(options.card).receive(options.messages) : open_in_device(options);
  const auto message = lwm2m_value(coap::parse(plain));
  std::string location;
  for (const std::string& one : message.texts(coap::option::kLocationPath)) location += (location.empty() ? "" : "/") + one;
  std::cout << coap::name(message.code) << (location.empty() ? "" : ", location " + visible(location)) << "\n";
  return message.code.is_success() ? kOk : kCheckFailed;
}

lwm2m::Operation operation_of(const coap::Message& request) {
  const auto path = request.texts(coap::option::kUriPath);
  if (path.empty() || path[0] != "rd") return lwm2m::Operation::kOther;
  if (request.code == coap::kDelete) return lwm2m::Operation::kDeregister;
  return path.size() == 1 ? lwm2m::Operation::kRegister : lwm2m::Operation::kUpdate;
}

/// Keys of the server's file, and how far their counter was when the file was opened.
struct ServerKeys {
  SessionKeyRecord record;
  std::uint64_t received = 0;
};
std::optional<ServerKeys> server_keys(std::optional<SessionKeyRecord> record) {
  if (!record) return std::nullopt;
  const std::uint64_t received = record->received;
  return ServerKeys{*std::move(record), received};
}

/// The server's rules say 4.00 to stale keys. Their history is what the file tells: keys that a message came under before were used for a
/// registration, and the keys in use came after those before them.
bool is_stale(const ServerKeys& now, const std::optional<ServerKeys>& before, bool under_before, lwm2m::Operation operation) {
  constexpr std::uint64_t kBefore = 1, kNow = 2;
  const auto lifetime_of = [](const SessionKeyRecord& record) {
    return record.lifetime.count() != 0 ? record.lifetime : std::chrono::seconds(86400);
  };
  lwm2m::ServerKeyRules rules({});
  const auto tell = [&](std::uint64_t key, const ServerKeys& keys) {
    rules.issue(lwm2m::Instant(0), key);
    if (keys.received == 0) return;
    (void)rules.on_message(lwm2m::Instant(0), {key, keys.received, lwm2m::Operation::kRegister, lifetime_of(keys.record)});
  };
  if (before) tell(kBefore, *before);
  tell(kNow, now);
  const SessionKeyRecord& record = under_before ? before->record : now.record;
  const auto verdict =
      rules.on_message(lwm2m::Instant(0), {under_before ? kBefore : kNow, record.received, operation, lifetime_of(record)});
  return verdict != lwm2m::ServerKeyRules::Verdict::kAccepted;
}

coap::Code success_of(lwm2m::Operation operation) {
  switch (operation) {
    case lwm2m::Operation::kRegister:
      return coap::kCreated;
    case lwm2m::Operation::kUpdate:
      return coap::kChanged;
    case lwm2m::Operation::kDeregister:
      return coap::kDeleted;
    case lwm2m::Operation::kOther:
      break;
  }
  return coap::kNotFound;
}

int answer(const SmsOptions& options) {
  crypto::SystemRandom random;
  KeyFile file(options.keys, random);
  const Bytes packet = content_of(options.messages, SmsContent::kSecuredPacket);
  ServerKeys now = *server_keys(need_keys(file, false));
  std::optional<ServerKeys> old = server_keys(file.load_before());
  // Each end-point has a TAR of its own to the server.
  Result<Bytes> plain = fail(ErrorCode::kMismatch, "");
  SmsEnd end = SmsEnd::kDevice;
  const auto opened = [&](SessionKeyRecord& keys) {
    plain = lwm2m::open_sms(packet, keys, lwm2m::kToServer);
    end = SmsEnd::kDevice;
    if (plain || plain.error().code != ErrorCode::kMismatch) return true;
    plain = lwm2m::open_sms(packet, keys, lwm2m::kToServerFromCard);
    end = SmsEnd::kCard;
    return plain || plain.error().code != ErrorCode::kMismatch;
  };
  const bool before = !opened(now.record) && old && opened(old->record);
  SessionKeyRecord& record = before ? old->record : now.record;
  const auto request = coap::parse(lwm2m_value(std::move(plain)));
  keep(file, record, before);  // looked at once, whatever is in it
  if (!request) lwm2m_fail(request.error());
  const auto operation = operation_of(*request);
  coap::Message out;
  out.type = coap::Type::kAcknowledgement;
  out.id = request->id;
  out.token = request->token;
  out.code = is_stale(now, old, before, operation) ? coap::kBadRequest : success_of(operation);
  if (out.code == coap::kCreated) {
    out.add(coap::option::kLocationPath, std::string_view("rd"));
    out.add(coap::option::kLocationPath, std::string_view("1"));
  }
  const Bytes reply = lwm2m_value(lwm2m::protect_sms(coap::encode(out), record, end == SmsEnd::kCard ? lwm2m::kToCard : lwm2m::kToDevice));
  keep(file, record, before);
  for (const std::string& one : messages_to_device(reply, SmsContent::kSecuredPacket, options.number, end)) std::cout << one << "\n";
  std::cerr << coap::name(out.code) << (out.code == coap::kBadRequest ? ": stale keys; the device needs new ones" : "") << "\n";
  return kOk;
}

void add_card_end(App& command, SmsOptions& options) {
  command.add_flag("--by-card", options.by_card, "The card has the keys: its SMS security application opens and makes the packets");
  options.card.add_to(command);
}

}  // namespace

void add_lwm2m_sms(App& lwm2m, Action& action) {
  auto* sms = lwm2m.add_subcommand("sms", "Messages of the SMS binding, secured with session keys");
  sms->require_subcommand();
  constexpr const char* kNumber = "The server's number";

  const auto sending = std::make_shared<SmsOptions>();  // shared with the callbacks, which outlive this function
  auto* send_command = sms->add_subcommand("send", "At the device: a request as short messages to the server");
  send_command->add_option("OPERATION", sending->operation, "register, update or deregister")
      ->required()
      ->check(OneOf{{"register", "update", "deregister"}});
  sending->keys.add_to(*send_command, "--device-keys", "File with the device's session keys", false);
  add_card_end(*send_command, *sending);
  send_command->add_option("--endpoint", sending->endpoint, "Endpoint name to register with");
  send_command->add_option("--location", sending->location, "Location of the registration, of update and deregister");
  send_command->add_option("--lifetime", sending->lifetime, "Of the registration, in seconds");
  send_command->add_option("--number", sending->number, kNumber)->capture_default_str();
  send_command->add_flag("--before", sending->before, "With the keys before those in use, as a device that missed the new ones");
  set_example(*send_command, "  uicclab lwm2m sms send register --endpoint device-1 --device-keys device.keys");
  send_command->callback([sending, &action] { action = [sending] { return send(*sending); }; });

  const auto receiving = std::make_shared<SmsOptions>();
  auto* receive_command = sms->add_subcommand("receive", "At the device: open the server's answer, and print its code");
  receive_command->add_option("MESSAGE", receiving->messages, "SMS-DELIVER in hexadecimal, all parts")->required();
  receiving->keys.add_to(*receive_command, "--device-keys", "File with the device's session keys", false);
  add_card_end(*receive_command, *receiving);
  receive_command->add_flag("--before", receiving->before, "With the keys before those in use");
  set_example(*receive_command, "  uicclab lwm2m sms receive 440B9194... --device-keys device.keys");
  receive_command->callback([receiving, &action] { action = [receiving] { return receive(*receiving); }; });

  const auto answering = std::make_shared<SmsOptions>();
  auto* answer_command = sms->add_subcommand("answer", "At the server: open a request and make the answer; 4.00 to one under stale keys");
  answer_command->add_option("MESSAGE", answering->messages, "SMS-SUBMIT in hexadecimal, all parts")->required();
  answering->keys.add_to(*answer_command, "--server-keys", "File with the server's session keys", true);
  answer_command->add_option("--number", answering->number, kNumber)->capture_default_str();
  set_example(*answer_command, "  uicclab lwm2m sms answer 01000C91... --server-keys server.keys");
  answer_command->callback([answering, &action] { action = [answering] { return answer(*answering); }; });
}

}  // namespace uicclab::cli
