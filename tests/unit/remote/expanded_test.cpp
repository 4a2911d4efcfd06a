// SPDX-License-Identifier: Apache-2.0
// Expanded remote application data on the card: ETSI TS 102 226 clause 5.2.
#include "core/ber_tlv.hpp"
#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using ota::ResponseStatus;

namespace {

constexpr const char* kSelectSpn =
    "2207"
    "00A4000C026F46";
constexpr const char* kReadSpn =
    "2205"
    "00B0000002";

std::string definite(const std::string& objects) {
  return to_hex(ber::encode(0xAA, hex(objects)));
}

std::string write_spn(const char* byte) {
  return std::string(
             "2207"
             "00D6000002"
             "01") +
         byte;
}

struct Expanded : Platform {
  Expanded() { to = tar("B00143"); }
};

}  // namespace

TEST_CASE("expanded, definite: an R-APDU for each C-APDU and their number (clause 5.2.2)") {
  Expanded p;
  CHECK(p.answer(definite(std::string(kSelectSpn) + write_spn("21") + kReadSpn)) ==
        "AB11"
        "800103"
        "23029000"
        "23029000"
        "230401219000");
  CHECK(p.answer(definite(std::string(kSelectSpn) + kReadSpn)) ==
        "AB0D"
        "800102"
        "23029000"
        "230401219000");
}

TEST_CASE("expanded, indefinite: no count, an end mark (clause 5.2.2)") {
  Expanded p;
  CHECK(p.answer(std::string("AE80") + kSelectSpn + "0000") ==
        "AF80"
        "23029000"
        "0000");
}

TEST_CASE("expanded: an answer is returned completely, without GET RESPONSE, which is not a command here (clause 5.2.1)") {
  Expanded p;
  const std::string answer =
      p.answer(definite("2208"
                        "00A40004026F0700"));
  CHECK(answer.substr(0, 4) == "AB20");
  CHECK(answer.find("6217820241218302") != std::string::npos);
  CHECK(p.answer(definite("2205"
                          "00C0000000")) ==
        "AB07"
        "800101"
        "23026D00");
}

TEST_CASE("expanded: the first error ends the script (clause 5.2.1.1); an error action then goes to the terminal (clause 5.2.1.3)") {
  Expanded p;
  CHECK(p.answer(definite(std::string("2207"
                                      "00A4000C026FFF") +
                          kReadSpn)) ==
        "AB07"
        "800101"
        "23026A82");
  const std::string display =
      "D00D8103010500820281829902"
      "0405";
  CHECK(p.answer(definite("820F" + display +
                          "2207"
                          "00A4000C026FFF")) ==
        "AB07"
        "800102"
        "23026A82");
  CHECK(p.transmit("8012000000") == display + "9000");
  CHECK(p.transmit("801400000C810301050082028281830100") == "9000");
}

TEST_CASE("expanded: unreadable bytes end the script after the readable commands (clause 5.2.2, tag 90)") {
  Expanded p;
  CHECK(p.answer(definite(std::string(kSelectSpn) + "3300")) ==
        "AB0A"
        "800101"
        "23029000"
        "900101");
  CHECK(p.answer(definite(std::string(kSelectSpn) + "2205"
                                                    "00")) ==
        "AB0A"
        "800101"
        "23029000"
        "900102");
  CHECK(p.answer("AA0522") ==
        "AB06"
        "800100"
        "900102");
  CHECK(p.answer("AA") ==
        "AB06"
        "800100"
        "900103");
  CHECK(p.answer(definite("2203"
                          "00A400")) ==
        "AB07"
        "800101"
        "23026700");
}

TEST_CASE("script chaining: the selection goes on from script to script, and only if it was kept (clause 5.2.1.4)") {
  Expanded p;
  CHECK(p.answer(definite(std::string("830102") + kReadSpn)) ==
        "AB06"
        "800100"
        "830101");
  CHECK(p.answer(definite(std::string("830101") + kSelectSpn)) ==
        "AB07"
        "800102"
        "23029000");
  CHECK(p.answer(definite(std::string("830102") + kReadSpn)).substr(0, 10) == "AB09800102");
  CHECK(p.answer(definite(std::string("830103") + kReadSpn)).substr(0, 10) == "AB09800102");
  CHECK(p.answer(definite(std::string("830103") + kReadSpn)) ==
        "AB06"
        "800100"
        "830101");
  // A script outside the chain ends it, as does a reset.
  CHECK(p.answer(definite(std::string("830101") + kSelectSpn)) ==
        "AB07"
        "800102"
        "23029000");
  CHECK(p.answer(definite(kReadSpn)) ==
        "AB07"
        "800101"
        "23026986");
  CHECK(p.answer(definite(std::string("830102") + kReadSpn)) ==
        "AB06"
        "800100"
        "830101");
  CHECK(p.answer(definite(std::string("830101") + kSelectSpn)) ==
        "AB07"
        "800102"
        "23029000");
  p.restart();
  CHECK(p.answer(definite(std::string("830102") + kReadSpn)) ==
        "AB06"
        "800100"
        "830101");
  CHECK(p.answer(definite(std::string("830111") + kSelectSpn)) ==
        "AB06"
        "800100"
        "830102");
  CHECK(p.answer(definite(std::string("830107") + kSelectSpn)) ==
        "AB06"
        "800100"
        "830103");
}

