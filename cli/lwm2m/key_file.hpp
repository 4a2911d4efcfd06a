// SPDX-License-Identifier: Apache-2.0
// Session keys that an end of the SMS binding keeps in a file, sealed as docs/formats/session-keys.md says: those in use, and in
// FILE.before those that were before them.
#pragma once

#include <optional>

#include "cli/common/commands.hpp"
#include "lwm2m/session_key_file.hpp"

namespace uicclab::cli {

/// --device-keys or --server-keys, with --storage-key.
struct KeyFileOption {
  std::string name, storage_key;

  void add_to(App& command, const std::string& option, const std::string& what, bool required);
};

class KeyFile {
 public:
  KeyFile(const KeyFileOption& option, Random& random) : m_option(option), m_random(random) {}

  /// Nothing if there are none yet. Throws Exit, also where the file was sealed with another key.
  std::optional<lwm2m::SessionKeyRecord> load() const { return read(m_option.name); }
  std::optional<lwm2m::SessionKeyRecord> load_before() const { return read(before()); }
  /// The same keys with their counters moved: to be called before what moved them goes out.
  void keep(const lwm2m::SessionKeyRecord& record) { write(m_option.name, record); }
  void keep_before(const lwm2m::SessionKeyRecord& record) { write(before(), record); }
  /// New keys; those in use are kept as the ones before.
  void renew(const lwm2m::SessionKeyRecord& record);
  /// One more than that of the keys in use.
  std::uint32_t next_generation() const;

 private:
  std::string before() const { return m_option.name + ".before"; }
  std::optional<lwm2m::SessionKeyRecord> read(const std::string& name) const;
  void write(const std::string& name, const lwm2m::SessionKeyRecord& record);

  const KeyFileOption& m_option;
  Random& m_random;
};

}  // namespace uicclab::cli
