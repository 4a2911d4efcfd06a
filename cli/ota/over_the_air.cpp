// SPDX-License-Identifier: Apache-2.0
#include "cli/ota/over_the_air.hpp"

#include <iostream>
#include <sstream>

#include "scp03/legacy_scp02.hpp"
#include "uicc/application.hpp"

namespace uicclab::cli {
namespace {

// PoR always, checked, ciphered, by SMS-SUBMIT: a report has no room for long answers.
constexpr std::string_view kSpi = "1639";

/// AID of the issuer security domain (GP clause 5.1), which SELECT shall find over the air too.

/// The first AES key set for SCP03 (Amd D clause 5.2: versions 30 to 3F).
std::optional<scp03::KeySet> channel_keys(const KeyringCard& card) {
  for (std::uint8_t version = 0x30; version <= 0x3F; ++version) {
    const KeyringKey* enc = card.find(version, "enc");
    const KeyringKey* mac = card.find(version, "mac");
    const KeyringKey* dek = card.find(version, "dek");
    if (enc == nullptr || mac == nullptr || dek == nullptr) continue;
    auto keys = scp03::KeySet::from(KeyVersion{version}, enc->bytes.clone(), mac->bytes.clone(), dek->bytes.clone());
    if (keys) return *std::move(keys);
  }
  return std::nullopt;
}

void log_failure(BytesView command, const ota::Delivery& delivery) {
  if (!delivery.is_proof())
    std::cerr << "uicclab: over the air: command " + to_hex(command.first(std::min<std::size_t>(command.size(), 4))) + ": " +
                     ota::meaning(delivery) + "\n";
}

/// For PUT KEY: the third key of the version that secures the packets (ETSI TS 102 226 clause 8.2.1.5).
std::unique_ptr<scp03::KeyCipher> key_cipher(const KeyringCard& card, std::uint8_t version) {
  const KeyringKey* key = card.find(version, "dek");
  if (key == nullptr) return nullptr;
  if (!key->aes) return key->bytes.size() == 16 ? std::make_unique<scp03::legacy::Scp02KeyCipher>(key->bytes) : nullptr;
  const auto aes = crypto::AesKey::from(key->bytes.clone());
  return aes ? std::make_unique<scp03::DekCipher>(*aes) : nullptr;
}

}  // namespace

void ViaOption::add_to(App& command) {
  command.add_option("--via", way, "ota:TAR[,KEYSET[,SPI]]: over the air; each command goes to the card as a secured short message");
  command.add_option("--counters", link.counters, "File with the counters of all cards, for --via");
}

OtaSecurityOption ViaOption::security() const {
  OtaSecurityOption security = link.security;
  const std::size_t colon = way.find(':');
  std::istringstream words(colon == std::string::npos ? "" : way.substr(colon + 1));
  security.spi = kSpi;
  std::string more;
  if (!way.starts_with("ota:") || !std::getline(words, security.tar, ',') || security.tar.empty()) {
    throw Exit{kUsage, "--via " + way + ": it must be ota:TAR[,KEYSET[,SPI]], for example ota:usim,2"};
  }
  std::getline(words, security.key_set, ',');
  std::getline(words, security.spi, ',');
  if (std::getline(words, more)) throw Exit{kUsage, "--via " + way + ": nothing follows the SPI"};
  return security;
}

OverTheAir::OverTheAir(CardPort& card, const ViaOption& via, bool forgetful, std::optional<scp03::KeySet> channel) {
  OtaLinkOption option = via.link;
  option.security = via.security();
  option.forgetful = forgetful;
  if (const auto reset = card.reset(); !reset) throw Exit{kEnvironment, reset.error().text};
  const std::string iccid = read_iccid(card);
  card.power_off();
  const Keyring keyring = Keyring::load(option.security.keys);
  const KeyringCard& known = keyring.choose(option.security.key_card, iccid);
  m_link.emplace(option, known, iccid);
  const bool applications = m_link->commands() == ota::CommandSet::kApplications;
  const ota::OtaPort::Settings settings{m_link->commands(), m_link->format(), to_bytes(uicc::kIssuerDomainAid), service_centre()};
  m_air.emplace(card, m_link->sender(), settings, log_failure);
  // A card management client opens a secure channel, which remote management does not have: it ends here.
  if (applications && !channel) channel = channel_keys(known);
  if (!applications || !channel) return;
  const auto version = static_cast<std::uint8_t>(m_link->sender().settings().header.kic >> 4);
  m_gateway.emplace(
      *m_air, scp03::GatewayPort::Settings{*std::move(channel), {}, Aid::from(uicc::kIssuerDomainAid).value(), key_cipher(known, version)},
      m_random);
}

}  // namespace uicclab::cli
