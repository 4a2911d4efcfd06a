// SPDX-License-Identifier: Apache-2.0
// Secure Channel Protocol '03', common part of both ends: GlobalPlatform Card Specification v2.3 Amendment D v1.1.2 (GPC_SPE_014), in the
// code below "Amd D"; S16 mode from version 1.2.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/apdu.hpp"
#include "core/crypto/aes.hpp"
#include "core/types.hpp"

namespace uicclab::scp03 {

/// The protocol number in the key information of INITIALIZE UPDATE.
inline constexpr std::uint8_t kProtocolNumber = 0x03;

namespace ins {
inline constexpr std::uint8_t kInitializeUpdate = 0x50;
inline constexpr std::uint8_t kEndRMacSession = 0x78;
inline constexpr std::uint8_t kBeginRMacSession = 0x7A;
inline constexpr std::uint8_t kExternalAuthenticate = 0x82;
}  // namespace ins

/// What a session protects (Amd D clause 7.1.2.1, P1 of EXTERNAL AUTHENTICATE). Only the six combinations of the table exist.
class SecurityLevel {
 public:
  /// 00: entity authentication only.
  constexpr SecurityLevel() = default;
  /// Nothing for a combination that the clause does not have.
  static constexpr std::optional<SecurityLevel> from(std::uint8_t p1) {
    for (const int known : {0x00, 0x01, 0x03, 0x11, 0x13, 0x33}) {
      if (p1 == known) return SecurityLevel(p1);
    }
    return std::nullopt;
  }

  constexpr std::uint8_t value() const { return m_value; }
  constexpr bool c_mac() const { return (m_value & 0x01) != 0; }
  constexpr bool c_encryption() const { return (m_value & 0x02) != 0; }
  constexpr bool r_mac() const { return (m_value & 0x10) != 0; }
  constexpr bool r_encryption() const { return (m_value & 0x20) != 0; }
  constexpr bool operator==(const SecurityLevel&) const = default;

 private:
  friend struct Level;
  constexpr explicit SecurityLevel(std::uint8_t value) : m_value(value) {}
  std::uint8_t m_value = 0x00;
};

/// The security levels by name.
struct Level {
  static constexpr SecurityLevel kAuthenticated{0x00};
  static constexpr SecurityLevel kCMac{0x01};
  static constexpr SecurityLevel kCMacCEnc{0x03};
  static constexpr SecurityLevel kCMacRMac{0x11};
  static constexpr SecurityLevel kCMacCEncRMac{0x13};
  static constexpr SecurityLevel kAll{0x33};
};

/// The implementation parameter "i" (Amd D clause 5.1 table 5-1): the options of a card, from its answer to INITIALIZE UPDATE.
struct Mode {
  std::uint8_t i = 0x70;

  /// Challenges, cryptograms and MACs of 16 bytes instead of 8.
  constexpr bool is_s16() const { return (i & 0x01) != 0; }
  /// The card challenge is computed from a sequence counter; otherwise it is random.
  constexpr bool has_pseudo_random_challenge() const { return (i & 0x10) != 0; }
  constexpr bool offers_r_mac() const { return (i & 0x20) != 0; }
  constexpr bool offers_r_encryption() const { return (i & 0x40) != 0; }
  /// No reserved bit is set, and R-ENCRYPTION comes with R-MAC.
  constexpr bool is_defined() const { return (i & 0x8E) == 0 && (offers_r_mac() || !offers_r_encryption()); }
  constexpr bool offers(SecurityLevel level) const {
    return (offers_r_mac() || !level.r_mac()) && (offers_r_encryption() || !level.r_encryption());
  }
  /// Length of a challenge, a cryptogram and a MAC: 8 or 16 bytes.
  constexpr std::size_t mac_size() const { return is_s16() ? 16 : 8; }
  /// Length of the answer to INITIALIZE UPDATE (Amd D clause 7.1.1.6): 29, 32, 45 or 48 bytes.
  constexpr std::size_t initialize_update_size() const { return 13 + 2 * mac_size() + (has_pseudo_random_challenge() ? 3 : 0); }
  constexpr bool operator==(const Mode&) const = default;
};

/// The static keys of one key version (Amd D clause 6.1), AES of 128, 192 or 256 bits each.
struct KeySet {
  KeyVersion version;
  crypto::AesKey enc;
  crypto::AesKey mac;
  crypto::AesKey dek;

  /// Errors: kRange for a key that does not have 16, 24 or 32 bytes.
  static Result<KeySet> from(KeyVersion version, crypto::SecretBytes enc, crypto::SecretBytes mac, crypto::SecretBytes dek);
  KeySet clone() const { return {version, enc.clone(), mac.clone(), dek.clone()}; }
};

/// Key diversification data, the first ten bytes of the answer to INITIALIZE UPDATE.
using DiversificationData = std::array<std::uint8_t, 10>;

/// The class byte that a C-MAC covers: secured, and always as on channel 0 (Amd D clause 6.2.4), so 04 or 84.
constexpr std::uint8_t mac_class(std::uint8_t cla) {
  return apdu::secured_class(apdu::cla_on_basic_channel(cla));
}

/// Padding 80 00.. to whole AES blocks (GlobalPlatform Card Specification clause B.2.3): the length after it, at least one byte more.
constexpr std::size_t padded_size(std::size_t size) {
  return (size / crypto::kAesBlockSize + 1) * crypto::kAesBlockSize;
}

/// The longest plain data that fits `room` bytes together with a MAC, padded (80 00..) to whole blocks of `block` bytes unless that is 0.
constexpr std::size_t max_data(std::size_t room, std::size_t mac_size, std::size_t block) {
  const std::size_t left = room > mac_size ? room - mac_size : 0;
  if (block == 0) return left;
  return left < block ? 0 : left / block * block - 1;
}

/// The longest plain command data that still fits when wrapped: into Lc of 255 bytes, or 65535 in extended length.
constexpr std::size_t max_command_data(SecurityLevel level, Mode mode, bool extended = false) {
  return max_data(extended ? 65535 : 255, level.c_mac() ? mode.mac_size() : 0, level.c_encryption() ? crypto::kAesBlockSize : 0);
}
/// The longest plain response data that still fits when wrapped: into 256 bytes, or 65536 in extended length.
constexpr std::size_t max_response_data(SecurityLevel level, Mode mode, bool extended = false) {
  return max_data(extended ? 65536 : 256, level.r_mac() ? mode.mac_size() : 0, level.r_encryption() ? crypto::kAesBlockSize : 0);
}

}  // namespace uicclab::scp03
