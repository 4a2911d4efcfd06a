// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m: bootstrap files, shown and checked; and a simulation of the keys of the SMS binding.
#include "cli/lwm2m/lwm2m.hpp"

#include <iostream>

#include "cli/lwm2m/files.hpp"
#include "core/visible.hpp"
#include "lwm2m/simulation.hpp"
#include "lwm2m/validation.hpp"
#include "lwm2m/view.hpp"

namespace uicclab::cli {
namespace {

struct FileOptions {
  std::string name, format = "json", endpoint;
  bool secrets = false;
};

int show(const FileOptions& options) {
  const lwm2m::BootstrapFile file = read_bootstrap(options.name);
  const auto secrets = options.secrets ? lwm2m::Secrets::kShown : lwm2m::Secrets::kHidden;
  std::cout << (options.format == "toml" ? lwm2m::to_toml(file, secrets) : lwm2m::to_json(file, secrets));
  return kOk;
}

int check(const FileOptions& options) {
  const auto refusals = lwm2m::validate(read_bootstrap(options.name), {.endpoint_name = options.endpoint});
  bool refused = false;
  for (const lwm2m::Refusal& one : refusals) {
    const bool warning = one.severity == lwm2m::Refusal::Severity::kWarning;
    std::cout << one.path << ": " << (warning ? "warning: " : "") << visible(one.reason) << "\n";
    refused = refused || !warning;
  }
  if (refusals.empty()) std::cout << "nothing that a device would refuse\n";
  return refused ? kCheckFailed : kOk;
}

struct SimulateOptions {
  std::size_t devices = 1, days = 2;
  std::uint64_t seed = 1;
  unsigned loss = 5, replay = 5;
  bool quiet = false;
};

int simulate(const SimulateOptions& options) {
  lwm2m::SimulationOptions story;
  story.devices = options.devices;
  story.duration = std::chrono::hours(24 * options.days);
  story.seed = options.seed;
  story.loss_percent = options.loss;
  story.replay_percent = options.replay;
  const auto print = [](const std::string& line) { std::cout << line << "\n"; };
  const auto figures = lwm2m::simulate(story, options.quiet ? std::function<void(const std::string&)>() : print);
  std::cout << figures.sent << " messages of devices, " << figures.lost << " lost, " << figures.accepted << " accepted ("
            << figures.registrations << " Register and Update), " << figures.bad_requests << " times 4.00, " << figures.replays_dropped
            << " replays dropped\n"
            << figures.key_pairs << " pairs of keys in " << figures.refreshes << " refresh messages; longest time awake without keys "
            << figures.longest_without_keys.count() << " s\n"
            << "accepted under stale keys: " << figures.accepted_stale << ", counters reused: " << figures.counters_reused
            << ", devices left without keys: " << figures.left_without << "\n";
  return figures.good() ? kOk : kCheckFailed;
}

}  // namespace

void add_lwm2m(App& app, Action& action) {
  auto* command = app.add_subcommand("lwm2m", "LwM2M bootstrap files, and the keys of the SMS binding");
  command->require_subcommand();
  add_lwm2m_card(*command, action);
  add_lwm2m_register(*command, action);
  add_lwm2m_serve(*command, action);
  add_lwm2m_accounts(*command, action);
  add_lwm2m_raw_key(*command, action);
  add_lwm2m_keys(*command, action);
  add_lwm2m_push(*command, action);
  add_lwm2m_sms(*command, action);

  auto file_options = std::make_shared<FileOptions>();  // shared with the callbacks, which outlive this function
  auto* showing = command->add_subcommand("show", "Print a bootstrap file; keys stay hidden");
  showing->add_option("FILE", file_options->name, kBootstrapForms)->required();
  showing->add_option("--format", file_options->format, "json or toml")->check(OneOf{{"json", "toml"}})->capture_default_str();
  showing->add_flag("--secrets", file_options->secrets, "Print keys, too");
  set_example(*showing, "  uicclab lwm2m show bootstrap.bin --format toml");
  showing->callback([file_options, &action] { action = [file_options] { return show(*file_options); }; });

  auto* checking = command->add_subcommand("check", "Check a bootstrap file for what a device would refuse");
  checking->add_option("FILE", file_options->name, kBootstrapForms)->required();
  checking->add_option("--endpoint", file_options->endpoint, "Endpoint name that the device will register with");
  set_example(*checking, "  uicclab lwm2m check bootstrap.toml --endpoint urn:imei:490154203237518");
  checking->callback([file_options, &action] { action = [file_options] { return check(*file_options); }; });

  auto* simulating = command->add_subcommand("simulate", "Register, update, sleep, expiry, loss and replay on a virtual clock");
  auto options = std::make_shared<SimulateOptions>();
  simulating->add_option("--devices", options->devices, "How many")->check(Range{1, 1'000'000})->capture_default_str();
  simulating->add_option("--days", options->days, "Of virtual time")->check(Range{1, 3650})->capture_default_str();
  simulating->add_option("--seed", options->seed, "The same seed gives the same run")->capture_default_str();
  simulating->add_option("--loss", options->loss, "Percent of messages that are lost")->check(Range{0, 99})->capture_default_str();
  simulating->add_option("--replay", options->replay, "Percent of messages that arrive twice")->check(Range{0, 100})->capture_default_str();
  simulating->add_flag("--quiet", options->quiet, "Figures only");
  set_example(*simulating, "  uicclab lwm2m simulate --devices 10000 --days 30 --quiet");
  simulating->callback([options, &action] { action = [options] { return simulate(*options); }; });
}

}  // namespace uicclab::cli
