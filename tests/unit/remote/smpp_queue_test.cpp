// SPDX-License-Identifier: Apache-2.0
// What waits at the message centre: nothing that was taken on is lost with a connection, and nothing is taken on that finds no room.
#include "tests/unit/remote/smpp_bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using namespace std::chrono_literals;

namespace ota = uicclab::ota;

using Bench = SmppBench;

namespace {

/// Responses of the card, one for each message.
void fill(Bench& bench, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) bench.mailbox().add(message({static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}));
}

std::size_t number_of(const Pdu& pdu) {
  const Bytes text = smpp::ShortMessage::parse(pdu.body).value().text;
  return static_cast<std::size_t>(text[0] << 8 | text[1]);
}

}  // namespace

TEST_CASE("Receivers that take some and leave lose nothing for the next (SMPP 3.4 clauses 2.3 and 4.6)") {
  Bench bench;
  fill(bench, 1300);
  {
    Client receiver(bench.host, bench.clock);
    auto pdus = receiver.exchange(bind(Command::kBindReceiver));
    REQUIRE(pdus.size() == 11);  // the window
    for (std::size_t i = 1; i < 11; ++i) CHECK(receiver.exchange(response(pdus[i])).size() == 1);
  }
  // Ten were answered; ten that were on their way, and the others, are the next one's, in their order.
  std::size_t expected = 10;
  Client next(bench.host, bench.clock, {.window = 1});
  auto pdus = next.exchange(bind(Command::kBindTransceiver));
  pdus.erase(pdus.begin());
  while (!pdus.empty()) {
    CHECK(number_of(pdus[0]) == expected++);
    pdus = next.exchange(response(pdus[0]));
  }
  CHECK(expected == 1300);
}

TEST_CASE("unbind gives back what was not answered (clause 4.2)") {
  Bench bench;
  fill(bench, 20);
  CHECK(bench.exchange(bind()).size() == 11);
  CHECK(bench.mailbox().size() == 10);
  CHECK(bench.status(pdu(Command::kUnbind, 9)) == Status::kOk);
  CHECK(bench.mailbox().size() == 20);
}

TEST_CASE("A submission that finds the queue full is refused with ESME_RMSGQFUL, and the card does not see it (clause 5.1.3)") {
  Bench bench({}, {.queue = 5});
  CHECK(bench.exchange(bind()).size() == 1);
  std::size_t taken = 0;
  std::size_t full = 0;
  for (int i = 0; i < 40; ++i) {
    const std::size_t seen = bench.port.envelopes.size();
    const Status status = bench.submit(bench.simple());
    taken += status == Status::kOk ? 1U : 0U;
    full += status == Status::kQueueFull ? 1U : 0U;
    CHECK(bench.port.envelopes.size() == seen + (status == Status::kOk ? 1 : 0));
  }
  CHECK(taken == 15);  // ten in the window, five wait
  CHECK(full == 25);
  CHECK(bench.log.back().find("5 messages wait for a receiver") != std::string::npos);
  // Every one that was taken on comes back.
  bench.client.session.close("test");
  Client next(bench.host, bench.clock, {.window = 1000});
  CHECK(next.exchange(bind(Command::kBindReceiver)).size() == 1 + taken);
}

TEST_CASE("A message that the ESME wants later is sent again, one that it refuses is not (clause 5.1.3: ESME_RX_T_APPN, ESME_RX_P_APPN)") {
  Bench bench;
  fill(bench, 2);
  auto pdus = bench.exchange(bind());
  REQUIRE(pdus.size() == 3);
  CHECK(bench.exchange(response(pdus[1], Status::kTemporaryError)).empty());  // not at once
  CHECK(bench.client.session.next_timer() == bench.clock.now() + 1s);
  bench.clock.advance(1s);
  auto again = bench.client.output();
  REQUIRE(again.size() == 1);
  CHECK(again[0].body == pdus[1].body);
  CHECK(bench.exchange(response(again[0], Status{0x65})).empty());
  bench.clock.advance(1s);
  CHECK(bench.client.output().empty());
  CHECK(bench.log.back().find("refused permanently, with status 00000065") != std::string::npos);
}

