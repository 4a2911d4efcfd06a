// SPDX-License-Identifier: Apache-2.0
// Non-volatile memory of one card: the shared image, the card's own overlay, and one transaction at a time.
#pragma once

#include <algorithm>
#include <memory>

#include "emulator/nvm/image.hpp"
#include "emulator/nvm/store.hpp"

namespace uicclab::emulator {

/// Reads see, in this order, the open transaction, the overlay, the image. A transaction is always open; commit() and rollback() end it and
/// begin the next. Views are good until the next write, commit or rollback.
class Nvm {
 public:
  /// `store` may be null: the overlay then lives as long as this object.
  explicit Nvm(std::shared_ptr<const CardImage> image, std::unique_ptr<NvmStore> store = nullptr);
  /// In memory, beginning with an overlay of another Nvm over the same image.
  Nvm(std::shared_ptr<const CardImage> image, std::vector<Change> overlay);

  const CardImage& image() const { return *m_image; }
  std::shared_ptr<const CardImage> share_image() const { return m_image; }

  std::optional<BytesView> read(ObjectId id) const;
  /// The object's value in the transaction, to be changed in place; a copy of what was there, or empty.
  Bytes& edit(ObjectId id);
  void write(ObjectId id, BytesView value);
  void erase(ObjectId id);

  bool has_pending() const { return !m_pending.empty(); }
  void commit();
  void rollback() { m_pending.clear(); }

  /// For what protects (PIN tries, OTA counters, SCP03 sequence, SQN): committed before this returns, beside the open transaction. What
  /// that one held of the same object is dropped, so that its commit cannot bring an older value back.
  void write_now(ObjectId id, BytesView value);

  /// Does `predicate(ObjectId)` hold for a write of the open transaction?
  template <typename Predicate>
  bool pending_touches(const Predicate& predicate) const {
    return std::ranges::any_of(m_pending, predicate, &Change::id);
  }

  /// What was committed, in order; for what the card must read at power-on (private file headers, private instances), and a snapshot of the
  /// card to whoever copies it.
  const std::vector<Change>& overlay() const { return m_overlay; }
  /// Numbers of the objects of this space and owner that exist now, in order.
  std::vector<ObjectId> list(Space space, std::uint32_t owner) const;
  /// Bytes the overlay holds.
  std::size_t overlay_size() const;

  void set_observer(WriteObserver* observer) { m_observer = observer; }

 private:
  static std::vector<Change>::iterator lower_bound(std::vector<Change>& changes, ObjectId id);
  static const Change* find(const std::vector<Change>& changes, ObjectId id);
  void persist(std::span<Change> changes);
  void apply(Change& change);

  std::shared_ptr<const CardImage> m_image;  // shared: one image serves many cards
  std::unique_ptr<NvmStore> m_store;
  std::vector<Change> m_overlay;  // sorted by id
  std::vector<Change> m_pending;  // sorted by id
  WriteObserver* m_observer = nullptr;
};

}  // namespace uicclab::emulator
