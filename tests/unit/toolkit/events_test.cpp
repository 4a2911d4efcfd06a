// SPDX-License-Identifier: Apache-2.0
// Which applications get an event, in which order, and which may send. ETSI TS 102 241 clauses 6.2 to 6.6.
#include "tests/unit/toolkit/toolkit_card.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

constexpr std::uint8_t kEventDownload = 0xD6;
constexpr std::uint8_t kCallControl = 0xD4;
constexpr const char* kUserActivity = "190104";
constexpr const char* kMtCall = "190100";

/// Sends a text when it gets `event`, and waits.
std::function<Handled(applet::Context&, const applet::EventCall&)> displays_on(Event event) {
  return [event](applet::Context& context, const applet::EventCall& call) {
    if (call.event != event) return Handled::kDone;
    return context.toolkit().send(display("Text")) ? Handled::kWaiting : Handled::kDone;
  };
}

}  // namespace

TEST_CASE("toolkit: lower priority levels first, of equal ones the newest (TS 102 241 clause 6.6)") {
  ToolkitCard t([](ToolkitCard& c) {
    for (auto& app : c.apps) app.enrol = registers_for({Event::kUserActivity});
  });
  CHECK(t.serve(t.profile()) == "05 9000");
  CHECK(t.trigger(kEventDownload, kUserActivity) == "9000");
  CHECK(t.all == std::vector<std::string>{"A 16", "C 16", "B 16"});
}

TEST_CASE(
    "toolkit: an envelope that the card does not know is unrecognized; one that it knows and nobody wants is not (TS 102 241 clause 6.2)") {
  ToolkitCard t([](ToolkitCard& c) { c.apps[0].enrol = registers_for({Event::kUnrecognizedEnvelope}); });
  t.profile();
  CHECK(t.trigger(kEventDownload, kUserActivity) == "9000");
  CHECK(t.trigger(0xDE, "") == "9000");
  CHECK(t.trigger(0xD3, "100105").ends_with("9000"));
  CHECK(t.apps[0].told == "-1 -1 ");
}

TEST_CASE("toolkit: no application accepts the envelope: 6A81; an application may answer 9300 (TS 102 221 clause 11.2.2)") {
  ToolkitCard t([](ToolkitCard& c) {
    c.apps[1].enrol = registers_for({Event::kMtCall, Event::kCallConnected});
    c.apps[2].enrol = registers_for({Event::kCallConnected});
    c.apps[1].event = [](applet::Context&, const applet::EventCall& call) {
      call.answer->refuse_as_busy();
      return Handled::kDone;
    };
  });
  t.serve(t.profile());
  CHECK(t.trigger(0xDE, "") == "6A81");
  CHECK(t.trigger(kEventDownload, "19017F") == "6A81");
  CHECK(t.trigger(kEventDownload, kUserActivity) == "9000");  // an event that the card knows, and nobody has registered for
  CHECK(t.trigger(kEventDownload, kMtCall) == "9300");
  CHECK(t.trigger(kEventDownload, "190101") == "9000");  // another application took it
}

TEST_CASE("toolkit: the first post is the answer to the envelope; it is closed by a proactive command (TS 102 241 clause 6.3)") {
  bool posted_after_send = true;
  ToolkitCard t([&](ToolkitCard& c) {
    for (auto& app : c.apps) app.enrol = registers_for({Event::kMtCall, Event::kUserActivity});
    c.apps[0].event = [](applet::Context&, const applet::EventCall& call) {
      if (call.event == Event::kMtCall) CHECK(call.answer->post("A1"_h));
      return Handled::kDone;
    };
    c.apps[2].event = [&](applet::Context& context, const applet::EventCall& call) {
      if (call.event == Event::kMtCall) CHECK_FALSE(call.answer->post("C1"_h));
      if (call.event == Event::kUserActivity && context.toolkit().send(display("Text"))) posted_after_send = call.answer->post("C2"_h);
      return Handled::kDone;
    };
  });
  t.serve(t.profile());
  CHECK(t.trigger(kEventDownload, kMtCall) == "A19000");
  CHECK(t.trigger(kEventDownload, kUserActivity) == "9112");
  CHECK_FALSE(posted_after_send);
}

