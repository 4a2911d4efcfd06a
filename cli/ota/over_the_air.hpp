// SPDX-License-Identifier: Apache-2.0
// --via: cards that are reached over the air. Each command goes as a secured short message, and a client that wants a secure channel has it
// with us.
#pragma once

#include "cli/ota/link.hpp"
#include "core/crypto/random.hpp"
#include "ota/ota_port.hpp"
#include "scp03/gateway_port.hpp"

namespace uicclab::cli {

struct ViaOption {
  std::string way;     ///< "ota:TAR[,KEYSET[,SPI]]"; empty: directly
  OtaLinkOption link;  ///< its security: what `way` does not say

  /// --via and --counters.
  void add_to(App& command);
  bool is_set() const { return !way.empty(); }
  /// What `way` says. Throws Exit.
  OtaSecurityOption security() const;
};

class OverTheAir {
 public:
  /// `card` outlives this object; it is reset and asked for its ICCID. `forgetful`: it loses its counters with this process. `channel`:
  /// keys of the secure channel that ends here; without them those of the keyring, or no channel. Throws Exit.
  OverTheAir(CardPort& card, const ViaOption& via, bool forgetful, std::optional<scp03::KeySet> channel = {});

  CardPort& port() { return m_gateway ? static_cast<CardPort&>(*m_gateway) : *m_air; }

 private:
  crypto::SystemRandom m_random;
  std::optional<OtaLink> m_link;
  std::optional<ota::OtaPort> m_air;
  std::optional<scp03::GatewayPort> m_gateway;
};

}  // namespace uicclab::cli
