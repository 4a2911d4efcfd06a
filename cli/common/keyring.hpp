// SPDX-License-Identifier: Apache-2.0
// Keyring: a TOML file with the keys of cards, so that no key is on a command line. docs/keyring.md describes the format.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/crypto/secret.hpp"
#include "core/result.hpp"
#include "core/types.hpp"
#include "ota/secured_packet_keys.hpp"

namespace uicclab::cli {

/// A key as the file has it.
struct KeyringKey {
  bool aes = true;  ///< else DES or triple DES
  crypto::SecretBytes bytes;
};

/// What is known of one card.
struct KeyringCard {
  std::string name;
  std::string iccid;      ///< as printed; empty if the file has none
  std::string number;     ///< its telephone number
  std::string diversify;  ///< ENC, MAC and DEK are master keys: "kdf3", "emv" or "visa2"; empty: they are the card's
  /// By key version number and name: enc, mac, dek, kic, kid.
  std::map<std::uint8_t, std::map<std::string, KeyringKey, std::less<>>> keys;
  std::map<std::string, Tar, std::less<>> tars;  ///< applications by name
  std::vector<Tar> expanded;                     ///< those that take expanded remote application data
  ota::AlgorithmPolicy policy;                   ///< what the card takes beyond the safe algorithms

  /// The key, or nullptr.
  const KeyringKey* find(std::uint8_t version, std::string_view name) const;
  /// "B00140", or the name of an application. Errors: kNotFound, kMalformed.
  Result<Tar> tar(std::string_view text) const;
  /// Keys for secured packets; empty ones if the card has no such version.
  ota::PacketKeys packet_keys(std::uint8_t kic, std::uint8_t kid) const;
};

/// All cards of a file.
class Keyring {
 public:
  /// "default" or nothing: the keys of the built-in test card. Throws Exit with the place of what is wrong.
  static Keyring load(const std::string& path);
  /// Errors: kMalformed, with line and column in the text.
  static Result<Keyring> parse(std::string_view text, std::string_view source);

  const std::vector<KeyringCard>& cards() const { return m_cards; }
  const KeyringCard* with_name(std::string_view name) const;
  const KeyringCard* with_iccid(std::string_view iccid) const;
  /// The card of this name; without a name the one with this ICCID, or the only one of the file. Throws Exit.
  const KeyringCard& choose(const std::string& name, const std::string& iccid = {}) const;

 private:
  std::vector<KeyringCard> m_cards;
};

}  // namespace uicclab::cli
