// SPDX-License-Identifier: Apache-2.0
// Remote file management on the default card: ETSI TS 102 226 clauses 5.1 and 7; ETSI TS 102 225 clause 5.
#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using ota::ResponseStatus;

TEST_CASE("RFM: a file of the ADF is read and written, under 3DES and under AES keys (TS 102 226 clauses 5.1.1 and 7.3)") {
  Platform p;
  CHECK(p.answer("00A4000C026F07"
                 "00B0000009") == "029000080910100000000010");
  p.keys = keys_1();
  CHECK(p.answer("00A4000C026F46"
                 "00D60000020155") == "029000");
  p.keys = keys_2();
  CHECK(p.answer("00A4000C026F46"
                 "00B0000002") == "0290000155");
}

TEST_CASE("RFM: the shared file system has its own TAR, and no way into an ADF (TS 102 226 clause 7.2)") {
  Platform p;
  p.to = tar("B00120");
  CHECK(p.answer("00A4000C022FE2"
                 "00B000000A") == "02900098881201000000000001");
  CHECK(p.answer("00A4000C027FFF") == "016A82");
  CHECK(p.answer("00A4040C07A0000000871002") == "016A86");
}

TEST_CASE("RFM: a SELECT at the end answers 61xx, and GET RESPONSE in the script fetches the FCP (TS 102 226 clause 5.1.1)") {
  Platform p;
  const std::string waiting = p.answer("00A40004026F07");
  REQUIRE(waiting.substr(0, 4) == "0161");
  const std::string fcp = p.answer(
      "00A40004026F07"
      "00C00000" +
      waiting.substr(4, 2));
  CHECK(fcp.substr(0, 10) == "0290006217");
  CHECK(p.answer("00A40004026F07"
                 "00C0000000") == fcp);
  CHECK(p.answer("00C0000000") == "016F00");
  CHECK(p.answer("00A40004026F07"
                 "00A4000C026F07"
                 "00C0000000") == "036F00");
}

TEST_CASE("RFM: the first error ends the script; what was done before stays (TS 102 226 clause 5.1.1)") {
  Platform p;
  CHECK(p.answer("00A4000C026F46"
                 "00D60000020166"
                 "00A4000C026FFF"
                 "00D60000020177") == "036A82");
  CHECK(p.answer("00A4000C026F46"
                 "00B0000002") == "0290000166");
}

TEST_CASE("RFM in class A0: commands of a SIM, 9Fxx and its status words, for a TAR whose profile has them (3GPP TS 51.011 clause 9.4)") {
  auto profile = profile::default_profile().value();
  profile::ApplicationSpec sim{"rfm", {}, *Aid::from(hex("A0000000090002FFFFFFFF89B0001000")), "", "", false, {}, {}};
  sim.parameters.set("tars", std::string("B00010"));
  sim.parameters.set("minimum_security", std::string("12"));
  sim.parameters.set("gsm_class", true);
  profile.applications.push_back(sim);
  Platform p(image_of(profile));
  p.to = tar("B00010");
  CHECK(p.answer("A0A40000022FE2"
                 "A0B000000A") == "02900098881201000000000001");
  CHECK(p.answer("A0A40000027F20"
                 "A0A40000026F07") == "029F0F");
  CHECK(p.answer("A0A40000027F20"
                 "A0C0000016")
            .substr(0, 18) ==
        "029000"
        "0000FFFF7F20");
  CHECK(p.answer("A0A40000026FFF"
                 "A0A40000022FE2") == "019404");
  CHECK(p.answer("A0A40000027F20"
                 "A0A40000026F46"
                 "A0D60000020188"
                 "A0B0000002") == "0490000188");
  CHECK(p.answer("A0F2000016").size() == 2 * (3 + 22));
  CHECK(p.answer("A088000010"
                 "00000000000000000000000000000000") == "016D00");
  CHECK(p.answer("00A4000C022FE2"
                 "00B000000A") == "02900098881201000000000001");  // class 00 as before
  p.to = tar("B00120");
  CHECK(p.answer("A0A40000022FE2") == "016E00");  // not without the parameter
}
