// SPDX-License-Identifier: Apache-2.0
#include "engine_bench.hpp"

using namespace uicclab::test;
using namespace uicclab;
using namespace uicclab::literals;

TEST_CASE("engine: an inserted card is reset for its ATR and off again; the first connect powers it") {
  EngineBench bench;
  bench.insert(1);
  CHECK(bench.other.log() == "reset off");
  const auto state = bench.engine.state(1);
  CHECK(state.state == (wire::kPresent | wire::kPowered | wire::kNegotiable));
  CHECK(state.atr_size == 4);
  CHECK(state.event_counter == 1);

  const auto first = bench.a.connect("R 00 01");
  CHECK(first.rv == Rv::kSuccess);
  CHECK(first.active_protocol == wire::kT0);
  CHECK(bench.other.log() == "reset");
  CHECK(bench.b.connect("R 00 01").rv == Rv::kSuccess);
  CHECK(bench.other.log().empty());
  CHECK(bench.engine.state(1).sharing == 2);
}

TEST_CASE("engine: the first protocol of the ATR is taken if the client allows it, else the other one (ISO/IEC 7816-3 clause 6.3.1)") {
  EngineBench bench;
  const auto connect = [&bench](BytesView atr, std::uint32_t allowed) {
    bench.eject(0);
    bench.card.atr = to_bytes(atr);
    bench.insert(0);
    bench.card.log();
    FakeClient client(bench.engine);
    const auto answer = client.connect("R 00 00", wire::kShared, allowed);
    if (answer.rv == Rv::kSuccess) client.disconnect(answer.card, wire::kUnpower);
    return std::pair{answer.rv, answer.active_protocol};
  };
  const auto both = "3B80 80 01 01"_h;
  const auto t1_first = "3B80 81 10 00 11"_h;
  const auto t1_only = "3B80 01 81"_h;
  CHECK(connect(both, 3) == std::pair{Rv::kSuccess, std::uint32_t{wire::kT0}});
  CHECK(bench.card.log() == "reset off");
  CHECK(connect(both, 2) == std::pair{Rv::kSuccess, std::uint32_t{wire::kT1}});
  CHECK(bench.card.log() == "reset T=1 off");
  CHECK(connect(t1_only, 3) == std::pair{Rv::kSuccess, std::uint32_t{wire::kT1}});
  CHECK(connect(t1_only, 1).first == Rv::kProtoMismatch);
  CHECK(connect(t1_first, wire::kAnyOld).second != 0);
  CHECK(connect(both, wire::kRaw) == std::pair{Rv::kSuccess, std::uint32_t{wire::kRaw}});
  CHECK(connect(both, 7).second == wire::kT0);
  CHECK(connect(both, 0).first == Rv::kProtoMismatch);
  bench.card.refuse_protocol = true;
  CHECK(connect(both, 2).first == Rv::kProtoMismatch);
  CHECK(connect("3B"_h, 1) == std::pair{Rv::kSuccess, std::uint32_t{wire::kT0}});
}

TEST_CASE("engine: a client that took the card RAW leaves it free for T=0 and T=1") {
  EngineBench bench;
  bench.eject(0);
  bench.card.atr = to_bytes("3B80 80 01 01"_h);
  bench.insert(0);
  const auto connect = [&bench](std::uint32_t protocols) {
    FakeClient client(bench.engine);
    const auto answer = client.connect("R 00 00", wire::kShared, protocols);
    if (answer.rv == Rv::kSuccess) client.disconnect(answer.card);
    return std::pair{answer.rv, answer.active_protocol};
  };
  const auto raw = bench.a.connect("R 00 00", wire::kShared, wire::kRaw);
  REQUIRE(raw.active_protocol == wire::kRaw);
  CHECK(connect(3).first == Rv::kProtoMismatch);  // as long as it is there
  bench.a.disconnect(raw.card);
  CHECK(bench.engine.state(0).protocol == wire::kNone);
  CHECK(connect(wire::kT1) == std::pair{Rv::kSuccess, std::uint32_t{wire::kT1}});
  CHECK(connect(wire::kRaw) == std::pair{Rv::kSuccess, std::uint32_t{wire::kRaw}});
  // What the card speaks was chosen before RAW, and lasts until a reset.
  CHECK(connect(3) == std::pair{Rv::kSuccess, std::uint32_t{wire::kT1}});
  CHECK(connect(wire::kT0).first == Rv::kProtoMismatch);
  SUBCASE("a client that dies") {
    FakeClient client(bench.engine);
    REQUIRE(client.connect("R 00 00", wire::kShared, wire::kRaw).rv == Rv::kSuccess);
    CHECK(client.die() == Verdict::kAnswer);
    CHECK(connect(3).second == wire::kT1);
  }
  SUBCASE("exclusively") {
    const auto alone = bench.b.connect("R 00 00", wire::kExclusive, wire::kRaw);
    REQUIRE(alone.rv == Rv::kSuccess);
    bench.b.disconnect(alone.card, wire::kReset);
    CHECK(connect(wire::kT0) == std::pair{Rv::kSuccess, std::uint32_t{wire::kT0}});
  }
}

