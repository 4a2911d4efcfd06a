// SPDX-License-Identifier: Apache-2.0
// PUT KEY and DELETE [key]: GP clauses 11.8 and 11.2.2.3.2; AES keys: Amd D clause 7.2.
#include "applet/issuer_sd/secure_channel.hpp"
#include "applet/issuer_sd/security_domain.hpp"
#include "scp03/put_key.hpp"

namespace uicclab::applet::issuer_sd {
namespace {

constexpr std::uint8_t kVersionMask = 0x7F;
constexpr std::uint8_t kSeveral = 0x80;  // P2: more than one key
constexpr std::size_t kMaxKeys = 64;     // of a domain
// GP table 11-77.
constexpr StatusWord kAlgorithmNotSupported{0x9484};
constexpr StatusWord kWrongCheckValue{0x9485};

StatusWord refusal(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnsupported:
      return kAlgorithmNotSupported;
    case ErrorCode::kMismatch:
      return kWrongCheckValue;
    default:
      return sw::kIncorrectData;
  }
}

bool has(const std::vector<gp::KeyInformation>& keys, KeyVersion version, std::optional<gp::KeyId> id = {}) {
  return std::ranges::any_of(keys, [&](const auto& key) { return key.version == version && (!id || key.id == *id); });
}

/// Without a whole key set the issuer could never come back to its own card.
bool locks_issuer_out(SecurityDomain::Call& call) {
  const Settings settings = Settings::decode(call.context.load(kSettingsSlot));
  return call.card.is_issuer_domain() && !default_key_version(call.card.keys(), settings);
}

}  // namespace

/// In a secured packet, the third key of the version that secured it: 3DES in ECB mode, AES in CBC mode with zeros as IV (ETSI TS 102 226
/// clause 8.2.1.5).
std::unique_ptr<scp03::KeyCipher> SecurityDomain::key_cipher(Call& call) const {
  const auto version = call.context.secured_by();
  if (!version) return session().key_cipher();
  constexpr gp::KeyId kKik{3};
  auto key = call.card.keys().find(*version, kKik);
  if (!key) return nullptr;
  if (key->type != gp::kAesKey) return key->value.size() == 16 ? std::make_unique<scp03::legacy::Scp02KeyCipher>(key->value) : nullptr;
  const auto aes = crypto::AesKey::from(std::move(key->value));
  return aes ? std::make_unique<scp03::DekCipher>(*aes) : nullptr;
}

StatusWord SecurityDomain::put_key(Call& call) {
  const KeyVersion old{static_cast<std::uint8_t>(call.command.p1 & kVersionMask)};
  const auto first = static_cast<std::uint8_t>(call.command.p2 & ~kSeveral);
  const bool several = (call.command.p2 & kSeveral) != 0;
  if (first == 0) return sw::kIncorrectP1P2;
  const auto cipher = key_cipher(call);
  if (!cipher) return sw::kSecurityStatusNotSatisfied;
  auto data = scp03::PutKeyData::parse(*cipher, call.command.data);
  if (!data) return refusal(data.error());
  if (data->keys.empty() || (data->keys.size() > 1 && !several) || first + data->keys.size() - 1 > 0x7F) return sw::kIncorrectData;

  DomainKeys& keys = call.card.keys();
  // Keys that the domain only borrows are not there to be replaced, nor in the way of its own.
  const auto now = keys.own();
  if (now.size() + data->keys.size() > kMaxKeys) return sw::kNotEnoughMemory;
  for (std::size_t i = 0; i < data->keys.size(); ++i) {
    const gp::KeyId id{static_cast<std::uint8_t>(first + i)};
    if (old.value != 0 && !has(now, old, id)) return sw::kReferencedDataNotFound;
    if (old != data->version && has(now, data->version, id)) return sw::kIncorrectData;
  }
  for (std::size_t i = 0; i < data->keys.size(); ++i) {
    const gp::KeyId id{static_cast<std::uint8_t>(first + i)};
    if (old.value != 0 && old != data->version) keys.erase(old, id);
    auto& transported = data->keys[i];
    keys.put({data->version, id, static_cast<std::uint8_t>(transported.type), std::move(transported.key)});
  }
  if (locks_issuer_out(call)) return sw::kConditionsNotSatisfied;
  call.card.set_personalized();
  call.out = data->answer();
  return sw::kOk;
}

StatusWord SecurityDomain::remove_keys(Call& call, const gp::DeleteData& which) {
  if (!which.token.empty()) return sw::kFunctionNotSupported;
  DomainKeys& keys = call.card.keys();
  const auto now = keys.own();
  bool found = false;
  for (const gp::KeyInformation& key : now) {
    if (which.key_version && key.version != *which.key_version) continue;
    if (which.key_id && key.id.value != *which.key_id) continue;
    keys.erase(key.version, key.id);
    found = true;
  }
  if (!found) return sw::kReferencedDataNotFound;
  return locks_issuer_out(call) ? sw::kConditionsNotSatisfied : sw::kOk;
}

}  // namespace uicclab::applet::issuer_sd
