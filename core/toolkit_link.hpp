// SPDX-License-Identifier: Apache-2.0
// Commands of the card application toolkit in the class that the card takes: 80 (ETSI TS 102 221 clause 11.2), or A0 at a SIM of the GSM
// age (3GPP TS 51.011 clauses 9.2.19 to 9.2.22).
#pragma once

#include "core/transceive.hpp"

namespace uicclab {

class ToolkitLink {
 public:
  explicit ToolkitLink(CardPort& card) : m_card(card) {}

  /// Sends a command and fetches its answer, as transceive(). A card that answers 6E00 to TERMINAL PROFILE gets it, and the toolkit
  /// commands after it, in class A0; `command` becomes what was sent. Errors: those of transceive().
  Result<apdu::Response> exchange(Bytes& command);
  /// The card was reset, or is another one.
  void forget() { m_gsm = false; }

 private:
  CardPort& m_card;
  bool m_gsm = false;
};

}  // namespace uicclab
