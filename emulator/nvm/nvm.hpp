// SPDX-License-Identifier: Apache-2.0
// Non-volatile memory of one card: the shared image, the card's own overlay, and the writes of the open transaction (open_writes.hpp).
#pragma once

#include <algorithm>
#include <memory>

#include "emulator/nvm/image.hpp"
#include "emulator/nvm/overlay.hpp"
#include "emulator/nvm/packed_overlay.hpp"
#include "emulator/nvm/store.hpp"

namespace uicclab::emulator {

class OpenWrites;

/// Reads see, in this order, the open transaction, the overlay, the image. Views are good until the next write, or the end of the
/// transaction.
class Nvm {
 public:
  /// `store` may be null: the overlay then lives as long as this object.
  explicit Nvm(std::shared_ptr<const CardImage> image, std::unique_ptr<NvmStore> store = nullptr);
  /// In memory, beginning with an overlay of another Nvm over the same image.
  Nvm(std::shared_ptr<const CardImage> image, Overlay overlay);

  const CardImage& image() const { return *m_image; }
  std::shared_ptr<const CardImage> share_image() const { return m_image; }

  std::optional<BytesView> read(ObjectId id) const {
    const Change* change = m_pending.empty() ? nullptr : find(m_pending, id);
    return change == nullptr ? read_final(id) : value_of(*change);
  }
  /// The object's value in the transaction, to be changed in place; a copy of what was there, or empty. As write() and erase() it throws
  /// SystemError outside a transaction.
  Bytes& edit(ObjectId id);
  void write(ObjectId id, BytesView value);
  void erase(ObjectId id);

  /// For what protects (PIN tries, OTA counters, SCP03 sequence, SQN): in the store before this returns, with everything that was sealed
  /// before it, with or without an open transaction. That transaction's write of the same object is dropped, so that its commit cannot
  /// bring an older value back. Throws StoreFailure.
  void write_now(ObjectId id, BytesView value);
  /// The same for a part of an object: what is open of the object keeps its other bytes. Of an object that is not final itself it becomes a
  /// part, and final with it. Throws StoreFailure, and SystemError for a part outside of the object.
  void write_part_now(ObjectId id, std::size_t offset, BytesView bytes);
  /// The object is there even if the open transaction is rolled back.
  bool has_final(ObjectId id) const { return read_final(id).has_value(); }

  bool has_pending() const { return !m_pending.empty(); }
  /// A transaction is open, and neither it nor one around it forbids to seal (OpenWrites::seal()).
  bool may_seal() const;
  /// Does `predicate(ObjectId)` hold for a write of the open transaction that is not sealed?
  template <typename Predicate>
  bool pending_touches(const Predicate& predicate) const {
    return std::ranges::any_of(m_pending, predicate, &Change::id);
  }

  /// What is final, in order; a snapshot of the card to whoever copies it.
  const Overlay& overlay() const {
    if (m_packed) unpack();
    return m_overlay;
  }
  /// Calls `visit(const Change&)` for what was written of this space, first what is final, then the open transaction's: what the card must
  /// read at power-on (private file headers, private instances).
  template <typename Visit>
  void visit_changes(Space space, const Visit& visit) const {
    const Overlay& final = overlay();
    for (auto it = final.lower_bound(ObjectId(space, 0, 0)); it != final.end() && it->id.space() == space; ++it) visit(*it);
    for (const Change& change : m_pending) {
      if (change.id.space() == space) visit(change);
    }
  }
  /// Calls `visit(ObjectId, BytesView)` for the objects of this space and owner that exist now, in order. It must not write.
  template <typename Visit>
  void each(Space space, std::uint32_t owner, const Visit& visit) const {
    const ObjectId last(space, owner, 0xFFFFFFFF);
    for (auto one = first_in(ObjectId(space, owner, 0), last); one; one = first_in(ObjectId(one->first.value + 1), last)) {
      visit(one->first, one->second);
    }
  }
  /// The numbers of the same objects.
  std::vector<ObjectId> list(Space space, std::uint32_t owner) const;
  /// Bytes the overlay takes.
  std::size_t overlay_size() const { return m_overlay.memory() + m_packed.memory(); }
  /// For a card that is off, outside of transactions: gives back what is kept to write faster, and packs the overlay until somebody looks
  /// at it. Ends all views.
  void shrink() noexcept;

  /// After a failure of the store that could not be read either: reads it again. Throws StoreFailure.
  void recover() {
    if (m_lost) read_again();
  }

  void set_observer(WriteObserver* observer) { m_observer = observer; }

 private:
  friend class OpenWrites;

  static std::vector<Change>::iterator lower_bound(std::vector<Change>& changes, ObjectId id);
  static const Change* find(const std::vector<Change>& changes, ObjectId id) {
    const auto it = std::ranges::lower_bound(changes, id, {}, &Change::id);
    return it != changes.end() && it->id == id ? &*it : nullptr;
  }
  static std::optional<BytesView> value_of(const Change& change) {
    return change.value ? std::optional<BytesView>(*change.value) : std::nullopt;
  }
  std::optional<std::pair<ObjectId, BytesView>> first_in(ObjectId from, ObjectId last) const;
  static void drop(std::vector<Change>& changes, ObjectId id) noexcept;
  void must_be_open() const;
  std::optional<BytesView> read_final(ObjectId id) const {
    const Change* change = m_overlay.empty() ? find_packed(id) : m_overlay.find(id);
    return change == nullptr ? m_image->find(id) : value_of(*change);
  }

  const Change* find_packed(ObjectId id) const { return m_packed ? overlay().find(id) : nullptr; }
  void unpack() const;

  /// The pending writes are final, but not in the store yet.
  void seal();
  void note_sealed();
  /// They are, with all that was sealed, and in the store.
  void commit() {
    if (!m_pending.empty() || !m_sealed.empty()) keep_pending();
  }
  void keep_pending();
  void read_again();
  /// What is sealed goes to the store.
  void save_sealed();

  void announce(std::size_t changes) const;
  void announce_end() const {
    if (m_observer != nullptr) m_observer->on_write(WriteObserver::Step::kAfterCommit);
  }
  void keep(std::span<Change> changes);
  void make_room(std::span<const Change> changes);
  void withdraw_room() noexcept;
  void apply(std::span<Change> changes) noexcept;
  void save(std::span<const Change> changes);
  std::vector<Change> sealed_before(std::span<const Change> latest) const;
  bool leaves_nothing(const Change& change) const { return !change.value && !m_image->has(change.id); }

  std::shared_ptr<const CardImage> m_image;  // shared: one image serves many cards
  std::unique_ptr<NvmStore> m_store;
  mutable Overlay m_overlay;
  mutable PackedOverlay m_packed;  // if it is there, what m_overlay becomes when somebody looks at it; that is empty then
  std::vector<ObjectId> m_sealed;  // of the overlay, what the store does not have yet; sorted
  std::vector<Change> m_pending;   // sorted by id
  std::vector<ObjectId> m_room;    // places in the overlay for what is being kept; kept for its capacity until shrink()
  OpenWrites* m_open = nullptr;    // the innermost
  bool m_lost = false;             // the store failed: the overlay may not be what it holds
  WriteObserver* m_observer = nullptr;
};

}  // namespace uicclab::emulator
