// SPDX-License-Identifier: Apache-2.0
#include "fault/faulty_port.hpp"

#include <thread>

#include <doctest/doctest.h>

#include "emulator/power_cut_port.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;
using fault::FaultyPort;
using fault::Rule;

namespace {

/// The small card, with faults.
struct Bench {
  explicit Bench(Protocol protocol = Protocol::kT0) : power(terminal.card), port(power, [this](std::uint32_t k) { power.arm(k); }) {
    REQUIRE(port.reset());
    terminal.card.session()->protocol = protocol;
  }
  std::uint32_t add(std::string_view rule) {
    auto parsed = Rule::parse(rule);
    REQUIRE(parsed);
    const auto number = port.add(*std::move(parsed));
    REQUIRE(number);
    return *number;
  }
  std::string send(std::string_view command) {
    const auto answer = port.transmit(*from_hex(command));
    return answer ? to_hex(*answer) : answer.error().text;
  }

  test::Terminal terminal;
  emulator::PowerCutPort power;
  FaultyPort port;
};

constexpr const char* kSelectIccid = "00A40004022FE2";
constexpr const char* kReadIccid = "00B000000A";
constexpr const char* kIccid = "988812010000000000019000";

}  // namespace

TEST_CASE("faults: without a rule nothing changes") {
  Bench b;
  CHECK(b.send(kSelectIccid).starts_with("61"));
  CHECK(b.send(kReadIccid) == kIccid);
  CHECK(b.send("00") == "6700");
  CHECK(b.port.list().empty());
}

TEST_CASE("faults: a rule knows the file that was selected before it came, when there was no rule to look at commands") {
  Bench b;
  b.send(kSelectIccid);
  b.send(kReadIccid);
  const auto rule = b.add("mutate sw 6F00 ins B0 file EF.ICCID");
  CHECK(b.send(kReadIccid).ends_with("6F00"));
  REQUIRE(b.port.remove(rule));
  CHECK(b.send(kReadIccid) == kIccid);
}

TEST_CASE("faults: an answer that is lost, and a command that is lost") {
  Bench b;
  b.send(kSelectIccid);
  b.send("0020000A083838383838383838");
  const auto lost = b.add("drop ins D6 times 1");
  CHECK(b.send("00D600000111") == "by a fault rule: the answer was lost");
  CHECK(b.send(kReadIccid) == "118812010000000000019000");  // it was carried out
  b.add("drop request ins D6");
  CHECK(b.send("00D600000122") == "by a fault rule: the command was lost");
  CHECK(b.send(kReadIccid) == "118812010000000000019000");
  const auto rules = b.port.list();
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].number == lost);
  CHECK(rules[0].seen == 2);
  CHECK(rules[0].done == 1);
  CHECK(rules[1].done == 1);
}

TEST_CASE("faults: the FCP is another one, under T=0 with GET RESPONSE as under T=1") {
  for (const Protocol protocol : {Protocol::kT0, Protocol::kT1}) {
    Bench b(protocol);
    std::string fcp;
    const auto select = [&] {
      std::string answer = b.send(protocol == Protocol::kT0 ? kSelectIccid : "00A40004022FE200");
      if (answer.starts_with("61")) answer = b.send("00C00000" + answer.substr(2));
      return answer;
    };
    const std::string right = select();
    REQUIRE(right.find("83022FE2") != std::string::npos);
    b.add("mutate 62/83 7F201234 ins A4 times 1");
    const std::string wrong = select();
    CHECK(wrong.find("83047F201234") != std::string::npos);
    CHECK(wrong.size() == right.size() + 4);
    CHECK(wrong.substr(2, 2) ==
          to_hex(std::array{static_cast<std::uint8_t>((wrong.size() - 4) / 2 - 2)}));  // the template's length follows
    CHECK(select() == right);
    b.add("mutate 62/83 remove ins A4 times 1");
    CHECK(select().find("2FE2") == std::string::npos);
    b.add("mutate 62/99 remove ins A4 times 1");  // not there: nothing happens
    CHECK(select() == right);
  }
}

TEST_CASE("faults: bytes and status words of an answer, also where 6Cxx asks for the command again") {
  Bench b;
  b.send(kSelectIccid);
  b.add("mutate data[1] xor 80 ins B0 times 1");
  CHECK(b.send("00B0000000") == "6C0A");
  CHECK(b.send(kReadIccid) == "980812010000000000019000");
  CHECK(b.send(kReadIccid) == kIccid);
  b.add("mutate sw 6982 ins B0 nth 2");
  CHECK(b.send(kReadIccid) == kIccid);
  CHECK(b.send(kReadIccid) == "988812010000000000016982");
  b.port.clear();
  b.add("mutate sw 6A82 ins A4");
  CHECK(b.send(kSelectIccid) == "6A82");
  CHECK(b.send("00C000000A") == "6F00");  // nothing waits
  b.port.clear();
  b.add("mutate data[9..12] random ins B0");  // more than there is
  CHECK(b.send(kReadIccid) == kIccid);
}

