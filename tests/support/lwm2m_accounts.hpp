// SPDX-License-Identifier: Apache-2.0
// Accounts of a LwM2M server in memory.
#pragma once

#include "lwm2m/raw_key.hpp"
#include "lwm2m/server/accounts.hpp"

namespace uicclab::test {

class MemoryAccounts final : public lwm2m::server::Accounts {
 public:
  using Account = lwm2m::server::Account;
  std::vector<Account> rows;
  std::uint64_t changes = 0;
  bool broken = false;  ///< as a database that another program has locked

  Account& add(const std::string& endpoint, lwm2m::SecurityMode mode, Bytes identity = {}, BytesView psk = {}) {
    Account& one = rows.emplace_back();
    one.endpoint = endpoint;
    one.mode = mode;
    one.identity = std::move(identity);
    one.psk = crypto::SecretBytes(psk);
    return one;
  }

  std::optional<Account> find(const std::string& endpoint) override {
    return first([&](const Account& one) { return one.endpoint == endpoint; });
  }
  std::optional<Account> find_by_identity(lwm2m::SecurityMode mode, BytesView identity) override {
    return first([&](const Account& one) { return one.mode == mode && equal(one.identity, identity); });
  }
  std::optional<Account> find_by_public_key(const crypto::PublicKey& key) override {
    return first(
        [&](const Account& one) { return one.mode == lwm2m::SecurityMode::kRawPublicKey && lwm2m::same_raw_key(one.identity, key); });
  }

  std::uint64_t generation() override { return changes; }

 private:
  template <typename Is>
  std::optional<Account> first(Is is) const {
    if (broken) throw SystemError("database is locked");
    for (const Account& one : rows) {
      if (is(one)) return Account{one.endpoint, one.mode, one.identity, one.psk.clone(), one.bootstrap};
    }
    return std::nullopt;
  }
};

}  // namespace uicclab::test
