// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/gba_push.hpp"

#include <algorithm>

#include "core/crypto/gba.hpp"
#include "core/reader.hpp"

namespace uicclab::lwm2m {
namespace {

constexpr std::uint64_t kSqnStep = 32;  // SQN = SEQ || IND with 5 bits of IND (TS 33.102 clause C.3.2); IND stays 0
constexpr std::uint64_t kMaxSqn = (std::uint64_t{1} << 48) - 1;
// AMF separation bit clear: a vector for 3G and GBA, not for EPS (TS 33.102 annex H).
constexpr crypto::Amf kAmf{0x00, 0x00};

crypto::Sqn to_sqn(std::uint64_t number) {
  crypto::Sqn sqn;
  for (std::size_t i = 0; i < sqn.size(); ++i) sqn[i] = static_cast<std::uint8_t>(number >> (8 * (sqn.size() - 1 - i)));
  return sqn;
}

template <typename T>
tl::unexpected<PushRefusal> refusal_of(const GbaCard::Answer<T>& answer) {
  if (const auto* sync = std::get_if<SyncFailure>(&answer)) return tl::unexpected(PushRefusal{PushRefusal::Reason::kReplayed, sync->auts});
  return tl::unexpected(PushRefusal{PushRefusal::Reason::kRefused, {}});
}

/// The key that the check value was made with, and the one of the application.
struct KeyPair {
  crypto::SecretBytes integrity;
  crypto::SecretBytes ks_naf;
};

tl::expected<KeyPair, PushRefusal> keys_in_device(const PushInfo& info, GbaCard& card, BytesView impi, BytesView bsf_id) {
  const auto answer = card.authenticate(info.rand, info.autn);
  const auto* keys = std::get_if<GbaCard::AkaKeys>(&answer);
  if (keys == nullptr) return refusal_of(answer);
  const crypto::SecretBytes ks = crypto::gba_ks(keys->ck, keys->ik);
  const auto derive = [&](BytesView naf_id) { return crypto::naf_key(ks, crypto::NafKey::kExternal, info.rand, impi, naf_id); };
  return KeyPair{derive(bsf_id), derive(info.naf_id)};
}

tl::expected<KeyPair, PushRefusal> keys_in_card(const PushInfo& info, GbaCard& card, BytesView impi, BytesView bsf_id) {
  const auto answer = card.bootstrap(info.rand, info.autn);
  if (!std::holds_alternative<std::monostate>(answer)) return refusal_of(answer);
  auto integrity = card.derive(bsf_id, impi);
  auto* integrity_key = std::get_if<crypto::SecretBytes>(&integrity);
  if (integrity_key == nullptr) return refusal_of(integrity);
  auto application = card.derive(info.naf_id, impi);
  auto* application_key = std::get_if<crypto::SecretBytes>(&application);
  if (application_key == nullptr) return refusal_of(application);
  return KeyPair{std::move(*integrity_key), std::move(*application_key)};
}

}  // namespace

Bytes naf_id_of(std::string_view fqdn, const UaProtocol& ua) {
  return concat({as_bytes(fqdn), ua});
}

Result<std::string> impi_of(std::string_view imsi, std::size_t mnc_size) {
  const bool digits = std::ranges::all_of(imsi, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || imsi.size() < 6 || imsi.size() > 15 || (mnc_size != 2 && mnc_size != 3)) {
    return fail(ErrorCode::kMalformed, "no IMSI with that length of the network code");
  }
  const std::string mnc = (mnc_size == 2 ? "0" : "") + std::string(imsi.substr(3, mnc_size));
  return std::string(imsi) + "@ims.mnc" + mnc + ".mcc" + std::string(imsi.substr(0, 3)) + ".3gppnetwork.org";
}

tl::expected<ReceivedPush, PushRefusal> receive_push(BytesView bytes, GbaCard& card, BytesView impi, BytesView bsf_id) {
  const auto push = parse_push(bytes);
  if (!push) return tl::unexpected(PushRefusal{PushRefusal::Reason::kMalformed, {}});
  auto keys =
      push->info.mode == PushMode::kMe ? keys_in_device(push->info, card, impi, bsf_id) : keys_in_card(push->info, card, impi, bsf_id);
  if (!keys) return tl::unexpected(std::move(keys.error()));
  if (!is_authentic(*push, keys->integrity)) return tl::unexpected(PushRefusal{PushRefusal::Reason::kWrongIntegrity, {}});
  return ReceivedPush{push->info, std::move(keys->ks_naf)};
}

Result<PushBsf> PushBsf::from(const crypto::SecretBytes& k, const crypto::SecretBytes& opc, std::uint64_t sqn, std::string_view impi,
                              BytesView bsf_id) {
  if (sqn > kMaxSqn) return fail(ErrorCode::kRange, "a sequence number has 48 bits");
  auto algorithm = crypto::Milenage::from(k, opc);
  if (!algorithm) return tl::unexpected(algorithm.error());
  return PushBsf(*std::move(algorithm), sqn, impi, bsf_id);
}

PushBsf::Push PushBsf::push(PushMode mode, BytesView naf_id, std::uint32_t lifetime, std::string_view application, Random& random) {
  if (m_sqn / kSqnStep * kSqnStep + kSqnStep > kMaxSqn) throw SystemError("PushBsf: the sequence numbers are used up");
  m_sqn = (m_sqn / kSqnStep + 1) * kSqnStep;

  Push out;
  PushInfo& info = out.info;
  info.mode = mode;
  random.fill(info.rand);
  const crypto::F2345 vector = m_algorithm.f2345(info.rand);
  std::ranges::copy(crypto::make_autn(m_algorithm, info.rand, to_sqn(m_sqn), kAmf).view(), info.autn.begin());
  if (mode == PushMode::kUicc) {
    const auto mask = crypto::gba_mac_mask(vector.ik);
    for (std::size_t i = 0; i < mask.size(); ++i) info.autn[8 + i] ^= mask[i];
  }
  info.p_tid = to_hex(info.rand) + "@bsf";
  info.application = application;
  info.naf_id = to_bytes(naf_id);
  info.lifetime = lifetime;

  const crypto::SecretBytes ks = crypto::gba_ks(vector.ck, vector.ik);
  const auto derive = [&](crypto::NafKey which, BytesView id) { return crypto::naf_key(ks, which, info.rand, as_bytes(m_impi), id); };
  out.ks_naf = derive(mode == PushMode::kMe ? crypto::NafKey::kExternal : crypto::NafKey::kInternal, naf_id);
  out.gpi = encode_push(info, derive(crypto::NafKey::kExternal, m_bsf_id));
  return out;
}

Result<void> PushBsf::resynchronise(const crypto::Rand& rand, BytesView auts) {
  const auto sqn = crypto::open_auts(m_algorithm, rand, auts);
  if (!sqn) return tl::unexpected(sqn.error());
  m_sqn = *ByteReader(*sqn).number(sqn->size());
  return {};
}

}  // namespace uicclab::lwm2m
