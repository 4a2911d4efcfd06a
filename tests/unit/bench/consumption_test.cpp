// SPDX-License-Identifier: Apache-2.0
#include "bench/consumption.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "profile/default_card/default_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;

namespace {

struct Rehearsal {
  SeededRandom random{1};
  ManualClock clock;
  Card card{profile::default_card(), random, clock};
  bench::Consumption consumption{card, card};

  Rehearsal() { REQUIRE(consumption.reset()); }
  std::string send(std::string_view command) { return to_hex(consumption.transmit(from_hex(command).value()).value()); }
  std::vector<std::string> after(std::initializer_list<std::string_view> commands) {
    for (const std::string_view command : commands) (void)send(command);
    return consumption.lines();
  }
};

/// One string, which a failing check shows.
std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

}  // namespace

TEST_CASE("Reading consumes nothing") {
  Rehearsal rehearsal;
  CHECK(rehearsal.after({"00A40004022FE2", "00B000000A", "0020000A", "0084000008"}).empty());
}

TEST_CASE("Tries of a PIN, also those that came back, and a PIN that is blocked") {
  Rehearsal one;
  CHECK(joined(one.after({"0020000A083131313131313131"})) == "ADM1: 3 tries, then 2\n");
  CHECK(joined(one.after({"0020000A083838383838383838"})) == "ADM1: 3 tries, for a while 2, then 3 again\n");
  Rehearsal blocked;
  CHECK(joined(blocked.after({"0020000A083131313131313131", "0020000A083131313131313131", "0020000A083131313131313131"})) ==
        "ADM1: 3 tries, then 0: BLOCKED\n");
  Rehearsal puk;
  CHECK(joined(puk.after({"002C00011031313131313131313030303030303030"})) == "PIN1: 10 tries of its PUK, then 9\n");
  Rehearsal changed;
  CHECK(joined(changed.after({"002800010831323334FFFFFFFF", "002400011031323334FFFFFFFF34333231FFFFFFFF"})) ==
        "PIN1: another value\n"
        "PIN1: enabled\n");
}

TEST_CASE("Writes by file and record, before and after; only the bytes that differ") {
  Rehearsal rehearsal;
  const auto lines = rehearsal.after({"00A4040C07A0000000871002", "00A4000C026F05", "00D60000026672", "00A40804047F106F3A",
                                      "00DC02041A"
                                      "41"
                                      "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"});
  REQUIRE(!lines.empty());
  CHECK(std::ranges::find(lines, "EF.LI (ADF.USIM/6F05) from byte 0: 656E -> 6672") != lines.end());
}

TEST_CASE("Counters of secure channels, life cycles, the end of a card") {
  Rehearsal channel;
  CHECK(joined(channel.after({"00A4040008A000000151000000", "80503000080102030405060708"})) ==
        "SCP sequence counter of key version 30: 0 -> 1\n");
  Rehearsal state;
  const auto lines = state.after({"0020000A083838383838383838", "00A40004022F05", "0004000000"});
  CHECK(std::ranges::find(lines, "EF.PL (3F00/2F05): activated -> deactivated") != lines.end());
}
