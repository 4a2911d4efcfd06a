// SPDX-License-Identifier: Apache-2.0
// A card with an issuer security domain, and the keys to it.
#pragma once

#include "applet/builtin.hpp"
#include "core/hex.hpp"
#include "profile/build.hpp"
#include "profile/profile.hpp"
#include "scp03/secure_channel_port.hpp"
#include "tests/support/small_card.hpp"

namespace uicclab::test {

inline constexpr std::string_view kIssuer = "A000000151000000";
inline constexpr std::string_view kTestKey = "404142434445464748494A4B4C4D4E4F";
inline constexpr std::string_view kDomainFile = "A0000001515350";
inline constexpr std::string_view kDomainModule = "A000000151535041";

struct DomainOptions {
  std::uint8_t i = 0x70;
  std::string key = std::string(kTestKey);
  std::string life_cycle = "op-ready";
  std::uint32_t free_memory = 262144;
  std::uint8_t scp02 = 0;        ///< its "i"; version 20 then has the test key as DES keys
  bool version_70_keys = false;  ///< the test key is there as version 70 too
  std::string fci = {};          ///< of the issuer domain; empty: its own
  emulator::CardChoices choices = {};
  applet::ModuleCatalogue more_modules = {};  ///< beside the built-in ones
};

inline std::shared_ptr<const emulator::CardImage> domain_image(const DomainOptions& options = {}) {
  using namespace emulator;
  profile::Profile profile;
  profile.atr = *from_hex("3B9F968091FE1F878031E073FE215F67756963636C6162C8");
  profile.free_memory = options.free_memory;
  profile::FileSpec mf;
  mf.path = "3F00";
  mf.header.kind = FileKind::kMf;
  mf.header.fid = Fid{0x3F00};
  profile::FileSpec adf = mf;
  adf.path = "ADF.USIM";
  adf.header.kind = FileKind::kAdf;
  adf.header.fid = Fid{0x7FF0};
  profile.files = {mf, adf};
  profile::ApplicationSpec usim;
  usim.module = "usim";
  usim.aid = *Aid::from("A0000000871002FF49FF0589"_h);
  usim.adf = "ADF.USIM";
  usim.parameters.set("algorithm", "xor");
  usim.parameters.set("k", "00112233445566778899AABBCCDDEEFF");
  profile::ApplicationSpec domain;
  domain.module = "issuer-sd";
  domain.aid = *Aid::from(*from_hex(kIssuer));
  domain.in_dir = false;
  for (const char* name : {"keys.30.enc", "keys.30.mac", "keys.30.dek"}) domain.parameters.set(name, options.key);
  for (const char* name : {"keys.70.enc", "keys.70.mac", "keys.70.dek"}) {
    if (options.version_70_keys) domain.parameters.set(name, options.key);
  }
  profile.choices = options.choices;
  domain.parameters.set("i", std::int64_t{options.i});
  if (options.scp02 != 0) {
    domain.parameters.set("scp02", std::int64_t{options.scp02});
    domain.parameters.set("keys.20.type", "des");
    for (const char* name : {"keys.20.enc", "keys.20.mac", "keys.20.dek"}) domain.parameters.set(name, std::string(kTestKey));
  }
  domain.parameters.set("life_cycle", options.life_cycle);
  domain.parameters.set("diversification", "00010203040506070809");
  domain.parameters.set("iin", "0102030405");
  if (!options.fci.empty()) domain.parameters.set("fci", options.fci);
  profile.applications = {usim, domain};
  auto modules = applet::builtin_modules();
  modules.insert(modules.end(), options.more_modules.begin(), options.more_modules.end());
  modules.managed = options.more_modules.managed;
  auto image = build_image(profile, modules);
  if (!image) throw SystemError("domain_image: " + image.error().text);
  return *image;
}

inline scp03::KeySet key_set(std::string_view key = kTestKey, std::uint8_t version = 0x30) {
  const auto secret = [&] { return crypto::SecretBytes(*from_hex(key)); };
  return scp03::KeySet::from(KeyVersion{version}, secret(), secret(), secret()).value();
}

}  // namespace uicclab::test
