// SPDX-License-Identifier: Apache-2.0
// A device that stays at its server: registers, answers, notifies, updates its registration in time, and says goodbye.
// OMA-TS-LightweightM2M 1.0 clauses 5.3 to 5.5. No socket in it.
#pragma once

#include "lwm2m/device/object_tree.hpp"
#include "lwm2m/device/registration.hpp"
#include "lwm2m/transport/exchanges.hpp"

namespace uicclab::lwm2m::device {

class ManagedDevice {
 public:
  using Instant = std::chrono::milliseconds;
  struct Ways {
    std::function<void(BytesView datagram)> send;
    std::function<std::size_t()> room;
    std::function<void(const std::string& line)> tell;
  };

  /// All outlive this object. `request.objects` are those of the tree.
  ManagedDevice(const Clock& clock, Random& random, ObjectTree& tree, RegistrationRequest request, Ways ways);

  void start();
  void receive(BytesView datagram);
  void on_time();
  Instant wake_up() const;
  /// De-registers; over() when that is answered.
  void stop();
  /// A server had Registration Update Trigger executed.
  void update_now() { m_update_wanted = true; }

  bool registered() const { return !m_location.empty(); }
  bool over() const { return m_over; }
  /// Why it is over, if it did not end well.
  const std::optional<Error>& trouble() const { return m_trouble; }
  const std::string& location() const { return m_location; }

 private:
  void update();
  void fail_with(const Error& error);

  const Clock& m_clock;
  ObjectTree& m_tree;
  RegistrationRequest m_request;
  Ways m_ways;
  const PeerAddress m_server{{1}};
  coap::Exchanges m_exchanges;
  std::string m_location;
  Instant m_update_at{0};
  bool m_update_wanted = false, m_asking = false, m_stopping = false, m_over = false;
  std::optional<Error> m_trouble;
  std::map<std::uint16_t, ObjectTree::Path> m_notified;  ///< identifiers of the last notifications, for Reset
};

}  // namespace uicclab::lwm2m::device
