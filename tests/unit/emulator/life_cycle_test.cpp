// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::Terminal;

namespace {

struct Administrator : Terminal {
  Administrator() { verify(); }
  void verify() {
    REQUIRE(send("0020000A08 3838383838383838") == "9000");
    REQUIRE(send("0020000108 31323334FFFFFFFF") == "9000");
  }
};

}  // namespace

TEST_CASE("SELECT of a deactivated EF with its FCP: 9000, or 6283 if the profile says so (TS 102 221 table 10.16, TS 102 268 Api_1_Cont)") {
  for (const bool warns : {false, true}) {
    Terminal t(test::small_image(false, {.deactivated_warning = warns}));
    REQUIRE(t.send("0020000A08 3838383838383838") == "9000");
    REQUIRE(t.send("0004000002 2FE2") == "9000");
    CHECK(t.send("80D400000A 6208 83022FE2 80020010") == "6984");  // nor is it resized (TS 102 268 Api_4_Afv_Rszf)
    CHECK(t.exchange("00A40004022FE2").ends_with(warns ? "6283" : "9000"));
    CHECK(t.exchange("00A40004022FE2").starts_with("62"));
    CHECK(t.send("00A4000C02 2FE2") == "6283");
  }
}

TEST_CASE("DEACTIVATE FILE: the EF can be selected, not used; ACTIVATE FILE gives it back (TS 102 221 clauses 11.1.14 and 11.1.15)") {
  Administrator t;
  CHECK(t.send("0004000002 2FE2") == "9000");
  CHECK(t.send("00A4000C02 2FE2") == "6283");
  CHECK(t.exchange("00A40004022FE2").find("8A0104") != std::string::npos);
  CHECK(t.send("00B000000A") == "6984");
  CHECK(t.send("00D6000001 00") == "6984");
  CHECK(t.send("0004000000") == "9000");  // it is already
  t.card.reset();
  CHECK(t.send("00A4000C02 2FE2") == "6283");
  CHECK(t.send("00B000000A") == "6984");
  t.verify();
  CHECK(t.send("0044000002 2FE2") == "9000");
  CHECK(t.send("00B000000A") == "988812010000000000019000");
  CHECK(t.send("00A4000C02 2FE2") == "9000");
}

TEST_CASE("Every command on the contents of a deactivated EF answers 6984 (clause 11.1.14)") {
  Administrator t;
  t.send("00A4000C02 7F10");
  for (const char* fid : {"6F3A", "6F39", "6F77"}) CHECK(t.send(std::string("0004000002") + fid) == "9000");
  t.send("00A4000C02 6F3A");
  CHECK(t.send("00B2010406") == "6984");
  CHECK(t.send("00DC010406 000000000000") == "6984");
  CHECK(t.send("00A2010401 01") == "6984");
  t.send("00A4000C02 6F39");
  CHECK(t.send("8032000001 01") == "6984");
  t.send("00A4000C02 6F77");
  CHECK(t.send("80CB008001 5C") == "6984");
  CHECK(t.send("80DB008002 8000") == "6984");
}

TEST_CASE("Special file information can make a deactivated EF usable (clause 11.1.1.4.6.9)") {
  Administrator t;
  const auto create = [&](const char* fid, const char* proprietary) {
    const std::string objects = test::packed("82024121 8302" + std::string(fid) + proprietary + "8A0105 8B032F0602 80020002 8800");
    const auto size = [](std::size_t n) { return to_hex(std::array{static_cast<std::uint8_t>(n)}); };
    return t.send("00E00000" + size(objects.size() / 2 + 2) + "62" + size(objects.size() / 2) + objects);
  };
  CHECK(create("2F21", "A503C00140") == "9000");
  CHECK(create("2F22", "A503C00180") == "9000");
  CHECK(create("2F23", "A506840101C00140") == "9000");  // not the first object of the template
  for (const char* fid : {"2F21", "2F22", "2F23"}) CHECK(t.send(std::string("0004000002") + fid) == "9000");
  t.send("00A4000C02 2F21");
  CHECK(t.send("00B0000002") == "FFFF9000");
  CHECK(t.send("00D6000001 00") == "9000");
  t.send("00A4000C02 2F22");
  CHECK(t.send("00B0000002") == "6984");
  t.send("00A4000C02 2F23");
  CHECK(t.send("00B0000002") == "FFFF9000");
}

TEST_CASE("DEACTIVATE and ACTIVATE FILE: by path, the current EF; the EF becomes the current one (clauses 11.1.14 and 11.1.15)") {
  Administrator t;
  CHECK(t.send("0004000000") == "6986");
  CHECK(t.send("0004080004 7F10 6F3A") == "9000");
  CHECK(t.send("00B2010406") == "6984");  // current, and deactivated
  CHECK(t.send("0044000000") == "9000");
  CHECK(t.send("00B2010406") == "0101010101019000");
  CHECK(t.send("0004090002 6F39") == "9000");
  CHECK(t.send("00B2010403") == "6984");
  CHECK(t.send("0044090002 6F39") == "9000");
  CHECK(t.send("0004000002 2FE2") == "6A82");  // refused: nothing moved
  CHECK(t.send("00B2010403") == "0000039000");
}

