// SPDX-License-Identifier: Apache-2.0
#include "jcvm/machine/heap.hpp"

#include <algorithm>
#include <cstring>

namespace uicclab::jcvm::machine {
namespace {

constexpr std::size_t kReferenceSize = 4;

std::array<std::uint8_t, kReferenceSize> big_endian(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8),
          static_cast<std::uint8_t>(value)};
}

std::uint32_t saturating_difference(std::uint32_t a, std::uint32_t b) {
  return a > b ? a - b : 0;
}

}  // namespace

std::uint32_t& Usage::of(Lifetime lifetime) {
  return lifetime == Lifetime::kClearOnReset ? clear_on_reset : lifetime == Lifetime::kClearOnDeselect ? clear_on_deselect : persistent;
}

Heap::Heap(ObjectStore& store, const MemorySettings& settings, ClassFinder finder)
    : m_store(store), m_settings(settings), m_finder(std::move(finder)) {}

Object* Heap::find_anew(Ref ref) {
  if (ref == kNull) return nullptr;
  const auto found = m_live.find(ref);
  Object* object = found != m_live.end() ? &found->second : load(ref);
  if (object != nullptr) m_recent[place_of(ref)] = {ref, key_of(*object), object};
  return object;
}

std::uint32_t Heap::key_of(const Object& object) {
  constexpr std::uint32_t kNone = 0x8000;  // no type
  if (object.lifetime == Lifetime::kClearOnDeselect) return kNone;
  return object.has(kGlobalArray) ? global_key(object.type) : key_of(object.type, object.owner.package);
}

/// An object whose class no longer exists, or whose size is not its class's, is invalid.
Object* Heap::load(Ref ref) {
  if (ref >= kFirstSession) return nullptr;
  const auto stored = m_store.read(ref);
  if (!stored) return nullptr;
  auto object = Object::decode(ref, *stored);
  if (!object) return nullptr;
  std::size_t size = object->length * element_size(object->type);
  if (object->type == code::kTypeReferences || (!object->is_array() && !is_statics(ref))) {
    object->klass = m_finder(object->class_number);
    if (object->klass == nullptr) return nullptr;
  }
  if (is_statics(ref)) {
    size = std::max<std::size_t>(object->body.size(), object->length * kReferenceSize);
  } else if (!object->is_array()) {
    if (object->length != object->klass->cells) return nullptr;
    size = object->length * kReferenceSize + object->klass->native_bytes;
  }
  if (object->lifetime == Lifetime::kPersistent) {
    if (object->body.size() != size) return nullptr;
  } else {
    object->body.assign(size, 0);
  }
  return &m_live.insert_or_assign(ref, *std::move(object)).first->second;
}

Ref Heap::free_number(bool stored) {
  if (!stored) return m_next_session++;
  if (m_next == 0) {
    m_next = 1;
    for (const Ref number : m_store.numbers()) {
      if (!is_statics(number)) m_next = std::max(m_next, number + 1);
    }
  }
  return m_next < kFirstStatics ? m_next++ : kNull;
}

Ref Heap::add(Object object) {
  const bool stored = object.lifetime != Lifetime::kSession;
  if (stored && !fits(object)) return kNull;
  object.number = free_number(stored);
  if (object.number == kNull) return kNull;
  if (stored) {
    object.fresh = m_open;
    if (m_open) m_fresh.push_back(object.number);
    m_store.create(object.number, object.encode());
    if (m_counted) count(object, false);
  }
  const Ref number = object.number;
  Object& live = m_live.insert_or_assign(number, std::move(object)).first->second;
  m_recent[place_of(number)] = {number, key_of(live), &live};
  return number;
}

Ref Heap::make_instance(const Class& klass, ClassId number, Context owner, Lifetime lifetime) {
  Object object;
  object.klass = &klass;
  object.class_number = number;
  object.owner = owner;
  object.lifetime = lifetime;
  object.length = klass.cells;
  object.body.assign(klass.cells * kReferenceSize + klass.native_bytes, 0);
  return add(std::move(object));
}

Ref Heap::make_array(code::ArrayType type, std::uint32_t length, Context owner, Lifetime lifetime, const Class* element,
                     ClassId element_number) {
  Object object;
  object.type = type;
  object.klass = element;
  object.class_number = element_number;
  object.owner = owner;
  object.lifetime = lifetime;
  object.length = length;
  object.body.assign(length * element_size(type), 0);
  return add(std::move(object));
}

void Heap::make_statics(std::uint16_t package, std::uint32_t references, Bytes body) {
  Object object;
  object.number = kFirstStatics + package;
  object.length = references;
  object.body = std::move(body);
  m_store.create(object.number, object.encode());
  if (m_counted) count(object, false);
  const Ref number = object.number;
  m_live.insert_or_assign(number, std::move(object));
}

void Heap::grant(Ref ref, Privilege privilege) {
  Object* object = find(ref);
  if (object == nullptr) return;
  object->privileges |= privilege;
  m_recent[place_of(ref)] = {};
  constexpr std::size_t kPrivileges = 2;  // in the header
  const Bytes header = object->encode();
  if (object->stored()) m_store.write(ref, kPrivileges, BytesView(header).subspan(kPrivileges, 1));
}

