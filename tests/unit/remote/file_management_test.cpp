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

TEST_CASE("RFM: SELECT alone leaves 61xx, and GET RESPONSE in the script fetches the FCP (TS 102 226 clause 5.1.1)") {
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
