// SPDX-License-Identifier: Apache-2.0
// A card of several partitions, of which one is in use (profiles of an eUICC: SGP.22 clause 5.7.16).
#include "emulator/partition.hpp"

#include <functional>

#include <doctest/doctest.h>

#include "emulator/bench.hpp"
#include "emulator/power_cut_port.hpp"
#include "store/sqlite_store.hpp"
#include "tests/support/small_card.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using test::Terminal;

namespace {

constexpr const char* kSelectIccid = "00A4000C022FE2";
constexpr const char* kReadIccid = "00B000000A";
constexpr const char* kOfFirst = "988812010000000000019000";
constexpr const char* kOfSecond = "110000000000000000029000";

/// No PINs, and no file but the ICCID, which anybody may write.
std::shared_ptr<const CardImage> second_image() {
  CardSettings settings;
  settings.name = "second";
  settings.atr = to_bytes("3B9F968091FE1F878031E073FE215F67756963636C6162C8"_h);
  settings.free_memory = 1000;
  CardImageBuilder builder(settings);
  const FileId mf = builder.add_file(test::make_file(FileKind::kMf, 0x3F00, kMfId, 1), {});
  Bytes rule = to_bytes("80017F9000"_h);
  rule.resize(48, 0xFF);
  builder.add_file(test::make_file(FileKind::kLinearFixed, 0x2F06, mf, 1, 48, 48, 6), rule);
  builder.add_file(test::make_file(FileKind::kTransparent, 0x2FE2, mf, 1, 10, 0, 2), *from_hex("11000000000000000002"));
  return builder.build().value();
}

struct Two {
  Two() { REQUIRE(terminal.card.add_partition(second_image()) == 1); }
  std::string iccid() {
    terminal.send(kSelectIccid);
    return terminal.send(kReadIccid);
  }
  Terminal terminal;
  Card& card = terminal.card;
};

}  // namespace

TEST_CASE("A partition has its own files, keys and applications; a switch leaves nothing selected, verified or open") {
  Two t;
  CHECK(t.card.partition() == 0);
  REQUIRE(t.terminal.send("0020000A083838383838383838") == "9000");
  CHECK(t.terminal.exchange("0070000001") == "019000");
  CHECK(t.iccid() == kOfFirst);
  CHECK(t.terminal.send("00D600000199") == "9000");
  CHECK(t.terminal.send("00A4040C07A0000000871002") == "9000");

  REQUIRE(t.card.use_partition(1));
  CHECK(t.card.partition() == 1);
  CHECK(t.terminal.send(kReadIccid) == "6986");
  CHECK(t.terminal.send("01A4000C022FE2") == "6881");
  CHECK(t.iccid() == kOfSecond);
  CHECK(t.terminal.send("00A4000C027F10") == "6A82");
  CHECK(t.terminal.send("00A4040C07A0000000871002") == "6A82");
}

TEST_CASE("What was written stays in its partition, and the partition in use stays in use over a reset") {
  Two t;
  REQUIRE(t.terminal.send("0020000A083838383838383838") == "9000");
  t.iccid();
  REQUIRE(t.terminal.send("00D600000177") == "9000");
  REQUIRE(t.card.use_partition(1));
  REQUIRE(t.card.reset());
  CHECK(t.card.partition() == 1);
  CHECK(t.iccid() == kOfSecond);
  REQUIRE(t.terminal.send("00D600000155") == "9000");
  t.card.power_off();
  REQUIRE(t.card.use_partition(0));  // also while it is off
  REQUIRE(t.card.reset());
  CHECK(t.iccid() == "778812010000000000019000");
  CHECK(t.terminal.send("00D600000111") == "6982");  // the key is to be verified again
  REQUIRE(t.card.use_partition(1));
  CHECK(t.iccid() == "550000000000000000029000");
  REQUIRE(t.card.use_partition(1));  // it is already: nothing happens
  CHECK(t.terminal.send(kReadIccid) == "550000000000000000029000");
  CHECK(t.card.use_partition(2).error().code == ErrorCode::kNotFound);
}

TEST_CASE("While a proactive command is not answered no partition changes: catBusy (SGP.22 clause 5.7.16)") {
  Two t;
  REQUIRE(t.terminal.send("80100000020108") == "9000");
  REQUIRE(queue_proactive(t.card, "D009 8103012100 82028182"_h));
  CHECK(t.card.use_partition(1).error().code == ErrorCode::kRefused);
  CHECK(t.terminal.send("801200000B").ends_with("9000"));
  CHECK(t.card.use_partition(1).error().code == ErrorCode::kRefused);
  CHECK(t.card.partition() == 0);
  REQUIRE(t.terminal.send("801400000C 810301210082028281830100") == "9000");
  CHECK(t.card.use_partition(1));
  CHECK(t.card.session()->cat.has_profile());
}

TEST_CASE("A cut at each write of a switch leaves the old partition in use or the new one, and both whole") {
  for (std::uint32_t k = 1;; ++k) {
    CAPTURE(k);
    Two t;
    PowerCutPort power(t.card);
    power.arm(k);
    const auto done = t.card.use_partition(1);
    const bool cut = power.was_cut();
    power.arm(0);
    CHECK(done.has_value() == !cut);
    if (cut) CHECK(t.card.session() == nullptr);
    REQUIRE(t.card.reset());
    CHECK(t.iccid() == (t.card.partition() == 1 ? kOfSecond : kOfFirst));
    if (!cut) break;
    REQUIRE(k < 10);
  }
}

TEST_CASE("The store keeps each partition of a card separately, and a kill keeps final writes") {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("state.db");
  const auto made = [&](const std::function<void(Card&)>& use, bool both = true) {
    auto state = SqliteState::open(path);
    REQUIRE(state);
    SeededRandom random{1};
    ManualClock clock;
    Card card(test::small_image(), random, clock, (*state)->store(3, test::small_image()).value());
    if (both) card.add_partition(second_image(), (*state)->store(3, second_image(), 1).value());
    CHECK((*state)->store(3, second_image(), 1).has_value() != both);  // handed out already
    use(card);
  };
  const auto iccid = [](Card& card) {
    (void)card.transmit(*from_hex(kSelectIccid));
    return to_hex(*card.transmit(*from_hex(kReadIccid)));
  };
  made([&](Card& card) {
    REQUIRE(card.reset());
    REQUIRE(card.use_partition(1));
    CHECK(iccid(card) == kOfSecond);
    CHECK(to_hex(*card.transmit("00D600000133"_h)) == "9000");
  });  // it is not powered off
  made([&](Card& card) {
    REQUIRE(card.reset());
    CHECK(card.partition() == 1);
    CHECK(iccid(card) == "330000000000000000029000");
    REQUIRE(card.use_partition(0));
    CHECK(iccid(card) == kOfFirst);
    REQUIRE(card.use_partition(1));
  });
  made(
      [&](Card& card) {
        const auto atr = card.reset();
        REQUIRE_FALSE(atr);  // it was in use, and is not there now
        CHECK(atr.error().text.find("partition 1") != std::string::npos);
      },
      false);
}

TEST_CASE("A rehearsal has the partitions of its card") {
  Two t;
  REQUIRE(t.card.use_partition(1));
  SeededRandom random{2};
  const auto copy = t.card.clone(random);
  REQUIRE(copy->reset());
  CHECK(copy->partition() == 1);
  REQUIRE(copy->use_partition(0));
  CHECK(t.card.partition() == 1);
}
