// SPDX-License-Identifier: Apache-2.0
#include "emulator/runtime/card_code.hpp"

#include "emulator/cat/registry_entry.hpp"
#include "emulator/runtime/file_commands.hpp"

namespace uicclab::emulator {

std::optional<std::uint32_t> CardCode::instance(const Aid& aid) const {
  const auto number = m_session.runtime().registry().by_aid(aid);
  return number && m_session.runtime().is_selectable(*number) ? number : std::nullopt;
}

applet::MemoryQuota CardCode::quota(std::uint32_t instance) const {
  const InstanceSpec* spec = m_session.runtime().registry().find(instance);
  if (spec == nullptr) return {};
  return {spec->memory_quota, spec->volatile_quota, spec->reserved_volatile};
}

std::uint32_t CardCode::free_volatile_memory() const {
  return m_session.free_volatile_memory();
}

std::unique_ptr<applet::ToolkitEntry> CardCode::toolkit_entry(std::uint32_t instance) {
  if (m_session.toolkit().registry().find(instance) == nullptr) return nullptr;
  return std::make_unique<RegistryEntry>(m_session, instance);
}

std::unique_ptr<applet::FileView> CardCode::file_view(std::uint32_t instance, const Aid& application, bool administrative) {
  using enum DomainSecurity::Domains;
  return open_file_view(m_session, instance, application, administrative ? kAdministrative : kAlone);
}

// Within a unit, and in a command that the card does as a whole, this does nothing: their ends decide.
void CardCode::settle() {
  m_session.transaction->seal();
}

void CardCode::write(std::uint32_t number, BytesView value) {
  m_session.nvm().write(object(number), value);
  settle();
}

void CardCode::write_part(std::uint32_t number, std::size_t offset, BytesView bytes) {
  const auto now = read(number);
  if (!now || offset > now->size() || bytes.size() > now->size() - offset) throw SystemError("a write of code outside of its object");
  const Bytes copy = to_bytes(bytes);  // first: the view may lie in the object
  std::ranges::copy(copy, m_session.nvm().edit(object(number)).begin() + static_cast<std::ptrdiff_t>(offset));
  settle();
}

void CardCode::write_part_now(std::uint32_t number, std::size_t offset, BytesView bytes) {
  m_session.nvm().write_part_now(object(number), offset, bytes);
}

void CardCode::erase(std::uint32_t number) {
  m_session.nvm().erase(object(number));
  settle();
}

std::vector<std::uint32_t> CardCode::numbers() const {
  std::vector<std::uint32_t> numbers;
  m_session.nvm().each(Space::kCode, 0, [&](ObjectId id, BytesView) { numbers.push_back(id.index()); });
  return numbers;
}

bool CardCode::begin() {
  if (m_context != nullptr) return m_context->begin_transaction();
  if (m_writes) return false;
  m_writes.emplace(m_session);
  return true;
}

bool CardCode::end() {
  if (m_context != nullptr) return m_context->commit_transaction();
  if (!m_writes) return false;
  m_writes->commit();
  m_writes.reset();
  return true;
}

bool CardCode::abandon() {
  if (m_context != nullptr) return m_context->abort_transaction();
  if (!m_writes) return false;
  m_writes.reset();
  return true;
}

}  // namespace uicclab::emulator
