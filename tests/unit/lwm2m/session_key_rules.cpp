// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/session_key_rules.hpp"

#include <doctest/doctest.h>

#include "lwm2m/simulation.hpp"

using namespace uicclab::lwm2m;
using std::chrono::seconds;
using Verdict = ServerKeyRules::Verdict;

namespace {

constexpr seconds kLifetime{1000};

ServerKeyRules::Options options(bool renew = false) {
  return {.lifetime = kLifetime, .before = seconds(100), .retry = seconds(10), .longest_retry = seconds(60), .renew_on_wake_up = renew};
}
KeyedMessage message(std::uint64_t key, std::uint64_t counter, Operation operation = Operation::kOther) {
  return {key, counter, operation, kLifetime};
}

/// A server that has sent keys 1, with which the device registered at 10.
ServerKeyRules registered() {
  ServerKeyRules server(options());
  server.issue(seconds(0), 1);
  REQUIRE(server.on_message(seconds(10), message(1, 1, Operation::kRegister)) == Verdict::kAccepted);
  return server;
}

}  // namespace

TEST_CASE("Server: the first keys are due at once, and again at intervals that double (SMS session-key CR 7.2.2.1)") {
  ServerKeyRules server(options());
  auto refresh = server.due(seconds(0));
  REQUIRE(refresh);
  CHECK(refresh->is_new);
  server.issue(seconds(0), 1);
  CHECK_FALSE(server.due(seconds(9)));
  for (const int at : {10, 30, 70, 130, 190}) {
    CAPTURE(at);
    CHECK_FALSE(server.due(seconds(at - 1)));
    refresh = server.due(seconds(at));
    REQUIRE(refresh);
    CHECK_FALSE(refresh->is_new);
    CHECK(refresh->key == 1);
  }
  server.on_delivered(2);  // others: nothing changes
  CHECK(server.due_at() == seconds(250));
  server.on_delivered(1);
  CHECK(server.due_at() == kLifetime);
  refresh = server.due(kLifetime);  // never used, grown old
  REQUIRE(refresh);
  CHECK(refresh->is_new);
}

TEST_CASE("Server: one Register or Update for each pair of keys, each counter once (SMS session-key CR 7.2.2.1)") {
  ServerKeyRules server = registered();
  CHECK(server.is_registered(seconds(1009)));
  CHECK_FALSE(server.is_registered(seconds(1010)));
  CHECK(server.on_message(seconds(20), message(1, 1)) == Verdict::kReplayed);
  CHECK(server.on_message(seconds(20), message(1, 2)) == Verdict::kAccepted);
  CHECK(server.on_message(seconds(20), message(1, 2)) == Verdict::kReplayed);
  CHECK(server.on_message(seconds(20), message(1, 9)) == Verdict::kAccepted);
  CHECK(server.on_message(seconds(20), message(1, 3)) == Verdict::kReplayed);
  CHECK(server.on_message(seconds(20), message(2, 1)) == Verdict::kUnknownKey);
  CHECK_FALSE(server.due(seconds(20)));

  CHECK(server.on_message(seconds(30), message(1, 10, Operation::kUpdate)) == Verdict::kBadRequest);
  const auto refresh = server.due(seconds(30));
  REQUIRE(refresh);
  CHECK(refresh->is_new);
  CHECK(server.on_message(seconds(30), message(1, 10, Operation::kUpdate)) == Verdict::kReplayed);
}

TEST_CASE("Server: keys end with the registration; then 4.00 and a refresh (SMS session-key CR 7.2.2.1)") {
  ServerKeyRules server = registered();
  CHECK(server.on_message(seconds(1009), message(1, 2)) == Verdict::kAccepted);
  CHECK(server.on_message(seconds(1010), message(1, 3)) == Verdict::kBadRequest);
  CHECK(server.on_message(seconds(1011), message(1, 4, Operation::kRegister)) == Verdict::kBadRequest);
  CHECK(server.due(seconds(1011)));

  // Fresh keys, but the registration has gone: Register is what helps.
  ServerKeyRules late = registered();
  late.issue(seconds(1500), 2);
  CHECK(late.on_message(seconds(1501), message(2, 1, Operation::kUpdate)) == Verdict::kBadRequest);
  CHECK(late.on_message(seconds(1502), message(2, 2)) == Verdict::kBadRequest);
  CHECK(late.on_message(seconds(1503), message(2, 3, Operation::kRegister)) == Verdict::kAccepted);
}

