// SPDX-License-Identifier: Apache-2.0
#include "cli/lwm2m/refresh.hpp"

#include <iostream>

#include "cli/lwm2m/lwm2m.hpp"
#include "cli/lwm2m/messages.hpp"
#include "core/hex.hpp"
#include "core/reader.hpp"
#include "lwm2m/pkcs15_directory.hpp"

namespace uicclab::cli {
namespace {

constexpr std::size_t kLongestFile = 77;  // with triple DES keys (docs/formats/session-keys.md)
constexpr std::size_t kParityBits = 7;

crypto::SecretBytes random_key(lwm2m::SmsAlgorithm algorithm, Random& random) {
  const auto fill = [&random](auto room) { random.fill(room); };
  if (algorithm == lwm2m::SmsAlgorithm::kAes128) return crypto::SecretBytes::make(lwm2m::key_size(algorithm), fill);
  while (true) {
    auto key = lwm2m::with_parity(crypto::SecretBytes::make(3 * kParityBits, fill));
    if (!lwm2m::has_equal_des_keys(key)) return key;
  }
}

Bytes command(BytesView header, BytesView data) {
  return ByteWriter().bytes(header).u8(static_cast<std::uint8_t>(data.size())).bytes(data).take();
}

/// The same protection as `ota send` has by default, to the application that takes the keys.
std::vector<ota::SmsDeliver> by_remote_management(const RefreshOption& option, const lwm2m::SessionKeyRecord& record,
                                                  const std::string& server) {
  OtaLinkOption link_option = option.link;
  const bool files = option.way == "rfm";
  link_option.security.tar = files ? "pkcs15" : "isd";
  link_option.originator = server;
  const Keyring keyring = Keyring::load(link_option.security.keys);
  const KeyringCard& card = keyring.choose(link_option.security.key_card);
  OtaLink link(link_option, card, card.iccid);
  auto script = ota::build_script(files ? file_commands(record) : application_commands(record), link.commands(), link.format());
  if (!script) throw Exit{kUsage, script.error().text};
  auto packet = link.sender().prepare(*script);
  crypto::wipe(*script);
  if (!packet) throw Exit{kUsage, "the packet with the keys: " + packet.error().text};
  return std::move(packet->messages);
}

std::vector<ota::SmsDeliver> by_push(BytesView gpi, const std::string& server) {
  std::vector<ota::SmsDeliver> out;
  for (const std::string& one : messages_to_device(gpi, SmsContent::kPush, server)) out.push_back(deliver_message(one));
  return out;
}

}  // namespace

std::vector<Bytes> file_commands(const lwm2m::SessionKeyRecord& record) {
  Bytes content = lwm2m_value(lwm2m::encode_session_keys(record));
  content.resize(kLongestFile, 0xFF);
  std::vector<Bytes> out{to_bytes("00A40004026433"_h), command("00D60000"_h, content)};
  crypto::wipe(content);
  return out;
}

std::vector<Bytes> application_commands(const lwm2m::SessionKeyRecord& record) {
  Bytes content = lwm2m_value(lwm2m::encode_session_keys(record));
  const Bytes install = ByteWriter().u8(0).u8(0).lv(lwm2m::kPkcs15Aid).u8(0).u8(0).u8(0).take();
  std::vector<Bytes> out{command("80E62000"_h, install), command("80E29000"_h, ByteWriter().u8(0x85).lv(content).view())};
  crypto::wipe(content);
  return out;
}

lwm2m::SessionKeyRecord random_keys(lwm2m::SmsAlgorithm algorithm, std::uint32_t generation, std::chrono::seconds lifetime,
                                    Random& random) {
  lwm2m::SessionKeyRecord record;
  record.generation = generation;
  record.kic = record.kid = lwm2m::indicator_of(algorithm);
  record.lifetime = lifetime;
  record.keys = {random_key(algorithm, random), random_key(algorithm, random)};
  return record;
}

void RefreshOption::add_to(App& command) {
  command
      .add_option(
          "--refresh", way,
          "How new keys go out: rfm or ram, under the card's OTA keys; push or push-u, GBA Push with its keys in the device or in the card")
      ->check(OneOf{{"rfm", "ram", "push", "push-u"}});
  command.add_option("--lifetime", lifetime, "Of new keys, in seconds, no longer than the registration; 0: that of the registration")
      ->capture_default_str();
  account.add_to(command);
  link.security.add_keys_to(command);
  command.add_option("--key-set", link.security.key_set, "OTA key version for rfm and ram")->capture_default_str();
  command.add_option("--counters", link.counters, "File with the OTA counters of all cards; without it that of this user");
  command.add_option("--subscriber", push.subscriber, "Of push and push-u: file in TOML, as for lwm2m push");
  command.add_option("--naf", push.naf, "Of push and push-u: name of the LwM2M server that the keys are for");
  push.add_names_to(command);
  esme.add_to(command);
}

std::optional<MadeRefresh> make_refresh(const RefreshOption& option, lwm2m::ServerLedger& ledger, lwm2m::Instant now, Random& random) {
  if (option.way.empty()) return std::nullopt;
  const SmsAccountFacts facts = option.account.read();
  check_lifetime(option.lifetime, facts, ledger);
  if (facts.registration && !ledger.rules().state().current) ledger.set_registration(*facts.registration);
  const auto due = ledger.rules().due(now);
  if (!due) return std::nullopt;
  const bool push = option.way.starts_with("push");
  if (push && (option.push.subscriber.empty() || option.push.naf.empty())) {
    throw Exit{kUsage, "--refresh " + option.way + " needs --subscriber and --naf"};
  }
  const std::string server = facts.server.empty() ? kUsualServer : facts.server;
  MadeRefresh out;
  // The same keys again; or others, where they went another way before.
  const lwm2m::SessionKeyRecord* pending = due->is_new ? nullptr : ledger.find(due->key);
  if (pending != nullptr && push == !ledger.push().empty()) {
    out.generation = pending->generation;
    out.again = true;
    out.messages = push ? by_push(ledger.push(), server) : by_remote_management(option, *pending, server);
    return out;
  }
  const auto algorithm = algorithm_for(facts, ledger);
  out.generation = ledger.next_generation();
  auto record = random_keys(algorithm, out.generation, std::chrono::seconds(option.lifetime), random);
  Bytes gpi;
  if (push) {
    PushOption own = option.push;
    own.mode = option.way == "push" ? "me" : "uicc";
    MadePush made = make_push(own, option.lifetime, algorithm, {});
    record.keys = std::move(made.keys);
    gpi = std::move(made.gpi);
  }
  ledger.issue(now, record, gpi);
  out.messages = push ? by_push(gpi, server) : by_remote_management(option, record, server);
  return out;
}

void send_refresh(const RefreshOption& option, const MadeRefresh& refresh) {
  std::cerr << "keys " << refresh.generation << (refresh.again ? " go out again" : " go out") << " by " << option.way << "\n";
  if (option.esme.is_set()) {
    Esme esme(option.esme);
    for (const ota::SmsDeliver& one : refresh.messages) esme.submit(one);
    return;
  }
  for (const ota::SmsDeliver& one : refresh.messages) std::cout << "refresh " << to_hex(lwm2m_value(one.build())) << "\n";
}

}  // namespace uicclab::cli
