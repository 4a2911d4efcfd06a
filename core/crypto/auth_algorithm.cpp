// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/auth_algorithm.hpp"

namespace uicclab::crypto {
namespace {

constexpr Amf kResynchronisationAmf{};  // TS 33.102 clause 6.3.3: AMF* is all zeros, so that it need not be sent

}  // namespace

Answer AuthAlgorithm::answer(const Rand& rand, const Sqn& concealed_sqn, const Amf& amf) {
  Answer answer;
  answer.keys = f2345(rand);
  answer.sqn = conceal(concealed_sqn, answer.keys.ak);
  answer.xmac = f1(rand, answer.sqn, amf);
  return answer;
}

Sqn conceal(const Sqn& sqn, const Ak& ak) {
  Sqn out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = sqn[i] ^ ak[i];
  return out;
}

Autn make_autn(AuthAlgorithm& algorithm, const Rand& rand, const Sqn& sqn, const Amf& amf) {
  const Sqn concealed = conceal(sqn, algorithm.f2345(rand).ak);
  return Autn(concat({concealed, amf, algorithm.f1(rand, sqn, amf)}));
}

Auts make_auts(AuthAlgorithm& algorithm, const Rand& rand, const Sqn& sqn_ms) {
  const Sqn concealed = conceal(sqn_ms, algorithm.f5star(rand));
  return Auts(concat({concealed, algorithm.f1star(rand, sqn_ms, kResynchronisationAmf)}));
}

Result<Sqn> open_auts(AuthAlgorithm& algorithm, const Rand& rand, BytesView auts) {
  Sqn concealed;
  if (auts.size() < concealed.size()) return fail(ErrorCode::kTruncated, "AUTS ends within SQN", auts.size());
  std::copy_n(auts.begin(), concealed.size(), concealed.begin());
  const Sqn sqn_ms = conceal(concealed, algorithm.f5star(rand));
  const Mac xmac_s = algorithm.f1star(rand, sqn_ms, kResynchronisationAmf);
  const BytesView mac_s = auts.subspan(concealed.size());
  if (mac_s.size() < xmac_s.size()) return fail(ErrorCode::kTruncated, "AUTS ends within MAC-S", auts.size());
  if (mac_s.size() > xmac_s.size()) return fail(ErrorCode::kTrailing, "bytes after MAC-S", concealed.size() + xmac_s.size());
  if (!constant_time_equal(mac_s, xmac_s)) return fail(ErrorCode::kMismatch, "MAC-S of AUTS is wrong", concealed.size());
  return sqn_ms;
}

}  // namespace uicclab::crypto
