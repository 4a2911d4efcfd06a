// SPDX-License-Identifier: Apache-2.0
#include "applet/java/card_store.hpp"

#include "core/reader.hpp"

namespace uicclab::applet::java {
namespace {

/// The machine's own objects have lower numbers.
constexpr std::uint32_t kFirstRecord = jcvm::machine::kFirstSession;
constexpr std::uint32_t kLastRecord = kFirstRecord + 0xFFFF;
constexpr std::uint32_t kGlobalPin = 0xFFFFFFFF;
}  // namespace

CodeObjects& CardStore::objects() const {
  if (m_objects == nullptr) throw SystemError("Java objects were used outside of a call");
  return *m_objects;
}

CodeServices& CardStore::services() const {
  if (m_services == nullptr) throw SystemError("Java objects were used outside of a call");
  return *m_services;
}

std::optional<Instance> CardStore::instance(std::uint32_t number) const {
  if (m_last && m_last->context.instance == number) return m_last;
  auto found = read_instance(number);
  if (found) m_last = found;
  return found;
}

std::optional<Instance> CardStore::read_instance(std::uint32_t number) const {
  const auto record = objects().read(kFirstRecord + number);
  if (!record) return std::nullopt;
  ByteReader in(*record);
  const auto package = in.u16();
  const auto applet = in.u32();
  const auto aid = in.u32();
  const auto name = Aid::from(in.rest());
  if (!aid || !name) throw SystemError("the record of Java instance " + std::to_string(number) + " is damaged");
  return Instance{{*package, static_cast<std::uint16_t>(number)}, *applet, *aid, *name};
}

std::vector<Instance> CardStore::instances() const {
  std::vector<Instance> out;
  for (const std::uint32_t number : objects().numbers()) {
    if (number < kFirstRecord || number > kLastRecord) continue;
    if (auto one = instance(number - kFirstRecord)) out.push_back(*std::move(one));
  }
  return out;
}

void CardStore::keep(const Instance& instance) {
  ByteWriter record;
  record.u16(instance.context.package).u32(instance.applet).u32(instance.aid).bytes(instance.name.bytes());
  m_last.reset();
  objects().write(kFirstRecord + instance.context.instance, record.view());
}

std::optional<BytesView> CardStore::global_pin() const {
  return objects().read(kGlobalPin);
}

void CardStore::keep_global_pin(BytesView record) {
  const auto now = global_pin();
  if (now && now->size() == record.size()) {
    objects().write_part_now(kGlobalPin, 0, record);
  } else {
    objects().write(kGlobalPin, record);
  }
}

void CardStore::forget(std::uint32_t number) {
  m_last.reset();
  if (objects().read(kFirstRecord + number)) objects().erase(kFirstRecord + number);
}

void CardStore::create(std::uint32_t number, BytesView value) {
  if (m_room) *m_room -= static_cast<std::uint32_t>(std::min<std::size_t>(*m_room, value.size()));
  objects().write(number, value);
}

void CardStore::erase(std::uint32_t number) {
  if (m_room) {
    if (const auto gone = objects().read(number)) *m_room += static_cast<std::uint32_t>(gone->size());
  }
  objects().erase(number);
}

std::uint32_t CardStore::room() const {
  if (!m_room) m_room = services().free_memory();
  return *m_room;
}

/// What is kept for it (install parameter D7) is no other's, and its own until it has used it.
std::uint32_t CardStore::volatile_room(jcvm::machine::Context owner) const {
  CodeServices& card = services();
  const std::uint32_t reserved = card.quota(owner.instance).reserved_volatile;
  const std::uint32_t used = card.session().volatile_memory(card, owner.instance);
  return card.free_volatile_memory() + (reserved > used ? reserved - used : 0);
}

std::vector<std::uint32_t> CardStore::numbers() const {
  std::vector<std::uint32_t> out = objects().numbers();
  std::erase_if(out, [](std::uint32_t number) { return number >= kFirstRecord; });
  return out;
}

}  // namespace uicclab::applet::java
