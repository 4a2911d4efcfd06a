// SPDX-License-Identifier: Apache-2.0
#include "ef/codec.hpp"

#include <array>

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "core/identity.hpp"

using namespace uicclab;

namespace {

ef::Decoded read(std::string_view path, std::string_view hex) {
  const ef::Codec* codec = ef::codec_of(path);
  REQUIRE(codec != nullptr);
  return ef::decode(*codec, from_hex(hex).value());
}

std::string json(std::string_view path, std::string_view hex) {
  const auto decoded = read(path, hex);
  return decoded.wrong ? "wrong: " + decoded.wrong->text + " @" + std::to_string(decoded.wrong->offset) : ef::to_json(decoded.value);
}

/// The content with one field changed.
std::string changed(std::string_view path, std::string_view hex, std::string_view field, ef::Value value) {
  auto decoded = read(path, hex);
  REQUIRE_FALSE(decoded.wrong);
  REQUIRE(decoded.value.set_at(field, std::move(value)));
  const auto bytes = ef::encode(*ef::codec_of(path), decoded.value, from_hex(hex)->size());
  return bytes ? to_hex(*bytes) : "refused: " + bytes.error().text;
}

}  // namespace

TEST_CASE("EF_IMSI: another IMSI, and invalid ones (3GPP TS 31.102 clause 4.2.2)") {
  constexpr auto kPath = "ADF.USIM/6F07";
  constexpr auto kContent = "080910101032540636";
  CHECK(json(kPath, kContent) == R"({"imsi":"001010123456063"})");
  CHECK(changed(kPath, kContent, "imsi", "001010000000001") == "080910100000000010");
  CHECK(changed(kPath, kContent, "imsi", "0010112345678") == "0709101021436587FF");
  CHECK(changed(kPath, kContent, "imsi", "00101") == "refused: imsi: must have 6 to 15 digits");
  CHECK(changed(kPath, kContent, "imsi", "0010101234560631") == "refused: imsi: must have 6 to 15 digits");
  CHECK(changed(kPath, kContent, "imsi", "00101O123456063") == "refused: imsi: must have 6 to 15 digits");
  CHECK(changed(kPath, kContent, "imei", "1") == "refused: imei: no such field; the fields are: imsi");
  CHECK(json(kPath, "080A10101032540636") == "wrong: imsi: length, parity, identity type or a digit is wrong @0");
  CHECK(json(kPath, "FFFFFFFFFFFFFFFFFF") == "null");
}

TEST_CASE("unknown bits and bytes are kept (RFU)") {
  CHECK(json("ADF.USIM/6FAD", "0000E0020A") == R"({"mode":"normal","facilities":["bit 6","bit 7","bit 8"],"mnc_digits":2,"rest":"0A"})");
  CHECK(read("ADF.USIM/6FAD", "0000E0020A").canonical);
  CHECK(json("ADF.USIM/6FAD", "33000002").find("\"mode\":\"0x33\"") != std::string::npos);
  CHECK(changed("ADF.USIM/6FAD", "3300E0020A", "mnc_digits", ef::Value(std::uint64_t{3})) == "3300E0030A");
  CHECK(json("ADF.USIM/6FDA", "8004AABBCCDD8703010203FFFF") == R"({"naf_id":"AABBCCDD","tag 87":"010203"})");
  CHECK(read("ADF.USIM/6FDA", "8004AABBCCDD8703010203FFFF").canonical);
}

TEST_CASE("malformed contents name the field and the place") {
  CHECK(json("ADF.USIM/6F7E", "47D1264A62F21037211E") == "wrong: status: needs 1 bytes, there are 0 @10");
  CHECK(json("ADF.USIM/6F7B", "62F21062A210") == "wrong: plmns.1: a half-byte that is no digit @4");
  CHECK(json("ADF.USIM/6F7B", "62F21062") == "wrong: plmns: bytes after the last whole element @3");
  CHECK(json("3F00/2F00", "61044F05A000") == "wrong: application: the value ends too early @4");
  CHECK(json("3F00/7F10/6F3A",
             "41FF42FF"
             "0681214365FFFFFFFFFFFFFFFFFF") == "wrong: name: characters after the filler FF @1");
  CHECK(json("3F00/7F10/6F3A",
             "4142FFFF"
             "0C81214365FFFFFFFFFFFFFFFFFF") == "wrong: number: has a length of 12 @4");
  CHECK(json("3F00/7F10/6F3A", "0381214365FFFFFFFFFFFFFF") == "wrong: name: no room: 14 bytes follow it, there are 12 @0");
  CHECK(json("ADF.USIM/6F38", "") == R"({"services":[]})");
  const ef::Value shown = ef::shown("ADF.USIM/6F7B", from_hex("62F21062A210").value());
  CHECK(ef::to_json(shown) == R"x({"raw":"62F21062A210","error":"plmns.1: a half-byte that is no digit (at byte 4)"})x");
}