TEST_CASE("Server: refreshes before the registration ends if the device is awake, else when it wakes up (SMS session-key CR 7.2.2.1)") {
  ServerKeyRules awake = registered();
  CHECK(awake.due_at() == seconds(910));
  CHECK_FALSE(awake.due(seconds(909)));
  CHECK(awake.due(seconds(910)));

  ServerKeyRules asleep = registered();
  asleep.on_asleep();
  CHECK_FALSE(asleep.due_at());
  CHECK_FALSE(asleep.due(seconds(5000)));
  asleep.on_awake(seconds(5000));
  CHECK(asleep.due(seconds(5000)));

  ServerKeyRules forgetful(options(true));
  forgetful.issue(seconds(0), 1);
  REQUIRE(forgetful.on_message(seconds(10), message(1, 1, Operation::kRegister)) == Verdict::kAccepted);
  forgetful.on_asleep();
  forgetful.on_awake(seconds(50));
  const auto refresh = forgetful.due(seconds(50));
  REQUIRE(refresh);
  CHECK(refresh->is_new);
  // Those on their way when it fell asleep are not sent twice: their counters are gone.
  forgetful.issue(seconds(50), 2);
  forgetful.on_asleep();
  forgetful.on_awake(seconds(60));
  CHECK(forgetful.due(seconds(60))->is_new);
}

TEST_CASE("Server: old keys count until the new ones are proven, and not after (SMS session-key CR 7.2.2.1)") {
  ServerKeyRules server = registered();
  server.issue(seconds(900), 2);
  CHECK(server.is_usable(seconds(900), 1));
  CHECK(server.is_usable(seconds(900), 2));
  CHECK(server.on_message(seconds(901), message(1, 2)) == Verdict::kAccepted);  // the new ones were lost
  CHECK(server.on_message(seconds(902), message(2, 1, Operation::kUpdate)) == Verdict::kAccepted);
  CHECK_FALSE(server.is_usable(seconds(903), 1));
  CHECK(server.on_message(seconds(903), message(1, 2)) == Verdict::kReplayed);
  CHECK(server.on_message(seconds(903), message(1, 3)) == Verdict::kBadRequest);
  CHECK(server.on_message(seconds(903), message(1, 3)) == Verdict::kReplayed);  // and no second refresh by repeating it
  CHECK(server.is_registered(seconds(1901)));
}

TEST_CASE("Server: keys live no longer than the registration, and no longer than their own lifetime (SMS session-key CR 7.2.2.1)") {
  ServerKeyRules server(options());
  server.issue(seconds(0), 1, seconds(300));
  CHECK(server.is_usable(seconds(299), 1));
  CHECK_FALSE(server.is_usable(seconds(300), 1));
  REQUIRE(server.on_message(seconds(10), message(1, 1, Operation::kRegister)) == Verdict::kAccepted);
  CHECK(server.is_registered(seconds(1009)));
  CHECK(server.due_at() == seconds(300) - seconds(290) * 3 / 10);  // before they end, not before the registration does
  CHECK(server.on_message(seconds(299), message(1, 2)) == Verdict::kAccepted);
  CHECK(server.on_message(seconds(300), message(1, 3)) == Verdict::kBadRequest);
  server.issue(seconds(300), 2, seconds(5000));
  CHECK_FALSE(server.is_usable(seconds(1300), 2));

  DeviceKeyRules device;
  CHECK(device.why_not(seconds(0), Operation::kOther) == DeviceKeyRules::Refusal::kNoKeys);
  REQUIRE(device.on_keys(seconds(0), 1, 1, kLifetime, seconds(300)));
  REQUIRE(device.send(seconds(1), Operation::kRegister, kLifetime));
  device.on_registered(seconds(2), kLifetime);
  CHECK(device.why_not(seconds(3), Operation::kUpdate) == DeviceKeyRules::Refusal::kUsed);
  CHECK(device.why_not(seconds(299), Operation::kOther) == DeviceKeyRules::Refusal::kNone);
  CHECK(device.why_not(seconds(300), Operation::kOther) == DeviceKeyRules::Refusal::kExpired);
}

TEST_CASE("Server: a refresh for a short registration goes out before the device updates at four fifths of it") {
  ServerKeyRules server({.lifetime = seconds(300)});
  server.issue(seconds(0), 1);
  REQUIRE(server.on_message(seconds(0), {1, 1, Operation::kRegister, seconds(300)}) == Verdict::kAccepted);
  CHECK_FALSE(server.due(seconds(209)));
  CHECK(server.due(seconds(210)));
}

