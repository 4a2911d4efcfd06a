// SPDX-License-Identifier: Apache-2.0
// Power loss under the state file, at each operation of the disk: tests/support/failing_disk.hpp.
#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "emulator/nvm/open_writes.hpp"
#include "store/sqlite_store.hpp"
#include "tests/support/failing_disk.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using test::FailingDisk;

namespace {

constexpr const char* kPath = "card.state";
constexpr std::uint64_t kSeeds = 8;

using Model = std::map<ObjectId, Bytes>;

Model contents(const Nvm& nvm) {
  Model all;
  for (const Change& change : nvm.overlay()) all.emplace(change.id, change.value.value_or(Bytes{}));
  return all;
}

/// A card's NVM on the disk.
struct Machine {
  explicit Machine(FailingDisk& disk) {
    auto opened = SqliteState::open(kPath, disk.vfs());
    if (!opened) throw SystemError(opened.error().text);
    state = std::move(*opened);
    auto store = state->store(0, test::small_image());
    if (!store) throw SystemError(store.error().text);
    nvm = std::make_unique<Nvm>(test::small_image(), std::move(*store));
  }
  std::unique_ptr<SqliteState> state;
  std::unique_ptr<Nvm> nvm;
};

ObjectId slot(std::uint32_t number) {
  return {Space::kApplet, 0, number};
}

}  // namespace

TEST_CASE("a new state file: a kill at any point leaves one that opens, power loss one that opens or is refused") {
  for (const bool kill : {true, false}) {
    for (unsigned cut = 1;; ++cut) {
      FailingDisk disk;
      disk.cut_at(cut);
      try {
        const Machine machine(disk);
      } catch (const SystemError&) {
      }
      if (!disk.is_dead()) {
        CHECK(cut > 10);
        break;
      }
      for (std::uint64_t seed = 0; seed < (kill ? 1 : kSeeds); ++seed) {
        CAPTURE(kill);
        CAPTURE(cut);
        CAPTURE(seed);
        FailingDisk copy;
        disk.copy_to(copy);
        if (!kill) copy.power_up(seed);
        const auto state = SqliteState::open(kPath, copy.vfs());
        if (kill) REQUIRE_MESSAGE(state, state.error().text);
        if (!state) CHECK(state.error().code == ErrorCode::kMalformed);
        if (state) CHECK((*state)->store(0, test::small_image()));
      }
    }
  }
}

TEST_CASE("a commit: power loss at any operation leaves the state before or after, and what was confirmed is after") {
  FailingDisk original;
  {
    const Machine machine(original);
    OpenWrites writes(*machine.nvm);
    machine.nvm->write(slot(1), Bytes(3000, 0x11));
    machine.nvm->write(slot(2), "02"_h);
    writes.commit();
  }
  original.restart();
  Model before;
  Model after;
  unsigned kept = 0;
  unsigned lost = 0;
  for (unsigned cut = 1;; ++cut) {
    bool was_cut = false;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      CAPTURE(cut);
      CAPTURE(seed);
      FailingDisk disk;
      original.copy_to(disk);
      bool confirmed = false;
      try {
        const Machine machine(disk);
        before = contents(*machine.nvm);
        OpenWrites writes(*machine.nvm);
        machine.nvm->write(slot(1), Bytes(5000, 0x22));
        machine.nvm->erase(slot(2));
        machine.nvm->write(slot(3), "03"_h);
        after = {{slot(1), Bytes(5000, 0x22)}, {slot(3), {0x03}}};
        disk.cut_at(cut);
        writes.commit();
        confirmed = true;
      } catch (const SystemError&) {
      }
      was_cut = disk.is_dead();
      disk.power_up(seed);
      const Model now = contents(*Machine(disk).nvm);
      if (confirmed) {
        CHECK(now == after);
      } else {
        CHECK((now == before || now == after));
      }
      ++(now == after ? kept : lost);
    }
    if (!was_cut) break;
  }
  CHECK(kept > 0);
  CHECK(lost > 0);
}

TEST_CASE("random transactions with power losses among them, against a map: nothing confirmed is lost, nothing is there in part") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    SeededRandom random(seed);
    FailingDisk disk;
    Model confirmed;
    for (int life = 0; life < 12; ++life) {
      CAPTURE(life);
      Model in_flight = confirmed;
      try {
        const Machine machine(disk);
        Nvm& nvm = *machine.nvm;
        REQUIRE(contents(nvm) == confirmed);
        disk.cut_at(static_cast<unsigned>(random.next() % 120) + 1);
        for (int transaction = 0; transaction < 40; ++transaction) {
          in_flight = confirmed;
          OpenWrites writes(nvm);
          const std::uint64_t changes = random.next() % 4 + 1;
          for (std::uint64_t i = 0; i < changes; ++i) {
            const ObjectId id = slot(static_cast<std::uint32_t>(random.next() % 6));
            if (random.next() % 4 == 0) {
              nvm.erase(id);
              in_flight.erase(id);
            } else {
              // Long values reach the size at which SQLite moves its log into the file.
              Bytes value(random.next() % 3 == 0 ? random.next() % 200000 : random.next() % 30);
              random.fill(value);
              nvm.write(id, value);
              in_flight.insert_or_assign(id, value);
            }
          }
          writes.commit();
          confirmed = in_flight;
        }
      } catch (const SystemError&) {
      }
      disk.power_up(random.next());
      const Model now = contents(*Machine(disk).nvm);
      REQUIRE((now == confirmed || now == in_flight));
      confirmed = now;
    }
  }
}
