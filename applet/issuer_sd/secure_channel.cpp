// INITIALIZE UPDATE, EXTERNAL AUTHENTICATE, BEGIN and END R-MAC SESSION: GlobalPlatform Amendment D v1.1.2 (Amd D) clause 7.1.
#include "applet/issuer_sd/secure_channel.hpp"

#include <array>

#include "applet/issuer_sd/security_domain.hpp"

namespace uicclab::applet::issuer_sd {
namespace {

constexpr gp::KeyId kEnc{1};
constexpr gp::KeyId kMac{2};
constexpr gp::KeyId kDek{3};

class Counter final : public scp03::SequenceCounter {
 public:
  Counter(DomainKeys& keys, KeyVersion version) : m_keys(keys), m_version(version) {}
  std::optional<std::uint32_t> advance() override { return m_keys.advance_sequence_counter(m_version); }

 private:
  DomainKeys& m_keys;
  KeyVersion m_version;
};

bool has_aes_keys(const std::vector<gp::KeyInformation>& keys, KeyVersion version) {
  return std::ranges::all_of(std::array{kEnc, kMac, kDek}, [&](gp::KeyId id) {
    return std::ranges::any_of(keys, [&](const auto& key) { return key.version == version && key.id == id && key.type == gp::kAesKey; });
  });
}

/// Versions that a session can be opened with; those that Amd D clause 5.2 keeps for SCP03 (30 to 3F) first, those of ETSI TS 102 225
/// (01 to 0F) last.
std::vector<KeyVersion> usable_versions(const std::vector<gp::KeyInformation>& keys) {
  const auto rank = [](KeyVersion version) { return version.value >= 0x30 && version.value <= 0x3F ? 0 : version.value > 0x0F ? 1 : 2; };
  std::vector<KeyVersion> versions;
  for (const gp::KeyInformation& key : keys) {
    if (key.id == kEnc && has_aes_keys(keys, key.version)) versions.push_back(key.version);
  }
  std::ranges::stable_sort(versions, {}, rank);
  return versions;
}

}  // namespace

std::optional<KeyVersion> default_key_version(const DomainKeys& keys) {
  const auto versions = usable_versions(keys.list());
  return versions.empty() ? std::nullopt : std::optional(versions.front());
}

StatusWord SecurityDomain::initialize_update(Call& call) {
  forget();
  DomainKeys& keys = call.card.keys();
  std::optional<KeyVersion> version = KeyVersion{call.command.p1};
  if (version->value == 0) version = default_key_version(keys);
  if (!version || !has_aes_keys(keys.list(), *version)) return sw::kReferencedDataNotFound;
  const auto value = [&](gp::KeyId id) { return std::move(keys.find(*version, id)->value); };
  const auto set = scp03::KeySet::from(*version, value(kEnc), value(kMac), value(kDek));
  if (!set) return sw::kReferencedDataNotFound;
  const Settings settings = Settings::decode(call.context.load(kSettingsSlot));
  Counter counter(keys, *version);
  m_channel = call.context.channel();
  m_mode = settings.mode;
  const scp03::CardIdentity identity{settings.diversification, settings.mode, call.context.aid()};
  return m_session.initialize_update(call.command, identity, *set, counter, call.context.random(), call.out);
}

StatusWord SecurityDomain::external_authenticate(Call& call) {
  if (m_channel != call.context.channel()) return sw::kConditionsNotSatisfied;
  forget_work();
  const StatusWord status = m_session.external_authenticate(call.command);
  // 6300 would be a warning to the card, whose command then counts as carried out; there is nothing to undo.
  return status;
}

StatusWord SecurityDomain::begin_r_mac(Call& call) {
  return m_session.begin_r_mac_session(call.command);
}

StatusWord SecurityDomain::end_r_mac(Call& call) {
  return m_session.end_r_mac_session(call.command);
}

}  // namespace uicclab::applet::issuer_sd
