// SPDX-License-Identifier: Apache-2.0
#include "ota/secured_packet_keys.hpp"

#include "ota/crc.hpp"

namespace uicclab::ota {
namespace {

// Low halves of KIc and KID (clauses 5.1.2 and 5.1.3): b2 b1 the algorithm, b4 b3 its mode.
constexpr std::uint8_t kImplicit = 0x0;
constexpr std::uint8_t kDesCbc = 0x1;
constexpr std::uint8_t kAes = 0x2;
constexpr std::uint8_t kTdes2 = 0x5;
constexpr std::uint8_t kTdes3 = 0x9;
constexpr std::uint8_t kDesEcb = 0xD;
constexpr std::uint8_t kCrc16 = 0x1;
constexpr std::uint8_t kCrc32 = 0x5;

constexpr std::size_t kCmacSize = 8;

/// The DES algorithm that the length of a key implies.
std::uint8_t implied(const crypto::DesKey& key) {
  if (key.size() == 8) return kDesCbc;
  return key.size() == 16 ? kTdes2 : kTdes3;
}

Result<void> accept_des(std::uint8_t algorithm, const crypto::DesKey& key, AlgorithmPolicy policy) {
  const std::size_t size = algorithm == kTdes2 ? 16 : algorithm == kTdes3 ? 24 : 8;
  if (key.size() != size) return fail(ErrorCode::kMismatch, "a DES key with a length that the algorithm does not have");
  if (size == 8 && !policy.single_des) return fail(ErrorCode::kUnsupported, "single DES is not allowed");
  return {};
}

/// What both KIc and KID have in common: the algorithm named fits the key, and may be used. Returns it, never kImplicit.
Result<std::uint8_t> algorithm_for(std::uint8_t indicator, const OtaKey& key, AlgorithmPolicy policy) {
  if (std::holds_alternative<std::monostate>(key)) return fail(ErrorCode::kNotFound, "no such key");
  std::uint8_t algorithm = indicator & 0x0F;
  const auto* des = std::get_if<crypto::DesKey>(&key);
  if (algorithm == kImplicit) algorithm = des != nullptr ? implied(*des) : kAes;
  switch (algorithm) {
    case kAes:
      if (des != nullptr) return fail(ErrorCode::kMismatch, "AES with a DES key");
      return algorithm;
    case kDesCbc:
    case kTdes2:
    case kTdes3:
    case kDesEcb:
      if (des == nullptr) return fail(ErrorCode::kMismatch, "DES with an AES key");
      if (auto done = accept_des(algorithm, *des, policy); !done) return tl::unexpected(done.error());
      return algorithm;
    default:
      return fail(ErrorCode::kUnsupported, "a reserved or proprietary algorithm");
  }
}

template <typename T, typename Make>
Result<T*> once(std::variant<std::monostate, T, Error>& slot, Make&& make) {
  if (std::holds_alternative<std::monostate>(slot)) {
    Result<T> made = make();
    if (made) {
      slot.template emplace<T>(*std::move(made));
    } else {
      slot.template emplace<Error>(made.error());
    }
  }
  if (const auto* error = std::get_if<Error>(&slot)) return tl::unexpected(*error);
  return &std::get<T>(slot);
}

}  // namespace

Result<PacketCipher> PacketCipher::make(std::uint8_t kic, const OtaKey& key, AlgorithmPolicy policy) {
  const auto algorithm = algorithm_for(kic, key, policy);
  if (!algorithm) return tl::unexpected(algorithm.error());
  if (*algorithm == kAes) return PacketCipher(crypto::AesCbc(std::get<crypto::AesKey>(key)));
  return PacketCipher(crypto::Des(std::get<crypto::DesKey>(key)), *algorithm == kDesEcb);
}

void PacketCipher::encrypt(std::span<std::uint8_t> bytes) {
  if (auto* aes = std::get_if<crypto::AesCbc>(&m_cipher)) {
    aes->encrypt(crypto::Bytes16{}, bytes, bytes);
  } else if (auto& des = std::get<crypto::Des>(m_cipher); m_ecb) {
    des.ecb_encrypt(bytes, bytes);
  } else {
    des.cbc_encrypt(crypto::Bytes8{}, bytes, bytes);
  }
}

void PacketCipher::decrypt(std::span<std::uint8_t> bytes) {
  Result<void> done;
  if (auto* aes = std::get_if<crypto::AesCbc>(&m_cipher)) {
    done = aes->decrypt(crypto::Bytes16{}, bytes, bytes);
  } else if (auto& des = std::get<crypto::Des>(m_cipher); m_ecb) {
    done = des.ecb_decrypt(bytes, bytes);
  } else {
    done = des.cbc_decrypt(crypto::Bytes8{}, bytes, bytes);
  }
  if (!done) throw SystemError("PacketCipher: a part of a block");
}

Result<PacketCheck> PacketCheck::make(Check kind, std::uint8_t kid, const OtaKey& key, AlgorithmPolicy policy) {
  if (kind == Check::kRc) {
    // Clause 5.1.3.2. What both ends imply with 0 is taken to be CRC-32.
    const std::uint8_t algorithm = kid & 0x0F;
    if (algorithm == kCrc16) return PacketCheck(Crc(), 2, false);
    if (algorithm == kCrc32 || algorithm == kImplicit) return PacketCheck(Crc(), 4, false);
    return fail(ErrorCode::kUnsupported, "a reserved or proprietary redundancy check");
  }
  if (kind != Check::kCc) return fail(ErrorCode::kUnsupported, "neither a redundancy check nor a cryptographic checksum");
  const auto algorithm = algorithm_for(kid, key, policy);
  if (!algorithm) return tl::unexpected(algorithm.error());
  if (*algorithm == kDesEcb) return fail(ErrorCode::kUnsupported, "a reserved cryptographic checksum");
  if (*algorithm == kAes) return PacketCheck(crypto::AesCmac(std::get<crypto::AesKey>(key)), kCmacSize, policy.short_cmac);
  return PacketCheck(crypto::Des(std::get<crypto::DesKey>(key)), crypto::kDesBlockSize, false);
}

PacketCheck::Value PacketCheck::compute(std::initializer_list<BytesView> parts) {
  Value value{};
  if (auto* des = std::get_if<crypto::Des>(&m_algorithm)) return des->mac(crypto::Bytes8{}, parts, crypto::MacPadding::kZeros);
  if (auto* cmac = std::get_if<crypto::AesCmac>(&m_algorithm)) {
    const crypto::Bytes16 whole = cmac->compute(parts);
    std::copy_n(whole.begin(), value.size(), value.begin());
    return value;
  }
  const std::uint32_t crc = m_size == 2 ? crc16(parts) : crc32(parts);
  for (std::size_t i = 0; i < m_size; ++i) value[i] = static_cast<std::uint8_t>(crc >> (8 * (m_size - 1 - i)));
  return value;
}

PacketKeys::PacketKeys(std::uint8_t kic, std::uint8_t kid, OtaKeySet keys, AlgorithmPolicy policy)
    : m_kic(kic), m_kid(kid), m_keys(std::move(keys)), m_policy(policy) {}

Result<PacketCipher*> PacketKeys::cipher() {
  return once(m_cipher, [&] { return PacketCipher::make(m_kic, m_keys.kic, m_policy); });
}

Result<PacketCheck*> PacketKeys::check(Check kind) {
  if (kind != Check::kRc && kind != Check::kCc)
    return fail(ErrorCode::kUnsupported, "neither a redundancy check nor a cryptographic checksum");
  return once(kind == Check::kRc ? m_rc : m_cc, [&] { return PacketCheck::make(kind, m_kid, m_keys.kid, m_policy); });
}

}  // namespace uicclab::ota
