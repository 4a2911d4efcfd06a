// SPDX-License-Identifier: Apache-2.0
// Values that SCP03 derives from its keys: Amd D clause 4.1.5 (data derivation: NIST SP 800-108 in counter mode with CMAC), 6.2.1 (session
// keys), 6.2.2 (challenges, cryptograms); key diversification KDF3 of GlobalPlatformPro's users; key check values: GlobalPlatform
// Card Specification clause B.5 (DES) and Amd D clause 6.1 (AES).
#pragma once

#include <initializer_list>

#include "core/crypto/des.hpp"
#include "scp03/protocol.hpp"

namespace uicclab::scp03 {

/// Derivation constants (Amd D table 4-1).
enum class Derivation : std::uint8_t {
  kCardCryptogram = 0x00,
  kHostCryptogram = 0x01,
  kCardChallenge = 0x02,
  kSEnc = 0x04,
  kSMac = 0x06,
  kSRMac = 0x07,
};

/// Fills `out`, at most 64 bytes, from the key in `prf` and the concatenated context (Amd D clause 4.1.5).
void derive(crypto::AesCmac& prf, Derivation constant, std::initializer_list<BytesView> context, std::span<std::uint8_t> out);

/// A challenge or a cryptogram: 8 bytes, in S16 mode 16.
class ShortValue {
 public:
  ShortValue() = default;
  /// The first 16 bytes of `bytes` at most.
  explicit ShortValue(BytesView bytes) : ShortValue(bytes.size()) { std::copy_n(bytes.begin(), m_size, m_bytes.begin()); }
  explicit ShortValue(std::size_t size) : m_size(std::min(size, m_bytes.size())) {}

  BytesView bytes() const { return {m_bytes.data(), m_size}; }
  std::span<std::uint8_t> writable() { return {m_bytes.data(), m_size}; }

 private:
  std::array<std::uint8_t, 16> m_bytes{};
  std::size_t m_size = 0;
};

/// The keys of one session (Amd D clause 6.2.1), each as long as the static key it is made from.
struct SessionKeys {
  crypto::AesKey enc;
  crypto::AesKey mac;
  crypto::AesKey rmac;

  static SessionKeys from(const KeySet& keys, BytesView host_challenge, BytesView card_challenge);
};

/// The pseudo-random card challenge (Amd D clause 6.2.2.1) of `size` 8 or 16 bytes; `aid` is that of the application that the host
/// selected, `sequence_counter` has 24 bits.
ShortValue card_challenge(const KeySet& keys, std::uint32_t sequence_counter, BytesView aid, std::size_t size);

/// Card and host cryptogram (Amd D clauses 6.2.2.2, 6.2.2.3), as long as the challenges.
struct Cryptograms {
  ShortValue card;
  ShortValue host;

  static Cryptograms from(crypto::AesCmac& s_mac, BytesView host_challenge, BytesView card_challenge);
};

/// Keys of one card from a master key and the card's diversification data ("KDF3"): CMAC(master, n || 000000 || key id || 00 || data),
/// n = 1.., key ids 1 ENC, 2 MAC, 3 DEK. The keys are as long as the master key.
KeySet diversify_kdf3(const crypto::AesKey& master, const DiversificationData& data, KeyVersion version);

using KeyCheckValue = std::array<std::uint8_t, 3>;
/// First three bytes of a block of 01 enciphered.
KeyCheckValue key_check_value(const crypto::AesKey& key);
/// First three bytes of a block of zeros enciphered.
KeyCheckValue key_check_value(const crypto::DesKey& key);

}  // namespace uicclab::scp03
