// SPDX-License-Identifier: Apache-2.0
// The objects that a server may manage on a device: the Server and Access Control objects of its bootstrap file, Device (3), Connectivity
// Monitoring (4) and Push Button (3347), which changes by itself. OMA-TS-LightweightM2M 1.0 clauses 5.4 (operations), 5.5
// (observation), 6.4 (formats), 7.3 (access control). The Security object is never there.
#pragma once

#include <chrono>
#include <functional>
#include <map>

#include "lwm2m/bootstrap_file.hpp"
#include "lwm2m/transport/coap.hpp"

namespace uicclab::lwm2m::device {

struct DeviceFacts {
  std::string manufacturer = "uicclab", model = "LwM2M device", serial_number, firmware, binding = "U";
  std::string address;  ///< of the device, in Connectivity Monitoring
};

class ObjectTree {
 public:
  using Path = std::vector<std::uint16_t>;
  using Instant = std::chrono::milliseconds;
  /// What a server had executed.
  enum class Executed { kReboot, kFactoryReset, kUpdate, kDisable, kBootstrap };
  struct Hooks {
    std::function<std::chrono::sys_seconds()> date;
    std::function<void(Executed)> executed;
  };
  struct Notification {
    coap::Message request;  ///< that began the observation
    coap::Message message;
    Path path;
  };

  /// `short_id`: the server that asks here; its rights are those of the Access Control object, all of them if there is none.
  ObjectTree(const BootstrapFile& file, std::uint16_t short_id, const DeviceFacts& facts, Hooks hooks);

  coap::Message answer(const coap::Message& request, Instant now);
  /// The button was pressed: its state and its counter change.
  void press();
  /// Notifications whose value changed, or whose longest period is over, not before their shortest one (clause 5.1.2).
  std::vector<Notification> due(Instant now);
  std::optional<Instant> due_at() const;
  /// An observer answered a notification with Reset.
  void forget(const Path& path);
  std::size_t observations() const { return m_observations.size(); }

  /// For Register and Update (clause 5.3.1).
  std::string links() const;
  /// Of the Server object, as a server may have written it: 1 to 2^32-1 s.
  std::optional<std::chrono::seconds> lifetime() const;

 private:
  struct Observation {
    coap::Message request;
    std::uint32_t number = 0;
    Bytes last;
    Instant told{0};
  };
  struct Periods {
    std::optional<std::uint32_t> shortest, longest;
  };

  coap::Message read(const coap::Message& request, const Path& path, Instant now);
  coap::Message content(const coap::Message& request, const Path& path) const;
  coap::Message discover(const Path& path) const;
  coap::Message write(const coap::Message& request, const Path& path, bool replace);
  coap::Message write_instance(std::uint16_t object, ObjectInstance& instance, const ObjectInstance& values, bool replace);
  coap::Message set_attributes(const coap::Message& request, const Path& path);
  coap::Message create(const coap::Message& request, const Path& path);
  coap::Message execute(const Path& path);
  coap::Message remove(const Path& path);
  bool may(const Path& path, unsigned right) const;
  bool may_manage_list(const Path& path, unsigned right) const;
  BootstrapObject* object(std::uint16_t id);
  const BootstrapObject* object(std::uint16_t id) const;
  ObjectInstance* instance(const Path& path);
  const ObjectInstance* instance(const Path& path) const;
  Periods periods_of(const Path& path) const;
  void refresh();

  std::vector<BootstrapObject> m_objects;
  std::uint16_t m_short_id;
  Hooks m_hooks;
  std::map<Path, Observation> m_observations;
  std::map<Path, Periods> m_periods;
};

}  // namespace uicclab::lwm2m::device
