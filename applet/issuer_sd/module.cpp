// SPDX-License-Identifier: Apache-2.0
#include "applet/issuer_sd/module.hpp"

#include <array>

#include "applet/issuer_sd/secure_channel.hpp"
#include "applet/issuer_sd/security_domain.hpp"
#include "applet/issuer_sd/settings.hpp"
#include "applet/remote_management/parameters.hpp"
#include "core/ber_tlv.hpp"
#include "core/hex.hpp"
#include "gp/card_data.hpp"

namespace uicclab::applet::issuer_sd {
namespace {

using gp::Privilege;

constexpr gp::Privileges kIssuerPrivileges{
    Privilege::kSecurityDomain, Privilege::kCardLock,        Privilege::kCardTerminate,        Privilege::kCardReset,
    Privilege::kTrustedPath,    Privilege::kGlobalDelete,    Privilege::kAuthorizedManagement, Privilege::kGlobalLock,
    Privilege::kGlobalRegistry, Privilege::kFinalApplication};

struct NamedKey {
  std::string_view name;
  std::uint8_t id;
};
constexpr auto kNamedKeys = std::to_array<NamedKey>({{"enc", 1}, {"mac", 2}, {"dek", 3}, {"kic", 1}, {"kid", 2}, {"kik", 3}});

constexpr std::size_t kMaxIdentification = 32;
constexpr std::size_t kMaxRecognition = 127;
constexpr std::size_t kMaxFci = 127;

/// "keys.30.enc" -> 30, "enc".
struct KeyName {
  KeyVersion version;
  std::string_view rest;
};
Result<KeyName> split(std::string_view name) {
  const std::string_view path = name.substr(5);
  const std::size_t dot = path.find('.');
  const auto version = from_hex(path.substr(0, dot));
  if (dot == std::string_view::npos || !version || version->size() != 1 || version->front() < 0x01 || version->front() > 0x7F) {
    return fail(ErrorCode::kMalformed, std::string(name) + ": keys are named keys.NN.enc with a version of 01 to 7F");
  }
  return KeyName{KeyVersion{version->front()}, path.substr(dot + 1)};
}

Result<std::vector<gp::Key>> read_keys(const Parameters& parameters) {
  std::vector<gp::Key> keys;
  for (const auto& [name, value] : parameters.all()) {
    if (!name.starts_with("keys.")) continue;
    const auto parts = split(name);
    if (!parts) return tl::unexpected(parts.error());
    const std::string type_name = name.substr(0, name.size() - parts->rest.size()) + "type";
    std::string type = "aes";
    if (parameters.contains(type_name)) {
      const auto given = parameters.text(type_name);
      if (!given) return tl::unexpected(given.error());
      type = *given;
    }
    if (type != "aes" && type != "des") return fail(ErrorCode::kRange, type_name + " must be aes or des");
    if (parts->rest == "type") continue;
    const auto known = std::ranges::find(kNamedKeys, parts->rest, &NamedKey::name);
    if (known == kNamedKeys.end()) return fail(ErrorCode::kMalformed, name + ": a key is enc, mac, dek, kic, kid or kik");
    const bool of_packets = known->name == "kic" || known->name == "kid";  // which may use DES with one key, if the card lets them
    auto bytes = type == "aes" ? parameters.hex(name, {16, 24, 32})
                 : of_packets  ? parameters.hex(name, {8, 16, 24})
                               : parameters.hex(name, {16, 24});
    if (!bytes) return tl::unexpected(bytes.error());
    const KeyVersion version = parts->version;
    const bool twice = std::ranges::any_of(keys, [&](const gp::Key& k) { return k.version == version && k.id.value == known->id; });
    if (twice) return fail(ErrorCode::kMalformed, name + ": the key has two names");
    keys.push_back({version, gp::KeyId{known->id}, type == "aes" ? gp::kAesKey : gp::kDesKey, crypto::SecretBytes(*bytes)});
    crypto::wipe(*bytes);
  }
  return keys;
}

Result<void> read(const Parameters& parameters, std::string_view key, std::size_t least, std::size_t most, Bytes& out) {
  if (!parameters.contains(key)) return {};
  auto bytes = parameters.hex(key);
  if (!bytes) return tl::unexpected(bytes.error());
  if (bytes->size() < least || bytes->size() > most) {
    return fail(ErrorCode::kRange, std::string(key) + " has " + std::to_string(bytes->size()) + " bytes");
  }
  out = *std::move(bytes);
  return {};
}

/// privileges = "82DC00": those of another card's domain (GP clause 11.1.2).
Result<void> read_privileges(const Parameters& parameters, gp::Privileges& out) {
  if (!parameters.contains("privileges")) return {};
  const auto bytes = parameters.hex("privileges", {3});
  if (!bytes) return tl::unexpected(bytes.error());
  const auto given = gp::Privileges::from_bits(static_cast<std::uint32_t>(((*bytes)[0] << 16) | ((*bytes)[1] << 8) | (*bytes)[2]));
  if (!given.has(Privilege::kSecurityDomain)) return fail(ErrorCode::kRange, "privileges must be those of a security domain");
  if (given.has(Privilege::kAuthorizedManagement) != out.has(Privilege::kAuthorizedManagement)) {
    return fail(ErrorCode::kRange, "privileges: only the issuer's domain has authorized management, and it needs that");
  }
  out = given;
  return {};
}

/// fci = "6F10..": the answer to SELECT of another card's domain, byte for byte (GP clause 11.9.3.1).
Result<void> read_fci(const Parameters& parameters, Bytes& out) {
  if (auto read_it = read(parameters, "fci", 2, kMaxFci, out); !read_it) return read_it;
  if (out.empty()) return {};
  const auto whole = ber::only(out, gp::kFci);
  if (!whole || !ber::find(whole->value, gp::kFciName)) return fail(ErrorCode::kMalformed, "fci must be a template 6F with the AID in 84");
  return {};
}

Result<void> refuse_unknown(const Parameters& parameters) {
  constexpr std::array<std::string_view, 12> known{"i",   "scp02", "life_cycle",       "diversification", "cplc",       "iin",
                                                   "cin", "tars",  "minimum_security", "recognition",     "privileges", "fci"};
  for (const auto& [name, value] : parameters.all()) {
    if (name.starts_with("keys.") || std::ranges::find(known, name) != known.end()) continue;
    return fail(ErrorCode::kMalformed, name + " is not a parameter of a security domain");
  }
  return {};
}

}  // namespace

Aid DomainModule::load_file_aid() const {
  return Aid::from("A0000001515350"_h).value();
}

Aid DomainModule::module_aid() const {
  return m_kind == Kind::kIssuer ? Aid::from("A000000151535042"_h).value() : Aid::from("A000000151535041"_h).value();
}

Result<InitialObjects> DomainModule::personalise(const Parameters& parameters) const {
  if (auto known = refuse_unknown(parameters); !known) return tl::unexpected(known.error());
  Settings settings;
  Bytes diversification = to_bytes(settings.diversification);
  auto done = read(parameters, "diversification", 10, 10, diversification)
                  .and_then([&] { return read(parameters, "cplc", gp::kCplcSize, gp::kCplcSize, settings.cplc); })
                  .and_then([&] { return read(parameters, "iin", 1, kMaxIdentification, settings.issuer_identification); })
                  .and_then([&] { return read(parameters, "recognition", 1, kMaxRecognition, settings.recognition); })
                  .and_then([&] { return read(parameters, "cin", 1, kMaxIdentification, settings.card_image); })
                  .and_then([&] { return read_fci(parameters, settings.fci); });
  if (!done) return tl::unexpected(done.error());
  std::ranges::copy(diversification, settings.diversification.begin());
  if (parameters.contains("i")) {
    const auto i = parameters.number("i", 0, 0xFF);
    if (!i) return tl::unexpected(i.error());
    settings.mode.i = static_cast<std::uint8_t>(*i);
    if (!settings.mode.is_defined()) return fail(ErrorCode::kRange, "i is not a combination of options that SCP03 defines");
  }
  if (parameters.contains("scp02")) {
    const auto i = parameters.number("scp02", 0, 0xFF);
    if (!i) return tl::unexpected(i.error());
    if (*i != 0x15 && *i != 0x55) return fail(ErrorCode::kRange, "scp02 must be 0x15 or 0x55");
    settings.scp02 = static_cast<std::uint8_t>(*i);
  }
  return InitialObjects{{kSettingsSlot, settings.encoded()}};
}

Result<Registration> DomainModule::registration(const Parameters& parameters) const {
  Registration out;
  auto keys = read_keys(parameters);
  if (!keys) return tl::unexpected(keys.error());
  out.keys = *std::move(keys);
  auto toolkit = remote_management::read_toolkit(parameters);
  if (!toolkit) return tl::unexpected(toolkit.error());
  out.uicc.toolkit = *std::move(toolkit);
  out.privileges = m_kind == Kind::kSupplementary ? gp::Privileges{Privilege::kSecurityDomain} : kIssuerPrivileges;
  if (auto given = read_privileges(parameters, out.privileges); !given) return tl::unexpected(given.error());
  if (m_kind == Kind::kSupplementary) {
    if (parameters.contains("life_cycle")) return fail(ErrorCode::kMalformed, "life_cycle is the issuer security domain's");
    if (!out.keys.empty()) out.life_cycle = gp::kPersonalized;
    return out;
  }
  out.life_cycle = static_cast<std::uint8_t>(gp::CardState::kOpReady);
  if (!parameters.contains("life_cycle")) return out;
  const auto state = parameters.text("life_cycle");
  if (!state) return tl::unexpected(state.error());
  if (*state == "initialized") {
    out.life_cycle = static_cast<std::uint8_t>(gp::CardState::kInitialized);
  } else if (*state == "secured") {
    out.life_cycle = static_cast<std::uint8_t>(gp::CardState::kSecured);
  } else if (*state != "op-ready") {
    return fail(ErrorCode::kRange, "life_cycle must be op-ready, initialized or secured");
  }
  return out;
}

std::vector<std::string> DomainModule::remarks(const Parameters& parameters, gp::SessionVersions opens) const {
  const auto objects = personalise(parameters);
  const auto keys = read_keys(parameters);
  if (!objects || !keys) return {};
  const Settings settings = Settings::decode(objects->front().second);
  std::vector<gp::KeyInformation> told;
  for (const gp::Key& key : *keys) told.push_back({key.id, key.version, key.type, static_cast<std::uint16_t>(key.value.size())});
  std::vector<KeyVersion> versions;
  for (const gp::KeyInformation& key : told) {
    if (std::ranges::find(versions, key.version) == versions.end()) versions.push_back(key.version);
  }
  std::ranges::sort(versions);

  Settings with_scp02 = settings;
  with_scp02.scp02 = 0x55;
  std::vector<std::string> remarks;
  bool any = false;
  for (const KeyVersion version : versions) {
    const std::string name = "keys of version " + to_hex(std::array{version.value}) + " open no session: ";
    constexpr std::uint8_t kLastOfPackets = 0x0F;  // ETSI TS 102 225 annex A: these need not
    if (protocol_of(told, version, settings, opens)) {
      any = true;
    } else if (version == gp::kTokenKeyVersion && !opens(version)) {
      remarks.push_back(name + "it is for tokens; version_70_opens_sessions = true allows sessions");
    } else if (version.value <= kLastOfPackets || !opens(version)) {
      continue;
    } else if (std::ranges::count(told, version, &gp::KeyInformation::version) < 3) {
      remarks.push_back(name + "enc, mac and dek must be there");
    } else if (protocol_of(told, version, with_scp02, opens)) {
      remarks.push_back(name + "DES keys are for SCP02; scp02 = 0x55 allows it");
    } else {
      remarks.push_back(name + "they must be three of AES, or three of DES with 16 bytes");
    }
  }
  if (!any && m_kind == Kind::kIssuer) remarks.emplace_back("no secure channel can be opened: no key set is complete");
  return remarks;
}

Result<InitialObjects> DomainModule::install(BytesView parameters) const {
  Settings settings;
  for (ber::Reader reader(parameters); !reader.empty();) {
    const auto object = reader.next();
    if (!object) return tl::unexpected(object.error());
    if (object->tag != 0x81) continue;  // extradition and deletion rules of amendment C: the ones of the specification hold
    if (object->value.size() != 2 || object->value[0] != scp03::kProtocolNumber) {
      return fail(ErrorCode::kUnsupported, "a secure channel protocol other than 03", object->offset);
    }
    settings.mode.i = object->value[1];
    if (!settings.mode.is_defined()) return fail(ErrorCode::kRange, "options that SCP03 does not define", object->offset);
  }
  return InitialObjects{{kSettingsSlot, settings.encoded()}};
}

std::unique_ptr<Applet> DomainModule::make() const {
  return std::make_unique<SecurityDomain>();
}

}  // namespace uicclab::applet::issuer_sd
