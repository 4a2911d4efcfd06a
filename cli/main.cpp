// SPDX-License-Identifier: Apache-2.0
// uicclab: a UICC emulator and smart-card toolkit. One file of this folder for each subcommand.
#include <algorithm>
#include <array>
#include <iostream>
#include <string_view>

#include "cli/common/commands.hpp"
#include "core/result.hpp"
#include "core/visible.hpp"

#ifndef UICCLAB_VERSION
#error "the build system sets UICCLAB_VERSION"
#endif

namespace {

int run_program(int argc, char** argv) {
  using namespace uicclab::cli;
  const uicclab::VisibleOutput output(std::cout);
  const uicclab::VisibleOutput errors(std::cerr);
  App app{"A UICC (SIM card) emulator and smart-card toolkit.", "uicclab"};
  app.set_version_flag("--version", "uicclab " UICCLAB_VERSION);
  app.require_subcommand();
  app.set_help_all_flag("--help-all", "Help of all subcommands");
  app.footer("Exit codes: 0 ok, 1 a check failed, 2 usage, 3 environment, 4 wrong keys.");

  // Behind -- is another program's command line, options and all; CLI11 would look for ours in it. Elsewhere words that begin with a
  // dash stand there.
  static constexpr auto kWithProgram = std::to_array<std::string_view>({"run", "record", "replay"});
  char** const end = argv + argc;
  char** dashes = end;
  if (argc > 1 && std::ranges::find(kWithProgram, std::string_view(argv[1])) != kWithProgram.end()) {
    dashes = std::find_if(argv, end, [](const char* word) { return std::string_view(word) == "--"; });
  }
  const std::vector<std::string> behind(dashes == end ? end : dashes + 1, end);

  Action action;
  add_run(app, action, behind);
  add_ctl(app, action);
  add_apdu(app, action);
  add_test(app, action);
  add_record(app, action, behind);
  add_replay(app, action, behind);
  add_clone(app, action);
  add_readers(app, action);
  add_ota(app, action);
  add_profile(app, action);
  add_doctor(app, action);
  add_gp(app, action);
  add_ara(app, action);
  add_cap(app, action);
  add_lwm2m(app, action);
  add_gba(app, action);
  add_dm(app, action);
  add_mcim(app, action);
  add_fs(app, action);
  add_shell(app, action);
  add_trace(app, action);
  add_man(app, action);
  add_completion(app, action);

  if (const auto ended = app.parse(static_cast<int>(dashes - argv), argv)) return *ended == 0 ? kOk : kUsage;
  try {
    return action ? action() : kOk;
  } catch (const Exit& exit) {
    if (!exit.message.empty()) std::cerr << "uicclab: " << uicclab::visible(exit.message) << "\n";
    return exit.code;
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_program(argc, argv);
  } catch (const uicclab::SystemError& error) {
    std::cerr << "uicclab: " << uicclab::visible(error.what()) << "\n";
  } catch (const std::exception& error) {
    std::cerr << "uicclab: internal error: " << uicclab::visible(error.what()) << "\n";
  }
  return uicclab::cli::kEnvironment;
}
