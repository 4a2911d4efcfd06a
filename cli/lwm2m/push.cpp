// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m push, take-push: session keys by GBA Push, the network's end (HSS, BSF and NAF in one) and the device's with its card.
#include "cli/lwm2m/push.hpp"

#include <iostream>

#include "cli/card/pin_option.hpp"
#include "cli/common/secret_text.hpp"
#include "cli/gba/gba.hpp"
#include "cli/gba/subscriber_file.hpp"
#include "cli/gba/take.hpp"
#include "cli/lwm2m/key_file.hpp"
#include "cli/lwm2m/lwm2m.hpp"
#include "cli/lwm2m/messages.hpp"
#include "cli/lwm2m/sms_account.hpp"
#include "core/ber_tlv.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "core/json.hpp"
#include "core/reader.hpp"
#include "core/transceive.hpp"

namespace uicclab::cli {
namespace {

constexpr const char* kDefaultBsf = "bsf.uicclab.example";

lwm2m::SessionKeyRecord record_of(lwm2m::SmsKeys keys, lwm2m::SmsAlgorithm algorithm, std::uint32_t generation, std::uint32_t lifetime) {
  lwm2m::SessionKeyRecord record;
  record.generation = generation;
  record.kic = record.kid = lwm2m::indicator_of(algorithm);
  record.lifetime = std::chrono::seconds(lifetime);
  record.keys = std::move(keys);
  return record;
}

// --- the network ---

struct PushOptions {
  PushOption push;
  std::string auts, number;
  std::uint32_t lifetime = 0;
  SmsAccountOption account;
  KeyFileOption server;
  ClockOption clock;
  bool json = false;
};

int push(const PushOptions& options) {
  crypto::SystemRandom random;
  const ServerKeyFile file(options.server, random);
  lwm2m::ServerLedger ledger = options.server.name.empty() ? lwm2m::ServerLedger() : file.load();
  const SmsAccountFacts facts = options.account.read();
  check_lifetime(options.lifetime, facts, ledger);
  if (facts.registration) ledger.set_registration(*facts.registration);
  const auto algorithm = algorithm_for(facts, ledger);
  MadePush made = make_push(options.push, options.lifetime, algorithm, options.auts);
  if (!options.server.name.empty()) {
    ledger.issue(options.clock.now(), record_of(std::move(made.keys), algorithm, ledger.next_generation(), options.lifetime), made.gpi);
    file.keep(ledger);
  }
  const std::string number = !options.number.empty() ? options.number : !facts.server.empty() ? facts.server : kUsualServer;
  const auto messages = messages_to_device(made.gpi, SmsContent::kPush, number);
  if (options.json) {
    Json list = Json::array();
    for (const std::string& one : messages) list.add(Json(one));
    Json out = Json::object();
    out.set("gpi", Json(to_hex(made.gpi))).set("rand", Json(to_hex(made.rand))).set("messages", list);
    std::cout << out.text() << "\n";
  } else {
    for (const std::string& one : messages) std::cout << one << "\n";
  }
  return kOk;
}

// --- the device ---

struct TakeOptions {
  CardOption card;
  TraceOption trace;
  std::vector<std::string> messages;
  std::string pin;
  SmsAccountOption account;
  KeyFileOption device;
  ClockOption clock;
};

using lwm2m::device::CardFiles;

void select_pkcs15(CardFiles& files) {
  const auto application = lwm2m_value(files.select_application(lwm2m::kPkcs15Aid));
  if (!application.status.is_success()) throw Exit{kCheckFailed, "no PKCS #15 application: SELECT answers " + to_hex(application.status)};
}

/// In the card KIc and KID come from Ks_int_NAF (docs/formats/session-keys.md, "On the card").
void derive_in_card(CardPort& port, CardFiles& files, const gba::PushInfo& info) {
  select_pkcs15(files);
  const Bytes fields = concat({ber::encode(0x80, info.naf_id), ber::encode(0x81, ByteWriter().u32(info.lifetime).view())});
  const Bytes request = ber::encode(0xA4, fields);
  const auto answer =
      lwm2m_value(transceive(port, apdu::Command{.cla = 0x80, .ins = 0xE2, .p1 = 0x90, .p2 = 0x00, .data = request, .le = std::nullopt}));
  if (answer.status != sw::kOk) throw Exit{kCheckFailed, "the card derives no session keys from the push: " + to_hex(answer.status)};
}

/// What EF_LWM2M_Bootstrap says, if the card shows it.
SmsAccountFacts facts_on_card(CardPort& port, const std::string& pin) {
  lwm2m::device::CardAccess access;
  if (!pin.empty()) access.pin = pin_value(pin, "--pin");
  const auto reading = lwm2m::device::CardBootstrap(port, std::move(access)).read();
  return reading ? sms_facts_of(reading->file) : SmsAccountFacts();
}

lwm2m::SmsAlgorithm algorithm_before(const lwm2m::DeviceLedger& ledger) {
  const auto& now = ledger.content().now;
  return (now ? lwm2m::algorithm_of(now->kic, now->kid) : std::nullopt).value_or(lwm2m::SmsAlgorithm::kAes128);
}

const char* word_of(lwm2m::SmsAlgorithm algorithm) {
  return algorithm == lwm2m::SmsAlgorithm::kAes128 ? "AES" : "triple DES";
}

int take(const TakeOptions& options) {
  Bytes gpi;
  if (options.messages.size() == 1 && options.messages[0].starts_with("475049")) {
    const auto bytes = from_hex(options.messages[0]);
    if (!bytes) throw Exit{kUsage, options.messages[0] + ": " + bytes.error().text};
    gpi = *bytes;
  } else {
    MessageContent message = content_of(options.messages, SmsContent::kPush, Direction::kToDevice);
    if (message.end_point != EndPoint::kDevice) {
      throw Exit{kCheckFailed,
                 "a GBA Push Info comes with TP-PID 7D and class 1 (SMS session-key CR, clause 7.2.2.1); this is a message for the card"};
    }
    gpi = std::move(message.content);
  }
  const auto push = gba::parse_push(gpi);
  if (push && push->info.mode == gba::PushMode::kMe && options.device.name.empty()) {
    throw Exit{kUsage, "this push is of GBA_ME: --device-keys says where its keys are kept; nothing was asked of the card"};
  }
  crypto::SystemRandom random;
  const DeviceKeyFile file(options.device, random);
  lwm2m::DeviceLedger ledger = options.device.name.empty() ? lwm2m::DeviceLedger() : file.load();  // a wrong storage key shows here
  SmsAccountFacts facts = options.account.read();
  Trace trace(options.trace);
  Atr atr;
  const auto card = options.card.open(atr, trace.sink());
  if (auto* guard = card->guard()) guard->allow_management(true);  // STORE DATA is how the card is given what it shall derive keys from
  CardFiles files(card->port());
  if (push && push->info.mode == gba::PushMode::kUicc) select_pkcs15(files);  // a card without it shows before the push is spent
  const CardSubscriber subscriber = subscriber_of(files, options.pin);
  const auto received = take_push(card->port(), gpi, subscriber.impi, {});
  const gba::PushInfo& info = received.info;
  if (info.mode == gba::PushMode::kUicc) {
    derive_in_card(card->port(), files, info);
    std::cout << "GBA_U: the card made the session keys, lifetime "
              << (info.lifetime == 0 ? std::string("that of the registration") : std::to_string(info.lifetime) + " s") << "\n";
    return kOk;
  }
  if (!facts.algorithm) facts = facts_on_card(card->port(), options.pin);
  const auto algorithm = facts.algorithm.value_or(algorithm_before(ledger));
  auto keys = lwm2m_value(lwm2m::truncate(lwm2m::derive_dm_keys(received.ks_naf), algorithm));
  if (facts.registration && !ledger.content().registered_until) ledger.content().registration = *facts.registration;
  if (!facts.server.empty()) ledger.content().server = facts.server;
  const auto generation = static_cast<std::uint32_t>(ledger.content().rules.generation + 1);
  (void)ledger.take(options.clock.now(), record_of(std::move(keys), algorithm, generation, info.lifetime));
  file.keep(ledger);
  std::cout << "GBA_ME: the device has the session keys, generation " << generation << ", " << word_of(algorithm) << ", lifetime "
            << (info.lifetime == 0 ? std::string("that of the registration") : std::to_string(info.lifetime) + " s") << "\n";
  return kOk;
}

}  // namespace

PushOption::PushOption() : bsf(kDefaultBsf), ua(to_hex(gba::kDefaultUaProtocol)) {}

void PushOption::add_names_to(App& command) {
  command.add_option("--application", application, "Label of the application")->capture_default_str();
  command.add_option("--bsf", bsf, "Name of the BSF")->capture_default_str();
  command.add_option("--ua", ua, "Ua security protocol identifier, 10 hexadecimal digits; the default is one for private use")
      ->capture_default_str();
}

MadePush make_push(const PushOption& option, std::uint32_t lifetime, lwm2m::SmsAlgorithm algorithm, const std::string& resync) {
  gba::ZpnRequest request;
  request.naf_id = naf_id_option("--naf", option.naf + "/" + option.ua);
  request.lifetime = lifetime;
  request.mode = option.mode == "me" ? gba::PushMode::kMe : gba::PushMode::kUicc;
  request.application = option.application;
  if (!resync.empty()) request.resynchronisation = resynchronisation_of("--resync", resync);
  const auto made = push_for_file(option.subscriber, option.bsf, request);
  const crypto::SecretBytes& ks_naf = made.uicc_key.empty() ? made.me_key : made.uicc_key;
  const auto push = gba::parse_push(made.gpi);
  if (!push) throw Exit{kUsage, "--application and --bsf must be texts in UTF-8: " + push.error().text};
  return {made.gpi, push->info.rand, lwm2m_value(lwm2m::truncate(lwm2m::derive_dm_keys(ks_naf), algorithm))};
}

void add_lwm2m_push(App& lwm2m, Action& action) {
  const auto pushing = std::make_shared<PushOptions>();  // shared with the callbacks, which outlive this function
  auto* push_command =
      lwm2m.add_subcommand("push", "The network's end of GBA Push: make session keys and the short messages that carry them");
  push_command
      ->add_option("SUBSCRIBER", pushing->push.subscriber,
                   "File in TOML: imsi, mnc_digits (default 2), k, opc; the sequence number is kept in SUBSCRIBER.sqn")
      ->required();
  push_command->add_option("--naf", pushing->push.naf, "Name of the LwM2M server that the keys are for")->required();
  push_command->add_option("--mode", pushing->push.mode, "me: the device gets the keys; uicc: they stay in the card")
      ->check(OneOf{{"me", "uicc"}})
      ->capture_default_str();
  push_command
      ->add_option("--lifetime", pushing->lifetime, "Of the keys, in seconds, no longer than the registration; 0: that of the registration")
      ->capture_default_str();
  pushing->push.add_names_to(*push_command);
  pushing->account.add_to(*push_command);
  push_command->add_option("--number", pushing->number, "The server's number, which sends the short messages; default: the account's");
  push_command->add_option("--resync", pushing->auts, "RAND:AUTS of a device that refused: continue from its card's sequence number");
  pushing->server.add_to(*push_command, "--server-keys", "Keep the session keys encrypted in this file, for lwm2m sms answer", false);
  pushing->clock.add_to(*push_command);
  push_command->add_flag("--json", pushing->json, "As JSON");
  set_example(*push_command, "  uicclab lwm2m push subscriber.toml --naf lwm2m.example --server-keys server.keys");
  push_command->callback([pushing, &action] { action = [pushing] { return push(*pushing); }; });

  const auto taking = std::make_shared<TakeOptions>();
  auto* take_command =
      lwm2m.add_subcommand("take-push", "The device's end of GBA Push: check it with the card's USIM and take the session keys");
  take_command->add_option("MESSAGE", taking->messages, "SMS-DELIVER in hexadecimal, all parts; or the GBA Push Info itself")->required();
  taking->card.add_to(*take_command);
  take_command->add_option("--pin", taking->pin, std::string("PIN (key reference 01), sent if the card requires it: ") + kSecretForms);
  taking->device.add_to(*take_command, "--device-keys", "Keep the session keys of GBA_ME encrypted in this file, for lwm2m sms", false);
  taking->account.add_to(*take_command);
  taking->clock.add_to(*take_command);
  Trace::add_to(*take_command, taking->trace);
  set_example(*take_command, "  uicclab lwm2m take-push 440B9194... --state card.db --device-keys device.keys");
  take_command->callback([taking, &action] { action = [taking] { return take(*taking); }; });
}

}  // namespace uicclab::cli
