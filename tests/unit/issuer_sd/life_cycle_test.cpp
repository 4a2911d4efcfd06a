// SPDX-License-Identifier: Apache-2.0
// Each command in each state of the card and of an application: GP clauses 5.1 to 5.3, table 11-1, as tables.
#include <functional>

#include "tests/support/cap_maker.hpp"
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

constexpr std::string_view kOther = "F075696363000202";
constexpr std::string_view kNotYet = "F075696363000203";

std::string status_of(const std::string& answer) {
  return answer.size() < 4 ? answer : answer.substr(answer.size() - 4);
}

/// A card with something of everything, in a session: domains in SELECTABLE and in INSTALLED, a load file, a second key set.
void furnish(Management& m) {
  REQUIRE(m.open().empty());
  REQUIRE(m.manage("E60C00", install_domain(kDomain)) == "009000");
  REQUIRE(m.manage("E60400", install_domain(kNotYet)) == "009000");
  REQUIRE(m.manage("D80081", put_key_data(m, kNewKey, 0x31)).ends_with("9000"));
  const CapMaker cap;
  REQUIRE(m.manage("E60200", lv(cap.package) + "00000000") == "009000");
  REQUIRE(load(m, load_blocks(cap.build())) == "009000");
}

struct CardRow {
  const char* command;
  std::array<const char*, 5> answers;  // OP_READY, INITIALIZED, SECURED, CARD_LOCKED, TERMINATED
  std::function<std::string(Management&)> send;
};

std::function<std::string(Management&)> managed(std::string header, std::string data) {
  return [=](Management& m) { return m.manage(header, data); };
}
std::function<std::string(Management&)> plain(std::string command) {
  return [=](Management& m) { return m.plain(command); };
}
std::function<std::string(Management&)> after_reset(std::string command) {
  return [=](Management& m) {
    m.reset();
    return m.plain(command);
  };
}

constexpr std::array<const char*, 5> kUpToSecured{"9000", "9000", "9000", "6985", "6985"};
constexpr std::array<const char*, 5> kUpToLocked{"9000", "9000", "9000", "9000", "6985"};
constexpr std::array<const char*, 5> kAlways{"9000", "9000", "9000", "9000", "9000"};

