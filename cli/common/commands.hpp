// SPDX-License-Identifier: Apache-2.0
// The subcommands of uicclab: each file of this folder adds one to the command line. CLI11 stays inside app.cpp.
#pragma once

#include <functional>
#include <string>

#include "cli/common/app.hpp"
#include "core/result.hpp"

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

/// The end for an error of a card, a file or a server: kEnvironment if the way to it failed (kIo), else `otherwise`.
inline Exit failed(const Error& error, ExitCode otherwise, const std::string& before = "") {
  return {error.code == ErrorCode::kIo ? kEnvironment : otherwise, before + error.text};
}

/// What a parsed command line will do; main() runs it. A subcommand sets it in its callback.
using Action = std::function<int()>;

/// `command` is what followed -- on the command line.
void add_run(App& app, Action& action, const std::vector<std::string>& command);
void add_ctl(App& app, Action& action);
void add_test(App& app, Action& action);
void add_record(App& app, Action& action, const std::vector<std::string>& command);
void add_replay(App& app, Action& action, const std::vector<std::string>& command);
void add_clone(App& app, Action& action);
void add_readers(App& app, Action& action);
void add_apdu(App& app, Action& action);
void add_ota(App& app, Action& action);
void add_profile(App& app, Action& action);
void add_doctor(App& app, Action& action);
void add_gp(App& app, Action& action);
void add_ara(App& app, Action& action);
void add_cap(App& app, Action& action);
void add_lwm2m(App& app, Action& action);
void add_gba(App& app, Action& action);
void add_dm(App& app, Action& action);
void add_mcim(App& app, Action& action);
void add_shell(App& app, Action& action);
void add_fs(App& app, Action& action);
void add_trace(App& app, Action& action);
void add_man(App& app, Action& action);
void add_completion(App& app, Action& action);

/// "Example:\n  uicclab ..." below the options of a subcommand's help.
inline void set_example(App& command, const std::string& lines) {
  command.footer("Example:\n" + lines);
}

}  // namespace uicclab::cli
