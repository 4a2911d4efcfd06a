// SPDX-License-Identifier: Apache-2.0
// Services of the network applications (USIM, ISIM) for others on the same card. Both ends are built-in modules; keys never leave the
// card.
#pragma once

#include <optional>
#include <string>

#include "applet/api/service.hpp"
#include "core/bytes.hpp"
#include "core/crypto/secret.hpp"
#include "core/status_word.hpp"

namespace uicclab::applet {

/// A subscriber who takes the place of the one an application has, or a part of one: what is empty stays as it is.
struct ProvisionedSubscriber {
  std::string imsi;            ///< 6 to 15 digits
  std::string_view algorithm;  ///< as a profile names it: "milenage", "tuak", "xor"; empty: also the keys stay
  crypto::SecretBytes k;       ///< 16 or 32 bytes; empty: it stays, and so do the sequence numbers
  crypto::SecretBytes opc;     ///< OPc or TOPc; empty if the algorithm has none
  Bytes constants;             ///< of the algorithm: docs/formats/mcim.md; empty: the default ones
  std::size_t mnc_digits = 0;  ///< 2 or 3: EF_AD and the identities of an ISIM follow the IMSI; 0: they stay
};

/// Keys of network applications that were derived on this card (GBA_U: 3GPP TS 33.220 clause 5.3).
class NafKeys : public Service {
 public:
  static constexpr ServiceId kId = ServiceId::kNafKeys;
  /// Ks_int_NAF for this NAF. It is given once: neither it nor the Ks it came from is kept. Nothing if this application has none.
  virtual std::optional<crypto::SecretBytes> take_naf_key(Context& own, BytesView naf_id) = 0;
};

/// An application whose subscriber can be another one.
class Subscribers : public Service {
 public:
  static constexpr ServiceId kId = ServiceId::kSubscribers;
  /// In the transaction of the running command. Status: 6A80 if it refuses.
  virtual StatusWord provision(Context& own, const ProvisionedSubscriber& subscriber) = 0;
};

/// An ISIM whose subscriber follows that of the USIM.
class ImsSubscribers : public Service {
 public:
  static constexpr ServiceId kId = ServiceId::kImsSubscribers;
  /// Keys as in Subscribers::provision(); with `mnc_digits` also EF_IMPI, EF_IMPU and EF_DOMAIN. Status: 6A80 if it refuses.
  virtual StatusWord provision_ims(Context& own, const ProvisionedSubscriber& subscriber) = 0;
};

/// The algorithm of class A0 (3GPP TS 51.011 clause 8.16). The application of the subscriber has it, whatever its service table says: those
/// services are of the USIM.
class GsmAlgorithm : public Service {
 public:
  static constexpr ServiceId kId = ServiceId::kGsmAlgorithm;
  /// For a RAND of 16 bytes: `out` becomes SRES (4) and Kc (8). 6D00: this is not that application.
  virtual StatusWord run_gsm_algorithm(Context& own, BytesView rand, Bytes& out) = 0;
};

}  // namespace uicclab::applet
