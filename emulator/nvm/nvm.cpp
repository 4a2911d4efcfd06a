// SPDX-License-Identifier: Apache-2.0
#include "emulator/nvm/nvm.hpp"

#include <algorithm>

namespace uicclab::emulator {

Nvm::Nvm(std::shared_ptr<const CardImage> image, std::unique_ptr<NvmStore> store) : m_image(std::move(image)), m_store(std::move(store)) {
  if (!m_store) return;
  m_overlay = m_store->load();
}

Nvm::Nvm(std::shared_ptr<const CardImage> image, std::vector<Change> overlay) : m_image(std::move(image)), m_overlay(std::move(overlay)) {}

std::vector<Change>::iterator Nvm::lower_bound(std::vector<Change>& changes, ObjectId id) {
  return std::ranges::lower_bound(changes, id, {}, &Change::id);
}

const Change* Nvm::find(const std::vector<Change>& changes, ObjectId id) {
  const auto it = std::ranges::lower_bound(changes, id, {}, &Change::id);
  return it != changes.end() && it->id == id ? &*it : nullptr;
}

std::optional<BytesView> Nvm::read(ObjectId id) const {
  const Change* change = m_pending.empty() ? nullptr : find(m_pending, id);
  if (change == nullptr && !m_overlay.empty()) change = find(m_overlay, id);
  if (change == nullptr) return m_image->find(id);
  if (!change->value) return std::nullopt;
  return BytesView{*change->value};
}

Bytes& Nvm::edit(ObjectId id) {
  auto it = lower_bound(m_pending, id);
  if (it == m_pending.end() || it->id != id) {
    const auto now = read(id);
    it = m_pending.insert(it, Change{id, now ? to_bytes(*now) : Bytes{}});
  }
  if (!it->value) it->value.emplace();
  return *it->value;
}

void Nvm::write(ObjectId id, BytesView value) {
  Bytes copy = to_bytes(value);  // first: the view may lie in what is about to change
  auto it = lower_bound(m_pending, id);
  if (it == m_pending.end() || it->id != id) {
    m_pending.insert(it, Change{id, std::move(copy)});
  } else {
    it->value = std::move(copy);
  }
}

void Nvm::erase(ObjectId id) {
  auto it = lower_bound(m_pending, id);
  if (it == m_pending.end() || it->id != id) {
    m_pending.insert(it, Change{id, std::nullopt});
  } else {
    it->value.reset();
  }
}

void Nvm::persist(std::span<Change> changes) {
  m_overlay.reserve(m_overlay.size() + changes.size());  // what the store has taken, the overlay must be able to take
  if (m_store) {
    try {
      m_store->commit(changes, m_observer);
    } catch (const SystemError&) {
      m_overlay = m_store->load();  // the medium alone knows on which side of the commit it failed
      throw;
    }
  } else if (m_observer != nullptr) {
    for (std::size_t i = 0; i < changes.size(); ++i) m_observer->on_write(WriteObserver::Step::kBeforeChange);
    m_observer->on_write(WriteObserver::Step::kBeforeCommit);
  }
  for (Change& change : changes) apply(change);
}

void Nvm::apply(Change& change) {
  const auto it = lower_bound(m_overlay, change.id);
  const bool there = it != m_overlay.end() && it->id == change.id;
  if (!change.value && !m_image->has(change.id)) {
    if (there) m_overlay.erase(it);
  } else if (there) {
    it->value.swap(change.value);
  } else {
    m_overlay.insert(it, std::move(change));
  }
}

void Nvm::commit() {
  if (m_pending.empty()) return;
  try {
    persist(m_pending);
  } catch (...) {
    m_pending.clear();
    throw;
  }
  m_pending.clear();
  if (m_observer != nullptr) m_observer->on_write(WriteObserver::Step::kAfterCommit);
}

void Nvm::write_now(ObjectId id, BytesView value) {
  Change change{id, to_bytes(value)};
  persist({&change, 1});
  const auto older = lower_bound(m_pending, id);
  if (older != m_pending.end() && older->id == id) m_pending.erase(older);
  if (m_observer != nullptr) m_observer->on_write(WriteObserver::Step::kAfterCommit);
}

std::vector<ObjectId> Nvm::list(Space space, std::uint32_t owner) const {
  const ObjectId first(space, owner, 0);
  const ObjectId last(space, owner, 0xFFFFFFFF);
  std::vector<ObjectId> ids;
  for (auto it = m_image->objects().lower_bound(first); it != m_image->objects().end() && it->first <= last; ++it) ids.push_back(it->first);
  for (const auto* changes : {&m_overlay, &m_pending}) {
    for (auto it = std::ranges::lower_bound(*changes, first, {}, &Change::id); it != changes->end() && it->id <= last; ++it) {
      ids.push_back(it->id);
    }
  }
  std::ranges::sort(ids);
  const auto doubles = std::ranges::unique(ids);
  ids.erase(doubles.begin(), doubles.end());
  std::erase_if(ids, [this](ObjectId id) { return !read(id); });
  return ids;
}

std::size_t Nvm::overlay_size() const {
  std::size_t size = 0;
  for (const Change& change : m_overlay) size += sizeof(Change) + (change.value ? change.value->capacity() : 0);
  return size;
}

}  // namespace uicclab::emulator
