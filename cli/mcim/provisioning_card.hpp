// SPDX-License-Identifier: Apache-2.0
// The application of a card that takes MCIM objects, over any card port (docs/formats/mcim.md, "On the card").
#pragma once

#include "cli/card/card_option.hpp"
#include "core/apdu.hpp"

namespace uicclab::cli {

/// Options of the commands that talk to it.
struct ProvisioningCardOption {
  CardOption card;
  std::string aid = "F0756963636C61620301";

  void add_to(App& command);
  /// An installation replaces a subscription: a card that is not emulated needs --yes-i-know. Throws Exit.
  void refuse_unless_told() const;
};

/// Reset and selected. Everything throws Exit, with the card's status in words.
class ProvisioningCard {
 public:
  explicit ProvisioningCard(const ProvisioningCardOption& options);

  Bytes public_key();
  /// PKCS #10, checked: signed by the card's own key.
  Bytes request();
  /// Nothing if it has none.
  std::optional<Bytes> certificate();
  /// Begins a registration: its nonce.
  Bytes begin();
  /// A message of STORE DATA in blocks; `what` for the error.
  void store(BytesView message, const char* what);

 private:
  Bytes ask(const apdu::Command& command, const char* what);

  std::unique_ptr<OpenCard> m_card;
};

/// The commands of STORE DATA that carry `message`.
std::vector<Bytes> store_data_commands(BytesView message);

}  // namespace uicclab::cli
