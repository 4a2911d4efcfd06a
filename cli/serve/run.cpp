// SPDX-License-Identifier: Apache-2.0
// uicclab run: serves emulated cards as PC/SC readers, until it is stopped or the given command has ended.
#include "cli/serve/run.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <thread>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/common/service_socket.hpp"
#include "cli/common/trace_option.hpp"
#include "cli/serve/card_server.hpp"
#include "cli/serve/control_server.hpp"
#include "core/visible.hpp"

namespace uicclab::cli {
namespace {

/// The signals that end the program, and the end of the child, wait until somebody takes them; threads started later inherit that.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

/// A directory for the socket of a run that only the command behind it uses.
class PrivateDirectory {
 public:
  PrivateDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "uicclab-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw Exit{kEnvironment, "cannot make a directory like " + pattern};
    m_path = pattern;
  }
  ~PrivateDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
  }
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
  const std::string& path() const { return m_path; }

 private:
  std::string m_path;
};

pid_t start_child(const std::vector<std::string>& command, const std::string& socket, const std::string& control) {
  setenv("PCSCLITE_CSOCK_NAME", socket.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): no other thread reads the environment
  setenv("UICCLAB_CONTROL", control.c_str(), 1);     // NOLINT(concurrency-mt-unsafe): as above
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, arguments[0], nullptr, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) throw Exit{kEnvironment, "cannot start " + command[0] + ": " + std::strerror(failed)};
  return child;
}

/// Waits for a signal that ends the program, or for the child; returns the exit code.
int wait_for_end(const sigset_t& set, pid_t child) {
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) return kEnvironment;
    if (signal != SIGCHLD) {
      if (child == 0) return kOk;
      kill(child, signal);
      continue;
    }
    int status = 0;
    if (child == 0 || waitpid(child, &status, WNOHANG) != child) continue;
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
  }
}

void announce(const ServedCards& cards, const RunOptions& options, const std::string& where) {
  std::cout << "uicclab " UICCLAB_VERSION ": " << visible(cards.description()) << "\n";
  const auto& profiles = options.cards.cards.profiles;
  const bool built_in =
      profiles.empty() || std::ranges::all_of(profiles, [](const std::string& one) { return one.empty() || one == "default"; });
  if (options.cards.card.empty() && !options.cards.given && built_in) std::cout << "Its keys are public: for tests only.\n";
  if (profiles.size() < 2) {
    std::cout << "ATR     " << to_hex(cards.atrs().front()) << "\n";
  } else {
    for (std::size_t i = 0; i < cards.atrs().size(); ++i) {
      std::cout << "ATR     " << to_hex(cards.atrs()[i]) << "  " << CardServer::reader_name(i) << ", " << visible(profiles[i]) << "\n";
    }
  }
  for (const Aid& aid : cards.applets()) std::cout << "Applet  " << to_hex(aid.bytes()) << "\n";
  std::cout << where << std::flush;
}

/// Offered to try, and done by --demo. The last one reads EF_ICCID: SELECT answers 61xx, then come ten bytes.
constexpr auto kLinesToTry = std::to_array<std::string_view>({
    "opensc-tool --list-readers",
    "opensc-tool --atr",
    "opensc-tool --send-apdu 00:A4:00:04:02:2F:E2 --send-apdu 00:B0:00:00:0A",
});

std::string socket_lines(const std::string& socket, const std::string& control) {
  const std::string shown = visible(socket);
  std::string out =
      "Socket  " + shown + "\nControl " + visible(control) + "\nTry, in another terminal:\n  export PCSCLITE_CSOCK_NAME=" + shown;
  for (const std::string_view line : kLinesToTry) out += "\n  " + std::string(line);
  return out + "\nStop with Ctrl-C.\n";
}

std::vector<std::string> demo_command() {
  std::string script =
      "set -eu\n"
      "command -v opensc-tool >/dev/null || { echo 'opensc-tool is missing: install the package opensc' >&2; exit 3; }\n"
      "try() { printf '\\n$ %s\\n' \"$*\"; \"$@\"; }\n";
  for (const std::string_view line : kLinesToTry) script += "try " + std::string(line) + "\n";
  script += "printf '\\nThe card answers: that is a UICC in a PC/SC reader.\\n'\n";
  return {"/bin/sh", "-c", script};
}

std::optional<std::chrono::milliseconds> power_down_after(const std::string& text) {
  if (text == "never") return std::nullopt;
  constexpr unsigned kMostSeconds = 86400;
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc{} && end == text.data() + text.size() && seconds >= 1 && seconds <= kMostSeconds)
    return std::chrono::seconds(seconds);
  throw Exit{kUsage, "--power-down " + text + ": it must be 1 to 86400 seconds, or never"};
}

/// What the control socket reaches, and the socket.
class Controlled {
 public:
  Controlled(const ServedCards& cards, CardServer& server, const std::string& socket)
      : m_cards(cards), m_control(server.service(), slots(cards, server)), m_server(std::in_place, socket, m_control) {}
  /// Nobody waits for a card after this.
  ~Controlled() {
    for (std::size_t i = 0; i < m_cards.ports().size(); ++i) m_cards.faults(i).release();
    m_server.reset();
  }

