// SPDX-License-Identifier: Apache-2.0
#include "engine_bench.hpp"

using namespace uicclab::test;
using namespace uicclab;
using namespace uicclab::literals;

TEST_CASE("engine: a transaction keeps others off the card") {
  EngineBench bench;
  auto& a = bench.a;
  auto& b = bench.b;
  const auto mine = a.connect().card;
  const auto theirs = b.connect().card;
  CHECK(a.begin(mine) == Rv::kSuccess);
  bench.card.log();
  CHECK(b.transmit(theirs, "00B0000003"_h) == Rv::kSharingViolation);
  CHECK(b.status(theirs) == Rv::kSharingViolation);
  CHECK(b.reconnect(theirs, wire::kReset).rv == Rv::kSharingViolation);
  CHECK(b.end(theirs) == Rv::kSharingViolation);
  CHECK(b.end(theirs, wire::kReset) == Rv::kSharingViolation);
  CHECK(b.ask(Command::kControl, wire::Control{theirs, 0x42000D48, 0, 264, 0, {}}).rv == Rv::kSharingViolation);
  CHECK(b.ask(Command::kGetAttribute, wire::Attribute{theirs, 0x00090303, {}, 264, {}}).rv == Rv::kSharingViolation);
  CHECK(bench.card.log().empty());
  CHECK(a.transmit(mine, "00B0000003"_h) == Rv::kSuccess);
  CHECK(a.end(mine) == Rv::kSuccess);
  CHECK(b.transmit(theirs, "00B0000003"_h) == Rv::kSuccess);
}

TEST_CASE("engine: transactions nest") {
  EngineBench bench;
  const auto mine = bench.a.connect().card;
  const auto theirs = bench.b.connect().card;
  CHECK(bench.a.begin(mine) == Rv::kSuccess);
  CHECK(bench.a.begin(mine) == Rv::kSuccess);
  CHECK(bench.a.end(mine) == Rv::kSuccess);
  CHECK(bench.b.status(theirs) == Rv::kSharingViolation);
  CHECK(bench.a.end(mine) == Rv::kSuccess);
  CHECK(bench.b.status(theirs) == Rv::kSuccess);
}

TEST_CASE("engine: begin waits for the end of another transaction, first come, first served") {
  EngineBench bench;
  FakeClient c(bench.engine);
  const auto mine = bench.a.connect().card;
  const auto second = bench.b.connect().card;
  const auto third = c.connect().card;
  CHECK(bench.a.begin(mine) == Rv::kSuccess);
  CHECK(bench.b.send(Command::kBegin, wire::Begin{second, {}}) == Verdict::kPark);
  CHECK(c.send(Command::kBegin, wire::Begin{third, {}}) == Verdict::kPark);
  CHECK(bench.b.wakes == 0);
  CHECK(bench.a.end(mine) == Rv::kSuccess);
  CHECK(bench.b.wakes > 0);
  CHECK(c.again() == Verdict::kPark);  // woken or not, it is not its turn
  CHECK(bench.a.send(Command::kBegin, wire::Begin{mine, {}}) == Verdict::kPark);
  REQUIRE(bench.b.again() == Verdict::kAnswer);
  CHECK(bench.b.answer<wire::Begin>().rv == Rv::kSuccess);
  CHECK(bench.b.end(second) == Rv::kSuccess);
  CHECK(c.wakes > 0);
  REQUIRE(c.again() == Verdict::kAnswer);
  CHECK(c.end(third) == Rv::kSuccess);
  REQUIRE(bench.a.again() == Verdict::kAnswer);
  CHECK(bench.a.answer<wire::Begin>().rv == Rv::kSuccess);
}

TEST_CASE("engine: a client does not wait for itself") {
  EngineBench bench;
  const auto one = bench.a.connect().card;
  CHECK(bench.a.begin(one) == Rv::kSuccess);
  const auto two = bench.a.connect();
  CHECK(two.rv == Rv::kSuccess);
  CHECK(bench.a.begin(two.card) == Rv::kSharingViolation);
  CHECK(bench.a.disconnect(two.card, wire::kReset) == Rv::kSharingViolation);
  CHECK(bench.a.disconnect(two.card) == Rv::kSuccess);
  CHECK(bench.a.end(one) == Rv::kSuccess);
}

