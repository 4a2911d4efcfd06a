// SPDX-License-Identifier: Apache-2.0
#include "cli/common/key_source.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/common/input_file.hpp"
#include "cli/common/keyring.hpp"
#include "cli/common/private_file.hpp"
#include "cli/common/secret_text.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"
#include "gp/host/words.hpp"

namespace uicclab::cli {
namespace {

using gp::host::hex_byte;
using gp::host::KeyMaterial;

constexpr const char* kKeyDigits = "a key is 32, 48 or 64 hexadecimal digits";

crypto::SecretBytes key_of(crypto::SecretBytes bytes, const std::string& what) {
  if (bytes.size() != 16 && bytes.size() != 24 && bytes.size() != 32) throw Exit{kUsage, what + ": " + kKeyDigits};
  return bytes;
}

/// One key, or three with blanks, commas or line ends between; "#" begins a comment.
KeyMaterial from_text(const SecretText& secret, const std::string& what) {
  if (secret.form == SecretText::Form::kAscii)
    return KeyMaterial::from_one(what, key_of(secret.bytes(what, SecretText::Form::kAscii), what));
  std::vector<crypto::SecretBytes> keys;
  std::istringstream lines(secret.text);
  for (std::string line; std::getline(lines, line);) {
    line = line.substr(0, line.find('#'));
    std::ranges::replace(line, ',', ' ');
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      auto bytes = from_hex(word);
      if (!bytes) throw Exit{kUsage, what + ": " + kKeyDigits};
      keys.push_back(key_of(crypto::SecretBytes(*bytes), what));
      crypto::wipe(*bytes);
    }
  }
  if (keys.size() == 1) return KeyMaterial::from_one(what, keys[0]);
  if (keys.size() != 3) throw Exit{kUsage, what + ": one key for all, or three (ENC, MAC, DEK), not " + std::to_string(keys.size())};
  KeyMaterial out;
  out.name = what;
  out.enc = std::move(keys[0]);
  out.mac = std::move(keys[1]);
  out.dek = std::move(keys[2]);
  return out;
}

/// The key set of a card for secure channels: the version that is asked for, or the only one with ENC, MAC and DEK.
KeyMaterial from_card(const KeyringCard& card, std::optional<std::uint8_t> wanted) {
  std::vector<std::uint8_t> versions;
  for (const auto& [version, keys] : card.keys) {
    const bool whole = keys.contains("enc") && keys.contains("mac") && keys.contains("dek");
    if (whole && (!wanted || version == *wanted)) versions.push_back(version);
  }
  const std::string name = card.name.empty() ? "the keyring" : card.name;
  if (versions.empty()) {
    throw Exit{kUsage, "keys of '" + name + "': no key version" + (wanted ? " " + hex_byte(*wanted) : "") + " with enc, mac and dek"};
  }
  if (versions.size() > 1)
    throw Exit{kUsage, "keys of '" + name + "': several key versions have enc, mac and dek; choose one with --key-version"};
  const auto secret = [&](std::string_view key) { return card.find(versions[0], key)->bytes.clone(); };
  KeyMaterial out;
  out.name = name;
  out.enc = secret("enc");
  out.mac = secret("mac");
  out.dek = secret("dek");
  out.version = KeyVersion{versions[0]};
  if (!card.diversify.empty()) out.diversification = *gp::host::diversification_named(card.diversify);
  return out;
}

}  // namespace

void KeySource::add_to(App& command, const std::string& prefix, const std::string& what) {
  const std::string option = "--" + prefix;
  command
      .add_option(option + "keys", from,
                  what +
                      ": a keyring file (TOML), file:PATH, env:VARIABLE or prompt with one key or three (ENC, MAC, DEK) in hexadecimal, or "
                      "'default' for the public 404142..4F")
      ->capture_default_str();
  command.add_option(option + "key-card", key_card, "The card of the keyring by name, if it has several");
  command.add_option(
      option + "key-hex", hex,
      "The keys themselves, one, or three with commas. Every user of this machine can read them in the process list, and the "
      "shell keeps them: for public test keys only");
  command.add_option(option + "diversify", diversify, "The keys are masters, diversified by kdf3, emv, visa2 (or none)");
  command.add_option(option + "key-version", version, "Key version, two hexadecimal digits");
}

KeyMaterial KeySource::read() const {
  std::optional<std::uint8_t> wanted;
  if (!version.empty()) wanted = byte_option("key version", version);
  const auto read_source = [&]() -> KeyMaterial {
    if (!hex.empty()) return from_text(read_secret("the keys on the command line", hex), "the keys on the command line");
    if (from == "default") return gp::host::default_keys();
    if (names_secret(from))
      return from_text(read_secret("keys", from),
                       from.starts_with("hex:") || from.starts_with("ascii:") ? "the keys on the command line" : from);
    tell_if_readable_by_others(from);
    return from_card(Keyring::load(from).choose(key_card), wanted);
  };
  KeyMaterial out = read_source();
  if (wanted) out.version = KeyVersion{*wanted};
  if (!diversify.empty()) {
    const auto how = gp::host::diversification_named(diversify);
    if (!how) throw Exit{kUsage, "--diversify " + diversify + ": keys are diversified by none, kdf3, emv or visa2"};
    out.diversification = *how;
  }
  return out;
}

std::uint8_t byte_option(const std::string& option, const std::string& text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != 1) throw Exit{kUsage, option + " " + text + ": two hexadecimal digits"};
  return bytes->front();
}

}  // namespace uicclab::cli