TEST_CASE("toolkit: one is busy, but another sends: the command goes out (TS 102 241 clause 6.3)") {
  ToolkitCard t([&](ToolkitCard& c) {
    for (auto& app : c.apps) app.enrol = registers_for({Event::kUserActivity});
    c.apps[0].event = [](applet::Context&, const applet::EventCall& call) {
      CHECK(call.answer->refuse_as_busy());
      return Handled::kDone;
    };
    c.apps[1].event = displays_on(Event::kUserActivity);
  });
  t.serve(t.profile());
  CHECK(t.trigger(kEventDownload, kUserActivity) == "9112");
  CHECK(t.serve("9112") == "21 9000");
  CHECK(t.apps[1].told == "16 R ");
}

TEST_CASE("toolkit: one waits, other commands and events continue, then the remaining applications get the event (TS 102 241 clause 6.4)") {
  bool could_send = true;
  ToolkitCard t([&](ToolkitCard& c) {
    for (auto& app : c.apps) app.enrol = registers_for({Event::kUserActivity, Event::kMtCall});
    c.apps[0].event = displays_on(Event::kUserActivity);
    c.apps[1].event = [&](applet::Context& context, const applet::EventCall& call) {
      if (call.event == Event::kMtCall) could_send = context.toolkit().send(display("No"));
      return Handled::kWaiting;
    };
  });
  t.serve(t.profile());
  CHECK(t.trigger(kEventDownload, kUserActivity) == "9112");
  CHECK(t.all == std::vector<std::string>{"A 16"});
  CHECK(t.send("00A4000C023F00") == "9112");
  CHECK(t.fetch() == to_hex(display("Text")) + "9000");
  CHECK(t.send("00A4000C022FE2") == "9000");
  CHECK(t.trigger(kEventDownload, kMtCall) == "9000");  // at once, to all, the one that waits included
  CHECK_FALSE(could_send);
  CHECK(t.all == std::vector<std::string>{"A 16", "A 12", "C 12", "B 12"});
  CHECK(t.respond(0x21) == "9000");
  CHECK(t.all == std::vector<std::string>{"A 16", "A 12", "C 12", "B 12", "A R", "C 16", "B 16"});
}

TEST_CASE("toolkit: a turn continues over several commands (TS 102 241 clause 6.4)") {
  ToolkitCard t([](ToolkitCard& c) {
    c.apps[0].enrol = registers_for({Event::kUserActivity});
    c.apps[1].enrol = registers_for({Event::kUserActivity});
    c.apps[0].event = displays_on(Event::kUserActivity);
    c.apps[0].response = [&](applet::Context& context, BytesView) {
      if (c.apps[0].told.ends_with("R R ")) return Handled::kDone;
      return context.toolkit().send(display("More")) ? Handled::kWaiting : Handled::kDone;
    };
  });
  t.serve(t.profile());
  CHECK(t.serve(t.trigger(kEventDownload, kUserActivity)) == "21 21 9000");
  CHECK(t.all == std::vector<std::string>{"A 16", "A R", "A R", "B 16"});
}

TEST_CASE("toolkit: a malformed TERMINAL RESPONSE resumes the waiting application (TS 102 241 clause 6.4)") {
  ToolkitCard t([](ToolkitCard& c) {
    c.apps[0].enrol = registers_for({Event::kUserActivity});
    c.apps[0].event = displays_on(Event::kUserActivity);
  });
  t.serve(t.profile());
  t.trigger(kEventDownload, kUserActivity);
  t.fetch();
  CHECK(t.send("8014000003 810301") == "9000");
  CHECK(t.apps[0].told == "16 R ");
  CHECK(t.send("8014000003 810301") == "6985");
}

TEST_CASE("toolkit: an application that only says it waits does not block the others (TS 102 241 clause 6.4)") {
  ToolkitCard t([](ToolkitCard& c) {
    for (auto& app : c.apps) {
      app.enrol = registers_for({Event::kUserActivity});
      app.event = [](applet::Context&, const applet::EventCall&) { return Handled::kWaiting; };
    }
  });
  t.serve(t.profile());
  CHECK(t.trigger(kEventDownload, kUserActivity) == "9000");
  CHECK(t.all.size() == 3);
}