TEST_CASE("immediate action: an early response leaves before the rest is carried out; a proactive command goes out (clause 5.2.1.2)") {
  Expanded p;
  CHECK(p.answer(definite(std::string(kSelectSpn) + "810182" + write_spn("37"))) ==
        "AB07"
        "800102"
        "23029000");
  CHECK(p.answer(definite(std::string(kSelectSpn) + kReadSpn)).ends_with("01379000"));
  CHECK(p.answer(definite(std::string("810181") + kSelectSpn)) ==
        "AB07"
        "800102"
        "23029000");
  CHECK(p.answer(definite(std::string("810101") + kSelectSpn)) ==
        "AB06"
        "800101"
        "810101");  // there is no EF_RMA
}

TEST_CASE("actions in EF_RMA: the proactive command of the record goes out, at once or at an error (clauses 5.2.1.2 and 5.2.1.3)") {
  const std::string display =
      "D00D8103010500820281829902"
      "0405";
  profile::Profile profile = profile::default_profile().value();
  profile::FileSpec file;
  file.path = "3F00/7F10/6F53";
  file.header.kind = uicc::FileKind::kLinearFixed;
  file.header.record_length = 24;
  file.header.record_count = 3;
  file.header.size = 72;
  file.header.security = {uicc::SecurityAttributes::Form::kReferenced, hex("2F0602")};
  file.records = {hex(display), {}, hex("810100")};
  profile.files.push_back(file);
  Platform p(image_of(profile));
  p.to = tar("B00143");
  const auto shows = [&] {
    const bool shown = p.transmit("8012000000") == display + "9000";
    if (shown) CHECK(p.transmit("801400000C810301050082028281830100") == "9000");
    return shown;
  };
  CHECK(p.answer(definite(std::string("810101") + kSelectSpn)) ==
        "AB07"
        "800102"
        "23029000");
  CHECK(shows());
  const std::string fails =
      "2207"
      "00A4000C026FFF";
  CHECK(p.answer(definite("820101" + fails)) ==
        "AB07"
        "800102"
        "23026A82");
  CHECK(shows());
  CHECK(p.answer(definite(std::string("820101") + kSelectSpn)).ends_with("9000"));  // no error, no action
  CHECK_FALSE(shows());
  // A record that is empty, holds no proactive command, or is not there.
  for (const char* number : {"02", "03", "04", "7F"}) {
    CHECK(p.answer(definite(std::string("8101") + number + kSelectSpn)).ends_with("810101"));
    CHECK(p.answer(definite(std::string("8201") + number + fails)).ends_with("23026A82"));
    CHECK_FALSE(shows());
  }
}

TEST_CASE("a response that is longer than its message: the last R-APDU is cut and says 62F1 (clause 5.2.2)") {
  Expanded p;
  p.to = tar("B00121");
  std::string script;
  for (int i = 0; i < 6; ++i)
    script +=
        "2209"
        "00A40804047F106F3A"
        "2205"
        "00B201041C";
  const std::string answer = p.answer(definite(script));
  CHECK(answer.size() / 2 <= 129);
  CHECK(answer.ends_with("62F1"));
  // By SMS-SUBMIT there is room for all of it.
  p.spi = {0x16, 0x39};
  p.send(definite(script));
  Bytes payload;
  unsigned parts = 0;
  while (const auto message = p.fetch()) {
    append(payload, message->body.parsed_user_data()->payload);
    ++parts;
  }
  CHECK(parts == 4);
  const auto response = ota::parse_response(payload, p.spi, p.keys);
  REQUIRE(response);
  CHECK(to_hex(response->packet.data).ends_with("9000"));
}
