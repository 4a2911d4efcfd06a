// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::Terminal;

namespace {

std::string hex_byte(unsigned value) {
  return to_hex(std::array{static_cast<std::uint8_t>(value)});
}
// Class of an interindustry (00) or UICC (80) command on a channel: 0X and 8X to 3, 4X and CX from 4 (TS 102 221 clause 10.1.1).
std::string cla(unsigned channel, unsigned base = 0x00) {
  return hex_byte(channel < 4 ? base | channel : base | 0x40 | (channel - 4));
}

}  // namespace

TEST_CASE("MANAGE CHANNEL gives the lowest free channel, 1 to 19, then 6A81 (TS 102 221 clause 11.1.17)") {
  Terminal t;
  for (unsigned channel = 1; channel <= 19; ++channel) CHECK(t.send("0070000001") == hex_byte(channel) + "9000");
  CHECK(t.send("0070000001") == "6A81");
  CHECK(t.send("0070800700") == "9000");
  CHECK(t.send("0070000001") == "079000");
}

TEST_CASE("Every channel from 0 to 19 selects and reads on its own, with the class bytes of table 10.3") {
  Terminal t;
  for (unsigned channel = 1; channel <= 19; ++channel) t.send("0070000001");
  for (unsigned channel = 0; channel <= 19; ++channel) {
    CAPTURE(channel);
    const bool odd = channel % 2 == 1;
    CHECK(t.send(cla(channel) + (odd ? "A4080C022FE2" : "A4080C047F106F3A")) == "9000");
  }
  for (unsigned channel = 0; channel <= 19; ++channel) {
    CAPTURE(channel);
    const bool odd = channel % 2 == 1;
    CHECK(t.send(cla(channel) + (odd ? "B000000A" : "B2010406")) == (odd ? "988812010000000000019000" : "0101010101019000"));
    const std::string fcp = t.exchange(cla(channel, 0x80) + "F2000000");
    CHECK(fcp.find(odd ? "83023F00" : "83027F10") != std::string::npos);
  }
}

TEST_CASE("A channel that is not open answers 6881, whatever the instruction (clause 10.2.1.5)") {
  Terminal t;
  for (unsigned channel = 1; channel <= 19; ++channel) {
    CHECK(t.send(cla(channel) + "A4000C023F00") == "6881");
    CHECK(t.send(cla(channel, 0x80) + "F2000C00") == "6881");
    CHECK(t.send(cla(channel) + "FF000000") == "6881");
  }
  t.send("0070000001");
  CHECK(t.send("01A4000C023F00") == "9000");
  CHECK(t.send("0070800100") == "9000");
  CHECK(t.send("01A4000C023F00") == "6881");
}

TEST_CASE("MANAGE CHANNEL opens the channel that is named, without data (clause 11.1.17)") {
  Terminal t;
  CHECK(t.send("0070000500") == "9000");
  CHECK(t.send("41A4000C022FE2") == "9000");
  CHECK(t.send("0070000500") == "6985");  // open already
  CHECK(t.send("0070001300") == "9000");
  CHECK(t.send("0070001400") == "6A86");
  CHECK(t.send("007000FF00") == "6A86");
}

TEST_CASE("A channel opened from the basic one starts at the MF, from another one at its current directory (clause 11.1.17.1)") {
  Terminal t;
  t.send("00A4040C07 A0000000871002");
  t.send("0070000001");
  CHECK(t.exchange("81F2000000").find("83023F00") != std::string::npos);
  CHECK(t.send("81F2000100") == "6A88");
  t.send("01A4040C07 A0000000871002");
  t.send("01A4000C02 6F07");
  CHECK(t.send("0170000001") == "029000");
  CHECK(t.exchange("82F2000000").find("83027FD0") != std::string::npos);
  CHECK(t.exchange("82F2000100").starts_with("840CA0000000871002"));
  CHECK(t.send("02B0000001") == "6986");  // the directory, not the EF
}

TEST_CASE("A closed channel forgets its selection (clause 11.1.17.1)") {
  Terminal t;
  t.send("0070000001");
  t.send("01A4080C02 2FE2");
  CHECK(t.send("0170800100") == "9000");  // itself
  CHECK(t.send("0070000001") == "019000");
  CHECK(t.send("01B0000001") == "6986");
}

TEST_CASE("MANAGE CHANNEL refuses wrong parameters and lengths (clause 11.1.17)") {
  Terminal t;
  CHECK(t.send("0070000000") == "6C01");
  CHECK(t.send("0070000002") == "6C01");
  CHECK(t.send("0070400001") == "6A86");
  CHECK(t.send("0070800000") == "6A86");  // the basic channel stays open
  CHECK(t.send("0070801400") == "6A86");
  CHECK(t.send("0070800300") == "6881");
  CHECK(t.send("0070000001 01") == "6700");
  CHECK(t.send("8070000001") == "6E00");
  CHECK(t.send("0070000001") == "019000");  // nothing of that opened one
}

TEST_CASE("A reset closes all channels but the basic one (clause 8.7)") {
  Terminal t;
  t.send("0070000001");
  t.card.reset();
  CHECK(t.send("01A4000C023F00") == "6881");
  CHECK(t.send("00A4000C023F00") == "9000");
}

TEST_CASE("GET CHALLENGE answers as many random bytes as Le asks for (clause 11.1.18)") {
  Terminal t;
  const std::string first = t.send("0084000008");
  CHECK(first.size() == 20);
  CHECK(first.ends_with("9000"));
  CHECK(t.send("0084000008") != first);
  CHECK(t.send("0084000000").size() == 2 * 256 + 4);
  CHECK(t.send("0084010008") == "6A86");
  CHECK(t.send("0084000108") == "6A86");
  CHECK(t.send("0084000001 00") == "6700");
  CHECK(t.send("8084000008") == "6E00");
}

TEST_CASE("TERMINAL CAPABILITY takes a template A9 of whole data objects (clause 11.1.19)") {
  Terminal t;
  CHECK(t.send("80AA000002 A900") == "9000");
  CHECK(t.send("80AA000009 A907 8003010000 8100") == "9000");
  CHECK(to_hex(t.card.session()->terminal_capability) == "A90780030100008100");
  CHECK(t.send("80AA000004 A9028301") == "6A80");
  CHECK(t.send("80AA000002 A800") == "6A80");
  CHECK(t.send("80AA000003 A90000") == "6A80");
  CHECK(t.send("80AA000002 A901") == "6A80");
  CHECK(t.send("80AA000000") == "6700");
  CHECK(t.send("80AA010002 A900") == "6A86");
  CHECK(t.send("00AA000002 A900") == "6E00");
  CHECK(to_hex(t.card.session()->terminal_capability) == "A90780030100008100");
}
