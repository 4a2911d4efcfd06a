// SPDX-License-Identifier: Apache-2.0
#include "gp/host/key_material.hpp"

namespace uicclab::gp::host {
namespace {

using crypto::SecretBytes;

struct DiversificationName {
  Diversification how;
  std::string_view name;
};
constexpr auto kDiversifications = std::to_array<DiversificationName>({{Diversification::kNone, "none"},
                                                                       {Diversification::kKdf3, "kdf3"},
                                                                       {Diversification::kEmv, "emv"},
                                                                       {Diversification::kVisa2, "visa2"}});

/// Six bytes, F0, key identifier, the same six, 0F, key identifier, enciphered with the master key.
Result<SecretBytes> diversify_des(const SecretBytes& master, const std::array<std::uint8_t, 6>& part, std::uint8_t id) {
  if (master.size() != 16) return fail(ErrorCode::kRange, "EMV and VISA2 diversification need master keys of 16 bytes");
  auto key = crypto::DesKey::from(master.clone());
  if (!key) return tl::unexpected(key.error());
  std::array<std::uint8_t, 16> block{};
  std::ranges::copy(part, block.begin());
  std::ranges::copy(part, block.begin() + 8);
  block[6] = 0xF0;
  block[14] = 0x0F;
  block[7] = block[15] = id;
  return SecretBytes::make(block.size(), [&](std::span<std::uint8_t> out) { crypto::Des(*key).ecb_encrypt(block, out); });
}

Result<SecretBytes> diversify_aes(const SecretBytes& master, const scp03::DiversificationData& data, crypto::AesKey scp03::KeySet::*which) {
  auto key = crypto::AesKey::from(master.clone());
  if (!key) return tl::unexpected(key.error());
  return (scp03::diversify_kdf3(*key, data, KeyVersion{}).*which).secret().clone();
}

}  // namespace

std::string_view name(Diversification how) {
  return std::ranges::find(kDiversifications, how, &DiversificationName::how)->name;
}

std::optional<Diversification> diversification_named(std::string_view name) {
  const auto found = std::ranges::find(kDiversifications, name, &DiversificationName::name);
  return found == kDiversifications.end() ? std::nullopt : std::optional(found->how);
}

KeyMaterial KeyMaterial::from_one(std::string name, const SecretBytes& key) {
  KeyMaterial out;
  out.name = std::move(name);
  out.enc = key.clone();
  out.mac = key.clone();
  out.dek = key.clone();
  return out;
}

KeyMaterial KeyMaterial::clone() const {
  KeyMaterial out;
  out.name = name;
  out.enc = enc.clone();
  out.mac = mac.clone();
  out.dek = dek.clone();
  out.diversification = diversification;
  out.version = version;
  return out;
}

Result<KeyMaterial> KeyMaterial::for_card(const scp03::DiversificationData& data) const {
  struct One {
    SecretBytes KeyMaterial::*from;
    crypto::AesKey scp03::KeySet::*of_set;
    std::uint8_t id;
  };
  constexpr auto kKeys = std::to_array<One>({{&KeyMaterial::enc, &scp03::KeySet::enc, 1},
                                             {&KeyMaterial::mac, &scp03::KeySet::mac, 2},
                                             {&KeyMaterial::dek, &scp03::KeySet::dek, 3}});
  KeyMaterial out = clone();
  if (diversification == Diversification::kNone) return out;
  for (const One& one : kKeys) {
    const auto derived = [&]() -> Result<SecretBytes> {
      switch (diversification) {
        case Diversification::kEmv:
          return diversify_des(this->*one.from, {data[4], data[5], data[6], data[7], data[8], data[9]}, one.id);
        case Diversification::kVisa2:
          return diversify_des(this->*one.from, {data[0], data[1], data[4], data[5], data[6], data[7]}, one.id);
        default:
          return diversify_aes(this->*one.from, data, one.of_set);
      }
    };
    auto key = derived();
    if (!key) return tl::unexpected(key.error());
    out.*one.from = *std::move(key);
  }
  return out;
}

Result<scp03::KeySet> KeyMaterial::scp03_keys(const scp03::DiversificationData& data, KeyVersion of) const {
  auto keys = for_card(data);
  if (!keys) return tl::unexpected(keys.error());
  return scp03::KeySet::from(of, std::move(keys->enc), std::move(keys->mac), std::move(keys->dek));
}

Result<scp03::legacy::Scp02KeySet> KeyMaterial::scp02_keys(const scp03::DiversificationData& data, KeyVersion of) const {
  auto keys = for_card(data);
  if (!keys) return tl::unexpected(keys.error());
  return scp03::legacy::Scp02KeySet::from(of, std::move(keys->enc), std::move(keys->mac), std::move(keys->dek));
}

KeyMaterial default_keys() {
  return KeyMaterial::from_one("default", SecretBytes("404142434445464748494A4B4C4D4E4F"_h));
}

}  // namespace uicclab::gp::host
