// SPDX-License-Identifier: Apache-2.0
// The algorithms that KIc and KID name, keyed: ETSI TS 102 225 clauses 5.1.2 and 5.1.3.
#pragma once

#include <variant>

#include "core/crypto/aes.hpp"
#include "core/crypto/des.hpp"
#include "ota/secured_packet_header.hpp"

namespace uicclab::ota {

/// A key of a key set with its type; none if the set has no such key.
using OtaKey = std::variant<std::monostate, crypto::DesKey, crypto::AesKey>;

/// The two keys of a key version that secured packets use.
struct OtaKeySet {
  OtaKey kic;
  OtaKey kid;
};

/// What is accepted beyond the algorithms that are safe to use.
struct AlgorithmPolicy {
  bool single_des = false;  ///< DES in CBC or ECB mode with one key of 8 bytes
  bool short_cmac = false;  ///< an AES-CMAC of 4 octets in addition to the one of 8

  bool operator==(const AlgorithmPolicy&) const = default;
};

/// Ciphers packets with an IV of zeros (clause 5.1.2).
class PacketCipher {
 public:
  /// Errors: kUnsupported for an algorithm that is reserved, proprietary or not in `policy`; kMismatch for a key of another type or
  /// length; kNotFound without a key.
  static Result<PacketCipher> make(std::uint8_t kic, const OtaKey& key, AlgorithmPolicy policy);

  std::size_t block_size() const { return m_block_size; }
  /// In place; whole blocks.
  void encrypt(std::span<std::uint8_t> bytes);
  void decrypt(std::span<std::uint8_t> bytes);

 private:
  PacketCipher(crypto::AesCbc cipher) : m_cipher(std::move(cipher)), m_block_size(crypto::kAesBlockSize) {}
  PacketCipher(crypto::Des cipher, bool ecb) : m_cipher(std::move(cipher)), m_block_size(crypto::kDesBlockSize), m_ecb(ecb) {}

  std::variant<crypto::AesCbc, crypto::Des> m_cipher;
  std::size_t m_block_size;
  bool m_ecb = false;
};

/// Computes the RC or CC of packets.
class PacketCheck {
 public:
  /// The longest of them.
  static constexpr std::size_t kMaxSize = 8;
  using Value = std::array<std::uint8_t, kMaxSize>;

  /// `kind` is kRc or kCc; an RC needs no key. Errors: as PacketCipher::make(); kUnsupported for a DS.
  static Result<PacketCheck> make(Check kind, std::uint8_t kid, const OtaKey& key, AlgorithmPolicy policy);

  /// Octets of it as a rule: CRC 2 or 4, CC 8.
  std::size_t size() const { return m_size; }
  /// This length is accepted: size(), or 4 for an AES-CMAC where the policy lets it be.
  bool has_size(std::size_t size) const { return size == m_size || (m_may_be_short && size == 4); }
  /// Over the concatenation of the parts; the check is the first octets of the value. A DES MAC pads with zeros up to a whole block.
  Value compute(std::initializer_list<BytesView> parts);

 private:
  struct Crc {};
  using Algorithm = std::variant<Crc, crypto::Des, crypto::AesCmac>;
  PacketCheck(Algorithm algorithm, std::size_t size, bool may_be_short)
      : m_algorithm(std::move(algorithm)), m_size(size), m_may_be_short(may_be_short) {}

  Algorithm m_algorithm;
  std::size_t m_size;
  bool m_may_be_short;
};

/// All that one pair of KIc and KID can be used for. Made once and kept for as many packets as name the pair, at either end; each part
/// is keyed or refused when it is first asked for.
class PacketKeys {
 public:
  PacketKeys(std::uint8_t kic, std::uint8_t kid, OtaKeySet keys, AlgorithmPolicy policy = {});

  std::uint8_t kic() const { return m_kic; }
  std::uint8_t kid() const { return m_kid; }

  /// Errors: as PacketCipher::make() and PacketCheck::make(). The pointer is valid as long as this object.
  Result<PacketCipher*> cipher();
  Result<PacketCheck*> check(Check kind);

 private:
  template <typename T>
  using Lazy = std::variant<std::monostate, T, Error>;

  std::uint8_t m_kic;
  std::uint8_t m_kid;
  OtaKeySet m_keys;
  AlgorithmPolicy m_policy;
  Lazy<PacketCipher> m_cipher;
  Lazy<PacketCheck> m_rc;
  Lazy<PacketCheck> m_cc;
};

}  // namespace uicclab::ota
