// SPDX-License-Identifier: Apache-2.0
// A transaction is an object: what is not committed is rolled back, whatever the command's result, and no exception leaves the
// card.
#include "emulator/transaction.hpp"

#include <doctest/doctest.h>

#include "emulator/power_cut_port.hpp"
#include "emulator/remote/remote_session.hpp"
#include "tests/support/acting_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using test::Acting;
using test::acting_image;
using test::kSelectActing;
using test::steps;
using test::Terminal;

namespace {

/// A store that counts its commits.
struct CountingStore final : NvmStore {
  explicit CountingStore(int& count) : commits(count) {}
  std::vector<Change> load() override { return {}; }
  void commit(std::span<const Change> /*changes*/) override { ++commits; }
  int& commits;
};

/// A terminal before the acting application, which is selected.
struct Stage {
  explicit Stage(bool writes_at_once = false, std::unique_ptr<NvmStore> store = nullptr)
      : acting{writes_at_once, {}, {}, {}, 0}, terminal(acting_image(acting), Protocol::kT1, std::move(store)) {
    REQUIRE(terminal.send(kSelectActing) == "9000");
    acting.ends.clear();
  }
  std::string act(std::string_view text) { return terminal.send(steps(text)); }
  /// Value of an object, "" if there is none.
  std::string object(int slot) {
    const auto value = terminal.card.nvm().read(ObjectId(Space::kApplet, test::kActing, static_cast<std::uint32_t>(slot)));
    return value ? to_hex(*value) : "";
  }

  Acting acting;
  Terminal terminal;
};

const std::vector<std::string> kThrown{"1", "2", "3", "4"};

}  // namespace

TEST_CASE("CREATE FILE that a quota refuses leaves the channel where it was (GP clause 9.7, TS 102 222 clause 6.3)") {
  Acting acting;
  const std::uint32_t in_files = 2 * FileSystem::kFileOverhead + 3;
  Terminal t(acting_image(acting, in_files + 20));
  REQUIRE(t.send(kSelectActing) == "9000");
  CHECK(t.send("00A4000C026F07") == "9000");
  const char* const create_ef = "00E00000186216820241218302 6F998A0105 8B032F0601 80020010 8800";
  CHECK(t.send(create_ef) == "6A84");
  CHECK(t.send("00B0000003") == "1111119000");
  CHECK(t.send("00A4000C026F99") == "6A82");
  // A DF likewise.
  CHECK(t.send("00E000001E621C82027821 83027F99 8A0105 8B032F0601 81020100 C60690010083 0101") == "6A84");
  CHECK(t.send("00B0870003") == "1111119000");
}

TEST_CASE("an exception between two writes leaves nothing for the next command to commit, and answers 6F00") {
  for (const std::string& thrown : kThrown) {
    CAPTURE(thrown);
    Stage s;
    CHECK(s.act("w 01 55") == "9000");
    CHECK(s.act("w 01 66 w 02 66 u 66 " + thrown) == "6F00");
    CHECK_FALSE(s.terminal.card.nvm().has_pending());
    CHECK(s.act("w 03 77") == "9000");
    CHECK(s.object(1) == "55");
    CHECK(s.object(2).empty());
    CHECK(s.object(3) == "77");
    CHECK(s.terminal.send("00B0870003") == "1111119000");
  }
}

TEST_CASE("an exception does not change the selection or the verified PINs") {
  for (const std::string& thrown : kThrown) {
    CAPTURE(thrown);
    Stage s;
    s.acting.in_process = [&](applet::Context&) {
      s.terminal.card.session()->channels[0].select_directory(kMfId);
      s.terminal.card.session()->security().set_verified(KeyReference{0x01}, kMfId, true);
    };
    REQUIRE(s.terminal.send("00A4000C026F07") == "9000");
    CHECK(s.act(thrown) == "6F00");
    CHECK(s.terminal.send("00B0000003") == "1111119000");
    CHECK_FALSE(s.terminal.card.session()->security().is_verified(KeyReference{0x01}, kMfId));
    CHECK(s.act("f") == "6A80");
    CHECK_FALSE(s.terminal.card.session()->security().is_verified(KeyReference{0x01}, kMfId));
    CHECK(s.act("w 01 55") == "9000");
    CHECK(s.terminal.card.session()->security().is_verified(KeyReference{0x01}, kMfId));
  }
}