TEST_CASE("engine: an idle card is reported, and switched off") {
  EngineBench bench;
  std::vector<std::size_t> idle;
  bench.engine.on_idle([&idle](std::size_t reader) { idle.push_back(reader); });
  const auto power_down = [&bench] {
    CHECK(bench.admin.proceed(bench.engine.power_down(bench.admin.client(), 0, bench.admin.step)) == Verdict::kAnswer);
    return bench.card.log();
  };
  CHECK(power_down().empty());  // it is off
  const auto a = bench.a.connect().card;
  const auto b = bench.b.connect().card;
  CHECK(bench.a.transmit(a, "00B0000001"_h) == Rv::kSuccess);
  bench.a.disconnect(a);
  CHECK(idle.empty());
  bench.card.log();
  CHECK(power_down().empty());  // it is in use
  bench.b.disconnect(b);
  REQUIRE_FALSE(idle.empty());
  CHECK(idle.back() == 0);
  CHECK(power_down() == "off");
  CHECK(bench.engine.state(0).protocol == wire::kNone);
  CHECK((bench.engine.state(0).state & wire::kPresent) != 0);
  CHECK(power_down().empty());
  CHECK(bench.a.connect().rv == Rv::kSuccess);
  CHECK(bench.card.log() == "reset");
  SUBCASE("a client that dies leaves it idle") {
    idle.clear();
    CHECK(bench.a.die() == Verdict::kAnswer);
    CHECK_FALSE(idle.empty());
  }
}

TEST_CASE("engine: a reader is unplugged and comes back") {
  EngineBench bench;
  auto& a = bench.a;
  const auto administer = [&bench](Verdict (Engine::*operation)(Engine::Client&, std::size_t, Step&)) {
    REQUIRE(bench.admin.proceed((bench.engine.*operation)(bench.admin.client(), 0, bench.admin.step)) == Verdict::kAnswer);
  };
  const auto events = [&a] { return a.ask(Command::kReaderEvents, wire::ReaderEvents{}).events; };
  CHECK(events() == 2);
  const auto card = a.connect().card;
  const auto waits = bench.b.connect("R 00 00", wire::kDirect, 0).card;
  REQUIRE(a.begin(card) == Rv::kSuccess);
  CHECK(bench.b.send(Command::kBegin, wire::Begin{waits, {}}) == Verdict::kPark);
  FakeClient watcher(bench.engine);
  watcher.establish();
  CHECK(watcher.send(Command::kWait) == Verdict::kAnswer);
  bench.card.log();

  administer(&Engine::unplug);
  CHECK(bench.card.log() == "off");
  CHECK(watcher.signals.size() == 1);
  CHECK(events() == 3);
  CHECK_FALSE(bench.engine.is_plugged(0));
  CHECK(bench.engine.state(0).name[0] == '\0');
  CHECK(bench.engine.state(1).name[0] == 'R');
  CHECK(a.connect().rv == Rv::kUnknownReader);
  CHECK(a.transmit(card, "00B0000001"_h) == Rv::kInvalidValue);
  CHECK(a.status(card) == Rv::kInvalidValue);
  CHECK(a.begin(card) == Rv::kInvalidValue);
  CHECK(a.end(card) == Rv::kInvalidValue);
  CHECK(a.reconnect(card, wire::kLeave).rv == Rv::kInvalidValue);
  CHECK(bench.b.wakes > 0);
  CHECK(bench.b.again() == Verdict::kAnswer);  // who waited for the lock does not wait for ever
  CHECK(bench.b.answer<wire::Begin>().rv == Rv::kInvalidValue);
  administer(&Engine::unplug);
  bench.insert(0);  // there is no reader for it
  CHECK(events() == 3);
  CHECK(bench.card.log().empty());

  administer(&Engine::plug);
  CHECK(events() == 4);
  CHECK(bench.card.log() == "reset off");
  const auto state = bench.engine.state(0);
  CHECK(state.state == (wire::kPresent | wire::kPowered | wire::kNegotiable));
  CHECK(state.sharing == 0);
  CHECK(state.event_counter == 1);
  CHECK(a.transmit(card, "00B0000001"_h) == Rv::kInvalidValue);  // the old handle stays lost
  CHECK(a.disconnect(card) == Rv::kSuccess);
  CHECK(a.disconnect(card) == Rv::kInvalidHandle);
  const auto again = a.connect().card;
  CHECK(a.transmit(again, "00B0000001"_h) == Rv::kSuccess);
  administer(&Engine::plug);
  CHECK(a.transmit(again, "00B0000001"_h) == Rv::kSuccess);
  CHECK(events() == 4);

  bench.eject(0);
  administer(&Engine::unplug);
  administer(&Engine::plug);  // nothing was in it
  CHECK(bench.engine.state(0).state == wire::kAbsent);
}

