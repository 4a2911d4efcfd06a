// SPDX-License-Identifier: Apache-2.0
// Applications with files that INSTALL makes on the default card: their own ADF, and memory that is reported and limited (GP clause 9.7).
#include "emulator/power_cut_port.hpp"
#include "gp/card_data.hpp"
#include "profile/default.hpp"
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

constexpr std::string_view kFile = "F0756963636C616201";
constexpr std::string_view kUsimModule = "F0756963636C61620101";
constexpr std::string_view kIsimModule = "F0756963636C61620102";
constexpr std::string_view kSecondUsim = "A0000000871002F0F0";
constexpr std::string_view kThirdUsim = "A0000000871002F0F1";
constexpr std::string_view kSecondIsim = "A0000000871004F0F0";

std::shared_ptr<const emulator::CardImage> default_image() {
  static const auto image = profile::build_image(profile::default_profile().value(), applet::builtin_modules()).value();
  return image;
}

/// C9 with a subscriber, whose K ends with this byte.
std::string subscriber(std::string_view last) {
  return to_hex(ber::encode(0xC9, as_bytes("algorithm=xor;k=00112233445566778899AABBCCDDEE" + std::string(last))));
}

std::string add(Management& m, std::string_view module, std::string_view aid, const std::string& parameters) {
  return m.manage("E60C00", install(kFile, module, aid, "000000", parameters));
}

std::uint32_t free_memory(Management& m) {
  const std::string answer = m.send("80CAFF2100");
  return gp::parse_resources(*from_hex(answer.substr(0, answer.size() - 4))).value().non_volatile_free;
}

std::string read_imsi(Management& m, std::string_view aid) {
  CHECK(m.select(aid).ends_with("9000"));
  return m.plain("00B0870000");
}

}  // namespace

TEST_CASE("INSTALL: a USIM and an ISIM have files of their own, as the profile made them for the first (TS 102 222 clause 6.3)") {
  Management m(default_image());
  REQUIRE(m.open().empty());
  REQUIRE(add(m, kUsimModule, kSecondUsim, subscriber("01")) == "009000");
  REQUIRE(add(m, kIsimModule, kSecondIsim, subscriber("02")) == "009000");
  const std::string imsi = read_imsi(m, kUsim);
  CHECK(read_imsi(m, kSecondUsim) == imsi);
  CHECK(m.plain("0020000A083838383838383838") == "9000");
  CHECK(m.plain("00D6870009081111111111111111") == "9000");
  CHECK(read_imsi(m, kSecondUsim) == "0811111111111111119000");
  CHECK(read_imsi(m, kUsim) == imsi);
  CHECK(m.select(kSecondIsim).ends_with("9000"));
  CHECK(m.plain("00A40004026F0200").ends_with("9000"));
  m.reset();
  CHECK(read_imsi(m, kSecondUsim) == "0811111111111111119000");
}

TEST_CASE("INSTALL: each USIM has its own subscriber and its own PIN2") {
  Management m(default_image());
  REQUIRE(m.open().empty());
  REQUIRE(add(m, kUsimModule, kSecondUsim, subscriber("01")) == "009000");
  REQUIRE(add(m, kUsimModule, kThirdUsim, subscriber("02")) == "009000");
  m.select(kSecondUsim);
  const std::string rand = "00000000000000000000000000000001";
  const std::string second = m.plain("008800801110" + rand + "00");
  CHECK(m.plain("002000810830303030FFFFFFFF") == "63C2");
  m.select(kThirdUsim);
  CHECK(m.plain("0020008100") == "63C3");
  CHECK(m.plain("002000810835363738FFFFFFFF") == "9000");
  const std::string third = m.plain("008800801110" + rand + "00");
  CHECK(second.ends_with("9000"));
  CHECK(third.ends_with("9000"));
  CHECK(second != third);
  m.select(kSecondUsim);
  CHECK(m.plain("0020008100") == "63C2");
}

TEST_CASE("DELETE takes an application's files and PINs with it; memory is what it was, and the next has fresh files (GP clause 9.5)") {
  Management m(default_image());
  REQUIRE(m.open().empty());
  const std::uint32_t before = free_memory(m);
  REQUIRE(add(m, kUsimModule, kSecondUsim, subscriber("01")) == "009000");
  const std::uint32_t with_one = free_memory(m);
  CHECK(before - with_one > 5000);  // its files
  REQUIRE(add(m, kUsimModule, kThirdUsim, subscriber("01")) == "009000");
  CHECK(with_one - free_memory(m) == before - with_one);
  m.select(kSecondUsim);
  CHECK(m.plain("002000810830303030FFFFFFFF") == "63C2");
  REQUIRE(m.open().empty());
  CHECK(m.manage("E40000", "4F" + lv(kSecondUsim)) == "009000");
  CHECK(m.manage("E40000", "4F" + lv(kThirdUsim)) == "009000");
  CHECK(free_memory(m) == before);
  CHECK(m.terminal.card.session()->files().adfs().size() == 3);
  REQUIRE(add(m, kUsimModule, kSecondUsim, subscriber("01")) == "009000");
  m.select(kSecondUsim);
  CHECK(m.plain("0020008100") == "63C3");
}