TEST_CASE("a proactive command of a command that fails is not announced (TS 102 221 clause 7.4.2)") {
  Stage s;
  REQUIRE(s.terminal.send("8010000004FFFFFFFF") == "9000");
  for (const std::string& end : {std::string("f"), std::string("1")}) {
    CAPTURE(end);
    CHECK(s.act("s " + end) == (end == "f" ? "6A80" : "6F00"));
    CHECK(s.terminal.send("00A4000C026F07") == "9000");
    CHECK(s.terminal.send("801200000B") == "6985");
  }
  CHECK(s.act("s") == "910B");
  CHECK(s.act("s f") == "6A80");
  CHECK(s.terminal.send("801200000B") == "D0098103010200820281829000");
  CHECK(s.terminal.send("801200000B") == "6985");  // of the other nothing is left
}

TEST_CASE("a power cut that an application meets ends the command, and the card is off until reset") {
  Stage s;
  CHECK(s.act("w 01 55 5").starts_with("no answer"));
  CHECK(s.terminal.send("00A40000023F00").starts_with("no answer"));
  REQUIRE(s.terminal.card.reset());
  CHECK(s.object(1).empty());
}

TEST_CASE("an exception of an application during the reset does not leave the card (GP clause 6.4.1)") {
  struct Throw {
    const char* what;
    std::function<void(applet::Context&)> in_select;
  };
  const std::vector<Throw> all{
      {"no memory", [](applet::Context&) { throw std::bad_alloc(); }},
      {"an error nobody looked at", [](applet::Context&) { (void)Result<int>(fail(ErrorCode::kRange, "")).value(); }},
      {"no exception of the library", [](applet::Context&) { throw 4; }},
      {"the power is cut", [](applet::Context&) { throw PowerCut{}; }},
  };
  for (const Throw& one : all) {
    CAPTURE(one.what);
    Acting acting;
    SeededRandom random{1};
    ManualClock clock;
    Card card(acting_image(acting, {}, true), random, clock);
    acting.in_select = [&](applet::Context& context) {
      context.store(applet::Slot{1}, "55"_h);
      one.in_select(context);
    };
    const auto atr = card.reset();
    REQUIRE_FALSE(atr);
    CHECK(atr.error().code == ErrorCode::kIo);
    CHECK_FALSE(card.transmit("00A40000023F00"_h));
    acting.in_select = nullptr;
    REQUIRE(card.reset());
    CHECK(to_hex(*card.transmit(*from_hex(kSelectActing))) == "9000");
    CHECK(to_hex(*card.transmit("00D687000122"_h)) == "9000");
    CHECK_FALSE(card.nvm().read(ObjectId(Space::kApplet, test::kActing, 1)));
  }
}

TEST_CASE("writes of an application during the reset are kept") {
  Acting acting;
  SeededRandom random{1};
  ManualClock clock;
  Card card(acting_image(acting, {}, true), random, clock);
  acting.in_select = [](applet::Context& context) { context.store(applet::Slot{1}, "55"_h); };
  REQUIRE(card.reset());
  CHECK_FALSE(card.nvm().has_pending());
  card.power_off();
  CHECK(card.nvm().read(ObjectId(Space::kApplet, test::kActing, 1)));
}

TEST_CASE("MANAGE CHANNEL leaves no open channel if the application that becomes active there throws (TS 102 221 clause 11.1.17)") {
  Acting acting;
  Terminal t(acting_image(acting, {}, true), Protocol::kT1);
  acting.in_select = [](applet::Context&) { throw std::bad_alloc(); };
  CHECK(t.send("0070000001") == "6F00");
  CHECK(t.send("01A40000023F00") == "6881");
  acting.in_select = nullptr;
  CHECK(t.send("0070000001") == "019000");
}

TEST_CASE("an application object that threw is made again; one whose command failed is notified (applet/api)") {
  Stage s;
  CHECK(s.acting.made == 1);
  CHECK(s.act("w 01 55") == "9000");
  CHECK(s.act("w 01 55 f") == "6A80");
  CHECK(s.acting.ends == std::vector<bool>{true, false});
  CHECK(s.acting.made == 1);
  CHECK(s.act("1") == "6F00");
  CHECK(s.acting.ends == std::vector<bool>{true, false, false});
  CHECK(s.act("w 01 55") == "9000");
  CHECK(s.acting.made == 2);
}