void Heap::erase(Ref ref) {
  const Object* object = find(ref);
  if (object == nullptr) return;
  if (object->stored()) {
    if (m_counted) count(*object, true);
    m_store.erase(ref);
  }
  forget(ref);
}

void Heap::forget(Ref ref) {
  m_live.erase(ref);
  m_recent[place_of(ref)] = {};
}

bool Heap::logged(const Object& object, std::size_t offset, std::size_t size) const {
  return std::ranges::any_of(m_undo, [&](const Undo& one) {
    return one.object == object.number && one.offset <= offset && one.offset + one.bytes.size() >= offset + size;
  });
}

void Heap::log(const Object& object, std::size_t offset, std::size_t size) {
  const auto begin = object.body.begin() + static_cast<std::ptrdiff_t>(offset);
  m_undo.push_back({object.number, offset, Bytes(begin, begin + static_cast<std::ptrdiff_t>(size))});
  m_undo_bytes += static_cast<std::uint32_t>(size);
}

bool Heap::write_stored(Object& object, std::size_t offset, BytesView bytes) {
  if (bytes.empty()) return true;
  if (m_open && !object.fresh && !logged(object, offset, bytes.size())) {
    if (bytes.size() > unused_commit_capacity()) return false;
    log(object, offset, bytes.size());
  }
  // The source may be part of this body.
  std::memmove(object.body.data() + offset, bytes.data(), bytes.size());
  m_store.write(object.number, Object::kHeaderSize + offset, BytesView(object.body).subspan(offset, bytes.size()));
  return true;
}

bool Heap::write_reference(Object& object, std::size_t offset, Ref value) {
  return write(object, offset, big_endian(value));
}

void Heap::write_now(Object& object, std::size_t offset, BytesView bytes) {
  if (bytes.empty()) return;
  std::memmove(object.body.data() + offset, bytes.data(), bytes.size());
  if (object.body_stored()) {
    m_store.write_now(object.number, Object::kHeaderSize + offset, BytesView(object.body).subspan(offset, bytes.size()));
  }
  // What an abort writes back must not take it back.
  for (Undo& one : m_undo) {
    if (one.object != object.number) continue;
    const std::size_t begin = std::max(one.offset, offset);
    const std::size_t end = std::min(one.offset + one.bytes.size(), offset + bytes.size());
    for (std::size_t i = begin; i < end; ++i) one.bytes[i - one.offset] = object.body[i];
  }
}

void Heap::begin() {
  m_open = true;
  m_store.begin();
}

void Heap::commit() {
  for (const Ref ref : m_fresh) {
    if (Object* object = find(ref)) object->fresh = false;
  }
  m_fresh.clear();
  m_undo.clear();
  m_undo_bytes = 0;
  m_open = false;
  m_store.end();
}

std::vector<Ref> Heap::abort() {
  for (auto undo = m_undo.rbegin(); undo != m_undo.rend(); ++undo) {
    Object* object = find(undo->object);
    if (object == nullptr) continue;
    std::ranges::copy(undo->bytes, object->body.begin() + static_cast<std::ptrdiff_t>(undo->offset));
    m_store.write(undo->object, Object::kHeaderSize + undo->offset, undo->bytes);
  }
  std::vector<Ref> gone = std::move(m_fresh);
  std::ranges::sort(gone);
  for (const Ref ref : gone) erase(ref);
  m_fresh.clear();
  m_undo.clear();
  m_undo_bytes = 0;
  m_open = false;
  m_store.end();
  for (auto& [number, object] : m_live) {
    if (object.body_stored()) continue;
    each_reference(object, [&, &body = object.body](std::size_t offset, Ref ref) {
      if (std::ranges::binary_search(gone, ref))
        std::fill_n(body.begin() + static_cast<std::ptrdiff_t>(offset), kReferenceSize, std::uint8_t{0});
    });
  }
  return gone;
}

std::uint32_t Heap::unused_commit_capacity() const {
  return m_settings.commit_capacity - m_undo_bytes;
}

void Heap::reset() {
  if (m_open) abort();
  m_live.clear();
  m_recent = {};
  m_next_session = kFirstSession;
}

void Heap::deselect(std::uint16_t package) {
  // Those that are not in memory are cleared already.
  for (auto& [number, object] : m_live) {
    if (object.lifetime == Lifetime::kClearOnDeselect && object.owner.package == package) std::ranges::fill(object.body, std::uint8_t{0});
  }
}

void Heap::reload() {
  m_undo.clear();
  m_undo_bytes = 0;
  m_fresh.clear();
  m_open = false;
  m_counted = false;
  m_recent = {};
  std::erase_if(m_live,
                [&](const auto& entry) { return entry.second.body_stored() || (entry.second.stored() && !m_store.read(entry.first)); });
  for (auto& [number, object] : m_live) {
    each_reference(object, [&, &body = object.body](std::size_t offset, Ref ref) {
      const bool gone = ref >= kFirstSession ? !m_live.contains(ref) : !m_store.read(ref).has_value();
      if (gone) std::fill_n(body.begin() + static_cast<std::ptrdiff_t>(offset), kReferenceSize, std::uint8_t{0});
    });
  }
}