TEST_CASE("faults: the same seed brings the same bytes and the same chances") {
  const auto run = [](const char* seed) {
    Bench b;
    b.send(kSelectIccid);
    b.add(std::string("mutate data[2..5] random ins B0 chance 50 seed ") + seed);
    std::string all;
    for (int i = 0; i < 20; ++i) all += b.send(kReadIccid) + " ";
    return all;
  };
  CHECK(run("1") == run("1"));
  CHECK(run("1") != run("2"));
  CHECK(run("1").find(kIccid) != std::string::npos);
}

TEST_CASE("faults: rules about a file follow selections by identifier, path, AID and SFI") {
  Bench b(Protocol::kT1);
  b.add("mutate sw 6F00 ins B0 file EF.ICCID");
  b.add("mutate sw 6F01 ins B0 file ADF.USIM/6F07");
  b.add("mutate sw 6F02 ins A4 file DF.TELECOM");
  b.send("0020000108 31323334FFFFFFFF");
  CHECK(b.send("00A4000C022FE2") == "9000");
  CHECK(b.send("00B0000001") == "986F00");
  CHECK(b.send("00A4080C047F206F07") == "9000");  // the IMSI of DF GSM is another file
  CHECK(b.send("00B0000001") == "089000");
  CHECK(b.send("00A4040407A000000087100200").ends_with("9000"));
  CHECK(b.send("00A4000402 6F07 00").ends_with("9000"));
  CHECK(b.send("00B0000001") == "086F01");
  CHECK(b.send("00B0870001") == "086F01");  // SFI 7, which its FCP named
  CHECK(b.send("00A4000C027F10") == "6F02");
  CHECK(b.send("00A4000C023F00") == "9000");
  CHECK(b.send("00B0870001") == "6A82");  // an unknown SFI
  CHECK(b.send("01B0000001") == "6881");  // another channel
  REQUIRE(b.port.reset());
  CHECK(b.send("00B0000001") == "6986");
}

TEST_CASE("faults: power cut at a write leaves the old or the new content, as the card's transactions want it") {
  for (unsigned k = 1; k <= 4; ++k) {
    Bench b;
    b.send(kSelectIccid);
    b.send("0020000A083838383838383838");
    b.add("cut write " + std::to_string(k) + " ins D6");
    const std::string answer = b.send("00D600000A 11111111111111111111");
    const bool torn = answer != "9000";
    CHECK(torn == (k <= 3));
    if (torn) CHECK(b.send(kReadIccid) == "the card is not powered");
    b.port.clear();
    REQUIRE(b.port.reset());
    b.send(kSelectIccid);
    CHECK(b.send(kReadIccid) == (k < 3 ? std::string(kIccid) : "111111111111111111119000"));
  }
  Bench b;
  b.add("cut ins A4");
  CHECK(b.send(kSelectIccid) == "by a fault rule: the power was cut before the answer");
  CHECK(b.send(kReadIccid) == "the card is not powered");
  b.port.clear();
  b.add("cut request ins A4");
  REQUIRE(b.port.reset());
  CHECK(b.send(kSelectIccid) == "by a fault rule: the power was cut before the command");
}

TEST_CASE("faults: a card whose writes are not visible refuses a cut at a write") {
  test::Terminal terminal;
  FaultyPort port(terminal.card);
  CHECK(port.add(*Rule::parse("cut write 1")).error().code == ErrorCode::kUnsupported);
  CHECK(port.add(*Rule::parse("cut")));
  CHECK_FALSE(port.remove(7));
  CHECK(port.remove(1));
  CHECK(port.list().empty());
}

TEST_CASE("faults: a delay ends with its time, with its rule, or with the service") {
  Bench b;
  b.add("delay 1 ins A4");
  CHECK(b.send(kSelectIccid).starts_with("61"));
  b.port.clear();
  const auto read_while = [&b](const auto& act) {
    const auto number = b.add("delay 3600000 ins B0");
    std::string answer;
    std::thread client([&] { answer = b.send(kReadIccid); });
    while (b.port.list().back().done == 0) std::this_thread::yield();
    act(number);
    client.join();
    return answer;
  };
  CHECK(read_while([&b](std::uint32_t number) { b.port.remove(number); }) == kIccid);
  CHECK(read_while([&b](std::uint32_t) { b.port.clear(); }) == kIccid);
  CHECK(read_while([&b](std::uint32_t) { b.port.release(); }) == kIccid);
  CHECK(b.send(kReadIccid) == kIccid);  // and no other any more
}
