// SPDX-License-Identifier: Apache-2.0
// GBA with a USIM in a card: AUTHENTICATE in the 3G and in the GBA context (3GPP TS 31.102 clauses 7.1.1 and 7.1.2).
#pragma once

#include "core/card_port.hpp"
#include "core/crypto/wiped_bytes.hpp"
#include "gba/user_equipment.hpp"

namespace uicclab::gba {

/// The card is on and its USIM selected on the basic channel. A card that does not answer is one that did not authenticate.
class UsimGba final : public GbaCard {
 public:
  /// `port` outlives this object.
  explicit UsimGba(CardPort& port) : m_port(port) {}

  Answer<AkaKeys> authenticate(const crypto::Rand& rand, BytesView autn) override;
  Answer<std::monostate> bootstrap(const crypto::Rand& rand, BytesView autn_star) override;
  Answer<crypto::SecretBytes> derive(BytesView naf_id, BytesView impi) override;

 private:
  CardPort& m_port;
};

}  // namespace uicclab::gba
