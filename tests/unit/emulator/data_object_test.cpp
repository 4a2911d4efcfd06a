// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::packed;
using test::Terminal;

namespace {

std::string repeat(std::string_view unit, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += unit;
  return out;
}

// 6F77: BER-TLV, room for 600 bytes, SFI 4.
struct Store : Terminal {
  explicit Store(Protocol protocol = Protocol::kT0) : Terminal(test::small_image(), protocol) {
    REQUIRE(send("0020000A08 3838383838383838") == "9000");
    REQUIRE(send("00A4080C04 7F10 6F77") == "9000");
  }
};

}  // namespace

TEST_CASE("An empty BER-TLV EF has an empty tag list (TS 102 221 clauses 8.2.2.4 and 11.3.1)") {
  Store t;
  CHECK(t.exchange("80CB008001 5C") == "5C009000");
  CHECK(t.send("80CB008001 80") == "6A88");
}

TEST_CASE("SET DATA stores, replaces and deletes; RETRIEVE DATA finds (clauses 11.3.1 and 11.3.2)") {
  Store t;
  CHECK(t.send("80DB008004 8002AABB") == "9000");
  CHECK(t.send("80DB008006 9F5E03010203") == "9000");
  CHECK(t.send("80DB008002 8100") == "9000");  // an object of length zero exists
  CHECK(t.exchange("80CB008001 5C") == "5C04809F5E819000");
  CHECK(t.exchange("80CB008001 80") == "8002AABB9000");
  CHECK(t.exchange("80CB008002 9F5E") == "9F5E030102039000");
  CHECK(t.exchange("80CB008001 81") == "81009000");
  CHECK(t.send("80DB008003 8001CC") == "9000");
  CHECK(t.exchange("80CB008001 80") == "8001CC9000");
  CHECK(t.send("80DB008001 80") == "9000");  // the tag alone: deleted
  CHECK(t.send("80CB008001 80") == "6A88");
  CHECK(t.send("80DB008001 80") == "6A88");
  CHECK(t.exchange("80CB008001 5C") == "5C039F5E819000");
  t.card.reset();
  t.send("00A4080C04 7F10 6F77");
  CHECK(t.exchange("80CB008002 9F5E") == "9F5E030102039000");
}

TEST_CASE("SET DATA in blocks: 63F1 until the object is whole (clause 11.3.2)") {
  Store t;
  CHECK(t.send("80DB008004 8006 0102") == "63F1");
  CHECK(t.send("80CB008001 80") == "6A88");  // not before it is whole
  CHECK(t.exchange("80CB008001 5C") == "5C009000");
  CHECK(t.send("80DB000002 0304") == "6985");  // RETRIEVE DATA took its place
  CHECK(t.send("80DB008004 8006 0102") == "63F1");
  CHECK(t.send("80DB000002 0304") == "63F1");
  CHECK(t.send("80F2000C00") == "9000");  // another command between the blocks (annex L.1)
  CHECK(t.send("80DB000002 0506") == "9000");
  CHECK(t.exchange("80CB008001 80") == "80060102030405069000");
  CHECK(t.send("80DB000001 07") == "6985");
  CHECK(t.send("80DB008003 8002 01") == "63F1");
  CHECK(t.send("80DB000002 0203") == "6A80");  // more than the length says
  CHECK(t.send("80DB000001 02") == "6985");
  CHECK(t.exchange("80CB008001 80") == "80060102030405069000");
}

TEST_CASE("SET DATA: a transfer ends with a selection and stays on its channel (clause 11.3.2)") {
  Store t;
  CHECK(t.send("80DB008003 8002 01") == "63F1");
  t.send("0070000001");
  CHECK(t.send("01A4080C04 7F10 6F77") == "9000");
  CHECK(t.send("81DB000001 02") == "6985");
  CHECK(t.send("00A4000C02 6F77") == "9000");
  CHECK(t.send("80DB000001 02") == "6985");
  CHECK(t.exchange("80CB008001 5C") == "5C009000");
}

TEST_CASE("RETRIEVE DATA of a long object: 62F1, next blocks, retransmission (clause 11.3.1)") {
  Store t(Protocol::kT1);
  const std::string object = "A1820190" + repeat("AB", 400);
  CHECK(t.send("80DB0080FF " + object.substr(0, 510)) == "63F1");
  CHECK(t.send("80DB000095 " + object.substr(510)) == "9000");
  CHECK(t.send("80CB008001 A1 C8") == object.substr(0, 400) + "62F1");
  CHECK(t.send("80CB0040C8") == object.substr(0, 400) + "62F1");
  CHECK(t.send("80CB0000C8") == object.substr(400, 400) + "62F1");
  CHECK(t.send("80CB0040C8") == object.substr(400, 400) + "62F1");
  CHECK(t.send("80CB000000") == object.substr(800) + "9000");
  CHECK(t.send("80CB004000") == object.substr(800) + "9000");
  CHECK(t.send("80CB000000") == "6985");
  CHECK(t.send("80CB008001 A1 000000") == "6700");
  CHECK(t.send("80CB0080 000001 A1 0000") == object + "9000");
}

