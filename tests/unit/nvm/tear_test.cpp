// SPDX-License-Identifier: Apache-2.0
// Power cut at every write of every command that writes: the card has the state before the command or after it, never between, and what
// protects (tries of a PIN or PUK, an application's counter) is never back where it was.
#include <vector>

#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "core/crypto/milenage.hpp"
#include "core/hex.hpp"
#include "emulator/fault.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "profile/toml.hpp"
#include "store/sqlite_store.hpp"
#include "tests/support/dump.hpp"
#include "tests/support/failing_disk.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using test::Dump;
using test::FailingDisk;

namespace {

constexpr const char* kAdm = "0020000A083838383838383838";
constexpr const char* kPin1 = "002000010831323334FFFFFFFF";
constexpr const char* kWrongPin1 = "002000010831323335FFFFFFFF";
constexpr const char* kApplication = "00A4040C0CA0000000871002FF49FF0589";
constexpr const char* kSuspend = "80760000 04 010A 020A";

struct Scenario {
  std::string name;
  std::vector<std::string> before;  ///< commands that must succeed; "reset"; "-" in front: may fail
  std::string command;              ///< TOKEN: the resume token of the last answer
  const char* answer;
};

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> kAll{
      // ETSI TS 102 221 clauses 11.1.4, 11.1.6, 11.1.8
      {"UPDATE BINARY", {kPin1, "00A4000C022F05"}, "00D6000004AABBCCDD", "9000"},
      {"UPDATE BINARY by SFI", {kPin1}, "00D6850A04AABBCCDD", "9000"},
      {"UPDATE BINARY, the second", {kPin1, "00D6850001AA"}, "00D6850001BB", "9000"},
      {"UPDATE RECORD, linear", {kAdm, "00A4080C047F106F3A"}, "00DC020406A1A2A3A4A5A6", "9000"},
      {"UPDATE RECORD, cyclic", {kAdm, "00A4080C047F106F39"}, "00DC000303ABCDEF", "9000"},
      {"INCREASE", {kPin1, "00A4080C047F106F39"}, "8032000003000001", "6106"},
      // clause 11.3.2
      {"SET DATA", {kAdm, "00A4080C047F106F77"}, "80DB008006C20401020304", "9000"},
      {"SET DATA, the last block", {kAdm, "00A4080C047F106F77", "80DB008004C2080102"}, "80DB000006030405060708", "9000"},
      {"SET DATA, replaced", {kAdm, "00A4080C047F106F77", "80DB008003C20101"}, "80DB008004C2020203", "9000"},
      {"SET DATA, deleted", {kAdm, "00A4080C047F106F77", "80DB008003C20101"}, "80DB008001C2", "9000"},
      // clauses 11.1.9 to 11.1.13
      {"VERIFY PIN, right", {}, kPin1, "9000"},
      {"VERIFY PIN, right after a wrong one", {std::string("-") + kWrongPin1}, kPin1, "9000"},
      {"VERIFY PIN, wrong", {}, kWrongPin1, "63C2"},
      {"VERIFY PIN, wrong once too often", {std::string("-") + kWrongPin1, std::string("-") + kWrongPin1}, kWrongPin1, "63C0"},
      {"VERIFY PIN, of an application, wrong", {kApplication}, "002000810831323335FFFFFFFF", "63C2"},
      {"CHANGE PIN", {}, "002400011031323334FFFFFFFF34333231FFFFFFFF", "9000"},
      {"CHANGE PIN, wrong", {}, "002400011031323335FFFFFFFF34333231FFFFFFFF", "63C2"},
      {"DISABLE PIN", {}, "002600010831323334FFFFFFFF", "9000"},
      {"DISABLE PIN, wrong", {}, "002600010831323335FFFFFFFF", "63C2"},
      {"DISABLE PIN in favour of the universal PIN", {}, "002691010831323334FFFFFFFF", "9000"},
      {"ENABLE PIN", {"002600010831323334FFFFFFFF"}, "002800010831323334FFFFFFFF", "9000"},
      {"ENABLE PIN, wrong", {"002600010831323334FFFFFFFF"}, "002800010831323335FFFFFFFF", "63C2"},
      {"UNBLOCK PIN", {std::string("-") + kWrongPin1}, "002C000110313233343536373834333231FFFFFFFF", "9000"},
      {"UNBLOCK PIN, wrong", {}, "002C000110313233343536373934333231FFFFFFFF", "63C9"},
      // clauses 11.1.14 and 11.1.15
      {"DEACTIVATE FILE", {kAdm, "00A4000C022FE2"}, "00040000", "9000"},
      {"ACTIVATE FILE", {kAdm, "00A4000C022FE2", "00040000"}, "00440000", "9000"},
      // ETSI TS 102 222 clauses 6.3, 6.4, 6.10
      {"CREATE FILE, an EF", {kAdm}, "00E0000018621682024121 83026F99 8A0105 8B032F0604 80020010 8800", "9000"},
      {"CREATE FILE, a DF", {kAdm}, "00E000001E621C82027821 83027F99 8A0105 8B032F0605 81020100 C60690010083 0101", "9000"},
      {"DELETE FILE, an EF", {kAdm}, "00E40000022FE2", "9000"},
      {"DELETE FILE, a DF and what is below it", {kAdm}, "00E40000027F10", "9000"},
      {"DELETE FILE, the card's own", {kAdm, "00E0000018621682024121 83026F99 8A0105 8B032F0604 80020010 8800"}, "00E40000026F99", "9000"},
      {"RESIZE FILE, more records", {kAdm, "00A4000C027F10"}, "80D400000A6208 83026F3A 80020030", "9000"},
      {"RESIZE FILE, fewer records", {kAdm, "00A4000C027F10"}, "80D400000A6208 83026F3A 8002000C", "9000"},
      {"RESIZE FILE, BER-TLV", {kAdm, "00A4000C027F10"}, "80D400000A6208 83026F77 80020400", "9000"},
      // clauses 6.7 to 6.9
      {"TERMINATE DF", {kAdm}, "00E60000027F10", "9000"},
      {"TERMINATE EF", {kAdm, "00A4000C027F10"}, "00E80000026F3A", "9000"},
      {"TERMINATE CARD USAGE", {kAdm}, "00FE0000", "9000"},
      // ETSI TS 102 221 clause 11.1.22
      {"SUSPEND UICC", {kPin1}, kSuspend, "610A"},
      {"SUSPEND UICC, resumed", {kPin1, kSuspend, "00C000000A", "reset"}, "8076010008TOKEN", "9000"},
      {"SUSPEND UICC, resumed with another token", {kPin1, kSuspend, "00C000000A", "reset"}, "80760100080000000000000000", "6985"},
      // applications
      {"an application's store", {kApplication}, "0097000002ABCD", "9000"},
      {"an application's store and counter", {kApplication, "009300000101"}, "009300000102", "9000"},
      {"an application's counter in a command that fails", {kApplication, "009300000101"}, "009200000102", "6A80"},
      // 3GPP TS 51.011
      {"UPDATE BINARY, class A0", {kPin1, "A0A40000022F05"}, "A0D6000004AABBCCDD", "9000"},
      {"VERIFY CHV, class A0, wrong", {}, "A02000010831323335FFFFFFFF", "9804"},
  };
  return kAll;
}

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

  FaultPort& port() { return *m_port; }
  bool works() const { return m_working; }
  Dump dump() { return test::dump(m_card->nvm()); }
  /// As the running session sees it.
  Dump live_dump() { return test::dump(m_card->nvm(), m_card->session()->files); }

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
  std::optional<FaultPort> m_port;
  std::string m_last;
  bool m_working = false;
};

