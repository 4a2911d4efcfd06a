// SPDX-License-Identifier: Apache-2.0
// What DPF and SHO give each other (3GPP TR 33.812 clause 5.1.3.7.1 steps 8 to 13, clause 5.1.3.7.3.3): the order for a device, and the
// MCIM object for it. The statements are ours: docs/formats/mcim-statements.md.
#pragma once

#include "mcim/platform_validation.hpp"

namespace uicclab::mcim {

/// The DPF wants a subscription for a device whose TRE was validated. Signed by the DPF.
struct Order {
  std::string dpf, device;
  Nonce nonce{};           ///< of the registration at the DPF
  Nonce card_nonce{};      ///< what the object must contain
  Bytes platform_key;      ///< PK_D: a certificate or SubjectPublicKeyInfo, DER
  std::string validation;  ///< the PVA's statement, as it is
};
Result<std::string> to_text(const Order& order, const crypto::PrivateKey& dpf);
/// Errors: kMalformed, kUnsupported; kRefused unless `dpf` signed it.
Result<Order> read_order(std::string_view text, const crypto::PublicKey& dpf);

/// The SHO's answer: an object that only the device can open. Signed by the SHO.
struct Delivery {
  std::string sho, device;
  Nonce nonce{};
  Nonce card_nonce{};
  std::uint16_t version = 0;
  Bytes object;
  Bytes signature;  ///< over the object alone, for the TRE
};
Result<std::string> to_text(const Delivery& delivery, const crypto::PrivateKey& sho);
/// Errors: kMalformed, kUnsupported; kRefused unless `sho` signed it.
Result<Delivery> read_delivery(std::string_view text, const crypto::PublicKey& sho);

/// SHA-256 of PK_D as it is in M2MMobj.
crypto::Sha256Digest fingerprint_of(BytesView platform_key);

/// What a validation must say for this registration: trusted, of this nonce and platform key, and not over. Errors: kRefused, in words.
Result<void> check_validation(const Validation& validation, const std::string& device, const Nonce& nonce, BytesView platform_key,
                              std::chrono::sys_seconds now);

}  // namespace uicclab::mcim
