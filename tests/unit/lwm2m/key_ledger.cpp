// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/key_ledger.hpp"

#include <doctest/doctest.h>

#include "core/crypto/secret.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using std::chrono::seconds;
using Verdict = ServerKeyRules::Verdict;
using Refusal = DeviceKeyRules::Refusal;

namespace {

SessionKeyRecord record(std::uint32_t generation, std::size_t size = 16, seconds lifetime = seconds(0)) {
  SessionKeyRecord out;
  out.generation = generation;
  out.lifetime = lifetime;
  Bytes kic(size), kid(size);
  for (std::size_t i = 0; i < size; ++i) {
    kic[i] = static_cast<std::uint8_t>(16 * generation + i);
    kid[i] = static_cast<std::uint8_t>(16 * generation + 2 * i + 1);
  }
  out.keys = {crypto::SecretBytes(kic), crypto::SecretBytes(kid)};
  return out;
}

ServerLedger reread(const ServerLedger& ledger) {
  auto back = parse_server_ledger(encode_ledger(ledger).value());
  REQUIRE(back);
  CHECK(back->rules().state() == ledger.rules().state());
  CHECK(encode_ledger(*back).value() == encode_ledger(ledger).value());
  return *std::move(back);
}

DeviceLedger reread(const DeviceLedger& ledger) {
  auto back = parse_device_ledger(encode_ledger(ledger).value());
  REQUIRE(back);
  CHECK(encode_ledger(*back).value() == encode_ledger(ledger).value());
  return *std::move(back);
}

/// A message of the device came under these keys.
Verdict came(ServerLedger& ledger, Instant now, std::uint32_t generation, Operation operation, seconds lifetime = seconds(300)) {
  SessionKeyRecord* keys = ledger.find(generation);
  REQUIRE(keys != nullptr);
  ++keys->received;
  const SessionKeyRecord copy = copy_of(*keys);
  return ledger.on_message(now, copy, operation, lifetime);
}

}  // namespace

TEST_CASE("Server's ledger: what it remembers outlives each message (docs/formats/session-keys.md)") {
  ServerLedger ledger;
  CHECK(ledger.next_generation() == 1);
  ledger = reread(ledger);
  ledger.issue(seconds(100), record(1), "4750"_h);
  ledger = reread(ledger);
  CHECK(to_bytes(ledger.push()) == to_bytes("4750"_h));
  CHECK(came(ledger, seconds(110), 1, Operation::kRegister) == Verdict::kAccepted);
  ledger = reread(ledger);
  CHECK(ledger.registration() == seconds(300));
  CHECK(ledger.find(1)->received == 1);
  CHECK(came(ledger, seconds(111), 1, Operation::kUpdate) == Verdict::kBadRequest);  // used
  ledger = reread(ledger);
  REQUIRE(ledger.rules().due(seconds(111)));
  ledger.issue(seconds(111), record(2, 24, seconds(60)));
  ledger = reread(ledger);
  CHECK(ledger.push().empty());
  CHECK(ledger.for_sending(seconds(112))->generation == 1);  // until the device shows that it has the others
  CHECK(came(ledger, seconds(112), 2, Operation::kUpdate) == Verdict::kAccepted);
  ledger = reread(ledger);
  CHECK(ledger.for_sending(seconds(113))->generation == 2);
  CHECK(ledger.for_sending(seconds(171)) == nullptr);  // their own lifetime
  CHECK(came(ledger, seconds(172), 1, Operation::kUpdate) == Verdict::kBadRequest);
  ledger.rules().on_asleep();
  ledger.set_renew_on_wake_up(true);
  ledger = reread(ledger);
  CHECK_FALSE(ledger.rules().due_at());
  ledger.rules().on_awake(seconds(200));
  CHECK(ledger.rules().due(seconds(200)));
}

TEST_CASE("Server's ledger: keys that nobody recognises any more are gone from it") {
  ServerLedger ledger;
  for (std::uint32_t i = 1; i <= 100; ++i) ledger.issue(seconds(i * 100'000), record(i));
  CHECK(ledger.all().size() == ServerKeyRules::kRetiredKept + 1);
  CHECK(ledger.next_generation() == 101);
  (void)reread(ledger);
}

TEST_CASE("Device's ledger: no message with used or expired keys, unless it asks for new ones (SMS session-key CR 7.2.2.1)") {
  DeviceLedger ledger;
  CHECK(ledger.begin(seconds(0), Operation::kRegister, seconds(300), true) == Refusal::kNoKeys);
  CHECK(ledger.take(seconds(0), record(1)));
  CHECK_FALSE(ledger.take(seconds(0), record(1)));
  ledger = reread(ledger);
  CHECK(ledger.begin(seconds(1), Operation::kRegister, seconds(300), false) == Refusal::kNone);
  ledger.on_success(seconds(2), "rd/1");
  ledger = reread(ledger);
  CHECK(ledger.content().location == "rd/1");
  CHECK(ledger.content().registered_until == seconds(302));
  CHECK(ledger.begin(seconds(3), Operation::kUpdate, seconds(300), false) == Refusal::kUsed);
  CHECK(ledger.begin(seconds(3), Operation::kUpdate, seconds(300), true) == Refusal::kNone);
  CHECK(ledger.begin(seconds(302), Operation::kDeregister, seconds(0), false) == Refusal::kExpired);
  CHECK(ledger.is_expired(seconds(302)));
  CHECK(ledger.take(seconds(302), record(2, 24, seconds(10))));
  CHECK_FALSE(ledger.take(seconds(302), record(1)));  // those before
  ledger = reread(ledger);
  CHECK_FALSE(ledger.is_expired(seconds(311)));
  CHECK(ledger.is_expired(seconds(312)));
  CHECK(ledger.begin(seconds(303), Operation::kDeregister, seconds(0), false) == Refusal::kNone);
  ledger.on_success(seconds(304), {});
  CHECK(ledger.content().location.empty());
  CHECK_FALSE(ledger.content().registered_until);
}

TEST_CASE("Ledgers that are cut or changed are refused or read, and never more than that") {
  ServerLedger server;
  server.issue(seconds(1), record(1), "475049"_h);
  server.issue(seconds(2), record(2));
  DeviceLedger device;
  CHECK(device.take(seconds(0), record(1)));
  for (const Bytes& whole : {encode_ledger(server).value(), encode_ledger(device).value()}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CHECK_FALSE(parse_server_ledger(BytesView(whole).first(size)));
      CHECK_FALSE(parse_device_ledger(BytesView(whole).first(size)));
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
      Bytes changed = whole;
      changed[at] ^= 0xFF;
      (void)parse_server_ledger(changed);
      (void)parse_device_ledger(changed);
    }
  }
  CHECK_FALSE(parse_device_ledger(encode_ledger(server).value()));
  CHECK_FALSE(parse_server_ledger(encode_ledger(device).value()));
}
