// SPDX-License-Identifier: Apache-2.0
// The DPF's registrations in a SQLite file that its owner alone can read: a change is kept when the call returns, or not at all.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "mcim/object.hpp"
#include "store/sqlite.hpp"

namespace uicclab::cli {

/// How far a registration is. The numbers are in the file.
enum class DpfState : std::uint8_t {
  kBegun = 0,
  kReported = 1,
  kValidated = 2,
  kPrepared = 3,
  kDelivered = 4,
  kInstalled = 5,
  kRefused = 6
};
const char* name_of(DpfState state);

struct Registration {
  std::string device;
  DpfState state = DpfState::kBegun;
  mcim::Nonce nonce{};
  mcim::Nonce card_nonce{};  ///< of the device's last M2MMobj
  Bytes platform_key;
  std::string evidence, validation, delivery;  ///< statements
};

class RegistrationDatabase {
 public:
  /// Made if there is none. Throws Exit.
  explicit RegistrationDatabase(const std::string& path);

  /// In the place of an older one for the same device.
  void begin(const Registration& registration);
  std::optional<Registration> find(const std::string& device);
  /// What `change` throws leaves the registration as it was. Throws Exit for a device without one.
  void change(const std::string& device, const std::function<void(Registration&)>& change);
  std::vector<Registration> all();

 private:
  void put(const Registration& registration);
  emulator::sqlite::Database m_database;
};

}  // namespace uicclab::cli
