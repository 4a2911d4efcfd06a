// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m new-keys, keys: the session keys of the SMS binding, made for a card and read from one.
#include <iostream>

#include "cli/lwm2m/key_file.hpp"
#include "cli/lwm2m/lwm2m.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "lwm2m/session_key_file.hpp"

namespace uicclab::cli {
namespace {

constexpr std::size_t kKeySize = 16;

struct NewKeysOptions {
  std::uint32_t generation = 0, lifetime = 0;
  KeyFileOption server;
};

/// On standard output: what UPDATE BINARY writes into the session-key file. It holds the keys; the output is for a file or another command.
int make_keys(const NewKeysOptions& options) {
  crypto::SystemRandom random;
  const auto fresh = [&random] { return crypto::SecretBytes::make(kKeySize, [&random](auto room) { random.fill(room); }); };
  lwm2m::SessionKeyRecord record;
  KeyFile server(options.server, random);
  record.generation = options.generation != 0 ? options.generation : options.server.name.empty() ? 1 : server.next_generation();
  record.lifetime = std::chrono::seconds(options.lifetime);
  record.keys = {fresh(), fresh()};
  auto content = lwm2m_value(lwm2m::encode_session_keys(record));
  if (!options.server.name.empty()) server.renew(record);
  std::cout << to_hex(content) << "\n";
  crypto::wipe(content);
  return kOk;
}

struct ShowKeysOptions {
  BootstrapCardOptions card;
  KeyFileOption device;
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
  KeyFile kept(options.device, random);
  const auto has = [&record](const std::optional<lwm2m::SessionKeyRecord>& one) {
    return one && one->keys.kic == record.keys.kic && one->keys.kid == record.keys.kid;
  };
  // Of keys that the device has or had, it has the counters as well.
  if (!has(kept.load()) && !has(kept.load_before())) kept.renew(record);
  return kOk;
}

}  // namespace

void add_lwm2m_keys(App& lwm2m, Action& action) {
  const auto fresh = std::make_shared<NewKeysOptions>();  // shared with the callbacks, which outlive this function
  auto* making = lwm2m.add_subcommand("new-keys", "Make session keys: the content of the session-key file, for remote file management");
  making->add_option("--generation", fresh->generation, "Higher than that of the keys before; default: the next of the server's, else 1");
  fresh->server.add_to(*making, "--server-keys", "Keep them in this file, sealed, for lwm2m sms answer", false);
  making->add_option("--lifetime", fresh->lifetime, "Seconds; 0: that of the registration")->capture_default_str();
  set_example(*making,
              "  keys=$(uicclab lwm2m new-keys --generation 2)\n"
              "  uicclab ota send --state card.db --tar pkcs15 00A40004026433 00D600003D$keys");
  making->callback([fresh, &action] { action = [fresh] { return make_keys(*fresh); }; });

  const auto options = std::make_shared<ShowKeysOptions>();
  auto* showing = lwm2m.add_subcommand("keys", "Tell of the session keys on the card; the keys themselves are not shown");
  options->card.add_to(*showing);
  options->device.add_to(*showing, "--device-keys", "Keep them in this file, sealed, for lwm2m sms", false);
  set_example(*showing, "  uicclab lwm2m keys --state card.db");
  showing->callback([options, &action] { action = [options] { return show_keys(*options); }; });
}

}  // namespace uicclab::cli
