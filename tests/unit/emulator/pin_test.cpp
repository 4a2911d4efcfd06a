// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::Terminal;

namespace {

constexpr const char* kPin1 = "31323334FFFFFFFF";
constexpr const char* kPin2 = "35363738FFFFFFFF";
constexpr const char* kPuk1 = "3132333435363738";
constexpr const char* kUniversal = "39393939FFFFFFFF";
constexpr const char* kWrong = "30303030FFFFFFFF";

std::string verify(const char* key, const std::string& pin) {
  return std::string("002000") + key + "08" + pin;
}
std::string change(const char* key, const std::string& from, const std::string& to) {
  return std::string("002400") + key + "10" + from + to;
}
std::string disable(const char* key, const std::string& pin, const char* p1 = "00") {
  return std::string("0026") + p1 + key + "08" + pin;
}
std::string enable(const char* key, const std::string& pin) {
  return std::string("002800") + key + "08" + pin;
}
std::string unblock(const char* key, const std::string& puk, const std::string& pin) {
  return std::string("002C00") + key + "10" + puk + pin;
}

// EF 2F05 needs PIN1.
bool may_read(Terminal& t) {
  t.send("00A4080C02 2F05");
  return t.send("00B0000001") == "FF9000";
}
void select_usim(Terminal& t) {
  REQUIRE(t.send("00A4040C07 A0000000871002") == "9000");
}

}  // namespace

TEST_CASE("VERIFY PIN: right, and counted down to blocked when wrong (TS 102 221 clause 11.1.9)") {
  Terminal t;
  CHECK_FALSE(may_read(t));
  CHECK(t.send(verify("01", kPin1)) == "9000");
  CHECK(may_read(t));
  CHECK(t.send(verify("01", kWrong)) == "63C2");
  CHECK_FALSE(may_read(t));  // a wrong value ends the verified state
  CHECK(t.send(verify("01", kPin1)) == "9000");
  CHECK(t.send("0020000100") == "63C3");  // the counter starts again
  CHECK(t.send(verify("01", kWrong)) == "63C2");
  CHECK(t.send(verify("01", kWrong)) == "63C1");
  CHECK(t.send(verify("01", kWrong)) == "63C0");
  CHECK(t.send(verify("01", kWrong)) == "6983");
  CHECK(t.send(verify("01", kPin1)) == "6983");
  CHECK(t.send("0020000100") == "63C0");
  CHECK_FALSE(may_read(t));
}

TEST_CASE("VERIFY PIN: the counter outlives a reset, the verified state does not (clauses 9.3 and 9.5)") {
  Terminal t;
  CHECK(t.send(verify("01", kWrong)) == "63C2");
  t.card.reset();
  CHECK(t.send("0020000100") == "63C2");
  CHECK(t.send(verify("01", kPin1)) == "9000");
  CHECK(may_read(t));
  t.card.reset();
  CHECK_FALSE(may_read(t));
  CHECK(t.send("0020000100") == "63C3");
}

TEST_CASE("VERIFY PIN without data asks for the counter and changes nothing (clause 11.1.9)") {
  Terminal t;
  CHECK(t.send("0020000100") == "63C3");
  CHECK(t.send("00200001") == "63C3");
  CHECK(t.send("0020000A00") == "63C3");
  CHECK(t.send("0020000100") == "63C3");
  CHECK_FALSE(may_read(t));
  t.send(verify("01", kPin1));
  CHECK(t.send("0020000100") == "63C3");
  CHECK(may_read(t));
}

TEST_CASE("PIN commands refuse wrong parameters, lengths and unknown keys, and count no try (clauses 11.1.9 to 11.1.13)") {
  Terminal t;
  CHECK(t.send("0020010108 31323334FFFFFFFF") == "6A86");
  CHECK(t.send("0020000208 31323334FFFFFFFF") == "6A88");
  CHECK(t.send("0020000008 31323334FFFFFFFF") == "6A88");
  CHECK(t.send("0020000107 31323334FFFFFF") == "6700");
  CHECK(t.send("0020000109 31323334FFFFFFFFFF") == "6700");
  CHECK(t.send("8020000108 31323334FFFFFFFF") == "6E00");
  CHECK(t.send("0024010110 31323334FFFFFFFF 31323334FFFFFFFF") == "6A86");
  CHECK(t.send("0024000108 31323334FFFFFFFF") == "6700");
  CHECK(t.send("0024000100") == "6700");
  CHECK(t.send("0026010108 31323334FFFFFFFF") == "6A86");
  CHECK(t.send("0026000100") == "6700");
  CHECK(t.send("0028010108 31323334FFFFFFFF") == "6A86");
  CHECK(t.send("0028000100") == "6700");
  CHECK(t.send("002C010110 3132333435363738 31323334FFFFFFFF") == "6A86");
  CHECK(t.send("002C000108 3132333435363738") == "6700");
  CHECK(t.send("002C000A10 3132333435363738 31323334FFFFFFFF") == "6A88");  // ADM1 has no PUK
  CHECK(t.send("0020000100") == "63C3");
  CHECK(t.send("002C000100") == "63CA");
}

