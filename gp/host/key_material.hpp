// SPDX-License-Identifier: Apache-2.0
// Keys as people have them: three secrets, or one for all three, that may be a master key to be diversified for the card. What they are
// keys of, AES or triple DES, is known when the card has reported its protocol.
#pragma once

#include <string>

#include "scp03/legacy_scp02.hpp"

namespace uicclab::gp::host {

/// How the keys of a card come from master keys and the ten bytes of its diversification data.
enum class Diversification {
  kNone,
  kKdf3,   ///< AES-CMAC; scp03::diversify_kdf3()
  kEmv,    ///< triple DES over the last six bytes of the data (EMV CPS clause 4.1)
  kVisa2,  ///< triple DES over bytes 1, 2 and 5 to 8 of the data
};

/// "none", "kdf3", "emv", "visa2".
std::string_view name(Diversification how);
std::optional<Diversification> diversification_named(std::string_view name);

struct KeyMaterial {
  std::string name;  ///< what the user calls them, for messages
  crypto::SecretBytes enc;
  crypto::SecretBytes mac;
  crypto::SecretBytes dek;
  Diversification diversification = Diversification::kNone;
  KeyVersion version{0};  ///< 0: not given

  /// One key for all three.
  static KeyMaterial from_one(std::string name, const crypto::SecretBytes& key);
  KeyMaterial clone() const;

  /// The keys of the card with this diversification data. Errors: kRange for lengths that the method or AES does not have.
  Result<scp03::KeySet> scp03_keys(const scp03::DiversificationData& data, KeyVersion of) const;
  /// The same as triple DES keys. Errors: kRange for lengths that are not 16 bytes.
  Result<scp03::legacy::Scp02KeySet> scp02_keys(const scp03::DiversificationData& data, KeyVersion of) const;

 private:
  Result<KeyMaterial> for_card(const scp03::DiversificationData& data) const;
};

/// 404142434445464748494A4B4C4D4E4F for all three, which every blank card comes with and everybody knows.
KeyMaterial default_keys();

}  // namespace uicclab::gp::host
