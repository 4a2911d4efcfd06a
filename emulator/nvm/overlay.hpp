// SPDX-License-Identifier: Apache-2.0
// The writes of one card over its image: changes in the order of their numbers, in chunks, so that a new object moves a chunk and not
// the whole, and a card with few of them takes little memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

#include "emulator/nvm/object.hpp"

namespace uicclab::emulator {

class Overlay {
 public:
  Overlay() = default;
  /// `changes` are in order, each number once, as NvmStore::load() gives them.
  explicit Overlay(std::vector<Change> changes);

  /// Forward, in order. Good until the next place() or erase().
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Change;
    using difference_type = std::ptrdiff_t;
    using pointer = const Change*;
    using reference = const Change&;

    Iterator() = default;
    Iterator(const std::vector<std::vector<Change>>& chunks, std::size_t chunk, std::size_t at)
        : m_chunks(&chunks), m_chunk(chunk), m_at(at) {}
    reference operator*() const { return (*m_chunks)[m_chunk][m_at]; }
    pointer operator->() const { return &**this; }
    Iterator& operator++() {
      if (++m_at == (*m_chunks)[m_chunk].size()) {
        ++m_chunk;
        m_at = 0;
      }
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const std::vector<std::vector<Change>>* m_chunks = nullptr;
    std::size_t m_chunk = 0;
    std::size_t m_at = 0;
  };
  Iterator begin() const { return {m_chunks, 0, 0}; }
  Iterator end() const { return {m_chunks, m_chunks.size(), 0}; }
  /// The first change whose number is not below `id`.
  Iterator lower_bound(ObjectId id) const;

  bool empty() const { return m_chunks.empty(); }
  std::size_t size() const;
  /// What it takes on the heap.
  std::size_t memory() const;

  /// Null if the object has no change.
  const Change* find(ObjectId id) const {
    if (m_chunks.empty()) return nullptr;
    const std::vector<Change>& chunk = m_chunks[chunk_of(id)];
    const auto it = std::ranges::lower_bound(chunk, id, {}, &Change::id);
    return it != chunk.end() && it->id == id ? &*it : nullptr;
  }
  /// The same, to be changed.
  Change* find(ObjectId id) { return const_cast<Change*>(static_cast<const Overlay*>(this)->find(id)); }
  /// The object's change, made without a value if there is none. Without memory it throws std::bad_alloc, and nothing is changed.
  Change& place(ObjectId id);
  void erase(ObjectId id) noexcept;
  /// Gives back the memory that was taken for growth.
  void shrink() noexcept;

 private:
  static constexpr std::size_t kChunk = 64;

  /// Of the chunk that has the number, or would; there must be a chunk.
  std::size_t chunk_of(ObjectId id) const { return m_chunks.size() == 1 ? 0 : chunk_among(id); }
  std::size_t chunk_among(ObjectId id) const;

  std::vector<std::vector<Change>> m_chunks;  // in order; none is empty
};

}  // namespace uicclab::emulator
