// SPDX-License-Identifier: Apache-2.0
// The objects of a card: live ones cached while it is powered, written through to the store; transient memory; the Java transaction; what
// each instance uses, and quotas. Nothing here knows of threads: Machine joins both.
#pragma once

#include <array>
#include <cstring>
#include <functional>
#include <memory>
#include <set>
#include <unordered_map>

#include "jcvm/machine/module.hpp"
#include "jcvm/machine/object_store.hpp"

namespace uicclab::jcvm::machine {

/// Sizes are Java Card's: a header, two bytes a cell or reference.
struct MemorySettings {
  std::uint32_t persistent = 256 * 1024;
  std::uint32_t clear_on_reset = 16 * 1024;
  std::uint32_t clear_on_deselect = 16 * 1024;
  std::uint32_t header = 8;              ///< bytes of an object in addition to its fields or elements
  std::uint32_t commit_capacity = 4096;  ///< bytes of earlier values that a transaction can keep
};

/// Bytes in use.
struct Usage {
  std::uint32_t persistent = 0;
  std::uint32_t clear_on_reset = 0;
  std::uint32_t clear_on_deselect = 0;

  std::uint32_t transient() const { return clear_on_reset + clear_on_deselect; }
  std::uint32_t& of(Lifetime lifetime);
};

/// What an instance may use (GlobalPlatform's install parameters C8, C7).
struct Quota {
  std::optional<std::uint32_t> persistent;
  std::optional<std::uint32_t> transient;
};

class Heap {
 public:
  using ClassFinder = std::function<const Class*(ClassId)>;

  Heap(ObjectStore& store, const MemorySettings& settings, ClassFinder finder);

  /// The object of a number; null if there is none. Good until it is erased, collected or the session ends.
  Object* find(Ref ref) {
    const Recent& recent = m_recent[place_of(ref)];
    return recent.ref == ref ? recent.object : find_anew(ref);
  }
  /// What the interpreter mostly looks for: an array of this type, or an instance (kTypeClass), of this package, and no CLEAR_ON_DESELECT
  /// one.
  static constexpr std::uint32_t key_of(code::ArrayType type, std::uint16_t package) { return std::uint32_t{package} << 16 | type; }
  /// A global array, which is everybody's.
  static constexpr std::uint32_t global_key(code::ArrayType type) { return key_of(type, 0xFFFF); }
  /// The object if it was asked for lately and is one of this key; else null, which says nothing.
  Object* recent(Ref ref, std::uint32_t key) const {
    const Recent& recent = m_recent[place_of(ref)];
    return recent.ref == ref && recent.key == key ? recent.object : nullptr;
  }
  const Object* find(Ref ref) const { return const_cast<Heap*>(this)->find(ref); }

  // Creation. Fields and elements are 0 and null. kNull: no memory, or the quota is used up; kSession always succeeds.

  Ref make_instance(const Class& klass, ClassId number, Context owner, Lifetime lifetime);
  Ref make_array(code::ArrayType type, std::uint32_t length, Context owner, Lifetime lifetime, const Class* element = nullptr,
                 ClassId element_number = 0);
  /// The statics of a package: object kFirstStatics + number, owned by the runtime.
  void make_statics(std::uint16_t package, std::uint32_t references, Bytes body);
  /// Permanent, with the object.
  void grant(Ref ref, Privilege privilege);
  void erase(Ref ref);

  // Writing into a body.

  /// Within a transaction as part of it. false: the commit buffer is full; nothing was written.
  bool write(Object& object, std::size_t offset, BytesView bytes) {
    if (object.body_stored()) return write_stored(object, offset, bytes);
    if (!bytes.empty()) std::memmove(object.body.data() + offset, bytes.data(), bytes.size());
    return true;
  }
  bool write_reference(Object& object, std::size_t offset, Ref value);
  /// Beside the transaction.
  void write_now(Object& object, std::size_t offset, BytesView bytes);

  // The transaction (JCRE 3.1 chapter 7).

  bool in_transaction() const { return m_open; }
  void begin();
  void commit();
  /// Values are as before; objects created in it are gone, and references to them in transient and session objects are null. Returns their
  /// numbers, sorted: whoever has cells must do the same.
  std::vector<Ref> abort();
  std::uint32_t commit_capacity() const { return m_settings.commit_capacity; }
  std::uint32_t unused_commit_capacity() const;

  // The session.

  /// Reset or power off: transient contents and session objects are gone, a transaction is aborted as by a power cut.
  void reset();
  /// CLEAR_ON_DESELECT arrays of a package.
  void deselect(std::uint16_t package);
  /// The store was changed from outside (the card rolled back): persistent objects are read again, transient contents are kept.
  void reload();

  // Memory.

  const Usage& used() const;
  Usage used_by(Context owner) const;
  /// Bytes that `owner` may have more: of the heap's, of the store's, of its quota.
  std::uint32_t free(Context owner, Lifetime lifetime) const;
  void set_quota(Context owner, const Quota& quota) { m_quotas[owner] = quota; }
  std::uint32_t size_of(const Object& object) const;

  // Collection.

  /// Erases what cannot be reached from `roots`, statics and objects of the runtime; how many. Never within a transaction.
  std::size_t collect(std::span<const Ref> roots);
  /// Persistent objects, statics too.
  std::vector<Ref> stored() const { return m_store.numbers(); }
  /// References that an object holds, null ones left out.
  std::vector<Ref> references(const Object& object) const;
  static bool is_statics(Ref ref) { return ref >= kFirstStatics && ref < kFirstSession; }

 private:
  struct Undo {
    Ref object = kNull;
    std::size_t offset = 0;
    Bytes bytes;
  };

  /// Where find() looks first. An unused one says that kNull is no object.
  struct Recent {
    Ref ref = kNull;
    std::uint32_t key = 0;
    Object* object = nullptr;
  };
  static constexpr std::size_t kRecent = 64;
  /// Numbers of stored objects, of session objects and of static fields count up from three places.
  static constexpr std::size_t place_of(Ref ref) { return (ref ^ (ref >> 26)) % kRecent; }

  Object* find_anew(Ref ref);
  static std::uint32_t key_of(const Object& object);
  bool write_stored(Object& object, std::size_t offset, BytesView bytes);
  Object* load(Ref ref);
  Ref add(Object object);
  Ref free_number(bool stored);
  bool fits(const Object& object) const;
  void count(const Object& object, bool gone);
  std::uint32_t body_size(const Object& object) const;
  void count_all() const;
  void log(const Object& object, std::size_t offset, std::size_t size);
  bool logged(const Object& object, std::size_t offset, std::size_t size) const;
  template <typename Visit>
  void each_reference(const Object& object, const Visit& visit) const;
  void forget(Ref ref);

  ObjectStore& m_store;
  MemorySettings m_settings;
  ClassFinder m_finder;
  std::unordered_map<Ref, Object> m_live;  // they stay where they are
  std::array<Recent, kRecent> m_recent{};
  mutable Ref m_next = 0;  // 0: not asked for yet
  Ref m_next_session = kFirstSession;
  bool m_open = false;
  std::vector<Undo> m_undo;
  std::uint32_t m_undo_bytes = 0;
  std::vector<Ref> m_fresh;
  mutable bool m_counted = false;
  mutable Usage m_used;
  mutable std::map<Context, Usage> m_used_by;
  std::map<Context, Quota> m_quotas;
};

}  // namespace uicclab::jcvm::machine