TEST_CASE("an application's own transaction is final with its commit, and undone by its abort (JCRE chapter 7)") {
  Stage s;
  CHECK(s.act("w 01 11 b w 02 22 u 22 c w 03 33 f") == "6A80");
  CHECK(s.object(1) == "11");  // what came before the commit is sealed with it
  CHECK(s.object(2) == "22");
  CHECK(s.object(3).empty());
  CHECK(s.terminal.send("00B0870001") == "229000");
  CHECK(s.act("w 04 44 b w 04 55 w 05 55 u 55 a") == "9000");
  CHECK(s.object(4) == "44");
  CHECK(s.object(5).empty());
  CHECK(s.terminal.send("00B0870001") == "229000");
  bool twice = true;
  s.acting.in_process = [&](applet::Context& context) { twice = context.begin_transaction() && context.begin_transaction(); };
  CHECK(s.act("a") == "9000");
  CHECK_FALSE(twice);
  s.acting.in_process = nullptr;
  CHECK(s.act("c") == "6985");
  CHECK(s.act("a") == "6985");
}

TEST_CASE("an application's transaction that is open when its call returns is aborted, and the command fails (JCRE chapter 7)") {
  Stage s;
  CHECK(s.act("w 01 11 b w 02 22") == "6F00");
  CHECK(s.object(1).empty());
  CHECK(s.object(2).empty());
  CHECK(s.act("b w 02 22 c") == "9000");
  CHECK(s.object(2) == "22");
}

TEST_CASE("a module whose writes are final at once: a refusal and an exception take back nothing (JCRE chapter 7)") {
  for (const std::string& end : {std::string("f"), std::string("1"), std::string("4")}) {
    CAPTURE(end);
    Stage s(true);
    CHECK(s.act("w 01 11 u 22 b w 02 22 c w 03 33 b w 04 44 w 01 99 " + end) != "9000");
    CHECK(s.object(1) == "11");
    CHECK(s.object(2) == "22");
    CHECK(s.object(3) == "33");
    CHECK(s.object(4).empty());
    CHECK(s.terminal.send("00B0870001") == "229000");
  }
}

TEST_CASE("one commit of the store for one answer, whatever writes it sealed") {
  int commits = 0;
  Stage s(true, std::make_unique<CountingStore>(commits));
  commits = 0;
  CHECK(s.act("w 01 11 w 02 22 b w 03 33 c w 01 44") == "9000");
  CHECK(commits == 1);
  CHECK(s.act("w 01 11 w 02 22 f") == "6A80");
  CHECK(commits == 2);
  CHECK(s.act("w 01 11 w 02 22 1") == "6F00");
  CHECK(commits == 3);
  CHECK(s.act("f") == "6A80");
  CHECK(commits == 3);
}

TEST_CASE("a power cut keeps exactly the writes sealed before it") {
  const char* const command = "w 01 11 b w 02 22 w 03 33 c w 04 44";
  const std::vector<std::string> values{"11", "22", "33", "44"};
  // Writes in the order of time: change, seal, sealed / two changes, seal, sealed / change, seal, sealed.
  const std::vector<std::size_t> kept{0, 0, 1, 1, 1, 1, 3, 3, 3, 4};
  for (std::uint32_t k = 1; k <= kept.size(); ++k) {
    CAPTURE(k);
    Stage s(true);
    PowerCutPort port(s.terminal.card);
    port.arm(k);
    CHECK_FALSE(port.transmit(*from_hex(steps(command))));
    REQUIRE(port.was_cut());
    REQUIRE(port.reset());
    for (std::size_t i = 0; i < values.size(); ++i) {
      CAPTURE(i);
      CHECK(s.object(static_cast<int>(i) + 1) == (i < kept[k - 1] ? values[i] : ""));
    }
  }
  Stage s(true);
  PowerCutPort port(s.terminal.card);
  port.arm(static_cast<std::uint32_t>(kept.size()) + 1);
  CHECK(to_hex(*port.transmit(*from_hex(steps(command)))) == "9000");
}

