// SPDX-License-Identifier: Apache-2.0
#include "bench.hpp"

using namespace uicclab;
using namespace uicclab::literals;
using terminal::Transport;
using test::TerminalBench;

namespace {

constexpr const char* kOpenUdp = "D015 8103014001 82028182 B50103 39020200 3C03010FA1";
constexpr const char* kOpenTcp = "D015 8103014001 82028182 B50103 39020200 3C03020FA1";
constexpr const char* kSend = "D00D 8103014301 82028121 B602 6869";
constexpr const char* kReceive = "D00C 8103014200 82028121 B701 05";
constexpr const char* kClose = "D009 8103014100 82028121";
constexpr const char* kStatus = "D009 8103014400 82028182";

terminal::Settings alone() {
  terminal::Settings settings;
  settings.only_own_servers = true;
  settings.patience = std::chrono::milliseconds(0);  // servers of the same thread have answered already
  return settings;
}

}  // namespace

TEST_CASE("channels: open, send, receive, status and close over UDP and TCP (TS 102 223 clauses 6.4.27 to 6.4.31)") {
  for (const bool tcp : {false, true}) {
    TerminalBench b(alone());
    REQUIRE(b.terminal.channels().add_server(tcp ? Transport::kTcp : Transport::kUdp, 4001, std::nullopt));
    CHECK(b.result(kStatus) == "83010038020000");
    CHECK(b.result(tcp ? kOpenTcp : kOpenUdp) == "8301003802810035010339020200");
    CHECK(b.result(kStatus) == "83010038028100");
    CHECK(b.result(kSend) == "8301003701FF");
    CHECK(b.result(kReceive) == "83010236026869370100");  // fewer than asked for
    CHECK(b.result(kReceive) == "8301023600370100");
    CHECK(b.result(kClose) == "830100");
    CHECK(b.result(kClose) == "83023A03");
    CHECK(b.result(kSend) == "83023A03");
    CHECK(b.result(kReceive) == "83023A03");
  }
}

TEST_CASE("channels: data is stored until it is to be sent, and read in pieces (clauses 6.4.29 and 6.4.30)") {
  TerminalBench b(alone());
  REQUIRE(b.terminal.channels().add_server(Transport::kUdp, 4001, to_bytes("00112233445566778899"_h)));
  b.result(kOpenUdp);
  CHECK(b.result("D00D 8103014300 82028121 B602 6869") == "8301003701FF");
  CHECK(b.terminal.channels().server(Transport::kUdp, 4001)->received().empty());
  b.result(kSend);
  CHECK(b.result(kReceive) == "83010036050011223344370105");
  CHECK(to_hex(b.terminal.channels().server(Transport::kUdp, 4001)->received()) == "68696869");
  CHECK(b.result(kReceive) == "83010036055566778899370100");
}

TEST_CASE("channels: the events that the card asked for: data available, link dropped (clauses 7.5.10 and 7.5.11)") {
  TerminalBench b(alone());
  REQUIRE(b.terminal.channels().add_server(Transport::kUdp, 4001, std::nullopt));
  b.result("D00D 8103010500 82028182 9902090A");
  b.result(kOpenUdp);
  b.card.log.clear();
  b.serve(kSend);
  CHECK(b.card.log.back() == "80C2000010D60E99010982028281B8028100B7010200");
  CHECK(b.result(kReceive) == "83010236026869370100");
  TerminalBench t(alone());
  REQUIRE(t.terminal.channels().add_server(Transport::kTcp, 4001, std::nullopt));
  t.result("D00C 8103010500 82028182 99010A");
  t.result(kOpenTcp);
  REQUIRE(t.terminal.channels().add_server(Transport::kTcp, 4001, std::nullopt));  // the old one is gone, with its connections
  t.serve("D009 8103010200 82028182");
  CHECK(t.card.log.back() == "80C200000DD60B99010A82028281B802010500");
  CHECK(t.result(kSend) == "83023A02");
}

TEST_CASE("channels: seven at a time, and refusals by their cause (clause 8.12.11)") {
  TerminalBench b(alone());
  CHECK(b.result(kOpenUdp) == "83023A07");  // no server there
  REQUIRE(b.terminal.channels().add_server(Transport::kUdp, 4001, std::nullopt));
  for (int i = 1; i <= 7; ++i) CHECK(b.result(kOpenUdp).starts_with("830100380" + std::to_string(2) + "8" + std::to_string(i)));
  CHECK(b.result(kOpenUdp) == "83023A01");
  REQUIRE(b.terminal.reset());
  CHECK(b.result(kStatus) == "83010038020000");
  CHECK(b.result("D015 8103014001 82028182 B50103 39020200 3C03030FA1") == "83023A06");  // a server
  CHECK(b.result("D010 8103014001 82028182 B50103 39020200") == "83023A06");
  CHECK(b.result("D011 8103014001 82028182 B50103 3C03010FA1") == "830136");
  CHECK(b.result("D014 8103014001 82028182 B50103 39020200 3C02010F") == "830132");
  CHECK(b.result("D015 8103014001 82028182 B50103 3902FFFF 3C03010FA1") == "83010738028100350103390205DC");
  CHECK(b.result("D015 8103014000 82028182 B50103 39020000 3C03010FA1") == "83010738020200350103390205DC");  // on demand
  CHECK(b.result("D00D 8103014301 82028122 B602 6869") == "8301003701FF");
  CHECK(b.result("D009 8103014100 82028120") == "83023A03");
  CHECK(b.result("D009 8103014100 82028182") == "83023A03");
  CHECK(b.result("D00D 8103014200 82028121 B702 0505") == "830132");
}
