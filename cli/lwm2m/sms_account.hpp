// SPDX-License-Identifier: Apache-2.0
// What the device's bootstrap file says of its short messages, for who makes keys for it: algorithm, lifetime of the registration, the
// server's number.
#pragma once

#include "cli/common/commands.hpp"
#include "lwm2m/key_ledger.hpp"
#include "lwm2m/sms_account.hpp"

namespace uicclab::cli {

struct SmsAccountFacts {
  std::optional<lwm2m::SmsAlgorithm> algorithm;
  std::optional<std::chrono::seconds> registration;
  std::string server;  ///< number; empty: not known
};
SmsAccountFacts sms_facts_of(const lwm2m::BootstrapFile& file);

/// --account and --algorithm.
struct SmsAccountOption {
  std::string file, algorithm;

  void add_to(App& command);
  /// Throws Exit.
  SmsAccountFacts read() const;
};

/// By the option, the account, the keys that the ledger has, else AES.
lwm2m::SmsAlgorithm algorithm_for(const SmsAccountFacts& facts, lwm2m::ServerLedger& ledger);

/// Keys live no longer than the registration (SMS session-key CR, clause 7.2.2.1). Throws Exit for a longer `lifetime`.
void check_lifetime(std::uint32_t lifetime, const SmsAccountFacts& facts, const lwm2m::ServerLedger& ledger);

}  // namespace uicclab::cli