const CardRow kCardRows[] = {
    // In a session of the issuer security domain, opened before the state was reached.
    {"GET STATUS", kUpToLocked, managed("F28002", "4F00")},
    {"GET DATA", kAlways, managed("CA00CF", "")},
    {"INSTALL [for load]", kUpToSecured, managed("E60200", lv("F07569636302") + "00000000")},
    {"INSTALL [for install]", kUpToSecured, managed("E60400", install_domain(kOther))},
    {"INSTALL [for install and make selectable]", kUpToSecured, managed("E60C00", install_domain(kOther))},
    {"INSTALL [for make selectable]", kUpToSecured, managed("E60800", only(kNotYet))},
    {"INSTALL [for extradition]", kUpToSecured, managed("E61000", lv(kDomain) + "00" + lv(kNotYet) + "000000")},
    {"INSTALL [for registry update]", kUpToSecured,
     managed("E64000", "0000" + lv(kDomain) +
                           "03804000"
                           "0000")},
    {"INSTALL [for personalization]", kUpToSecured, managed("E62000", only(kDomain))},
    {"LOAD", kUpToSecured,
     [](Management& m) {
       CapMaker cap;
       cap.package = "F07569636302";
       cap.applet = "F0756963630201";
       (void)m.manage("E60200", lv(cap.package) + "00000000");
       return load(m, load_blocks(cap.build()));
     }},
    {"DELETE [card content], application", kUpToSecured, managed("E40000", "4F" + lv(kDomain))},
    {"DELETE [card content], load file", kUpToSecured, managed("E40000", "4F" + lv(CapMaker().package))},
    {"DELETE [key]", kUpToSecured, managed("E40000", "D20131")},
    {"PUT KEY", kUpToSecured, [](Management& m) { return m.manage("D80081", put_key_data(m, kNewKey, 0x32)); }},
    {"STORE DATA", kUpToSecured, managed("E29000", "45020102")},
    {"SET STATUS, application", kUpToLocked, managed("F04080", std::string(kDomain))},
    {"SET STATUS, INITIALIZED", {"9000", "6985", "6985", "6985", "6985"}, managed("F08007", "")},
    {"SET STATUS, SECURED", {"6985", "9000", "6985", "9000", "6985"}, managed("F0800F", "")},
    {"SET STATUS, CARD_LOCKED", {"6985", "6985", "9000", "6985", "6985"}, managed("F0807F", "")},
    {"SET STATUS, TERMINATED", kUpToLocked, managed("F080FF", "")},
    // Without a session.
    {"SELECT, issuer security domain", {"9000", "9000", "9000", "6283", "6285"}, after_reset("00A4040008A00000015100000000")},
    {"SELECT, no name", {"9000", "9000", "9000", "6283", "6285"}, after_reset("00A4040000")},
    {"SELECT, security domain", {"9000", "9000", "9000", "6A82", "6A82"}, after_reset("00A4040008F07569636300020100")},
    {"SELECT, USIM", {"9000", "9000", "9000", "6A82", "6A82"}, after_reset("00A404000CA0000000871002FF49FF058900")},
    {"SELECT, the next of issuer and others", {"9000", "9000", "9000", "6283", "6285"}, after_reset("00A4040005A00000015100")},
    {"SELECT, MF", kUpToSecured, after_reset("00A40004023F0000")},
    {"SELECT in class A0", {"9F16", "9F16", "9F16", "6985", "6985"}, after_reset("A0A40000023F00")},
    {"READ BINARY", {"6986", "6986", "6986", "6985", "6985"}, after_reset("00B0000001")},
    {"TERMINAL PROFILE", kUpToSecured, after_reset("8010000003FFFFFF")},
    {"MANAGE CHANNEL", kUpToLocked, after_reset("0070000001")},
    {"GET DATA after a reset, nothing selected", {"6D00", "6D00", "6D00", "9000", "9000"}, after_reset("80CA00CF00")},
    {"INITIALIZE UPDATE", kUpToLocked,
     [](Management& m) {
       m.reset();
       (void)m.select(kIssuer);
       return m.plain("8050000008010203040506070800");
     }},
    {"GET STATUS without a session",
     {"6982", "6982", "6982", "6982", "6985"},
     [](Management& m) {
       m.reset();
       (void)m.select(kIssuer);
       return m.plain("80F28002024F0000");
     }},
};

struct ApplicationRow {
  const char* command;
  std::array<const char*, 5> answers;  // INSTALLED, SELECTABLE, PERSONALIZED, LOCKED from SELECTABLE, LOCKED from INSTALLED
  std::function<std::string(Management&)> send;
};

constexpr std::array<const char*, 5> kInAll{"9000", "9000", "9000", "9000", "9000"};
constexpr std::array<const char*, 5> kInUse{"6985", "9000", "9000", "6985", "6985"};

const std::string kNew = std::string(kOther);
const ApplicationRow kApplicationRows[] = {
    {"SELECT", {"6A82", "9000", "9000", "6A82", "6A82"}, plain("00A4040008" + kNew + "00")},
    {"GET STATUS", kInAll, managed("F24002", "4F" + lv(kOther))},
    {"INSTALL [for make selectable]", {"9000", "6985", "6985", "6985", "6985"}, managed("E60800", only(kOther))},
    {"INSTALL [for extradition]", kInAll, managed("E61000", lv(kDomain) + "00" + lv(kOther) + "000000")},
    {"INSTALL [for extradition] to it", kInUse, managed("E61000", lv(kOther) + "00" + lv(kDomain) + "000000")},
    {"INSTALL [for load] into it", kInUse, managed("E60200", lv("F07569636302") + lv(kOther) + "000000")},
    {"INSTALL [for registry update]", kInAll,
     managed("E64000", "0000" + lv(kOther) +
                           "03804000"
                           "0000")},
    {"INSTALL [for personalization]", kInUse, managed("E62000", only(kOther))},
    {"SET STATUS, lock", {"9000", "9000", "9000", "6985", "6985"}, managed("F04080", kNew)},
    {"SET STATUS, unlock", {"6985", "6985", "6985", "9000", "9000"}, managed("F04000", kNew)},
    {"DELETE", kInAll, managed("E40000", "4F" + lv(kOther))},
};

}  // namespace

