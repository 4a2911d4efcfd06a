// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m sms send, receive: the device's end.
#include <iostream>

#include "cli/lwm2m/card_end.hpp"
#include "cli/lwm2m/files.hpp"
#include "cli/lwm2m/key_file.hpp"
#include "cli/lwm2m/lwm2m.hpp"
#include "cli/lwm2m/sms_ends.hpp"
#include "core/crypto/random.hpp"
#include "core/visible.hpp"
#include "core/wall_clock.hpp"
#include "lwm2m/device/object_tree.hpp"
#include "lwm2m/device/registration.hpp"
#include "lwm2m/secured_sms.hpp"

namespace uicclab::cli {
namespace {

namespace device = lwm2m::device;
namespace coap = lwm2m::coap;
using lwm2m::Operation;
using lwm2m::SessionKeyRecord;
using Refusal = lwm2m::DeviceKeyRules::Refusal;

struct DeviceOptions {
  KeyFileOption keys;
  ClockOption clock;
  CardOption card;
  bool by_card = false;
  std::vector<std::string> messages;
  std::string operation, endpoint, location, number, account;
  std::optional<std::uint32_t> lifetime;
  bool before = false, stale = false;
};

/// The keys are in the device's file, or in the card; then the file remembers what they were used for.
void check_end(const DeviceOptions& options) {
  if (options.by_card || !options.keys.name.empty()) return;
  throw Exit{kUsage, "give the place of the session keys: --device-keys FILE, or --by-card"};
}

/// The keys in force, as EF_LWM2M_Bootstrap has them: to be known again.
void take_from_card(const DeviceOptions& options, lwm2m::DeviceLedger& ledger) {
  Atr atr;
  const auto card = options.card.open(atr);
  const auto reading = lwm2m_value(device::CardBootstrap(card->port(), {}).read());
  const auto account = lwm2m::find_sms_account(reading.file);
  if (!account) throw Exit{kCheckFailed, "the card's bootstrap file has no account with secured packets over SMS"};
  const SmsAccountFacts facts = sms_facts_of(reading.file);
  if (facts.registration && !ledger.content().registered_until) ledger.content().registration = *facts.registration;
  SessionKeyRecord record;
  record.generation = static_cast<std::uint32_t>(ledger.content().rules.generation + 1);
  record.kic = account->binding.kic;
  record.kid = account->binding.kid;
  record.keys = account->keys.clone();
  (void)ledger.take(options.clock.now(), record);
}

Operation operation_of(const std::string& word) {
  return word == "register" ? Operation::kRegister : word == "update" ? Operation::kUpdate : Operation::kDeregister;
}

coap::Message request_of(const DeviceOptions& options, const lwm2m::DeviceLedger::Content& known, std::chrono::seconds lifetime) {
  if (options.operation == "register") {
    if (options.endpoint.empty()) throw Exit{kUsage, "register needs --endpoint"};
    device::RegistrationRequest request;
    request.endpoint = options.endpoint;
    request.lifetime = lifetime;
    request.binding = "S";
    request.objects = "</1/0>,</3/0>";
    return device::register_message(request);
  }
  const std::string& location = options.location.empty() ? known.location : options.location;
  if (location.empty()) throw Exit{kUsage, options.operation + " wants --location: the device knows of no registration"};
  std::optional<std::chrono::seconds> told;
  if (options.lifetime) told = lifetime;
  return options.operation == "update" ? device::update_message(location, told) : device::deregister_message(location);
}

/// Why nothing is sent, and what to do (SMS session-key CR, clause 7.2.2.1).
[[noreturn]] void refuse(Refusal refusal, const std::string& operation) {
  constexpr const char* kTake = "take the new ones (lwm2m keys --device-keys, lwm2m take-push)";
  constexpr const char* kAsk = "; without new ones on their way, send --stale: the server answers 4.00 and sends some";
  switch (refusal) {
    case Refusal::kNoKeys:
      throw Exit{kCheckFailed, std::string("there are no session keys yet: ") + kTake};
    case Refusal::kExpired:
      throw Exit{kCheckFailed, std::string("the session keys have ended, with the registration or their own lifetime: ") + kTake + kAsk};
    case Refusal::kUsed:
      throw Exit{kCheckFailed,
                 "the session keys were used for a Register or Update, and " + operation + " wants fresh ones: " + kTake + kAsk};
    case Refusal::kCounter:
    case Refusal::kNone:
      break;
  }
  throw Exit{kCheckFailed, std::string("the counter of the session keys is used up: ") + kTake};
}

SessionKeyRecord& keys_in(lwm2m::DeviceLedger& ledger, bool before) {
  auto& keys = before ? ledger.content().before : ledger.content().now;
  if (!keys) {
    throw Exit{kCheckFailed, before ? "there are no previous keys" : "there are no session keys yet: lwm2m keys, lwm2m take-push"};
  }
  return *keys;
}

std::string server_of(const DeviceOptions& options, const lwm2m::DeviceLedger::Content& known) {
  return !options.number.empty() ? options.number : !known.server.empty() ? known.server : kUsualServer;
}

int send(const DeviceOptions& options) {
  check_end(options);
  crypto::SystemRandom random;
  const DeviceKeyFile file(options.keys, random);
  const bool remembers = !options.keys.name.empty();
  lwm2m::DeviceLedger ledger = remembers ? file.load() : lwm2m::DeviceLedger();
  if (options.by_card && remembers) take_from_card(options, ledger);
  auto& known = ledger.content();
  const Operation operation = operation_of(options.operation);
  const auto lifetime = operation == Operation::kDeregister ? std::chrono::seconds(0)
                        : options.lifetime                  ? std::chrono::seconds(*options.lifetime)
                                                            : known.registration;
  coap::Message request = request_of(options, known, lifetime);
  if (!options.before && remembers) {
    const Refusal refusal = ledger.begin(options.clock.now(), operation, lifetime, options.stale);
    if (refusal != Refusal::kNone) refuse(refusal, options.operation);
  }
  if (options.by_card) {
    std::array<std::uint8_t, 2> id{};
    random.fill(id);
    request.id = static_cast<std::uint16_t>(id[0] * 256 + id[1]);
    if (remembers) file.keep(ledger);
    for (const std::string& one : CardEnd(options.card).send(coap::encode(request))) std::cout << one << "\n";
    return kOk;
  }
  SessionKeyRecord& keys = keys_in(ledger, options.before);
  request.id = static_cast<std::uint16_t>(keys.sent + 1);
  const Bytes packet = lwm2m_value(lwm2m::protect_sms(coap::encode(request), keys, lwm2m::kToServer));
  known.server = server_of(options, known);
  const auto messages = messages_to_server(packet, number_option("--number", known.server));
  file.keep(ledger);
  for (const std::string& one : messages) std::cout << one << "\n";
  return kOk;
}

/// Read and Discover, and Registration Update Trigger. What a Write changed would be lost with this process, so nothing else is taken.
coap::Message answer_to(const coap::Message& request, const DeviceOptions& options) {
  const lwm2m::BootstrapFile account = options.account.empty() ? lwm2m::BootstrapFile() : read_bootstrap(options.account);
  device::DeviceFacts facts;
  facts.firmware = UICCLAB_VERSION;
  facts.binding = "S";
  bool update = false;
  device::ObjectTree tree(account, 1, facts,
                          {.date = [] { return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now()); },
                           .executed = [&](device::ObjectTree::Executed what) { update = what == device::ObjectTree::Executed::kUpdate; }});
  const std::string path = coap::path_of(request);
  const bool trigger = request.code == coap::kPost && path.starts_with("/1/") && path.ends_with("/8");
  coap::Message out;
  if (request.code == coap::kGet || trigger) {
    coap::Message asked = request;
    std::erase_if(asked.options, [](const coap::Option& one) { return one.number == coap::option::kObserve; });  // nobody would notify
    out = tree.answer(asked, WallClock().now());
    if (update) std::cerr << "the server wants an Update: lwm2m sms send update\n";
  } else {
    out.code = coap::kMethodNotAllowed;
  }
  out.type = coap::Type::kAcknowledgement;
  out.id = request.id;
  out.token = request.token;
  std::cerr << "a request of the server for " << visible(path) << ": answered " << coap::name(out.code) << "\n";
  return out;
}

int tell(const coap::Message& message, const std::string& location) {
  std::cout << coap::name(message.code) << (location.empty() ? "" : ", location " + visible(location)) << "\n";
  if (message.code == coap::kBadRequest)
    std::cerr << "stale keys, or an expired registration: wait for new keys, take them, and register\n";
  return message.code.is_success() ? kOk : kCheckFailed;
}

int receive_by_card(const DeviceOptions& options) {
  CardEnd card(options.card);
  const auto got = card.receive(options.messages);
  const auto message = lwm2m_value(coap::parse(got.coap));
  if (!message.code.is_request()) {
    const std::string location = device::location_of(message);
    if (!options.keys.name.empty() && message.type == coap::Type::kAcknowledgement && message.code.is_success()) {
      crypto::SystemRandom random;
      const DeviceKeyFile file(options.keys, random);
      lwm2m::DeviceLedger ledger = file.load();
      ledger.on_success(options.clock.now(), location);
      file.keep(ledger);
    }
    return tell(message, location);
  }
  // TP-OA of the request is TP-DA of the answer (LwM2M 1.0 clause 7.2.2.2).
  for (const std::string& one : card.send(coap::encode(answer_to(message, options)), got.from)) std::cout << one << "\n";
  return kOk;
}

int receive(const DeviceOptions& options) {
  check_end(options);
  if (options.by_card) return receive_by_card(options);
  crypto::SystemRandom random;
  const DeviceKeyFile file(options.keys, random);
  lwm2m::DeviceLedger ledger = file.load();
  auto& known = ledger.content();
  const MessageContent content = content_of(options.messages, SmsContent::kSecuredPacket, Direction::kToDevice);
  if (content.end_point != EndPoint::kDevice)
    throw Exit{kCheckFailed, "this message is for the card (class 2, TP-PID 7F): receive it --by-card"};
  const std::string server = server_of(options, known);
  if (!ota::is_same_number(number_option("--number", server), content.peer)) {
    throw Exit{kCheckFailed, "the message is from " + content.peer.text() + ", which is not the server's number, " + server + "; dropped"};
  }
  SessionKeyRecord& keys = keys_in(ledger, options.before);
  const Bytes plain = lwm2m_value(lwm2m::open_sms(content.content, keys, lwm2m::kToDevice));
  const auto message = coap::parse(plain);
  const lwm2m::Instant now = options.clock.now();
  if (message && !message->code.is_request()) {
    const bool waited = message->type == coap::Type::kAcknowledgement;
    if (waited && message->code.is_success() && !options.before) ledger.on_success(now, device::location_of(*message));
    file.keep(ledger);
    return tell(*message, device::location_of(*message));
  }
  file.keep(ledger);  // looked at once, whatever is in it
  if (!message) lwm2m_fail(message.error());
  if (ledger.is_expired(now)) throw Exit{kCheckFailed, "a request of the server under session keys that have ended; nothing is answered"};
  const Bytes answer = lwm2m_value(lwm2m::protect_sms(coap::encode(answer_to(*message, options)), keys, lwm2m::kToServer));
  file.keep(ledger);
  for (const std::string& one : messages_to_server(answer, content.peer)) std::cout << one << "\n";
  return kOk;
}

/// What a terminal does with short messages of class 2: the card is asked, and answers the network.
int deliver(const DeviceOptions& options) {
  CardEnd(options.card).deliver(options.messages);
  return kOk;
}

void add_card_end(App& command, DeviceOptions& options) {
  options.keys.add_to(command, "--device-keys",
                      "File with the device's session keys; with --by-card it remembers what those of the card were used for", false);
  options.clock.add_to(command);
  command.add_flag("--by-card", options.by_card, "The card has the keys: its SMS security application opens and makes the packets");
  options.card.add_to(command);
  command.add_option("--number", options.number, "The server's number; default: that of the last request, else +491710000000");
}

}  // namespace

