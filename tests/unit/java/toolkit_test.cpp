// SPDX-License-Identifier: Apache-2.0
// A toolkit applet in Java (tests/java/toolkit) that waits within send(), beside one in C++: ETSI TS 102 241 clauses 6.2 to 6.7.
#include <set>

#include "emulator/power_cut_port.hpp"
#include "tests/unit/java/stage.hpp"
#include "tests/unit/toolkit/toolkit_card.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

const std::string kToolkitFile = "F0756963A5";
const std::string kMenu = "F0756963A501";
const std::string kScriptedFile = "F07569636300AA";
const std::string kScripted = "F07569636300AA07";

// Places in the notes of the applet.
enum Note : std::size_t { kStarted, kInTransaction, kResult, kDepth, kFinished, kUnrecognized, kReason, kItem, kClosed };

std::string toolkit_parameters(std::string_view value) {
  const Bytes toolkit = ber::encode(0x80, *from_hex(packed(value)));
  return "C900" + to_hex(ber::encode(0xEA, toolkit));
}
const std::string kOneEntry = toolkit_parameters("01 00 0A 01 0005 00 00 00 00");

struct Toolkit {
  explicit Toolkit(bool other = false) : s(options(behaviour)) {
    s.open();
    REQUIRE(s.load_file(kToolkitFile, "toolkit") == "009000");
    behaviour.enrol = [](applet::ToolkitEntry& entry) {
      return entry.init_menu_entry(menu_text("C++")) ? ToolkitError::kNone : ToolkitError::kRegistryError;
    };
    if (other) {
      REQUIRE(
          s.m.manage("E60C00", install(kScriptedFile, kScripted, kScripted, "000000", toolkit_parameters("01 00 0A 01 0006 00 00 00 00")))
              .starts_with("00"));
    }
    const std::string installed = s.install_it(kMenu, kOneEntry, kToolkitFile, kMenu);
    REQUIRE_MESSAGE(installed == "009000", installed);
    begin();
  }
  static DomainOptions options(Behaviour& behaviour) {
    DomainOptions out;
    out.more_modules.push_back(std::make_shared<ScriptedModule>(std::uint8_t{7}, behaviour));
    return out;
  }
  std::string send(std::string_view command) { return s.m.terminal.send(packed(command)); }
  /// After power-on: the terminal takes the menu.
  void begin() {
    s.m.reset();
    REQUIRE(serve(send("8010000008 FFFFFFFFFFFFFFFF")).ends_with("9000"));
  }
  std::string fetch() { return send("8012000000"); }
  std::string respond(std::string_view type, std::string_view result = "830100") {
    const std::string data = "810301" + std::string(type) + "81" + "82028281" + std::string(result);
    return send("80140000" + to_hex(std::array{static_cast<std::uint8_t>(data.size() / 2)}) + data);
  }
  std::string serve(std::string status) {
    while (status.size() >= 4 && status.substr(status.size() - 4, 2) == "91") {
      const auto command = from_hex(fetch());
      const auto body = ber::first(BytesView(*command).first(command->size() - 2));
      status = respond(to_hex(std::array{(*ctlv::find(body->value, 0x01))[1]}));
    }
    return status;
  }
  std::string choose(std::string_view item = "05") { return send("80C2000009 D307 82020181 9001" + std::string(item) + "00"); }
  std::string unrecognized(std::string_view tag = "DD") { return send("80C2000006" + std::string(tag) + "0482028281 00"); }
  std::string notes() {
    REQUIRE(s.select(kMenu) == "9000");
    const std::string answer = send("8001000000");
    REQUIRE(answer.ends_with("9000"));
    REQUIRE(s.m.select(kIssuer).ends_with("9000"));
    return answer;
  }
  std::uint8_t note(Note place) { return (*from_hex(notes()))[place]; }

  Behaviour behaviour;
  Stage s;
};

}  // namespace