TEST_CASE("values that a field does not take are refused by its name") {
  CHECK(changed("ADF.USIM/6F60", "62F2104000", "plmns.0.plmn", "26") == "refused: plmns.0.plmn: must be a country and a network: 001-01");
  CHECK(changed("ADF.USIM/6F60", "62F2104000", "plmns.0.technologies", "UTRAN") ==
        "refused: plmns.0.technologies: must be a list of names");
  CHECK(changed("ADF.USIM/6F60", "62F2104000", "plmns.1.plmn", "001-01").starts_with("refused: plmns.1.technologies: is missing"));
  CHECK(changed("ADF.USIM/6FAD", "00000002", "mode", "other").starts_with("refused: mode: must be one of normal, type approval"));
  CHECK(changed("ADF.USIM/6FAD", "00000002", "mnc_digits", ef::Value(std::uint64_t{256})) ==
        "refused: mnc_digits: is too large for 1 bytes");
  CHECK(changed("3F00/7F10/6F3A", "4142FFFF0481214365FFFFFFFFFFFFFFFFFF", "number", "+123456789012345678901") ==
        "refused: number: has too many digits");
  CHECK(changed("3F00/7F10/6F3A", "4142FFFF0481214365FFFFFFFFFFFFFFFFFF", "number", "12x") == "refused: number: 'x' is not a digit");
  CHECK(changed("3F00/7F10/6F3A", "4142FFFF0481214365FFFFFFFFFFFFFFFFFF", "name", "abcde") == "refused: name: needs 5 bytes, there are 4");
  CHECK(changed("ADF.USIM/6F38", "FFFF", "services", ef::List{ef::Value("17 Group Identifier Level 1")}) ==
        "refused: services: service 17 is after the end of the file");
  CHECK(changed("3F00/2F06", "8001019000", "rules.0.condition", "PIN1 or").starts_with("refused: rules.0.condition: no condition"));
  CHECK(changed("3F00/2F06", "8001019000", "rules.0.access", ef::List{ef::Value("look")})
            .starts_with("refused: rules.0.access: 'look' is not an access"));
}

TEST_CASE("dialling numbers: international, other types, every digit that is allowed (3GPP TS 31.102 table 4.4)") {
  constexpr auto kBlank = "4142FFFF0481214365FFFFFFFFFFFFFFFFFF";
  CHECK(json("3F00/7F10/6F3A", kBlank) == R"({"name":"AB","number":"123456"})");
  CHECK(changed("3F00/7F10/6F3A", kBlank, "number", "+4917") == "4142FFFF03919471FFFFFFFFFFFFFFFFFFFF");
  CHECK(changed("3F00/7F10/6F3A", kBlank, "number", "*#06#p") == "4142FFFF0481BA60CBFFFFFFFFFFFFFFFFFF");
  CHECK(changed("3F00/7F10/6F3A", kBlank, "number", "A1:12345") == "4142FFFF04A12143F5FFFFFFFFFFFFFFFFFF");
  CHECK(changed("3F00/7F10/6F3A", kBlank, "number", ef::Value()) == "4142FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF");
  CHECK(changed("3F00/7F10/6F3A", kBlank, "extension_record", ef::Value(std::uint64_t{3})) == "4142FFFF0481214365FFFFFFFFFFFFFFFF03");
}

