// SPDX-License-Identifier: Apache-2.0
// What applications share: timers, channels, services, the proactive session; and what ends a wait. ETSI TS 102 241 clauses 6.4, 6.5, 6.7.
#include "emulator/cat/toolkit_record.hpp"
#include "tests/unit/toolkit/toolkit_card.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

/// Sends `command` when a user is active; what became of it is in `error`.
void sends(Behaviour& app, Bytes command, ToolkitError& error) {
  app.enrol = registers_for({Event::kUserActivity, Event::kDataAvailable, Event::kChannelStatus});
  app.event = [command = std::move(command), &error](applet::Context& context, const applet::EventCall& call) {
    if (call.event != Event::kUserActivity) return Handled::kDone;
    error = context.toolkit().refusal(command);
    return context.toolkit().send(command) ? Handled::kWaiting : Handled::kDone;
  };
}

std::string act(ToolkitCard& t) {
  return t.trigger(0xD6, "190104");
}

const Bytes kOpen = proactive(0x40, 0x82, "3502030039020200");

}  // namespace

TEST_CASE("toolkit: eight timers for all applications, and each within its maximum (TS 102 241, allocateTimer)") {
  ToolkitCard t([](ToolkitCard& c) {
    c.parameters[0].max_timers = 3;
    c.apps[0].enrol = [](applet::ToolkitEntry& entry) {
      CHECK(entry.release_timer(1) == ToolkitError::kInvalidTimerId);
      for (std::uint8_t i = 1; i <= 3; ++i) CHECK(entry.allocate_timer().value() == i);
      CHECK(entry.allocate_timer().error() == ToolkitError::kNoTimerAvailable);
      CHECK(entry.is_set(Event::kTimerExpiration));
      CHECK(entry.release_timer(2) == ToolkitError::kNone);
      CHECK(entry.allocate_timer().value() == 2);
      CHECK(entry.timers() == 0x07);
      return ToolkitError::kNone;
    };
    c.apps[1].enrol = [](applet::ToolkitEntry& entry) {
      for (std::uint8_t i = 4; i <= 8; ++i) CHECK(entry.allocate_timer().value() == i);
      CHECK(entry.allocate_timer().error() == ToolkitError::kNoTimerAvailable);
      CHECK(entry.release_timer(3) == ToolkitError::kInvalidTimerId);
      for (std::uint8_t i = 4; i <= 7; ++i) CHECK(entry.release_timer(i) == ToolkitError::kNone);
      CHECK(entry.is_set(Event::kTimerExpiration));
      return ToolkitError::kNone;
    };
  });
  t.profile("01");
  CHECK(t.trigger(0xD7, "240102 2503000100") == "9000");
  CHECK(t.trigger(0xD7, "240108 2503000100") == "9000");
  CHECK(t.trigger(0xD7, "240105 2503000100") == "6A81");
  CHECK(t.trigger(0xD7, "240100 2503000100") == "6A81");
  CHECK(t.all == std::vector<std::string>{"A 11", "B 11"});
}

TEST_CASE("toolkit: eight services, and the event goes to whose declared service it is (TS 102 241, allocateServiceIdentifier)") {
  ToolkitCard t([](ToolkitCard& c) {
    c.parameters[0].max_services = 1;
    for (std::size_t i = 0; i < 2; ++i) {
      c.apps[i].enrol = [i](applet::ToolkitEntry& entry) {
        CHECK(entry.allocate_service().value() == i);
        if (i == 0) CHECK(entry.allocate_service().error() == ToolkitError::kNoServiceIdAvailable);
        CHECK(entry.release_service(7) == ToolkitError::kInvalidServiceId);
        return entry.set_event(i == 0 ? Event::kMtCall : Event::kUserActivity);
      };
    }
    c.apps[1].event = [](applet::Context& context, const applet::EventCall& call) {
      if (call.event != Event::kUserActivity) return Handled::kDone;
      return context.toolkit().send(proactive(0x47, 0x82, "C103000100")) ? Handled::kWaiting : Handled::kIgnored;
    };
  });
  t.serve(t.profile());
  CHECK(t.trigger(0xD6, "19010D 4103010100") == "9000");
  CHECK(t.all.empty());  // the terminal does not have it yet
  CHECK(t.serve(t.trigger(0xD6, "190104")) == "47 9000");
  CHECK(t.trigger(0xD6, "19010D 4103010100") == "9000");
  CHECK(t.trigger(0xD6, "19010D 4103010700") == "9000");
  CHECK(t.all == std::vector<std::string>{"B 16", "B R", "B 27"});
}

