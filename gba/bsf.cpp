// SPDX-License-Identifier: Apache-2.0
#include "gba/bsf.hpp"

#include <algorithm>

#include "core/crypto/gba.hpp"
#include "core/hex.hpp"
#include "core/utf8.hpp"
#include "gba/time_text.hpp"

namespace uicclab::gba {
namespace {

constexpr const char* kBsfRole = "BSF";

using GbaU = NafPolicy::GbaU;

/// What the policy alone does not let a NAF have.
std::optional<std::string> forbidden(const ZpnRequest& request, const NafPolicy& policy) {
  if (std::ranges::find(policy.naf_ids, request.naf_id) == policy.naf_ids.end()) {
    return request.naf + " may not use the NAF_Id " + naf_name(request.naf_id);
  }
  if (request.mode == PushMode::kUicc && policy.gba_u == GbaU::kRefused) return "GBA_U is not allowed to " + request.naf;
  if (request.mode == PushMode::kMe && policy.gba_u == GbaU::kRequired) {
    return "GBA_U is required of " + request.naf + ", GBA_ME was asked for";
  }
  return std::nullopt;
}

/// ME or UICC: what the NAF asks for or the policy requires, else GBA_U where the card can.
Answer<PushMode> decide(const ZpnRequest& request, const NafPolicy& policy, UiccType type) {
  const bool can = type == UiccType::kGbaU;
  const bool must = request.mode == PushMode::kUicc || policy.gba_u == GbaU::kRequired;
  if (must && !can) return refuse(kBsfRole, ResultCode::kUnableToComply, "GBA_U is wanted, and the subscriber's card is not capable of it");
  if (request.mode) return *request.mode;
  return can && policy.gba_u != GbaU::kRefused ? PushMode::kUicc : PushMode::kMe;
}

}  // namespace

MadePush make_push(PushInfo info, const AuthenticationVector& vector, std::string_view impi) {
  info.rand = vector.rand;
  info.autn = vector.autn;
  if (info.mode == PushMode::kUicc) {
    const auto mask = crypto::gba_mac_mask(vector.ik);
    for (std::size_t i = 0; i < mask.size(); ++i) info.autn[8 + i] ^= mask[i];
  }
  const crypto::SecretBytes ks = crypto::gba_ks(vector.ck, vector.ik);
  const auto derive = [&](crypto::NafKey which) { return crypto::naf_key(ks, which, info.rand, as_bytes(impi), info.naf_id); };
  MadePush out;
  out.me_key = derive(crypto::NafKey::kExternal);
  if (info.mode == PushMode::kUicc) out.uicc_key = derive(crypto::NafKey::kInternal);
  out.gpi = encode_push(info, out.me_key);
  return out;
}

Answer<ZpnAnswer> Bsf::push(const ZpnRequest& request) {
  const auto policy = std::ranges::find(m_policy.nafs, request.naf, &NafPolicy::naf);
  if (policy == m_policy.nafs.end()) return refuse(kBsfRole, ResultCode::kNotAuthorized, request.naf + " is no NAF that this BSF serves");
  if (auto why = forbidden(request, *policy)) return refuse(kBsfRole, ResultCode::kNotAuthorized, *std::move(why));
  if (request.naf_id.size() > 0xFF || request.application.size() > 0xFF) {
    return refuse(kBsfRole, ResultCode::kInvalidAvpValue, "NAF_Id and application label have at most 255 octets");
  }
  if (first_non_utf8(as_bytes(request.application))) {
    return refuse(kBsfRole, ResultCode::kInvalidAvpValue, "UICC-App-Label: the application label must be UTF-8");
  }
  const bool limited = policy->longest != 0;
  if (limited && request.lifetime == 0U)
    return refuse(kBsfRole, ResultCode::kInvalidAvpValue, "Requested-Key-Lifetime: a key lives at least one second");

  auto subscriber = m_zh({request.user, request.resynchronisation});
  if (!subscriber) return tl::unexpected(std::move(subscriber.error()));
  const auto mode = decide(request, *policy, subscriber->uicc_type);
  if (!mode) return tl::unexpected(mode.error());

  PushInfo info;
  info.mode = *mode;
  info.application = request.application;
  info.naf_id = request.naf_id;
  info.lifetime = request.lifetime.value_or(policy->longest);
  if (limited) info.lifetime = std::min(info.lifetime, policy->longest);
  std::array<std::uint8_t, 12> number{};  // not RAND, which is the downlink's name (TS 33.223 clause 5.2)
  m_random.fill(number);
  info.p_tid = to_hex(number) + "@" + m_policy.name;

  MadePush made = make_push(info, subscriber->vector, subscriber->impi);
  ZpnAnswer out;
  out.gpi = std::move(made.gpi);
  out.sa_id = info.p_tid;
  out.impi = subscriber->impi;
  out.me_key = std::move(made.me_key);
  out.uicc_key = std::move(made.uicc_key);
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(m_clock.now()).count();
  out.expires = info.lifetime == 0 ? kLatestTime : now + info.lifetime;
  return out;
}

}  // namespace uicclab::gba
