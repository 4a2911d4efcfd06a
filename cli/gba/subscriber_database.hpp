// SPDX-License-Identifier: Apache-2.0
// Subscribers of `uicclab gba hss` in a SQLite file that only its owner can read.
#pragma once

#include <vector>

#include "applet/api/parameters.hpp"
#include "gba/hss.hpp"
#include "store/sqlite.hpp"

namespace uicclab::cli {

/// A subscriber as it is imported and listed.
struct HssRecord {
  std::string imsi, impi, msisdn, imei;  ///< the last two may be empty; digits alone
  gba::UiccType uicc_type = gba::UiccType::kGba;
  applet::Parameters keys;  ///< those of the USIM in a profile: algorithm, k, opc, ...
  std::uint64_t sqn = 0;    ///< the last one that was used
};

class SubscriberDatabase final : public gba::HssSubscribers {
 public:
  /// Throws Exit: a file that is no such database, or cannot be made.
  explicit SubscriberDatabase(const std::string& path);

  /// In the place of one with that IMSI, whose sequence number does not go back. Throws Exit for keys that make no algorithm, and for an
  /// MSISDN or IMEI that another subscriber has.
  void put(const HssRecord& record);
  bool remove(const std::string& imsi);
  /// Without keys.
  std::vector<HssRecord> all();

  std::optional<gba::HssSubscriber> find(const gba::UserIdentity& user) override;
  std::optional<std::uint64_t> advance(const std::string& imsi,
                                       const std::function<std::optional<std::uint64_t>(std::uint64_t last)>& next) override;

 private:
  emulator::sqlite::Database m_database;
};

}  // namespace uicclab::cli