TEST_CASE("engine: connect refuses what cannot be") {
  EngineBench bench;
  auto& a = bench.a;
  CHECK(a.ask(Command::kConnect, a.connect_message("R 00 00", 2, 3)).rv == Rv::kInvalidHandle);  // no context yet
  a.establish();
  CHECK(a.connect("R 00 02").rv == Rv::kUnknownReader);
  CHECK(a.connect("R 00 01").rv == Rv::kNoSmartcard);
  CHECK(a.connect("R 00 00", 0).rv == Rv::kInvalidValue);
  CHECK(a.connect("R 00 00", 4).rv == Rv::kInvalidValue);
  auto stranger = a.connect_message("R 00 00", 2, 3);
  stranger.context ^= 1;
  CHECK(a.ask(Command::kConnect, stranger).rv == Rv::kInvalidValue);
  const std::string endless(wire::kReaderNameSize, 'R');
  CHECK(a.ask(Command::kConnect, a.connect_message(endless, 2, 3)).rv == Rv::kUnknownReader);
  CHECK(bench.card.log().empty());
  bench.card.mute = true;
  CHECK(a.connect().rv == Rv::kUnpoweredCard);
  CHECK(bench.engine.state(0).state == (wire::kPresent | wire::kSwallowed));
  bench.card.mute = false;
  CHECK(a.connect().rv == Rv::kSuccess);
}

TEST_CASE("engine: a client has at most 200 handles") {
  EngineBench bench;
  for (int i = 0; i < 200; ++i) REQUIRE(bench.a.connect().rv == Rv::kSuccess);
  CHECK(bench.a.connect().rv == Rv::kNoMemory);
  CHECK(bench.b.connect().rv == Rv::kSuccess);
}

TEST_CASE("engine: direct mode needs no card") {
  EngineBench bench;
  const auto direct = bench.a.connect("R 00 01", wire::kDirect, 0);
  CHECK(direct.rv == Rv::kSuccess);
  CHECK(direct.active_protocol == 0);
  CHECK(bench.a.transmit(direct.card, "00B0000001"_h) == Rv::kNoSmartcard);
  bench.insert(1);
  CHECK(bench.a.transmit(direct.card, "00B0000001"_h) == Rv::kProtoMismatch);
  CHECK(bench.a.reconnect(direct.card, wire::kLeave).active_protocol == wire::kT0);
  CHECK(bench.a.transmit(direct.card, "00B0000001"_h) == Rv::kSuccess);
}

