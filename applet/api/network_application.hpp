// SPDX-License-Identifier: Apache-2.0
// What the applications of a network (USIM, ISIM) do for others on the same card. Both ends are built-in modules; keys never leave the
// card.
#pragma once

#include <string>

#include "core/crypto/secret.hpp"

namespace uicclab::applet {

/// A subscriber who takes the place of the one an application has.
struct ProvisionedSubscriber {
  std::string imsi;            ///< 6 to 15 digits
  std::string_view algorithm;  ///< as a profile names it: "milenage", "tuak", "xor"
  crypto::SecretBytes k;       ///< 16 or 32 bytes
  crypto::SecretBytes opc;     ///< OPc or TOPc; empty if the algorithm has none
};

}  // namespace uicclab::applet
