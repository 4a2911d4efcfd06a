// SPDX-License-Identifier: Apache-2.0
// javacard.framework.OwnerPINBuilder, javacardx.framework.math and .tlv on a card (Java Card API 3.0.5). Numbers are computed by OpenSSL
// too.
#include <memory>

#include <openssl/bn.h>

#include "core/environment.hpp"
#include "tests/unit/java/stage.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

struct Extras : Stage {
  explicit Extras(const std::string& applet = "F0756963A402") {
    REQUIRE(load_file("F0756963A4", "services") == "009000");
    REQUIRE(install_it(applet, "C900", "F0756963A4", applet) == "009000");
    REQUIRE(select(applet) == "9000");
  }
  struct Case {
    const char* ins;
    const char* p1p2;
    const char* data;
    const char* answer;
  };
  void check(std::initializer_list<Case> cases) {
    for (const auto& [ins, p1p2, data, answer] : cases) {
      const std::string given = ask(ins, p1p2, data);
      CHECK_MESSAGE(given == answer, ins << " " << p1p2 << " " << data << ": " << given << ", must be " << answer);
    }
  }
};

std::string byte(unsigned value) {
  return to_hex(Bytes{static_cast<std::uint8_t>(value)});
}

}  // namespace

TEST_CASE("java API: three kinds of PIN objects, each of its own interfaces (OwnerPINBuilder)") {
  NEEDS_APPLETS();
  Extras s;
  s.check({{"01", "0003", "08", "019000"}, {"01", "0103", "08", "009000"}, {"01", "0203", "08", "009000"}});
  s.check({{"0A", "0000", "", "0100009000"}, {"0A", "0100", "", "0001009000"}, {"0A", "0200", "", "0001019000"}});
  // PINException.ILLEGAL_VALUE
  s.check({{"01", "0000", "08", "6F11"}, {"01", "0103", "00", "6F11"}, {"0E", "0000", "", "6F11"}, {"0E", "0004", "", "6F11"}});
  s.check({{"06", "0003", "", "6F00"}});  // ClassCastException: an OwnerPIN is no OwnerPINx
}

TEST_CASE("java API: PIN objects count tries, block, and are reset (OwnerPINx)") {
  NEEDS_APPLETS();
  Extras s;
  for (const std::string pin : {"00", "01"}) {
    CAPTURE(pin);
    REQUIRE(s.ask("01", pin + "02", "08").ends_with("9000"));
    CHECK(s.ask("05", pin + "00", "01020304") == "9000");
    CHECK(s.ask("02", pin + "00", "01020305") == "009000");
    CHECK(s.ask("03", pin + "00") == "01009000");
    CHECK(s.ask("02", pin + "00", "01020304") == "019000");
    CHECK(s.ask("03", pin + "00") == "02019000");
    CHECK(s.ask("05", pin + "00", "010203040506070809") == "6F11");
    CHECK(s.ask("0D", pin + "00") == "6F31");
    CHECK(s.ask("03", pin + "00") == "01009000");  // the try counted, whatever came of it
    CHECK(s.ask("02", pin + "00", "FF") == "009000");
    CHECK(s.ask("02", pin + "00", "01020304") == "009000");
    CHECK(s.ask("04", pin + "00") == "9000");  // reset() of a PIN that is not validated
    CHECK(s.ask("03", pin + "00") == "00009000");
  }
  s.check({{"06", "0105", "", "9000"}, {"08", "0100", "", "059000"}, {"03", "0100", "", "05009000"}, {"06", "0100", "", "6F11"}});
  s.check({{"07", "0102", "", "9000"}, {"03", "0100", "", "02009000"}, {"07", "0106", "", "6F11"}, {"07", "01FF", "", "6F11"}});
  s.check({{"02", "0100", "01020304", "019000"}, {"07", "0100", "", "9000"}, {"02", "0100", "01020304", "009000"}});
}

