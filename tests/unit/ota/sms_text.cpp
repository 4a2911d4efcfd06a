// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_text.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"

using namespace uicclab;
using namespace uicclab::ota;

namespace {

TpduBody with_text(std::uint8_t dcs, const char* header, const char* text) {
  TpduBody body;
  body.dcs = dcs;
  REQUIRE(set_text(body, {from_hex(header).value(), text}));
  return body;
}

std::string shown(const TpduBody& body) {
  const auto text = text_of(body);
  return text ? to_hex(text->header) + "|" + text->text : "none";
}

TpduBody body_of(std::uint8_t dcs, bool has_header, const char* data, std::uint8_t septets = 0) {
  TpduBody body;
  body.dcs = dcs;
  body.has_header = has_header;
  body.user_data = from_hex(data).value();
  body.septets = septets;
  return body;
}

}  // namespace

TEST_CASE(
    "Texts of short messages are written and read, in each coding and after a header (TS 23.038 clause 6, TS 23.040 clause 9.2.3.24)") {
  for (const char* header : {"", "0003A70201", "08040001020150", "0B00",
                             "050400010002"
                             "0003A70201"}) {
    for (const char* text : {"", "a", "hello you", "1234567", "12345678", "{[€]}", "Åäö Δ", "@@@@@@@"}) {
      CAPTURE(header);
      CAPTURE(text);
      for (const std::uint8_t dcs : {std::uint8_t{0x00}, std::uint8_t{0x08}, std::uint8_t{0xF1}, std::uint8_t{0xE0}}) {
        CHECK(shown(with_text(dcs, header, text)) == std::string(header) + "|" + text);
      }
    }
  }
  const TpduBody part = with_text(0x00, "0003A70201", "hello");
  CHECK(to_hex(part.user_data) == "050003A70201D06536FB0D");
  CHECK(part.septets == 12);
  CHECK(part.has_header);
}

TEST_CASE("160 septets fit, 161 do not; the header takes its share (TS 23.040 clause 9.2.3.16)") {
  TpduBody body;
  body.dcs = 0x00;
  CHECK(set_text(body, {{}, std::string(160, 'x')}));
  CHECK(body.user_data.size() == 140);
  CHECK(shown(body) == "|" + std::string(160, 'x'));
  CHECK_FALSE(set_text(body, {{}, std::string(161, 'x')}));
  CHECK(set_text(body, {from_hex("0003A70201").value(), std::string(153, 'x')}));
  CHECK_FALSE(set_text(body, {from_hex("0003A70201").value(), std::string(154, 'x')}));
  CHECK_FALSE(set_text(body, {Bytes(140, 0), ""}));
  body.dcs = 0x08;
  CHECK(set_text(body, {{}, std::string(70, 'x')}));
  CHECK_FALSE(set_text(body, {{}, std::string(71, 'x')}));
  CHECK(shown(body) == "|" + std::string(70, 'x'));  // as it was
}

TEST_CASE("Data that is not text, or would be coded otherwise, is not changed") {
  CHECK(shown(body_of(0xF6, false, "41")) == "none");              // 8 bit
  CHECK(shown(body_of(0x20, false, "41")) == "none");              // compressed
  CHECK(shown(body_of(0x00, false, "414243", 3)) == "none");       // bits behind the text
  CHECK(shown(body_of(0x00, false, "1B", 1)) == "none");           // half of an extension
  CHECK(shown(body_of(0x08, false, "0041D8")) == "none");          // half a character
  CHECK(shown(body_of(0x08, false, "D83DDE00")) == "none");        // surrogates
  CHECK(shown(body_of(0x00, true, "", 0)) == "none");              // no header
  CHECK(shown(body_of(0x00, true, "00", 1)) == "none");            // a header of nothing
  CHECK(shown(body_of(0x00, true, "050003A702", 5)) == "none");    // one that does not end
  CHECK(shown(body_of(0x00, true, "050003A70201", 6)) == "none");  // one that ends before its septet does
  TpduBody body;
  CHECK(set_text(body, {{}, "x"}).error().code == ErrorCode::kUnsupported);
  body.dcs = 0x00;
  CHECK(set_text(body, {{}, "\xC3"}).error().code == ErrorCode::kMalformed);
  CHECK(set_text(body, {{}, "Я"}).error().text == "'Я' is not in the GSM alphabet; TP-DCS 08 (UCS2) has it");
}
