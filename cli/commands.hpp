// The subcommands of uicclab: each file of this folder adds one to the command line. CLI11 stays inside this folder.
#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

namespace uicclab::cli {

/// Exit codes of the program.
enum ExitCode : int {
  kOk = 0,
  kCheckFailed = 1,  ///< what was asked for was done, and the answer is no
  kUsage = 2,        ///< the command line, or a file that the user wrote, is wrong
  kEnvironment = 3,  ///< something on this machine is missing or in the way
  kWrongKeys = 4,    ///< the keys are not those of the card
};

/// Ends the program with a message on stderr and this code.
struct Exit {
  ExitCode code;
  std::string message;
};

/// What a parsed command line will do; main() runs it. A subcommand sets it in its callback.
using Action = std::function<int()>;

/// `command` is what stood behind -- on the command line.
void add_run(CLI::App& app, Action& action, const std::vector<std::string>& command);
void add_ctl(CLI::App& app, Action& action);
void add_test(CLI::App& app, Action& action);
void add_record(CLI::App& app, Action& action, const std::vector<std::string>& command);
void add_replay(CLI::App& app, Action& action, const std::vector<std::string>& command);
void add_clone(CLI::App& app, Action& action);
void add_readers(CLI::App& app, Action& action);
void add_apdu(CLI::App& app, Action& action);
void add_ota(CLI::App& app, Action& action);
void add_profile(CLI::App& app, Action& action);
void add_doctor(CLI::App& app, Action& action);
void add_gp(CLI::App& app, Action& action);
void add_lwm2m(CLI::App& app, Action& action);
void add_dm(CLI::App& app, Action& action);
void add_mcim(CLI::App& app, Action& action);
void add_shell(CLI::App& app, Action& action);
void add_fs(CLI::App& app, Action& action);
void add_trace(CLI::App& app, Action& action);
void add_man(CLI::App& app, Action& action);

/// "Example:\n  uicclab ..." below the options of a subcommand's help.
inline void set_example(CLI::App& command, const std::string& lines) {
  command.footer("Example:\n" + lines);
}

}  // namespace uicclab::cli