TEST_CASE("Clients that do not bind, answer or speak are found out by the timers (clause 7.2)") {
  Bench bench;
  SUBCASE("session_init_timer") {
    CHECK(bench.client.session.next_timer() == bench.clock.now() + 30s);
    bench.clock.advance(30s);
    bench.client.session.check_timers();
    CHECK(bench.client.is_closed());
  }
  SUBCASE("response_timer: its messages are free for others") {
    fill(bench, 3);
    CHECK(bench.exchange(bind()).size() == 4);
    bench.clock.advance(59s);
    // It lives, but does not answer.
    CHECK(bench.exchange(pdu(Command::kEnquireLink, 5)).size() == 1);
    bench.client.session.check_timers();
    CHECK_FALSE(bench.client.is_closed());
    bench.clock.advance(1s);
    bench.client.session.check_timers();
    CHECK(bench.client.is_closed());
    CHECK(bench.mailbox().size() == 3);
    CHECK(bench.log.back().find("3 PDUs were not answered within 60 s") != std::string::npos);
  }
  SUBCASE("a slow client that still answers stays connected") {
    fill(bench, 30);
    auto pdus = bench.exchange(bind());
    for (std::size_t i = 1; i < 11; ++i) {
      bench.clock.advance(30s);
      bench.client.session.check_timers();
      REQUIRE_FALSE(bench.client.is_closed());
      CHECK(bench.exchange(response(pdus[i])).size() == 1);
    }
  }
  SUBCASE("inactivity_timer: enquire_link (clause 4.11)") {
    CHECK(bench.exchange(bind()).size() == 1);
    bench.clock.advance(60s);
    bench.client.session.check_timers();
    auto pdus = bench.client.output();
    REQUIRE(pdus.size() == 1);
    CHECK(pdus[0].command == static_cast<std::uint32_t>(Command::kEnquireLink));
    CHECK(pdus[0].body.empty());
    CHECK(bench.exchange(Pdu{0x80000015, 0, pdus[0].sequence, {}}.encode()).empty());
    CHECK_FALSE(bench.client.session.waits_since());
    bench.clock.advance(60s);
    bench.client.session.check_timers();
    bench.clock.advance(60s);
    bench.client.session.check_timers();
    CHECK(bench.client.is_closed());
  }
}

TEST_CASE("schedule_delivery_time is honoured, and query_sm returns the state of the message (clauses 7.1.1, 4.8)") {
  Bench bench;
  CHECK(bench.exchange(bind()).size() == 1);
  const auto query = [&](const std::string& id, const std::string& source = "491710000000") {
    return bench.exchange(pdu(Command::kQuerySm, 8, concat({smpp::encode_text(id), Bytes{1, 1}, smpp::encode_text(source)})))[0];
  };
  smpp::ShortMessage later = bench.simple();
  later.schedule = "240607101010004+";  // 09:10:10 UTC
  later.registered_delivery = 1;
  const auto answers = bench.exchange(pdu(Command::kSubmitSm, 7, later.encode()));
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].status == 0);
  CHECK(bench.port.envelopes.empty());
  CHECK(bench.centre.next_due() == 1h + 1min);
  CHECK(query("1").body == concat({smpp::encode_text("1"), hex("00 01 00")}));  // ENROUTE, no final date
  bench.wall.advance(1h);
  bench.centre.run_due();
  CHECK(bench.port.envelopes.empty());
  bench.wall.advance(1min);
  bench.centre.run_due();
  CHECK(bench.port.envelopes.size() == 1);
  CHECK(to_hex(bench.last_deliver().timestamp) == "42607080900100");  // TP-SCTS is the time of submission (TS 23.040 9.2.3.11)
  CHECK(bench.client.output().size() == 2);
  CHECK(query("1").body == concat({smpp::encode_text("1"), smpp::encode_text("240607091010000+"), hex("02 00")}));
  CHECK(query("1", "4917").status == 0x0C);
  CHECK(query("2").status == 0x0C);
  CHECK(query("").status == 0x0C);
  Client other(bench.host, bench.clock);
  other.exchange(pdu(Command::kBindTransmitter, 1, smpp::Bind{"other", "secret", "", 0x34, {}}.encode()));
  CHECK(other.status(pdu(Command::kQuerySm, 8, concat({smpp::encode_text("1"), Bytes{1, 1}, smpp::encode_text("491710000000")}))) ==
        Status::kInvalidMessageId);
}

