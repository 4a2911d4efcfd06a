// SPDX-License-Identifier: Apache-2.0
#include "applet/aka/gba.hpp"

#include "applet/aka/slots.hpp"
#include "core/ber_tlv.hpp"
#include "core/crypto/gba.hpp"
#include "core/reader.hpp"

namespace uicclab::applet::aka {
namespace {

constexpr std::size_t kRandSize = 16;
constexpr ber::Tag kNafIdTag = 0x80;  // TS 31.102 clause 4.2.83
constexpr ber::Tag kBtidTag = 0x81;

/// B-TID as the ME wrote it into EF_GBABP: LV RAND, LV B-TID, LV key lifetime. Empty before that, or if it is not coded so.
Bytes read_btid(Context& context, const GbaFiles& files) {
  const Bytes content = context.files().read_binary(files.gbabp).value_or(Bytes());
  ByteReader in(content);
  if (!in.lv()) return {};
  const auto btid = in.lv();
  return btid ? to_bytes(*btid) : Bytes();
}

bool is_for(BytesView record, BytesView naf_id) {
  const auto found = ber::find(record, kNafIdTag);
  return found && equal(*found, naf_id);
}

bool is_empty(BytesView record) {
  return std::ranges::all_of(record, [](std::uint8_t byte) { return byte == 0xFF; });
}

/// Last used first. Numbers that EF_GBANL does not have (any more) are left out.
Bytes load_order(const Context& context, std::size_t count) {
  Bytes order;
  for (std::uint8_t number : context.load(kNafOrderSlot).value_or(BytesView())) {
    if (number >= 1 && number <= count && std::ranges::find(order, number) == order.end()) order.push_back(number);
  }
  return order;
}

/// TS 33.220 annex G.2; records that never were used go before all others.
std::size_t choose_record(const Files& files, BytesView path, std::size_t count, BytesView order, BytesView naf_id) {
  std::size_t empty = 0;
  for (std::size_t number = 1; number <= count; ++number) {
    const Bytes record = files.read_record(path, number).value_or(Bytes());
    if (is_for(record, naf_id)) return number;
    if (empty == 0 && is_empty(record)) empty = number;
  }
  if (empty != 0) return empty;
  for (std::size_t number = 1; number <= count; ++number) {
    if (std::ranges::find(order, number) == order.end()) return number;
  }
  return order.back();
}

void move_to_front(Bytes& order, std::uint8_t number) {
  std::erase(order, number);
  order.insert(order.begin(), number);
}

}  // namespace

bool can_bootstrap(Context& context, const GbaFiles& files) {
  const auto content = context.files().read_binary(files.gbabp);
  return content && content->size() >= 1 + kRandSize + 2;
}

StatusWord keep_bootstrap(Context& context, const GbaFiles& files, const crypto::Rand& rand, const crypto::F2345& keys) {
  const auto old = context.files().read_binary(files.gbabp);
  if (!old || !can_bootstrap(context, files)) return kNoMemorySpace;
  ByteWriter content;
  content.lv(rand).u8(0).u8(0);
  content.fill(old->size() - content.size(), 0xFF);
  if (!context.files().update_binary(files.gbabp, 0, content.view())) return kNoMemorySpace;

  Bytes ks = concat({rand, keys.ck.expose(kPersist), keys.ik.expose(kPersist)});
  context.store(kKsSlot, ks);
  crypto::wipe(ks);
  return sw::kOk;
}

StatusWord derive_naf_keys(Context& context, const GbaFiles& files, BytesView naf_id, BytesView impi, crypto::SecretBytes& out) {
  const auto kept = context.load(kKsSlot);
  if (!kept || kept->size() <= kRandSize || kept->size() > kRandSize + crypto::SecretBytes::kCapacity) return sw::kConditionsNotSatisfied;
  crypto::Rand rand;
  std::copy_n(kept->begin(), rand.size(), rand.begin());
  const crypto::SecretBytes ks(kept->subspan(kRandSize));

  const std::size_t count = std::min<std::size_t>(context.files().record_count(files.gbanl), 0xFE);
  if (count == 0) return kNoMemorySpace;
  Bytes order = load_order(context, count);
  const std::size_t number = choose_record(context.files(), files.gbanl, count, order, naf_id);
  const Bytes btid = read_btid(context, files);
  if (!context.files().update_record(files.gbanl, number, concat({ber::encode(kNafIdTag, naf_id), ber::encode(kBtidTag, btid)}))) {
    return kNoMemorySpace;
  }
  move_to_front(order, static_cast<std::uint8_t>(number));
  context.store(kNafOrderSlot, order);

  const auto derive = [&](crypto::NafKey which) { return crypto::naf_key(ks, which, rand, impi, naf_id); };
  ByteWriter entry;
  entry.lv(derive(crypto::NafKey::kInternal).expose(kPersist)).lv(naf_id).lv(btid);
  Bytes bytes = entry.take();
  context.store(naf_slot(number), bytes);
  crypto::wipe(bytes);
  out = derive(crypto::NafKey::kExternal);
  return sw::kOk;
}

std::optional<crypto::SecretBytes> take_naf_key(Context& context, const GbaFiles& files, BytesView naf_id) {
  const std::size_t count = std::min<std::size_t>(context.files().record_count(files.gbanl), 0xFE);
  for (std::size_t number = 1; number <= count; ++number) {
    const auto entry = context.load(naf_slot(number));
    if (!entry) continue;
    ByteReader in(*entry);
    const auto key = in.lv();
    const auto owner = key ? in.lv() : std::nullopt;
    if (!owner || !equal(*owner, naf_id) || key->size() > crypto::SecretBytes::kCapacity) continue;
    crypto::SecretBytes out(*key);
    context.erase(naf_slot(number));
    context.erase(kKsSlot);
    return out;
  }
  return std::nullopt;
}

}  // namespace uicclab::applet::aka
