#include "cli/served_cards.hpp"

#include <iostream>
#include <sstream>

namespace uicclab::cli {
namespace {

// PoR always, checked, ciphered, by SMS-SUBMIT: a report has no room for long answers.
constexpr std::string_view kSpi = "1639";

/// AID of the issuer security domain (GP clause 5.1), which SELECT shall find over the air too.
constexpr auto kIssuerDomain = "A000000151000000"_h;

/// "ota:TAR[,KEYSET[,SPI]]"
OtaSecurityOption security_of(const ServedCardsOption& option) {
  OtaSecurityOption security = option.link.security;
  const std::size_t colon = option.via.find(':');
  std::istringstream words(colon == std::string::npos ? "" : option.via.substr(colon + 1));
  security.spi = kSpi;
  std::string more;
  if (!option.via.starts_with("ota:") || !std::getline(words, security.tar, ',') || security.tar.empty()) {
    throw Exit{kUsage, "--via " + option.via + ": it must be ota:TAR[,KEYSET[,SPI]], for example ota:usim,2"};
  }
  std::getline(words, security.key_set, ',');
  std::getline(words, security.spi, ',');
  if (std::getline(words, more)) throw Exit{kUsage, "--via " + option.via + ": nothing follows the SPI"};
  return security;
}

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

}  // namespace

void ServedCardsOption::add_cards_to(CLI::App& command) {
  command.add_option("--cards", cards.count, "Number of readers, each with a card in it")->check(CLI::Range(1, 16))->capture_default_str();
  command.add_option("--profile", cards.profile, "Personalisation profile (TOML); without it the built-in test card");
  command.add_option("--state", cards.state, "Keep the cards' memory in this SQLite file; without it they forget");
  command.add_option("--card", card, "Serve another card than emulated ones: pcsc[:NAME] or vpcd:PORT");
}

void ServedCardsOption::add_to(CLI::App& command) {
  add_cards_to(command);
  command.add_option("--via", via, "ota:TAR[,KEYSET[,SPI]]: reach the cards over the air; each command goes as a secured short message");
  link.security.add_keys_to(command);
  command.add_option("--counters", link.counters, "File with the counters of all cards, for --via");
}

ServedCards::ServedCards(const ServedCardsOption& option) {
  if (option.card.empty()) {
    m_emulated.emplace(option.cards);
    for (std::size_t i = 0; i < m_emulated->size(); ++i) m_ports.push_back(&(*m_emulated)[i]);
    const emulator::CardSettings& settings = m_emulated->image().settings();
    m_atr = settings.atr;
    m_description = std::to_string(m_ports.size()) + (m_ports.size() == 1 ? " card" : " cards") + " of profile \"" + settings.name + "\"" +
                    (option.cards.state.empty() ? "" : ", memory kept in " + option.cards.state);
  } else {
    if (!option.cards.profile.empty() || !option.cards.state.empty() || option.cards.count != 1) {
      throw Exit{kUsage, "--card serves one card that is there: neither --profile, --state nor --cards goes with it"};
    }
    CardOption other;
    other.card = option.card;
    m_opened = other.open(m_atr);
    m_ports.push_back(&m_opened->port());
    m_description = "the card of " + option.card;
  }
  if (!option.via.empty()) put_over_the_air(option);
}

ServedCards::~ServedCards() = default;

void ServedCards::put_over_the_air(const ServedCardsOption& option) {
  OtaLinkOption link = option.link;
  link.security = security_of(option);
  link.forgetful = m_emulated && option.cards.state.empty();
  const Keyring keyring = Keyring::load(link.security.keys);
  for (CardPort*& port : m_ports) {
    if (const auto reset = port->reset(); !reset) throw Exit{kEnvironment, reset.error().text};
    const std::string iccid = read_iccid(*port);
    port->power_off();
    const KeyringCard& card = keyring.choose(link.security.key_card, iccid);
    OtaLink& made = *m_links.emplace_back(std::make_unique<OtaLink>(link, card, iccid));
    const ota::OtaPort::Settings settings{made.commands(), made.format(), to_bytes(kIssuerDomain), service_centre()};
    port = m_over_the_air.emplace_back(std::make_unique<ota::OtaPort>(*port, made.sender(), settings, log_failure)).get();
    // A card management client opens a secure channel, which remote management has not: it ends here.
    auto keys = made.commands() == ota::CommandSet::kApplications ? channel_keys(card) : std::nullopt;
    if (!keys) continue;
    scp03::GatewayPort::Settings gateway{*std::move(keys), {}, Aid::from(kIssuerDomain).value()};
    port = m_gateways.emplace_back(std::make_unique<scp03::GatewayPort>(*port, std::move(gateway), m_random)).get();
  }
  m_description += ", over the air to " + link.security.tar;
}

}  // namespace uicclab::cli