TEST_CASE("engine: connect, and a disconnect that resets, wait for the end of a transaction") {
  EngineBench bench;
  FakeClient c(bench.engine);
  const auto mine = bench.a.connect().card;
  const auto theirs = bench.b.connect().card;
  c.establish();
  bench.card.log();
  CHECK(bench.a.begin(mine) == Rv::kSuccess);
  CHECK(c.send(Command::kConnect, c.connect_message("R 00 00", wire::kShared, 3)) == Verdict::kPark);
  CHECK(bench.b.send(Command::kDisconnect, wire::Disconnect{theirs, wire::kReset, {}}) == Verdict::kPark);
  CHECK(bench.card.log().empty());
  CHECK(bench.a.end(mine) == Rv::kSuccess);
  REQUIRE(c.again() == Verdict::kAnswer);
  CHECK(c.answer<wire::Connect>().rv == Rv::kSuccess);
  CHECK(bench.b.wakes > 0);
  REQUIRE(bench.b.again() == Verdict::kAnswer);
  CHECK(bench.card.log() == "reset");
  CHECK(bench.a.status(mine) == Rv::kResetCard);
}

TEST_CASE("engine: a disconnect that leaves the card does not wait, and does not end the transaction of another") {
  EngineBench bench;
  const auto mine = bench.a.connect().card;
  const auto theirs = bench.b.connect().card;
  CHECK(bench.a.begin(mine) == Rv::kSuccess);
  CHECK(bench.b.disconnect(theirs) == Rv::kSuccess);
  CHECK(bench.a.end(mine) == Rv::kSuccess);
}

TEST_CASE("engine: cancel ends the waiting for a transaction") {
  EngineBench bench;
  const auto mine = bench.a.connect().card;
  const auto theirs = bench.b.connect().card;
  FakeClient canceller(bench.engine);
  CHECK(bench.a.begin(mine) == Rv::kSuccess);
  CHECK(bench.b.send(Command::kBegin, wire::Begin{theirs, {}}) == Verdict::kPark);
  CHECK(canceller.ask(Command::kCancel, wire::Cancel{bench.b.context, {}}).rv == Rv::kSuccess);
  CHECK(bench.b.wakes > 0);
  REQUIRE(bench.b.again() == Verdict::kAnswer);
  CHECK(bench.b.answer<wire::Begin>().rv == Rv::kCancelled);
  CHECK(bench.a.end(mine) == Rv::kSuccess);
  CHECK(bench.b.begin(theirs) == Rv::kSuccess);  // an old cancel does not count
}

TEST_CASE("engine: who waits for a transaction learns that the card was removed or reset") {
  EngineBench bench;
  const auto mine = bench.a.connect().card;
  const auto theirs = bench.b.connect().card;
  CHECK(bench.a.begin(mine) == Rv::kSuccess);
  CHECK(bench.b.send(Command::kBegin, wire::Begin{theirs, {}}) == Verdict::kPark);
  SUBCASE("removed") {
    bench.eject(0);
    CHECK(bench.b.wakes > 0);
    REQUIRE(bench.b.again() == Verdict::kAnswer);
    CHECK(bench.b.answer<wire::Begin>().rv == Rv::kRemovedCard);
    CHECK(bench.a.end(mine) == Rv::kRemovedCard);
    bench.insert(0);
    CHECK(bench.b.reconnect(theirs, wire::kLeave).rv == Rv::kSuccess);
    CHECK(bench.b.begin(theirs) == Rv::kSuccess);  // the removal ended the transaction
  }
  SUBCASE("reset") {
    CHECK(bench.a.reconnect(mine, wire::kReset).rv == Rv::kSuccess);
    REQUIRE(bench.b.again() == Verdict::kAnswer);
    CHECK(bench.b.answer<wire::Begin>().rv == Rv::kResetCard);
    CHECK(bench.a.end(mine) == Rv::kSuccess);
  }
}