TEST_CASE("java API: checks are beside transactions, updates belong to them (PIN, OwnerPINx)") {
  NEEDS_APPLETS();
  Extras s;
  for (const std::string pin : {"00", "01"}) {
    CAPTURE(pin);
    REQUIRE(s.ask("01", pin + "05", "08").ends_with("9000"));
    CHECK(s.ask("05", pin + "00", "01020304") == "9000");
    CHECK(s.ask("0C", pin + "00", "AA") == "9000");
    CHECK(s.ask("03", pin + "00") == "04009000");
    CHECK(s.ask("0B", pin + "00", "99") == "9000");
    CHECK(s.ask("03", pin + "00") == "04009000");
    CHECK(s.ask("02", pin + "00", "01020304") == "019000");
    CHECK(s.ask("03", pin + "00") == "05019000");
  }
}

TEST_CASE("java API: the counter goes down before the PIN is checked (OwnerPINxWithPredecrement)") {
  NEEDS_APPLETS();
  Extras s;
  REQUIRE(s.ask("01", "0202", "08") == "009000");
  s.check({{"05", "0200", "01020304", "9000"}, {"02", "0200", "01020304", "6F12"}});  // ILLEGAL_STATE
  s.check({{"09", "0200", "", "019000"}, {"02", "0200", "01020304", "019000"}, {"03", "0200", "", "02019000"}});
  s.check({{"02", "0200", "01020304", "6F12"}, {"09", "0200", "", "019000"}, {"04", "0200", "", "9000"}});  // reset() ends it
  s.check({{"02", "0200", "01020304", "6F12"}, {"03", "0200", "", "01009000"}});
  s.check({{"09", "0200", "", "009000"}, {"02", "0200", "01020304", "019000"}, {"03", "0200", "", "02019000"}});  // the last try
  s.check({{"09", "0200", "", "019000"}, {"02", "0200", "00", "009000"}, {"09", "0200", "", "009000"}, {"02", "0200", "00", "009000"}});
  s.check({{"09", "0200", "", "009000"}, {"02", "0200", "01020304", "009000"}, {"03", "0200", "", "00009000"}});  // blocked
  REQUIRE(s.ask("07", "0202") == "9000");
  CHECK(s.ask("09", "0200") == "019000");
  s.m.reset();
  REQUIRE(s.select("F0756963A402") == "9000");
  s.check({{"02", "0200", "01020304", "6F12"}, {"03", "0200", "", "01009000"}});  // what was begun ended with the reset, the try is gone
}

TEST_CASE("java API: BigNumber and BCDUtil as OpenSSL computes") {
  NEEDS_APPLETS();
  Extras s;
  SeededRandom random(31);
  const auto number = [&] {
    std::array<std::uint8_t, 1> size{};
    random.fill(size);
    Bytes bytes(1 + size[0] % 18U);
    random.fill(bytes);
    return bytes;
  };
  struct Free {
    void operator()(BIGNUM* one) const { BN_free(one); }
    void operator()(BN_CTX* one) const { BN_CTX_free(one); }
    void operator()(char* one) const { OPENSSL_free(one); }
  };
  using Big = std::unique_ptr<BIGNUM, Free>;
  const auto big = [](const Bytes& bytes) { return Big(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)); };
  const auto hex = [](const BIGNUM* one) {
    Bytes bytes(static_cast<std::size_t>(std::max(1, BN_num_bytes(one))));
    BN_bn2binpad(one, bytes.data(), static_cast<int>(bytes.size()));
    return to_hex(bytes);
  };
  const auto decimal = [](const BIGNUM* one) {
    const std::unique_ptr<char, Free> text(BN_bn2dec(one));
    std::string digits = text.get();
    return digits.size() % 2 == 0 ? digits : "0" + digits;
  };
  const std::unique_ptr<BN_CTX, Free> context(BN_CTX_new());
  for (int i = 0; i < 60; ++i) {
    const Bytes first = number();
    const Bytes second = number();
    const Big a = big(first);
    const Big b = big(second);
    const Big result(BN_new());
    REQUIRE(s.ask("20", "0201", to_hex(first)) == decimal(a.get()) + "9000");
    CHECK(s.ask("24", "0200", to_hex(second)) == byte(static_cast<unsigned>(BN_cmp(a.get(), b.get()))) + "9000");
    REQUIRE(BN_add(result.get(), a.get(), b.get()) == 1);
    CHECK(s.ask("21", "0202", to_hex(second)) == hex(result.get()) + "9000");
    CHECK(s.ask("22", "0102", decimal(b.get())) == hex(a.get()) + "9000");
    REQUIRE(BN_mul(result.get(), a.get(), b.get(), context.get()) == 1);
    const bool fits = BN_num_bytes(result.get()) <= 32;
    CHECK(s.ask("23", "0201", to_hex(second)) == (fits ? decimal(result.get()) + "9000" : "6F33"));
    CHECK(s.ask("28", "0000", to_hex(first)) == decimal(a.get()) + "9000");
    CHECK(s.ask("27", "0000", decimal(a.get())) == hex(a.get()) + "9000");
  }
}