TEST_CASE("java toolkit: an applet waits within send() over other commands and goes on with the answer (TS 102 241 clause 6.4)") {
  NEEDS_APPLETS();
  Toolkit t;
  CHECK(t.choose() == "9112");
  CHECK(t.fetch() == packed("D010 810301 2181 82028102 8D0504 4A617661 9000"));
  CHECK(t.note(kStarted) == 1);  // it is selected while it waits, and tells
  CHECK(t.note(kFinished) == 0);
  CHECK(t.unrecognized() == "9000");
  CHECK(t.note(kReason) == 2);  // HANDLER_NOT_AVAILABLE
  CHECK(t.respond("21") == "9000");
  // The transaction that was open is aborted, the envelope is still there, its answer is closed.
  CHECK(t.notes() == packed("01 00 00 00 01 01 02 05 02 9000"));
  t.begin();
  CHECK(t.notes() == packed("01 00 00 00 01 01 02 05 02 9000"));
  CHECK(t.choose() == "9112");
  CHECK(t.serve("9112") == "9000");
  CHECK(t.note(kFinished) == 2);
}

TEST_CASE("java toolkit: a TERMINAL RESPONSE without result, or malformed, resumes the applet (TS 102 241 clause 6.4)") {
  NEEDS_APPLETS();
  Toolkit t;
  const std::array<std::pair<const char*, std::uint8_t>, 3> cases{{{"", 0xE3}, {"8300", 0xE8}, {"8305", 0xE3}}};
  for (const auto& [result, noted] : cases) {
    CAPTURE(result);
    REQUIRE(t.choose() == "9112");
    t.fetch();
    CHECK(t.respond("21", result) == "9000");
    CHECK(t.note(kResult) == noted);
  }
  CHECK(t.note(kFinished) == 3);
}

TEST_CASE("java toolkit: a reset ends the wait; what was written before stays, and nothing behind it (TS 102 241 clause 6.4)") {
  NEEDS_APPLETS();
  Toolkit t;
  REQUIRE(t.choose() == "9112");
  t.begin();
  CHECK(t.notes() == packed("01 00 00 00 00 00 00 00 00 9000"));
  CHECK(t.respond("21") == "6985");
  CHECK(t.choose() == "9112");
  CHECK(t.serve("9112") == "9000");
  CHECK(t.notes() == packed("02 00 00 00 01 00 00 05 02 9000"));
}

TEST_CASE("java toolkit: an applet that waits is not deleted; behind its end nothing of it stays (JCRE clause 11.3.4)") {
  NEEDS_APPLETS();
  Toolkit t;
  t.s.open();
  const std::uint32_t with_it = t.s.free_memory();
  REQUIRE(t.choose() == "9112");
  t.fetch();
  t.s.open();
  CHECK(t.s.remove(kMenu).ends_with("6985"));
  CHECK(t.s.remove(kToolkitFile, true).ends_with("6985"));
  CHECK(t.respond("21") == "9000");
  CHECK(t.s.free_memory() == with_it);
  t.s.open();
  CHECK(t.s.remove(kMenu).starts_with("00"));
  CHECK(t.choose() == "6A81");
  const std::uint32_t without = t.s.free_memory();
  t.begin();
  t.s.open();
  CHECK(t.s.install_it(kMenu, kOneEntry, kToolkitFile, kMenu).starts_with("00"));
  CHECK(t.s.free_memory() == with_it);
  CHECK(t.s.remove(kToolkitFile, true).starts_with("00"));
  CHECK(t.s.free_memory() > without);
}

TEST_CASE("java toolkit: the power goes at each write of the menu's turn: what was sealed before it stays (TS 102 241 clause 6.4)") {
  NEEDS_APPLETS();
  for (const bool answers : {false, true}) {
    CAPTURE(answers);
    std::set<std::string> seen;
    std::uint32_t cuts = 0;
    for (std::uint32_t k = 1;; ++k) {
      REQUIRE(k < 200);
      Toolkit t;
      if (answers) {
        REQUIRE(t.choose() == "9112");
        t.fetch();
      }
      emulator::PowerCutPort power(t.s.m.terminal.card);
      power.arm(k);
      (void)power.transmit(
          *from_hex(answers ? packed("801400000C 810301218182028281 830100") : packed("80C2000009 D307 82020181 900105 00")));
      if (!power.was_cut()) break;
      power.arm(0);
      ++cuts;
      t.begin();
      const std::string notes = t.notes();
      CHECK(notes.substr(2, 2) == "00");  // of the transaction that send() aborts nothing stays
      seen.insert(notes);
      CHECK(t.serve(t.choose()) == "9000");
      CHECK(t.note(kFinished) >= 1);
    }
    CHECK(cuts > 1);
    // Started or not; or each note behind send(), in their order: depth and result are 0 as they were.
    const std::set<std::string> before{packed("00 00 00 00 00 00 00 00 00 9000"), packed("01 00 00 00 00 00 00 00 00 9000")};
    const std::set<std::string> behind{packed("01 00 00 00 00 00 00 00 00 9000"), packed("01 00 00 00 00 00 00 05 00 9000"),
                                       packed("01 00 00 00 01 00 00 05 00 9000"), packed("01 00 00 00 01 00 00 05 02 9000")};
    CHECK(seen == (answers ? behind : before));
  }
}

