// SPDX-License-Identifier: Apache-2.0
#include "applet/java/card_store.hpp"

namespace uicclab::applet::java {
namespace {

using jcvm::machine::Ref;

/// The machine's own objects have lower numbers.
constexpr std::uint32_t kFirstRecord = jcvm::machine::kFirstSession;
// Of a record: package, applet object, AID object; then the AID.
constexpr std::size_t kAppletAt = 2;
constexpr std::size_t kAidAt = 6;
constexpr std::size_t kNameAt = 10;

Ref ref_at(BytesView bytes, std::size_t at) {
  return Ref{bytes[at]} << 24 | Ref{bytes[at + 1]} << 16 | Ref{bytes[at + 2]} << 8 | bytes[at + 3];
}

void append_ref(Bytes& out, Ref ref) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(ref >> shift));
}

}  // namespace

CodeObjects& CardStore::objects() const {
  if (m_objects == nullptr) throw SystemError("Java objects were used outside of a call");
  return *m_objects;
}

std::optional<Instance> CardStore::instance(std::uint32_t number) const {
  const auto record = objects().read(kFirstRecord + number);
  if (!record) return std::nullopt;
  const auto name = Aid::from(record->subspan(std::min(kNameAt, record->size())));
  if (!name) throw SystemError("the record of Java instance " + std::to_string(number) + " is damaged");
  const auto package = static_cast<std::uint16_t>((*record)[0] << 8 | (*record)[1]);
  return Instance{{package, static_cast<std::uint16_t>(number)}, ref_at(*record, kAppletAt), ref_at(*record, kAidAt), *name};
}

std::vector<Instance> CardStore::instances() const {
  std::vector<Instance> out;
  for (const std::uint32_t number : objects().numbers()) {
    if (number < kFirstRecord) continue;
    if (auto one = instance(number - kFirstRecord)) out.push_back(*std::move(one));
  }
  return out;
}

void CardStore::keep(const Instance& instance) {
  Bytes record{static_cast<std::uint8_t>(instance.context.package >> 8), static_cast<std::uint8_t>(instance.context.package)};
  append_ref(record, instance.applet);
  append_ref(record, instance.aid);
  append(record, instance.name.bytes());
  objects().write(kFirstRecord + instance.context.instance, record);
}

void CardStore::forget(std::uint32_t number) {
  if (objects().read(kFirstRecord + number)) objects().erase(kFirstRecord + number);
}

std::vector<std::uint32_t> CardStore::numbers() const {
  std::vector<std::uint32_t> out = objects().numbers();
  std::erase_if(out, [](std::uint32_t number) { return number >= kFirstRecord; });
  return out;
}

}  // namespace uicclab::applet::java
