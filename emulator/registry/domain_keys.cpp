// SPDX-License-Identifier: Apache-2.0
#include "emulator/registry/domain_keys.hpp"

#include "core/reader.hpp"

namespace uicclab::emulator {
namespace {

constexpr std::uint32_t kLastCount = 0xFFFFFF;
constexpr unsigned kMaxDepth = 16;  // of domains above each other

KeyVersion version_of(ObjectId id) {
  return KeyVersion{static_cast<std::uint8_t>(id.index() >> 8)};
}

gp::KeyId identifier_of(ObjectId id) {
  return gp::KeyId{static_cast<std::uint8_t>(id.index())};
}

}  // namespace

bool InstanceKeys::has_session_keys(std::uint32_t domain) const {
  return std::ranges::any_of(m_nvm.list(Space::kKeySet, domain),
                             [opens = session_versions()](ObjectId id) { return is_key(id) && opens(version_of(id)); });
}

std::uint32_t InstanceKeys::holder() const {
  std::uint32_t at = m_domain;
  for (unsigned depth = 0; depth < kMaxDepth && !has_session_keys(at); ++depth) {
    const InstanceSpec* spec = m_registry.find(at);
    const auto above = spec != nullptr ? m_registry.domain_of(*spec) : std::nullopt;
    if (!above || *above == at) break;
    at = *above;
  }
  return at;
}

std::vector<gp::KeyInformation> InstanceKeys::kept(std::uint32_t domain) const {
  std::vector<gp::KeyInformation> keys;
  for (ObjectId id : m_nvm.list(Space::kKeySet, domain)) {
    if (!is_key(id)) continue;
    const auto key = gp::Key::decode(version_of(id), identifier_of(id), *m_nvm.read(id));
    if (key) keys.push_back({key->id, key->version, key->type, static_cast<std::uint16_t>(key->value.size())});
  }
  return keys;
}

std::vector<gp::KeyInformation> InstanceKeys::list() const {
  auto keys = own();
  if (const std::uint32_t lender = holder(); lender != m_domain) {
    std::ranges::copy_if(kept(lender), std::back_inserter(keys), session_versions(), &gp::KeyInformation::version);
    std::ranges::sort(keys, {}, [](const auto& key) { return std::pair(key.version, key.id); });
  }
  return keys;
}

std::optional<gp::Key> InstanceKeys::find(KeyVersion version, gp::KeyId id) const {
  if (id.value == 0 || id.value >= 0x80) return std::nullopt;
  const auto bytes = m_nvm.read(key_object(session_versions()(version) ? holder() : m_domain, version, id));
  auto key = bytes ? gp::Key::decode(version, id, *bytes) : fail(ErrorCode::kNotFound, "");
  return key ? std::optional(*std::move(key)) : std::nullopt;
}

void InstanceKeys::put(const gp::Key& key) {
  // Packets that were sent under the checking key are never accepted again: the counter is reset only with another checking key.
  constexpr gp::KeyId kKid{2};
  const auto old = m_nvm.read(key_object(m_domain, key.version, key.id));
  Bytes record = key.encoded();
  if (key.id == kKid && old && !equal(*old, record)) {
    for (const bool authenticated : {true, false}) m_nvm.erase(packet_counter_object(m_domain, key.version, authenticated));
  }
  m_nvm.write(key_object(m_domain, key.version, key.id), record);
  crypto::wipe(record);
  m_nvm.erase(counter_object(m_domain, key.version));
}

void InstanceKeys::erase(KeyVersion version, gp::KeyId id) {
  m_nvm.erase(key_object(m_domain, version, id));
  const auto left = m_nvm.list(Space::kKeySet, m_domain);
  const bool more = std::ranges::any_of(left, [&](ObjectId other) { return version_of(other) == version && is_key(other); });
  if (more) return;
  for (ObjectId other : left) {
    if (version_of(other) == version && other != key_object(m_domain, version, id)) m_nvm.erase(other);
  }
}

std::uint32_t InstanceKeys::sequence_counter(KeyVersion version) const {
  const auto bytes = m_nvm.read(counter_object(holder(), version));
  return bytes ? ByteReader(*bytes).u24().value_or(kLastCount) : 0;
}

std::optional<std::uint32_t> InstanceKeys::advance_sequence_counter(KeyVersion version) {
  const std::uint32_t now = sequence_counter(version);
  if (now >= kLastCount) return std::nullopt;
  m_nvm.write_now(counter_object(holder(), version), ByteWriter().u24(now + 1).view());
  return now + 1;
}

}  // namespace uicclab::emulator
