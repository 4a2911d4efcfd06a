// SPDX-License-Identifier: Apache-2.0
// Power cut at every write of every command that writes: the card has the state before the command or after it, never between, and what
// protects (tries of a PIN or PUK, an application's counter) is never back where it was.
#include <vector>

#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "core/crypto/milenage.hpp"
#include "core/hex.hpp"
#include "emulator/power_cut_port.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "profile/toml.hpp"
#include "store/sqlite_store.hpp"
#include "tests/support/failing_disk.hpp"
#include "tests/support/scenarios.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using test::Dump;
using test::FailingDisk;
using test::Scenario;
using test::scenarios;

namespace {

/// A card in memory or on a failing disk, and the terminal before it.
class Bench {
 public:
  explicit Bench(FailingDisk* disk) {
    std::unique_ptr<NvmStore> store;
    if (disk != nullptr) {
      auto opened = SqliteState::open("card.state", disk->vfs());
      if (!opened) throw SystemError(opened.error().text);
      m_state = std::move(*opened);
      auto handed = m_state->store(0, image());
      if (!handed) throw SystemError(handed.error().text);
      store = std::move(*handed);
    }
    m_card.emplace(image(), m_random, m_clock, std::move(store));
    m_port.emplace(*m_card);
    m_working = m_port->reset().has_value();
  }

  static std::shared_ptr<const CardImage> image() {
    static const auto kImage = test::small_image();
    return kImage;
  }

  PowerCutPort& port() { return *m_port; }
  bool works() const { return m_working; }
  Dump dump() { return test::dump(m_card->nvm()); }
  /// As the running session sees it.
  Dump live_dump() { return test::dump(m_card->nvm(), m_card->session()->files()); }

  std::string send(std::string command) {
    if (const auto token = command.find("TOKEN"); token != std::string::npos) {
      command.replace(token, 5, m_last.substr(m_last.size() - 4 - 16, 16));
    }
    const auto answer = m_port->transmit(*from_hex(command));
    m_last = answer ? to_hex(*answer) : "cut";
    return m_last;
  }

  void play(const std::vector<std::string>& commands) {
    for (const std::string& command : commands) {
      if (command == "reset") {
        m_working = m_port->reset().has_value();
        continue;
      }
      const bool may_fail = command[0] == '-';
      const std::string answer = send(may_fail ? command.substr(1) : command);
      const std::string status = answer.substr(answer.size() - 4);
      const bool good = status == "9000" || status.starts_with("61") || status.starts_with("9F") || status == "63F1" || may_fail;
      if (!good) throw SystemError("the scene is not set: " + command + " -> " + answer);
    }
  }

 private:
  SeededRandom m_random{1};
  ManualClock m_clock;
  std::unique_ptr<SqliteState> m_state;
  std::optional<Card> m_card;
  std::optional<PowerCutPort> m_port;
  std::string m_last;
  bool m_working = false;
};

/// After the command as a whole, or as before it, with counters used up at least as far as before.
void check_whole(const Dump& now, const Dump& before, const Dump& after) {
  const std::string in_part = test::in_part(now, before, after);
  CHECK_MESSAGE(in_part.empty(), in_part);
}

struct Outcome {
  Dump before;
  Dump after;
  std::uint32_t writes = 0;
};

/// The scenario with the power on.
Outcome run_whole(const Scenario& scenario, FailingDisk* disk) {
  Outcome outcome;
  Bench bench(disk);
  bench.play(scenario.before);
  outcome.before = bench.dump();
  CHECK(bench.send(scenario.command) == scenario.answer);
  outcome.writes = bench.port().writes();
  outcome.after = bench.dump();
  const std::string stale = test::difference(bench.live_dump(), outcome.after);
  CHECK_MESSAGE(stale.empty(), stale);
  return outcome;
}

}  // namespace

TEST_CASE("power cut at every write of every command, memory: the state before or after (TS 102 221 clause 11, TS 102 222 clause 6)") {
  std::uint32_t cuts = 0;
  for (const Scenario& scenario : scenarios()) {
    CAPTURE(scenario.name);
    const Outcome whole = run_whole(scenario, nullptr);
    CHECK(whole.writes >= 3);  // a change, the commit, and after it: else the scenario shows nothing
    for (std::uint32_t k = 1; k <= whole.writes; ++k) {
      CAPTURE(k);
      Bench bench(nullptr);
      bench.play(scenario.before);
      bench.port().arm(k);
      CHECK(bench.send(scenario.command) == "cut");
      CHECK(bench.port().was_cut());
      CHECK(bench.send("00A40000023F00") == "cut");  // off until reset
      REQUIRE(bench.port().reset());
      const Dump now = bench.dump();
      check_whole(now, whole.before, whole.after);
      if (k == whole.writes) CHECK(now == whole.after);  // cut after the commit, before the answer
      ++cuts;
    }
    Bench bench(nullptr);
    bench.play(scenario.before);
    bench.port().arm(whole.writes + 1);
    CHECK(bench.send(scenario.command) == scenario.answer);
  }
  MESSAGE(scenarios().size(), " commands, ", cuts, " cuts");
}