TEST_CASE("java API: limits and formats of numbers (BigNumber, BCDUtil, ParityBit)") {
  NEEDS_APPLETS();
  Extras s;
  const std::string most(64, 'F');
  CHECK(s.ask("20", "0202", most) == most + "9000");
  s.check({{"21", "0202", "01", "6F33"}, {"24", "0200", "00", "019000"}});
  s.check(
      {{"20", "0202", "0100", "01009000"}, {"22", "0202", "0101", "6F33"}, {"25", "0200", "FF", "6F33"}, {"25", "0200", "0200", "9000"}});
  s.check({{"21", "0202", "0101", "6F33"}, {"21", "0202", "0100", "02009000"}, {"26", "0001", "", "009000"}, {"20", "0102", "1A", "6F33"}});
  s.check(
      {{"20", "0302", "01", "6F33"}, {"20", "0201", "", "6F33"}, {"20", "0101", "0255", "02559000"}, {"2C", "0401", "", "000002559000"}});
  s.check({{"2C", "0101", "", "6F33"}, {"2C", "0001", "", "6F33"}, {"2C", "0403", "", "6F33"}, {"2C", "FF01", "", "6F30"}});
  s.check({{"2D", "0200", "FF", "009000"},
           {"2D", "0200", "FE", "019000"},
           {"2D", "0200", "0100", "FF9000"},
           {"2D", "0200", "0100000000", "6F33"}});
  s.check({{"2B", "0000", "", "6F33"}, {"2B", "2100", "", "6F33"}, {"2B", "2000", "", "00209000"}, {"2B", "FF00", "", "6F33"}});
  s.check({{"27", "0000", "12345A", "6F33"},
           {"27", "0000", "000255", "FF9000"},
           {"28", "0000", "00", "009000"},
           {"28", "0000", "FF", "02559000"}});
  s.check({{"29", "0000", "129A", "009000"}, {"29", "0000", "1299", "019000"}, {"29", "0000", "", "6F33"}});
  s.check({{"2A", "0000", "0001FEFF80", "0101FEFE809000"}, {"2A", "0100", "0001FEFF80", "0000FFFF819000"}, {"2A", "0000", "", "9000"}});
}

TEST_CASE("java API: tags by class, kind and number (BERTag; ISO/IEC 8825-1 clause 8.1.2)") {
  NEEDS_APPLETS();
  Extras s;
  s.check({{"40", "0000", "6F", "010101000F6F9000"}, {"41", "0000", "6F", "010101000F9000"}});
  s.check({{"40", "0000", "9F7F", "020200007F9F7F9000"}, {"41", "0000", "9F7F", "020200007F9000"}});
  s.check({{"40", "0000", "DF8101", "0303000081DF81019000"}, {"40", "0000", "DFFF7F", "0303003FFFDFFF7F9000"}});
  // TLVException.MALFORMED_TAG: a leading zero, a number below 31; ILLEGAL_SIZE: four bytes
  s.check({{"40", "0000", "DF8001", "6F45"}, {"41", "0000", "DF1E", "6F45"}, {"41", "0000", "DF818101", "6F42"}});
  s.check({{"42", "0201", "0101", "BF82019000"}, {"42", "0000", "001E", "1E9000"}, {"42", "0000", "001F", "1F1F9000"}});
  s.check({{"42", "0300", "3FFF", "DFFF7F9000"},
           {"42", "0400", "0001", "6F41"},
           {"42", "0000", "FFFF", "6F41"},
           {"42", "0000", "4000", "6F42"}});
  s.check({{"43", "0000", "", "6F30"}, {"43", "0100", "", "019000"}, {"44", "0000", "", "6F43"}, {"46", "0000", "5A", "6F45"}});
  s.check(
      {{"45", "0101", "00050005", "010001009000"}, {"45", "0102", "00050005", "000000009000"}, {"45", "0101", "00050006", "000000009000"}});
}

