// SPDX-License-Identifier: Apache-2.0
#include "gba/naf_keys.hpp"

#include <algorithm>

#include "core/crypto/sealed_storage.hpp"
#include "core/reader.hpp"

namespace uicclab::gba {
namespace {

constexpr std::string_view kLabel = "NAF keys";
constexpr std::uint8_t kNafKeysVersion = 0x01;
constexpr std::size_t kKeySize = 32;
constexpr crypto::ExposeSecret kPersist{"the UE keeps NAF keys sealed"};

tl::unexpected<Error> wrong(const char* what) {
  return fail(ErrorCode::kMalformed, what);
}

}  // namespace

Result<NafKeys> NafKeys::open(BytesView sealed, const crypto::SecretBytes& storage_key) {
  const auto plain = crypto::open_sealed(sealed, kLabel, storage_key);
  if (!plain) return fail(ErrorCode::kMismatch, "the storage key is another one, or the file was changed");
  ByteReader in(*plain);
  const auto version = in.u8();
  const auto count = in.u8();
  if (!version || !count) return wrong("a file of NAF keys that ends too early");
  if (*version != kNafKeysVersion) return fail(ErrorCode::kUnsupported, "NAF keys of version " + std::to_string(*version));
  if (*count > kMost) return wrong("too many NAF keys");
  NafKeys out;
  for (std::size_t i = 0; i < *count; ++i) {
    const auto mode = in.u8();
    const auto expires = in.number(8);
    const auto p_tid = in.lv();
    const auto naf_id = in.lv();
    const auto key = in.bytes(kKeySize);
    if (!mode || *mode > 1 || !expires || *expires >> 62 != 0 || !p_tid || !naf_id || !key) return wrong("a NAF key that ends too early");
    NafKey one;
    one.mode = static_cast<PushMode>(*mode);
    one.expires = static_cast<std::int64_t>(*expires);
    one.p_tid.assign(p_tid->begin(), p_tid->end());
    one.naf_id = to_bytes(*naf_id);
    one.key = crypto::SecretBytes(*key);
    out.m_keys.push_back(std::move(one));
  }
  return out;
}

Bytes NafKeys::sealed(const crypto::SecretBytes& storage_key, Random& random) const {
  crypto::WipedBytes plain{kNafKeysVersion, static_cast<std::uint8_t>(m_keys.size())};
  const auto add = [&plain](BytesView bytes) { plain.insert(plain.end(), bytes.begin(), bytes.end()); };
  for (const NafKey& one : m_keys) {
    ByteWriter head;
    head.u8(static_cast<std::uint8_t>(one.mode)).number(static_cast<std::uint64_t>(one.expires), 8);
    head.lv(as_bytes(one.p_tid)).lv(one.naf_id);
    add(head.view());
    add(one.key.expose(kPersist));
  }
  return crypto::seal(plain, kLabel, storage_key, random);
}

void NafKeys::add(NafKey key) {
  std::erase_if(m_keys, [&key](const NafKey& one) { return one.naf_id == key.naf_id; });
  m_keys.insert(m_keys.begin(), std::move(key));
  if (m_keys.size() > kMost) m_keys.resize(kMost);
}

const NafKey* NafKeys::find(BytesView naf_id, std::int64_t now) const {
  const auto found =
      std::ranges::find_if(m_keys, [&](const NafKey& one) { return equal(one.naf_id, naf_id) && (one.expires == 0 || one.expires > now); });
  return found == m_keys.end() ? nullptr : &*found;
}

void NafKeys::forget_over(std::int64_t now) {
  std::erase_if(m_keys, [now](const NafKey& one) { return one.expires != 0 && one.expires <= now; });
}

}  // namespace uicclab::gba
