// SPDX-License-Identifier: Apache-2.0
// Counters of secured packets, kept for each card and key version in a file, so that a lab never loses step with its cards.
#pragma once

#include <map>
#include <string>

#include "ota/packet_sender.hpp"

namespace uicclab::cli {

/// A text file, a line for each: ICCID, key version, counter last used. Several programs may share it: it is locked while it changes, and
/// replaced as a whole, so that a crash leaves the old one or the new one.
class FileCounters final : public ota::CounterSource {
 public:
  /// `path`: empty for the usual place of this user, $XDG_STATE_HOME/uicclab/ota-counters. `card`: its ICCID. Throws Exit.
  FileCounters(std::string path, std::string card);

  Result<ota::Cntr> next(std::uint8_t key_version) override { return take(key_version, std::nullopt); }
  /// This one instead of the next; further ones follow it. Errors: kRange if it is not higher than the last; kIo.
  Result<ota::Cntr> take(std::uint8_t key_version, std::optional<ota::Cntr> wanted);

  /// The one last used, 0 if there was none; it stays that. Errors: kIo.
  Result<ota::Cntr> last(std::uint8_t key_version) const;

  const std::string& path() const { return m_path; }

 private:
  std::string m_path;
  std::string m_card;
};

/// Begins with a value that the user may give, and goes on from there in `below`.
class CountersFrom final : public ota::CounterSource {
 public:
  CountersFrom(FileCounters& below, std::optional<ota::Cntr> first) : m_below(below), m_first(first) {}
  Result<ota::Cntr> next(std::uint8_t key_version) override { return m_below.take(key_version, std::exchange(m_first, std::nullopt)); }

 private:
  FileCounters& m_below;
  std::optional<ota::Cntr> m_first;
};

/// For a rehearsal: continues from the counter in the file, and does not change the file.
class CountersBeside final : public ota::CounterSource {
 public:
  explicit CountersBeside(const FileCounters& file) : m_file(file) {}
  Result<ota::Cntr> next(std::uint8_t key_version) override;

 private:
  const FileCounters& m_file;
  std::map<std::uint8_t, std::uint64_t> m_last;
};

}  // namespace uicclab::cli
