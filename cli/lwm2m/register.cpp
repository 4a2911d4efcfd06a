// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m connect, bootstrap, register, update, deregister: the device with a server, using the account of the card.
#include <ctime>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "cli/common/input_file.hpp"
#include "cli/common/interruptible.hpp"
#include "cli/common/private_file.hpp"
#include "cli/lwm2m/lwm2m.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/random.hpp"
#include "core/json.hpp"
#include "core/visible.hpp"
#include "lwm2m/device/bootstrap_client.hpp"
#include "lwm2m/device/device_state.hpp"
#include "lwm2m/device/managed_device.hpp"
#include "lwm2m/device/registration.hpp"
#include "lwm2m/validation.hpp"
#include "lwm2m/view.hpp"

namespace uicclab::cli {
namespace {

namespace device = lwm2m::device;
using device::Account;
using device::DeviceState;
using std::chrono::sys_seconds;

struct ServerOptions {
  BootstrapCardOptions card;
  std::string state_file, storage_key, endpoint, date, version = "1.1";
  std::optional<std::uint16_t> server;
  std::optional<std::uint32_t> lifetime;
  std::uint16_t max_fragment = 512, local_port = 0;
  unsigned timeout = 150;
  unsigned seconds = 0, press = 5;
  bool no_resume = false, json = false, secrets = false;
  bool bootstrap = false;  ///< at the bootstrap server's account
  bool provision = false;
  ProvisionOptions how;

  void add_to(App& command, bool registering, bool with_lifetime);
};

sys_seconds system_now() {
  return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// "now", "none", or a date: what the device knows of the time.
std::optional<sys_seconds> device_time(const std::string& date) {
  if (date.empty()) return system_now();
  if (date == "none") return std::nullopt;
  std::tm time{};
  std::istringstream in(date);
  in >> std::get_time(&time, "%Y-%m-%d");
  if (in.fail()) throw Exit{kUsage, "--date " + date + ": it is YYYY-MM-DD, or none"};
  return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::from_time_t(timegm(&time)));
}

/// One command: card, state, link and what comes of it.
class Device {
 public:
  explicit Device(const ServerOptions& options) : m_options(options) {
    BootstrapCard card(options.card);
    auto reading = lwm2m_value(card.files().read());
    m_file = std::move(reading.file);
    m_digest = to_bytes(crypto::sha256({*lwm2m::encode_bootstrap_file(m_file)}));
    m_account = lwm2m_value(device::find_account(m_file, options.server, options.bootstrap));
    for (const lwm2m::Refusal& one : lwm2m::validate(m_file)) {
      if (one.severity == lwm2m::Refusal::Severity::kRefused)
        throw Exit{kCheckFailed, "the card's file is refused: " + one.path + ": " + one.reason};
    }
    load_state();
  }

  const lwm2m::BootstrapFile& file() const { return m_file; }
  const Account& account() const { return m_account; }
  DeviceState& state() { return m_state; }
  bool changed() const { return m_changed; }
  std::string uri() const { return m_account.uri.scheme + "://" + m_account.uri.host + ":" + std::to_string(m_account.uri.port); }

  /// The link to the server, with its handshake done.
  lwm2m::coap::Client& connect() {
    m_client = std::make_unique<lwm2m::coap::Client>(open_link(), m_clock, m_random);
    return *m_client;
  }
  lwm2m::DatagramLink& open_link() {
    auto socket = at_server(lwm2m::UdpLink::connect(m_account.uri.host, m_account.uri.port, m_options.local_port));
    if (m_account.uri.secure()) {
      auto options = lwm2m_value(device::dtls_options(m_account, device_time(m_options.date)));
      options.max_fragment = m_options.max_fragment;
      options.times.give_up = std::chrono::seconds(m_options.timeout);
      options.tickets = m_state.tickets;
      if (!m_options.no_resume && m_state.max_fragment == m_options.max_fragment) options.session = m_state.dtls_session;
      const bool resuming = !options.session.empty();
      auto made = lwm2m::DtlsLink::connect(std::move(socket), std::move(options));
      if (!made && resuming && made.error().code == ErrorCode::kRefused) {  // RFC 5246 clause 7.2.2: the session is over
        m_state.dtls_session.clear();
        keep_state();
        return open_link();
      }
      auto dtls = at_server(std::move(made));
      m_dtls = dtls.get();
      m_state.dtls_session = dtls->session();
      m_state.max_fragment = m_options.max_fragment;
      // A server that names no session to come back to may give a ticket the next time.
      if (m_state.dtls_session.empty() && dtls->summary().extended_master_secret) m_state.tickets = true;
      m_link = std::move(dtls);
    } else {
      m_link = std::move(socket);
    }
    return *m_link;
  }

