// SPDX-License-Identifier: Apache-2.0
// A LwM2M server and bootstrap server without a socket: OMA-TS-LightweightM2M 1.0 clauses 5.2 to 5.5 and 8.2. Messages come in with the
// address they came from and what its handshake proved; what goes out is handed to functions of the caller.
#pragma once

#include "core/environment.hpp"
#include "lwm2m/server/accounts.hpp"
#include "lwm2m/server/bootstrap_run.hpp"
#include "lwm2m/server/management.hpp"
#include "lwm2m/server/registrations.hpp"
#include "lwm2m/transport/exchanges.hpp"

namespace uicclab::lwm2m::server {

class Server {
 public:
  struct Ways {
    std::function<void(const PeerAddress& to, BytesView datagram)> send;
    std::function<std::size_t(const PeerAddress& to)> room;
    /// What happened, as one JSON object: {"event": "registered", "endpoint": ...}.
    std::function<void(const std::string& json)> event;
    std::function<std::chrono::sys_seconds()> date;
    /// Where "bootstrap EP HOST:PORT" goes. Errors: kNotFound.
    std::function<Result<PeerAddress>(const std::string& where)> resolve;
  };
  struct Options {
    bool open = false;  ///< devices without an account may register without DTLS
    coap::Times times = {};
    std::size_t most_registrations = 100'000;  ///< beyond, an endpoint name that is not registered is answered 5.03
  };
  struct Outcome {
    bool good = false;
    std::string json;
  };

  /// All outlive this object.
  Server(Accounts& accounts, const Clock& clock, Random& random, Ways ways, Options options);

  /// What comes without DTLS from the address of a connection is not the peer's, and is dropped.
  void receive(const PeerAddress& from, const PeerProof& proof, BytesView datagram);
  /// Handshakes: whom a bootstrap that the server begins is sent to, and whose requests are over. What was underway with this address
  /// without the connection ends.
  void connected(const PeerAddress& peer, const PeerProof& proof);
  void closed(const PeerAddress& peer);

  /// `done` is called once, perhaps at once.
  void manage(const Command& command, std::function<void(Outcome)> done);
  const Registrations& registrations() const { return m_registrations; }
  std::string registrations_json() const;

  void on_time();
  std::chrono::milliseconds wake_up() const;

 private:
  struct Bootstrapping {
    PeerAddress peer;
    std::shared_ptr<BootstrapRun> run;
  };
  coap::Message answer(const PeerAddress& from, const PeerProof& proof, const coap::Message& request);
  coap::Message on_register(const PeerAddress& from, const PeerProof& proof, const coap::Message& request);
  coap::Message on_update(const PeerAddress& from, const PeerProof& proof, const std::string& location, const coap::Message& request);
  coap::Message on_deregister(const PeerProof& proof, const std::string& location);
  coap::Message on_bootstrap_request(const PeerAddress& from, const PeerProof& proof, const coap::Message& request);
  void bootstrap(const Command& command, const std::function<void(Outcome)>& done);
  void run_bootstrap(const PeerAddress& peer, const Account& account, std::function<void(Outcome)> done);
  void stop_bootstrap(const std::string& endpoint, const Error& why);
  void end(const Registration& registration, const char* what);
  /// Messages to this address reach the registered device, and no other peer can read them.
  bool reaches(const Registration& registration) const;
  /// Accounts that cannot be read are an event, and end nothing else.
  void guarded(const std::function<void()>& work);
  void tell(const Json& event);

  Accounts& m_accounts;
  const Clock& m_clock;
  Random& m_random;
  Ways m_ways;
  Options m_options;
  Registrations m_registrations;
  coap::Exchanges m_exchanges;
  std::map<std::pair<std::string, std::string>, Bytes> m_observations;  ///< endpoint and path, to the token
  std::map<std::string, Bootstrapping> m_bootstraps;                    ///< by their endpoint names
  std::map<std::string, PeerAddress> m_connected;                       ///< accounts with a DTLS connection
  std::map<PeerAddress, PeerProof> m_proofs;                            ///< of the DTLS connections
  std::vector<std::function<void()>> m_soon;                            ///< after the answer that is being made
};

}  // namespace uicclab::lwm2m::server
