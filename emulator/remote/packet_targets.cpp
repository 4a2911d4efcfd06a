// SPDX-License-Identifier: Apache-2.0
#include "emulator/remote/packet_targets.hpp"

namespace uicclab::emulator {
namespace {

constexpr gp::KeyId kKic{1};
constexpr gp::KeyId kKid{2};
constexpr std::uint8_t kLastVersion = 0x0F;  // those of secured packets: 01 to 0F

/// The version in the high half of KIc or KID; of the two, that of the one which is used. 0: known to both ends, the lowest there is.
KeyVersion version_of(const ota::PacketHeader& header, const InstanceKeys& keys) {
  const auto kic = static_cast<std::uint8_t>(header.kic >> 4);
  const auto kid = static_cast<std::uint8_t>(header.kid >> 4);
  const std::uint8_t named = header.spi.check() == ota::Check::kCc || kic == 0 ? (kid != 0 ? kid : kic) : kic;
  if (named != 0) return KeyVersion{named};
  for (const gp::KeyInformation& key : keys.list()) {
    if (key.version.value >= 1 && key.version.value <= kLastVersion) return key.version;
  }
  return {};
}

ota::OtaKey ota_key(const InstanceKeys& keys, KeyVersion version, gp::KeyId id) {
  auto key = keys.find(version, id);
  if (!key) return {};
  if (key->type == gp::kAesKey) {
    auto aes = crypto::AesKey::from(std::move(key->value));
    return aes ? ota::OtaKey(*std::move(aes)) : ota::OtaKey();
  }
  auto des = crypto::DesKey::from(std::move(key->value));
  return des ? ota::OtaKey(*std::move(des)) : ota::OtaKey();
}

}  // namespace

void PacketTargets::drop_stale() {
  if (!m_stale) return;
  m_instances.clear();
  m_targets.clear();
  m_stale = false;
}

std::optional<std::uint32_t> PacketTargets::instance_of(const Registry& registry, Tar tar) {
  drop_stale();
  for (const auto& [known, instance] : m_instances) {
    if (known == tar) return instance;
  }
  if (m_instances.size() == kMaxKept) m_instances.erase(m_instances.begin());
  return m_instances.emplace_back(tar, registry.by_tar(tar)).second;
}

PacketTarget& PacketTargets::find(Nvm& nvm, const Registry& registry, std::uint32_t instance, const ota::PacketHeader& header,
                                  ota::AlgorithmPolicy policy) {
  drop_stale();
  for (PacketTarget& target : m_targets) {
    if (target.tar == header.tar && target.keys.kic() == header.kic && target.keys.kid() == header.kid &&
        // what is named depends on what is used, if the two differ
        ((header.kic >> 4) == (header.kid >> 4))) {
      return target;
    }
  }
  const InstanceSpec& spec = *registry.find(instance);
  const auto domain = spec.module->is_security_domain() ? std::optional(instance) : registry.domain_of(spec);
  PacketTarget target{instance, spec.uicc.toolkit->minimum_spi1, {}, 0, header.tar, ota::PacketKeys(header.kic, header.kid, {}, policy)};
  if (domain) {
    const InstanceKeys keys(nvm, registry, *domain);
    target.holder = keys.holder();
    target.version = version_of(header, keys);
    target.keys =
        ota::PacketKeys(header.kic, header.kid, {ota_key(keys, target.version, kKic), ota_key(keys, target.version, kKid)}, policy);
  }
  if (m_targets.size() == kMaxKept) m_targets.erase(m_targets.begin());
  return m_targets.emplace_back(std::move(target));
}

}  // namespace uicclab::emulator
