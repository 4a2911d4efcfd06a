// SPDX-License-Identifier: Apache-2.0
#include "gba/user_equipment.hpp"

#include "core/crypto/gba.hpp"

namespace uicclab::gba {
namespace {

template <typename T>
tl::unexpected<PushRefusal> refusal_of(const GbaCard::Answer<T>& answer) {
  if (const auto* sync = std::get_if<SyncFailure>(&answer)) return tl::unexpected(PushRefusal{PushRefusal::Reason::kReplayed, sync->auts});
  return tl::unexpected(PushRefusal{PushRefusal::Reason::kRefused, {}});
}

tl::expected<crypto::SecretBytes, PushRefusal> key_in_device(const PushInfo& info, GbaCard& card, BytesView impi) {
  const auto answer = card.authenticate(info.rand, info.autn);
  const auto* keys = std::get_if<GbaCard::AkaKeys>(&answer);
  if (keys == nullptr) return refusal_of(answer);
  return crypto::naf_key(crypto::gba_ks(keys->ck, keys->ik), crypto::NafKey::kExternal, info.rand, impi, info.naf_id);
}

tl::expected<crypto::SecretBytes, PushRefusal> key_in_card(const PushInfo& info, GbaCard& card, BytesView impi) {
  const auto answer = card.bootstrap(info.rand, info.autn);
  if (!std::holds_alternative<std::monostate>(answer)) return refusal_of(answer);
  auto derived = card.derive(info.naf_id, impi);
  auto* key = std::get_if<crypto::SecretBytes>(&derived);
  if (key == nullptr) return refusal_of(derived);
  return std::move(*key);
}

}  // namespace

tl::expected<ReceivedPush, PushRefusal> receive_push(BytesView bytes, GbaCard& card, BytesView impi, BytesView naf_id) {
  using Reason = PushRefusal::Reason;
  const auto push = parse_push(bytes);
  if (!push) return tl::unexpected(PushRefusal{Reason::kMalformed, {}});
  if (!naf_id.empty() && !equal(naf_id, push->info.naf_id)) return tl::unexpected(PushRefusal{Reason::kOtherNaf, {}});
  auto key = push->info.mode == PushMode::kMe ? key_in_device(push->info, card, impi) : key_in_card(push->info, card, impi);
  if (!key) return tl::unexpected(std::move(key.error()));
  if (!is_authentic(*push, *key)) return tl::unexpected(PushRefusal{Reason::kWrongIntegrity, {}});
  return ReceivedPush{push->info, *std::move(key)};
}

}  // namespace uicclab::gba
