// SPDX-License-Identifier: Apache-2.0
#include "cli/ota/security.hpp"

#include <sstream>

#include "core/hex.hpp"

namespace uicclab::cli {
namespace {

struct Word {
  std::string_view word;
  std::uint8_t bits;
  std::uint8_t mask;  ///< of the field that it sets
};
// ETSI TS 102 225 clause 5.1.1.
constexpr Word kSecurity[] = {{"none", 0x00, 0x03}, {"rc", 0x01, 0x03}, {"cc", 0x02, 0x03}, {"ds", 0x03, 0x03}, {"cipher", 0x04, 0x04}};
constexpr Word kCounter[] = {{"none", 0x00, 0x18}, {"unchecked", 0x08, 0x18}, {"higher", 0x10, 0x18}, {"one-higher", 0x18, 0x18}};
constexpr Word kPor[] = {{"never", 0x00, 0x03}, {"always", 0x01, 0x03}, {"error", 0x02, 0x03},  {"rc", 0x04, 0x0C},
                         {"cc", 0x08, 0x0C},    {"ds", 0x0C, 0x0C},     {"cipher", 0x10, 0x10}, {"submit", 0x20, 0x20}};

/// The bits of a list of words; a word for a field that has one already is refused.
std::uint8_t bits_of(const std::string& option, const std::string& text, std::span<const Word> words) {
  std::uint8_t bits = 0;
  std::uint8_t said = 0;
  std::istringstream list(text);
  for (std::string word; std::getline(list, word, ',');) {
    const auto found = std::ranges::find(words, word, &Word::word);
    if (found == words.end() || (said & found->mask) != 0) {
      std::string known;
      for (const Word& one : words) known += " " + std::string(one.word);
      throw Exit{kUsage, option + " " + text + ": '" + word + "' must be one of" + known + ", at most one of each kind"};
    }
    said |= found->mask;
    bits |= found->bits;
  }
  return bits;
}

std::uint8_t byte_of(const std::string& option, const std::string& text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != 1) throw Exit{kUsage, option + " " + text + ": two hexadecimal digits"};
  return bytes->front();
}

/// KIc or KID of a key: the algorithm that its type and length mean, in this version.
std::uint8_t indicator_of(std::uint8_t version, const KeyringKey* key, std::string_view name) {
  if (key == nullptr) throw Exit{kUsage, "the keyring has no " + std::string(name) + " in key version " + to_hex(std::array{version})};
  const std::uint8_t algorithm = key->aes ? 0x02 : key->bytes.size() == 8 ? 0x01 : key->bytes.size() == 16 ? 0x05 : 0x09;
  return static_cast<std::uint8_t>((version << 4) | algorithm);
}

}  // namespace

void OtaSecurityOption::add_keys_to(App& command) {
  command.add_option("--keys", keys, "Keyring file (TOML) with the keys of cards; 'default' has those of the built-in test card")
      ->capture_default_str();
  command.add_option("--key-card", key_card, "The card of the keyring by name; else it is found by its ICCID");
}

void OtaSecurityOption::add_to(App& command, bool with_tar) {
  add_keys_to(command);
  if (with_tar) command.add_option("--tar", tar, "The application: a TAR, or a name that the keyring has for one")->required();
  command.add_option("--key-set", key_set, "Key version for ciphering and checking, 1 to 15")->capture_default_str();
  command.add_option("--security", security, "Protection of the command: none, rc, cc or ds; cipher")->capture_default_str();
  command.add_option("--counter", counter, "none, unchecked, higher, one-higher")->capture_default_str();
  command.add_option("--por", por, "Proof of receipt: never, always or error; rc, cc or ds; cipher; submit for an SMS-SUBMIT")
      ->capture_default_str();
  command.add_option("--spi", spi, "SPI1 and SPI2 in hexadecimal, instead of the three above");
  command.add_option("--kic", kic, "KIc in hexadecimal, instead of the key set's");
  command.add_option("--kid", kid, "KID in hexadecimal, instead of the key set's");
}

ota::PacketHeader OtaSecurityOption::header(const KeyringCard& card) const {
  ota::PacketHeader header;
  header.spi.first = static_cast<std::uint8_t>(bits_of("--security", security, kSecurity) | bits_of("--counter", counter, kCounter));
  header.spi.second = bits_of("--por", por, kPor);
  if (!spi.empty()) {
    const auto bytes = from_hex(spi);
    if (!bytes || bytes->size() != 2) throw Exit{kUsage, "--spi " + spi + ": four hexadecimal digits"};
    header.spi = {(*bytes)[0], (*bytes)[1]};
  }
  int version = 0;
  try {
    version = std::stoi(key_set, nullptr, 0);
  } catch (const std::logic_error&) {  // no number: the same message
  }
  if (version < 1 || version > 15) throw Exit{kUsage, "--key-set " + key_set + ": 1 to 15"};
  const auto kvn = static_cast<std::uint8_t>(version);
  const ota::Spi& says = header.spi;
  const bool rc = says.check() == ota::Check::kRc || (says.check() == ota::Check::kNone && says.por_check() == ota::Check::kRc);
  const bool ciphers = says.ciphered() || says.por_ciphered();
  const bool signs = says.check() == ota::Check::kCc || says.por_check() == ota::Check::kCc;
  header.kic = !kic.empty() ? byte_of("--kic", kic)
               : ciphers    ? indicator_of(kvn, card.find(kvn, "kic"), "kic")
                            : static_cast<std::uint8_t>(kvn << 4);
  // CRC-32 by default (clause 5.1.3.2).
  header.kid = !kid.empty() ? byte_of("--kid", kid)
               : rc         ? static_cast<std::uint8_t>((kvn << 4) | 0x05)
               : signs      ? indicator_of(kvn, card.find(kvn, "kid"), "kid")
                            : static_cast<std::uint8_t>(kvn << 4);
  if (!tar.empty()) {
    const auto found = card.tar(tar);
    if (!found) throw Exit{kUsage, "--tar: " + found.error().text};
    header.tar = *found;
  }
  return header;
}

}  // namespace uicclab::cli
