// SPDX-License-Identifier: Apache-2.0
// What starting costs, and what stays: from exec to an exit after one command, from exec to the ATR at a PC/SC client, and the resident
// memory of the service with that client connected. Beside it a program that does nothing. Prints figures; judges nothing.
//   perf_start_up [PROGRAM]
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <winscard.h>

#include "core/hex.hpp"
#include "core/result.hpp"

using namespace uicclab;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kRuns = 30;

pid_t start(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = posix_spawn(&child, arguments[0], &quiet, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&quiet);
  if (failed != 0) throw SystemError("cannot start " + words[0]);
  return child;
}

void wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw SystemError("the program failed");
}

double milliseconds(Clock::time_point since) {
  return std::chrono::duration<double, std::milli>(Clock::now() - since).count();
}

void print(const char* what, std::vector<double> times) {
  std::ranges::sort(times);
  std::printf("%-44s %8.2f ms  (median of %zu; fastest %.2f)\n", what, times[times.size() / 2], times.size(), times.front());
}

void exec_to_exit(const char* what, const std::vector<std::string>& words) {
  std::vector<double> times;
  for (int i = 0; i < kRuns; ++i) {
    const auto begun = Clock::now();
    wait_for(start(words));
    times.push_back(milliseconds(begun));
  }
  print(what, std::move(times));
}

void print_resident(const char* what, pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) std::printf("%-44s %8s\n", what, line.substr(line.find_first_not_of(" \t", 6)).c_str());
  }
}

/// A PC/SC client with a connection to the first reader.
struct Client {
  SCARDCONTEXT context = 0;
  SCARDHANDLE card = 0;
  DWORD protocol = 0;

  /// Tries until the service is there.
  Client() {
    while (SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context) != SCARD_S_SUCCESS) {
    }
    if (SCardConnect(context, "uicclab 00 00", SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, &card, &protocol) != SCARD_S_SUCCESS) {
      throw SystemError("SCardConnect failed");
    }
    BYTE atr[MAX_ATR_SIZE];
    DWORD size = sizeof atr;
    if (SCardStatus(card, nullptr, nullptr, nullptr, nullptr, atr, &size) != SCARD_S_SUCCESS) throw SystemError("SCardStatus failed");
  }
  ~Client() { SCardReleaseContext(context); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void transmit(const char* command) {
    const Bytes bytes = from_hex(command).value();
    BYTE answer[MAX_BUFFER_SIZE];
    DWORD size = sizeof answer;
    if (SCardTransmit(card, SCARD_PCI_T0, bytes.data(), bytes.size(), nullptr, answer, &size) != SCARD_S_SUCCESS) {
      throw SystemError("SCardTransmit failed");
    }
  }
};

void service(const std::string& program) {
  std::string folder = (std::filesystem::temp_directory_path() / "uicclab-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) throw SystemError("no temporary folder");
  const std::string socket = folder + "/socket";
  setenv("PCSCLITE_CSOCK_NAME", socket.c_str(), 1);
  std::vector<double> times;
  for (int i = 0; i < kRuns; ++i) {
    const auto begun = Clock::now();
    const pid_t process = start({program, "run", "--socket", socket});
    {
      Client client;
      times.push_back(milliseconds(begun));
      if (i + 1 == kRuns) {
        print("exec to the ATR at a PC/SC client", times);
        print_resident("resident, a client connected", process);
        client.transmit("00A4040C07A0000000871002");
        client.transmit(
            "008800812210"
            "23553CBE9637A89D218AE64DAE47BF35"
            "10"
            "55F328B43577B9B94A9FFAC354DFAFB3");
        print_resident("resident, after AUTHENTICATE", process);
      }
    }
    kill(process, SIGTERM);
    wait_for(process);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string program = argc > 1 ? argv[1] : "build/release/uicclab";
  exec_to_exit("exec to exit: true", {"/bin/true"});
  exec_to_exit("exec to exit: uicclab --version", {program, "--version"});
  exec_to_exit("exec to exit: uicclab apdu, one command", {program, "apdu", "-q", "--raw", "00A40004023F00"});
  service(program);
  return 0;
}
