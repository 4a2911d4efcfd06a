// SPDX-License-Identifier: Apache-2.0
// Session keys of many devices over a long virtual time; prints the figures, and fails if one of the three that must be 0 is not.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "lwm2m/simulation.hpp"

using namespace uicclab::lwm2m;

int main(int argc, char** argv) {
  SimulationOptions options;
  options.devices = 10'000;
  options.duration = std::chrono::hours(24 * 30);
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const long long value = std::strtoll(argv[i + 1], nullptr, 10);
    if (name == "--devices") options.devices = static_cast<std::size_t>(value);
    if (name == "--days") options.duration = std::chrono::hours(24 * value);
    if (name == "--seed") options.seed = static_cast<std::uint64_t>(value);
    if (name == "--loss") options.loss_percent = static_cast<unsigned>(value);
    if (name == "--replay") options.replay_percent = static_cast<unsigned>(value);
  }
  const auto begin = std::chrono::steady_clock::now();
  const SimulationFigures figures = simulate(options);
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto print = [](const char* what, std::uint64_t number) {
    std::printf("%-36s %12llu\n", what, static_cast<unsigned long long>(number));
  };
  print("devices", options.devices);
  print("days", static_cast<std::uint64_t>(options.duration / std::chrono::hours(24)));
  print("messages of devices", figures.sent);
  print("lost, either way", figures.lost);
  print("accepted", figures.accepted);
  print("  of them Register and Update", figures.registrations);
  print("4.00 Bad Request", figures.bad_requests);
  print("replays dropped", figures.replays_dropped);
  print("pairs of keys", figures.key_pairs);
  print("refresh messages", figures.refreshes);
  print("longest awake without keys, s", static_cast<std::uint64_t>(figures.longest_without_keys.count()));
  print("accepted under stale keys", figures.accepted_stale);
  print("counters reused", figures.counters_reused);
  print("devices left without keys", figures.left_without);
  std::printf("%-36s %12.1f s\n", "took", took);
  return figures.good() ? 0 : 1;
}
