// SPDX-License-Identifier: Apache-2.0
// uicclab doctor: what is missing on this machine, and how to fix it.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>

#include <unistd.h>

#include "cli/common/commands.hpp"
#include "pcsc_bridge/pcsc_reader_port.hpp"

namespace uicclab::cli {
namespace {

struct Tool {
  const char* program;
  const char* package;
  const char* use;
};

// Programs that the documentation and the tests use; none is needed to run the emulator.
constexpr auto kTools = std::to_array<Tool>({
    {"opensc-tool", "opensc", "a PC/SC client for first tries"},
    {"pcsc_scan", "pcsc-tools", "watches readers; scriptor sends APDU scripts"},
    {"pcscd", "pcscd", "the system's PC/SC service, for USB readers"},
    {"tshark", "tshark", "reads our GSMTAP and pcap traces"},
    {"hostapd", "hostapd", "network side of EAP-SIM and EAP-AKA tests"},
    {"eapol_test", "eapoltest", "device side of EAP-SIM and EAP-AKA tests"},
    {"osmo-auc-gen", "libosmocore-utils", "a third-party authentication centre"},
});

bool on_path(const std::string& program) {
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): one thread
  std::istringstream directories(path != nullptr ? path : "");
  for (std::string directory; std::getline(directories, directory, ':');) {
    if (access((directory + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return access(("/usr/sbin/" + program).c_str(), X_OK) == 0;
}

void line(bool good, const std::string& what, const std::string& cure) {
  std::cout << (good ? "  ok       " : "  missing  ") << what << "\n";
  if (!good) std::cout << "           " << cure << "\n";
}

int run() {
  std::cout << "Tools (each is optional):\n";
  for (const Tool& tool : kTools) {
    line(on_path(tool.program), std::string(tool.program) + ": " + tool.use, "apt-get install " + std::string(tool.package));
  }
  const bool vpcd = std::filesystem::exists("/etc/reader.conf.d/vpcd");
  line(vpcd, "vpcd: virtual readers inside pcscd", "apt-get install vsmartcard-vpcd");

  std::cout << "PC/SC service:\n";
  const char* name = std::getenv("PCSCLITE_CSOCK_NAME");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::string socket = name != nullptr ? name : "/run/pcscd/pcscd.comm";
  const bool there = std::filesystem::exists(socket);
  line(there, "a socket at " + socket + (name != nullptr ? " (PCSCLITE_CSOCK_NAME)" : " (pcscd)"),
       "start 'uicclab run' and export the PCSCLITE_CSOCK_NAME it prints, or start pcscd");
  bool healthy = true;
  if (there) {
    const auto readers = pcsc_bridge::PcscReaderPort::readers();
    line(readers.has_value(), readers ? std::to_string(readers->size()) + " reader(s)" : "an answer: " + readers.error().text,
         "check that the socket belongs to you and that its program is running");
    healthy = readers.has_value();
  }
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::string place = runtime != nullptr && *runtime != '\0' ? runtime : "/tmp";
  const bool writable = access(place.c_str(), W_OK) == 0;
  line(writable, "a place for our own socket: " + place, "give one with 'uicclab run --socket PATH'");
  return healthy && writable ? kOk : kEnvironment;
}

}  // namespace

void add_doctor(App& app, Action& action) {
  auto* command = app.add_subcommand("doctor", "Report what is missing on this machine, and how to fix it");
  set_example(*command, "  uicclab doctor");
  command->callback([&action] { action = [] { return run(); }; });
}

}  // namespace uicclab::cli
