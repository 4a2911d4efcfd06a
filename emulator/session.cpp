// SPDX-License-Identifier: Apache-2.0
#include "emulator/session.hpp"

#include "emulator/remote/remote_session.hpp"
#include "emulator/runtime/card_code.hpp"

namespace uicclab::emulator {

Session::Session(Nvm& nvm_, Random& random_, const Clock& clock_) : random(random_), clock(clock_) {
  m_partition.emplace(*this, nvm_);
  channels[0].open = true;
}

Session::~Session() = default;

bool Session::use_partition(Nvm& nvm_) {
  if (transaction != nullptr) throw SystemError("a partition changes inside a transaction");
  if (cat.is_busy()) return false;
  for (ChannelState& channel : channels) channel = ChannelState();
  channels[0].open = true;
  try {
    m_partition.emplace(*this, nvm_);
  } catch (...) {
    m_partition.reset();  // the card goes off
    throw;
  }
  toolkit().skip_first_command();
  cat.compare_with_others();
  return true;
}

bool Session::is_active_elsewhere(std::uint32_t instance, Channel channel, bool load_file) const {
  const InstanceSpec& own = runtime().instance(instance);
  const auto shares_file = [&](std::uint32_t number) {
    return load_file && own.load_file && runtime().instance(number).load_file == own.load_file;
  };
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const ChannelState& other = channels[i];
    if (!other.open || !other.instance || i == channel.value) continue;
    if (other.instance == instance || shares_file(*other.instance)) return true;
  }
  return false;
}

bool Session::follows_jcre(const ChannelState& channel) const {
  return runtime().instance(*channel.instance).module->follows_jcre();
}

std::uint32_t Session::free_volatile_memory() {
  std::uint64_t taken = 0;
  for (const std::uint32_t number : runtime().numbers()) {
    const InstanceSpec& spec = runtime().instance(number);
    std::uint32_t used = 0;
    if (spec.load_file) {
      CardCode services(*this);
      used = services.session().volatile_memory(services, number);
    }
    taken += std::max(used, spec.reserved_volatile);
  }
  return static_cast<std::uint32_t>(kVolatileMemory - std::min<std::uint64_t>(taken, kVolatileMemory));
}

bool Session::exceeds_memory() const {
  const Registry& registry = runtime().registry();
  if (registry.memory_used() > files().free_memory()) return true;
  return std::ranges::any_of(registry.instances(), [&](std::uint32_t number) {
    const InstanceSpec& spec = *registry.find(number);
    if (!spec.memory_quota) return false;
    const std::uint64_t in_files = spec.adf ? files().cost(*spec.adf) : 0;
    return in_files + registry.data_size(number) > *spec.memory_quota;
  });
}

void Session::follow_registry() noexcept {
  runtime().forget_watchers();
  toolkit().forget();
}

void Session::follow_rollback() noexcept {
  access().forget();
  forget_packet_keys();
  toolkit().forget();
  if (runtime().registry().changed()) runtime().forget_watchers();
  try {
    if (files().headers_changed()) files().reload();
    if (runtime().registry().changed()) runtime().registry().reload();
  } catch (...) {
    m_partition->stale = true;
  }
}

void Session::read_again() {
  files().reload();
  runtime().registry().reload();
  m_partition->stale = false;
}

RemoteSession& Session::remote() {
  if (!m_partition->remote) m_partition->remote = std::make_unique<RemoteSession>(clock);
  return *m_partition->remote;
}

void Session::forget_packet_keys() noexcept {
  if (m_partition->remote) m_partition->remote->targets.forget();
}

}  // namespace uicclab::emulator
