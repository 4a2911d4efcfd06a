// SPDX-License-Identifier: Apache-2.0
#include "cli/common/keyring.hpp"

#include <fstream>
#include <sstream>

#include "cli/common/commands.hpp"
#include "cli/common/input_file.hpp"
#include "core/hex.hpp"
#include "gp/host/key_material.hpp"
#include "profile/toml_table.hpp"

namespace uicclab::cli {
namespace {

/// The built-in test card; docs/test-card.md has the same values.
constexpr std::string_view kDefault = R"(
[[cards]]
name = "default"
iccid = "89882110000000000010"
number = "+491710000001"
expanded = ["B00121", "B00143", "B00144", "B00151"]
[cards.keys.01]
type = "des"
kic = "404142434445464748494A4B4C4D4E4F"
kid = "505152535455565758595A5B5C5D5E5F"
dek = "606162636465666768696A6B6C6D6E6F"
[cards.keys.02]
kic = "101112131415161718191A1B1C1D1E1F"
kid = "202122232425262728292A2B2C2D2E2F"
dek = "303132333435363738393A3B3C3D3E3F"
[cards.keys.30]
enc = "404142434445464748494A4B4C4D4E4F"
mac = "404142434445464748494A4B4C4D4E4F"
dek = "404142434445464748494A4B4C4D4E4F"
[cards.tars]
isd = "000000"
uicc = "B00120"
usim = "B00140"
isim = "B00141"
pkcs15 = "B00150"
uicc-expanded = "B00121"
usim-expanded = "B00143"
isim-expanded = "B00144"
pkcs15-expanded = "B00151"
)";

/// As profiles name them; kik is the other word for dek.
struct KeyName {
  std::string_view word;
  std::string_view name;
};
constexpr KeyName kKeyNames[] = {{"enc", "enc"}, {"mac", "mac"}, {"dek", "dek"}, {"kic", "kic"}, {"kid", "kid"}, {"kik", "dek"}};

Result<Tar> parse_tar(std::string_view text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != 3) return fail(ErrorCode::kMalformed, "'" + std::string(text) + "' is not a TAR: six hexadecimal digits");
  Tar tar;
  std::ranges::copy(*bytes, tar.value.begin());
  return tar;
}

void read_key_set(const toml::table& table, std::string_view version, KeyringCard& card, profile::Complaints& complaints) {
  profile::TableReader reader(table, "key set " + std::string(version), complaints);
  const auto number = from_hex(version);
  if (!number || number->size() != 1 || number->front() == 0 || number->front() > 0x7F) {
    complaints.add(profile::place_of(table.source()), reader.subject(), "a key version is 01 to 7F");
    return;
  }
  bool aes = true;
  if (const auto type = reader.text("type")) {
    if (*type != "aes" && *type != "des") reader.complain("type", "must be aes or des");
    aes = *type == "aes";
  }
  for (const auto& [word, name] : kKeyNames) {
    auto bytes = reader.hex(word);
    if (!bytes) continue;
    const std::size_t size = bytes->size();
    const bool fits = size == 16 || size == 24 || (aes ? size == 32 : size == 8);
    if (!fits) {
      reader.complain(word, aes ? "must have 16, 24 or 32 bytes" : "must have 8, 16 or 24 bytes");
    } else {
      card.keys[number->front()].emplace(name, KeyringKey{aes, crypto::SecretBytes(*bytes)});
    }
    crypto::wipe(*bytes);
  }
  reader.refuse_unknown();
}

KeyringCard read_card(const toml::table& table, profile::Complaints& complaints) {
  profile::TableReader reader(table, "card", complaints);
  KeyringCard card;
  profile::take(card.name, reader.text("name"));
  profile::take(card.iccid, reader.text("iccid"));
  profile::take(card.number, reader.text("number"));
  profile::take(card.diversify, reader.text("diversify"));
  if (!card.diversify.empty() && !gp::host::diversification_named(card.diversify)) {
    reader.complain("diversify", "must be none, kdf3, emv or visa2");
    card.diversify.clear();
  }
  profile::take(card.policy.single_des, reader.flag("single_des"));
  profile::take(card.policy.short_cmac, reader.flag("short_cmac"));
  if (const toml::table* keys = reader.table("keys")) {
    for (const auto& [version, node] : *keys) {
      if (const toml::table* set = node.as_table()) {
        read_key_set(*set, version.str(), card, complaints);
      } else {
        complaints.add(profile::place_of(node.source()), "keys", "must contain tables: [cards.keys.01]");
      }
    }
  }
  if (const toml::table* tars = reader.table("tars")) {
    profile::TableReader names(*tars, "tars", complaints);
    for (const auto& [name, node] : *tars) {
      const auto tar = parse_tar(node.value_or<std::string>(""));
      if (tar) card.tars.emplace(std::string(name.str()), *tar);
      if (!tar) names.complain(name.str(), "must be a TAR: six hexadecimal digits in quotes");
    }
  }
  for (const std::string& text : reader.texts("expanded").value_or(std::vector<std::string>{})) {
    const auto tar = parse_tar(text);
    if (tar) card.expanded.push_back(*tar);
    if (!tar) reader.complain("expanded", "must be a list of TARs");
  }
  reader.refuse_unknown();
  return card;
}