TEST_CASE("java API: TLVs in byte arrays and as objects (BERTLV, PrimitiveBERTLV)") {
  NEEDS_APPLETS();
  Extras s;
  s.check({{"50", "0000", "5A03010203", "019000"}, {"50", "0000", "5A030102", "009000"}, {"50", "0000", "5A0301020304", "009000"}});
  s.check({{"50", "0000", "70065A01019F1F00", "019000"}, {"50", "0000", "70065A01019F1F01", "009000"}, {"50", "0000", "5A80", "009000"}});
  s.check({{"50", "0000", "5A8103010203", "019000"}, {"50", "0000", "", "009000"}});
  s.check(
      {{"51", "0000", "5A8103010203", "00050003005A030102039000"}, {"51", "0000", "70065A01019F1F00", "000800060170065A01019F1F009000"}});
  s.check({{"51", "0000", "5A0301", "6F46"}, {"51", "0000", "DF81810100", "6F42"}, {"52", "0000", "9F1F00", "9F1F9000"}});
  s.check({{"53", "0000", "5A03010203", "00039000"}, {"53", "0000", "5A82FFFF", "6F4B"}, {"53", "0100", "005A03", "00039000"}});
  s.check({{"54", "0000", "5A8103010203", "00039000"}, {"54", "0000", "7000", "6F46"}});
  s.check({{"55", "0200", "5A020102AABB", "5A040102AABB9000"}, {"55", "0200", "70020500AABB", "6F46"}});
  s.check({{"56", "0200", "9F1FAABB", "9F1F02AABB9000"}, {"56", "0200", "BF1FAABB", "6F45"}});
  s.check({{"51", "0000", "5A020102", "00040002005A0201029000"}, {"57", "0000", "03", "5A030102039000"}, {"58", "0000", "FF", "FF9000"}});
  s.check({{"57", "0000", "AA", "5A02FFAA9000"}, {"59", "0000", "01", "6F44"}, {"5A", "0000", "", "6F41"}});
  const std::string large(400, 'A');
  CHECK(s.ask("58", "0000", large) == large + "9000");
  s.m.reset();
  REQUIRE(s.select("F0756963A402") == "9000");
  CHECK(s.ask("57", "0000", "BB") == "5A81C9" + large + "BB9000");
}

TEST_CASE("java API: TLVs that have others in them (ConstructedBERTLV)") {
  NEEDS_APPLETS();
  Extras s;
  s.check({{"60", "0000", "70095A01015A01029F1F00", "000B9000"}, {"61", "0000", "5B00", "700B5A01015A01029F1F005B009000"}});
  s.check({{"62", "0000", "5A", "5A01019000"}, {"62", "0000", "5C", "9000"}, {"63", "0100", "5A", "5A01029000"}});
  s.check({{"63", "0200", "5A", "6F41"}, {"63", "0000", "5A", "6F41"}, {"64", "0200", "5A", "6F41"}});
  s.check({{"64", "0100", "5A", "70085A01029F1F005B009000"}, {"63", "0100", "5A", "9000"}});
  // INVALID_PARAM: it would have itself in it; TLV_SIZE_GREATER_THAN_32767: 2 to the power of 30 leaves, and no time is lost
  s.check({{"65", "0000", "", "6F41"}, {"66", "0000", "", "6F41"}, {"67", "0500", "", "01829000"}, {"67", "1E00", "", "6F4A"}});
  s.check({{"68", "0300", "5A010170035B0102", "70065B01025A01019000"}, {"68", "0300", "5A01015B0102", "6F46"}});
  s.check({{"69", "0100", "5A70065B01015A0102", "00069000"},
           {"69", "0000", "70035B0101", "00029000"},
           {"69", "0100", "5C70035B0101", "FFFF9000"}});
  s.check({{"6A", "0103", "5A70095A01015B01015A0102", "00099000"}, {"6A", "0104", "5A70095A01015B01015A0102", "6F41"}});
  s.check({{"6A", "0109", "5A70095A01015B01015A0102", "FFFF9000"}, {"6A", "01FF", "5A70095A01015B01015A0102", "6F30"}});
  s.check({{"6B", "0000", "5A0101", "7F8200035A01019000"}, {"6B", "0000", "5A02", "6F46"}, {"6C", "0000", "", "6F44"}});
}