TEST_CASE("power cut at every write of every command, SQLite: the transaction is rolled back, in memory and on the disk") {
  for (const Scenario& scenario : scenarios()) {
    CAPTURE(scenario.name);
    FailingDisk first;
    const Outcome whole = run_whole(scenario, &first);
    CHECK(Bench(&first).dump() == whole.after);
    for (std::uint32_t k = 1; k <= whole.writes; ++k) {
      CAPTURE(k);
      FailingDisk disk;
      Dump now;
      {
        Bench bench(&disk);
        bench.play(scenario.before);
        bench.port().arm(k);
        CHECK(bench.send(scenario.command) == "cut");
        REQUIRE(bench.port().reset());
        now = bench.dump();
        check_whole(now, whole.before, whole.after);
      }
      const std::string forgotten = test::difference(now, Bench(&disk).dump());
      CHECK_MESSAGE(forgotten.empty(), forgotten);
    }
  }
}

TEST_CASE("power lost at every operation of the disk in every command: the state before or after, and after if there was an answer") {
  std::uint32_t cuts = 0;
  for (const Scenario& scenario : scenarios()) {
    CAPTURE(scenario.name);
    const Outcome whole = run_whole(scenario, nullptr);
    for (unsigned cut = 1;; ++cut) {
      CAPTURE(cut);
      FailingDisk disk;
      std::string answer;
      {
        Bench bench(&disk);
        bench.play(scenario.before);
        disk.cut_at(cut);
        answer = bench.send(scenario.command);
      }
      // Closing the file is cut as well, if the command was not.
      const bool done = answer == scenario.answer;
      disk.power_up(cut);
      Bench bench(&disk);
      REQUIRE(bench.works());
      const Dump now = bench.dump();
      check_whole(now, whole.before, whole.after);
      if (done) CHECK(now == whole.after);
      if (done) break;
      ++cuts;
    }
  }
  MESSAGE(scenarios().size(), " commands, ", cuts, " cuts");
}

TEST_CASE("a power cut distinguishes a right PIN from a wrong one only after the try is counted (TS 102 221 clause 11.1.9)") {
  struct Pair {
    std::vector<std::string> before;
    std::string head, right, wrong, rest;
  };
  const std::string pin = "31323334FFFFFFFF";
  const std::string other = "31323335FFFFFFFF";
  const std::vector<Pair> pairs{
      {{}, "0020000108", pin, other, ""},
      {{}, "0024000110", pin, other, "34333231FFFFFFFF"},
      {{}, "0026000108", pin, other, ""},
      {{"0026000108" + pin}, "0028000108", pin, other, ""},
      {{}, "002C000110", "3132333435363738", "3132333435363739", "34333231FFFFFFFF"},
  };
  for (const Pair& pair : pairs) {
    CAPTURE(pair.head);
    const auto cut_at = [&](const std::string& candidate, std::uint32_t k) {
      Bench bench(nullptr);
      bench.play(pair.before);
      bench.port().arm(k);
      CHECK(bench.send(pair.head + candidate + pair.rest) == "cut");
      return bench.dump();
    };
    Bench bench(nullptr);
    bench.play(pair.before);
    const Dump before = bench.dump();
    bench.send(pair.head + pair.wrong + pair.rest);
    const Dump counted = bench.dump();
    CHECK(counted != before);
    for (std::uint32_t k = 1; k <= 3; ++k) {  // the change, the commit, after it
      CAPTURE(k);
      const Dump right = cut_at(pair.right, k);
      CHECK(right == cut_at(pair.wrong, k));
      CHECK(right == (k == 3 ? counted : before));
    }
    for (std::uint32_t k = 4; k <= 5; ++k) CHECK(cut_at(pair.right, k) == counted);  // until the command's own commit
  }
}

TEST_CASE("power cut in AUTHENTICATE: a sequence number is used up before an answer can leave, and once (TS 31.102 clause 7.1.1.1)") {
  const auto profile = profile::parse_profile(std::string(profile::default_profile_text()), "default.toml");
  REQUIRE(profile);
  const auto image = build_image(*profile, applet::builtin_modules()).value();
  auto network = crypto::Milenage::from(crypto::SecretBytes("465B5CE8B199B49FAA5F0A2EE238A6BC"_h),
                                        crypto::SecretBytes("CD63CB71954A9F4E48A5994E37A02BAF"_h))
                     .value();
  const crypto::Rand rand{0x23};
  const Bytes command = concat({"0088008122 10"_h, rand, "10"_h, crypto::make_autn(network, rand, {0, 0, 0, 0, 0, 0x21}, {0x80, 0x00})});
  SeededRandom random{1};
  ManualClock clock;
  bool ended = false;
  for (std::uint32_t k = 1; !ended; ++k) {
    CAPTURE(k);
    Card card(image, random, clock);
    PowerCutPort port(card);
    const auto select = [&] {
      REQUIRE(port.reset());
      CHECK(to_hex(*port.transmit("00A4040C07A0000000871002"_h)) == "9000");
    };
    const auto tag = [&] {
      const auto announced = port.transmit(command);
      if (!announced) return 0;
      REQUIRE((*announced)[0] == 0x61);
      return int{(*port.transmit(Bytes{0x00, 0xC0, 0x00, 0x00, (*announced)[1]}))[0]};
    };
    select();
    const Dump before = test::dump(card.nvm());
    port.arm(k);
    const int first = tag();
    ended = !port.was_cut();
    CHECK(first == (ended ? 0xDB : 0));
    port.arm(0);
    const Dump now = test::dump(card.nvm());
    select();
    // Used up or as before, nothing else; and the card does with it what its memory says.
    CHECK(tag() == (now == before ? 0xDB : 0xDC));
    CHECK(tag() == 0xDC);
    if (k == 1) CHECK(now == before);
    if (ended) CHECK(k == 4);  // a change, the commit, after it
    if (ended) CHECK(now != before);
  }
}
