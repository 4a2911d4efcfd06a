// SPDX-License-Identifier: Apache-2.0
// INITIALIZE UPDATE, EXTERNAL AUTHENTICATE, BEGIN and END R-MAC SESSION: GlobalPlatform Amendment D v1.1.2 (Amd D) clause 7.1; of
// SCP02: GP appendix E.
#include "applet/issuer_sd/secure_channel.hpp"

#include <array>

#include "applet/issuer_sd/security_domain.hpp"

namespace uicclab::applet::issuer_sd {
namespace {

constexpr gp::KeyId kEnc{1};
constexpr gp::KeyId kMac{2};
constexpr gp::KeyId kDek{3};
constexpr std::uint16_t kScp02KeySize = 16;

class Counter final : public scp03::SequenceCounter {
 public:
  Counter(DomainKeys& keys, KeyVersion version) : m_keys(keys), m_version(version) {}
  std::optional<std::uint32_t> advance() override { return m_keys.advance_sequence_counter(m_version); }

 private:
  DomainKeys& m_keys;
  KeyVersion m_version;
};

/// The same counter as SCP02 uses it: two bytes, advanced when the host has proved itself.
class Scp02Counter final : public scp03::legacy::Scp02Counter {
 public:
  Scp02Counter(DomainKeys& keys, KeyVersion version) : m_keys(keys), m_version(version) {}
  std::optional<std::uint16_t> current() override {
    const std::uint32_t now = m_keys.sequence_counter(m_version);
    return now < kLastScp02Count ? std::optional(static_cast<std::uint16_t>(now)) : std::nullopt;
  }
  bool advance() override { return m_keys.advance_sequence_counter(m_version).has_value(); }

 private:
  static constexpr std::uint32_t kLastScp02Count = 0xFFFF;