TEST_CASE("java API: a command goes through the services of its phases (javacard.framework.service)") {
  NEEDS_APPLETS();
  Extras s("F0756963A404");
  s.check(
      {{"10", "0000", "0102", "02039000"}, {"10", "0100", "00FF", "00019000"}, {"11", "0000", "", "6985"}, {"13", "0000", "05", "066300"}});
  s.check({{"12", "0000", "", "6F00"}, {"30", "0000", "", "6D00"}, {"15", "0000", "", "6F00"}, {"16", "0000", "", "6F00"}});
  s.check({{"18", "0000", "", "6F00"}});
  CHECK(s.ask("14").size() == 2 * 256 + 4);
  // dispatch() begins with a phase, and answers with the exception of a service.
  s.check({{"20", "0212", "", "6A81"},
           {"20", "0230", "", "6F50"},
           {"20", "0215", "", "6F45"},
           {"20", "0216", "", "6F44"},
           {"20", "0218", "", "6F41"}});
  s.check({{"20", "0010", "", "6F31"}, {"20", "0410", "", "6F31"}, {"20", "0210", "0102", "02039000"}, {"20", "0310", "", "6F50"}});
}

TEST_CASE("java API: services are added and removed (Dispatcher)") {
  NEEDS_APPLETS();
  Extras s("F0756963A404");
  s.check({{"21", "0400", "", "6F31"}, {"23", "0100", "", "6F31"}, {"25", "0000", "", "6F31"}});
  s.check({{"21", "0200", "", "9000"}, {"21", "0100", "", "9000"}, {"21", "0300", "", "6F32"}});  // DISPATCH_TABLE_FULL
  s.check({{"22", "0200", "", "9000"}, {"10", "0000", "01", "029000"}, {"22", "0300", "", "9000"}, {"10", "0000", "01", "019000"}});
  s.m.reset();
  REQUIRE(s.select("F0756963A404") == "9000");
  s.check({{"10", "0000", "01", "019000"}, {"24", "0300", "", "9000"}, {"10", "0000", "01", "029000"}});
}