TEST_CASE("engine: exclusive use") {
  EngineBench bench;
  auto& a = bench.a;
  auto& b = bench.b;
  const auto mine = a.connect("R 00 00", wire::kExclusive);
  CHECK(mine.rv == Rv::kSuccess);
  CHECK(bench.engine.state(0).sharing == wire::kSharingExclusive);
  CHECK(b.connect().rv == Rv::kSharingViolation);
  CHECK(b.connect("R 00 00", wire::kDirect).rv == Rv::kSharingViolation);
  CHECK(a.reconnect(mine.card, wire::kLeave, wire::kShared).rv == Rv::kSuccess);
  const auto theirs = b.connect();
  CHECK(theirs.rv == Rv::kSuccess);
  CHECK(a.reconnect(mine.card, wire::kReset, wire::kExclusive).rv == Rv::kSharingViolation);
  CHECK(b.status(theirs.card) == Rv::kSuccess);  // the card was not reset for nothing
  CHECK(b.disconnect(theirs.card) == Rv::kSuccess);
  CHECK(a.reconnect(mine.card, wire::kLeave, wire::kExclusive).rv == Rv::kSuccess);
  CHECK(a.begin(mine.card) == Rv::kSuccess);
  CHECK(a.end(mine.card) == Rv::kSuccess);
  CHECK(a.end(mine.card) == Rv::kNotTransacted);  // exclusive use is no transaction
  CHECK(a.disconnect(mine.card) == Rv::kSuccess);
  CHECK(b.connect("R 00 00", wire::kExclusive).rv == Rv::kSuccess);
}

TEST_CASE("engine: exclusive use is refused while another handle is open") {
  EngineBench bench;
  const auto first = bench.a.connect();
  CHECK(bench.b.connect("R 00 00", wire::kExclusive).rv == Rv::kSharingViolation);
  bench.a.disconnect(first.card);
  CHECK(bench.b.connect("R 00 00", wire::kExclusive).rv == Rv::kSuccess);
}

TEST_CASE("engine: transmit carries a command there and the answer back") {
  EngineBench bench;
  bench.card.on_command = [](BytesView) { return to_bytes("A1A2A3 9000"_h); };
  const auto card = bench.a.connect().card;
  bench.card.log();
  CHECK(bench.a.transmit(card, "00B0000003"_h) == Rv::kSuccess);
  CHECK(bench.card.log() == "00B0000003");
  CHECK(bench.a.answer<wire::Transmit>().receive_size == 5);
  CHECK(to_hex(bench.a.data(sizeof(wire::Transmit))) == "A1A2A39000");

  SUBCASE("an answer of just the room is taken, one byte more is not") {
    CHECK(bench.a.transmit(card, "00B0000003"_h, 1, 5) == Rv::kSuccess);
    CHECK(bench.a.transmit(card, "00B0000003"_h, 1, 4) == Rv::kInsufficientBuffer);
    CHECK(bench.a.answer<wire::Transmit>().receive_size == 5);
    CHECK(bench.a.step.answer.size() == sizeof(wire::Transmit));
  }
  SUBCASE("the longest extended APDU goes through (ISO/IEC 7816-3 clause 12.1.3)") {
    bench.card.on_command = [](BytesView) { return Bytes(65538, 0x55); };
    const Bytes longest(4 + 3 + 65535 + 2, 0xAA);
    CHECK(bench.a.transmit(card, longest, 1, 65538) == Rv::kSuccess);
    CHECK(bench.a.step.answer.size() == sizeof(wire::Transmit) + 65538);
  }
  SUBCASE("what is wrong does not reach the card") {
    CHECK(bench.a.transmit(card, {}) == Rv::kInvalidParameter);
    CHECK(bench.a.transmit(card, "00B0000003"_h, 2) == Rv::kProtoMismatch);
    CHECK(bench.a.transmit(card ^ 1, "00B0000003"_h) == Rv::kInvalidHandle);
    CHECK(bench.b.transmit(card, "00B0000003"_h) == Rv::kInvalidHandle);  // somebody else's handle
    CHECK(bench.card.log().empty());
  }
  SUBCASE("a card that fails or answers less than a status word") {
    bench.card.on_command = [](BytesView) -> Result<Bytes> { return fail(ErrorCode::kIo, "gone"); };
    CHECK(bench.a.transmit(card, "00B0000003"_h) == Rv::kNotTransacted);
    bench.card.on_command = [](BytesView) { return Bytes{0x90}; };
    CHECK(bench.a.transmit(card, "00B0000003"_h) == Rv::kNotTransacted);
    bench.card.on_command = [](BytesView) -> Result<Bytes> { throw SystemError("broken"); };
    CHECK(bench.a.transmit(card, "00B0000003"_h) == Rv::kNotTransacted);
  }
}