TEST_CASE("RETRIEVE DATA under T=0: 61xx, then the block with 62F1 (annex L.2)") {
  Store t;
  const std::string object = "A1820190" + repeat("AB", 400);
  t.send("80DB0080FF " + object.substr(0, 510));
  t.send("80DB000095 " + object.substr(510));
  CHECK(t.send("80CB008001 A1") == "61FF");
  CHECK(t.send("80C00000FF") == object.substr(0, 510) + "62F1");
  CHECK(t.send("80CB000000") == "6C95");
  CHECK(t.send("80CB000095") == object.substr(510) + "9000");
}

TEST_CASE("RETRIEVE and SET DATA by SFI (clauses 11.3.1 and 11.3.2)") {
  Store t;
  t.send("00A4000C02 7F10");
  CHECK(t.send("80DB008003 800111") == "6986");
  CHECK(t.send("80DB008403 800111") == "9000");
  CHECK(t.exchange("80CB008001 80") == "8001119000");  // current by now
  CHECK(t.send("80DB008504 80021122") == "6A82");
  CHECK(t.send("80DB008104 80021122") == "6981");
  t.send("00A4000C02 7F10");
  CHECK(t.exchange("80CB008401 80") == "8001119000");
}

TEST_CASE("SET DATA keeps to the file's size (clause 11.3.2)") {
  Store t;
  CHECK(t.send("80DB008004 84820255") == "6A84");  // 601 bytes in all
  CHECK(t.send("80DB0080FF 84820254" + repeat("00", 251)) == "63F1");
  CHECK(t.send("80DB0000FF" + repeat("00", 255)) == "63F1");
  CHECK(t.send("80DB00005A" + repeat("00", 90)) == "9000");
  CHECK(t.send("80DB008002 8500") == "6A84");
  CHECK(t.send("80DB008003 840100") == "9000");  // smaller than what it replaces
  CHECK(t.send("80DB008002 8500") == "9000");
}

TEST_CASE("RETRIEVE and SET DATA refuse what is malformed (clauses 11.3.1 and 11.3.2)") {
  Store t;
  CHECK(t.send("80CB018001 80") == "6A86");
  CHECK(t.send("80CB00A001 80") == "6A86");
  CHECK(t.send("80CB00C001 80") == "6A86");
  CHECK(t.send("80CB008000") == "6A80");       // no tag
  CHECK(t.send("80CB008002 8000") == "6A80");  // more than a tag
  CHECK(t.send("80CB008002 9F") == "6700");    // Lc and data disagree
  CHECK(t.send("80CB008001 9F") == "6A80");    // half a tag
  CHECK(t.send("80CB000000") == "6985");
  CHECK(t.send("80CB004000") == "6985");
  CHECK(t.send("80CB000001 80") == "6700");
  CHECK(t.send("80DB018003 800100") == "6A86");
  CHECK(t.send("80DB004003 800100") == "6A86");
  CHECK(t.send("80DB008000") == "6700");
  CHECK(t.send("80DB008002 5C00") == "6A80");  // the tag list is no object
  CHECK(t.send("80DB008003 000100") == "6A80");
  CHECK(t.send("80DB008003 FF0100") == "6A80");
  CHECK(t.send("80DB008004 8001 0000") == "6A80");  // longer than its length
  CHECK(t.send("80DB008002 8085") == "6A80");
  CHECK(t.send("80DB008002 8080") == "6A80");  // no indefinite length
  CHECK(t.exchange("80CB008001 5C") == "5C009000");
}

TEST_CASE("RETRIEVE and SET DATA ask for access and structure (clauses 11.3.1 and 11.3.2)") {
  Terminal t;
  t.send("00A4080C04 7F10 6F77");
  CHECK(t.exchange("80CB008001 5C") == "5C009000");
  CHECK(t.send("80DB008003 800111") == "6982");
  t.send("00A4080C02 2FE2");
  CHECK(t.send("80CB008001 80") == "6981");
  t.send("00A4000C02 3F00");
  CHECK(t.send("80CB008001 80") == "6986");
}

TEST_CASE("The FCP of a BER-TLV EF: bytes in use, and the most there may be (clauses 11.1.1.4.1 and 11.1.1.4.6.6)") {
  Store t;
  CHECK(t.exchange("00A4000402 6F77") == packed("621D 82027921 83026F77 A504 86020258 8A0105 8B032F0604 80020000 880120 9000"));
  t.send("80DB008004 8002AABB");
  CHECK(t.exchange("00A4000402 6F77") == packed("621D 82027921 83026F77 A504 86020258 8A0105 8B032F0604 80020004 880120 9000"));
}
