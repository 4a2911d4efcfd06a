// SPDX-License-Identifier: Apache-2.0
#include "jcvm/machine/object_store.hpp"

namespace uicclab::jcvm::machine {

std::optional<BytesView> MemoryStore::read(std::uint32_t number) const {
  const auto found = m_objects.find(number);
  if (found == m_objects.end()) return std::nullopt;
  return found->second;
}

void MemoryStore::create(std::uint32_t number, BytesView value) {
  m_objects[number] = to_bytes(value);
  seal(number);
}

void MemoryStore::write(std::uint32_t number, std::size_t offset, BytesView bytes) {
  std::ranges::copy(bytes, m_objects.at(number).begin() + static_cast<std::ptrdiff_t>(offset));
  seal(number);
}

void MemoryStore::write_now(std::uint32_t number, std::size_t offset, BytesView bytes) {
  std::ranges::copy(bytes, m_objects.at(number).begin() + static_cast<std::ptrdiff_t>(offset));
  const auto sealed = m_sealed.find(number);
  if (sealed == m_sealed.end()) return;  // created in the open unit
  on_seal();
  ++m_seals;
  std::ranges::copy(bytes, sealed->second.begin() + static_cast<std::ptrdiff_t>(offset));
}

void MemoryStore::erase(std::uint32_t number) {
  m_objects.erase(number);
  seal(number);
}

std::vector<std::uint32_t> MemoryStore::numbers() const {
  std::vector<std::uint32_t> out;
  for (const auto& [number, value] : m_objects) out.push_back(number);
  return out;
}

void MemoryStore::begin() {
  m_open = true;
}

void MemoryStore::end() {
  m_open = false;
  on_seal();
  ++m_seals;
  m_sealed = m_objects;
}

void MemoryStore::seal(std::uint32_t number) {
  if (m_open) return;
  on_seal();
  ++m_seals;
  const auto found = m_objects.find(number);
  if (found == m_objects.end()) {
    m_sealed.erase(number);
  } else {
    m_sealed[number] = found->second;
  }
}

}  // namespace uicclab::jcvm::machine