 private:
  static std::vector<Control::Slot> slots(const ServedCards& cards, CardServer& server) {
    std::vector<Control::Slot> out;
    for (std::size_t i = 0; i < cards.ports().size(); ++i)
      out.push_back({CardServer::reader_name(i), &cards.faults(i), cards.bench(i), server.vscard(i)});
    return out;
  }

  const ServedCards& m_cards;
  Control m_control;
  std::optional<ControlServer> m_server;
};

}  // namespace

void RunOptions::add_place_to(App& command_line) {
  command_line.add_option("--socket", socket, "UNIX socket of the PC/SC service");
  command_line.add_option("--control", control, "UNIX socket for 'uicclab ctl'; default: that of the service with .ctl appended");
  command_line.add_option("--vpcd", vpcd, "HOST:PORT: be the card of a vpcd (vsmartcard) instead; further cards take the next ports");
  command_line.add_option(
      "--vscard", vscard,
      "HOST:PORT or PATH: be the card in a USB reader of QEMU (usb-ccid with ccid-card-passthru) instead. QEMU does not pass on "
      "resets: 'uicclab ctl reset', or --vscard-power (docs/qemu.md)");
  command_line.add_option("--vscard-power", vscard_power,
                          "FIFO that is the standard output of a QEMU with 'usb-ccid,debug=3': its reader's resets then reset the card");
  command_line
      .add_option("--power-down", power_down, "Seconds after which an unused card is switched off, as pcscd does; never: it stays on")
      ->capture_default_str();
  Trace::add_to(command_line, trace);
}

int run_cards(RunOptions options) {
  options.cards.cards.seed = options.seed;
  const sigset_t signals = block_signals();
  ServedCards cards(options.cards);
  Trace trace(options.trace);
  CardServer server(cards.ports(), trace.sink());
  if (!options.vpcd.empty() || !options.vscard.empty()) {
    const bool at_vpcd = !options.vpcd.empty();
    if (at_vpcd && !options.vscard.empty()) throw Exit{kUsage, "--vpcd and --vscard: choose one, a card is in one reader"};
    if (!options.command.empty() || !options.socket.empty()) {
      throw Exit{kUsage, std::string(at_vpcd ? "--vpcd" : "--vscard") +
                             " serves another program's reader only: --socket and -- COMMAND are not possible"};
    }
    if (at_vpcd) {
      server.start_vpcd(options.vpcd);
    } else {
      server.start_vscard(options.vscard, options.vscard_power);
    }
    std::optional<Controlled> controlled;
    if (!options.control.empty()) controlled.emplace(cards, server, options.control);
    const std::string control = options.control.empty() ? "" : "Control " + options.control + "\n";
    announce(cards, options, (at_vpcd ? "vpcd    " + options.vpcd : "QEMU    " + options.vscard) + "\n" + control + "Stop with Ctrl-C.\n");
    const int code = wait_for_end(signals, 0);
    controlled.reset();
    server.stop();
    return code;
  }
  if (!options.vscard_power.empty()) throw Exit{kUsage, "--vscard-power needs --vscard"};
  std::optional<PrivateDirectory> directory;
  std::string socket = options.socket;
  if (socket.empty() && !options.command.empty()) {
    directory.emplace();
    socket = directory->path() + "/pcscd.comm";
  }
  if (socket.empty()) socket = default_service_socket();
  try {
    server.start_service(socket, power_down_after(options.power_down));
  } catch (const SystemError& error) {
    throw Exit{kEnvironment, std::string(error.what()) + "; 'uicclab run --socket PATH' serves elsewhere"};
  }
  const std::string control = options.control.empty() ? control_socket_of(socket) : options.control;
  std::optional<Controlled> controlled(std::in_place, cards, server, control);
  pid_t child = 0;
  if (options.command.empty()) {
    announce(cards, options, socket_lines(socket, control));
  } else {
    child = start_child(options.command, socket, control);
  }
  const int code = wait_for_end(signals, child);
  controlled.reset();
  server.stop();
  return code;
}

void add_run(App& app, Action& action, const std::vector<std::string>& behind) {
  auto* command = app.add_subcommand("run",
                                     "Serve emulated cards as PC/SC readers, without pcscd and without root; with -- COMMAND: run it with "
                                     "PCSCLITE_CSOCK_NAME set, and end with it");
  auto options = std::make_shared<RunOptions>();  // shared with the callback, which outlives this function
  options->cards.add_to(*command);
  options->add_place_to(*command);
  command->add_option("--seed", options->seed, "Make the cards' random numbers repeatable");
  command->add_flag("--demo", options->demo, "Serve, run the suggested commands (with opensc-tool), and end");
  options->command = behind;
  set_example(*command,
              "  uicclab run\n  uicclab run --demo\n  uicclab run --trace text -- opensc-tool --atr\n  uicclab run --via ota:usim,2\n"
              "  uicclab run --applet wallet.cap -- opensc-tool -s 00A4040006F07569636301");
  command->callback([options, &action] {
    action = [options] {
      if (options->demo && !options->command.empty()) throw Exit{kUsage, "--demo and -- COMMAND: choose one"};
      if (options->demo) options->command = demo_command();
      return run_cards(*options);
    };
  });
}

}  // namespace uicclab::cli