TEST_CASE("engine: while a card works, the others who want it are parked, and those who do not are served") {
  EngineBench bench;
  FakeClient c(bench.engine);
  bench.insert(1);
  const auto mine = bench.a.connect().card;
  const auto theirs = bench.b.connect().card;
  const auto third = c.connect().card;
  const auto elsewhere = c.connect("R 00 01").card;
  bench.card.log();
  const auto command = "00B0000003"_h;
  bench.a.hold = true;
  CHECK(bench.a.send(Command::kTransmit, FakeClient::transmit_message(mine, 5), command) == Verdict::kCard);
  CHECK(bench.b.send(Command::kTransmit, FakeClient::transmit_message(theirs, 5), command) == Verdict::kPark);
  CHECK(c.transmit(elsewhere, command) == Rv::kSuccess);
  CHECK(c.status(third) == Rv::kSuccess);
  CHECK(c.send(Command::kReconnect, wire::Reconnect{third, wire::kShared, 3, wire::kReset, 0, {}}) == Verdict::kPark);
  CHECK(c.again() == Verdict::kPark);
  CHECK(bench.b.wakes == 0);
  CHECK(bench.a.work() == Verdict::kAnswer);
  CHECK(bench.b.wakes > 0);
  CHECK(c.again() == Verdict::kPark);  // the other one came first
  CHECK(bench.b.again() == Verdict::kAnswer);
  CHECK(bench.b.answer<wire::Transmit>().rv == Rv::kSuccess);
  CHECK(c.wakes > 0);
  CHECK(c.again() == Verdict::kAnswer);
  CHECK(bench.card.log() == "00B0000003 00B0000003 reset");
}

TEST_CASE("engine: an eject waits for the card to finish its command") {
  EngineBench bench;
  const auto mine = bench.a.connect().card;
  bench.a.hold = true;
  bench.card.log();
  CHECK(bench.a.send(Command::kTransmit, FakeClient::transmit_message(mine, 5), "00B0000003"_h) == Verdict::kCard);
  CHECK(bench.engine.eject(bench.admin.client(), 0, bench.admin.step) == Verdict::kPark);
  CHECK(bench.a.work() == Verdict::kAnswer);
  CHECK(bench.a.answer<wire::Transmit>().rv == Rv::kSuccess);
  CHECK(bench.admin.wakes > 0);
  bench.eject(0);
  CHECK(bench.card.log() == "00B0000003 off");
}

TEST_CASE("engine: a client that ends releases what it held") {
  EngineBench bench;
  const auto theirs = bench.b.connect().card;
  SUBCASE("a transaction: the card is reset, because its state is unknown") {
    FakeClient dying(bench.engine);
    const auto mine = dying.connect().card;
    CHECK(dying.begin(mine) == Rv::kSuccess);
    CHECK(bench.b.send(Command::kBegin, wire::Begin{theirs, {}}) == Verdict::kPark);
    bench.card.log();
    CHECK(dying.die() == Verdict::kAnswer);
    CHECK(bench.card.log() == "reset");
    CHECK(bench.b.wakes > 0);
    REQUIRE(bench.b.again() == Verdict::kAnswer);
    CHECK(bench.b.answer<wire::Begin>().rv == Rv::kResetCard);
  }
  SUBCASE("a handle without a transaction: the card is not reset") {
    FakeClient dying(bench.engine);
    dying.connect();
    bench.card.log();
    CHECK(bench.engine.state(0).sharing == 2);
    CHECK(dying.die() == Verdict::kAnswer);
    CHECK(bench.engine.state(0).sharing == 1);
    CHECK(bench.card.log().empty());
    CHECK(bench.b.status(theirs) == Rv::kSuccess);
  }
  SUBCASE("a place in the line: the next one moves up") {
    FakeClient dying(bench.engine);
    FakeClient last(bench.engine);
    const auto first = bench.a.connect().card;
    const auto second = dying.connect().card;
    const auto third = last.connect().card;
    CHECK(bench.a.begin(first) == Rv::kSuccess);
    CHECK(dying.send(Command::kBegin, wire::Begin{second, {}}) == Verdict::kPark);
    CHECK(last.send(Command::kBegin, wire::Begin{third, {}}) == Verdict::kPark);
    CHECK(bench.a.end(first) == Rv::kSuccess);
    CHECK(last.again() == Verdict::kPark);
    CHECK(dying.die() == Verdict::kAnswer);
    CHECK(last.wakes > 0);
    CHECK(last.again() == Verdict::kAnswer);
    CHECK(last.answer<wire::Begin>().rv == Rv::kSuccess);
  }
  SUBCASE("exclusive use") {
    CHECK(bench.b.disconnect(theirs) == Rv::kSuccess);
    FakeClient dying(bench.engine);
    CHECK(dying.connect("R 00 00", wire::kExclusive).rv == Rv::kSuccess);
    bench.card.log();
    CHECK(dying.die() == Verdict::kAnswer);
    CHECK(bench.card.log() == "reset");
    CHECK(bench.b.connect("R 00 00", wire::kExclusive).rv == Rv::kSuccess);
  }
  SUBCASE("a removed card is not reset") {
    FakeClient dying(bench.engine);
    const auto mine = dying.connect().card;
    CHECK(dying.begin(mine) == Rv::kSuccess);
    bench.eject(0);
    bench.card.log();
    CHECK(dying.die() == Verdict::kAnswer);
    CHECK(bench.card.log().empty());
  }
}

