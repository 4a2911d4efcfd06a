// SPDX-License-Identifier: Apache-2.0
// Keys of security domains in NVM: Space::kKeySet, owner the instance, index version * 256 + identifier, 1 to 7F. Beside the keys of a
// version lie its counters: 0 that of secure channel sessions, 80 and 81 those of secured packets.
#pragma once

#include "applet/api/card_manager.hpp"
#include "emulator/registry/registry.hpp"

namespace uicclab::emulator {

constexpr ObjectId key_object(std::uint32_t domain, KeyVersion version, gp::KeyId id) {
  return {Space::kKeySet, domain, static_cast<std::uint32_t>((version.value << 8) | id.value)};
}
constexpr ObjectId counter_object(std::uint32_t domain, KeyVersion version) {
  return key_object(domain, version, gp::KeyId{0});
}

/// Counter of the packets that the keys of a version have checked (ETSI TS 102 225 clause 5.1.4 and annex A.1). Packets that no checksum
/// authenticates count apart: anybody can send them, and must not be able to move the other one.
constexpr ObjectId packet_counter_object(std::uint32_t domain, KeyVersion version, bool authenticated) {
  return key_object(domain, version, gp::KeyId{static_cast<std::uint8_t>(authenticated ? 0x80 : 0x81)});
}

/// A key, no counter.
constexpr bool is_key(ObjectId id) {
  const auto identifier = static_cast<std::uint8_t>(id.index());
  return id.space() == Space::kKeySet && identifier != 0 && identifier < 0x80;
}

class InstanceKeys final : public applet::DomainKeys {
 public:
  InstanceKeys(Nvm& nvm, const Registry& registry, std::uint32_t domain) : m_nvm(nvm), m_registry(registry), m_domain(domain) {}

  std::vector<gp::KeyInformation> list() const override;
  std::vector<gp::KeyInformation> own() const override { return kept(m_domain); }
  std::optional<gp::Key> find(KeyVersion version, gp::KeyId id) const override;
  gp::SessionVersions session_versions() const override { return {m_nvm.image().settings().choices.version_70_opens_sessions}; }
  void put(const gp::Key& key) override;
  void erase(KeyVersion version, gp::KeyId id) override;
  std::uint32_t sequence_counter(KeyVersion version) const override;
  std::optional<std::uint32_t> advance_sequence_counter(KeyVersion version) override;

  /// This domain, or the nearest one above it that has keys for secure channels.
  std::uint32_t holder() const;

 private:
  std::vector<gp::KeyInformation> kept(std::uint32_t domain) const;
  bool has_session_keys(std::uint32_t domain) const;

  Nvm& m_nvm;
  const Registry& m_registry;
  std::uint32_t m_domain;
};

}  // namespace uicclab::emulator
