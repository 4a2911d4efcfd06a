// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/managed_device.hpp"

#include <algorithm>

namespace uicclab::lwm2m::device {
namespace {

using coap::Message;

constexpr std::size_t kMostNotified = 256;

/// A fifth of the lifetime is left for an Update that is lost (clause 5.3.2).
ManagedDevice::Instant until_update(std::chrono::seconds lifetime) {
  return ManagedDevice::Instant(std::min(lifetime, std::chrono::seconds(UINT32_MAX))) * 4 / 5;
}

Error refused(const char* what, const Message& answer) {
  return {ErrorCode::kRefused, std::string(what) + ": the server answers " + coap::name(answer.code)};
}

}  // namespace

ManagedDevice::ManagedDevice(const Clock& clock, Random& random, ObjectTree& tree, RegistrationRequest request, Ways ways)
    : m_clock(clock),
      m_tree(tree),
      m_request(std::move(request)),
      m_ways(std::move(ways)),
      m_exchanges(
          clock, random,
          {.send = [this](const PeerAddress&, BytesView bytes) { m_ways.send(bytes); },
           .room = [this](const PeerAddress&) { return m_ways.room(); },
           .answer = [this](const PeerAddress&, const PeerProof&, const Message& message) { return m_tree.answer(message, m_clock.now()); },
           .reset =
               [this](const PeerAddress&, std::uint16_t id) {
                 const auto there = m_notified.find(id);
                 if (there != m_notified.end()) m_tree.forget(there->second);
               }}) {}

void ManagedDevice::fail_with(const Error& error) {
  m_trouble = error;
  m_over = true;
}

void ManagedDevice::start() {
  m_request.objects = m_tree.links();
  m_asking = true;
  m_exchanges.request(m_server, register_message(m_request), [this](const Result<Message>& answer) {
    m_asking = false;
    if (!answer) return fail_with(answer.error());
    if (answer->code != coap::kCreated) return fail_with(refused("Register", *answer));
    m_location = location_of(*answer);
    if (m_location.empty()) return fail_with({ErrorCode::kMalformed, "Register: the server returned no location"});
    m_update_at = m_clock.now() + until_update(m_request.lifetime);
    m_ways.tell("registered as " + m_request.endpoint + ": /" + m_location + " for " + std::to_string(m_request.lifetime.count()) + " s");
  });
}

void ManagedDevice::update() {
  m_update_wanted = false;
  m_asking = true;
  m_exchanges.request(m_server, update_message(m_location, m_request.lifetime, m_tree.links()), [this](const Result<Message>& answer) {
    m_asking = false;
    if (!answer) return fail_with(answer.error());
    if (answer->code == coap::kNotFound) {  // the server forgot it (clause 5.3.2)
      m_location.clear();
      return start();
    }
    if (answer->code != coap::kChanged) return fail_with(refused("Update", *answer));
    m_update_at = m_clock.now() + until_update(m_request.lifetime);
    m_ways.tell("updated for " + std::to_string(m_request.lifetime.count()) + " s");
  });
}

void ManagedDevice::stop() {
  m_stopping = true;
  if (m_location.empty()) {
    m_over = true;
    return;
  }
  m_exchanges.request(m_server, deregister_message(m_location), [this](const Result<Message>& answer) {
    m_location.clear();
    m_over = true;
    if (!answer) return fail_with(answer.error());
    m_ways.tell("deregistered");
  });
}

void ManagedDevice::receive(BytesView datagram) {
  m_exchanges.receive(m_server, {}, datagram);
}

void ManagedDevice::on_time() {
  m_exchanges.on_time();
  for (const ObjectTree::Notification& one : m_tree.due(m_clock.now())) {
    m_notified[m_exchanges.notify(m_server, one.request, one.message)] = one.path;
    if (m_notified.size() > kMostNotified) m_notified.erase(m_notified.begin());
  }
  if (m_location.empty() || m_asking || m_stopping) return;
  const auto lifetime = m_tree.lifetime();  // a server may write it (Core appendix E.2, resource 1)
  if (lifetime && *lifetime != m_request.lifetime) {
    m_request.lifetime = *lifetime;
    m_update_wanted = true;
  }
  if (m_update_wanted || m_clock.now() >= m_update_at) update();
}

ManagedDevice::Instant ManagedDevice::wake_up() const {
  Instant out = m_exchanges.wake_up();
  const auto until = [&](Instant at) { out = std::min(out, std::max(at - m_clock.now(), Instant(0))); };
  if (!m_location.empty()) until(m_update_at);
  if (const auto due = m_tree.due_at()) until(*due);
  return out;
}

}  // namespace uicclab::lwm2m::device
