// SPDX-License-Identifier: Apache-2.0
#include "cli/ota/counters.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "cli/common/commands.hpp"
#include "cli/common/file_lock.hpp"
#include "cli/common/input_file.hpp"
#include "core/net/fd.hpp"
#include "core/private_file.hpp"

namespace uicclab::cli {
namespace {

using Key = std::pair<std::string, unsigned>;  // card, key version
using Table = std::map<Key, std::uint64_t>;

Result<Table> read_table(const std::string& path) {
  Table table;
  const auto content = try_read_input(path, kCountersFile);
  if (!content) {
    if (content.error().code == ErrorCode::kNotFound && !std::filesystem::exists(path)) return table;
    return tl::unexpected(content.error());
  }
  std::istringstream file(std::string(content->begin(), content->end()));
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string card;
    unsigned version = 0;
    std::uint64_t counter = 0;
    std::string more;
    if (!(words >> card >> version >> counter) || words >> more || version > 15 || counter > ota::Cntr::kMax) {
      return fail(ErrorCode::kMalformed, path + ":" + std::to_string(number) + ": not an ICCID, a key version and a counter");
    }
    table[{card, version}] = counter;
  }
  return table;
}

/// Written next to it, on disk, and then in its place.
Result<void> write_table(const std::string& path, const Table& table) {
  std::string text = "# counters of secured packets last used: ICCID, key version, counter\n";
  for (const auto& [key, counter] : table) text += key.first + " " + std::to_string(key.second) + " " + std::to_string(counter) + "\n";
  return write_private_file(path, as_bytes(text));
}

std::string usual_path() {
  const auto value = [](const char* name) {
    const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
    return std::string(text == nullptr ? "" : text);
  };
  const std::string state = value("XDG_STATE_HOME");
  if (state.empty() && value("HOME").empty()) throw Exit{kUsage, "HOME is not set: give the file for the counters with --counters"};
  const std::filesystem::path directory = std::filesystem::path(state.empty() ? value("HOME") + "/.local/state" : state) / "uicclab";
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) throw Exit{kEnvironment, "cannot make the directory " + directory.string() + ": " + error.message()};
  return (directory / "ota-counters").string();
}

}  // namespace

FileCounters::FileCounters(std::string path, std::string card)
    : m_path(path.empty() ? usual_path() : std::move(path)), m_card(std::move(card)) {
  if (m_card.empty()) throw Exit{kUsage, "the card has no readable ICCID: give --key-card, or iccid in the keyring"};
}

Result<ota::Cntr> FileCounters::last(std::uint8_t key_version) const {
  const auto table = read_table(m_path);
  if (!table) return tl::unexpected(table.error());
  const auto found = table->find({m_card, key_version});
  return ota::Cntr{found == table->end() ? 0 : found->second};
}

Result<ota::Cntr> CountersBeside::next(std::uint8_t key_version) {
  if (!m_last.contains(key_version)) {
    const auto last = m_file.last(key_version);
    if (!last) return last;
    m_last[key_version] = last->value;
  }
  return ota::Cntr{++m_last[key_version]};
}

Result<ota::Cntr> FileCounters::take(std::uint8_t key_version, std::optional<ota::Cntr> wanted) {
  const net::Fd lock = lock_file(m_path);
  auto table = read_table(m_path);
  if (!table) return tl::unexpected(table.error());
  std::uint64_t& last = (*table)[{m_card, key_version}];
  if (wanted && wanted->value <= last) {
    return fail(ErrorCode::kRange,
                "the counter " + std::to_string(wanted->value) + " was used already: the last one was " + std::to_string(last));
  }
  // FF FF FF FF FF blocks the counter of the card (ETSI TS 102 225 clause 5.1.4).
  if (!wanted && last >= ota::Cntr::kMax - 1) return fail(ErrorCode::kRange, "the counter is used up");
  last = wanted ? wanted->value : last + 1;
  const ota::Cntr taken{last};
  if (auto written = write_table(m_path, *table); !written) return tl::unexpected(written.error());
  return taken;
}

}  // namespace uicclab::cli