/// What was used up of each thing that protects: tries of PIN and PUK, the counter of the test application (object 2).
std::map<std::string, int> used_up(const Dump& dump) {
  std::map<std::string, int> all;
  for (const auto& [name, value] : dump) {
    if (name.starts_with("PIN ")) {
      const auto pin = decode_pin(*from_hex(value));
      REQUIRE(pin);
      all[name + " tries"] = pin->max_tries - pin->tries;
      all[name + " PUK tries"] = pin->max_puk_tries - pin->puk_tries;
    }
    if (name.starts_with("application") && name.ends_with("/2")) all[name] = (*from_hex(value))[0];
  }
  return all;
}

/// The same without what protects.
Dump without_counters(const Dump& dump) {
  Dump rest;
  for (const auto& [name, value] : dump) {
    if (name.starts_with("application") && name.ends_with("/2")) continue;
    if (name.starts_with("PIN ")) {
      PinRecord pin = *decode_pin(*from_hex(value));
      pin.tries = pin.puk_tries = 0;
      rest[name] = to_hex(encode_pin(pin));
    } else {
      rest[name] = value;
    }
  }
  return rest;
}

/// After the command as a whole, or as before it, with counters used up at least as far as before.
void check_whole(const Dump& now, const Dump& before, const Dump& after) {
  if (now == after) return;
  const std::string in_part = test::difference(without_counters(now), without_counters(before));
  CHECK_MESSAGE(in_part.empty(), in_part);
  const auto used = used_up(now);
  for (const auto& [name, was] : used_up(before)) {
    CAPTURE(name);
    REQUIRE(used.contains(name));
    CHECK(used.at(name) >= was);
  }
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

TEST_CASE("a cut tells a right PIN from a wrong one only when the try is counted (TS 102 221 clause 11.1.9)") {
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
  const auto profile = parse_profile(std::string(default_profile_text()), "default.toml");
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
    FaultPort port(card);
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
