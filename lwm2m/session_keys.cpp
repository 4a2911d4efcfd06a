// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/session_keys.hpp"

#include <bit>

#include "core/crypto/hash.hpp"
#include "core/reader.hpp"

namespace uicclab::lwm2m {
namespace {

using crypto::SecretBytes;

constexpr crypto::ExposeSecret kReshape{"a key is cut and its parity bits set"};
constexpr std::size_t kDesKeySize = 8;
constexpr std::size_t kDesKeyBits = 7;  // bytes of 56 bits

/// Seven bits in the upper seven bits of a byte, an odd number of ones in all eight.
std::uint8_t odd(unsigned seven) {
  const auto byte = static_cast<std::uint8_t>(seven << 1);
  return static_cast<std::uint8_t>(byte | (std::popcount(byte) % 2 == 0 ? 1 : 0));
}

Result<SecretBytes> cut(const SecretBytes& key, SmsAlgorithm algorithm) {
  const std::size_t size = algorithm == SmsAlgorithm::kAes128 ? 16 : 3 * kDesKeyBits;
  if (key.size() < size) return fail(ErrorCode::kRange, "a key too short to be cut");
  SecretBytes bits = key.part(0, size);
  if (algorithm == SmsAlgorithm::kAes128) return bits;
  SecretBytes des = with_parity(bits);
  if (has_equal_des_keys(des)) return fail(ErrorCode::kRefused, "a triple DES key with two equal keys");
  return des;
}

}  // namespace

DmKeys derive_dm_keys(const SecretBytes& ks_naf, const DmKeyDerivation& derivation) {
  const auto derive = [&](const std::string& label) { return crypto::kdf_3gpp(ks_naf, derivation.fc, {as_bytes(label)}); };
  return {derive(derivation.encryption_label), derive(derivation.integrity_label)};
}

std::size_t key_size(SmsAlgorithm algorithm) {
  return algorithm == SmsAlgorithm::kAes128 ? 16 : 3 * kDesKeySize;
}

SecretBytes with_parity(const SecretBytes& bits) {
  if (bits.size() % kDesKeyBits != 0) throw SystemError("with_parity: not groups of 56 bits");
  const BytesView in = bits.expose(kReshape);
  return SecretBytes::make(bits.size() / kDesKeyBits * kDesKeySize, [&](std::span<std::uint8_t> out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t first = i * 7;  // bit of `in`
      const unsigned pair = static_cast<unsigned>(in[first / 8] << 8) | (first / 8 + 1 < in.size() ? in[first / 8 + 1] : 0U);
      out[i] = odd((pair >> (9 - first % 8)) & 0x7F);
    }
  });
}

bool has_equal_des_keys(const SecretBytes& key) {
  if (key.size() != 3 * kDesKeySize) return false;
  std::array<std::uint8_t, 3 * kDesKeySize> bytes;
  std::ranges::transform(key.expose(kReshape), bytes.begin(), [](std::uint8_t byte) { return static_cast<std::uint8_t>(byte & 0xFE); });
  const BytesView all(bytes);
  const bool equal =
      crypto::constant_time_equal(all.first(8), all.subspan(8, 8)) || crypto::constant_time_equal(all.subspan(8, 8), all.last(8));
  crypto::wipe(bytes);
  return equal;
}

Result<SmsKeys> truncate(const DmKeys& keys, SmsAlgorithm algorithm) {
  auto kic = cut(keys.dmbek, algorithm);
  if (!kic) return tl::unexpected(kic.error());
  auto kid = cut(keys.dmbik, algorithm);
  if (!kid) return tl::unexpected(kid.error());
  return SmsKeys{*std::move(kic), *std::move(kid)};
}

std::array<std::uint8_t, 6> encode_binding(const SmsBinding& binding) {
  return {binding.kic, binding.kid, binding.spi1, binding.tar[0], binding.tar[1], binding.tar[2]};
}

Result<SmsBinding> parse_binding(BytesView value) {
  if (value.size() != 6 && value.size() != 7) return fail(ErrorCode::kMalformed, "SMS key parameters have 6 or 7 bytes");
  SmsBinding binding;
  binding.kic = value[0];
  binding.kid = value[1];
  binding.spi1 = value[2];
  if (value.size() == 7) binding.spi2 = value[3];
  std::ranges::copy(value.last(3), binding.tar.begin());
  return binding;
}

Result<SmsKeys> parse_sms_keys(BytesView value) {
  if (value.size() == 16) return SmsKeys{SecretBytes(value), SecretBytes(value)};
  if (value.size() != 32 && value.size() != 48) return fail(ErrorCode::kRange, "SMS keys have 16, 32 or 48 bytes");
  return SmsKeys{SecretBytes(value.first(value.size() / 2)), SecretBytes(value.last(value.size() / 2))};
}

crypto::WipedBytes encode_sms_keys(const SmsKeys& keys) {
  constexpr crypto::ExposeSecret kResource{"resource 8 of the Security object holds the keys"};
  crypto::WipedBytes out = crypto::to_wiped(keys.kic.expose(kResource));
  const BytesView kid = keys.kid.expose(kResource);
  out.insert(out.end(), kid.begin(), kid.end());
  return out;
}

}  // namespace uicclab::lwm2m
