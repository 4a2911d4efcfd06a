// SPDX-License-Identifier: Apache-2.0
#include "core/trace.hpp"

#include <deque>
#include <vector>

#include <doctest/doctest.h>

using namespace uicclab;

namespace {

/// Answers what it was told to, or fails.
class ListedPort final : public CardPort {
 public:
  std::deque<Result<Bytes>> answers;
  std::vector<Bytes> commands;
  int power_offs = 0;
  std::vector<Protocol> protocols;

  Result<Atr> reset() override { return next(); }
  Result<Bytes> transmit(BytesView command) override {
    commands.push_back(to_bytes(command));
    return next();
  }
  void power_off() override { ++power_offs; }
  Result<void> select_protocol(Protocol protocol) override {
    protocols.push_back(protocol);
    return CardPort::select_protocol(protocol);
  }

 private:
  Result<Bytes> next() {
    auto answer = answers.front();
    answers.pop_front();
    return answer;
  }
};

/// What events point to is gone after the call, so it is copied.
class CopyingSink final : public TraceSink {
 public:
  struct Copy {
    TraceEvent::Kind kind;
    std::chrono::milliseconds time;
    unsigned card;
    Bytes command;
    Bytes answer;
    std::string text;
  };
  std::vector<Copy> events;
  void on_event(const TraceEvent& e) override {
    events.push_back({e.kind, e.time, e.card, to_bytes(e.command), to_bytes(e.answer), e.text});
  }
};

}  // namespace

TEST_CASE("trace port: passes everything through and reports to the sink what happened, when and on which card") {
  ListedPort card;
  CopyingSink sink;
  ManualClock clock;
  TracePort port(card, sink, clock, 7);

  card.answers = {to_bytes("3B00"_h), to_bytes("6A82"_h)};
  CHECK(port.reset().value() == Bytes{0x3B, 0x00});
  clock.advance(std::chrono::milliseconds(5));
  CHECK(port.transmit("00A40004"_h).value() == Bytes{0x6A, 0x82});
  port.power_off();
  CHECK(card.commands == std::vector<Bytes>{to_bytes("00A40004"_h)});
  CHECK(card.power_offs == 1);

  REQUIRE(sink.events.size() == 3);
  CHECK(sink.events[0].kind == TraceEvent::Kind::kReset);
  CHECK(sink.events[0].answer == Bytes{0x3B, 0x00});
  CHECK(sink.events[0].time.count() == 0);
  CHECK(sink.events[1].kind == TraceEvent::Kind::kExchange);
  CHECK(sink.events[1].command == to_bytes("00A40004"_h));
  CHECK(sink.events[1].answer == Bytes{0x6A, 0x82});
  CHECK(sink.events[1].time.count() == 5);
  CHECK(sink.events[1].card == 7);
  CHECK(sink.events[2].kind == TraceEvent::Kind::kPowerOff);
}

TEST_CASE("trace port: an error goes to the caller and to the sink") {
  ListedPort card;
  CopyingSink sink;
  ManualClock clock;
  TracePort port(card, sink, clock);
  card.answers = {fail(ErrorCode::kIo, "no card"), fail(ErrorCode::kIo, "removed")};
  CHECK(port.reset().error().code == ErrorCode::kIo);
  CHECK(port.transmit("00A40004"_h).error().text == "removed");
  REQUIRE(sink.events.size() == 2);
  CHECK(sink.events[0].kind == TraceEvent::Kind::kError);
  CHECK(sink.events[0].text == "no card");
  CHECK(sink.events[1].kind == TraceEvent::Kind::kError);
  CHECK(sink.events[1].command == to_bytes("00A40004"_h));
  CHECK(sink.events[1].answer.empty());
}

TEST_CASE("a card port speaks T=0 unless it says otherwise, and the trace port asks the port behind it") {
  ListedPort card;
  CopyingSink sink;
  ManualClock clock;
  TracePort port(card, sink, clock);
  CHECK(port.select_protocol(Protocol::kT0).has_value());
  CHECK(port.select_protocol(Protocol::kT1).error().code == ErrorCode::kUnsupported);
  CHECK(card.protocols == std::vector{Protocol::kT0, Protocol::kT1});
}