TEST_CASE("engine: a death waits until the card is free for its reset") {
  EngineBench bench;
  FakeClient dying(bench.engine);
  bench.b.establish();
  bench.b.hold = true;
  CHECK(bench.b.send(Command::kConnect, bench.b.connect_message("R 00 00", wire::kShared, 3)) == Verdict::kCard);
  const auto direct = dying.connect("R 00 00", wire::kDirect);
  CHECK(dying.begin(direct.card) == Rv::kSuccess);
  CHECK(dying.die() == Verdict::kPark);
  CHECK(bench.b.work() == Verdict::kAnswer);
  CHECK(dying.wakes > 0);
  CHECK(dying.die() == Verdict::kAnswer);
  CHECK(bench.card.log() == "reset reset");
}

TEST_CASE("engine: releasing a context closes its handles") {
  EngineBench bench;
  bench.insert(1);
  const auto one = bench.a.connect().card;
  const auto two = bench.a.connect("R 00 01").card;
  CHECK(bench.a.begin(one) == Rv::kSuccess);
  CHECK(bench.a.begin(two) == Rv::kSuccess);
  bench.card.log();
  bench.other.log();
  CHECK(bench.a.ask(Command::kRelease, wire::Release{bench.a.context + 1, {}}).rv == Rv::kInvalidValue);
  CHECK(bench.a.ask(Command::kRelease, wire::Release{bench.a.context, {}}).rv == Rv::kSuccess);
  CHECK(bench.card.log() == "reset");
  CHECK(bench.other.log() == "reset");
  CHECK(bench.a.status(one) == Rv::kInvalidHandle);
  CHECK(bench.a.ask(Command::kRelease, wire::Release{bench.a.context, {}}).rv == Rv::kInvalidHandle);
  CHECK(bench.engine.state(0).sharing == 0);
}