ota::OtaKey packet_key(const KeyringKey* key) {
  if (key == nullptr) return {};
  // The lengths were checked when the file was read.
  if (key->aes) return crypto::AesKey::from(key->bytes.clone()).value();
  return crypto::DesKey::from(key->bytes.clone()).value();
}

}  // namespace

const KeyringKey* KeyringCard::find(std::uint8_t version, std::string_view key) const {
  const auto set = keys.find(version);
  if (set == keys.end()) return nullptr;
  const auto found = set->second.find(key);
  return found == set->second.end() ? nullptr : &found->second;
}

Result<Tar> KeyringCard::tar(std::string_view text) const {
  if (const auto found = tars.find(text); found != tars.end()) return found->second;
  if (auto parsed = parse_tar(text)) return parsed;
  std::string known;
  for (const auto& [name_of, value] : tars) known += " " + name_of;
  return fail(ErrorCode::kNotFound, "'" + std::string(text) + "' is neither a TAR nor one of" + known);
}

ota::PacketKeys KeyringCard::packet_keys(std::uint8_t kic, std::uint8_t kid) const {
  return ota::PacketKeys(kic, kid, {packet_key(find(kic >> 4, "kic")), packet_key(find(kid >> 4, "kid"))}, policy);
}

Result<Keyring> Keyring::parse(std::string_view text, std::string_view source) {
  toml::table root;
  try {
    root = toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    const auto place = profile::place_of(error.source());
    return fail(ErrorCode::kMalformed, std::string(source) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": " +
                                           std::string(error.description()));
  }
  profile::Complaints complaints(source);
  profile::TableReader reader(root, "keyring", complaints);
  Keyring keyring;
  for (const toml::table* table : reader.tables("cards")) keyring.m_cards.push_back(read_card(*table, complaints));
  reader.refuse_unknown();
  if (complaints.first()) return tl::unexpected(*complaints.first());
  if (keyring.m_cards.empty()) return fail(ErrorCode::kMalformed, std::string(source) + ": a keyring has [[cards]]");
  return keyring;
}

Keyring Keyring::load(const std::string& path) {
  std::string text(kDefault);
  if (!path.empty() && path != "default") {
    text = read_input_text(path, kKeyringFile);
  }
  auto keyring = parse(text, path.empty() ? "default" : path);
  crypto::wipe(std::span(reinterpret_cast<std::uint8_t*>(text.data()), text.size()));
  if (!keyring) throw Exit{kUsage, keyring.error().text};
  return *std::move(keyring);
}

const KeyringCard* Keyring::with_name(std::string_view name) const {
  const auto found = std::ranges::find(m_cards, name, &KeyringCard::name);
  return found == m_cards.end() ? nullptr : &*found;
}

const KeyringCard* Keyring::with_iccid(std::string_view iccid) const {
  const auto found = std::ranges::find(m_cards, iccid, &KeyringCard::iccid);
  return iccid.empty() || found == m_cards.end() ? nullptr : &*found;
}

const KeyringCard& Keyring::choose(const std::string& name, const std::string& iccid) const {
  if (!name.empty()) {
    if (const KeyringCard* card = with_name(name)) return *card;
    throw Exit{kUsage, "the keyring has no card named " + name};
  }
  if (const KeyringCard* card = with_iccid(iccid)) return *card;
  if (m_cards.size() == 1) return m_cards.front();
  throw Exit{kUsage, "the keyring has several cards" + (iccid.empty() ? "" : ", none with ICCID " + iccid) + ": name one with --key-card"};
}

}  // namespace uicclab::cli