TEST_CASE("names: GSM alphabet with its extension, and UCS2 where it does not suffice (ETSI TS 102 221 annex A)") {
  constexpr auto kSpn = "0141FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
  CHECK(changed("ADF.USIM/6F46", kSpn, "name", "Grün@€") == "0147727E6E001B65FFFFFFFFFFFFFFFFFF");
  CHECK_FALSE(read("ADF.USIM/6F46", "0180041C04380440FFFFFFFFFFFFFFFFFF").canonical);
  CHECK(json("ADF.USIM/6F46", "0180041C04380440FFFFFFFFFFFFFFFFFF").starts_with(R"({"display":["show at home"],"name":"Мир")"));
  // 81: three characters above U+0400
  CHECK(changed("ADF.USIM/6F46", kSpn, "name", "Мир") == "018103089CB8C0FFFFFFFFFFFFFFFFFFFF");
  const auto paged = read("ADF.USIM/6F46", "018103089CB8C0FFFFFFFFFFFFFFFFFFFF");
  CHECK(ef::to_json(paged.value) == R"({"display":["show at home"],"name":"Мир"})");
  CHECK(paged.canonical);
  // 82: the same with the base in two bytes
  CHECK(json("ADF.USIM/6F46", "01820304009CB8C0FFFFFFFFFFFFFFFFFF") == R"({"display":["show at home"],"name":"Мир"})");
  CHECK(json("ADF.USIM/6F46", "0181090841") == "wrong: name: more characters than there are bytes @2");
  CHECK(json("ADF.USIM/6F46", "01C1") == "wrong: name: a byte that is not of the GSM alphabet: C1 @1");
  CHECK(json("ADF.USIM/6F46", "01801B") == "wrong: name: half a UCS2 character @2");
  CHECK(changed("ADF.USIM/6F46", kSpn, "name", "\xC3") == "refused: name: must be a text of characters up to U+FFFF");
}

TEST_CASE("names are coded in the shortest form that has them (TS 102 221 annex A)") {
  struct Example {
    const char* text;
    const char* coded;
  };
  for (const Example& e : {
           Example{"a", "61"}, Example{"[€]", "1B3C1B651B3E"},  // GSM with its extension: no form of UCS2
           Example{"Я", "80042F"},                              // 81 would be longer
           Example{"Яя", "80042F044F"},                         // as long as 81: the first of the two
           Example{"Яяя", "810308AFCFCF"},                      // U+0400 to U+047F
           Example{"Яя-1", "810408AFCF2D31"},                   // with characters of the GSM alphabet
           Example{"Яя [", "80042F044F0020005B"},               // the extension has two bytes, and U+005B is far from U+0400
           Example{"тѿҀ", "800442047F0480"},                    // over the end of a half page, too short for 82
           Example{"тѿҀҀ", "8204044280BDBEBE"},                 // over the end of a half page
           Example{"Яяꙮ", "80042F044FA66E"},                    // too far apart
           Example{"漢字仮名", "806F225B574EEE540D"}, Example{"丁丂七丄", "81049C81828384"},
           Example{"ﬀﬁﬂﬃﬄ", "8205FB008081828384"},  // U+FB00: beyond what 81 reaches
       }) {
    CAPTURE(e.text);
    const auto coded = ef::alpha().encode(ef::Value(std::string(e.text)), std::nullopt);
    REQUIRE(coded);
    CHECK(to_hex(*coded) == e.coded);
    const auto back = ef::alpha().decode(*coded);
    REQUIRE(back);
    CHECK(*back->text() == e.text);
  }
  std::string letters;
  for (int i = 0; i < 256; ++i) letters += "Я";
  const auto coded = ef::alpha().encode(ef::Value(letters), std::nullopt);
  REQUIRE(coded);
  CHECK(coded->size() == 513);  // more than the count of 81 and 82 can say
  CHECK_FALSE(ef::alpha().encode(ef::Value("Яяяяя"), 7));
  CHECK(ef::alpha().encode(ef::Value("Яяяяя"), 8));
}