std::uint32_t Heap::body_size(const Object& object) const {
  constexpr std::uint32_t kCell = 2;
  if (is_statics(object.number)) {
    return object.length * kCell + static_cast<std::uint32_t>(object.body.size() - object.length * kReferenceSize);
  }
  if (!object.is_array()) return object.length * kCell + (object.klass == nullptr ? 0 : object.klass->native_bytes);
  return object.length * (object.type == code::kTypeReferences ? kCell : static_cast<std::uint32_t>(element_size(object.type)));
}

std::uint32_t Heap::size_of(const Object& object) const {
  return m_settings.header + body_size(object);
}

void Heap::count(const Object& object, bool gone) {
  const auto change = [&](std::uint32_t& value, std::uint32_t by) { value = gone ? saturating_difference(value, by) : value + by; };
  for (Usage* usage : {&m_used, &m_used_by[object.owner]}) {
    change(usage->persistent, m_settings.header);
    change(usage->of(object.lifetime), body_size(object));
  }
}

void Heap::count_all() const {
  if (m_counted) return;
  m_counted = true;
  m_used = {};
  m_used_by.clear();
  auto* self = const_cast<Heap*>(this);
  for (const Ref number : m_store.numbers()) {
    if (const Object* object = self->find(number)) self->count(*object, false);
  }
}

const Usage& Heap::used() const {
  count_all();
  return m_used;
}

Usage Heap::used_by(Context owner) const {
  count_all();
  const auto found = m_used_by.find(owner);
  return found == m_used_by.end() ? Usage{} : found->second;
}

std::uint32_t Heap::free(Context owner, Lifetime lifetime) const {
  const Usage& now = used();
  const bool persistent = lifetime == Lifetime::kPersistent;
  std::uint32_t free = persistent                            ? saturating_difference(m_settings.persistent, now.persistent)
                       : lifetime == Lifetime::kClearOnReset ? saturating_difference(m_settings.clear_on_reset, now.clear_on_reset)
                                                             : saturating_difference(m_settings.clear_on_deselect, now.clear_on_deselect);
  // The store's headers are larger than Java Card's.
  const std::uint32_t more = Object::kHeaderSize - std::min<std::uint32_t>(Object::kHeaderSize, m_settings.header);
  const std::uint32_t room = persistent ? saturating_difference(m_store.room(), more) : m_store.volatile_room(owner);
  free = std::min(free, room);
  const auto quota = m_quotas.find(owner);
  if (quota == m_quotas.end()) return free;
  const Usage own = used_by(owner);
  if (persistent) return quota->second.persistent ? std::min(free, saturating_difference(*quota->second.persistent, own.persistent)) : free;
  return quota->second.transient ? std::min(free, saturating_difference(*quota->second.transient, own.transient())) : free;
}

/// Of a transient object the header alone is persistent.
bool Heap::fits(const Object& object) const {
  const bool persistent = object.lifetime == Lifetime::kPersistent;
  const std::uint32_t body = body_size(object);
  if (m_settings.header + (persistent ? body : 0) > free(object.owner, Lifetime::kPersistent)) return false;
  if (Object::kHeaderSize + (persistent ? object.body.size() : 0) > m_store.room()) return false;
  return persistent || body == 0 || body <= free(object.owner, object.lifetime);
}

template <typename Visit>
void Heap::each_reference(const Object& object, const Visit& visit) const {
  const bool all = object.type == code::kTypeReferences || is_statics(object.number);
  if (!all && object.is_array()) return;
  for (std::uint32_t i = 0; i < object.length; ++i) {
    if (!all && !object.klass->references[i]) continue;
    const std::size_t offset = i * kReferenceSize;
    if (const Ref ref = object.u32(offset); ref != kNull) visit(offset, ref);
  }
}

std::vector<Ref> Heap::references(const Object& object) const {
  std::vector<Ref> out;
  each_reference(object, [&](std::size_t, Ref ref) { out.push_back(ref); });
  return out;
}

std::size_t Heap::collect(std::span<const Ref> roots) {
  if (m_open) return 0;
  std::vector<Ref> open(roots.begin(), roots.end());
  const auto stored = m_store.numbers();
  for (const auto& [number, object] : m_live) {
    if (!object.stored()) open.push_back(number);
  }
  for (const Ref number : stored) {
    const Object* object = find(number);
    if (object != nullptr && object->owner.is_runtime()) open.push_back(number);
  }
  std::set<Ref> reached;
  while (!open.empty()) {
    const Ref ref = open.back();
    open.pop_back();
    if (ref == kNull || !reached.insert(ref).second) continue;
    const Object* object = find(ref);
    if (object != nullptr) each_reference(*object, [&](std::size_t, Ref held) { open.push_back(held); });
  }
  std::size_t count = 0;
  for (const Ref number : stored) {
    // What cannot be read (its class is gone) is not what this collects.
    if (reached.contains(number) || find(number) == nullptr) continue;
    erase(number);
    ++count;
  }
  return count;
}

}  // namespace uicclab::jcvm::machine