TEST_CASE("CHANGE PIN (clause 11.1.10)") {
  Terminal t;
  CHECK(t.send(change("01", kWrong, "39383736FFFFFFFF")) == "63C2");
  CHECK(t.send(change("01", kPin1, "39383736FFFFFFFF")) == "9000");
  CHECK(may_read(t));
  CHECK(t.send("0020000100") == "63C3");
  t.card.reset();
  CHECK(t.send(verify("01", kPin1)) == "63C2");
  CHECK(t.send(verify("01", "39383736FFFFFFFF")) == "9000");
  for (int i = 0; i < 3; ++i) t.send(change("01", kWrong, kPin1));
  CHECK(t.send(change("01", "39383736FFFFFFFF", kPin1)) == "6983");
}

TEST_CASE("DISABLE and ENABLE PIN: a disabled PIN counts as satisfied (clauses 9.5.1, 11.1.11 and 11.1.12)") {
  Terminal t;
  CHECK(t.send(enable("01", kPin1)) == "6985");  // it is enabled
  CHECK(t.send(disable("01", kWrong)) == "63C2");
  CHECK(t.send(disable("01", kPin1)) == "9000");
  t.card.reset();
  CHECK(may_read(t));
  CHECK(t.send(verify("01", kPin1)) == "6984");
  CHECK(t.send(change("01", kPin1, kWrong)) == "6984");
  CHECK(t.send(disable("01", kPin1)) == "6984");
  CHECK(t.send("0020000100") == "63C3");
  CHECK(t.send(enable("01", kWrong)) == "63C2");
  CHECK(t.send(enable("01", kPin1)) == "9000");
  CHECK(may_read(t));
  t.card.reset();
  CHECK_FALSE(may_read(t));
}

TEST_CASE("ENABLE PIN counts wrong values until the PIN is blocked (clause 11.1.12)") {
  Terminal t(test::small_image(false));
  CHECK(t.send(enable("01", kWrong)) == "63C2");
  CHECK(t.send(enable("01", kWrong)) == "63C1");
  CHECK(t.send(enable("01", kWrong)) == "63C0");
  CHECK(t.send(enable("01", kPin1)) == "6983");
  CHECK(t.send(verify("01", kPin1)) == "6983");
}

TEST_CASE("A key that may not be disabled answers 6985 and counts no try (clause 11.1.11)") {
  Terminal t;
  CHECK(t.send("0026000A08 3030303030303030") == "6985");
  CHECK(t.send("0020000A00") == "63C3");
}

TEST_CASE("UNBLOCK PIN sets a new value and both counters; ten wrong ones block it for good (clause 11.1.13)") {
  Terminal t;
  for (int i = 0; i < 3; ++i) t.send(verify("01", kWrong));
  CHECK(t.send(unblock("01", "3030303030303030", kPin2)) == "63C9");
  CHECK(t.send("002C000100") == "63C9");
  CHECK(t.send(unblock("01", kPuk1, kPin2)) == "9000");
  CHECK(may_read(t));
  CHECK(t.send("0020000100") == "63C3");
  CHECK(t.send("002C000100") == "63CA");
  t.card.reset();
  CHECK(t.send(verify("01", kPin2)) == "9000");
  for (int left = 9; left >= 0; --left) CHECK(t.send(unblock("01", "3030303030303030", kPin2)) == "63C" + std::to_string(left));
  CHECK(t.send(unblock("01", kPuk1, kPin2)) == "6983");
  CHECK(t.send("002C000100") == "63C0");
  CHECK(t.send(verify("01", kPin2)) == "9000");  // the PIN itself was not blocked
}

TEST_CASE("UNBLOCK PIN works on a PIN that is not blocked, and enables a disabled one (clause 11.1.13)") {
  Terminal t(test::small_image(false));
  CHECK(may_read(t));
  CHECK(t.send(unblock("01", kPuk1, kPin2)) == "9000");
  CHECK(may_read(t));
  t.card.reset();
  CHECK_FALSE(may_read(t));
  CHECK(t.send(verify("01", kPin2)) == "9000");
}

TEST_CASE("A local PIN exists only with its application (clause 9.4.2)") {
  Terminal t;
  CHECK(t.send(verify("81", kPin2)) == "6A88");
  select_usim(t);
  CHECK(t.send("00A4000C02 6F3B") == "9000");
  CHECK(t.send("00B0000003") == "6982");
  CHECK(t.send(verify("81", kPin2)) == "9000");
  CHECK(t.send("00B0000003") == "2222229000");
  t.send("00A4000C02 3F00");
  CHECK(t.send(verify("81", kPin2)) == "9000");  // the application is still active
  t.send("00A4040C07 A0000000871004");
  CHECK(t.send(verify("81", kPin2)) == "6A88");  // another application, without keys
}

