// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "emulator/nvm/open_writes.hpp"
#include "emulator/suspension.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;
using namespace std::chrono_literals;
using test::Terminal;

namespace {

// Suspends for 1 to 10 minutes; the token.
std::string suspend(Terminal& t) {
  const std::string answer = t.exchange("8076000004 0101 010A");
  REQUIRE(answer.size() == 2 * 10 + 4);
  REQUIRE(answer.starts_with("010A"));
  REQUIRE(answer.ends_with("9000"));
  return answer.substr(4, 16);
}
std::string resume(Terminal& t, const std::string& token) {
  return t.send("8076010008" + token);
}

}  // namespace

TEST_CASE("SUSPEND UICC and RESUME bring channels, selections and security status back (TS 102 221 clause 11.1.22)") {
  Terminal t;
  t.send("8010000002 FF01");
  t.send("80AA000002 A900");
  t.send("0020000108 31323334FFFFFFFF");
  t.send("0070000001");
  t.send("01A4040C07 A0000000871002");
  t.send("00A4080C04 7F10 6F3A");
  t.send("00B2000206");
  const std::string token = suspend(t);
  CHECK(t.send("00A4000C02 3F00") == "6985");  // only a reset helps
  CHECK(t.send("8076000004 0101 010A") == "6985");
  t.clock.advance(5min);
  t.card.reset();
  CHECK(resume(t, token) == "9000");
  CHECK(t.send("00B2000206") == "0202020202029000");        // behind the pointer it had
  CHECK(t.send("01B0870009") == "0809101010325406369000");  // SFI, ADF, PIN1
  CHECK(to_hex(t.card.session()->cat.terminal_profile()) == "FF01");
  CHECK(to_hex(t.card.session()->terminal_capability) == "A900");
}

TEST_CASE("RESUME: one try with the right token, in time (clause 11.1.22.1)") {
  Terminal t;
  std::string token = suspend(t);
  t.card.reset();
  CHECK(resume(t, "0000000000000000") == "6985");
  CHECK(resume(t, token) == "6985");  // the first try took it

  t.card.reset();
  token = suspend(t);
  t.clock.advance(10min + 1ms);
  t.card.reset();
  CHECK(resume(t, token) == "6985");

  t.card.reset();
  token = suspend(t);
  t.clock.advance(10min);
  t.card.reset();
  CHECK(resume(t, token) == "9000");
  CHECK(resume(t, token) == "6985");
}

TEST_CASE("RESUME is the first command after the reset, or the kept state is dropped (clause 11.1.22.1)") {
  Terminal t;
  t.send("0020000108 31323334FFFFFFFF");
  std::string token = suspend(t);
  t.card.reset();
  CHECK(t.send("80F2000C00") == "9000");
  CHECK(resume(t, token) == "6985");
  t.card.reset();
  CHECK(resume(t, token) == "6985");
}

TEST_CASE("RESUME leaves a fresh session if a file of the kept one is gone (clause 11.1.22.1)") {
  Terminal t;
  t.send("00A4080C04 7F10 6F3A");
  const std::string token = suspend(t);
  t.card.reset();
  {
    emulator::OpenWrites writes(t.card.nvm());
    t.card.nvm().erase(emulator::ObjectId(emulator::Space::kFileHeader, 0, 6));  // EF 6F3A
    writes.commit();
  }
  t.card.session()->files().reload();
  CHECK(resume(t, token) == "6985");
  CHECK(t.send("80F2000C00") == "9000");
}

TEST_CASE("SUSPEND UICC refuses wrong times, parameters and an open proactive session (clause 11.1.22.2)") {
  Terminal t;
  CHECK(t.send("8076000004 0202 0202") == "9864");  // two hours; this card grants one
  CHECK(t.send("8076000004 010A 0101") == "6A80");  // longest shorter than shortest
  CHECK(t.send("8076000004 0501 0501") == "6A80");  // no such unit
  CHECK(t.send("8076000003 010101") == "6700");
  CHECK(t.send("8076000000") == "6700");
  CHECK(t.send("8076000104 0101 010A") == "6A86");
  CHECK(t.send("8076020004 0101 010A") == "6A86");
  CHECK(t.send("8076010007 00000000000000") == "6700");
  CHECK(t.send("8076010008 0000000000000000") == "6985");
  CHECK(t.send("0076000004 0101 010A") == "6E00");
  t.send("8010000001 FF");
  t.send("00A4040C07 A0000000871002");
  CHECK(t.send("009800000B D009810301020082028182") == "910B");
  CHECK(t.send("8076000004 0101 010A") == "6985");
  t.send("801200000B");
  CHECK(t.send("8076000004 0101 010A") == "6985");
}

TEST_CASE("SUSPEND UICC grants no more than the card allows (clause 11.1.22.2)") {
  Terminal t;
  CHECK(t.exchange("8076000004 0101 0302").starts_with("013C"));  // 60 minutes
  t.card.reset();
  CHECK(t.exchange("8076000004 0001 0001").starts_with("0001"));
}

TEST_CASE("A kept session that is cut short or padded resumes nothing") {
  Terminal t;
  t.send("0020000108 31323334FFFFFFFF");
  t.send("0070000001");
  const auto token = "0102030405060708"_h;
  const Bytes whole = emulator::encode_suspension(*t.card.session(), token, 1000ms);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Terminal fresh;
    CHECK_FALSE(emulator::resume(*fresh.card.session(), BytesView{whole}.first(size), token));
    CHECK(fresh.card.session()->security().verified().empty());
    CHECK_FALSE(fresh.card.session()->channels[1].open);
  }
  Terminal fresh;
  CHECK_FALSE(emulator::resume(*fresh.card.session(), concat({whole, "00"_h}), token));
  CHECK(emulator::resume(*fresh.card.session(), whole, token));
  CHECK(fresh.card.session()->channels[1].open);
}