TEST_CASE("Server: any number of refreshes may be lost; of those never used the last 32 are recognised (SMS session-key CR 7.2.2.1)") {
  for (const unsigned lost : {1U, 2U, 31U, 32U, 100U}) {
    CAPTURE(lost);
    ServerKeyRules server = registered();
    seconds now{10};
    for (std::uint64_t i = 1; i <= lost; ++i) server.issue(now += kLifetime, 1 + i);
    // The keys that the device used last are known however many came behind them.
    CHECK(server.on_message(now, message(1, 2, Operation::kUpdate)) == Verdict::kBadRequest);
    const auto due = server.due(now + seconds(10));
    REQUIRE(due);
    CHECK(due->key == 1 + lost);
    const std::uint64_t oldest = lost <= ServerKeyRules::kRetiredKept ? 2 : 2 + lost - ServerKeyRules::kRetiredKept - 1;
    CHECK(server.on_message(now, message(oldest, 1, Operation::kUpdate)) == Verdict::kBadRequest);
    if (lost > ServerKeyRules::kRetiredKept + 1) CHECK(server.on_message(now, message(oldest - 1, 1)) == Verdict::kUnknownKey);
    // After Deregister, too.
    REQUIRE(server.on_message(now, message(1 + lost, 2, Operation::kRegister)) == Verdict::kAccepted);
    REQUIRE(server.on_message(now, message(1 + lost, 3, Operation::kDeregister)) == Verdict::kAccepted);
    for (std::uint64_t i = 0; i < 100; ++i) server.issue(now += kLifetime, 1000 + i);
    CHECK(server.on_message(now, message(1 + lost, 4, Operation::kRegister)) == Verdict::kBadRequest);
  }
}

TEST_CASE("Server: Deregister ends the keys") {
  ServerKeyRules server = registered();
  CHECK(server.on_message(seconds(20), message(1, 2, Operation::kDeregister)) == Verdict::kAccepted);
  CHECK_FALSE(server.is_registered(seconds(20)));
  CHECK(server.on_message(seconds(21), message(1, 3, Operation::kRegister)) == Verdict::kBadRequest);
  CHECK(server.due(seconds(21)));
}

TEST_CASE("Device: no message without keys, no second Register under one pair, no old keys (SMS session-key CR 7.2.2.1)") {
  DeviceKeyRules device;
  CHECK_FALSE(device.send(seconds(0), Operation::kRegister, kLifetime));
  CHECK_FALSE(device.send_stale(Operation::kRegister, kLifetime));
  CHECK(device.on_keys(seconds(0), 77, 3, kLifetime));
  CHECK_FALSE(device.on_keys(seconds(0), 77, 3, kLifetime));
  CHECK_FALSE(device.on_keys(seconds(0), 66, 2, kLifetime));
  CHECK(device.has_fresh(seconds(0)));
  CHECK(device.send(seconds(1), Operation::kOther, kLifetime)->counter == 1);
  CHECK(device.send(seconds(1), Operation::kRegister, kLifetime)->counter == 2);
  CHECK_FALSE(device.send(seconds(1), Operation::kUpdate, kLifetime));
  CHECK(device.send(seconds(1), Operation::kOther, kLifetime)->counter == 3);
  CHECK(device.send_stale(Operation::kUpdate, kLifetime)->counter == 4);
  CHECK_FALSE(device.send(kLifetime, Operation::kOther, kLifetime));
  device.on_registered(seconds(10), kLifetime);
  CHECK(device.until() == seconds(1010));
  CHECK(device.on_keys(seconds(20), 88, 4, kLifetime));
  CHECK(device.send(seconds(21), Operation::kUpdate, kLifetime)->counter == 1);  // the counters start again

  device.on_asleep(true);
  CHECK(device.has_keys(seconds(22)));
  device.on_asleep(false);
  CHECK_FALSE(device.has_keys(seconds(22)));
  CHECK_FALSE(device.on_keys(seconds(23), 88, 4, kLifetime));  // its counters are lost
  CHECK(device.on_keys(seconds(23), 99, 5, kLifetime));
}

TEST_CASE("Simulation: nothing forbidden is sent or accepted, whatever is lost and replayed") {
  for (const unsigned loss : {0U, 5U, 40U}) {
    for (const unsigned replay : {0U, 5U, 50U}) {
      CAPTURE(loss);
      CAPTURE(replay);
      SimulationOptions story;
      story.devices = 12;
      story.duration = std::chrono::hours(24 * 10);
      story.seed = 3;
      story.loss_percent = loss;
      story.replay_percent = replay;
      story.forgetful_percent = 30;
      const SimulationFigures figures = simulate(story);
      CHECK(figures.accepted_stale == 0);
      CHECK(figures.counters_reused == 0);
      CHECK(figures.left_without == 0);
      CHECK(figures.registrations > 12 * 10);
      CHECK(figures.key_pairs > figures.registrations / 2);
      CHECK((figures.replays_dropped > 0) == (replay > 0 || loss > 0));
    }
  }
}

TEST_CASE("Simulation: the same seed gives the same run, another seed another run") {
  const auto tell = [](std::uint64_t seed) {
    SimulationOptions options;
    options.seed = seed;
    options.duration = std::chrono::hours(48);
    std::string text;
    simulate(options, [&text](const std::string& line) { text += line + "\n"; });
    return text;
  };
  const std::string story = tell(1);
  CHECK(story == tell(1));
  CHECK(story != tell(2));
  CHECK(story.find("Register under keys 1 accepted") != std::string::npos);
  CHECK(story.find("sleeps") != std::string::npos);
}