TEST_CASE("engine: if a card throws anything, the transmit fails and the service continues") {
  EngineBench bench;
  bench.insert(0);
  const auto card = bench.a.connect("R 00 00");
  REQUIRE(card.rv == Rv::kSuccess);
  struct NoException {};
  const std::vector<std::function<Result<Bytes>(BytesView)>> thrown{
      [](BytesView) -> Result<Bytes> { throw std::bad_alloc(); },
      [](BytesView) -> Result<Bytes> { throw std::runtime_error("a text"); },
      [](BytesView) -> Result<Bytes> { throw NoException{}; },
  };
  for (const auto& throws : thrown) {
    bench.card.on_command = throws;
    CHECK(bench.a.transmit(card.card, "00A40000"_h) != Rv::kSuccess);
  }
  bench.card.on_command = [](BytesView) { return Bytes{0x90, 0x00}; };
  CHECK(bench.b.connect("R 00 00").rv == Rv::kSuccess);
}

TEST_CASE("engine: a reset is reported to every other handle until it reconnects") {
  EngineBench bench;
  auto& a = bench.a;
  auto& b = bench.b;
  const auto mine = a.connect().card;
  const auto theirs = b.connect().card;
  bench.card.log();
  SUBCASE("by reconnect") {
    CHECK(a.reconnect(mine, wire::kReset).rv == Rv::kSuccess);
    CHECK(bench.card.log() == "reset");
    CHECK(a.status(mine) == Rv::kSuccess);
    CHECK(b.status(theirs) == Rv::kResetCard);
    CHECK(b.transmit(theirs, "00B0000003"_h) == Rv::kResetCard);
    CHECK(b.begin(theirs) == Rv::kResetCard);
    CHECK(b.ask(Command::kGetAttribute, wire::Attribute{theirs, 0x00090303, {}, 264, {}}).rv == Rv::kResetCard);
    CHECK(b.reconnect(theirs, wire::kLeave).rv == Rv::kSuccess);
    CHECK(b.status(theirs) == Rv::kSuccess);
    CHECK(bench.card.log().empty());
  }
  SUBCASE("by a cold reset") {
    CHECK(a.reconnect(mine, wire::kUnpower).rv == Rv::kSuccess);
    CHECK(bench.card.log() == "off reset");
    CHECK(b.status(theirs) == Rv::kResetCard);
  }
  SUBCASE("by disconnect") {
    CHECK(a.disconnect(mine, wire::kReset) == Rv::kSuccess);
    CHECK(bench.card.log() == "reset");
    CHECK(b.status(theirs) == Rv::kResetCard);
  }
  SUBCASE("by the end of a transaction, which asks the one who ended it to reconnect too, as pcscd does") {
    CHECK(a.begin(mine) == Rv::kSuccess);
    CHECK(a.end(mine, wire::kReset) == Rv::kSuccess);
    CHECK(bench.card.log() == "reset");
    CHECK(b.status(theirs) == Rv::kResetCard);
    CHECK(a.status(mine) == Rv::kResetCard);
  }
  SUBCASE("but not by leaving, nor by an eject without a motor") {
    CHECK(a.disconnect(mine, wire::kEject) == Rv::kSuccess);
    CHECK(bench.card.log().empty());
    CHECK(b.status(theirs) == Rv::kSuccess);
  }
}

TEST_CASE("engine: unpower leaves the card off until somebody connects") {
  EngineBench bench;
  const auto mine = bench.a.connect().card;
  bench.card.log();
  CHECK(bench.a.disconnect(mine, wire::kUnpower) == Rv::kSuccess);
  CHECK(bench.card.log() == "off");
  CHECK(bench.engine.state(0).state == wire::kPresent);
  CHECK(bench.engine.state(0).protocol == 0);
  CHECK(bench.a.connect().rv == Rv::kSuccess);
  CHECK(bench.card.log() == "reset");
}

