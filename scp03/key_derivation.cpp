// SPDX-License-Identifier: Apache-2.0
#include "scp03/key_derivation.hpp"

#include "core/crypto/error.hpp"

namespace uicclab::scp03 {
namespace {

using crypto::AesCmac;
using crypto::AesKey;
using crypto::SecretBytes;

AesKey derive_key(AesCmac& prf, Derivation constant, BytesView host_challenge, BytesView card_challenge, std::size_t size) {
  return AesKey::from(SecretBytes::make(size,
                                        [&](std::span<std::uint8_t> out) {
                                          derive(prf, constant, {host_challenge, card_challenge}, out);
                                        }))
      .value();
}

KeyCheckValue first_three(BytesView block) {
  return {block[0], block[1], block[2]};
}

}  // namespace

Result<KeySet> KeySet::from(KeyVersion version, SecretBytes enc, SecretBytes mac, SecretBytes dek) {
  auto enc_key = AesKey::from(std::move(enc));
  if (!enc_key) return tl::unexpected(enc_key.error());
  auto mac_key = AesKey::from(std::move(mac));
  if (!mac_key) return tl::unexpected(mac_key.error());
  auto dek_key = AesKey::from(std::move(dek));
  if (!dek_key) return tl::unexpected(dek_key.error());
  return KeySet{version, *std::move(enc_key), *std::move(mac_key), *std::move(dek_key)};
}

void derive(AesCmac& prf, Derivation constant, std::initializer_list<BytesView> context, std::span<std::uint8_t> out) {
  // Label (11 zeros and the constant), separator 00, L in bits, counter i, context: the order is that of Amd D, not of SP 800-108.
  constexpr std::size_t kFixed = 16;
  std::array<std::uint8_t, kFixed + 32> block{};
  block[11] = static_cast<std::uint8_t>(constant);
  block[13] = static_cast<std::uint8_t>(out.size() * 8 >> 8);
  block[14] = static_cast<std::uint8_t>(out.size() * 8);
  std::size_t size = kFixed;
  for (BytesView part : context) {
    if (part.size() > block.size() - size) throw crypto::CryptoError("SCP03: a derivation context of more than 32 bytes");
    std::ranges::copy(part, block.begin() + static_cast<std::ptrdiff_t>(size));
    size += part.size();
  }
  for (std::size_t done = 0; done < out.size();) {
    ++block[15];
    crypto::Bytes16 mac = prf.compute(BytesView(block).first(size));
    const std::size_t take = std::min(mac.size(), out.size() - done);
    std::copy_n(mac.begin(), take, out.begin() + static_cast<std::ptrdiff_t>(done));
    crypto::wipe(mac);
    done += take;
  }
}

SessionKeys SessionKeys::from(const KeySet& keys, BytesView host_challenge, BytesView card_challenge) {
  AesCmac enc(keys.enc);
  AesCmac mac(keys.mac);
  return {derive_key(enc, Derivation::kSEnc, host_challenge, card_challenge, keys.enc.size()),
          derive_key(mac, Derivation::kSMac, host_challenge, card_challenge, keys.mac.size()),
          derive_key(mac, Derivation::kSRMac, host_challenge, card_challenge, keys.mac.size())};
}

ShortValue card_challenge(const KeySet& keys, std::uint32_t sequence_counter, BytesView aid, std::size_t size) {
  const std::array counter{static_cast<std::uint8_t>(sequence_counter >> 16), static_cast<std::uint8_t>(sequence_counter >> 8),
                           static_cast<std::uint8_t>(sequence_counter)};
  AesCmac enc(keys.enc);
  ShortValue challenge(size);
  derive(enc, Derivation::kCardChallenge, {counter, aid}, challenge.writable());
  return challenge;
}

Cryptograms Cryptograms::from(AesCmac& s_mac, BytesView host_challenge, BytesView card_challenge) {
  Cryptograms out{ShortValue(host_challenge.size()), ShortValue(host_challenge.size())};
  derive(s_mac, Derivation::kCardCryptogram, {host_challenge, card_challenge}, out.card.writable());
  derive(s_mac, Derivation::kHostCryptogram, {host_challenge, card_challenge}, out.host.writable());
  return out;
}

KeySet diversify_kdf3(const AesKey& master, const DiversificationData& data, KeyVersion version) {
  AesCmac prf(master);
  const auto key = [&](std::uint8_t id) {
    return AesKey::from(SecretBytes::make(master.size(),
                                          [&](std::span<std::uint8_t> out) {
                                            std::array<std::uint8_t, 6> head{0, 0, 0, 0, id, 0};
                                            for (std::size_t done = 0; done < out.size();) {
                                              ++head[0];
                                              crypto::Bytes16 mac = prf.compute({head, data});
                                              const std::size_t take = std::min(mac.size(), out.size() - done);
                                              std::copy_n(mac.begin(), take, out.begin() + static_cast<std::ptrdiff_t>(done));
                                              crypto::wipe(mac);
                                              done += take;
                                            }
                                          }))
        .value();
  };
  return {version, key(1), key(2), key(3)};
}

KeyCheckValue key_check_value(const AesKey& key) {
  crypto::Bytes16 ones;
  ones.fill(0x01);
  return first_three(crypto::AesBlock(key).encrypt(ones));
}

KeyCheckValue key_check_value(const crypto::DesKey& key) {
  constexpr crypto::Bytes8 kZeros{};
  return first_three(crypto::Des(key).ecb_encrypt(kZeros));
}

}  // namespace uicclab::scp03
