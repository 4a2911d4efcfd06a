// SPDX-License-Identifier: Apache-2.0
// The registrations at a server and their lifetimes: OMA-TS-LightweightM2M 1.0 clause 5.3.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>

#include "lwm2m/transport/link_format.hpp"
#include "lwm2m/transport/peer.hpp"

namespace uicclab::lwm2m::server {

struct Registration {
  std::string location;  ///< after /rd/
  std::string endpoint, version, binding, sms_number;
  std::chrono::seconds lifetime{86400};
  std::vector<Link> objects;
  PeerAddress address;
  PeerProof proof;
  std::chrono::milliseconds until{0};  ///< of the server's clock
};

/// What Register and Update say.
struct RegistrationParameters {
  std::optional<std::string> endpoint, version, binding, sms_number;
  std::optional<std::chrono::seconds> lifetime;
  std::optional<std::vector<Link>> objects;
  std::string preferred_format;  ///< pct, of a Bootstrap-Request
};

/// From the Uri-Query options and the payload. Errors: kMalformed: a parameter twice, a lifetime that is no number of 1 to 2^32-1, an
/// endpoint name of no or more than 255 bytes, invalid object links, or the Security object among them.
Result<RegistrationParameters> parse_parameters(const std::vector<std::string>& queries, BytesView payload);

class Registrations {
 public:
  using Instant = std::chrono::milliseconds;

  /// A registration of the same endpoint name ends (clause 5.3.1). `location` is new.
  const Registration& add(Registration registration, Instant now);
  /// Nothing: no such registration, or it has expired.
  const Registration* find(const std::string& location) const;
  const Registration* find_endpoint(const std::string& endpoint) const;
  /// Of a registration that is there: what is new, and from where.
  const Registration& update(const std::string& location, const RegistrationParameters& parameters, const PeerAddress& from, Instant now);
  std::optional<Registration> remove(const std::string& location);
  /// Those whose lifetime is over; they are gone.
  std::vector<Registration> expire(Instant now);
  std::optional<Instant> next_expiry() const;

  const std::map<std::string, Registration>& all() const { return m_by_location; }
  std::size_t size() const { return m_by_location.size(); }

 private:
  std::map<std::string, Registration> m_by_location;
  std::map<std::string, std::string> m_by_endpoint;
  std::set<std::pair<Instant, std::string>> m_by_end;
};

}  // namespace uicclab::lwm2m::server
