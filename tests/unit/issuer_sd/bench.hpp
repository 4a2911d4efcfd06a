// A card with an issuer security domain and our own host at it.
#pragma once

#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "core/hex.hpp"
#include "emulator/profile/build.hpp"
#include "emulator/profile/profile.hpp"
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
  applet::ModuleCatalogue more_modules = {};  ///< beside the built-in ones
};

inline std::shared_ptr<const emulator::CardImage> domain_image(const DomainOptions& options = {}) {
  using namespace emulator;
  Profile profile;
  profile.atr = *from_hex("3B9F968091FE1F878031E073FE215F67756963636C6162C8");
  profile.free_memory = options.free_memory;
  FileSpec mf;
  mf.path = "3F00";
  mf.header.kind = FileKind::kMf;
  mf.header.fid = Fid{0x3F00};
  FileSpec adf = mf;
  adf.path = "ADF.USIM";
  adf.header.kind = FileKind::kAdf;
  adf.header.fid = Fid{0x7FF0};
  profile.files = {mf, adf};
  ApplicationSpec usim;
  usim.module = "usim";
  usim.aid = *Aid::from("A0000000871002FF49FF0589"_h);
  usim.adf = "ADF.USIM";
  usim.parameters.set("algorithm", "xor");
  usim.parameters.set("k", "00112233445566778899AABBCCDDEEFF");
  ApplicationSpec domain;
  domain.module = "issuer-sd";
  domain.aid = *Aid::from(*from_hex(kIssuer));
  domain.in_dir = false;
  for (const char* name : {"keys.30.enc", "keys.30.mac", "keys.30.dek"}) domain.parameters.set(name, options.key);
  domain.parameters.set("i", std::int64_t{options.i});
  domain.parameters.set("life_cycle", options.life_cycle);
  domain.parameters.set("diversification", "00010203040506070809");
  domain.parameters.set("iin", "0102030405");
  profile.applications = {usim, domain};
  auto modules = applet::builtin_modules();
  modules.insert(modules.end(), options.more_modules.begin(), options.more_modules.end());
  auto image = build_image(profile, modules);
  REQUIRE_MESSAGE(image, image.error().text);
  return *image;
}

inline scp03::KeySet key_set(std::string_view key = kTestKey, std::uint8_t version = 0x30) {
  const auto secret = [&] { return crypto::SecretBytes(*from_hex(key)); };
  return scp03::KeySet::from(KeyVersion{version}, secret(), secret(), secret()).value();
}

/// A card on, T=1 unless said otherwise, and a host that can open a session.
class Management {
 public:
  explicit Management(const DomainOptions& options = {}, Protocol protocol = Protocol::kT1, std::unique_ptr<emulator::NvmStore> store = nullptr)
      : terminal(domain_image(options), protocol, std::move(store)), port(terminal.card, host_random) {}

  void reset() {
    (void)port.reset();
    terminal.card.session()->protocol = Protocol::kT1;
  }
  std::string select(std::string_view aid) {
    const std::string size = to_hex(Bytes{static_cast<std::uint8_t>(aid.size() / 2)});
    return plain("00A40400" + size + std::string(aid) + "00");
  }
  /// Selects the issuer domain (or `aid`) and opens a session with it; empty if that works, else what was wrong.
  std::string open(scp03::SecurityLevel level = scp03::Level::kAll, std::string_view key = kTestKey, std::uint8_t version = 0x30,
                   std::string_view aid = kIssuer) {
    port.close();
    const std::string selected = select(aid);
    if (!selected.ends_with("9000") && !selected.ends_with("6283")) return "select: " + selected;
    scp03::HostSession::Options options;
    options.key_version = KeyVersion{version};
    options.level = level;
    options.s16 = s16;
    options.aid = *Aid::from(*from_hex(aid));
    const auto opened = port.open(options, key_set(key, version));
    return opened ? "" : opened.error().text;
  }
  /// Through the session, if one is open.
  std::string send(std::string_view command) {
    const auto answer = port.transmit(*from_hex(command));
    return answer ? to_hex(*answer) : "error: " + answer.error().text;
  }
  /// INS, P1, P2 and data as one command of class 80 with Le.
  std::string manage(std::string_view header, std::string_view data) {
    const Bytes bytes = *from_hex(data);
    apdu::Command command;
    const Bytes h = *from_hex(header);
    command.cla = 0x80;
    command.ins = h[0];
    command.p1 = h[1];
    command.p2 = h[2];
    command.data = bytes;
    command.le = 256;
    return send(to_hex(apdu::encode(command)));
  }
  std::string plain(std::string_view command) { return terminal.exchange(command); }

  Terminal terminal;
  SeededRandom host_random{99};
  scp03::SecureChannelPort port;
  bool s16 = false;
};

}  // namespace uicclab::test