TEST_CASE("engine: an event reaches who waits for it, once") {
  EngineBench bench;
  bench.a.establish();
  REQUIRE(bench.a.send(Command::kWait) == Verdict::kAnswer);
  CHECK(bench.a.step.answer.size() == 16 * sizeof(wire::ReaderState));
  bench.insert(1);
  CHECK(bench.a.signals == std::vector{Rv::kSuccess});
  bench.eject(1);
  CHECK(bench.a.signals.size() == 1);

  SUBCASE("the end of waiting after an event has no separate answer: the event is the answer") {
    REQUIRE(bench.a.send(Command::kStopWaiting) == Verdict::kAnswer);
    CHECK(bench.a.step.answer.empty());
  }
  SUBCASE("the end of waiting without an event is answered") {
    REQUIRE(bench.a.send(Command::kWait) == Verdict::kAnswer);
    REQUIRE(bench.a.send(Command::kStopWaiting) == Verdict::kAnswer);
    CHECK(bench.a.answer<wire::WaitEnd>().rv == Rv::kSuccess);
    bench.insert(1);
    CHECK(bench.a.signals.size() == 1);
  }
  SUBCASE("the use of a reader is an event as well") {
    REQUIRE(bench.a.send(Command::kWait) == Verdict::kAnswer);
    const auto card = bench.b.connect().card;
    CHECK(bench.a.signals.size() == 2);
    REQUIRE(bench.a.send(Command::kWait) == Verdict::kAnswer);
    CHECK(bench.b.transmit(card, "00B0000003"_h) == Rv::kSuccess);
    CHECK(bench.a.signals.size() == 2);
    CHECK(bench.b.disconnect(card) == Rv::kSuccess);
    CHECK(bench.a.signals.size() == 3);
  }
  SUBCASE("cancel") {
    FakeClient canceller(bench.engine);
    CHECK(canceller.ask(Command::kCancel, wire::Cancel{bench.a.context, {}}).rv == Rv::kSuccess);
    CHECK(bench.a.signals.size() == 1);  // it does not wait any more
    REQUIRE(bench.a.send(Command::kWait) == Verdict::kAnswer);
    CHECK(canceller.ask(Command::kCancel, wire::Cancel{bench.a.context, {}}).rv == Rv::kSuccess);
    CHECK(bench.a.signals == std::vector{Rv::kSuccess, Rv::kCancelled});
    CHECK(canceller.ask(Command::kCancel, wire::Cancel{bench.a.context + 1, {}}).rv == Rv::kInvalidHandle);
    CHECK(canceller.ask(Command::kCancel, wire::Cancel{0, {}}).rv == Rv::kInvalidHandle);
  }
  SUBCASE("the dead get none") {
    REQUIRE(bench.a.send(Command::kWait) == Verdict::kAnswer);
    CHECK(bench.a.die() == Verdict::kAnswer);
    bench.insert(1);
    CHECK(bench.a.signals.size() == 1);
  }
}

TEST_CASE("engine: a client of 4:6 gets no event before it has the states, which tell it") {
  EngineBench bench;
  CHECK(bench.a.ask(Command::kVersion, wire::Version{4, 6, {}}).rv == Rv::kSuccess);
  REQUIRE(bench.a.send(Command::kWait) == Verdict::kAnswer);
  CHECK(bench.a.step.answer.empty());
  bench.insert(1);
  CHECK(bench.a.signals.empty());
  REQUIRE(bench.a.send(Command::kReadersSize) == Verdict::kAnswer);
  CHECK(bench.a.answer<std::int32_t>() == 16);
  REQUIRE(bench.a.send(Command::kReadersArray) == Verdict::kAnswer);
  CHECK(bench.a.step.answer.size() == 16 * sizeof(wire::ReaderState));
  bench.eject(1);
  CHECK(bench.a.signals.size() == 1);
  REQUIRE(bench.a.send(Command::kWait) == Verdict::kAnswer);
  REQUIRE(bench.a.send(Command::kStopWaiting) == Verdict::kAnswer);
  CHECK(bench.a.answer<wire::WaitEnd>().rv == Rv::kSuccess);
}

TEST_CASE("engine: the protocol versions of pcsc-lite 1.8.24 to 2.5 are spoken, others are refused with the newest one") {
  EngineBench bench;
  for (std::int32_t minor : {4, 5, 6}) {
    const auto answer = bench.a.ask(Command::kVersion, wire::Version{4, minor, {}});
    CHECK(answer.rv == Rv::kSuccess);
    CHECK(answer.major == 4);
    CHECK(answer.minor == minor);
  }
  for (const auto& [major, minor] : {std::pair{4, 3}, {4, 7}, {4, -1}, {3, 4}, {5, 4}, {0, 0}, {-4, 5}}) {
    const auto answer = bench.a.ask(Command::kVersion, wire::Version{major, minor, {}});
    CHECK(answer.rv == Rv::kServiceStopped);
    CHECK(answer.major == 4);
    CHECK(answer.minor == 6);
  }
}

