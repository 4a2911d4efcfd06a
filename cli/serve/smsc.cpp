// SPDX-License-Identifier: Apache-2.0
// uicclab ota smsc: a short message service centre with an SMPP port that delivers to cards.
#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>

#include <sys/signalfd.h>

#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/common/trace_option.hpp"
#include "cli/ota/ota.hpp"
#include "cli/serve/served_cards.hpp"
#include "cli/serve/smpp_server.hpp"
#include "core/hex.hpp"
#include "core/private_file.hpp"
#include "core/visible.hpp"
#include "core/wall_clock.hpp"

namespace uicclab::cli {
namespace {

struct SmscOptions {
  ServedCardsOption cards;
  std::string number;
  std::string address = "127.0.0.1";
  std::uint16_t port = 2775;
  std::string accounts;
  std::string inbox;
  unsigned rate = 0;
  std::size_t window = 10;
  std::size_t queue = ota::smpp::MessageCentre::Limits().queue;
  unsigned timeout = 60;
  TraceOption trace;
};

using Accounts = std::map<std::string, std::string, std::less<>>;

/// Lines of system id and password.
Accounts read_accounts(const std::string& path) {
  if (path.empty()) return {{"uicclab", "uicclab"}};
  std::istringstream file(read_input_text(path, kAccountsFile));
  tell_if_readable_by_others(path);
  Accounts accounts;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    std::istringstream words(line);
    std::string id;
    std::string password;
    std::string more;
    if (!(words >> id) || id[0] == '#') continue;
    if (!(words >> password) || words >> more || id.size() > 15 || password.size() > 8) {
      throw Exit{kUsage, path + ":" + std::to_string(number) + ": not a system id (up to 15 characters) and a password (up to 8)"};
    }
    accounts[id] = password;
  }
  return accounts;
}

/// "+491710000001" and its successors.
std::string number_of(const std::string& first, std::size_t index) {
  std::string digits = first;
  for (std::size_t at = digits.size(); index != 0 && at-- > 0 && digits[at] >= '0' && digits[at] <= '9';) {
    index += static_cast<std::size_t>(digits[at] - '0');
    digits[at] = static_cast<char>('0' + index % 10);
    index /= 10;
  }
  return digits;
}

int run_smsc(const SmscOptions& options) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const net::Fd stop(signalfd(-1, &signals, SFD_CLOEXEC));
  if (!stop) throw SystemError("signalfd");

  const Accounts accounts = read_accounts(options.accounts);
  ServedCards cards(options.cards);
  Trace trace(options.trace);
  const SystemClock clock;
  const WallClock wall;
  const auto log = [](const std::string& line) { std::cerr << "uicclab: " + visible(line) + "\n"; };
  ota::smpp::MessageCentre centre(wall, {.queue = options.queue}, log);
  std::list<TracePort> traced;
  std::list<ota::SmsTerminal> terminals;
  std::string numbers;
  for (std::size_t i = 0; i < cards.ports().size(); ++i) {
    CardPort* port = cards.ports()[i];
    if (trace.sink() != nullptr) port = &traced.emplace_back(*port, *trace.sink(), clock, static_cast<unsigned>(i));
    if (auto reset = port->reset(); !reset) throw Exit{kEnvironment, reset.error().text};
    ota::SmsTerminal& terminal = terminals.emplace_back(*port, service_centre());
    if (auto started = terminal.start(); !started) throw Exit{kEnvironment, started.error().text};
    const std::string number = number_of(options.number, i);
    centre.add_card(number, terminal);
    numbers += (i == 0 ? "" : ", ") + number;
  }

  std::optional<PrivateStream> inbox;
  if (!options.inbox.empty()) {
    auto file = begin_private_file(options.inbox);
    if (!file) throw Exit{kEnvironment, file.error().text};
    inbox.emplace(*std::move(file));
    centre.set_inbox([&inbox](const std::string&, const std::vector<ota::SmsDeliver>& parts) {
      for (const ota::SmsDeliver& one : parts) {
        const auto tpdu = one.build();
        if (!tpdu) return false;
        *inbox << to_hex(*tpdu) << "\n";
      }
      return static_cast<bool>(inbox->flush());
    });
  }

  ota::smpp::Session::Host host = ota::smpp::Session::host_of(centre);
  host.log = log;
  host.authenticate = [&](const ota::smpp::Bind& bind) {
    const auto account = accounts.find(bind.system_id);
    const bool right = account != accounts.end() && crypto::constant_time_equal(as_bytes(account->second), as_bytes(bind.password));
    return right ? ota::smpp::Status::kOk : ota::smpp::Status::kInvalidPassword;
  };
  const std::chrono::seconds timeout(options.timeout);
  ota::smpp::Session::Limits limits;
  limits.window = options.window;
  limits.messages_per_second = options.rate;
  limits.session_init = std::min<std::chrono::milliseconds>(limits.session_init, timeout);
  limits.response = timeout;
  std::optional<SmppServer> server(std::in_place, options.address, options.port, host, centre, clock, limits);
  std::cout << "uicclab " UICCLAB_VERSION ": " << cards.description() << "\n"
            << "Number  " << numbers << "\nSMPP    " << options.address << ":" << server->port() << ", version 3.4"
            << (options.accounts.empty() ? ", system id and password uicclab" : "") << "\nStop with Ctrl-C.\n"
            << std::flush;
  server->run(stop.get());
  server.reset();
  for (const auto& [system_id, mailbox] : centre.mailboxes()) {
    if (mailbox.size() != 0) log("ESME " + system_id + ": " + std::to_string(mailbox.size()) + " messages found no receiver");
  }
  return kOk;
}

}  // namespace

void add_ota_smsc(App& ota, Action& action) {
  auto* command =
      ota.add_subcommand("smsc", "Be a short message service centre (SMPP 3.4) that delivers to cards, for tests of a platform");
  auto options = std::make_shared<SmscOptions>();  // shared with the callback, which outlives this function
  options->number = "+491710000001";
  options->cards.add_cards_to(*command);
  command->add_option("--number", options->number, "Telephone number of the card; further cards have the next ones")->capture_default_str();
  command->add_option(
      "--inbox", options->inbox,
      "File for the messages that are for the device and not for the card (a WAP push): SMS-DELIVER in hexadecimal, a line each");
  command->add_option("--address", options->address, "IPv4 address to listen on")->capture_default_str();
  command->add_option("--port", options->port, "TCP port; 0: any free port")->capture_default_str();
  command->add_option("--accounts", options->accounts, "File with a system id and a password a line; default: uicclab and uicclab");
  command->add_option("--rate", options->rate, "Messages a second that a connection may submit; 0: no limit")->capture_default_str();
  command->add_option("--window", options->window, "deliver_sm that may be without response at a time")
      ->check(Range{1, 1000})
      ->capture_default_str();
  command
      ->add_option("--queue", options->queue,
                   "Messages for a system id that may wait for its receivers; when it is full, submissions are refused (ESME_RMSGQFUL)")
      ->check(Range{1, 1'000'000})
      ->capture_default_str();
  command->add_option("--timeout", options->timeout, "Seconds until a client that does not bind, answer or read is disconnected")
      ->check(Range{1, 86'400})
      ->capture_default_str();
  Trace::add_to(*command, options->trace);
  set_example(*command, "  uicclab ota smsc --cards 2");
  command->callback([options, &action] { action = [options] { return run_smsc(*options); }; });
}

}  // namespace uicclab::cli
