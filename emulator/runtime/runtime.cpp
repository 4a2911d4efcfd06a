// SPDX-License-Identifier: Apache-2.0
#include "emulator/runtime/runtime.hpp"

namespace uicclab::emulator {

bool Runtime::is_restricted() const {
  const gp::CardState state = m_registry.card_state();
  return state == gp::CardState::kLocked || state == gp::CardState::kTerminated;
}

bool Runtime::is_selectable(std::uint32_t number) const {
  const InstanceSpec& spec = instance(number);
  if (is_restricted() && !spec.privileges.has(gp::Privilege::kFinalApplication)) return false;
  return number == m_registry.issuer_domain() || gp::is_selectable(spec.life_cycle);
}

std::optional<std::uint32_t> Runtime::implicitly_selected(Channel channel) const {
  const auto first = [&](const auto& wanted) -> std::optional<std::uint32_t> {
    for (std::uint32_t number : numbers()) {
      if (is_selectable(number) && wanted(number, instance(number))) return number;
    }
    return std::nullopt;
  };
  if (is_restricted()) return first([](std::uint32_t, const InstanceSpec&) { return true; });  // the Final Application
  const auto by_contact = static_cast<std::uint8_t>(gp::kImplicitByContact | channel.value);
  const auto chosen = first([&](std::uint32_t, const InstanceSpec& spec) {
    return std::ranges::any_of(spec.implicit_selection, [&](std::uint8_t one) { return (one & ~gp::kImplicitContactless) == by_contact; });
  });
  if (chosen || channel != Channel{0}) return chosen;
  return first([&](std::uint32_t number, const InstanceSpec& spec) {
    return number != m_registry.issuer_domain() && spec.privileges.has(gp::Privilege::kCardReset);
  });
}

std::vector<std::uint32_t> Runtime::find(BytesView partial) const {
  std::vector<std::uint32_t> all;
  for (std::uint32_t number : numbers()) {
    if (instance(number).aid.begins_with(partial) && is_selectable(number)) all.push_back(number);
  }
  return all;
}

std::optional<std::uint32_t> Runtime::by_module(std::string_view name) const {
  for (std::uint32_t number : numbers()) {
    if (instance(number).module->name() == name) return number;
  }
  return std::nullopt;
}

std::optional<FileId> Runtime::open_adf(const InstanceSpec& instance, const Aid& adf) const {
  constexpr std::uint8_t kEverything = 0x00;
  if (adf.empty()) return std::nullopt;
  const auto& rights = instance.uicc.access;
  const auto right = std::ranges::find(rights, adf, &gp::AccessParameters::adf);
  const bool all = right != rights.end() && right->domain.size() == 1 && right->domain.front() == kEverything;
  if (!all && instance.aid != adf) return std::nullopt;
  const auto holder = m_registry.by_aid(adf);
  return holder ? m_registry.find(*holder)->adf : std::nullopt;
}

const std::vector<Runtime::Watcher>& Runtime::watchers() {
  if (!m_watchers) {
    m_watchers.emplace();
    for (std::uint32_t number : numbers()) {
      const InstanceSpec& spec = instance(number);
      if (!spec.module->watches_files()) continue;
      if (spec.adf) m_watchers->push_back({number, *spec.adf});
      for (const gp::AccessParameters& access : spec.uicc.access) {
        const auto adf = open_adf(spec, access.adf);
        if (adf && adf != spec.adf) m_watchers->push_back({number, *adf});
      }
    }
  }
  return *m_watchers;
}

applet::Applet& Runtime::object(std::uint32_t number) {
  auto& applet = m_objects[number].applet;
  if (!applet) applet = instance(number).module->make();
  note_call(number);
  return *applet;
}

applet::CodeSession& Runtime::code() {
  if (!m_code) m_code = m_registry.managed_code()->make_session();
  note_call(kCode);
  return *m_code;
}

void Runtime::note_call(std::uint32_t number) {
  const auto first = m_called.begin() + static_cast<std::ptrdiff_t>(m_first_called);
  if (std::find(first, m_called.end(), number) == m_called.end()) m_called.push_back(number);
}

void Runtime::tell_called(std::size_t first, bool committed, bool thrown) noexcept {
  for (std::size_t i = first; i < m_called.size(); ++i) {
    const auto before = m_called.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(m_called.begin() + static_cast<std::ptrdiff_t>(first), before, m_called[i]) != before) continue;  // notified already
    const auto it = m_objects.find(m_called[i]);
    if (it == m_objects.end() || !it->second.applet) continue;
    try {
      it->second.applet->on_transaction_end(committed);
    } catch (...) {
      it->second.broken = true;
    }
    if (thrown) it->second.broken = true;
    if (it->second.broken) m_sweep = true;
  }
  const auto begin = m_called.begin() + static_cast<std::ptrdiff_t>(first);
  if (!m_code || std::find(begin, m_called.end(), kCode) == m_called.end()) return;
  try {
    m_code->on_transaction_end(committed);
  } catch (...) {
    m_code_broken = true;
  }
  if (thrown) m_code_broken = true;
  if (m_code_broken) m_sweep = true;
}

void Runtime::sweep() noexcept {
  m_sweep = false;
  std::erase_if(m_objects, [this](const auto& entry) {
    return entry.second.broken || !exists(entry.first) || (m_code_broken && instance(entry.first).load_file);
  });
  if (m_code_broken) m_code.reset();
  m_code_broken = false;
}

}  // namespace uicclab::emulator
