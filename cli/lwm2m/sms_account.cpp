// SPDX-License-Identifier: Apache-2.0
#include "cli/lwm2m/sms_account.hpp"

#include <algorithm>

#include "cli/lwm2m/files.hpp"
#include "cli/lwm2m/lwm2m.hpp"

namespace uicclab::cli {
namespace {

std::optional<std::chrono::seconds> lifetime_of(const lwm2m::BootstrapFile& file, const lwm2m::ObjectInstance& account) {
  const auto number_in = [](const lwm2m::ObjectInstance& instance, std::uint16_t resource) {
    return lwm2m::decode_integer(instance.value(resource).value_or(BytesView())).value_or(0);
  };
  const auto id = number_in(account, lwm2m::security::kShortServerId);
  const lwm2m::BootstrapObject* servers = file.find(lwm2m::kServerObject);
  if (id == 0 || servers == nullptr) return std::nullopt;
  for (const lwm2m::ObjectInstance& one : servers->instances) {
    // No registration is longer than what "lt" can say; what is added to the time of day must not run over.
    const auto lifetime = std::min<std::int64_t>(number_in(one, lwm2m::server::kLifetime), 0xFFFF'FFFF);
    if (number_in(one, lwm2m::server::kShortServerId) == id && lifetime > 0) return std::chrono::seconds(lifetime);
  }
  return std::nullopt;
}

}  // namespace

SmsAccountFacts sms_facts_of(const lwm2m::BootstrapFile& file) {
  SmsAccountFacts out;
  const lwm2m::BootstrapObject* object = file.find(lwm2m::kSecurityObject);
  if (object == nullptr) return out;
  for (const lwm2m::ObjectInstance& one : object->instances) {
    const auto account = lwm2m::sms_account_in(one);
    if (!account) continue;
    out.algorithm = lwm2m::algorithm_of(account->binding.kic, account->binding.kid);
    out.server = account->server;
    out.registration = lifetime_of(file, one);
    return out;
  }
  return out;
}

void SmsAccountOption::add_to(App& command) {
  command.add_option("--account", file,
                     std::string("The device's bootstrap file, which says algorithm, lifetime and number: ") + kBootstrapForms);
  command.add_option("--algorithm", algorithm, "aes or 3des; default: that of the account, else of the keys before, else aes")
      ->check(OneOf{{"aes", "3des"}});
}

SmsAccountFacts SmsAccountOption::read() const {
  SmsAccountFacts out;
  if (!file.empty()) {
    out = sms_facts_of(read_bootstrap(file));
    if (!out.algorithm) throw Exit{kCheckFailed, file + ": no account with secured packets over SMS (lwm2m check says what is missing)"};
  }
  if (!algorithm.empty()) out.algorithm = algorithm == "aes" ? lwm2m::SmsAlgorithm::kAes128 : lwm2m::SmsAlgorithm::kTripleDes3;
  return out;
}

lwm2m::SmsAlgorithm algorithm_for(const SmsAccountFacts& facts, lwm2m::ServerLedger& ledger) {
  if (facts.algorithm) return *facts.algorithm;
  const auto before = ledger.all();
  const auto known = before.empty() ? std::nullopt : lwm2m::algorithm_of(before.front()->kic, before.front()->kid);
  return known.value_or(lwm2m::SmsAlgorithm::kAes128);
}

void check_lifetime(std::uint32_t lifetime, const SmsAccountFacts& facts, const lwm2m::ServerLedger& ledger) {
  const bool known = facts.registration || ledger.rules().state().current;
  const auto registration = facts.registration.value_or(ledger.registration());
  if (!known || std::chrono::seconds(lifetime) <= registration) return;
  throw Exit{kUsage, "--lifetime " + std::to_string(lifetime) + ": session keys live no longer than the registration, " +
                         std::to_string(registration.count()) + " s; 0 is that of the registration"};
}

}  // namespace uicclab::cli