TEST_CASE("java toolkit: one in Java and one in C++ side by side (TS 102 241 clause 6.4)") {
  NEEDS_APPLETS();
  Toolkit t(true);
  t.behaviour.event = [](applet::Context& context, const applet::EventCall&) {
    return context.toolkit().send(display("C++")) ? Handled::kWaiting : Handled::kIgnored;
  };
  CHECK(t.choose("06") == "9111");
  t.fetch();
  // While the other waits, this one is told and cannot send: a menu selection finds no handler and throws, nothing is noted behind.
  CHECK(t.choose("05") == "9000");
  CHECK(t.note(kStarted) == 1);
  CHECK(t.respond("21") == "9000");
  CHECK(t.choose("05") == "9112");
  t.fetch();
  CHECK(t.choose("06") == "6A81");
  CHECK(t.behaviour.told == "7 R 7 ");
  CHECK(t.respond("21") == "9000");
  CHECK(t.notes() == packed("02 00 00 00 01 00 00 05 02 9000"));
}

TEST_CASE("java toolkit: of all exceptions only ISOException 9300 reaches the terminal (TS 102 241 clause 6.2)") {
  NEEDS_APPLETS();
  Toolkit t;
  CHECK(t.unrecognized("DE") == "9300");
  CHECK(t.unrecognized("DD") == "9000");
  CHECK(t.note(kUnrecognized) == 2);
}

TEST_CASE("java toolkit: what the registry refuses, INSTALL refuses, and nothing stays (TS 102 226 clause 8.2.1.3.2.2.1)") {
  NEEDS_APPLETS();
  Toolkit t;
  t.s.open();
  const std::string other = "F0756963A50102";
  const std::uint32_t before = t.s.free_memory();
  // An uncaught ToolkitException: too long a text, no entry left.
  CHECK(t.s.install_it(other, "C90101" + toolkit_parameters("01 00 0A 01 0007 00 00 00 00").substr(4), kToolkitFile, kMenu) == "6F00");
  CHECK(t.s.install_it(other, toolkit_parameters("01 00 0A 00 00 00 00 00"), kToolkitFile, kMenu) == "6F00");
  CHECK(t.s.free_memory() == before);
  CHECK(t.s.install_it(other, toolkit_parameters("01 00 0A 01 0007 00 00 00 00"), kToolkitFile, kMenu).starts_with("00"));
}

TEST_CASE("java toolkit: handlers, registry, terminal profile and HandlerBuilder as an applet sees them (TS 102 241 annex A)") {
  NEEDS_APPLETS();
  Toolkit t;
  t.s.open();
  const std::string handlers = "F0756963A502";
  REQUIRE(t.s.install_it(handlers, toolkit_parameters("00 01 00 00 00 00 00 01"), kToolkitFile, handlers).starts_with("00"));
  t.s.m.reset();
  CHECK(t.serve(t.send("8010000002 01A5")) == "9000");
  REQUIRE(t.s.m.select(kIssuer).ends_with("9000"));
  CHECK(t.unrecognized("DD") == packed("A104 81021234 6200"));
  REQUIRE(t.s.select(handlers) == "9000");
  const std::string checks = t.send("8001000000");
  CHECK(checks.substr(2) == "009000");
  CHECK(checks.substr(0, 2) == "27");
}
