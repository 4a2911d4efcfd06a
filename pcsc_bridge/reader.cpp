// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/reader.hpp"

namespace uicclab::pcsc_bridge {

bool WaitingLine::admit(Engine::Client& client, bool free) {
  if (free && (m_clients.empty() || m_clients.front() == &client)) {
    leave(client);
    return true;
  }
  if (client.line != this) {
    if (client.line != nullptr) client.line->leave(client);
    client.line = this;
    m_clients.push_back(&client);
  }
  return false;
}

void WaitingLine::leave(Engine::Client& client) {
  if (client.line != this) return;
  std::erase(m_clients, &client);
  client.line = nullptr;
}

void WaitingLine::wake_first() {
  if (!m_clients.empty()) m_clients.front()->peer.wake();
}

void WaitingLine::wake_all() {
  for (auto* client : m_clients) client->peer.wake();
}

void Engine::Reader::apply_reset(const Result<Atr>& result) {
  protocol = spoken = wire::kNone;
  powered = result.has_value();
  atr = result ? *result : Atr{};
  if (atr.size() > wire::kAtrSize) atr.resize(wire::kAtrSize);
  state = powered ? wire::kPresent | wire::kPowered | wire::kNegotiable : wire::kPresent | wire::kSwallowed;
}

void Engine::Reader::apply_power_off(bool shown) {
  protocol = spoken = wire::kNone;
  powered = false;
  if (shown) state = wire::kPresent;
}

void Engine::Reader::apply_removal() {
  present = powered = false;
  protocol = spoken = wire::kNone;
  state = wire::kAbsent;
  atr.clear();
}

void Engine::Reader::stir() {
  if (!busy) card_line.wake_first();
  if (lock_owner == 0) lock_line.wake_first();
}

wire::ReaderState Engine::Reader::wire_state() const {
  wire::ReaderState out;
  if (!plugged) return out;
  std::ranges::copy(m_name, out.name.begin());
  out.event_counter = event_counter;
  out.state = state;
  out.sharing = sharing;
  std::ranges::copy(atr, out.atr.begin());
  out.atr_size = static_cast<std::uint32_t>(atr.size());
  out.protocol = protocol;
  return out;
}

Handle* Engine::Client::find(std::int32_t id) {
  const auto found = std::ranges::find(handles, id, &Handle::id);
  return found == handles.end() ? nullptr : &*found;
}

}  // namespace uicclab::pcsc_bridge