TEST_CASE("life cycle of the card: each command in each state (GP clause 5.1, table 11-1)") {
  const char* const states[] = {"OP_READY", "INITIALIZED", "SECURED", "CARD_LOCKED", "TERMINATED"};
  const char* const steps[] = {"", "07", "0F", "7F", "FF"};
  for (const CardRow& row : kCardRows) {
    for (std::size_t state = 0; state < std::size(states); ++state) {
      CAPTURE(std::string(row.command));
      CAPTURE(std::string(states[state]));
      Management m;
      furnish(m);
      for (std::size_t i = 1; i <= state; ++i) REQUIRE(m.manage("F080" + std::string(steps[i]), "") == "9000");
      CHECK(status_of(row.send(m)) == row.answers[state]);
    }
  }
}

TEST_CASE("life cycle of an application: each command in each state (GP clause 5.3)") {
  const char* const states[] = {"INSTALLED", "SELECTABLE", "PERSONALIZED", "LOCKED, was SELECTABLE", "LOCKED, was INSTALLED"};
  const std::uint8_t told[] = {0x03, 0x07, 0x0F, 0x87, 0x83};
  for (const ApplicationRow& row : kApplicationRows) {
    for (std::size_t state = 0; state < std::size(states); ++state) {
      CAPTURE(std::string(row.command));
      CAPTURE(std::string(states[state]));
      Management m;
      furnish(m);
      const bool selectable = state != 0 && state != 4;
      REQUIRE(m.manage(selectable ? "E60C00" : "E60400", install_domain(kOther)) == "009000");
      if (state == 2) {
        REQUIRE(m.open(scp03::Level::kAll, kTestKey, 0x30, kOther).empty());
        REQUIRE(m.manage("F0400F", std::string(kOther)) == "9000");
        REQUIRE(m.open().empty());
      }
      if (state >= 3) REQUIRE(m.manage("F04080", std::string(kOther)) == "9000");
      CHECK(entry(m, kOther)->life_cycle == told[state]);
      CHECK(status_of(row.send(m)) == row.answers[state]);
    }
  }
}

TEST_CASE("a security domain makes itself PERSONALIZED once, and nothing else of itself or of others (GP clauses 5.3.2.3, 11.10)") {
  Management m;
  REQUIRE(m.open().empty());
  REQUIRE(m.manage("E60C00", install_domain(kDomain)) == "009000");
  CHECK(m.manage("F0400F", std::string(kDomain)) == "6985");  // another domain's
  REQUIRE(m.open(scp03::Level::kAll, kTestKey, 0x30, kDomain).empty());
  CHECK(m.manage("F04007", std::string(kDomain)) == "6985");
  CHECK(m.manage("F04080", std::string(kDomain)) == "6985");
  CHECK(m.manage("F0600F", std::string(kDomain)) == "6985");
  CHECK(m.manage("F0400F", std::string(kDomain)) == "9000");
  CHECK(m.manage("F0400F", std::string(kDomain)) == "6985");
  CHECK(entry(m, kDomain)->life_cycle == gp::kPersonalized);
}

TEST_CASE("CARD_LOCKED and back: what was selected before is not reached, and is again (GP clause 5.1.1.4)") {
  Management m;
  REQUIRE(m.open().empty());
  REQUIRE(m.plain("0070000001") == "019000");
  REQUIRE(m.plain("01A404000CA0000000871002FF49FF058900").ends_with("9000"));
  for (const char* state : {"07", "0F", "7F"}) REQUIRE(m.manage("F080" + std::string(state), "") == "9000");
  CHECK(m.plain("81F2000000") == "6985");
  CHECK(m.plain("01A40004023F0000") == "6985");
  CHECK(m.manage("F0800F", "") == "9000");
  CHECK(m.plain("81F2000000").ends_with("9000"));
}
