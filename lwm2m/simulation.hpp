// SPDX-License-Identifier: Apache-2.0
// Server, short message service centre, devices and an eavesdropper who replays, on a virtual clock: what the rules of
// session_key_rules.hpp lead to under loss, sleep and replay. The same seed gives the same story. Messages are not enciphered here:
// keys are numbers, and a number that does not match is what a wrong checksum is.
#pragma once

#include <functional>
#include <string>

#include "lwm2m/session_key_rules.hpp"

namespace uicclab::lwm2m {

struct SimulationOptions {
  std::size_t devices = 1;
  std::chrono::seconds duration{std::chrono::hours(24)};
  std::uint64_t seed = 1;
  std::chrono::seconds registration{std::chrono::hours(6)};
  std::chrono::seconds awake{std::chrono::hours(4)};    ///< on average
  std::chrono::seconds asleep{std::chrono::hours(8)};   ///< on average; 0: never
  std::chrono::seconds between{std::chrono::hours(1)};  ///< messages other than Register and Update, on average
  unsigned loss_percent = 5;                            ///< of messages, either way
  unsigned replay_percent = 5;                          ///< messages that come again, soon or much later
  unsigned forgetful_percent = 10;                      ///< devices that keep no keys while they sleep
};

struct SimulationFigures {
  std::uint64_t sent = 0;  ///< by devices
  std::uint64_t lost = 0;
  std::uint64_t accepted = 0;
  std::uint64_t registrations = 0;  ///< accepted Register and Update
  std::uint64_t bad_requests = 0;
  std::uint64_t replays_dropped = 0;
  std::uint64_t refreshes = 0;
  std::uint64_t key_pairs = 0;
  std::chrono::seconds longest_without_keys{0};  ///< of a device that was awake
  // Judged by a record of its own of what was sent and accepted, not by the rules themselves:
  std::uint64_t accepted_stale = 0;   ///< under keys that were expired, superseded, or used for a registration before
  std::uint64_t counters_reused = 0;  ///< sent or accepted twice under one key
  std::uint64_t left_without = 0;     ///< devices that at the end have no keys, with none on the way

  bool good() const { return accepted_stale == 0 && counters_reused == 0 && left_without == 0; }
};

/// Runs it. `line` gets what happens, one line each, if it is there.
SimulationFigures simulate(const SimulationOptions& options, const std::function<void(const std::string&)>& line = {});

}  // namespace uicclab::lwm2m
