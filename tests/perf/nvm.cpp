// SPDX-License-Identifier: Apache-2.0
// What keeping a card's memory costs: UPDATE BINARY of ten bytes on a card in memory and on a card in a state file, beside the same bytes
// put into a table of SQLite with bare calls and the same settings, and beside a write and sync of one page. Prints times and their ratios;
// judges nothing. Argument: the folder to write in (its disk is what is measured), default the current one.
#include <chrono>
#include <cstdio>
#include <filesystem>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "store/sqlite_store.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kInMemory = 200'000;
constexpr int kOnDisk = 300;
constexpr int kRounds = 3;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Seconds for one UPDATE BINARY of EF 2F05 (300 bytes).
double update_binary(std::unique_ptr<emulator::NvmStore> store, int times) {
  SeededRandom random(1);
  ManualClock clock;
  emulator::Card card(test::small_image(), random, clock, std::move(store));
  if (!card.reset()) throw SystemError("no answer to reset");
  const auto send = [&](BytesView command) {
    const auto answer = card.transmit(command);
    if (!answer || to_hex(*answer) != "9000") throw SystemError("the card refused");
  };
  send("002000010831323334FFFFFFFF"_h);
  Bytes command = to_bytes("00D685000A00010203040506070809"_h);
  const auto begin = Clock::now();
  for (int i = 0; i < times; ++i) {
    command[5] = static_cast<std::uint8_t>(i);
    send(command);
  }
  return seconds_since(begin) / times;
}

double on_disk(const std::string& path) {
  auto state = emulator::SqliteState::open(path);
  if (!state) throw SystemError(state.error().text);
  auto store = (*state)->store(0, test::small_image());
  if (!store) throw SystemError(store.error().text);
  return update_binary(std::move(*store), kOnDisk);
}

/// Seconds for one row of 300 bytes in a transaction of its own.
double bare_sqlite(const std::string& path) {
  sqlite3* database = nullptr;
  sqlite3_stmt* insert = nullptr;
  const char* setup =
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
      "CREATE TABLE o(id INTEGER PRIMARY KEY, value BLOB)";
  if (sqlite3_open(path.c_str(), &database) != SQLITE_OK || sqlite3_exec(database, setup, nullptr, nullptr, nullptr) != SQLITE_OK ||
      sqlite3_prepare_v2(database, "INSERT OR REPLACE INTO o VALUES(5, ?)", -1, &insert, nullptr) != SQLITE_OK) {
    throw SystemError("SQLite failed");
  }
  Bytes value(300, 0xFF);
  const auto begin = Clock::now();
  for (int i = 0; i < kOnDisk; ++i) {
    value[0] = static_cast<std::uint8_t>(i);
    sqlite3_bind_blob(insert, 1, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) throw SystemError("SQLite failed");
    sqlite3_reset(insert);
  }
  const double time = seconds_since(begin) / kOnDisk;
  sqlite3_finalize(insert);
  sqlite3_close(database);
  return time;
}

double bare_sync(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const Bytes page(4096, 0xFF);
  const auto begin = Clock::now();
  for (int i = 0; i < kOnDisk; ++i) {
    if (pwrite(file, page.data(), page.size(), i * 4096) != 4096 || fdatasync(file) != 0) throw SystemError("the disk failed");
  }
  const double time = seconds_since(begin) / kOnDisk;
  close(file);
  return time;
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder = std::filesystem::path(argc > 1 ? argv[1] : ".") / ("perf-nvm-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  std::printf("%10s %12s %12s %12s | %s\n", "memory", "state file", "bare SQLite", "write+sync", "state file / bare SQLite, / write+sync");
  for (int round = 0; round < kRounds; ++round) {
    const std::string number = std::to_string(round);
    const double sync = bare_sync(folder / ("raw" + number));
    const double bare = bare_sqlite(folder / ("bare" + number));
    const double disk = on_disk(folder / ("state" + number));
    const double memory = update_binary(nullptr, kInMemory);
    std::printf("%8.3f us %9.0f us %9.0f us %9.0f us | %.2f, %.2f\n", memory * 1e6, disk * 1e6, bare * 1e6, sync * 1e6, disk / bare,
                disk / sync);
  }
  std::filesystem::remove_all(folder);
}