TEST_CASE("Invalid times are refused; a message past its validity expires (clauses 5.2.15, 5.2.16, 7.1.1)") {
  Bench bench;
  CHECK(bench.exchange(bind()).size() == 1);
  const auto with = [&](const std::string& schedule, const std::string& validity) {
    smpp::ShortMessage one = bench.simple();
    one.schedule = schedule;
    one.validity = validity;
    one.registered_delivery = 2;
    return bench.submit(one);
  };
  for (const char* wrong :
       {"2406071010100", "24060710101000++", "241307101010000+", "240631101010000+", "240607241010000+", "240607106010000+",
        "240607101060000+", "240607101010049+", "240607101010000Z", "000000010000100R", "000000010000001R"}) {
    CAPTURE(wrong);
    CHECK(with(wrong, "") == Status::kInvalidSchedule);
    CHECK(with("", wrong) == Status::kInvalidExpiry);
  }
  CHECK(with("", "240607080909000+") == Status::kInvalidExpiry);                  // a second ago
  CHECK(with("000000020000000R", "000000010000000R") == Status::kInvalidExpiry);  // over before it is due
  CHECK(bench.port.envelopes.empty());
  CHECK(with("240607080000000+", "000000010000000R") == Status::kOk);  // a time that has passed is now
  CHECK(bench.port.envelopes.size() == 1);
  CHECK(bench.client.output().empty());
  CHECK(with("000000010000000R", "000000020000000R") == Status::kOk);
  bench.wall.advance(3h);  // the centre slept
  bench.centre.run_due();
  CHECK(bench.port.envelopes.size() == 1);
  const auto receipt = bench.client.output();
  REQUIRE(receipt.size() == 1);
  const Bytes text = smpp::ShortMessage::parse(receipt[0].body).value().text;
  CHECK(std::string(text.begin(), text.end()).find("submit date:2406070809 done date:2406071109 stat:EXPIRED") != std::string::npos);
}

TEST_CASE("Scheduled messages are as bounded as waiting ones, and records too") {
  Bench bench({}, {.queue = 3, .records = 5});
  CHECK(bench.exchange(bind()).size() == 1);
  smpp::ShortMessage later = bench.simple();
  later.schedule = "000000010000000R";
  for (int i = 0; i < 3; ++i) CHECK(bench.submit(later) == Status::kOk);
  CHECK(bench.submit(later) == Status::kQueueFull);
  for (int i = 0; i < 6; ++i) {
    for (const Pdu& one : bench.exchange(pdu(Command::kSubmitSm, 7, bench.simple().encode()))) {
      if (one.command == 5) bench.client.session.receive(response(one));
    }
  }
  CHECK(bench.centre.query("lab", {"1", {1, 1, "491710000000"}}) != nullptr);  // on its way
  CHECK(bench.centre.query("lab", {"4", {1, 1, "491710000000"}}) == nullptr);  // forgotten
  CHECK(bench.centre.query("lab", {"9", {1, 1, "491710000000"}}) != nullptr);
}

TEST_CASE("Relative times add calendar months, and the month's last day if there is no such day (clause 7.1.1)") {
  const auto read = [](std::string_view text) { return smpp::write_time(smpp::read_time(text, kNow).value().value()); };
  CHECK(read("000000000000000R") == "240607080910000+");
  CHECK(read("020610233429000R") == "261218074339000+");
  CHECK(read("240607080910504+") == "240607070910500+");
  CHECK(read("240607080910504-") == "240607090910500+");
  using namespace std::chrono;
  const ota::Moment january = sys_days(2024y / 1 / 31).time_since_epoch();
  CHECK(smpp::write_time(smpp::read_time("000100000000000R", january).value().value()) == "240229000000000+");
  CHECK(smpp::write_time(smpp::read_time("010100000000000R", january).value().value()) == "250228000000000+");
}
