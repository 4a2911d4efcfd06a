// SPDX-License-Identifier: Apache-2.0
// Common part of the subcommands of uicclab lwm2m.
#pragma once

#include "cli/card/card_option.hpp"
#include "cli/common/key_source.hpp"
#include "cli/common/trace_option.hpp"
#include "lwm2m/device/card_bootstrap.hpp"
#include "lwm2m/validation.hpp"
#include "scp03/secure_channel_port.hpp"

namespace uicclab::cli {

/// How the card with the bootstrap file is reached and opened.
struct BootstrapCardOptions {
  CardOption card;
  KeySource keys;
  TraceOption trace;
  std::string scp03 = "auto";
  std::string pin;

  void add_to(App& command);
};

/// A card that is open, and what reads its bootstrap file.
class BootstrapCard {
 public:
  /// For a reader. Throws Exit.
  explicit BootstrapCard(const BootstrapCardOptions& options) : BootstrapCard(options, options.pin, false, false) {}
  /// For who writes. `adm`: the characters of ADM1 in place of the PIN; may be empty. Speaks T=1 with commands of extended length where the
  /// card takes them, unless `only_short`. Throws Exit.
  static BootstrapCard for_writing(const BootstrapCardOptions& options, const std::string& adm, bool only_short) {
    return BootstrapCard(options, adm.empty() ? options.pin : adm, !adm.empty(), !only_short);
  }
  ~BootstrapCard();

  lwm2m::device::CardBootstrap& files() { return *m_files; }
  CardPort& port() { return *m_port; }

 private:
  BootstrapCard(const BootstrapCardOptions& options, const std::string& secret, bool is_adm, bool extended);

  Trace m_trace;
  std::unique_ptr<OpenCard> m_card;
  std::unique_ptr<Random> m_random;
  std::unique_ptr<scp03::SecureChannelPort> m_port;
  std::unique_ptr<lwm2m::device::CardBootstrap> m_files;
};

/// How a bootstrap file is written to a card.
struct ProvisionOptions {
  std::string adm, spare;
  bool legacy_oid = false, force = false, only_short = false, may_tear = false;

  /// `only_with`: the name of an option without which these mean nothing; empty: none.
  void add_to(App& command, const std::string& only_with = {});
};
/// Writes what a device would not refuse for a device of this name (empty: any), and says where it is now. Throws Exit.
std::string provision_card(const lwm2m::BootstrapFile& file, const BootstrapCardOptions& card, const ProvisionOptions& options,
                           const std::string& endpoint);
/// On standard error. True: a device would refuse the file.
bool print_refusals(const std::vector<lwm2m::Refusal>& refusals);

/// Throws Exit with the code that fits.
[[noreturn]] void lwm2m_fail(const Error& error);

template <typename T>
T lwm2m_value(Result<T> result) {
  if (!result) lwm2m_fail(result.error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

using Lwm2mAdd = void(App& lwm2m, Action& action);
Lwm2mAdd add_lwm2m_card;
Lwm2mAdd add_lwm2m_register;
Lwm2mAdd add_lwm2m_serve;
Lwm2mAdd add_lwm2m_accounts;
Lwm2mAdd add_lwm2m_raw_key;
Lwm2mAdd add_lwm2m_keys;
Lwm2mAdd add_lwm2m_push;
Lwm2mAdd add_lwm2m_sms;

}  // namespace uicclab::cli