void add_sms_device(App& sms, Action& action) {
  const auto sending = std::make_shared<DeviceOptions>();  // shared with the callbacks, which outlive this function
  auto* send_command = sms.add_subcommand("send", "At the device: a request as short messages to the server");
  send_command->add_option("OPERATION", sending->operation, "register, update or deregister")
      ->required()
      ->check(OneOf{{"register", "update", "deregister"}});
  add_card_end(*send_command, *sending);
  send_command->add_option("--endpoint", sending->endpoint, "Endpoint name to register with");
  send_command->add_option("--location", sending->location, "Of update and deregister; default: what the server's 2.01 said");
  send_command->add_option("--lifetime", sending->lifetime, "Lifetime of the registration in seconds")->check(Range{1, 0xFFFFFFFFLL});
  send_command->add_flag("--before", sending->before, "Use the previous keys, as a device that missed the new ones");
  send_command->add_flag("--stale", sending->stale,
                         "Also with keys that were used or have ended: the server answers 4.00 and sends new ones");
  set_example(*send_command, "  uicclab lwm2m sms send register --endpoint device-1 --device-keys device.keys");
  send_command->callback([sending, &action] { action = [sending] { return send(*sending); }; });

  const auto delivering = std::make_shared<DeviceOptions>();
  auto* deliver_command =
      sms.add_subcommand("deliver", "At the terminal: bring the card short messages of class 2, as those of a refresh by rfm or ram");
  deliver_command->add_option("MESSAGE", delivering->messages, "SMS-DELIVER in hexadecimal, all parts")->required();
  delivering->card.add_to(*deliver_command);
  set_example(*deliver_command, "  uicclab lwm2m sms deliver 440B9194... --state card.db");
  deliver_command->callback([delivering, &action] { action = [delivering] { return deliver(*delivering); }; });

  const auto receiving = std::make_shared<DeviceOptions>();
  auto* receive_command =
      sms.add_subcommand("receive", "At the device: open what the server sent; print the code of an answer, or answer a request");
  receive_command->add_option("MESSAGE", receiving->messages, "SMS-DELIVER in hexadecimal, all parts")->required();
  add_card_end(*receive_command, *receiving);
  receive_command->add_option("--account", receiving->account, std::string("What a request reads of objects 1 and 2: ") + kBootstrapForms);
  receive_command->add_flag("--before", receiving->before, "Use the previous keys");
  set_example(*receive_command, "  uicclab lwm2m sms receive 440B9194... --device-keys device.keys");
  receive_command->callback([receiving, &action] { action = [receiving] { return receive(*receiving); }; });
}

}  // namespace uicclab::cli