TEST_CASE("toolkit: commands that are the card's, and resources of others, are refused (TS 102 241, ProactiveHandler.send)") {
  for (const auto& [type, to, objects] : std::initializer_list<std::tuple<std::uint8_t, std::uint8_t, const char*>>{
           {0x03, 0x82, "8402011E"},          // POLL INTERVAL
           {0x04, 0x82, ""},                  // POLLING OFF
           {0x05, 0x82, "990100"},            // SET UP EVENT LIST
           {0x25, 0x82, "85008F0101"},        // SET UP MENU
           {0x27, 0x82, "A40101A503000100"},  // TIMER MANAGEMENT of a timer that was not given
           {0x43, 0x21, "B60101"},            // SEND DATA over a channel that was not opened
           {0x41, 0x21, ""},                  // CLOSE CHANNEL
           {0x47, 0x82, "C103000000"},        // DECLARE SERVICE
       }) {
    ToolkitError error = ToolkitError::kNone;
    ToolkitCard t([&](ToolkitCard& c) { sends(c.apps[0], proactive(type, to, objects), error); });
    t.serve(t.profile());
    CHECK(act(t) == "9000");
    CHECK(error == ToolkitError::kCommandNotAllowed);
  }
}

TEST_CASE("toolkit: channels belong to the application that opened them, up to its maximum (TS 102 226 clause 8.2.1.3.2.2.1)") {
  ToolkitError error = ToolkitError::kNone;
  ToolkitError other = ToolkitError::kNone;
  ToolkitCard t([&](ToolkitCard& c) {
    sends(c.apps[0], kOpen, error);
    sends(c.apps[1], proactive(0x43, 0x21, "B60101"), other);  // over A's channel
  });
  t.serve(t.profile());
  for (const char* channel : {"8100", "8200"}) {
    CHECK(act(t).starts_with("91"));
    t.fetch();
    t.respond(0x40, "830100", "3802" + std::string(channel));
  }
  CHECK(act(t) == "9000");
  CHECK(error == ToolkitError::kCommandNotAllowed);  // two are its maximum
  CHECK(other == ToolkitError::kCommandNotAllowed);
  t.all.clear();
  CHECK(t.trigger(0xD6, "190109 38028100 370105") == "9000");
  CHECK(t.trigger(0xD6, "190109 38028300 370105") == "9000");
  // A dropped link does not end the ownership: what comes for the channel later is the application's (TS 102 268 Api_2_Enh_Gcid).
  CHECK(t.trigger(0xD6, "19010A 38020205") == "9000");
  CHECK(t.trigger(0xD6, "190109 38028200 370105") == "9000");
  CHECK(t.all == std::vector<std::string>{"A 22", "A 23", "A 22"});
  CHECK(act(t) == "9000");
  CHECK(error == ToolkitError::kCommandNotAllowed);
}

TEST_CASE("toolkit: a channel that the terminal did not open belongs to no application (TS 102 223 clause 6.4.27)") {
  ToolkitError error = ToolkitError::kNone;
  ToolkitCard t([&](ToolkitCard& c) { sends(c.apps[0], kOpen, error); });
  t.serve(t.profile());
  for (int i = 0; i < 4; ++i) {
    CHECK(act(t).starts_with("91"));
    t.fetch();
    t.respond(0x40, "83023A01");
  }
  CHECK(error == ToolkitError::kNone);
}

TEST_CASE("toolkit: no proactive session before TERMINAL PROFILE (TS 102 241, TERMINAL_PROFILE_NOT_AVAILABLE)") {
  ToolkitError error = ToolkitError::kNone;
  ToolkitCard t([&](ToolkitCard& c) { sends(c.apps[0], display("Text"), error); });
  CHECK(act(t) == "9000");
  CHECK(error == ToolkitError::kTerminalProfileNotAvailable);
}

