// SPDX-License-Identifier: Apache-2.0
// The SHO's subscriptions in a SQLite file that its owner alone can read: which device has which. A subscription is given to one device.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mcim/object.hpp"
#include "store/sqlite.hpp"

namespace uicclab::cli {

struct OwnedSubscription {
  std::string imsi;
  mcim::Algorithm algorithm = mcim::Algorithm::kMilenage;
  crypto::SecretBytes ki, opc;
  std::uint8_t mnc_digits = 0;  ///< 2 or 3: the device's other identities follow the IMSI; 0: they stay
  std::string device;           ///< empty: free
  std::uint16_t version = 0;    ///< of the last object
};

class SubscriptionDatabase {
 public:
  /// Made if there is none. Throws Exit.
  explicit SubscriptionDatabase(const std::string& path);

  /// Keys of one that is given already are not changed. Throws Exit: such a one.
  void add(const OwnedSubscription& subscription);
  /// That of the device, or a free one, which is the device's from now on. Throws Exit if none is free.
  OwnedSubscription reserve(const std::string& device);
  /// The same, and its next version, which is used from now on. Throws Exit, also after the last version.
  OwnedSubscription next(const std::string& device);
  std::vector<OwnedSubscription> all();

 private:
  OwnedSubscription given(const std::string& device, bool next_version);
  std::optional<OwnedSubscription> find(const char* where, const std::string& value);
  emulator::sqlite::Database m_database;
};

}  // namespace uicclab::cli