TEST_CASE("toolkit: call control is for one application; a proactive command closes the answer (TS 102 241 clauses 6.2, 6.4)") {
  bool sends = false;
  ToolkitCard t([&](ToolkitCard& c) {
    c.apps[0].enrol = registers_for({Event::kCallControl});
    c.apps[0].event = [&](applet::Context& context, const applet::EventCall& call) {
      if (sends) CHECK(context.toolkit().send(display("No")) == context.toolkit().may_send());
      CHECK(call.answer->post("0100"_h) == (!sends || !context.toolkit().may_send()));
      return Handled::kWaiting;
    };
    c.apps[1].enrol = [](applet::ToolkitEntry& entry) {
      CHECK(entry.set_event(Event::kCallControl) == ToolkitError::kEventAlreadyRegistered);
      return entry.set_event(Event::kUserActivity);
    };
    c.apps[1].event = displays_on(Event::kUserActivity);
  });
  t.serve(t.profile());
  CHECK(t.trigger(kCallControl, "860591112233F4") == "01009000");
  CHECK(t.trigger(kEventDownload, kUserActivity) == "9112");
  sends = true;
  CHECK(t.trigger(kCallControl, "860591112233F4") == "01009112");  // while the other one waits
  CHECK(t.serve("9112") == "21 9000");
  CHECK(t.trigger(kCallControl, "860591112233F4") == "9110");
  CHECK(t.serve("9110") == "21 9000");
  CHECK(t.apps[0].told == "9 9 9 R ");
}

TEST_CASE("toolkit: which events are set by their own methods (TS 102 241, ToolkitRegistry.setEvent)") {
  ToolkitCard t([](ToolkitCard& c) {
    c.apps[0].enrol = [](applet::ToolkitEntry& entry) {
      for (const Event event : {Event::kMenuSelection, Event::kMenuSelectionHelp, Event::kTimerExpiration, Event::kStatusCommand,
                                Event::kLocalConnection, Event::kExternalFileUpdate}) {
        CHECK(entry.set_event(event) == ToolkitError::kEventNotAllowed);
      }
      CHECK(entry.set_event(static_cast<Event>(99)) == ToolkitError::kEventNotSupported);
      const std::array list{Event::kMtCall, static_cast<Event>(99)};
      CHECK(entry.set_events(list) == ToolkitError::kEventNotSupported);
      CHECK_FALSE(entry.is_set(Event::kMtCall));  // a list that is refused changes nothing
      CHECK(entry.set_event(Event::kMtCall) == ToolkitError::kNone);
      CHECK(entry.set_event(Event::kMtCall) == ToolkitError::kNone);
      CHECK(entry.clear_event(Event::kMtCall) == ToolkitError::kNone);
      CHECK_FALSE(entry.is_set(Event::kMtCall));
      CHECK(entry.clear_event(Event::kTimerExpiration) == ToolkitError::kEventNotAllowed);
      return ToolkitError::kNone;
    };
  });
  t.profile();
}

TEST_CASE("toolkit: first command after ATR, profile download, STATUS (TS 102 241 clause 6.2)") {
  ToolkitCard t([](ToolkitCard& c) {
    c.apps[0].enrol = [](applet::ToolkitEntry& entry) {
      const std::array events{Event::kFirstCommandAfterAtr, Event::kProfileDownload};
      CHECK(entry.request_poll_interval(applet::ToolkitEntry::kSystemPolling) == ToolkitError::kNone);
      return entry.set_events(events);
    };
    c.apps[0].event = [](applet::Context& context, const applet::EventCall& call) {
      if (call.event == Event::kFirstCommandAfterAtr) CHECK_FALSE(context.toolkit().send(display("No")));
      return Handled::kDone;
    };
  });
  CHECK(t.send("00A4000C02FFFF") == "6A82");  // whatever becomes of it
  CHECK(t.apps[0].told == "127 ");
  t.send("80F2000C00");
  CHECK(t.apps[0].told == "127 19 ");
  t.serve(t.profile());
  CHECK(t.apps[0].told == "127 19 1 ");
  t.send("00F2000C00");  // another class
  CHECK(t.apps[0].told == "127 19 1 ");
  t.reset();
  t.profile();
  CHECK(t.apps[0].told == "127 19 1 127 1 ");
}

TEST_CASE("toolkit: applications that asked get the event of the free proactive session once (TS 102 241 clause 6.2)") {
  ToolkitCard t([](ToolkitCard& c) {
    c.apps[0].enrol = registers_for({Event::kUserActivity});
    c.apps[0].event = displays_on(Event::kUserActivity);
    c.apps[1].enrol = registers_for({Event::kMtCall});
    c.apps[1].event = [](applet::Context& context, const applet::EventCall& call) {
      if (call.event == Event::kMtCall) {
        CHECK_FALSE(context.toolkit().send(display("Busy")));
        CHECK(context.toolkit().entry()->set_event(Event::kProactiveHandlerAvailable) == ToolkitError::kNone);
        return Handled::kDone;
      }
      CHECK_FALSE(context.toolkit().entry()->is_set(Event::kProactiveHandlerAvailable));
      return context.toolkit().send(display("Free")) ? Handled::kWaiting : Handled::kDone;
    };
  });
  t.serve(t.profile());
  t.trigger(kEventDownload, kUserActivity);
  CHECK(t.trigger(kEventDownload, kMtCall) == "9112");
  t.fetch();
  CHECK(t.respond(0x21) == "9112");
  CHECK(t.fetch() == to_hex(display("Free")) + "9000");
  CHECK(t.respond(0x21) == "9000");
  CHECK(t.apps[1].told == "12 123 R ");
}

