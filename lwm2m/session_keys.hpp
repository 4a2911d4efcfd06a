// SPDX-License-Identifier: Apache-2.0
// Session keys of the SMS binding with a device end-point: SMS session-key CR, clause 7.2.2.1 (the keys and what they are cut to);
// OMA-TS-DM_Protocol 2.0 clause 9.3.1.3 (DMBEK, DMBIK); 3GPP TS 33.220 annex B.2 (their derivation).
#pragma once

#include <string>

#include "core/crypto/secret.hpp"
#include "core/crypto/wiped_bytes.hpp"

namespace uicclab::lwm2m {

/// How DMBEK and DMBIK are derived: KDF(Ks_(ext/int)_NAF, FC, label). Clause 9.3.1.3 prints the labels without a hyphen, but gives their
/// octets (64 6D 2D 62 65 6B) and their length (6) with one: two of its three statements.
struct DmKeyDerivation {
  std::uint8_t fc = 0x01;
  std::string encryption_label = "dm-bek";
  std::string integrity_label = "dm-bik";
};

/// 32 bytes each.
struct DmKeys {
  crypto::SecretBytes dmbek;
  crypto::SecretBytes dmbik;
};
DmKeys derive_dm_keys(const crypto::SecretBytes& ks_naf, const DmKeyDerivation& derivation = {});

/// What a secured packet is ciphered and checked with (LwM2M 1.0 clause 7.2.2.3).
enum class SmsAlgorithm {
  kAes128,     ///< keys of 16 bytes
  kTripleDes3  ///< three different keys, 24 bytes
};

/// KIc and KID of one session.
struct SmsKeys {
  crypto::SecretBytes kic;
  crypto::SecretBytes kid;

  SmsKeys clone() const { return {kic.clone(), kid.clone()}; }
};

/// AES: bits 0 to 127 of DMBEK and DMBIK; triple DES: bits 0 to 167, a parity bit put after each seven. Bit 0 is the first one.
/// Errors: kRange for keys shorter than that; kRefused if K1 = K2 or K2 = K3, which would be less than triple DES.
Result<SmsKeys> truncate(const DmKeys& keys, SmsAlgorithm algorithm);

/// Bytes of one key.
std::size_t key_size(SmsAlgorithm algorithm);

/// 8 bytes with odd parity for each 56 bits. Throws SystemError if `bits` is not groups of 7 bytes.
crypto::SecretBytes with_parity(const crypto::SecretBytes& bits);

/// K1 = K2 or K2 = K3, whatever the parity bits are; false for other sizes than 24 bytes.
bool has_equal_des_keys(const crypto::SecretBytes& key);

/// Resources 7 and 8 of the Security object (appendix E.1): KIc, KID, SPI1, TAR as 6 bytes (the registry's length) - read also as 7, with
/// SPI2 - and KIc then KID. Both layouts are ours where the text says nothing or two things.
struct SmsBinding {
  std::uint8_t kic = 0x12;
  std::uint8_t kid = 0x12;
  std::uint8_t spi1 = 0x16;
  std::uint8_t spi2 = 0x00;  ///< written nowhere: the policy of both ends
  std::array<std::uint8_t, 3> tar{0xB2, 0x02, 0x03};
  bool operator==(const SmsBinding&) const = default;
};
std::array<std::uint8_t, 6> encode_binding(const SmsBinding& binding);
/// Errors: kMalformed for another length than 6 or 7.
Result<SmsBinding> parse_binding(BytesView value);

/// Errors: kRange for another length than 16 (one key for both), 32 or 48.
Result<SmsKeys> parse_sms_keys(BytesView value);
/// KIc, then KID.
crypto::WipedBytes encode_sms_keys(const SmsKeys& keys);

}  // namespace uicclab::lwm2m
