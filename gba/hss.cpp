// SPDX-License-Identifier: Apache-2.0
#include "gba/hss.hpp"

#include <algorithm>

#include "core/reader.hpp"

namespace uicclab::gba {
namespace {

constexpr const char* kHssRole = "HSS";
constexpr std::uint64_t kSqnStep = 32;  // SQN = SEQ || IND with 5 bits of IND (TS 33.102 clause C.3.2); IND stays 0
// AMF separation bit clear: a vector for 3G and GBA, not for EPS (TS 33.102 annex H).
constexpr crypto::Amf kAmf{0x00, 0x00};

crypto::Sqn to_sqn(std::uint64_t number) {
  crypto::Sqn sqn;
  for (std::size_t i = 0; i < sqn.size(); ++i) sqn[i] = static_cast<std::uint8_t>(number >> (8 * (sqn.size() - 1 - i)));
  return sqn;
}

std::optional<std::uint64_t> after(std::uint64_t last) {
  const std::uint64_t next = (last / kSqnStep + 1) * kSqnStep;
  return next > kMaxSqn ? std::nullopt : std::optional(next);
}

}  // namespace

Answer<ZhAnswer> Hss::vector(const ZhRequest& request) {
  const auto subscriber = m_subscribers.find(request.user);
  if (!subscriber) {
    return refuse(kHssRole, ResultCode::kImpiUnknown,
                  std::string("no subscriber has the ") + name_of(request.user.kind) + " " + request.user.digits);
  }
  crypto::AuthAlgorithm& algorithm = *subscriber->algorithm;
  std::uint64_t least = 0;
  if (const auto& resynchronisation = request.resynchronisation) {
    const auto sqn = crypto::open_auts(algorithm, resynchronisation->rand, resynchronisation->auts);
    if (!sqn) return refuse(kHssRole, ResultCode::kNotAuthorized, "the AUTS is not of this subscriber's card: " + sqn.error().text);
    least = *ByteReader(*sqn).number(sqn->size());
  }
  const auto sqn = m_subscribers.advance(subscriber->imsi, [least](std::uint64_t last) { return after(std::max(last, least)); });
  if (!sqn) return refuse(kHssRole, ResultCode::kUnableToComply, "the sequence numbers of " + subscriber->imsi + " are used up");

  ZhAnswer out{subscriber->impi, subscriber->uicc_type, {}};
  m_random.fill(out.vector.rand);
  const auto autn = crypto::make_autn(algorithm, out.vector.rand, to_sqn(*sqn), kAmf);
  crypto::F2345 keys = algorithm.f2345(out.vector.rand);
  if (autn.size() != out.vector.autn.size() || keys.ck.size() != 16 || keys.ik.size() != 16) {
    return refuse(kHssRole, ResultCode::kUnableToComply,
                  "GBA Push takes an AUTN, CK and IK of 16 octets each; those of " + subscriber->imsi + " are longer");
  }
  std::ranges::copy(autn.view(), out.vector.autn.begin());
  out.vector.ck = std::move(keys.ck);
  out.vector.ik = std::move(keys.ik);
  return out;
}

}  // namespace uicclab::gba
