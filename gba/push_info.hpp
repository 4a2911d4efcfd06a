// SPDX-License-Identifier: Apache-2.0
// GBA Push Info: 3GPP TS 33.223 clause 5. The octets are OURS (docs/formats/gba-push-info.md): they carry the fields that the clauses name,
// in a coding of our own, and no other implementation will read them.
#pragma once

#include <string>

#include "core/crypto/auth_algorithm.hpp"

namespace uicclab::gba {

/// Where the keys are made (TS 33.223 clause 4.1; TS 33.220 clauses 4 and 5).
enum class PushMode : std::uint8_t {
  kMe = 0,   ///< GBA_ME: CK and IK go to the device, AUTN is a plain one
  kUicc = 1  ///< GBA_U: they stay in the card, AUTN* has its MAC modified, the card keeps Ks_int_NAF
};
/// "GBA_ME", "GBA_U".
const char* name_of(PushMode mode);

/// GBA Push Info.
struct PushInfo {
  PushMode mode = PushMode::kMe;
  crypto::Rand rand{};
  std::array<std::uint8_t, 16> autn{};
  std::string p_tid;        ///< names the uplink security association
  std::string application;  ///< label of the application that the keys are for
  Bytes naf_id;
  std::uint32_t lifetime = 0;  ///< seconds; 0: no end
  bool operator==(const PushInfo&) const = default;
};

/// A GPI as it came, with what its check value covers.
struct SignedPush {
  PushInfo info;
  BytesView covered;  ///< points into the input
  std::array<std::uint8_t, 16> mac{};
};

/// The key of the check value, made of Ks_NAF or, with GBA_U, Ks_ext_NAF: the disposable Ks gives one NAF key only (TS 33.223 clause 3.1),
/// so that the check value cannot have another one. The derivation is ours.
crypto::SecretBytes integrity_key(const crypto::SecretBytes& ks_naf);

/// `ks_naf` as for integrity_key(). Throws SystemError for a text or NAF_Id over 255 bytes.
Bytes encode_push(const PushInfo& info, const crypto::SecretBytes& ks_naf);
/// Errors: kTruncated, kMalformed (a field absent, twice, of a wrong length, unknown, out of order), kUnsupported for another version,
/// kTrailing.
Result<SignedPush> parse_push(BytesView bytes);
bool is_authentic(const SignedPush& push, const crypto::SecretBytes& ks_naf);

}  // namespace uicclab::gba
