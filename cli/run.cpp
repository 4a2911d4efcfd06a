// uicclab run: serves emulated cards as PC/SC readers, until it is stopped or the command behind it has ended.
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <thread>

#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/card_server.hpp"
#include "cli/commands.hpp"
#include "cli/served_cards.hpp"
#include "cli/trace_option.hpp"

namespace uicclab::cli {
namespace {

struct Options {
  ServedCardsOption cards;
  std::optional<std::uint64_t> seed;
  std::string socket;
  std::string vpcd;
  std::vector<std::string> trace;
  std::vector<std::string> command;
};

/// The signals that end the program, and the end of the child, wait until somebody takes them; threads started later inherit that.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

/// Where the socket is if nobody says: in a directory that is this user's alone.
std::string default_socket() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe): before any thread
  const std::string base = runtime != nullptr && *runtime != '\0' ? runtime : "/tmp";
  const std::string directory = base + "/uicclab-" + std::to_string(getuid());
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) throw Exit{kEnvironment, "cannot make the directory " + directory};
  struct stat info {};
  if (lstat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != getuid() || (info.st_mode & 0077) != 0) {
    throw Exit{kEnvironment, directory + " is not a directory of this user alone; give another place with --socket"};
  }
  return directory + "/pcscd.comm";
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

pid_t start_child(const std::vector<std::string>& command, const std::string& socket) {
  setenv("PCSCLITE_CSOCK_NAME", socket.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): no other thread reads the environment
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

void announce(const ServedCards& cards, const Options& options, const std::string& where) {
  std::cout << "uicclab " UICCLAB_VERSION ": " << cards.description() << "\n";
  const std::string& profile = options.cards.cards.profile;
  if (options.cards.card.empty() && (profile.empty() || profile == "default")) std::cout << "Its keys are public: for tests only.\n";
  std::cout << "ATR     " << to_hex(cards.atr()) << "\n" << where << std::flush;
}

std::string socket_lines(const std::string& socket) {
  return "Socket  " + socket + "\nTry, in another terminal:\n  export PCSCLITE_CSOCK_NAME=" + socket +
         "\n  opensc-tool --list-readers\n  opensc-tool --atr\n  opensc-tool --send-apdu 00:A4:00:04:02:2F:E2 --send-apdu 00:B0:00:00:0A\n"
         "Stop with Ctrl-C.\n";
}

int run(Options options) {
  options.cards.cards.seed = options.seed;
  const sigset_t signals = block_signals();
  ServedCards cards(options.cards);
  Trace trace(options.trace);
  CardServer server(cards.ports(), trace.sink());
  if (!options.vpcd.empty()) {
    if (!options.command.empty() || !options.socket.empty()) {
      throw Exit{kUsage, "--vpcd serves a vpcd and nothing else: neither --socket nor a command goes with it"};
    }
    server.start_vpcd(options.vpcd);
    announce(cards, options, "vpcd    " + options.vpcd + "\nStop with Ctrl-C.\n");
    const int code = wait_for_end(signals, 0);
    server.stop();
    return code;
  }
  std::optional<PrivateDirectory> directory;
  std::string socket = options.socket;
  if (socket.empty() && !options.command.empty()) {
    directory.emplace();
    socket = directory->path() + "/pcscd.comm";
  }
  if (socket.empty()) socket = default_socket();
  server.start_service(socket);
  pid_t child = 0;
  if (options.command.empty()) {
    announce(cards, options, socket_lines(socket));
  } else {
    child = start_child(options.command, socket);
  }
  const int code = wait_for_end(signals, child);
  server.stop();
  return code;
}

}  // namespace

void add_run(CLI::App& app, Action& action, const std::vector<std::string>& behind) {
  auto* command = app.add_subcommand("run",
                                     "Serve emulated cards as PC/SC readers, without pcscd and without root; with -- COMMAND: run it with "
                                     "PCSCLITE_CSOCK_NAME set, and end with it");
  auto options = std::make_shared<Options>();  // shared with the callback, which outlives this function
  options->cards.add_to(*command);
  command->add_option("--socket", options->socket, "UNIX socket of the PC/SC service");
  command->add_option("--vpcd", options->vpcd, "HOST:PORT: be the card of a vpcd (vsmartcard) instead; further cards take the next ports");
  Trace::add_to(*command, options->trace);
  command->add_option("--seed", options->seed, "Make the cards' random numbers repeatable");
  options->command = behind;
  set_example(*command, "  uicclab run\n  uicclab run --trace text -- opensc-tool --atr\n  uicclab run --via ota:usim,2");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace uicclab::cli