TEST_CASE("What a local PIN opened is closed with the application session (clauses 8.5.1 and 9.4.2)") {
  Terminal t;
  const auto opened = [&](const std::string& cla) {
    t.send(cla + "A4080C04 7FFF 6F3B");
    return t.send(cla + "B0000003") == "2222229000";
  };
  select_usim(t);
  t.send(verify("81", kPin2));
  CHECK(opened("00"));
  t.send("00A4040C07 A0000000871004");  // another application takes the channel
  select_usim(t);
  CHECK_FALSE(opened("00"));

  t.send(verify("81", kPin2));
  CHECK(opened("00"));
  select_usim(t);  // selected again: a reset of the session
  CHECK_FALSE(opened("00"));

  t.send(verify("81", kPin2));
  t.send("0070000001");
  t.send("01A4040C07 A0000000871002");  // a second session keeps it
  t.send("00A4040C07 A0000000871004");
  CHECK(opened("01"));
  CHECK(t.send("0070800100") == "9000");
  select_usim(t);
  CHECK_FALSE(opened("00"));
}

TEST_CASE("A global PIN counts on every channel and in every application (clauses 9.4.1 and 9.5)") {
  Terminal t;
  t.send(verify("01", kPin1));
  t.send("0070000001");
  t.send("01A4040C07 A0000000871002");
  CHECK(t.send("01B0870009") == "0809101010325406369000");
  t.send("00A4040C07 A0000000871004");
  CHECK(t.send("01B0870009") == "0809101010325406369000");
}

TEST_CASE("DISABLE PIN in favour of the universal PIN: that one decides (clauses 9.5.2 and 11.1.11)") {
  Terminal t;
  CHECK(t.send(disable("11", kUniversal, "91")) == "6A88");  // not for itself
  CHECK(t.send(disable("01", kPin1, "91")) == "9000");
  CHECK_FALSE(may_read(t));
  CHECK(t.send(verify("11", kUniversal)) == "9000");
  CHECK(may_read(t));
  t.card.reset();
  CHECK_FALSE(may_read(t));
  CHECK(t.send(verify("01", kPin1)) == "6984");
  CHECK(t.send(verify("11", kUniversal)) == "9000");
  CHECK(t.send(disable("11", kUniversal)) == "9000");
  t.card.reset();
  CHECK(may_read(t));  // a disabled universal PIN asks for nothing either
  CHECK(t.send(enable("11", kUniversal)) == "9000");
  CHECK(t.send(enable("01", kPin1)) == "9000");
  t.card.reset();
  t.send(verify("11", kUniversal));
  CHECK_FALSE(may_read(t));  // PIN1 is itself again
}

TEST_CASE("The PIN status template shows which keys are enabled (clause 11.1.1.4.10)") {
  Terminal t;
  const auto status = [&] {
    const std::string fcp = t.exchange("00A40004023F00");
    return fcp.substr(fcp.find("C609") + 4, 6);
  };
  CHECK(status() == "9001C0");
  t.send(disable("01", kPin1));
  CHECK(status() == "900140");
}

TEST_CASE("CHANGE and UNBLOCK PIN set 4 to 8 digits padded with FF, nothing else, and a refusal costs no try (clause 9.5.1)") {
  Terminal t;
  for (const char* value :
       {"FFFFFFFFFFFFFFFF", "313233FFFFFFFFFF", "41424344FFFFFFFF", "31323334FF35FFFF", "3132333400000000", "0000000000000000"}) {
    CAPTURE(value);
    CHECK(t.send(change("01", kPin1, value)) == "6A80");
    CHECK(t.send(change("01", kWrong, value)) == "6A80");
    CHECK(t.send(unblock("01", kPuk1, value)) == "6A80");
    CHECK(t.send("0020000100") == "63C3");
    CHECK(t.send("002C000100") == "63CA");
  }
  CHECK(t.send(verify("01", kPin1)) == "9000");
  CHECK(t.send(change("01", kPin1, "3132333435363738")) == "9000");
  CHECK(t.send(unblock("01", kPuk1, kPin1)) == "9000");
  CHECK(t.send(change("0A", "3838383838383838", "00FF000000000041")) == "9000");  // an ADM is its owner's affair
}

TEST_CASE("A profile may allow any eight bytes as a PIN, as cards in the field do (decision 007)") {
  Terminal t(test::small_image(true, {.any_pin_value = true}));
  CHECK(t.send(change("01", kPin1, "FFFFFFFFFFFFFFFF")) == "9000");
  CHECK(t.send(verify("01", "FFFFFFFFFFFFFFFF")) == "9000");
  CHECK(t.send(unblock("01", kPuk1, "4142434445464748")) == "9000");
  CHECK(t.send(verify("01", "4142434445464748")) == "9000");
}
