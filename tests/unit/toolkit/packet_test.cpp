// SPDX-License-Identifier: Apache-2.0
// Secured packets as events of applications: 3GPP TS 31.130 (EVENT_FORMATTED_SMS_PP_ENV, EVENT_FORMATTED_SMS_CB); 3GPP TS 31.115 clauses
// 4, 5.
#include "tests/unit/toolkit/toolkit_card.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

/// Neither ciphered nor checked; a response is wanted at once (SPI 00 01).
std::string packet(std::string_view tar, std::string_view data) {
  const std::string header =
      "0D"
      "0001"
      "0000" +
      std::string(tar) +
      "0000000001"
      "00" +
      std::string(data);
  return "00" + to_hex(std::array{static_cast<std::uint8_t>(header.size() / 2)}) + header;
}

/// ENVELOPE (SMS-PP DOWNLOAD) with it.
std::string deliver(ToolkitCard& t, const std::string& content) {
  const Bytes data = *from_hex("027000" + content);
  Bytes tpdu = *from_hex(
      "44"
      "04912143"
      "7F"
      "F6"
      "00000000000000");
  tpdu.push_back(static_cast<std::uint8_t>(data.size()));
  append(tpdu, data);
  Bytes objects = *from_hex(
      "82028381"
      "0603912143");
  ctlv::write(objects, 0x0B, tpdu);
  return t.envelope(to_hex(ber::encode(0xD1, objects)));
}

}  // namespace

TEST_CASE("toolkit: a secured packet is an event of whose TAR it is, and what is posted is in the response (TS 31.130)") {
  std::string seen;
  ToolkitCard t([&](ToolkitCard& c) {
    c.parameters[0].tars = {Tar{{0xB0, 0xF0, 0x01}}};
    c.parameters[1].tars = {Tar{{0xB0, 0xF0, 0x02}}};
    c.parameters[2].tars = {Tar{{0xB0, 0xF0, 0x03}}};
    c.apps[0].enrol = registers_for({Event::kFormattedSmsPp});
    c.apps[2].enrol = registers_for({Event::kFormattedSmsPp});
    c.apps[0].event = [&](applet::Context&, const applet::EventCall& call) {
      seen = to_hex(std::array{call.tag}) + " " + to_hex(call.data);
      CHECK(call.answer->post("A1A2A3"_h));
      return Handled::kDone;
    };
  });
  CHECK(deliver(t, packet("B0F001", "C1C2")) ==
        "027100"
        "000E"
        "0A"
        "B0F001"
        "0000000001"
        "00"
        "00"
        "A1A2A3"
        "9000");
  CHECK(seen ==
        "D1 82028381"
        "0603912143"
        "8B2444049121437FF600000000000000"
        "15"
        "027000" +
            packet("B0F001", "C1C2"));
  CHECK(t.all == std::vector<std::string>{"A 2"});
  // Nothing is posted, or no application registered: nobody takes it (09).
  CHECK(deliver(t, packet("B0F003", "C1C2")) ==
        "027100"
        "000B"
        "0A"
        "B0F003"
        "0000000001"
        "00"
        "00"
        "9000");
  CHECK(deliver(t, packet("B0F002", "C1C2"))
            .find("B0F002"
                  "0000000001"
                  "00"
                  "09") != std::string::npos);
  CHECK(t.all == std::vector<std::string>{"A 2", "C 2"});
}

TEST_CASE("toolkit: an application that a packet triggered may send; another one that waits keeps the session (TS 102 241 clause 6.4)") {
  ToolkitCard t([&](ToolkitCard& c) {
    c.parameters[0].tars = {Tar{{0xB0, 0xF0, 0x01}}};
    c.apps[0].enrol = registers_for({Event::kFormattedSmsPp});
    c.apps[0].event = [&](applet::Context& context, const applet::EventCall& call) {
      CHECK(call.answer->post("A1"_h));
      return context.toolkit().send(display("Text")) ? Handled::kWaiting : Handled::kDone;
    };
  });
  t.serve(t.profile());
  const std::string answer = deliver(t, packet("B0F001", "C1C2"));
  CHECK(answer.find("B0F001"
                    "0000000001"
                    "00"
                    "00"
                    "A1") != std::string::npos);
  CHECK(answer.substr(answer.size() - 4, 2) == "91");
  CHECK(t.serve(answer) == "21 9000");
  CHECK(t.all == std::vector<std::string>{"A 2", "A R"});
}

TEST_CASE("toolkit: an application without a TAR cannot register for secured packets (TS 102 241, TAR_NOT_DEFINED)") {
  ToolkitError error = ToolkitError::kNone;
  ToolkitCard t([&](ToolkitCard& c) {
    c.apps[0].enrol = [&](applet::ToolkitEntry& entry) {
      error = entry.set_event(Event::kFormattedSmsPp);
      return ToolkitError::kNone;
    };
  });
  t.profile();
  CHECK(error == ToolkitError::kTarNotDefined);
}