  DomainKeys& m_keys;
  KeyVersion m_version;
};

/// Versions that a session can be opened with; those that Amd D clause 5.2 keeps for SCP03 (30 to 3F) first, those of ETSI TS 102 225
/// (01 to 0F) last.
std::vector<KeyVersion> usable_versions(const DomainKeys& domain, const Settings& settings) {
  const auto keys = domain.list();
  const auto rank = [](KeyVersion version) { return version.value >= 0x30 && version.value <= 0x3F ? 0 : version.value > 0x0F ? 1 : 2; };
  std::vector<KeyVersion> versions;
  for (const gp::KeyInformation& key : keys) {
    if (key.id == kEnc && protocol_of(keys, key.version, settings, domain.session_versions())) versions.push_back(key.version);
  }
  std::ranges::stable_sort(versions, {}, rank);
  return versions;
}

}  // namespace

std::optional<Protocol> protocol_of(const std::vector<gp::KeyInformation>& keys, KeyVersion version, const Settings& settings,
                                    gp::SessionVersions opens) {
  if (!opens(version)) return std::nullopt;
  const auto has_all = [&](const auto& fits) {
    return std::ranges::all_of(std::array{kEnc, kMac, kDek}, [&](gp::KeyId id) {
      return std::ranges::any_of(keys, [&](const auto& key) { return key.version == version && key.id == id && fits(key); });
    });
  };
  if (has_all([](const auto& key) { return key.type == gp::kAesKey; })) return Protocol::kScp03;
  if (settings.scp02 == 0) return std::nullopt;
  const bool is_des = has_all([](const auto& key) { return key.type == gp::kDesKey && key.length == kScp02KeySize; });
  return is_des ? std::optional(Protocol::kScp02) : std::nullopt;
}

std::optional<Protocol> protocol_of(const DomainKeys& keys, KeyVersion version, const Settings& settings) {
  return protocol_of(keys.list(), version, settings, keys.session_versions());
}

std::optional<KeyVersion> default_key_version(const DomainKeys& keys, const Settings& settings) {
  const auto versions = usable_versions(keys, settings);
  return versions.empty() ? std::nullopt : std::optional(versions.front());
}

std::optional<KeyVersion> wanted_version(const DomainKeys& keys, const Settings& settings, std::uint8_t p1) {
  return p1 == 0 ? default_key_version(keys, settings) : std::optional(KeyVersion{p1});
}

StatusWord initialize_update_in(CardSessions& session, const apdu::Command& command, const Settings& settings, const Aid& application,
                                DomainKeys& keys, Random& random, Bytes& out) {
  const auto version = wanted_version(keys, settings, command.p1);
  const auto protocol = version ? protocol_of(keys, *version, settings) : std::nullopt;
  if (!protocol) return sw::kReferencedDataNotFound;
  const auto value = [&](gp::KeyId id) { return std::move(keys.find(*version, id)->value); };
  if (protocol == Protocol::kScp02) {
    using namespace scp03::legacy;
    const auto set = Scp02KeySet::from(*version, value(kEnc), value(kMac), value(kDek));
    if (!set) return sw::kReferencedDataNotFound;
    constexpr std::uint8_t kPseudoRandom = 0x40;
    Scp02CardSession::Identity identity{settings.diversification};
    if ((settings.scp02 & kPseudoRandom) != 0) identity.aid = application;
    Scp02Counter counter(keys, *version);
    return session.emplace<Scp02CardSession>(Scp02Allowed{}).initialize_update(command, identity, *set, counter, random, out);
  }
  const auto set = scp03::KeySet::from(*version, value(kEnc), value(kMac), value(kDek));
  if (!set) return sw::kReferencedDataNotFound;
  Counter counter(keys, *version);
  const scp03::CardIdentity identity{settings.diversification, settings.mode, application};
  return session.emplace<scp03::CardSession>().initialize_update(command, identity, *set, counter, random, out);
}

StatusWord external_authenticate_in(CardSessions& session, const apdu::Command& command, DomainKeys& keys) {
  if (auto* scp02 = std::get_if<scp03::legacy::Scp02CardSession>(&session)) {
    Scp02Counter counter(keys, scp02->key_version());
    return scp02->external_authenticate(command, counter);
  }
  return std::get<scp03::CardSession>(session).external_authenticate(command);
}

namespace {

tl::unexpected<Error> no_session() {
  return fail(ErrorCode::kRefused, "no secure channel is open");
}

}  // namespace

Result<Bytes> encrypt_data(const scp03::CardChannel& session, BytesView plain) {
  const auto cipher = session.key_cipher();
  if (!cipher) return no_session();
  if (plain.empty() || plain.size() % cipher->block_size() != 0) return fail(ErrorCode::kMalformed, "data must be whole blocks");
  return cipher->encrypt(plain);
}

Result<Bytes> decrypt_data(const scp03::CardChannel& session, BytesView data) {
  const auto cipher = session.key_cipher();
  if (!cipher) return no_session();
  if (data.empty()) return fail(ErrorCode::kMalformed, "data must be whole blocks");
  return cipher->decrypt(data);
}

StatusWord SecurityDomain::initialize_update(Call& call) {
  forget();
  const Settings settings = Settings::decode(call.context.load(kSettingsSlot));
  m_channel = call.context.channel();
  m_mode = settings.mode;
  return initialize_update_in(m_session, call.command, settings, call.context.aid(), call.card.keys(), call.context.random(), call.out);
}

// 6300 would be a warning to the card, whose command then counts as carried out; there is nothing to undo.
StatusWord SecurityDomain::external_authenticate(Call& call) {
  if (m_channel != call.context.channel()) return sw::kConditionsNotSatisfied;
  forget_work();
  return external_authenticate_in(m_session, call.command, call.card.keys());
}

StatusWord SecurityDomain::begin_r_mac(Call& call) {
  return session().begin_r_mac_session(call.command);
}

StatusWord SecurityDomain::end_r_mac(Call& call) {
  return session().end_r_mac_session(call.command);
}

}  // namespace uicclab::applet::issuer_sd
