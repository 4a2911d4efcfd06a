// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/engine.hpp"

#include <algorithm>

#include "pcsc_bridge/operations.hpp"

namespace uicclab::pcsc_bridge {

Engine::Engine(const std::vector<ReaderConfig>& readers, std::uint64_t seed) : m_random(seed) {
  for (const auto& [name, card, present] : readers) {
    if (name.empty() || name.size() >= wire::kReaderNameSize) throw SystemError("a reader name has 1 to 127 bytes: '" + name + "'");
    const auto same = [&n = name](const auto& reader) { return reader->name() == n; };
    if (std::ranges::any_of(m_readers, same)) throw SystemError("two readers are named '" + name + "'");
    m_readers.push_back(std::make_unique<Reader>(name));
    m_readers.back()->card = card;
  }
  m_reader_events = static_cast<std::uint32_t>(m_readers.size());
}

Engine::~Engine() = default;

Engine::Client& Engine::add(Peer& peer) {
  return m_clients.emplace_back(peer);
}

void Engine::remove(Client& client) {
  m_clients.remove_if([&client](const Client& other) { return &other == &client; });
}

Verdict Engine::handle(Client& client, BytesView message, Step& step) {
  const auto start = Operations::start_of(wire::read<wire::Header>(message).command);
  if (start == nullptr) return Verdict::kDrop;
  const bool again = client.line != nullptr;
  if (!again) {
    client.message = message;
    client.cancelled = false;
    client.reader = nullptr;
  }
  Operations operations(*this, client, step);
  return operations.settle((operations.*start)());
}

Verdict Engine::close(Client& client, Step& step) {
  Operations operations(*this, client, step);
  return operations.settle(operations.close());
}

Verdict Engine::insert(Client& admin, std::size_t reader, CardPort* card, Step& step) {
  Operations operations(*this, admin, step);
  return operations.settle(operations.insert(reader, card));
}

Verdict Engine::eject(Client& admin, std::size_t reader, Step& step) {
  Operations operations(*this, admin, step);
  return operations.settle(operations.eject(reader));
}

Verdict Engine::reset(Client& admin, std::size_t reader, Step& step) {
  Operations operations(*this, admin, step);
  return operations.settle(operations.reset(reader));
}

Verdict Engine::unplug(Client& admin, std::size_t reader, Step& step) {
  Operations operations(*this, admin, step);
  return operations.settle(operations.unplug(reader));
}

Verdict Engine::plug(Client& admin, std::size_t reader, Step& step) {
  Operations operations(*this, admin, step);
  return operations.settle(operations.plug(reader));
}

Verdict Engine::power_down(Client& admin, std::size_t reader, Step& step) {
  Operations operations(*this, admin, step);
  return operations.settle(operations.power_down(reader));
}

Verdict Engine::finish(Client& client, Step& step) {
  Operations operations(*this, client, step);
  return operations.settle((operations.*client.finish)());
}

wire::ReaderState Engine::state(std::size_t reader) const {
  return m_readers.at(reader)->wire_state();
}

bool Engine::is_plugged(std::size_t reader) const {
  return m_readers.at(reader)->plugged;
}

}  // namespace uicclab::pcsc_bridge