TEST_CASE(
    "toolkit: updates of files are reported to the applications that watch them (TS 102 241 clause 6.2, EVENT_EXTERNAL_FILE_UPDATE)") {
  std::string data;
  ToolkitCard t([&](ToolkitCard& c) {
    c.apps[0].enrol = [](applet::ToolkitEntry& entry) {
      CHECK(entry.register_files("02 3F007F106F3A 3F007F20"_h, std::nullopt) == ToolkitError::kNone);
      CHECK(entry.register_files("01 3F007F106F55"_h, std::nullopt) == ToolkitError::kNone);  // it may be made later
      CHECK(entry.register_files("01 6F55"_h, std::nullopt) == ToolkitError::kBadInputParameter);
      CHECK(entry.register_files("02 3F007F106F3A"_h, std::nullopt) == ToolkitError::kBadInputParameter);
      CHECK(entry.register_files("00"_h, std::nullopt) == ToolkitError::kBadInputParameter);
      Bytes deep = to_bytes("01 3F00"_h);  // deeper than the record can say
      for (int i = 0; i < 256; ++i) append(deep, "7F10"_h);
      CHECK(entry.register_files(deep, std::nullopt) == ToolkitError::kBadInputParameter);
      CHECK(entry.register_files("01 3F007FFF6F07"_h, *Aid::from("A0000000871002FF49FF0589"_h)) == ToolkitError::kNone);
      return ToolkitError::kNone;
    };
    c.apps[0].event = [&](applet::Context&, const applet::EventCall& call) {
      data = to_hex(call.data);
      return Handled::kDone;
    };
  });
  t.profile();
  t.send("0020000A08 3838383838383838");
  t.send("00A4080C047F106F3A");
  t.send("00B2010406");
  CHECK(t.apps[0].told.empty());
  CHECK(t.send("00DC010406 010203040506") == "9000");
  CHECK(t.apps[0].told == "124 ");
  CHECK(data == "820282819207013F007F106F3ABB0400010006");  // record 1, 6 bytes
  t.send("00A4080C047F106F39");                             // in the same DF, not watched
  t.send("00DC000303 000009");
  CHECK(t.apps[0].told == "124 ");
  t.send("00A4080C047F206F07");  // the DF is watched
  CHECK(t.send("00D6000001 07") == "9000");
  CHECK(t.apps[0].told == "124 124 ");
  t.send("00A4040C07A0000000871002");
  t.send("00A4000C026F07");
  CHECK(t.send("00D6000001 07") == "9000");
  CHECK(t.apps[0].told == "124 124 124 ");
  CHECK(data == "820282819207013F007FFF6F07AF0CA0000000871002FF49FF0589BB0400000001");  // offset 0, 1 byte
}

TEST_CASE("toolkit: the end of an application's session is an event with its AID, if the command succeeds (TS 102 241 clause 6.2)") {
  std::string data;
  ToolkitCard t([&](ToolkitCard& c) {
    c.apps[0].enrol = registers_for({Event::kApplicationDeselect});
    c.apps[0].event = [&](applet::Context&, const applet::EventCall& call) {
      data = to_hex(call.data);
      return Handled::kDone;
    };
  });
  const std::string first = "A0000000871002FF49FF0589", second = "A0000000871004FF49FF0589";
  REQUIRE(t.send("00A4040C0C" + first) == "9000");
  CHECK(t.apps[0].told.empty());
  CHECK(t.send("00A4040C0CA0000000871009FF49FF0589") == "6A82");
  CHECK(t.apps[0].told.empty());
  REQUIRE(t.send("00A4040C0C" + second) == "9000");
  CHECK(t.apps[0].told == "126 ");
  CHECK(data == "82028281AF0C" + first);
  REQUIRE(t.send("00A4040C0C" + second) == "9000");  // selected again: its session is reset, not ended
  CHECK(t.apps[0].told == "126 ");
  t.reset();  // no application gets an event at power-off
  CHECK(t.apps[0].told == "126 ");
}