TEST_CASE("DEACTIVATE and ACTIVATE FILE refuse DFs, wrong parameters and no access (clauses 11.1.14 and 11.1.15)") {
  Administrator t;
  CHECK(t.send("0004000002 7F10") == "6981");
  CHECK(t.send("0004000002 3F00") == "6981");
  CHECK(t.send("0004000002 2F99") == "6A82");
  CHECK(t.send("0004000001 2F") == "6700");
  CHECK(t.send("0004080003 7F106F") == "6700");
  CHECK(t.send("0004000102 2FE2") == "6A86");
  CHECK(t.send("0004010002 2FE2") == "6A86");
  t.send("00A4000C02 2FE2");
  CHECK(t.send("0004010000") == "6A86");
  CHECK(t.send("0044FF0000") == "6A86");
  CHECK(t.send("8004000002 2FE2") == "6E00");
  CHECK(t.send("0004000002 2F10") == "6982");  // rule 3: never
  t.card.reset();
  CHECK(t.send("0004000002 2FE2") == "6982");
  CHECK(t.send("0044000002 2FE2") == "6982");
}

TEST_CASE("TERMINATE EF is for ever: selection warns with 6285, use is refused (TS 102 222 clause 6.8)") {
  Administrator t;
  t.send("00A4000C02 7F10");
  CHECK(t.send("00E8000002 6F3A") == "9000");
  CHECK(t.send("00A4000C02 6F3A") == "6285");
  CHECK(t.send("00A40004026F3A") == "6285");
  CHECK(t.send("00B2010406") == "6985");
  CHECK(t.send("00DC010406 000000000000") == "6985");
  CHECK(t.send("0044000002 6F3A") == "6985");
  CHECK(t.send("0004000002 6F3A") == "6985");
  CHECK(t.send("80D400000A 6208 83026F3A 80020006") == "6985");
  t.card.reset();
  CHECK(t.send("00A4080C04 7F10 6F3A") == "6285");
  t.verify();
  CHECK(t.send("00E4000002 6F3A") == "9000");  // it can be deleted
  CHECK(t.send("00A4000C02 6F3A") == "6A82");
}

TEST_CASE("TERMINATE DF: files below it cannot be reached (TS 102 222 clause 6.7)") {
  Terminal t;
  t.send("0020000A083838383838383838");
  CHECK(t.send("00A4080C047F106F3A") == "9000");
  CHECK(t.send("00B2010406") == "0101010101019000");
  CHECK(t.send("00E60000027F10") == "9000");
  CHECK(t.send("00B2010406") == "6985");
  CHECK(t.send("00DC010406060606060606") == "6985");
  t.send("00A4080C067F105F3A4F01");
  CHECK(t.send("00B0000005") == "6985");
}

TEST_CASE("TERMINATE DF: selection warns with 6285, nothing can be created in it (TS 102 222 clause 6.7)") {
  Administrator t;
  CHECK(t.send("00E6000002 7F20") == "9000");
  CHECK(t.send("00A4000C02 7F20") == "6285");
  CHECK(t.send("00E0000018 6216 82024121 83026F66 8A0105 8B032F0601 80020002 8800") == "6985");
  CHECK(t.send("00A40004027F10").starts_with("61"));
}

TEST_CASE("TERMINATE EF and DF refuse the other kind, wrong parameters and no access (TS 102 222 clauses 6.7 and 6.8)") {
  Administrator t;
  CHECK(t.send("00E8000002 7F10") == "6981");
  CHECK(t.send("00E6000002 2FE2") == "6981");
  CHECK(t.send("00E6000002 3F00") == "6981");
  CHECK(t.send("00E8000002 2F99") == "6A82");
  CHECK(t.send("00E8010002 2FE2") == "6A86");
  CHECK(t.send("00E8000003 2FE200") == "6700");
  CHECK(t.send("00E8000000") == "6700");
  CHECK(t.send("00E8000002 2F10") == "6982");
  t.card.reset();
  CHECK(t.send("00E8000002 2FE2") == "6982");
  CHECK(t.send("00E6000002 7F10") == "6982");
}

TEST_CASE("TERMINATE CARD USAGE ends everything but the answer to reset (TS 102 222 clause 6.9)") {
  Administrator t;
  CHECK(t.send("00FE010000") == "6A86");
  CHECK(t.send("00FE000001 00") == "6700");
  CHECK(t.send("00FE000000") == "9000");
  CHECK(t.send("00A4000C02 3F00") == "6985");
  CHECK(t.send("A0A4000002 3F00") == "6985");
  CHECK(t.card.reset().has_value());
  CHECK(t.send("00A4000C02 3F00") == "6985");
  CHECK(t.send("80F2000C00") == "6985");

  Terminal nobody;
  CHECK(nobody.send("00FE000000") == "6982");
  CHECK(nobody.send("00A4000C02 3F00") == "9000");
}
