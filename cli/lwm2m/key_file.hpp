// SPDX-License-Identifier: Apache-2.0
// Session keys that an end of the SMS binding keeps in a file, sealed, with what the rules for them remember: docs/formats/session-keys.md.
#pragma once

#include <optional>

#include "cli/common/commands.hpp"
#include "core/net/fd.hpp"
#include "lwm2m/key_ledger.hpp"

namespace uicclab::cli {

/// --device-keys or --server-keys, with --storage-key.
struct KeyFileOption {
  std::string name, storage_key;

  void add_to(App& command, const std::string& option, const std::string& what, bool required);
};

/// --clock: the time that the rules go by.
struct ClockOption {
  std::optional<std::uint64_t> seconds;

  void add_to(App& command);
  /// Seconds since 1970.
  lwm2m::Instant now() const;
};

/// FILE.lock, held exclusively; none without a name. Throws Exit.
net::Fd lock(const KeyFileOption& option);

/// Of one end; the file need not be there. As long as the object lives no other process has the file, so that no counter is given out
/// twice; without a name it is none. Each throws Exit, also where the file was sealed with another key.
class ServerKeyFile {
 public:
  ServerKeyFile(const KeyFileOption& option, Random& random) : m_option(option), m_random(random), m_lock(lock(option)) {}

  lwm2m::ServerLedger load() const;
  /// To be called before what moved a counter goes out.
  void keep(const lwm2m::ServerLedger& ledger) const;

 private:
  const KeyFileOption& m_option;
  Random& m_random;
  net::Fd m_lock;
};

class DeviceKeyFile {
 public:
  DeviceKeyFile(const KeyFileOption& option, Random& random) : m_option(option), m_random(random), m_lock(lock(option)) {}

  lwm2m::DeviceLedger load() const;
  void keep(const lwm2m::DeviceLedger& ledger) const;

 private:
  const KeyFileOption& m_option;
  Random& m_random;
  net::Fd m_lock;
};

}  // namespace uicclab::cli
