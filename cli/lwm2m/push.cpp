// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m push, take-push: session keys by GBA Push, the network's end (HSS, BSF and NAF in one) and the device's with its card.
#include "cli/lwm2m/push.hpp"

#include <iostream>

#include <fcntl.h>
#include <sys/file.h>
#include <toml++/toml.h>
#include <unistd.h>

#include "cli/card/pin_option.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/common/secret_text.hpp"
#include "cli/lwm2m/key_file.hpp"
#include "cli/lwm2m/lwm2m.hpp"
#include "cli/lwm2m/messages.hpp"
#include "cli/lwm2m/sms_account.hpp"
#include "core/ber_tlv.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "core/identity.hpp"
#include "core/json.hpp"
#include "core/net/fd.hpp"
#include "core/reader.hpp"
#include "core/transceive.hpp"
#include "lwm2m/device/usim_gba.hpp"
#include "uicc/application.hpp"

namespace uicclab::cli {
namespace {

constexpr lwm2m::UaProtocol kBsfUa{0x01, 0x00, 0x00, 0x00, 0x00};  // of the BSF itself, for the key of the GPI's MAC
constexpr const char* kDefaultBsf = "bsf.uicclab.example";

lwm2m::SessionKeyRecord record_of(lwm2m::SmsKeys keys, lwm2m::SmsAlgorithm algorithm, std::uint32_t generation, std::uint32_t lifetime) {
  lwm2m::SessionKeyRecord record;
  record.generation = generation;
  record.kic = record.kid = lwm2m::indicator_of(algorithm);
  record.lifetime = std::chrono::seconds(lifetime);
  record.keys = std::move(keys);
  return record;
}

template <std::size_t N>
std::array<std::uint8_t, N> fixed_hex(const std::string& option, const std::string& text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != N) throw Exit{kUsage, option + " " + text + ": it has " + std::to_string(2 * N) + " hexadecimal digits"};
  std::array<std::uint8_t, N> out{};
  std::ranges::copy(*bytes, out.begin());
  return out;
}

// --- the network ---

/// A subscriber's file is locked as long as this lives: two runs never take the same sequence number.
class Subscriber {
 public:
  explicit Subscriber(const std::string& name) : m_name(name), m_lock(::open(name.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (!m_lock) throw Exit{kEnvironment, "cannot read " + name};
    ::flock(m_lock.get(), LOCK_EX);
    try {
      m_table = toml::parse_file(name);
    } catch (const toml::parse_error& error) {
      throw Exit{kUsage, name + ": " + std::string(error.description()) + ", line " + std::to_string(error.source().begin.line)};
    }
  }

  std::string impi() const {
    const auto imsi = m_table["imsi"].value_exact<std::string>();
    const auto digits = m_table["mnc_digits"].value_or<std::int64_t>(2);
    auto impi = lwm2m::impi_of(imsi.value_or(""), static_cast<std::size_t>(digits));
    if (!impi) throw Exit{kUsage, m_name + ": imsi, mnc_digits: " + impi.error().text};
    return *std::move(impi);
  }
  crypto::SecretBytes key(const char* which) const {
    auto bytes = from_hex(m_table[which].value_or<std::string>(""));
    if (!bytes || bytes->size() != 16) throw Exit{kUsage, m_name + ": " + which + " has 32 hexadecimal digits"};
    crypto::SecretBytes out(*bytes);
    crypto::wipe(*bytes);
    return out;
  }
  /// The last sequence number that was used; 0 before the first.
  std::uint64_t sqn() const {
    const std::string path = sqn_file();
    if (::access(path.c_str(), F_OK) != 0) return 0;
    const Bytes text = read_input(path, kObjectFile);
    const auto number = from_hex(std::string_view(reinterpret_cast<const char*>(text.data()), text.size()).substr(0, 12));
    if (!number || number->size() != 6) throw Exit{kUsage, path + ": a sequence number has 12 hexadecimal digits"};
    return *ByteReader(*number).number(6);
  }
  void keep_sqn(std::uint64_t sqn) const {
    ByteWriter out;
    out.number(sqn, 6);
    write_private(sqn_file(), as_bytes(to_hex(out.view()) + "\n"));
  }

 private:
  std::string sqn_file() const { return m_name + ".sqn"; }

  std::string m_name;
  net::Fd m_lock;
  toml::table m_table;
};

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
  MadePush made = make_push(options.push, options.lifetime, algorithm, options.auts, random);
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
  std::string bsf = kDefaultBsf, pin;
  SmsAccountOption account;
  KeyFileOption device;
  ClockOption clock;
};

using lwm2m::device::CardFiles;

Bytes read_usim_file(CardFiles& files, BytesView path, const char* name) {
  const auto file = lwm2m_value(files.select(path));
  const auto content = file.status.is_success() ? lwm2m_value(files.read(file.size)) : uicc::ReadContent{file.status, {}};
  if (content.is_refused()) throw Exit{kCheckFailed, std::string(name) + ": the card answers " + to_hex(content.status)};
  return to_bytes(content.bytes);
}

/// The private identity of the USIM on the basic channel, which is selected here.
std::string impi_of_card(CardFiles& files, const std::string& pin) {
  const auto usim = lwm2m_value(files.select_application(uicc::kUsimAid));
  if (!usim.status.is_success()) throw Exit{kCheckFailed, "the card has no USIM: SELECT answers " + to_hex(usim.status)};
  if (!pin.empty() && lwm2m_value(files.ask_pin(0x01)) != sw::kOk) {
    const auto status = lwm2m_value(files.verify_pin(0x01, pin_value(pin, "--pin")));
    if (status != sw::kOk) throw Exit{kWrongKeys, "VERIFY PIN answers " + to_hex(status)};
  }
  const auto imsi = decode_imsi(read_usim_file(files, "7FFF6F07"_h, "EF_IMSI"));
  if (!imsi) throw Exit{kCheckFailed, "EF_IMSI holds no IMSI"};
  const Bytes ad = read_usim_file(files, "7FFF6FAD"_h, "EF_AD");
  const std::size_t digits = ad.size() > 3 && (ad[3] & 0x0F) == 3 ? 3 : 2;  // TS 31.102 clause 4.2.18
  return lwm2m_value(lwm2m::impi_of(*imsi, digits));
}

/// In the card KIc and KID come from Ks_int_NAF (docs/formats/session-keys.md, "On the card").
void derive_in_card(CardPort& port, CardFiles& files, const lwm2m::PushInfo& info) {
  const auto application = lwm2m_value(files.select_application(lwm2m::kPkcs15Aid));
  if (!application.status.is_success()) throw Exit{kCheckFailed, "no PKCS #15 application: SELECT answers " + to_hex(application.status)};
  const Bytes fields = concat({ber::encode(0x80, info.naf_id), ber::encode(0x81, ByteWriter().u32(info.lifetime).view())});
  const Bytes request = ber::encode(0xA4, fields);
  const auto answer =
      lwm2m_value(transceive(port, apdu::Command{.cla = 0x80, .ins = 0xE2, .p1 = 0x90, .p2 = 0x00, .data = request, .le = std::nullopt}));
  if (answer.status != sw::kOk) throw Exit{kCheckFailed, "the card makes no session keys of the push: " + to_hex(answer.status)};
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

[[noreturn]] void refused(const lwm2m::PushRefusal& refusal, BytesView gpi) {
  using Reason = lwm2m::PushRefusal::Reason;
  switch (refusal.reason) {
    case Reason::kMalformed:
      throw Exit{kCheckFailed, "this is no GBA Push Info"};
    case Reason::kReplayed:
      throw Exit{kCheckFailed, "the card has seen this sequence number, or a later one; the network is told by --resync " +
                                   to_hex(lwm2m::parse_push(gpi)->info.rand) + ":" + to_hex(refusal.auts)};
    case Reason::kWrongIntegrity:
      throw Exit{kCheckFailed, "the check value of the push is wrong: another BSF, or it was changed"};
    case Reason::kRefused:
      break;
  }
  throw Exit{kWrongKeys, "the card does not accept the challenge of this push"};
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
  crypto::SystemRandom random;
  const DeviceKeyFile file(options.device, random);
  lwm2m::DeviceLedger ledger = options.device.name.empty() ? lwm2m::DeviceLedger() : file.load();  // a wrong storage key shows here
  SmsAccountFacts facts = options.account.read();
  Trace trace(options.trace);
  Atr atr;
  const auto card = options.card.open(atr, trace.sink());
  if (auto* guard = card->guard()) guard->allow_management(true);  // STORE DATA is how the card is given what it shall derive keys from
  CardFiles files(card->port());
  const std::string impi = impi_of_card(files, options.pin);
  lwm2m::device::UsimGba usim(card->port());
  const auto received = lwm2m::receive_push(gpi, usim, as_bytes(impi), lwm2m::naf_id_of(options.bsf, kBsfUa));
  if (!received) refused(received.error(), gpi);
  const lwm2m::PushInfo& info = received->info;
  if (info.mode == lwm2m::PushMode::kUicc) {
    derive_in_card(card->port(), files, info);
    std::cout << "GBA_U: the card made the session keys, lifetime "
              << (info.lifetime == 0 ? std::string("that of the registration") : std::to_string(info.lifetime) + " s") << "\n";
    return kOk;
  }
  if (options.device.name.empty()) throw Exit{kUsage, "the push was good, but its keys are lost: --device-keys says where they are kept"};
  if (!facts.algorithm) facts = facts_on_card(card->port(), options.pin);
  const auto algorithm = facts.algorithm.value_or(algorithm_before(ledger));
  auto keys = lwm2m_value(lwm2m::truncate(lwm2m::derive_dm_keys(received->ks_naf), algorithm));
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

PushOption::PushOption() : bsf(kDefaultBsf), ua(to_hex(lwm2m::kDefaultUaProtocol)) {}

void PushOption::add_names_to(App& command) {
  command.add_option("--application", application, "Label of the application")->capture_default_str();
  command.add_option("--bsf", bsf, "Name of the BSF")->capture_default_str();
  command.add_option("--ua", ua, "Ua security protocol identifier, 10 hexadecimal digits; the default is not assigned")
      ->capture_default_str();
}

MadePush make_push(const PushOption& option, std::uint32_t lifetime, lwm2m::SmsAlgorithm algorithm, const std::string& resync,
                   Random& random) {
  const Subscriber subscriber(option.subscriber);
  auto bsf = lwm2m_value(lwm2m::PushBsf::from(subscriber.key("k"), subscriber.key("opc"), subscriber.sqn(), subscriber.impi(),
                                              lwm2m::naf_id_of(option.bsf, kBsfUa)));
  if (!resync.empty()) {
    const std::size_t colon = std::min(resync.find(':'), resync.size());
    const auto rand = fixed_hex<16>("--resync", resync.substr(0, colon));
    const auto auts = fixed_hex<14>("--resync", resync.substr(std::min(colon + 1, resync.size())));
    if (const auto taken = bsf.resynchronise(rand, auts); !taken) throw Exit{kWrongKeys, "AUTS: " + taken.error().text};
  }
  const auto mode = option.mode == "me" ? lwm2m::PushMode::kMe : lwm2m::PushMode::kUicc;
  const Bytes naf_id = lwm2m::naf_id_of(option.naf, fixed_hex<5>("--ua", option.ua));
  const auto made = bsf.push(mode, naf_id, lifetime, option.application, random);
  subscriber.keep_sqn(bsf.sqn());  // before anybody can see the push
  return {made.gpi, made.info.rand, lwm2m_value(lwm2m::truncate(lwm2m::derive_dm_keys(made.ks_naf), algorithm))};
}

void add_lwm2m_push(App& lwm2m, Action& action) {
  const auto pushing = std::make_shared<PushOptions>();  // shared with the callbacks, which outlive this function
  auto* push_command =
      lwm2m.add_subcommand("push", "The network's end of GBA Push: make session keys and the short messages that bring them");
  push_command
      ->add_option("SUBSCRIBER", pushing->push.subscriber,
                   "File in TOML: imsi, mnc_digits (2 unless it says 3), k, opc; the sequence number is kept in SUBSCRIBER.sqn")
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
  push_command->add_option("--resync", pushing->auts, "RAND:AUTS of a device that refused: go on from its card's sequence number");
  pushing->server.add_to(*push_command, "--server-keys", "Keep the session keys in this file, sealed, for lwm2m sms answer", false);
  pushing->clock.add_to(*push_command);
  push_command->add_flag("--json", pushing->json, "As JSON");
  set_example(*push_command, "  uicclab lwm2m push subscriber.toml --naf lwm2m.example --server-keys server.keys");
  push_command->callback([pushing, &action] { action = [pushing] { return push(*pushing); }; });

  const auto taking = std::make_shared<TakeOptions>();
  auto* take_command =
      lwm2m.add_subcommand("take-push", "The device's end of GBA Push: check it with the card's USIM and take the session keys");
  take_command->add_option("MESSAGE", taking->messages, "SMS-DELIVER in hexadecimal, all parts; or the GBA Push Info itself")->required();
  taking->card.add_to(*take_command);
  take_command->add_option("--pin", taking->pin,
                           std::string("PIN (key reference 01), given to the card where it wants one: ") + kSecretForms);
  take_command->add_option("--bsf", taking->bsf, "Name of the BSF")->capture_default_str();
  taking->device.add_to(*take_command, "--device-keys", "Keep the session keys of GBA_ME in this file, sealed, for lwm2m sms", false);
  taking->account.add_to(*take_command);
  taking->clock.add_to(*take_command);
  Trace::add_to(*take_command, taking->trace);
  set_example(*take_command, "  uicclab lwm2m take-push 440B9194... --state card.db --device-keys device.keys");
  take_command->callback([taking, &action] { action = [taking] { return take(*taking); }; });
}

}  // namespace uicclab::cli