TEST_CASE("java API: texts in UTF-8 (javacardx.framework.string.StringUtil)") {
  NEEDS_APPLETS();
  Extras s("F0756963A405");
  const auto text = [](std::string_view one) { return byte(static_cast<unsigned>(one.size())) + to_hex(as_bytes(one)); };
  const auto check = [&](const std::string& ins, const std::string& p1p2, const std::string& data, const std::string& answer) {
    const std::string given = s.ask(ins, p1p2, data);
    CHECK_MESSAGE(given == answer, ins << " " << p1p2 << " " << data << ": " << given << ", must be " << answer);
  };
  const auto ok = [](std::string_view one) { return to_hex(as_bytes(one)) + "9000"; };
  const std::string euro =
      "a\xE2\x82\xAC"
      "b\xF0\x9F\x98\x80";  // a, euro sign, b, U+1F600
  check("01", "0000", text(euro), "00049000");
  check("01", "0000", text("\xE2\x82"), "00019000");
  check("01", "0000",
        text("\x82\xFF"
             "a\xC3"),
        "00049000");
  check("02", "0100", text(euro), "E282AC9000");
  check("02", "0900", text(euro), "6F34");
  check("02", "FF00", text(euro), "6F34");
  check("03", "0400", text(euro), "E282AC9000");
  check("03", "0900", text(euro), "F09F98809000");
  check("03", "0000", text(euro), "6F34");
  check("04", "0003", text(euro), "00059000");
  check("04", "09FE", text(euro), "00049000");
  check("04", "0005", text(euro), "6F34");
  check("04", "04FD", text(euro), "6F34");
  check("05", "0000", text("abc") + text("abd"), "FFFF9000");
  check("05", "0000", text("abc") + text("ab"), "00019000");
  check("05", "0000", text("aBc") + text("abc"), "FFE09000");
  check("05", "0100", text("aBc") + text("AbC"), "00009000");
  check("05", "0000", text("\xC3\xA9") + text("z"), "00499000");
  check("06", "0000", text(euro) + text("b"), "00049000");
  check("06", "0000", text(euro) + text("c"), "FFFF9000");
  check("06", "0000", text(euro) + text(""), "00009000");
  check("06", "0000", text("aabaabaab") + text("abaab"), "00019000");
  check("06", "0000", text("ababac") + text("abac"), "00029000");
  check("06", "0000", text("aaaaab") + text("aaab"), "00029000");
  check("06", "0000", text("ab") + text("abc"), "FFFF9000");
  check("06", "0000", text("") + text("a"), "FFFF9000");
  check("07", "0000", text("ababab") + text("aba") + text("X"), ok("Xbab"));
  check("07", "0000", text("abcabc") + text("bc") + text("X"), ok("aXaX"));
  check("07", "0000", text("aaa") + text("aa") + text("b"), ok("ba"));
  check("07", "0000", text("abc") + text("") + text("X"), ok("abc"));
  check("08", "0000", text("ABc\xC3\x89\xFFZ"), ok("abc\xC3\x89z"));
  check("09", "0000", text("abC\xC3\xA9z"), ok("ABC\xC3\xA9Z"));
  check("0A", "0000", text(" \t a b \n"), ok("a b"));
  check("0A", "0000", text("  "), "9000");
  check("0B", "0100", "", ok("true"));
  check("0B", "0000", "", ok("false"));
  check("0C", "0000", text("TrUe"), "019000");
  check("0C", "0000", text("yes"), "009000");
  check("0D", "8000", "", ok("-32768"));
  check("0E", "0000", text("-32768"), "80009000");
  check("0E", "0000", text("0x7fFF"), "7FFF9000");
  check("0E", "0000", text("-#1F"), "FFE19000");
  for (const char* wrong : {"32768", "-32769", "0x8000", "", "-", "0x", "12a", "--1", " 1", "+1", "99999999999999999999"}) {
    check("0E", "0000", text(wrong), "6F12");
  }
  check("0F", "0400", "088000000000000000", ok("-9223372036854775808"));
  check("0F", "0100", "02FFFF", ok("-1"));
  check("0F", "0200", "0400010000", ok("65536"));
  check("0F", "0500", "0A00000000000000000000", "6F12");
  check("10", "0000", text("9223372036854775807"), "7FFFFFFFFFFFFFFF9000");
  check("10", "0000", text("-9223372036854775808"), "80000000000000009000");
  check("10", "0000", text("9223372036854775808"), "6F12");
  check("10", "0000", text("65536"), "000100009000");
  check("10", "0000", text("0"), "00009000");
  check("11", "0400", text(euro), "006120AC0062D83DDE009000");
  check("11", "0300", text(euro), "6100AC2062003DD800DE9000");
  check("11", "0500", text(euro), "6F13");
  check("11", "0700", text("\xC3\xA9"), "E99000");
  check("11", "0700", text(euro), "6F13");
  check("11", "0600", text("a"), "6F11");
  check("11", "0100", text("\xC3"), "6F13");
  check("12", "0400", "08006120ACD83DDE00", ok("a\xE2\x82\xAC\xF0\x9F\x98\x80"));
  check("12", "0200", "06FFFE6100AC20", ok("a\xE2\x82\xAC"));
  check("12", "0400", "02DE00", "6F13");
  check("12", "0500", "04D83DDE00", "6F13");
  check("12", "0400", "0161", "6F13");
  check("12", "0700", "01E9", ok("\xC3\xA9"));
  check("12", "0800", "01E9", "6F11");
  check("13", "0000", text(euro), "019000");
  check("13", "0000", text("\xC0\x80"), "009000");
  check("13", "0000", text("\xED\xA0\x80"), "009000");
  check("14", "FF00", text(euro) + text("a\xE2\x82\xAC"), "019000");
  check("14", "0100", text(euro) + text("ax"), "019000");
  check("14", "0300", text(euro) + text("ax"), "6F34");
  check("15", "FF00", text(euro) + text("\xF0\x9F\x98\x80"), "019000");
  check("15", "FF00", text("a") + text("ba"), "009000");
  check("16", "0103", text(euro),
        ok("\xE2\x82\xAC"
           "b"));
  check("16", "02FF", text(euro), ok("b\xF0\x9F\x98\x80"));
  check("16", "0205", text(euro), "6F34");
  check("17", "0000", "", "6F30");
  check("17", "0100", "", "000000009000");
}