TEST_CASE("engine: wrong dispositions and handles are refused") {
  EngineBench bench;
  const auto card = bench.a.connect().card;
  CHECK(bench.a.disconnect(card, 4) == Rv::kInvalidValue);
  CHECK(bench.a.end(card, 4) == Rv::kInvalidValue);
  CHECK(bench.a.end(card) == Rv::kNotTransacted);
  CHECK(bench.a.reconnect(card, wire::kEject).rv == Rv::kInvalidValue);
  CHECK(bench.a.reconnect(card, wire::kLeave, 7).rv == Rv::kInvalidValue);
  CHECK(bench.a.reconnect(card, wire::kLeave, wire::kShared, 0).rv == Rv::kProtoMismatch);
  CHECK(bench.a.reconnect(card, wire::kLeave, wire::kShared, wire::kT1).rv == Rv::kProtoMismatch);
  CHECK(bench.a.reconnect(card, wire::kReset, wire::kShared, wire::kT1).rv == Rv::kProtoMismatch);
  for (std::int32_t wrong : {0, -1, card + 1}) {
    CHECK(bench.a.disconnect(wrong) == Rv::kInvalidHandle);
    CHECK(bench.a.end(wrong) == Rv::kInvalidHandle);
    CHECK(bench.a.begin(wrong) == Rv::kInvalidHandle);
    CHECK(bench.a.status(wrong) == Rv::kInvalidHandle);
    CHECK(bench.a.reconnect(wrong, wire::kLeave).rv == Rv::kInvalidHandle);
  }
}

TEST_CASE("engine: a removed card is reported to its handles, and a new one needs a reconnect") {
  EngineBench bench;
  const auto card = bench.a.connect().card;
  bench.card.log();
  bench.eject(0);
  CHECK(bench.card.log() == "off");
  CHECK(bench.engine.state(0).state == wire::kAbsent);
  CHECK(bench.engine.state(0).atr_size == 0);
  CHECK(bench.engine.state(0).event_counter == 2);
  CHECK(bench.a.transmit(card, "00B0000003"_h) == Rv::kRemovedCard);
  CHECK(bench.a.reconnect(card, wire::kReset).rv == Rv::kNoSmartcard);
  bench.insert(0);
  CHECK(bench.a.status(card) == Rv::kRemovedCard);
  CHECK(bench.a.reconnect(card, wire::kLeave).rv == Rv::kSuccess);
  CHECK(bench.card.log() == "reset off reset");
  CHECK(bench.a.status(card) == Rv::kSuccess);
  bench.eject(0);
  CHECK(bench.a.disconnect(card, wire::kReset) == Rv::kSuccess);
  CHECK(bench.card.log() == "off");
  bench.eject(0);  // an empty reader stays empty
  CHECK(bench.engine.state(0).event_counter == 4);
}

TEST_CASE("engine: a reset that no client asked for is reported to all handles; a card that is off or removed remains so") {
  EngineBench bench;
  const auto reset = [&] {
    REQUIRE(bench.admin.proceed(bench.engine.reset(bench.admin.client(), 0, bench.admin.step)) == Verdict::kAnswer);
  };
  reset();
  CHECK(bench.card.log().empty());
  const auto a = bench.a.connect().card;
  const auto b = bench.b.connect().card;
  REQUIRE(bench.b.begin(b) == Rv::kSuccess);  // a transaction does not protect from it
  bench.card.log();
  reset();
  CHECK(bench.card.log() == "reset");
  CHECK(bench.a.status(a) == Rv::kSharingViolation);
  CHECK(bench.b.transmit(b, "00B0000003"_h) == Rv::kResetCard);
  CHECK(bench.b.reconnect(b, wire::kLeave).rv == Rv::kSuccess);
  CHECK(bench.b.end(b) == Rv::kSuccess);
  CHECK(bench.a.status(a) == Rv::kResetCard);
  bench.card.log();
  bench.eject(0);
  bench.card.log();
  reset();
  CHECK(bench.card.log().empty());
  CHECK(bench.a.status(a) == Rv::kRemovedCard);
}

TEST_CASE("engine: a card that does not answer when it is put in is mute, and every connect tries it again") {
  EngineBench bench;
  bench.other.mute = true;
  bench.insert(1);
  CHECK(bench.engine.state(1).state == (wire::kPresent | wire::kSwallowed));
  CHECK(bench.a.connect("R 00 01").rv == Rv::kUnpoweredCard);
  bench.other.mute = false;
  CHECK(bench.a.connect("R 00 01").rv == Rv::kSuccess);
}

TEST_CASE("engine: readers need names of their own") {
  CardStub card;
  CHECK_THROWS_AS((Engine{{{"", &card}}, 1}), SystemError);
  CHECK_THROWS_AS((Engine{{{std::string(128, 'x'), &card}}, 1}), SystemError);
  CHECK_THROWS_AS((Engine{{{"R", &card}, {"R", &card}}, 1}), SystemError);
}
