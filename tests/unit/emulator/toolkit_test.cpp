// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::Terminal;

namespace {

// The test application sends the data of INS 98 as a proactive command, and answers INS 94 with the last terminal response.
struct Toolkit : Terminal {
  explicit Toolkit(Protocol protocol = Protocol::kT0) : Terminal(test::small_image(), protocol) {
    REQUIRE(send("8010000004 FFFFFFFF") == "9000");
    REQUIRE(send("00A4040C07 A0000000871002") == "9000");
  }
};

constexpr const char* kMoreTime = "D009 8103010200 82028182";      // 11 bytes
constexpr const char* kRefresh = "D00B 8103020100 82028182 9900";  // 13 bytes
constexpr const char* kResponse = "8103010200 82028281 830100";    // 12 bytes

std::string proactive(const char* command) {
  const std::string data = test::packed(command);
  return "00980000" + to_hex(std::array{static_cast<std::uint8_t>(data.size() / 2)}) + data;
}

}  // namespace

TEST_CASE("A proactive command: 91xx, FETCH, TERMINAL RESPONSE (TS 102 221 clauses 7.4.2, 11.2.3 and 11.2.4)") {
  Toolkit t;
  CHECK(t.send(proactive(kMoreTime)) == "910B");
  CHECK(t.send("80F2000C00") == "910B");  // as long as it waits
  CHECK(t.send("801200000B") == test::packed(kMoreTime) + "9000");
  CHECK(t.send("80F2000C00") == "9000");  // fetched, not announced again
  CHECK(t.send("801400000C " + std::string(kResponse)) == "9000");
  CHECK(t.send("009400000C") == test::packed(kResponse) + "9000");
}

TEST_CASE("91xx replaces only 9000, also after data and GET RESPONSE (clause 7.4.2.1)") {
  Toolkit t;
  t.send(proactive(kMoreTime));
  CHECK(t.send("00A4000C02 FFFF") == "6A82");
  CHECK(t.send("00A4080C02 2FE2") == "910B");
  CHECK(t.send("00B000000A") == "98881201000000000001910B");
  CHECK(t.send("00B000000B") == "6C0A");
  CHECK(t.send("00A40004022FE2") == "6119");
  CHECK(t.send("00C0000019").ends_with("910B"));
  CHECK(t.send("0020000100") == "63C3");
  CHECK(t.send("801200000B").ends_with("9000"));
}

TEST_CASE("62F2 and 63F2 announce a proactive command between the blocks of a data object (clause 10.2.1.2)") {
  Toolkit t(Protocol::kT1);
  t.send("0020000A08 3838383838383838");
  t.send("00A4080C04 7F10 6F77");
  t.send(proactive(kMoreTime));
  CHECK(t.send("80DB008003 8003 01") == "63F2");
  CHECK(t.send("80DB000002 0203") == "910B");
  CHECK(t.send("80CB008001 80 02") == "800362F2");
  CHECK(t.send("80CB000000") == "010203910B");
}

TEST_CASE("Proactive commands wait in order; the next is announced with the response to the last (clause 7.4.2)") {
  Toolkit t;
  CHECK(t.send(proactive(kMoreTime)) == "910B");
  CHECK(t.send(proactive(kRefresh)) == "910B");
  CHECK(t.send("801200000B") == test::packed(kMoreTime) + "9000");
  CHECK(t.send("801200000D") == "6985");  // the first is not answered yet
  CHECK(t.send("801400000C " + std::string(kResponse)) == "910D");
  CHECK(t.send("801200000D") == test::packed(kRefresh) + "9000");
  CHECK(t.send("801400000C 8103020100 82028281 830100") == "9000");
}

TEST_CASE("FETCH: 6985 without a command, 6Cxx for another Le (clause 11.2.3)") {
  Toolkit t;
  CHECK(t.send("8012000000") == "6985");
  CHECK(t.send("8012000001") == "6985");
  t.send(proactive(kMoreTime));
  CHECK(t.send("8012000000") == "6C0B");
  CHECK(t.send("801200000A") == "6C0B");
  CHECK(t.send("8012010000") == "6A86");
  CHECK(t.send("8012000001 00") == "6700");
  CHECK(t.send("0012000000") == "6E00");
  CHECK(t.send("801200000B").ends_with("9000"));
  CHECK(t.send("801200000B") == "6985");
}

TEST_CASE("FETCH of a command of 256 bytes: announced as 9100 (clause 7.4.2.1)") {
  Toolkit t(Protocol::kT1);
  std::string command = "D081FD";
  for (int i = 0; i < 253; ++i) command += "AA";
  CHECK(t.send("00980000 000100" + command) == "9100");
  CHECK(t.send("8012000000") == command + "9000");
}

TEST_CASE("TERMINAL RESPONSE: 6985 if nothing was fetched, 6A80 if it is malformed (clause 11.2.4)") {
  Toolkit t;
  CHECK(t.send("801400000C " + std::string(kResponse)) == "6985");
  t.send(proactive(kMoreTime));
  CHECK(t.send("801400000C " + std::string(kResponse)) == "6985");  // announced, not fetched
  t.send("801200000B");
  CHECK(t.send("8014000003 810301") == "6A80");
  CHECK(t.send("8014000000") == "6700");
  CHECK(t.send("8014000100") == "6A86");
  CHECK(t.send("801400000C " + std::string(kResponse)) == "9000");
  CHECK(t.send("801400000C " + std::string(kResponse)) == "6985");
}

TEST_CASE("TERMINAL PROFILE: before it no proactive command is sent; a reset forgets it (clause 11.2.1)") {
  Terminal t;
  t.send("00A4040C07 A0000000871002");
  CHECK(t.send(proactive(kMoreTime)) == "6985");
  CHECK(t.send("8010000000") == "6700");
  CHECK(t.send("8010000101 FF") == "6A86");
  CHECK(t.send("0010000001 FF") == "6E00");
  CHECK(t.send("8010000001 FF") == "9000");
  CHECK(t.send(proactive(kMoreTime)) == "910B");
  t.card.reset();
  CHECK(t.send("80F2000C00") == "9000");
  CHECK(t.send("8012000000") == "6985");
  t.send("00A4040C07 A0000000871002");
  CHECK(t.send(proactive(kMoreTime)) == "6985");
}

TEST_CASE("ENVELOPE: data of the application is returned, an envelope for no application is refused (clause 11.2.2)") {
  Toolkit t;
  CHECK(t.send("80C2000005 D303 010203") == "6103");
  CHECK(t.send("00C0000003") == "0102039000");
  CHECK(t.send("80C2000002 D300") == "9000");
  CHECK(t.send("80C2000002 D600") == "6A81");
  CHECK(t.send("80C2000003 D30301") == "6A80");
  CHECK(t.send("80C2000004 D3010102") == "6A80");
  CHECK(t.send("80C2000000") == "6700");
  CHECK(t.send("80C2000102 D300") == "6A86");
  CHECK(t.send("00C2000002 D300") == "6E00");
}

TEST_CASE("The toolkit's commands exist only on the basic channel (table 10.3)") {
  Toolkit t;
  t.send("0070000001");
  CHECK(t.send("8110000001 FF") == "6881");
  CHECK(t.send("8112000000") == "6881");
  CHECK(t.send("81C2000002 D300") == "6881");
  CHECK(t.send("8114000001 00") == "6881");
  CHECK(t.send("8176000004 00010001") == "6881");
  CHECK(t.send("81F2000C00") == "9000");
}
