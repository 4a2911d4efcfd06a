// SPDX-License-Identifier: Apache-2.0
// A card, its keys, its counters, and a terminal that brings it secured packets: the base of ota send, run --via and ota smsc.
#pragma once

#include "cli/ota/counters.hpp"
#include "cli/ota/security.hpp"
#include "ota/remote_script.hpp"

namespace uicclab::cli {

/// The parameters of a sender of packets, except the card.
struct OtaLinkOption {
  OtaSecurityOption security;
  std::string counters;
  std::optional<std::uint64_t> counter;  ///< to begin with
  std::string originator = "+491710000000";
  std::string format = "auto";
  /// The card forgets its counters with this process; so may we.
  bool forgetful = false;
  /// The card is a copy: the counters of the file stay as they are.
  bool rehearsal = false;

  void add_to(App& command);
};

class OtaLink {
 public:
  /// `card`: of the keyring; `iccid`: empty if the card has none. Throws Exit.
  OtaLink(const OtaLinkOption& option, const KeyringCard& card, const std::string& iccid);

  ota::PacketSender& sender() { return *m_sender; }
  ota::CommandSet commands() const { return m_commands; }
  ota::ScriptFormat format() const { return m_format; }

 private:
  std::optional<FileCounters> m_file;
  std::unique_ptr<ota::CounterSource> m_counters;
  std::optional<ota::PacketSender> m_sender;
  ota::CommandSet m_commands;
  ota::ScriptFormat m_format;
};

/// The ICCID as printed, from EF_ICCID; empty if the card does not give it.
std::string read_iccid(CardPort& card);

/// The service centre that envelopes name.
ota::Address service_centre();

}  // namespace uicclab::cli
