// SPDX-License-Identifier: Apache-2.0
// Memory that runs out at every allocation of every command that writes, and something thrown at every write: the answer is 6F00 or the
// card is dead, never an exception out of the port, and the state is the one before the command or the one after it, in memory and in the
// session.
#include <doctest/doctest.h>

#include "tests/support/failing_memory.hpp"
#include "tests/support/scenarios.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using test::Dump;
using test::FailingMemory;
using test::Scenario;
using test::scenarios;

namespace {

/// A card on which a scenario is set, and its command.
class Scene {
 public:
  explicit Scene(const Scenario& scenario) : m_card(image(), m_random, m_clock) {
    REQUIRE(m_card.reset());
    std::string last;
    const auto send = [&](const std::string& command) { last = to_hex(m_card.transmit(*from_hex(command)).value()); };
    for (const std::string& command : scenario.before) {
      if (command == "reset") {
        REQUIRE(m_card.reset());
      } else {
        send(command[0] == '-' ? command.substr(1) : command);
      }
    }
    std::string command = scenario.command;
    if (const auto token = command.find("TOKEN"); token != std::string::npos)
      command.replace(token, 5, last.substr(last.size() - 4 - 16, 16));
    m_command = *from_hex(command);
  }

  static std::shared_ptr<const CardImage> image() {
    static const auto kImage = test::small_image();
    return kImage;
  }

  Card& card() { return m_card; }
  const Bytes& command() const { return m_command; }
  Dump memory() { return test::dump(m_card.nvm()); }
  /// What the session says of the memory, and of itself. A session without memory for following has it before the next command.
  Dump session() {
    m_card.session()->catch_up();
    Dump all = test::dump(m_card.nvm(), m_card.session()->files());
    all.merge(test::dump_session(*m_card.session()));
    return all;
  }

 private:
  SeededRandom m_random{1};
  ManualClock m_clock;
  Card m_card;
  Bytes m_command;
};

struct Whole {
  Dump before, after, session_before, session_after;
};

Whole run_whole(const Scenario& scenario) {
  Whole whole;
  Scene scene(scenario);
  whole.before = scene.memory();
  whole.session_before = test::dump_session(*scene.card().session());
  CHECK(to_hex(scene.card().transmit(scene.command()).value()) == scenario.answer);
  whole.after = scene.memory();
  whole.session_after = test::dump_session(*scene.card().session());
  return whole;
}

/// The card after a fault. False: it is off.
bool check(Scene& scene, const Scenario& scenario, const Whole& whole, const Result<Bytes>& answer) {
  const bool on = scene.card().session() != nullptr;
  CHECK(on == answer.has_value());
  if (!on) REQUIRE(scene.card().reset());
  CHECK_FALSE(scene.card().nvm().has_pending());
  const Dump now = scene.memory();
  const std::string in_part = test::in_part(now, whole.before, whole.after);
  CHECK_MESSAGE(in_part.empty(), in_part);
  if (!on) return false;
  const std::string told = to_hex(*answer);
  CHECK((told == "6F00" || told == scenario.answer));
  if (told == scenario.answer) CHECK(now == whole.after);
  const Dump session = scene.session();
  for (const auto& [name, value] : now) {
    CAPTURE(name);
    const auto it = session.find(name);
    REQUIRE(it != session.end());
    CHECK(it->second == value);
  }
  const Dump of_session = test::dump_session(*scene.card().session());
  const bool is_before = of_session == whole.session_before;
  const bool is_after = of_session == whole.session_after;
  // A wrong PIN is a wrong PIN: the status may be gone with an answer of 6F00.
  CHECK_MESSAGE((is_before || is_after), test::difference(of_session, whole.session_before));
  return true;
}

}  // namespace

TEST_CASE(
    "memory runs out at every allocation of every command: 6F00 or a dead card, the state before or after (TS 102 221 clause 10.2.1.5)") {
  std::size_t faults = 0;
  std::size_t dead = 0;
  for (const Scenario& scenario : scenarios()) {
    CAPTURE(scenario.name);
    const Whole whole = run_whole(scenario);
    for (const bool for_good : {false, true}) {
      CAPTURE(for_good);
      for (std::size_t k = 1;; ++k) {
        CAPTURE(k);
        Scene scene(scenario);
        std::optional<Result<Bytes>> answer;
        bool failed = false;
        {
          const FailingMemory memory(k, for_good);
          answer.emplace(scene.card().transmit(scene.command()));
          failed = memory.failed();
        }
        if (!failed) {
          CHECK(to_hex(answer->value()) == scenario.answer);
          break;
        }
        ++faults;
        if (!check(scene, scenario, whole, *answer)) ++dead;
      }
    }
  }
  CHECK(dead > 0);
  MESSAGE(scenarios().size(), " commands, ", faults, " faults, ", dead, " cards dead");
}

TEST_CASE("memory runs out at every allocation of a reset: the card answers to reset or says that it does not") {
  for (const bool for_good : {false, true}) {
    for (std::size_t k = 1;; ++k) {
      CAPTURE(k);
      Scene scene(scenarios().front());
      const Dump before = scene.memory();
      std::optional<Result<Atr>> atr;
      bool failed = false;
      {
        const FailingMemory memory(k, for_good);
        atr.emplace(scene.card().reset());
        failed = memory.failed();
      }
      CHECK(atr->has_value() == (scene.card().session() != nullptr));
      CHECK(scene.memory() == before);
      if (!failed) break;
    }
  }
}

TEST_CASE("something is thrown at every write of every command: 6F00, the state before or after") {
  struct Thrower final : WriteObserver {
    unsigned left = 0;
    unsigned what = 0;
    void on_write(Step /*step*/) override {
      if (left == 0 || --left != 0) return;
      switch (what) {
        case 0:
          throw std::bad_alloc();
        case 1:
          throw SystemError("what the test throws");
        case 2:
          (void)Result<int>(fail(ErrorCode::kRange, "")).value();
          break;
        default:
          throw 4;
      }
    }
  };
  for (const Scenario& scenario : scenarios()) {
    CAPTURE(scenario.name);
    const Whole whole = run_whole(scenario);
    for (unsigned what = 0; what < 4; ++what) {
      CAPTURE(what);
      for (unsigned k = 1;; ++k) {
        CAPTURE(k);
        Scene scene(scenario);
        Thrower thrower;
        thrower.left = k;
        thrower.what = what;
        scene.card().nvm().set_observer(&thrower);
        const auto answer = scene.card().transmit(scene.command());
        scene.card().nvm().set_observer(nullptr);
        CHECK(check(scene, scenario, whole, answer));
        if (thrower.left != 0) break;
      }
    }
  }
}

TEST_CASE("memory that runs out while an overlay is packed leaves it as it was; while it is unpacked, it can be looked at later") {
  const auto image = Scene::image();
  Nvm nvm(image);
  for (std::uint32_t i = 0; i < 5; ++i) nvm.write_now({Space::kApplet, 0, i}, Bytes(20 + i, 0x11));
  const auto state = [&] {
    std::map<ObjectId, std::optional<Bytes>> all;
    for (const Change& change : nvm.overlay()) all[change.id] = change.value;
    return all;
  };
  const auto before = state();
  bool failed = true;
  for (std::size_t k = 1; failed; ++k) {
    for (const bool for_good : {false, true}) {
      {
        const FailingMemory memory(k, for_good);
        nvm.shrink();
        try {
          (void)nvm.overlay();
        } catch (const std::bad_alloc&) {
        }
        failed = memory.failed();
      }
      CHECK(state() == before);
    }
    REQUIRE(k < 200);
  }
}
