// SPDX-License-Identifier: Apache-2.0
// The power is cut at every write that a secured packet leads to: it is never executed twice, and the counter never goes back (ETSI TS 102
// 225 clause 5.1.4).
#include "core/reader.hpp"
#include "emulator/power_cut_port.hpp"
#include "emulator/registry/domain_keys.hpp"
#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using ota::ResponseStatus;

namespace {

std::uint64_t counter_of(Platform& p) {
  const auto domain = *p.card.session()->runtime().registry().issuer_domain();
  const auto bytes = p.card.nvm().read(emulator::packet_counter_object(domain, KeyVersion{2}, true));
  return bytes ? ByteReader(*bytes).number(ota::Cntr::kSize).value() : 0;
}

/// What INCREASE has counted: three bytes.
std::string counted(Platform& p) {
  p.transmit("00A4040C07A0000000871002");
  p.transmit("00A4000C026F82");
  return p.transmit("00B2010403").substr(0, 6);
}

/// Adds 1, writes EF_SPN, adds 1: a script whose double execution would show.
constexpr const char* kScript =
    "00A4000C026F82"
    "8032000003000001"
    "00A4000C026F46"
    "00D600000155"
    "00A4000C026F82"
    "8032000003000001";

}  // namespace

TEST_CASE("power cut at every write of a packet: before the counter nothing was executed, after it never again") {
  std::uint32_t cuts = 0;
  bool executed_whole = false;
  for (std::uint32_t at = 1; !executed_whole; ++at) {
    REQUIRE(at < 100);
    CAPTURE(at);
    Platform p;
    REQUIRE(p.answer("00A4000C026F82").substr(0, 2) == "01");
    const std::uint64_t before = counter_of(p);
    ++p.counter;
    const Bytes packet = p.packet(kScript);
    emulator::PowerCutPort fault(p.card);
    fault.arm(at);
    apdu::Command command;
    command.cla = 0x80;
    command.ins = 0xC2;
    const Bytes envelope = ota::SmsPpDownload{{}, Platform::message(p.parts(packet).front()).build().value(), {}}.build();
    command.data = envelope;
    command.le = 256;
    const auto answer = fault.transmit(apdu::encode(command));
    const bool cut = fault.was_cut();
    fault.arm(0);
    if (cut) {
      ++cuts;
      CHECK_FALSE(answer);
      p.restart();
    } else {
      executed_whole = true;
    }
    const std::uint64_t after = counter_of(p);
    const std::string done = counted(p);
    REQUIRE((after == before || after == p.counter));
    REQUIRE((done == "000000" || done == "000001" || done == "000002"));
    if (after == before) CHECK(done == "000000");  // not committed: nothing executed

    // The platform sends it again: executed now, if it was not, and refused otherwise.
    const Told again = p.send_packet(packet);
    REQUIRE(again.por);
    if (after == before) {
      CHECK(again.por->packet.status == ResponseStatus::kOk);
      CHECK(counted(p) == "000002");
    } else {
      CHECK(again.por->packet.status == ResponseStatus::kCntrLow);
      CHECK(counted(p) == done);
    }
    CHECK(counter_of(p) == p.counter);
  }
  CHECK(cuts >= 8);
}

TEST_CASE("power cut at every write of a packet that deletes a key: either it was not taken, or it is not taken again") {
  for (std::uint32_t at = 1;; ++at) {
    REQUIRE(at < 100);
    CAPTURE(at);
    Platform p;
    p.to = tar("000000");
    p.counter = 8;
    emulator::PowerCutPort fault(p.card);
    ++p.counter;
    const Bytes packet = p.packet(
        "80E4000006"
        "D00103D20101");
    fault.arm(at);
    const Bytes envelope = ota::SmsPpDownload{{}, Platform::message(p.parts(packet).front()).build().value(), {}}.build();
    apdu::Command command{0x80, 0xC2, 0, 0, envelope, 256, false};
    (void)fault.transmit(apdu::encode(command));
    const bool cut = fault.was_cut();
    fault.arm(0);
    if (cut) p.restart();
    const std::uint64_t after = counter_of(p);
    CHECK((after == 0 || after == 9));
    const Told again = p.send_packet(packet);
    REQUIRE(again.por);
    CHECK(again.por->packet.status == (after == 0 ? ResponseStatus::kOk : ResponseStatus::kCntrLow));
    if (!cut) break;
  }
}

TEST_CASE("the counter over many packets, resets and replays of any of them: each is executed at most once") {
  SeededRandom random(20261121);
  Platform p;
  std::vector<Bytes> sent;
  std::vector<unsigned> executed;
  std::uint64_t highest = 0;
  for (int step = 0; step < 300; ++step) {
    const std::uint64_t what = random.next() % 10;
    if (what == 0) p.restart();
    if (what < 5 || sent.empty()) {
      p.counter = highest + random.next() % 4;
      sent.push_back(
          p.packet("00A4000C026F82"
                   "8032000003000001"));
      executed.push_back(0);
    }
    const std::size_t pick = random.next() % sent.size();
    const std::uint64_t before = counter_of(p);
    const Told told = p.send_packet(sent[pick]);
    REQUIRE(told.por);
    const std::uint64_t after = counter_of(p);
    REQUIRE(after >= before);
    if (told.por->packet.status == ResponseStatus::kOk) {
      ++executed[pick];
      REQUIRE(after > before);
    } else {
      REQUIRE(told.por->packet.status == ResponseStatus::kCntrLow);
      REQUIRE(after == before);
    }
    highest = after;
  }
  unsigned sum = 0;
  for (const unsigned times : executed) {
    CHECK(times <= 1);
    sum += times;
  }
  char text[7];
  std::snprintf(text, sizeof text, "%06X", sum);
  CHECK(counted(p) == text);
}
