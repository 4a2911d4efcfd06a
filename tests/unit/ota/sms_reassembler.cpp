// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_reassembler.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::ota;
using Event = Reassembler::Event;

namespace {

const Address kAlice = Address::from_number("+491").value();
const Address kBob = Address::from_number("+492").value();

UserData part(std::uint16_t reference, std::uint8_t sequence, std::uint8_t total, std::uint8_t content, bool wide = false) {
  UserData data;
  data.header.push_back(Concatenation{wide, reference, total, sequence}.element());
  if (sequence == 1) data.header.push_back({iei::kCommandPacket, {}});
  data.payload = {content, sequence};
  return data;
}

Reassembler::Limits limits(std::size_t messages, std::size_t bytes = 64 * 1024) {
  return {messages, bytes, std::chrono::minutes(10)};
}

}  // namespace

TEST_CASE("A message of one part is delivered at once") {
  const ManualClock clock;
  Reassembler reassembler(clock);
  UserData data;
  data.header.push_back({iei::kCommandPacket, {}});
  data.payload = {1, 2, 3};
  const auto added = reassembler.add(kAlice, data);
  CHECK(added.event == Event::kSingle);
  CHECK(added.message == data);
  CHECK(reassembler.pending() == 0);
  CHECK(reassembler.bytes() == 0);
}

TEST_CASE("Parts come in any order and give the message in its order (TS 23.040 clause 9.2.3.24.1)") {
  for (const auto& order : {std::array{1, 2, 3}, std::array{3, 2, 1}, std::array{2, 3, 1}, std::array{3, 1, 2}}) {
    const ManualClock clock;
    Reassembler reassembler(clock);
    Reassembler::Added last{Event::kStored, std::nullopt};
    for (int sequence : order) {
      CHECK_FALSE(last.message);
      last = reassembler.add(kAlice, part(7, static_cast<std::uint8_t>(sequence), 3, 0xAA));
    }
    CHECK(last.event == Event::kComplete);
    REQUIRE(last.message);
    CHECK(to_hex(last.message->payload) == "AA01AA02AA03");
    REQUIRE(last.message->header.size() == 1);
    CHECK(last.message->header[0].id == iei::kCommandPacket);
    CHECK(reassembler.pending() == 0);
  }
}

TEST_CASE("Splitting and putting together give the message back, with either width of the reference") {
  UserData data;
  data.header = {{iei::kCommandPacket, {}}, {iei::kPorts16, to_bytes("0B840B84"_h)}};
  for (int i = 0; i < 3000; ++i) data.payload.push_back(static_cast<std::uint8_t>(i ^ (i >> 8)));
  for (bool wide : {false, true}) {
    const ManualClock clock;
    Reassembler reassembler(clock);
    const auto parts = split(data, 0x42, wide).value();
    for (auto p = parts.rbegin(); p != parts.rend(); ++p) {
      const auto added = reassembler.add(kAlice, *p);
      CHECK(added.message.has_value() == (&*p == &parts.front()));
      if (added.message) CHECK(*added.message == data);
    }
  }
}

TEST_CASE("A doubled part changes nothing, a missing one keeps the message back") {
  const ManualClock clock;
  Reassembler reassembler(clock);
  CHECK(reassembler.add(kAlice, part(7, 1, 3, 0xAA)).event == Event::kStored);
  CHECK(reassembler.add(kAlice, part(7, 1, 3, 0xAA)).event == Event::kDuplicate);
  CHECK(reassembler.add(kAlice, part(7, 3, 3, 0xAA)).event == Event::kStored);
  CHECK(reassembler.add(kAlice, part(7, 3, 3, 0xAA)).event == Event::kDuplicate);
  CHECK(reassembler.pending() == 1);
  const auto last = reassembler.add(kAlice, part(7, 2, 3, 0xAA));
  CHECK(last.event == Event::kComplete);
  CHECK(to_hex(last.message->payload) == "AA01AA02AA03");
}

TEST_CASE("Messages that differ in sender, reference or width of the reference do not mix") {
  const ManualClock clock;
  Reassembler reassembler(clock);
  CHECK(reassembler.add(kAlice, part(7, 1, 2, 0xA1)).event == Event::kStored);
  CHECK(reassembler.add(kBob, part(7, 1, 2, 0xB0)).event == Event::kStored);
  CHECK(reassembler.add(kAlice, part(8, 1, 2, 0xA2)).event == Event::kStored);
  CHECK(reassembler.add(kAlice, part(7, 1, 2, 0xA3, true)).event == Event::kStored);
  CHECK(reassembler.pending() == 4);
  CHECK(to_hex(reassembler.add(kAlice, part(7, 2, 2, 0xA3, true)).message.value().payload) == "A301A302");
  CHECK(to_hex(reassembler.add(kBob, part(7, 2, 2, 0xB0)).message.value().payload) == "B001B002");
  CHECK(to_hex(reassembler.add(kAlice, part(8, 2, 2, 0xA2)).message.value().payload) == "A201A202");
  CHECK(to_hex(reassembler.add(kAlice, part(7, 2, 2, 0xA1)).message.value().payload) == "A101A102");
}

TEST_CASE("A contradictory part starts the message again: the reference was reused") {
  const ManualClock clock;
  Reassembler reassembler(clock);
  CHECK(reassembler.add(kAlice, part(7, 1, 3, 0xAA)).event == Event::kStored);
  CHECK(reassembler.add(kAlice, part(7, 2, 3, 0xAA)).event == Event::kStored);
  CHECK(reassembler.add(kAlice, part(7, 1, 3, 0xBB)).event == Event::kRestarted);
  CHECK(reassembler.pending() == 1);
  CHECK(reassembler.add(kAlice, part(7, 3, 3, 0xBB)).event == Event::kStored);
  const auto last = reassembler.add(kAlice, part(7, 2, 3, 0xBB));
  CHECK(last.event == Event::kComplete);
  CHECK(to_hex(last.message->payload) == "BB01BB02BB03");
}