TEST_CASE("toolkit: SUSPEND UICC is refused while an application waits (TS 102 221 clause 11.1.22)") {
  ToolkitError error = ToolkitError::kNone;
  ToolkitCard t([&](ToolkitCard& c) { sends(c.apps[0], display("Text"), error); });
  t.serve(t.profile());
  act(t);
  CHECK(t.send("8076000004 0101010A 00") == "6985");
  t.fetch();
  CHECK(t.send("8076000004 0101010A 00") == "6985");
  t.respond(0x21);
  CHECK(t.send("8076000004 0101010A 00").ends_with("9000"));
}

TEST_CASE("toolkit: after RESUME the terminal has menu and event list still (TS 102 221 clause 11.1.22)") {
  ToolkitCard t([](ToolkitCard& c) { c.apps[0].enrol = registers_for({Event::kUserActivity, Event::kFirstCommandAfterAtr}); });
  CHECK(t.serve(t.profile()) == "05 9000");
  const std::string answer = t.send("8076000004 0101010A 00");
  const std::string token = answer.substr(4, 16);
  t.reset();
  CHECK(t.send("8076010008" + token) == "9000");
  CHECK(t.send("80F2000C00") == "9000");
  CHECK(act(t) == "9000");
  CHECK(t.apps[0].told == "127 16 ");
}

TEST_CASE("toolkit: a reset destroys the turn that waits (TS 102 223 clause 6.4.7, REFRESH with reset)") {
  ToolkitError error = ToolkitError::kNone;
  ToolkitCard t([&](ToolkitCard& c) {
    sends(c.apps[0], proactive(0x01), error);
    c.apps[1].enrol = registers_for({Event::kUserActivity});
  });
  t.serve(t.profile());
  act(t);
  t.fetch();
  t.reset();
  CHECK(t.respond(0x01) == "6985");
  CHECK(t.serve(t.profile()) == "05 9000");
  CHECK(t.apps[0].told == "16 ");
  CHECK(t.apps[1].told.empty());
}

TEST_CASE("toolkit: changes of a failed command are undone, registry and queue (ETSI TS 102 221 clause 14)") {
  ToolkitCard t([](ToolkitCard& c) {
    c.apps[0].process = [](applet::Context& context, const apdu::Command& command, Bytes&) {
      if (command.ins > 0x02) return sw::kInsNotSupported;
      CHECK(context.toolkit().entry()->set_event(Event::kUserActivity) == ToolkitError::kNone);
      CHECK(context.toolkit().send(display("Text")));
      return command.ins == 0x01 ? sw::kOk : sw::kIncorrectData;
    };
  });
  t.profile();
  t.send("00A4040008 F07569636300BB00 00");
  CHECK(t.send("0002000000") == "6A80");
  CHECK(t.send("80F2000C00") == "9000");
  CHECK(act(t) == "9000");
  CHECK(t.apps[0].told.empty());
  CHECK(t.send("0001000000") == "9112");
  CHECK(t.serve("9112") == "21 05 9000");
}

TEST_CASE("toolkit: a record is read back as it was written; other bytes are refused") {
  emulator::ToolkitRecord record;
  record.events = {Event::kUnrecognizedEnvelope, Event::kFirstCommandAfterAtr};
  record.menu.push_back(
      {.identifier = 0x80, .position = 3, .initialised = true, .enabled = false, .entry = menu_text("Text"), .attribute = {}});
  record.menu[0].entry.icon = 7;
  record.menu[0].attribute = to_bytes("00000390"_h);
  record.timers = 0x81;
  record.polling = -1;
  record.files = {{{}, {Fid{0x7F10}, Fid{0x6F3A}}}, {*Aid::from("A0000000871002"_h), {Fid{0x6F07}}}};
  record.title = "Title";
  const Bytes bytes = record.encoded();
  const auto read = emulator::ToolkitRecord::decode(bytes);
  REQUIRE(read);
  CHECK(read->encoded() == bytes);
  CHECK(read->events == record.events);
  CHECK(read->polling == -1);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = emulator::ToolkitRecord::decode(BytesView(bytes).first(size));
    CHECK((!cut || cut->files.size() < record.files.size()));
  }
  Bytes other = bytes;
  for (std::size_t i = 0; i < other.size(); ++i) {
    other[i] ^= 0xFF;
    (void)emulator::ToolkitRecord::decode(other);
    other[i] ^= 0xFF;
  }
  CHECK_FALSE(emulator::ToolkitRecord::decode({}));
}