TEST_CASE("INSTALL of a USIM is one transaction with its files: power cut at any write leaves all or nothing") {
  unsigned cuts = 0;
  Management whole(default_image());
  REQUIRE(whole.open().empty());
  REQUIRE(add(whole, kUsimModule, kSecondUsim, subscriber("01")) == "009000");
  const std::string after = told(whole);
  for (std::uint32_t at = 1;; at += 1 + at / 2) {
    CAPTURE(at);
    Management m(default_image());
    REQUIRE(m.open().empty());
    const std::string before = told(m);
    emulator::PowerCutPort fault(m.terminal.card);
    fault.arm(at);
    const std::string answer = add(m, kUsimModule, kSecondUsim, subscriber("01"));
    const bool cut = fault.was_cut();
    fault.arm(0);
    if (!cut) {
      CHECK(answer == "009000");
      break;
    }
    ++cuts;
    m.reset();
    REQUIRE(m.open().empty());
    const std::string now = told(m);
    CHECK((now == before || now == after));
    CHECK(m.terminal.card.session()->files().adfs().size() == (now == before ? 3 : 4));
  }
  CHECK(cuts > 5);
}

TEST_CASE("INSTALL of a USIM where no profile made one, or where its files do not fit, is refused") {
  DomainOptions small;
  Management m(small);
  REQUIRE(m.open().empty());
  CHECK(add(m, kIsimModule, kSecondIsim, subscriber("01")) == "6985");
  auto profile = profile::default_profile().value();
  profile.free_memory = 4000;
  Management full(profile::build_image(profile, applet::builtin_modules()).value());
  REQUIRE(full.open().empty());
  const std::string before = told(full);
  CHECK(add(full, kUsimModule, kSecondUsim, subscriber("01")) == "6A84");
  CHECK(told(full) == before);
}

TEST_CASE(
    "memory: a quota (C8) holds for what is installed and for what comes later; a reservation (D8) is taken at once (GP clause 9.7)") {
  Management m(default_image());
  REQUIRE(m.open().empty());
  const auto domain = [&](std::string_view aid, std::string_view parameters) {
    return m.manage("E60C00", install(kDomainFile, kDomainModule, aid, "800000", parameters));
  };
  CHECK(add(m, kUsimModule, kSecondUsim, subscriber("01") + "EF04C8020100") == "6A84");  // its files are more
  CHECK(domain(kDomain, "C900EF04C8020001") == "6A84");
  REQUIRE(domain(kDomain, "C900EF04C8020060") == "009000");
  const std::uint32_t before = free_memory(m);
  REQUIRE(m.open(scp03::Level::kAll, kTestKey, 0x30, kDomain).empty());
  CHECK(m.manage("D80081", put_key_data(m, kNewKey, 0x31)).ends_with("9000"));
  REQUIRE(m.open(scp03::Level::kAll, kNewKey, 0x31, kDomain).empty());
  CHECK(m.manage("D80081", put_key_data(m, kNewKey, 0x32)) == "6A84");
  CHECK(m.manage("E29000", "450102") == "9000");
  CHECK(m.manage("E29000", "4520" + std::string(64, '1')) == "6A84");
  REQUIRE(m.open().empty());
  CHECK(before - free_memory(m) == 3 * 18 + 1);  // keys as they are kept, and a byte of tag 45
  const std::uint32_t now = free_memory(m);
  CHECK(domain("F075696363000202", "C900EF08D8020400D7020100") == "009000");
  CHECK(now - free_memory(m) == 0x400);
  const std::string resources = m.send("80CAFF2100");
  CHECK(gp::parse_resources(*from_hex(resources.substr(0, resources.size() - 4)))->volatile_free == 16384 - 0x100);
  CHECK(domain("F075696363000203", "C900EF04D7024000") == "6A84");
  CHECK(domain("F075696363000203", "C900EF06D80410000000") == "6A84");
}

TEST_CASE("memory: keys take from what there is, and what does not fit is refused whole") {
  DomainOptions options;
  options.free_memory = 100;
  Management m(options);
  REQUIRE(m.open().empty());
  CHECK(m.manage("D80081", put_key_data(m, kNewKey, 0x31)).ends_with("9000"));
  CHECK(free_memory(m) == 100 - 3 * 18);
  CHECK(m.manage("D80081", put_key_data(m, kNewKey, 0x32)) == "6A84");
  CHECK(m.manage("D83181", put_key_data(m, kTestKey, 0x31)).ends_with("9000"));
  CHECK(m.manage("E60C00", install_domain(kDomain)) == "6A84");
  CHECK(free_memory(m) == 100 - 3 * 18);
}