TEST_CASE("A part with another total starts the message again") {
  const ManualClock clock;
  Reassembler reassembler(clock);
  CHECK(reassembler.add(kAlice, part(7, 3, 3, 0xAA)).event == Event::kStored);
  CHECK(reassembler.add(kAlice, part(7, 1, 2, 0xBB)).event == Event::kRestarted);
  const auto last = reassembler.add(kAlice, part(7, 2, 2, 0xBB));
  CHECK(last.event == Event::kComplete);
  CHECK(to_hex(last.message->payload) == "BB01BB02");
}

TEST_CASE("A late duplicate of a complete message does not spoil the next one with its reference") {
  const ManualClock clock;
  Reassembler reassembler(clock);
  reassembler.add(kAlice, part(7, 1, 2, 0xAA));
  CHECK(reassembler.add(kAlice, part(7, 2, 2, 0xAA)).event == Event::kComplete);
  CHECK(reassembler.add(kAlice, part(7, 2, 2, 0xAA)).event == Event::kDuplicate);
  CHECK(reassembler.pending() == 0);
  CHECK(reassembler.add(kAlice, part(7, 1, 2, 0xBB)).event == Event::kStored);
  const auto next = reassembler.add(kAlice, part(7, 2, 2, 0xBB));
  CHECK(next.event == Event::kComplete);
  CHECK(to_hex(next.message->payload) == "BB01BB02");
}

TEST_CASE("A message that comes whole a second time is given out a second time") {
  const ManualClock clock;
  Reassembler reassembler(clock);
  for (int round = 0; round < 3; ++round) {
    CHECK_FALSE(reassembler.add(kAlice, part(7, 1, 2, 0xAA)).message);
    const auto last = reassembler.add(kAlice, part(7, 2, 2, 0xAA));
    CHECK(last.event == Event::kComplete);
    CHECK(to_hex(last.message->payload) == "AA01AA02");
  }
}

TEST_CASE("Time: what waits longer than the age is forgotten, each part starts it again") {
  ManualClock clock;
  Reassembler reassembler(clock);
  reassembler.add(kAlice, part(7, 1, 3, 0xAA));
  clock.advance(std::chrono::minutes(10));
  CHECK(reassembler.add(kAlice, part(7, 2, 3, 0xAA)).event == Event::kStored);
  clock.advance(std::chrono::minutes(10));
  CHECK(reassembler.add(kAlice, part(7, 2, 3, 0xAA)).event == Event::kDuplicate);
  clock.advance(std::chrono::minutes(10) + std::chrono::milliseconds(1));
  CHECK(reassembler.add(kAlice, part(7, 3, 3, 0xAA)).event == Event::kStored);
  CHECK(reassembler.bytes() == 8);
  clock.advance(std::chrono::minutes(11));
  reassembler.expire();
  CHECK(reassembler.pending() == 0);
  CHECK(reassembler.bytes() == 0);
}

TEST_CASE("Room: the complete message goes first, then the one that has waited longest") {
  ManualClock clock;
  Reassembler reassembler(clock, limits(2));
  reassembler.add(kAlice, part(1, 1, 2, 0xAA));
  clock.advance(std::chrono::seconds(1));
  reassembler.add(kAlice, part(2, 1, 2, 0xAA));
  reassembler.add(kAlice, part(2, 2, 2, 0xAA));  // complete, but younger than message 1
  clock.advance(std::chrono::seconds(1));
  CHECK(reassembler.add(kAlice, part(3, 1, 2, 0xAA)).event == Event::kStored);
  CHECK(reassembler.pending() == 2);
  CHECK(reassembler.add(kAlice, part(4, 1, 2, 0xAA)).event == Event::kStored);  // message 1 goes
  CHECK(reassembler.pending() == 2);
  CHECK(reassembler.add(kAlice, part(3, 2, 2, 0xAA)).event == Event::kComplete);
  CHECK(reassembler.add(kAlice, part(1, 2, 2, 0xAA)).event == Event::kStored);
}

TEST_CASE("Room: the bytes of all parts stay within the limit, and a message longer than that is refused") {
  const ManualClock clock;
  Reassembler reassembler(clock, limits(100, 1000));
  UserData big = part(1, 1, 9, 0xAA);
  big.payload.resize(120);
  for (std::uint16_t reference = 1; reference < 60; ++reference) {
    big.header[0] = Concatenation{false, reference, 9, 1}.element();
    CHECK(reassembler.add(kAlice, big).event == Event::kStored);
    CHECK(reassembler.bytes() <= 1000);
  }
  CHECK(reassembler.pending() == 7);
  Event event = Event::kStored;
  for (std::uint8_t sequence = 2; sequence <= 9 && event == Event::kStored; ++sequence) {
    big.header[0] = Concatenation{false, 59, 9, sequence}.element();
    event = reassembler.add(kAlice, big).event;
    CHECK(reassembler.bytes() <= 1000);
  }
  CHECK(event == Event::kRefused);
  CHECK(reassembler.pending() == 0);
  big.payload.resize(1000);
  CHECK(reassembler.add(kAlice, big).event == Event::kRefused);
}

TEST_CASE("A reassembler needs memory") {
  const ManualClock clock;
  CHECK_THROWS_AS(Reassembler(clock, limits(0)), SystemError);
  CHECK_THROWS_AS(Reassembler(clock, limits(1, 0)), SystemError);
}
