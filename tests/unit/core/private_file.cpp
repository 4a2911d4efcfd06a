// SPDX-License-Identifier: Apache-2.0
// Files with keys: mode, links, and what is left when writing fails.
#include "core/private_file.hpp"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>

using namespace uicclab;
namespace fs = std::filesystem;

namespace {

struct Directory {
  Directory() {
    std::string name = (fs::temp_directory_path() / "uicclab-private-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { fs::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
  std::size_t count() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator())); }
  fs::path path;
};

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

unsigned mode(const std::string& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

}  // namespace

TEST_CASE("A private file is only for its owner, whatever existed before, and no other file is left") {
  const Directory here;
  const std::string path = here / "keys";
  put(path, "old");
  fs::permissions(path, fs::perms{0644});
  REQUIRE(write_private_file(path, as_bytes("new")));
  CHECK(content(path) == "new");
  CHECK(mode(path) == 0600);
  CHECK(here.count() == 1);
}

TEST_CASE("A link is replaced, not followed; neither is one under a name that can be guessed") {
  const Directory here;
  const std::string victim = here / "victim";
  put(victim, "mine");
  for (const char* name : {"keys", "keys.new"}) fs::create_symlink(victim, here / name);
  REQUIRE(write_private_file(here / "keys", as_bytes("secret")));
  REQUIRE(begin_private_file(here / "keys.new"));
  CHECK(content(victim) == "mine");
  CHECK_FALSE(fs::is_symlink(here / "keys"));
  CHECK(content(here / "keys") == "secret");
  CHECK(mode(here / "keys") == 0600);
  CHECK(mode(here / "keys.new") == 0600);
}

TEST_CASE("A stream into a private file: what was flushed is there under its name") {
  const Directory here;
  const std::string path = here / "trace.pcap";
  auto begun = begin_private_file(path);
  REQUIRE(begun);
  PrivateStream out(*std::move(begun));
  out << "one" << std::flush;
  CHECK(content(path) == "one");
  const std::string much(100000, 'x');
  out << much << std::flush;
  CHECK(out.good());
  CHECK(content(path) == "one" + much);
  CHECK(mode(path) == 0600);
}

TEST_CASE("What cannot be written is said with its name, and leaves nothing") {
  const Directory here;
  const auto missing = write_private_file(here / "none/keys", as_bytes("x"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().text.find("none/keys: No such file or directory") != std::string::npos);
  fs::create_directory(here / "directory");
  CHECK_FALSE(write_private_file(here / "directory", as_bytes("x")));
  CHECK_FALSE(begin_private_file(here / "directory"));
  CHECK(here.count() == 1);
  CHECK(write_private_file("/dev/null", as_bytes("x")));
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("A file that others can read is reported, with the way out") {
  const Directory here;
  const std::string path = here / "my.card";
  CHECK_FALSE(told_if_readable_by_others(path));
  put(path, "x");
  fs::permissions(path, fs::perms{0644});
  CHECK(told_if_readable_by_others(path) == path + " can be read by others (mode 0644): chmod 600 " + path);
  fs::permissions(path, fs::perms{0600});
  CHECK_FALSE(told_if_readable_by_others(path));
}

TEST_CASE("Of several that make one private file at once, one succeeds and all find its content") {
  const Directory directory;
  const std::string path = directory / "secret";
  std::vector<std::thread> makers;
  std::atomic<int> made = 0;
  for (std::uint8_t i = 0; i < 8; ++i) {
    makers.emplace_back([&, i] { made += make_private_file(path, Bytes(64, i)).value_or(false) ? 1 : 0; });
  }
  for (auto& one : makers) one.join();
  CHECK(made == 1);
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);
  CHECK(info.st_size == 64);
  CHECK(std::distance(fs::directory_iterator(directory.path), {}) == 1);
  CHECK_FALSE(make_private_file(directory / "none/secret", Bytes(1)));
}
