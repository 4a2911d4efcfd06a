// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/server/registrations.hpp"

#include <charconv>

namespace uicclab::lwm2m::server {
namespace {

constexpr std::size_t kLongestEndpoint = 255;  // an option of more would not fit (RFC 7252 table 4)

Result<std::chrono::seconds> lifetime_of(const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) {
    return fail(ErrorCode::kMalformed, "lt is a number of seconds from 1");
  }
  return std::chrono::seconds(number);
}

/// Object paths are "/3/0", or below the alternate path of a link with rt="oma.lwm2m" (clause 8.2.2).
Result<std::vector<Link>> objects_in(BytesView payload) {
  auto links = parse_links(std::string_view(reinterpret_cast<const char*>(payload.data()), payload.size()));
  if (!links) return links;
  std::string root;
  for (const Link& one : *links) {
    const std::string* type = one.find("rt");
    if (type != nullptr && *type == "oma.lwm2m" && one.path != "/") root = one.path;
  }
  for (const Link& one : *links) {
    std::string_view path = one.path;
    if (!root.empty() && path.starts_with(root)) path.remove_prefix(root.size());
    if (path == "/0" || path.starts_with("/0/")) return fail(ErrorCode::kMalformed, "the Security object is never registered");
  }
  return links;
}

}  // namespace

Result<RegistrationParameters> parse_parameters(const std::vector<std::string>& queries, BytesView payload) {
  RegistrationParameters out;
  std::set<std::string> seen;
  for (const std::string& one : queries) {
    const std::size_t equals = std::min(one.find('='), one.size());
    const std::string name = one.substr(0, equals);
    const std::string value = equals < one.size() ? one.substr(equals + 1) : std::string();
    if (!seen.insert(name).second) return fail(ErrorCode::kMalformed, "the parameter " + name + " twice");
    if (name == "ep") {
      if (value.empty() || value.size() > kLongestEndpoint) return fail(ErrorCode::kMalformed, "an endpoint name has 1 to 255 bytes");
      out.endpoint = value;
    } else if (name == "lt") {
      const auto lifetime = lifetime_of(value);
      if (!lifetime) return tl::unexpected(lifetime.error());
      out.lifetime = *lifetime;
    } else if (name == "lwm2m") {
      out.version = value;
    } else if (name == "b") {
      out.binding = value;
    } else if (name == "sms") {
      out.sms_number = value;
    } else if (name == "pct") {
      out.preferred_format = value;
    }
  }
  if (payload.empty()) return out;
  auto objects = objects_in(payload);
  if (!objects) return tl::unexpected(objects.error());
  out.objects = *std::move(objects);
  return out;
}

const Registration& Registrations::add(Registration registration, Instant now) {
  if (const auto before = m_by_endpoint.find(registration.endpoint); before != m_by_endpoint.end()) remove(std::string(before->second));
  registration.until = now + registration.lifetime;
  m_by_endpoint[registration.endpoint] = registration.location;
  m_by_end.insert({registration.until, registration.location});
  const std::string location = registration.location;
  return m_by_location[location] = std::move(registration);
}

const Registration* Registrations::find(const std::string& location) const {
  const auto there = m_by_location.find(location);
  return there == m_by_location.end() ? nullptr : &there->second;
}

const Registration* Registrations::find_endpoint(const std::string& endpoint) const {
  const auto there = m_by_endpoint.find(endpoint);
  return there == m_by_endpoint.end() ? nullptr : find(there->second);
}

const Registration& Registrations::update(const std::string& location, const RegistrationParameters& parameters, const PeerAddress& from,
                                          Instant now) {
  Registration& one = m_by_location.at(location);
  m_by_end.erase({one.until, location});
  if (parameters.lifetime) one.lifetime = *parameters.lifetime;
  if (parameters.binding) one.binding = *parameters.binding;
  if (parameters.sms_number) one.sms_number = *parameters.sms_number;
  if (parameters.objects) one.objects = *parameters.objects;
  one.address = from;
  one.until = now + one.lifetime;
  m_by_end.insert({one.until, location});
  return one;
}

std::optional<Registration> Registrations::remove(const std::string& location) {
  const auto there = m_by_location.find(location);
  if (there == m_by_location.end()) return std::nullopt;
  Registration out = std::move(there->second);
  m_by_end.erase({out.until, location});
  m_by_endpoint.erase(out.endpoint);
  m_by_location.erase(there);
  return out;
}

std::vector<Registration> Registrations::expire(Instant now) {
  std::vector<Registration> out;
  while (!m_by_end.empty() && m_by_end.begin()->first <= now) out.push_back(*remove(std::string(m_by_end.begin()->second)));
  return out;
}

std::optional<Registrations::Instant> Registrations::next_expiry() const {
  if (m_by_end.empty()) return std::nullopt;
  return m_by_end.begin()->first;
}

}  // namespace uicclab::lwm2m::server