  /// Errors of the way to the server name it.
  template <typename T>
  T at_server(Result<T> result) const {
    if (!result) lwm2m_fail({result.error().code, uri() + ": " + result.error().text});
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  void keep_state() {
    if (m_options.state_file.empty()) return;
    m_state.bootstrap_digest = m_digest;
    m_state.server = uri();
    write_private(m_options.state_file,
                  device::seal_state(m_state, storage_key(m_options.storage_key, m_options.state_file, m_random), m_random));
  }
  void forget_registration() {
    m_state.location.clear();
    keep_state();
  }

  void report(const char* what) const {
    const lwm2m::DtlsSummary none;
    const lwm2m::DtlsSummary& dtls = m_dtls != nullptr ? m_dtls->summary() : none;
    if (m_options.json) {
      Json out = Json::object();
      out.set("result", Json(what))
          .set("server", Json(uri()))
          .set("endpoint", Json(m_state.endpoint))
          .set("location", Json(m_state.location));
      out.set("lifetime", Json(static_cast<std::size_t>(m_state.lifetime.count())));
      if (m_dtls != nullptr) {
        Json link = Json::object();
        link.set("suite", Json(dtls.suite)).set("resumed", Json(dtls.resumed));
        link.set("extended_master_secret", Json(dtls.extended_master_secret)).set("max_fragment", Json(std::size_t{dtls.max_fragment}));
        out.set("dtls", link);
      }
      std::cout << out.text() << "\n";
      return;
    }
    if (m_dtls != nullptr) {
      std::cout << "DTLS 1.2, " << dtls.suite << ", " << (dtls.resumed ? "resumed" : "full handshake") << ", "
                << (dtls.extended_master_secret ? "" : "no ") << "extended master secret, fragments of "
                << (dtls.max_fragment != 0 ? std::to_string(dtls.max_fragment) : std::string("any length")) << "\n";
    }
    std::cout << what << " at " << visible(uri());
    if (!m_state.location.empty()) {
      std::cout << " as " << visible(m_state.endpoint) << ": /" << visible(m_state.location) << " for " << m_state.lifetime.count() << " s";
    }
    std::cout << "\n";
  }

 private:
  void load_state() {
    if (m_options.state_file.empty() || !std::filesystem::exists(m_options.state_file)) return;
    auto state = device::open_state(read_input(m_options.state_file, kObjectFile),
                                    storage_key(m_options.storage_key, m_options.state_file, m_random));
    if (!state) throw Exit{kWrongKeys, m_options.state_file + ": " + state.error().text};
    // Core clause 5.2.3.2: the card is looked at again; what changed there disables what was before.
    m_changed = state->bootstrap_digest != m_digest || state->server != uri();
    if (m_changed) {
      std::cerr << "The card's bootstrap information has changed: the registration and the DTLS session are dropped.\n";
      return;
    }
    m_state = *std::move(state);
  }

  const ServerOptions& m_options;
  crypto::SystemRandom m_random;
  SystemClock m_clock;
  lwm2m::BootstrapFile m_file;
  Bytes m_digest;
  Account m_account;
  DeviceState m_state;
  bool m_changed = false;
  std::unique_ptr<lwm2m::DatagramLink> m_link;
  const lwm2m::DtlsLink* m_dtls = nullptr;
  std::unique_ptr<lwm2m::coap::Client> m_client;
};

int register_at_server(const ServerOptions& options) {
  Device device(options);
  const Account& account = device.account();
  device::RegistrationRequest request;
  request.endpoint = options.endpoint.empty() ? device::default_endpoint(account) : options.endpoint;
  if (request.endpoint.empty()) throw Exit{kUsage, "the account has no name to register with; say --endpoint"};
  lwm2m_value(device::check_endpoint(account, request.endpoint));
  request.lifetime = options.lifetime ? std::chrono::seconds(*options.lifetime) : account.lifetime;
  request.version = options.version;
  request.binding = account.binding;
  request.objects = device::object_links(device.file());
  auto& client = device.connect();
  const std::string location = device.at_server(device::register_device(client, request));
  device.state().endpoint = request.endpoint;
  device.state().location = location;
  device.state().lifetime = request.lifetime;
  device.state().registered = system_now();
  device.keep_state();
  device.report("registered");
  return kOk;
}

/// Resource 1 of the server's instance: the device registers with it, and updates when a server writes another.
void set_lifetime(lwm2m::BootstrapFile& file, std::uint16_t server, std::uint32_t lifetime) {
  for (lwm2m::BootstrapObject& object : file.objects) {
    if (object.id != lwm2m::kServerObject) continue;
    for (lwm2m::ObjectInstance& one : object.instances) {
      const auto id = lwm2m::decode_integer(one.value(lwm2m::server::kShortServerId).value_or(BytesView()));
      if (id && *id == server) one.set(lwm2m::server::kLifetime, std::int64_t{lifetime});
    }
  }
}

/// Registers, lets the server manage the device, and de-registers at the end.
int run_device(const ServerOptions& options) {
  Device device(options);
  const Account& account = device.account();
  device::RegistrationRequest request;
  request.endpoint = options.endpoint.empty() ? device::default_endpoint(account) : options.endpoint;
  if (request.endpoint.empty()) throw Exit{kUsage, "the account has no name to register with; say --endpoint"};
  lwm2m_value(device::check_endpoint(account, request.endpoint));
  request.version = options.version;
  request.binding = account.binding;
  device::ManagedDevice* managed = nullptr;
  bool ended = false;
  const auto executed = [&](device::ObjectTree::Executed what) {
    static constexpr std::array kWords{"reboot", "factory reset", "registration update", "disable", "bootstrap request"};
    std::cout << "the server executed: " << kWords.at(static_cast<std::size_t>(what)) << "\n" << std::flush;
    if (what == device::ObjectTree::Executed::kUpdate && managed != nullptr) managed->update_now();
    if (what == device::ObjectTree::Executed::kDisable || what == device::ObjectTree::Executed::kBootstrap) ended = true;
  };
  device::DeviceFacts facts;
  facts.serial_number = request.endpoint;
  facts.firmware = UICCLAB_VERSION;
  facts.binding = account.binding;
  lwm2m::BootstrapFile file = device.file();
  if (options.lifetime) set_lifetime(file, account.short_id, *options.lifetime);
  device::ObjectTree tree(file, account.short_id, facts, {.date = system_now, .executed = executed});
  request.lifetime = options.lifetime ? std::chrono::seconds(*options.lifetime) : tree.lifetime().value_or(account.lifetime);
  lwm2m::DatagramLink& link = device.open_link();
  device.report("connected");
  crypto::SystemRandom random;
  const SystemClock clock;
  device::ManagedDevice running(clock, random, tree, request,
                                {.send = [&](BytesView bytes) { lwm2m_value(link.send(bytes)); },
                                 .room = [&] { return link.room(); },
                                 .tell = [](const std::string& line) { std::cout << visible(line) << "\n"
                                                                                 << std::flush; }});
  managed = &running;
  const Interruptible interruptible;
  const auto end = clock.now() + std::chrono::seconds(options.seconds);
  auto press = clock.now() + std::chrono::seconds(options.press);
  running.start();
  while (!running.over()) {
    constexpr std::chrono::milliseconds kLook{100};  // for Ctrl-C
    const auto datagram = lwm2m_value(link.receive(std::min(running.wake_up(), kLook)));
    if (datagram) running.receive(*datagram);
    if (options.press != 0 && clock.now() >= press) {
      tree.press();
      press += std::chrono::seconds(options.press);
    }
    running.on_time();
    const bool time_is_up = options.seconds != 0 && clock.now() >= end;
    if ((interruptible.interrupted() || time_is_up) && !ended) ended = true;
    if (ended && running.registered() && !running.over()) {
      running.stop();
      ended = false;
    } else if (ended && !running.registered()) {
      break;
    }
  }
  if (running.trouble()) device.at_server(Result<void>(tl::unexpected(*running.trouble())));
  return kOk;
}

/// The handshake alone.
int connect(const ServerOptions& options) {
  Device device(options);
  if (!device.account().uri.secure()) throw Exit{kCheckFailed, "the account has no DTLS: " + device.uri()};
  device.connect();
  device.keep_state();
  device.report("connected");
  return kOk;
}

/// What the bootstrap server makes of the card's file, as a view. The card is written with --provision only.
int bootstrap(const ServerOptions& options) {
  Device device(options);
  const Account& account = device.account();
  const std::string endpoint = options.endpoint.empty() ? device::default_endpoint(account) : options.endpoint;
  if (endpoint.empty()) throw Exit{kUsage, "the account has no name to bootstrap with; say --endpoint"};
  device::BootstrapClient client(device.connect(), device.file(), options.version);
  if (account.hold_off.count() > 0) std::cerr << "Waiting " << account.hold_off.count() << " s for the server to begin\n";
  const auto file = device.at_server(client.run(endpoint, std::chrono::seconds(options.timeout), account.hold_off));
  std::cerr << (client.server_initiated() ? "Bootstrap that the server began\n" : "Bootstrap that the device asked for\n");
  device.keep_state();
  const auto secrets = options.secrets ? lwm2m::Secrets::kShown : lwm2m::Secrets::kHidden;
  std::cout << (options.json ? lwm2m::to_json(file, secrets) : lwm2m::to_toml(file, secrets)) << std::flush;
  if (options.provision) std::cerr << provision_card(file, options.card, options.how, endpoint) << "\n";
  return kOk;
}

/// The registration in the state. Throws Exit if there is none.
void need_registration(Device& device, const ServerOptions& options) {
  if (options.state_file.empty()) throw Exit{kUsage, "--device-state is missing: the file that register wrote, which has the registration"};
  if (device.state().location.empty()) throw Exit{kCheckFailed, "the device is not registered; register it"};
  if (!device.state().is_registered(system_now())) throw Exit{kCheckFailed, "the registration has expired; register again"};
}

int update(const ServerOptions& options) {
  Device device(options);
  need_registration(device, options);
  std::optional<std::chrono::seconds> lifetime;
  if (options.lifetime) lifetime = std::chrono::seconds(*options.lifetime);
  const auto updated = device::update_registration(device.connect(), device.state().location, lifetime);
  if (!updated && updated.error().code == ErrorCode::kNotFound) device.forget_registration();
  device.at_server(updated);
  if (lifetime) device.state().lifetime = *lifetime;
  device.state().registered = system_now();
  device.keep_state();
  device.report("updated");
  return kOk;
}

int deregister(const ServerOptions& options) {
  Device device(options);
  need_registration(device, options);
  const auto gone = device::deregister_device(device.connect(), device.state().location);
  if (!gone && gone.error().code != ErrorCode::kNotFound) device.at_server(gone);
  device.forget_registration();
  device.report("deregistered");
  return kOk;
}

void ServerOptions::add_to(App& command, bool registering, bool with_lifetime) {
  card.add_to(command);
  command.add_option("--server", server, "Short server identifier; default: the card's first account");
  command.add_option("--device-state", state_file, "Keep registration and DTLS session encrypted in this file");
  command.add_option("--storage-key", storage_key,
                     "Key that encrypts the state: file:PATH or env:VARIABLE, 64 hexadecimal digits; default: a file next to the state");
  command.add_option("--max-fragment", max_fragment, "Maximum fragment length to request: 512, 1024, 2048, 4096, or 0 for none")
      ->check(OneOf{{"0", "512", "1024", "2048", "4096"}})
      ->capture_default_str();
  command.add_option("--timeout", timeout, "Seconds until a handshake is given up; it is retransmitted after 9 s, 18 s, 36 s, 60 s")
      ->check(Range{1, 3600})
      ->capture_default_str();
  command.add_option("--date", date, "Date that the device uses to check certificates: YYYY-MM-DD, or none; default: now");
  command.add_flag("--no-resume", no_resume, "Force a full handshake");
  command.add_flag("--json", json, "As JSON");
  if (with_lifetime) command.add_option("--lifetime", lifetime, "Seconds; default: the account's")->check(Range{1U, 0x7FFFFFFFU});
  if (!registering) return;
  command.add_option("--local-port", local_port, "UDP port of the device for a bootstrap server that begins on its own; 0: any")
      ->capture_default_str();
  command.add_option("--endpoint", endpoint, "Endpoint name; default: the PSK identity, or the common name of the certificate");
  command.add_option("--lwm2m", version, "Version of the enabler to register with")->check(OneOf{{"1.0", "1.1"}})->capture_default_str();
}

}  // namespace

void add_lwm2m_register(App& lwm2m, Action& action) {
  struct Command {
    const char* name;
    const char* what;
    int (*run)(const ServerOptions&);
    const char* example;
  };
  constexpr std::array kCommands{
      Command{"connect", "Run the DTLS handshake with the server of the card's account, and nothing after it", connect,
              "  uicclab lwm2m connect --server 1 --json"},
      Command{"bootstrap", "Request accounts from the card's bootstrap server, after its hold-off time, and print them", bootstrap,
              "  uicclab lwm2m bootstrap --endpoint device-1"},
      Command{"register", "Register at the server of the card's account, over coap or coaps (DTLS 1.2)", register_at_server,
              "  uicclab lwm2m register --device-state device.state"},
      Command{"update", "Update the registration, on a resumed DTLS session", update, "  uicclab lwm2m update --device-state device.state"},
      Command{"device", "Register, and stay to be managed by the server: its object tree is read, written, observed; ends with De-register",
              run_device, "  uicclab lwm2m device --endpoint device-1"},
      Command{"deregister", "End the registration", deregister, "  uicclab lwm2m deregister --device-state device.state"}};
  for (const Command& one : kCommands) {
    const auto options = std::make_shared<ServerOptions>();  // shared with the callback, which outlives this function
    auto* command = lwm2m.add_subcommand(one.name, one.what);
    options->bootstrap = std::string_view(one.name) == "bootstrap";
    options->add_to(*command, options->bootstrap || one.run == register_at_server || one.run == run_device,
                    one.run == register_at_server || one.run == run_device || one.run == update);
    if (options->bootstrap) {
      command->add_flag("--secrets", options->secrets, "Print keys, too, as provision needs them");
      command->add_flag("--provision", options->provision, "Write the accounts, with their keys, to the card");
      options->how.add_to(*command, "--provision");
    }
    if (one.run == run_device) {
      command->add_option("--seconds", options->seconds, "End after this many seconds; 0: stay until Ctrl-C")->capture_default_str();
      command->add_option("--press", options->press, "Interval in seconds for pressing the button of object 3347; 0: never")
          ->capture_default_str();
    }
    set_example(*command, one.example);
    command->callback([options, run = one.run, &action] { action = [options, run] { return run(*options); }; });
  }
}

}  // namespace uicclab::cli
