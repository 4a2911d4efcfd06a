// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m new-keys, keys: the session keys of the SMS binding, made for a card and read from one.
#include <iostream>

#include "cli/lwm2m/key_file.hpp"
#include "cli/lwm2m/lwm2m.hpp"
#include "cli/lwm2m/refresh.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "lwm2m/session_key_file.hpp"

namespace uicclab::cli {
namespace {

struct NewKeysOptions {
  std::uint32_t generation = 0, lifetime = 0;
  SmsAccountOption account;
  KeyFileOption server;
  ClockOption clock;
  bool ram = false, commands = false;
};

/// On standard output: what UPDATE BINARY writes into the session-key file, or the commands that do. It holds the keys; the output is for a
/// file or another command.
int make_keys(const NewKeysOptions& options) {
  crypto::SystemRandom random;
  const ServerKeyFile file(options.server, random);
  const bool kept = !options.server.name.empty();
  lwm2m::ServerLedger ledger = kept ? file.load() : lwm2m::ServerLedger();
  const SmsAccountFacts facts = options.account.read();
  check_lifetime(options.lifetime, facts, ledger);
  if (facts.registration) ledger.set_registration(*facts.registration);
  const std::uint32_t generation = options.generation != 0 ? options.generation : ledger.next_generation();
  const auto record = random_keys(algorithm_for(facts, ledger), generation, std::chrono::seconds(options.lifetime), random);
  if (kept) {
    ledger.issue(options.clock.now(), record);
    file.keep(ledger);
  }
  if (options.commands || options.ram) {
    for (Bytes& one : options.ram ? application_commands(record) : file_commands(record)) {
      std::cout << to_hex(one) << "\n";
      crypto::wipe(one);
    }
    return kOk;
  }
  auto content = lwm2m_value(lwm2m::encode_session_keys(record));
  std::cout << to_hex(content) << "\n";
  crypto::wipe(content);
  return kOk;
}

struct ShowKeysOptions {
  BootstrapCardOptions card;
  KeyFileOption device;
  ClockOption clock;
};

int show_keys(const ShowKeysOptions& options) {
  BootstrapCard card(options.card);
  const auto record = lwm2m_value(card.files().read_session_keys());
  const std::string lifetime = record.lifetime.count() == 0 ? "that of the registration" : std::to_string(record.lifetime.count()) + " s";
  std::cout << "session keys, generation " << record.generation << ": KIc " << to_hex(std::array{record.kic}) << ", KID "
            << to_hex(std::array{record.kid}) << ", " << record.keys.kic.size() << " bytes each; lifetime " << lifetime << "; counters "
            << record.sent << " sent, " << record.received << " received\n";
  if (options.device.name.empty()) return kOk;
  crypto::SystemRandom random;
  const DeviceKeyFile kept(options.device, random);
  lwm2m::DeviceLedger ledger = kept.load();
  if (const auto reading = card.files().read()) {
    const SmsAccountFacts facts = sms_facts_of(reading->file);
    if (facts.registration && !ledger.content().registered_until) ledger.content().registration = *facts.registration;
    if (!facts.server.empty()) ledger.content().server = facts.server;
  }
  // Of keys that the device has or had, it has the counters as well.
  (void)ledger.take(options.clock.now(), record);
  kept.keep(ledger);
  return kOk;
}

}  // namespace

void add_lwm2m_keys(App& lwm2m, Action& action) {
  const auto fresh = std::make_shared<NewKeysOptions>();  // shared with the callbacks, which outlive this function
  auto* making = lwm2m.add_subcommand("new-keys", "Make session keys: the content of the session-key file, for remote file management");
  making->add_option("--generation", fresh->generation, "Higher than that of the previous keys; default: the server's next, else 1");
  fresh->server.add_to(*making, "--server-keys", "Keep them encrypted in this file, for lwm2m sms answer", false);
  making->add_option("--lifetime", fresh->lifetime, "Seconds, no longer than the registration; 0: that of the registration")
      ->capture_default_str();
  fresh->account.add_to(*making);
  fresh->clock.add_to(*making);
  making->add_flag("--commands", fresh->commands, "The commands of remote file management that write them, for ota send --tar pkcs15");
  making->add_flag("--ram", fresh->ram, "The commands of remote application management, for ota send --tar isd");
  set_example(*making,
              "  uicclab ota send --state card.db --tar pkcs15 $(uicclab lwm2m new-keys --commands)\n"
              "  uicclab ota send --state card.db --tar isd $(uicclab lwm2m new-keys --generation 2 --ram)");
  making->callback([fresh, &action] { action = [fresh] { return make_keys(*fresh); }; });

  const auto options = std::make_shared<ShowKeysOptions>();
  auto* showing = lwm2m.add_subcommand("keys", "Describe the session keys on the card; the keys themselves are not shown");
  options->card.add_to(*showing);
  options->device.add_to(*showing, "--device-keys", "Keep them encrypted in this file, for lwm2m sms", false);
  options->clock.add_to(*showing);
  set_example(*showing, "  uicclab lwm2m keys --state card.db");
  showing->callback([options, &action] { action = [options] { return show_keys(*options); }; });
}

}  // namespace uicclab::cli
