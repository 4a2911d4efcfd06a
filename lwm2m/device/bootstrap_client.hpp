// SPDX-License-Identifier: Apache-2.0
// Bootstrap from a server: OMA-TS-LightweightM2M 1.0 clauses 5.2.3.3 (client-initiated: Bootstrap-Request, Finish), 5.2.3.4
// (server-initiated), 5.2.7 (Write, Delete, Discover) and 8.2.3 (CoAP mapping).
#pragma once

#include "lwm2m/bootstrap_file.hpp"
#include "lwm2m/transport/coap_client.hpp"

namespace uicclab::lwm2m::device {

class BootstrapClient {
 public:
  /// Begins with what the device has, which the server then changes. `client` outlives this object, which takes its requests over.
  /// `version` of the enabler says how Bootstrap-Discover is answered.
  BootstrapClient(coap::Client& client, BootstrapFile begin, std::string version = "1.1");

  /// Leaves the bootstrap server the hold-off time to begin by itself (Core appendix E.1, resource 11), then asks it, and carries out what
  /// it says until it says that it has finished. Errors: kRefused (the server's answer), kIo (no Finish within that time, the link), those
  /// of the client.
  Result<BootstrapFile> run(const std::string& endpoint, std::chrono::milliseconds within, std::chrono::milliseconds hold_off);
  /// The server began by itself.
  bool server_initiated() const { return m_server_initiated; }

 private:
  coap::Message answer(const coap::Message& request);
  coap::Message carry_out(const coap::Message& request);
  Result<void> ask(const std::string& endpoint);
  coap::Code write(const std::vector<std::uint16_t>& path, const coap::Message& request);
  coap::Code remove(const std::vector<std::uint16_t>& path);
  coap::Message get(const std::vector<std::uint16_t>& path, const coap::Message& request) const;
  coap::Message discover(const std::vector<std::uint16_t>& path) const;
  Result<void> check_consistency() const;

  coap::Client& m_client;
  BootstrapFile m_file;
  std::string m_version, m_endpoint;
  bool m_begun = false;
  bool m_server_initiated = false;
  bool m_finished = false;
};

}  // namespace uicclab::lwm2m::device
