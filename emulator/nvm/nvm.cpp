// SPDX-License-Identifier: Apache-2.0
#include "emulator/nvm/nvm.hpp"

#include <iterator>
#include <new>
#include <ranges>

#include "emulator/nvm/open_writes.hpp"

namespace uicclab::emulator {

Nvm::Nvm(std::shared_ptr<const CardImage> image, std::unique_ptr<NvmStore> store) : m_image(std::move(image)), m_store(std::move(store)) {
  if (m_store) m_overlay = Overlay(m_store->load());
}

Nvm::Nvm(std::shared_ptr<const CardImage> image, Overlay overlay) : m_image(std::move(image)), m_overlay(std::move(overlay)) {}

std::vector<Change>::iterator Nvm::lower_bound(std::vector<Change>& changes, ObjectId id) {
  return std::ranges::lower_bound(changes, id, {}, &Change::id);
}

void Nvm::drop(std::vector<Change>& changes, ObjectId id) noexcept {
  if (changes.empty()) return;
  const auto it = lower_bound(changes, id);
  if (it != changes.end() && it->id == id) changes.erase(it);
}

void Nvm::must_be_open() const {
  if (m_open == nullptr) throw SystemError("a write to the card's memory outside a transaction");
}

bool Nvm::may_seal() const {
  return m_open != nullptr && m_open->may_seal();
}

Bytes& Nvm::edit(ObjectId id) {
  must_be_open();
  auto it = lower_bound(m_pending, id);
  if (it == m_pending.end() || it->id != id) {
    const auto now = read_final(id);
    it = m_pending.insert(it, Change{id, now ? to_bytes(*now) : Bytes{}});
  }
  if (!it->value) it->value.emplace();
  return *it->value;
}

void Nvm::write(ObjectId id, BytesView value) {
  must_be_open();
  Bytes copy = to_bytes(value);  // first: the view may lie in what is about to change
  auto it = lower_bound(m_pending, id);
  if (it == m_pending.end() || it->id != id) {
    m_pending.insert(it, Change{id, std::move(copy)});
  } else {
    it->value = std::move(copy);
  }
}

void Nvm::erase(ObjectId id) {
  must_be_open();
  auto it = lower_bound(m_pending, id);
  if (it == m_pending.end() || it->id != id) {
    m_pending.insert(it, Change{id, std::nullopt});
  } else {
    it->value.reset();
  }
}

void Nvm::announce(std::size_t changes) const {
  for (std::size_t i = 0; i < changes; ++i) m_observer->on_write(WriteObserver::Step::kBeforeChange);
  m_observer->on_write(WriteObserver::Step::kBeforeCommit);
}

/// What the store has taken, the overlay must be able to take. The places are empty until apply(), or withdrawn.
void Nvm::make_room(std::span<const Change> changes) {
  m_room.clear();
  if (m_packed) unpack();
  for (const Change& change : changes) {
    if (leaves_nothing(change) || m_overlay.find(change.id) != nullptr) continue;
    m_room.push_back(change.id);
    m_overlay.place(change.id);
  }
}

void Nvm::withdraw_room() noexcept {
  for (const ObjectId id : m_room) m_overlay.erase(id);
  m_room.clear();
}

void Nvm::apply(std::span<Change> changes) noexcept {
  for (Change& change : changes) {
    if (leaves_nothing(change)) {
      m_overlay.erase(change.id);
    } else {
      m_overlay.find(change.id)->value.swap(change.value);
    }
  }
}

/// Of what was sealed, that which `latest` does not replace.
std::vector<Change> Nvm::sealed_before(std::span<const Change> latest) const {
  std::vector<Change> changes;
  for (const ObjectId id : m_sealed) {
    if (std::ranges::find(latest, id, &Change::id) != latest.end()) continue;
    if (const Change* change = overlay().find(id)) {
      changes.push_back(*change);
    } else if (!m_image->has(id)) {
      changes.push_back(Change{id, std::nullopt});
    }
  }
  return changes;
}

/// To the store, with what was sealed before; then to the overlay. All of it or nothing, unless the store fails.
void Nvm::keep(std::span<Change> changes) {
  if (m_observer != nullptr) announce(changes.size());
  try {
    make_room(changes);
    if (m_store) save(changes);
  } catch (const StoreFailure&) {
    throw;  // the overlay is what the store holds
  } catch (...) {
    withdraw_room();
    throw;
  }
  apply(changes);
}

void Nvm::save(std::span<const Change> changes) {
  std::vector<Change> all;
  if (!m_sealed.empty()) {
    all = sealed_before(changes);
    all.insert(all.end(), changes.begin(), changes.end());
    changes = all;
  }
  try {
    m_store->commit(changes);
  } catch (const SystemError& error) {
    m_lost = true;  // the medium alone knows on which side of the commit it failed
    recover();
    throw StoreFailure(error.what());
  }
  m_sealed.clear();
}

void Nvm::read_again() {
  try {
    m_overlay = Overlay(m_store->load());
    m_packed = {};
  } catch (const SystemError& error) {
    throw StoreFailure(error.what());
  }
  m_sealed.clear();
  m_lost = false;
}

void Nvm::unpack() const {
  m_overlay = m_packed.unpack(*m_image);
  m_packed = {};
}

void Nvm::shrink() noexcept {
  m_pending.shrink_to_fit();
  m_room.shrink_to_fit();
  m_sealed.shrink_to_fit();
  if (m_overlay.empty()) return;
  try {
    m_packed = PackedOverlay(m_overlay, *m_image);
    m_overlay = {};
  } catch (const std::bad_alloc&) {
    m_overlay.shrink();
  }
}

void Nvm::note_sealed() {
  std::vector<ObjectId> all;
  all.reserve(m_sealed.size() + m_pending.size());
  std::ranges::set_union(m_sealed, m_pending | std::views::transform(&Change::id), std::back_inserter(all));
  m_sealed.swap(all);
}

void Nvm::seal() {
  if (m_pending.empty()) return;
  if (m_observer != nullptr) announce(m_pending.size());
  try {
    make_room(m_pending);
    if (m_store) note_sealed();
  } catch (...) {
    withdraw_room();
    throw;
  }
  apply(m_pending);
  m_pending.clear();
  for (OpenWrites* at = m_open; at != nullptr; at = at->m_outer) at->m_before.clear();
  announce_end();
}

void Nvm::keep_pending() {
  if (m_pending.empty()) return save_sealed();
  keep(m_pending);
  m_pending.clear();
  announce_end();
}

void Nvm::save_sealed() {
  if (!m_sealed.empty()) save({});
}

void Nvm::write_now(ObjectId id, BytesView value) {
  recover();
  Change change{id, to_bytes(value)};
  keep({&change, 1});
  drop(m_pending, id);
  for (OpenWrites* at = m_open; at != nullptr; at = at->m_outer) drop(at->m_before, id);
  announce_end();
}

void Nvm::write_part_now(ObjectId id, std::size_t offset, BytesView bytes) {
  recover();
  const Bytes part = to_bytes(bytes);  // first: the view may lie in the object
  const auto put = [&](Bytes& value) {
    const bool fits = offset <= value.size() && part.size() <= value.size() - offset;
    if (fits) std::ranges::copy(part, value.begin() + static_cast<std::ptrdiff_t>(offset));
    return fits;
  };
  bool done = false;
  if (const auto now = read_final(id)) {
    Change change{id, to_bytes(*now)};
    done = put(*change.value);
    if (done) {
      keep({&change, 1});
      announce_end();
    }
  }
  const auto put_into = [&](std::vector<Change>& changes) {
    const auto it = lower_bound(changes, id);
    if (it != changes.end() && it->id == id && it->value) done |= put(*it->value);
  };
  put_into(m_pending);
  for (OpenWrites* at = m_open; at != nullptr; at = at->m_outer) put_into(at->m_before);
  if (!done) throw SystemError("a part outside of its object");
}

/// Of the objects that exist now, without those of the image's files.
std::optional<std::pair<ObjectId, BytesView>> Nvm::first_in(ObjectId from, ObjectId last) const {
  while (from <= last) {
    ObjectId id = last;
    bool any = false;
    const auto consider = [&](ObjectId one) {
      any = any || one <= last;
      id = std::min(id, one);
    };
    const auto& objects = m_image->objects();
    const auto in_image = std::ranges::lower_bound(objects, from, {}, &std::pair<ObjectId, Bytes>::first);
    if (in_image != objects.end()) consider(in_image->first);
    if (const auto it = overlay().lower_bound(from); it != m_overlay.end()) consider(it->id);
    if (const auto it = std::ranges::lower_bound(m_pending, from, {}, &Change::id); it != m_pending.end()) consider(it->id);
    if (!any) return std::nullopt;
    if (const auto value = read(id)) return std::pair(id, *value);
    from = ObjectId(id.value + 1);
  }
  return std::nullopt;
}

std::vector<ObjectId> Nvm::list(Space space, std::uint32_t owner) const {
  std::vector<ObjectId> ids;
  each(space, owner, [&](ObjectId id, BytesView) { ids.push_back(id); });
  return ids;
}

}  // namespace uicclab::emulator
