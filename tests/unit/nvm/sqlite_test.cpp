// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.hpp"

#include <fstream>
#include <thread>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/reader.hpp"
#include "emulator/nvm/nvm.hpp"
#include "store/sqlite_store.hpp"
#include "tests/support/failing_disk.hpp"
#include "tests/support/small_card.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using test::TemporaryFolder;

namespace {

constexpr ObjectId kSlot{Space::kApplet, 0, 1};
constexpr ObjectId kOther{Space::kApplet, 0, 2};
const ObjectId kPin1 = pin_object(KeyReference{0x01}, kMfId);

std::unique_ptr<SqliteState> must_open(const std::string& path, const char* vfs = nullptr) {
  auto state = SqliteState::open(path, vfs);
  REQUIRE_MESSAGE(state.has_value(), (state ? std::string() : state.error().text));
  return std::move(*state);
}

std::unique_ptr<NvmStore> must_store(SqliteState& state, std::uint32_t card = 0) {
  auto store = state.store(card, test::small_image());
  REQUIRE_MESSAGE(store.has_value(), (store ? std::string() : store.error().text));
  return std::move(*store);
}

void keep(NvmStore& store, std::initializer_list<Change> changes) {
  const std::vector<Change> all(changes);
  store.commit(all);
}

std::string text(NvmStore& store) {
  std::string all;
  for (const Change& change : store.load()) {
    all += to_hex(ByteWriter().number(change.id.value, 8).view()) + "=" + (change.value ? to_hex(*change.value) : "erased") + " ";
  }
  return all;
}

std::string refusal(const std::string& path, ErrorCode code) {
  const auto state = SqliteState::open(path);
  REQUIRE_FALSE(state);
  CHECK(state.error().code == code);
  return state.error().text;
}

Bytes read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

void write_file(const std::string& path, BytesView bytes) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

TEST_CASE("what was committed is there when the file is opened again, in the order of the objects, empty values and erasures too") {
  const TemporaryFolder folder;
  const std::string path = folder.file("card.state");
  {
    const auto state = must_open(path);
    const auto store = must_store(*state);
    CHECK(store->load().empty());
    keep(*store, {{kOther, Bytes{0x02, 0x03}}, {kSlot, Bytes{}}});
    keep(*store, {{kPin1, std::nullopt}});
  }
  const auto state = must_open(path);
  const auto store = must_store(*state);
  CHECK(text(*store) == "0400000000000001=erased 0500000000000001= 0500000000000002=0203 ");
}

TEST_CASE("an erased object that personalisation did not write leaves no row") {
  const TemporaryFolder folder;
  const auto state = must_open(folder.file("card.state"));
  const auto store = must_store(*state);
  keep(*store, {{kSlot, Bytes{0x01}}});
  keep(*store, {{kSlot, std::nullopt}});
  CHECK(store->load().empty());
}

TEST_CASE("cards in one file do not see each other") {
  const TemporaryFolder folder;
  const auto state = must_open(folder.file("cards.state"));
  const auto first = must_store(*state, 0);
  const auto last = must_store(*state, 0xFFFFFFFF);
  keep(*first, {{kSlot, Bytes{0x01}}});
  keep(*last, {{kSlot, Bytes{0x02}}});
  CHECK(text(*first) == "0500000000000001=01 ");
  CHECK(text(*last) == "0500000000000001=02 ");
}

TEST_CASE("stores of one file are used from several threads at once") {
  const TemporaryFolder folder;
  const auto state = must_open(folder.file("cards.state"));
  std::vector<std::unique_ptr<NvmStore>> stores;
  for (std::uint32_t card = 0; card < 4; ++card) stores.push_back(must_store(*state, card));
  std::vector<std::thread> threads;
  for (std::uint32_t card = 0; card < 4; ++card) {
    threads.emplace_back([&, card] {
      for (std::uint8_t i = 0; i < 10; ++i) {
        const std::vector<Change> changes{{kSlot, Bytes{static_cast<std::uint8_t>(card), i}}, {kOther, Bytes{i}}};
        stores[card]->commit(changes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::uint32_t card = 0; card < 4; ++card) {
    CHECK(text(*stores[card]) == "0500000000000001=0" + std::to_string(card) + "09 0500000000000002=09 ");
  }
}

TEST_CASE("one card of a file is handed out once at a time") {
  const TemporaryFolder folder;
  const auto state = must_open(folder.file("card.state"));
  auto store = must_store(*state, 7);
  const auto second = state->store(7, test::small_image());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kRefused);
  CHECK(second.error().text.ends_with("card.state\": card 7 is in use already"));
  store.reset();
  CHECK(state->store(7, test::small_image()));
}

TEST_CASE("state is not handed to a card of another image, and the error says so") {
  const TemporaryFolder folder;
  const std::string path = folder.file("card.state");
  keep(*must_store(*must_open(path)), {{kSlot, Bytes{0x01}}});
  const auto state = must_open(path);
  const auto other = state->store(0, test::small_image(false));
  REQUIRE_FALSE(other);
  CHECK(other.error().code == ErrorCode::kMismatch);
  CHECK(other.error().text.find("card 0 was made with another profile (profile \"small\", image ") != std::string::npos);
  CHECK(text(*must_store(*state)) == "0500000000000001=01 ");
}

TEST_CASE("a card that wrote nothing has no state that could belong to another image") {
  const TemporaryFolder folder;
  const std::string path = folder.file("card.state");
  must_store(*must_open(path));
  CHECK(must_open(path)->store(0, test::small_image(false)));
}

TEST_CASE("the file and its log are for the owner only") {
  const TemporaryFolder folder;
  const std::string path = folder.file("card.state");
  const auto state = must_open(path);
  keep(*must_store(*state), {{kSlot, Bytes{0x01}}});
  for (const std::string& name : {path, path + "-wal"}) {
    struct stat status {};
    REQUIRE(stat(name.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
}

TEST_CASE("a file that is closed in order is one file") {
  const TemporaryFolder folder;
  keep(*must_store(*must_open(folder.file("card.state"))), {{kSlot, Bytes{0x01}}});
  CHECK(folder.count() == 1);
}

TEST_CASE("a state file is used by one process at a time") {
  const TemporaryFolder folder;
  const std::string path = folder.file("card.state");
  auto state = must_open(path);
  CHECK(refusal(path, ErrorCode::kRefused) == "\"" + path + "\" is in use by another process");
  const pid_t child = fork();
  if (child == 0) {
    const auto second = SqliteState::open(path);
    _exit(!second && second.error().code == ErrorCode::kRefused ? 42 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 42);
  // The refused attempts have not loosened the lock.
  CHECK(refusal(path, ErrorCode::kRefused) == "\"" + path + "\" is in use by another process");
  state.reset();
  must_open(path);
}

TEST_CASE("a file that is not a state file is refused and not changed") {
  const TemporaryFolder folder;
  const std::string path = folder.file("foreign");
  const std::string expected = "\"" + path + "\" is not a state file of uicclab";

  for (const Bytes& contents : {to_bytes(as_bytes("x")), to_bytes(as_bytes("SQLite format 3")), Bytes(5000, 0x00), Bytes(5000, 0xFF)}) {
    CAPTURE(to_hex(BytesView(contents).first(1)));
    write_file(path, contents);
    CHECK(refusal(path, ErrorCode::kMalformed) == expected);
    CHECK(read_file(path) == contents);
  }
  std::filesystem::remove(path);
  {
    sqlite::Database foreign(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    foreign.execute("CREATE TABLE card(number INTEGER)");
  }
  const Bytes before = read_file(path);
  CHECK(refusal(path, ErrorCode::kMalformed) == expected);
  CHECK(read_file(path) == before);
  CHECK(folder.count() == 1);
}

TEST_CASE("the journal of another program's interrupted transaction is not rolled back") {
  const TemporaryFolder folder;
  const std::string path = folder.file("foreign");
  {
    sqlite::Database foreign(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    foreign.execute(
        "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; CREATE TABLE t(b BLOB); INSERT INTO t VALUES(zeroblob(50000)); BEGIN; "
        "UPDATE t SET b = randomblob(50000)");
    std::filesystem::copy(path, folder.file("torn"));
    std::filesystem::copy(path + "-journal", folder.file("torn-journal"));
  }
  const std::string torn = folder.file("torn");
  const Bytes before = read_file(torn);
  const Bytes journal = read_file(torn + "-journal");
  REQUIRE_FALSE(journal.empty());
  refusal(torn, ErrorCode::kMalformed);
  CHECK(read_file(torn) == before);
  CHECK(read_file(torn + "-journal") == journal);
}

TEST_CASE("a file of a newer version is refused for that reason and not changed") {
  const TemporaryFolder folder;
  const std::string path = folder.file("card.state");
  keep(*must_store(*must_open(path)), {{kSlot, Bytes{0x01}}});
  sqlite::Database(path, SQLITE_OPEN_READWRITE, nullptr).execute("PRAGMA user_version = 2");
  const Bytes before = read_file(path);
  CHECK(refusal(path, ErrorCode::kUnsupported) ==
        "\"" + path + "\" was written by a newer version of uicclab (format 2; this one knows up to 1)");
  CHECK(read_file(path) == before);
  CHECK(folder.count() == 1);
}

TEST_CASE("a path that can hold no file is refused with the system's reason") {
  const TemporaryFolder folder;
  CHECK(refusal(folder.file("no/such/folder"), ErrorCode::kIo).ends_with("cannot be made: No such file or directory"));
  CHECK(refusal(folder.file("."), ErrorCode::kIo).ends_with("is not a regular file"));
  REQUIRE(mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK(refusal(folder.file("pipe"), ErrorCode::kIo).ends_with("is not a regular file"));
}

TEST_CASE("names that mean something to SQLite are names of files here") {
  const TemporaryFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.file("."));
  for (const std::string name : {":memory:", "file:x?mode=ro", "100%25.state", "a#b", "a?immutable=1"}) {
    CAPTURE(name);
    keep(*must_store(*must_open(name)), {{kSlot, Bytes{0x01}}});
    CHECK(std::filesystem::exists(name));
    CHECK(text(*must_store(*must_open(name))) == "0500000000000001=01 ");
  }
  std::filesystem::current_path(before);
}

TEST_CASE("a damaged file is refused, or what it says of the card is what was written: every byte of it, changed") {
  test::FailingDisk disk;
  const auto fill = [&](const char* vfs) {
    const auto state = must_open("card.state", vfs);
    const auto store = must_store(*state);
    keep(*store, {{kSlot, Bytes(40, 0x33)}, {kOther, Bytes{}}, {kPin1, encode_pin(test::make_pin("4321", true, true, "12345678"))}});
    keep(*store, {{ObjectId(Space::kFileBody, 0, 2), std::nullopt}});
    return text(*store);
  };
  const std::string expected = fill(disk.vfs());
  const std::size_t size = disk.contents("card.state")->size();
  std::size_t refused = 0;
  std::size_t unharmed = 0;
  SeededRandom random(7);
  // Free space inside a page says nothing, and most of the file is free space: every byte that is not zero, and some that are.
  for (std::size_t at = 0; at < size; ++at) {
    if ((*disk.contents("card.state"))[at] == 0 && at % 61 != 0) continue;
    CAPTURE(at);
    test::FailingDisk copy;
    disk.copy_to(copy);
    (*copy.contents("card.state"))[at] ^= static_cast<std::uint8_t>(1U << (random.next() % 8));
    const Bytes before = *copy.contents("card.state");
    const auto state = SqliteState::open("card.state", copy.vfs());
    const auto store = state ? (*state)->store(0, test::small_image()) : tl::unexpected(state.error());
    if (store) {
      CHECK(text(**store) == expected);
      ++unharmed;
      continue;
    }
    CHECK(store.error().text.find("card.state\"") != std::string::npos);
    if (!state) CHECK(*copy.contents("card.state") == before);
    ++refused;
  }
  MESSAGE("of ", refused + unharmed, " changed bytes ", refused, " were noticed, the others meant nothing");
  CHECK(refused > 300);
}

TEST_CASE("a truncated file is refused, unless nothing of the card was lost") {
  test::FailingDisk disk;
  keep(*must_store(*must_open("card.state", disk.vfs())), {{kSlot, Bytes(3000, 0x33)}, {kOther, Bytes(100, 0x44)}});
  const std::size_t whole = disk.contents("card.state")->size();
  for (std::size_t size = 1; size < whole; size += 211) {
    CAPTURE(size);
    test::FailingDisk copy;
    disk.copy_to(copy);
    copy.contents("card.state")->resize(size);
    const Bytes before = *copy.contents("card.state");
    const auto state = SqliteState::open("card.state", copy.vfs());
    const auto store = state ? (*state)->store(0, test::small_image()) : tl::unexpected(state.error());
    if (store) {
      CHECK(whole - size < 2000);  // the rest of the last page was free
      CHECK((*store)->load().size() == 2);
      continue;
    }
    CHECK(store.error().code == ErrorCode::kMalformed);
    if (!state) CHECK(*copy.contents("card.state") == before);
  }
}