TEST_CASE("EF_SMS: a delivered and a submitted message, and other content (3GPP TS 31.102 clause 4.2.25)") {
  const std::string deliver = "0307919471070000F00405810180F600006211216041020003414243";
  const std::string filler(std::size_t{2} * (176 - 28), 'F');
  CHECK(json("ADF.USIM/6F3C", deliver + filler) ==
        R"({"status":"received, to be read","service_centre":"+49177000000","deliver":{"from":"10086","time":"62112160410200",)"
        R"("pid":"00","dcs":"00","septets":3,"data":"414243"}})");  // bits behind the text are set
  CHECK(read("ADF.USIM/6F3C", deliver + filler).canonical);
  CHECK(changed("ADF.USIM/6F3C", deliver + filler, "deliver.from", "+x") ==
        "refused: deliver.from: must be a number of up to 20 digits, or a name of up to 11 characters of the GSM alphabet");
  CHECK(changed("ADF.USIM/6F3C", deliver + filler, "status", "received, read").starts_with("0107919471"));
  CHECK(json("ADF.USIM/6F3C", "00" + std::string(350, 'F')) == R"({"status":"free"})");
  CHECK(json("ADF.USIM/6F3C", "0101910102" + std::string(342, 'F')) == R"({"status":"received, read","service_centre":"+","tpdu":"0102"})");
  // Texts: GSM 7 bit, 7 bit behind the header of a part, UCS2, from a name (TS 23.038 clause 6, TS 23.040 clauses 9.1.2.5 and 9.2.3.24).
  const std::string head = "0307919471070000F0";
  const auto padded = [](std::string hex) { return hex + std::string(std::size_t{2} * 176 - hex.size(), 'F'); };
  const std::string hello = padded(head + "0405810180F60000621121604102000BE8329BFD06A1CB6CF61B");
  CHECK(json("ADF.USIM/6F3C", hello).ends_with(R"("dcs":"00","text":"hello hello"}})"));
  CHECK(read("ADF.USIM/6F3C", hello).canonical);
  CHECK(changed("ADF.USIM/6F3C", hello, "deliver.text", "hellohello") ==
        padded(head + "0405810180F60000621121604102000AE8329BFD4697D9EC37"));
  CHECK(changed("ADF.USIM/6F3C", hello, "deliver.text", "€5") == padded(head + "0405810180F60000621121604102000"
                                                                               "39B720D"));
  CHECK(changed("ADF.USIM/6F3C", hello, "deliver.text", "Мир") ==
        "refused: deliver.text: 'М' is not in the GSM alphabet; TP-DCS 08 (UCS2) has it");
  const std::string part = padded(head + "4405810180F60000621121604102000C050003A70201D06536FB0D");
  CHECK(json("ADF.USIM/6F3C", part).ends_with(R"("dcs":"00","header":"0003A70201","text":"hello"}})"));
  const std::string wide = padded(head +
                                  "0405810180F6000862112160410200"
                                  "06041C04380440");
  CHECK(json("ADF.USIM/6F3C", wide).ends_with(R"("dcs":"08","text":"Мир"}})"));
  CHECK(changed("ADF.USIM/6F3C", wide, "deliver.text", "[€]") == padded(head + "0405810180F6000862112160410200"
                                                                               "06005B20AC005D"));
  CHECK(json("ADF.USIM/6F3C", padded(head + "0405810180F6000862112160410200"
                                            "04D83DDE00"))
            .ends_with(R"("dcs":"08","data":"D83DDE00"}})"));
  CHECK(json("ADF.USIM/6F3C", padded(head + "0405810180F600F662112160410200"
                                            "0141"))
            .ends_with(R"("dcs":"F6","data":"41"}})"));
  CHECK(changed("ADF.USIM/6F3C", hello, "deliver.from", "uicclab").find("0DD0F5F478CC0E8B01") != std::string::npos);
  CHECK(json("ADF.USIM/6F3C", "0109") == "wrong: service_centre: has no type of number @1");
}

TEST_CASE("names of networks are septets in octets (3GPP TS 24.008 clause 10.5.3.5a)") {
  const std::string name = to_hex(encode_network_name("uicclab"));
  CHECK(json("ADF.USIM/6FC5", name + "FFFF") == R"({"full":"uicclab"})");
  CHECK(read("ADF.USIM/6FC5", name + "FFFF").canonical);
  CHECK(changed("ADF.USIM/6FC5", name + "FFFFFFFF", "full", "Мир") ==
        "430790041C04380440FFFFFF"
        "FFFF");
  CHECK(json("ADF.USIM/6FC5", "4300") == "wrong: full: has no coding @2");
  CHECK(json("ADF.USIM/6FC5", "4301E0") == "wrong: full: is coded in a way that is reserved @2");
}

TEST_CASE("every codec: nothing in a file is nothing, and what is made of nothing is read again") {
  for (const ef::Codec& codec : ef::codecs()) {
    CAPTURE(codec.name);
    CHECK_FALSE(codec.clause.empty());
    for (const std::size_t size : std::array<std::size_t, 10>{0, 1, 2, 3, 9, 10, 11, 28, 40, 176}) {
      for (const std::uint8_t fill : std::array<std::uint8_t, 5>{0x00, 0x01, 0x41, 0x80, 0xFF}) {
        const Bytes content(size, fill);
        const auto decoded = ef::decode(codec, content);
        if (decoded.wrong) {
          CHECK(decoded.wrong->offset <= size);
          CHECK_FALSE(decoded.wrong->text.empty());
        } else if (const auto again = ef::encode(codec, decoded.value, size)) {
          CHECK((*again == content) == decoded.canonical);
          CHECK(ef::decode(codec, *again).canonical);
        }
      }
    }
  }
}
