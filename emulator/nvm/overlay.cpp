// SPDX-License-Identifier: Apache-2.0
#include "emulator/nvm/overlay.hpp"

#include <algorithm>

namespace uicclab::emulator {

Overlay::Overlay(std::vector<Change> changes) {
  if (changes.empty()) return;
  if (changes.size() <= kChunk) {
    m_chunks.push_back(std::move(changes));
    return;
  }
  for (Change& change : changes) {
    if (m_chunks.empty() || m_chunks.back().size() == kChunk) m_chunks.emplace_back().reserve(kChunk);
    m_chunks.back().push_back(std::move(change));
  }
}

std::size_t Overlay::chunk_among(ObjectId id) const {
  const auto above = std::ranges::upper_bound(m_chunks, id, {}, [](const std::vector<Change>& chunk) { return chunk.front().id; });
  return above == m_chunks.begin() ? 0 : static_cast<std::size_t>(above - m_chunks.begin()) - 1;
}

Overlay::Iterator Overlay::lower_bound(ObjectId id) const {
  if (m_chunks.empty()) return end();
  const std::size_t number = chunk_of(id);
  const std::vector<Change>& chunk = m_chunks[number];
  const auto it = std::ranges::lower_bound(chunk, id, {}, &Change::id);
  if (it == chunk.end()) return {m_chunks, number + 1, 0};
  return {m_chunks, number, static_cast<std::size_t>(it - chunk.begin())};
}

std::size_t Overlay::size() const {
  std::size_t count = 0;
  for (const auto& chunk : m_chunks) count += chunk.size();
  return count;
}

std::size_t Overlay::memory() const {
  std::size_t bytes = m_chunks.capacity() * sizeof(std::vector<Change>);
  for (const auto& chunk : m_chunks) {
    bytes += chunk.capacity() * sizeof(Change);
    for (const Change& change : chunk) bytes += change.value ? change.value->capacity() : 0;
  }
  return bytes;
}

Change& Overlay::place(ObjectId id) {
  if (m_chunks.empty()) {
    std::vector<Change> first{Change{id, std::nullopt}};
    m_chunks.push_back(std::move(first));
    return m_chunks.front().front();
  }
  const std::size_t number = chunk_of(id);
  std::vector<Change>& chunk = m_chunks[number];
  const auto it = std::ranges::lower_bound(chunk, id, {}, &Change::id);
  if (it != chunk.end() && it->id == id) return *it;
  if (chunk.size() < kChunk) return *chunk.insert(it, Change{id, std::nullopt});
  // A full chunk: numbers that go up begin a new one behind it, any other splits it.
  std::vector<Change> next;
  next.reserve(kChunk);
  m_chunks.reserve(m_chunks.size() < m_chunks.capacity() ? m_chunks.size() : m_chunks.size() * 2);
  std::vector<Change>& full = m_chunks[number];
  const auto behind = m_chunks.begin() + static_cast<std::ptrdiff_t>(number) + 1;
  if (full.back().id < id) {
    next.push_back(Change{id, std::nullopt});
    return m_chunks.insert(behind, std::move(next))->front();
  }
  const auto middle = full.begin() + static_cast<std::ptrdiff_t>(kChunk / 2);
  next.insert(next.end(), std::make_move_iterator(middle), std::make_move_iterator(full.end()));
  full.erase(middle, full.end());
  m_chunks.insert(behind, std::move(next));
  return place(id);  // into one of the halves, which have room
}

void Overlay::shrink() noexcept {
  for (auto& chunk : m_chunks) chunk.shrink_to_fit();
  m_chunks.shrink_to_fit();
}

void Overlay::erase(ObjectId id) noexcept {
  if (m_chunks.empty()) return;
  const std::size_t number = chunk_of(id);
  std::vector<Change>& chunk = m_chunks[number];
  const auto it = std::ranges::lower_bound(chunk, id, {}, &Change::id);
  if (it == chunk.end() || it->id != id) return;
  chunk.erase(it);
  if (chunk.empty()) m_chunks.erase(m_chunks.begin() + static_cast<std::ptrdiff_t>(number));
}

}  // namespace uicclab::emulator