TEST_CASE("a protecting counter is stored together with earlier sealed writes: the store keeps their order") {
  struct KeepingStore final : NvmStore {
    explicit KeepingStore(std::vector<std::size_t>& sizes_) : sizes(sizes_) {}
    std::vector<Change> load() override { return {}; }
    void commit(std::span<const Change> changes) override { sizes.push_back(changes.size()); }
    std::vector<std::size_t>& sizes;
  };
  std::vector<std::size_t> sizes;
  Stage s(true, std::make_unique<KeepingStore>(sizes));
  sizes.clear();
  CHECK(s.act("w 01 11 w 02 22 n 03 33 w 01 44") == "9000");
  CHECK(sizes == std::vector<std::size_t>{3, 1});
}

TEST_CASE("commands of a remote script: a failed one undoes only its own writes, a successful one is final (TS 102 226 clause 5.2)") {
  Stage s;
  Session& session = *s.terminal.card.session();
  ScriptContext script(session, test::kActing);
  RemoteCommandPath path(session, script, test::kActing, KeyVersion{1});
  const auto run = [&](std::string_view text) {
    const Bytes bytes = *from_hex(steps(text));
    Bytes out;
    return path.run_own_command(*apdu::parse(bytes), out);
  };
  const auto write = [&](std::uint32_t slot, BytesView value) {
    session.nvm().write(ObjectId(Space::kApplet, test::kActing, slot), value);
  };
  {
    Transaction envelope(session, session.channels[0], session.security());
    write(1, "11"_h);
    CHECK(run("w 01 22 w 02 22 f") == sw::kIncorrectData);
    CHECK(s.object(1) == "11");
    CHECK(s.object(2).empty());
    envelope.commit();
  }
  CHECK(s.object(1) == "11");
  {
    Transaction envelope(session, session.channels[0], session.security());
    CHECK(run("w 02 33") == sw::kOk);
    write(3, "33"_h);
    CHECK_THROWS_AS(run("w 04 44 1"), std::bad_alloc);
    envelope.rollback();
  }
  CHECK(s.object(2) == "33");
  CHECK(s.object(3).empty());
  CHECK(s.object(4).empty());
}

TEST_CASE("a transaction inside another one needs the word for it, and a write needs a transaction") {
  Stage s;
  Session& session = *s.terminal.card.session();
  CHECK_THROWS_AS(session.nvm().write(ObjectId(Space::kApplet, 0, 1), "11"_h), SystemError);
  CHECK_THROWS_AS(Transaction(session, session.channels[0], session.security(), TransactionLevel::kScript), SystemError);
  CHECK_THROWS_AS(ApplicationWrites{session}, SystemError);
  {
    Transaction command(session, session.channels[0], session.security());
    CHECK_THROWS_AS(Transaction(session, session.channels[0], session.security()), SystemError);
    CHECK_NOTHROW(Transaction(session, session.channels[0], session.security(), TransactionLevel::kScript));
    session.nvm().write(ObjectId(Space::kApplet, 0, 1), "11"_h);
  }
  CHECK_FALSE(session.nvm().has_pending());
  CHECK(s.object(1).empty());
}

TEST_CASE("in a command that the card does as a whole nothing seals: it is taken back as a whole (GP clause 9.3)") {
  Stage s(true);
  Session& session = *s.terminal.card.session();
  const auto id = [](std::uint32_t slot) { return ObjectId(Space::kApplet, test::kActing, slot); };
  {
    Transaction install(session, session.channels[0], session.security());
    ApplicationWrites whole(session, TransactionLevel::kCard);
    session.nvm().write(id(1), "11"_h);
    install.seal();
    {
      ApplicationWrites own(session);
      session.nvm().write(id(2), "22"_h);
      own.commit();
    }
    CHECK(session.nvm().has_pending());
  }
  CHECK(s.object(1).empty());
  CHECK(s.object(2).empty());
}

TEST_CASE("a wrong CHV1 is final in class A0 too, where it is answered with an error (TS 51.011 clause 8.9)") {
  Terminal t;
  REQUIRE(t.send("A02000010831323334FFFFFFFF") == "9000");
  CHECK(t.card.session()->security().is_verified(KeyReference{0x01}, kMfId));
  CHECK(t.send("A02000010831323335FFFFFFFF") == "9804");
  CHECK_FALSE(t.card.session()->security().is_verified(KeyReference{0x01}, kMfId));
  CHECK(t.send("0020000100") == "63C2");
}