TEST_CASE("engine: clients before 4:6 see 16 readers, those since see all") {
  CardStub card;
  std::vector<ReaderConfig> readers;
  for (int i = 0; i < 20; ++i) readers.push_back({"R " + std::to_string(i), &card});
  Engine engine(readers, 1);
  FakeClient a(engine);
  REQUIRE(a.send(Command::kReadersState) == Verdict::kAnswer);
  CHECK(a.step.answer.size() == 16 * sizeof(wire::ReaderState));
  CHECK(std::string(a.answer<wire::ReaderState>().name.data()) == "R 0");
  REQUIRE(a.send(Command::kReadersSize) == Verdict::kAnswer);
  CHECK(a.answer<std::int32_t>() == 20);
  REQUIRE(a.send(Command::kReadersArray) == Verdict::kAnswer);
  CHECK(a.step.answer.size() == 20 * sizeof(wire::ReaderState));
  CHECK(a.ask(Command::kVersion, wire::Version{4, 5, {}}).rv == Rv::kSuccess);
  REQUIRE(a.send(Command::kReaderEvents) == Verdict::kAnswer);
  CHECK(a.answer<wire::ReaderEvents>().events == 20);
}

TEST_CASE("engine: attributes and features") {
  EngineBench bench;
  const auto card = bench.a.connect().card;
  const auto get = [&](std::uint32_t id, std::uint32_t room = 264) {
    return bench.a.ask(Command::kGetAttribute, wire::Attribute{card, id, {}, room, {}});
  };
  const auto value = [&](std::uint32_t id) {
    const auto answer = get(id);
    REQUIRE(answer.rv == Rv::kSuccess);
    return to_hex(BytesView(answer.value).first(answer.size));
  };
  CHECK(value(0x00090303) == "3B021450");
  CHECK(value(0x00090300) == "02");
  CHECK(value(0x00090301) == "01");
  CHECK(value(0x7FFF0003) == "5220303020303000");
  CHECK(value(0x00010100) == to_hex(as_bytes("uicclab")));
  CHECK(value(0x00080201) == "01000000");
  CHECK(get(0x00090303, 4).rv == Rv::kSuccess);
  CHECK(get(0x00090303, 3).rv == Rv::kInsufficientBuffer);
  CHECK(get(0x00090303, 3).size == 4);
  CHECK(get(0x00010103).rv == Rv::kUnsupportedFeature);
  CHECK(bench.a.ask(Command::kSetAttribute, wire::Attribute{card, 0x00090303, {}, 4, {}}).rv == Rv::kUnsupportedFeature);
  CHECK(bench.a.send(Command::kGetAttribute, wire::Attribute{card, 0x00090303, {}, 265, {}}) == Verdict::kDrop);
  CHECK(bench.a.send(Command::kSetAttribute, wire::Attribute{card, 0x00090303, {}, 265, {}}) == Verdict::kDrop);

  const auto control = [&](std::uint32_t code, std::uint32_t room = 264) {
    return bench.a.ask(Command::kControl, wire::Control{card, code, 0, room, 0, {}});
  };
  CHECK(control(0x42000D48).returned == 6);
  CHECK(to_hex(bench.a.data(sizeof(wire::Control))) == "120442000D49");
  CHECK(control(0x42000D49).rv == Rv::kSuccess);
  CHECK(to_hex(bench.a.data(sizeof(wire::Control))) ==
        "060100070100080775696363"
        "6C61620A0400000100");
  CHECK(control(0x42000D48, 5).rv == Rv::kInsufficientBuffer);
  CHECK(control(0x42000001).rv == Rv::kUnsupportedFeature);
  CHECK(bench.a.ask(Command::kControl, wire::Control{card + 1, 0x42000D48, 0, 9, 0, {}}).rv == Rv::kInvalidHandle);
}

TEST_CASE("engine: a context of an unknown scope is refused, a second one replaces the first") {
  EngineBench bench;
  CHECK(bench.a.ask(Command::kEstablish, wire::Establish{4, 0, {}}).rv == Rv::kInvalidValue);
  const auto first = bench.a.establish();
  const auto second = bench.a.establish();
  CHECK(first != second);
  CHECK(bench.a.ask(Command::kRelease, wire::Release{first, {}}).rv == Rv::kInvalidValue);
  CHECK(bench.a.ask(Command::kRelease, wire::Release{second, {}}).rv == Rv::kSuccess);
}
