// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/xor_auth.hpp"

namespace uicclab::crypto {
namespace {

/// XDOUT = K xor RAND (TS 34.108 clause 8.1.2.1, step 1).
Rand xdout_of(const SecretBytes& k, const Rand& rand) {
  const BytesView key = k.expose(ExposeSecret{"the test algorithm gives it away anyway"});
  Rand xdout;
  for (std::size_t i = 0; i < xdout.size(); ++i) xdout[i] = key[i] ^ rand[i];
  return xdout;
}

/// XDOUT rotated to the left by whole bytes, which is how CK and IK come of it.
SecretBytes rotated(const Rand& xdout, std::size_t bytes) {
  Rand out;
  std::ranges::rotate_copy(xdout, xdout.begin() + static_cast<std::ptrdiff_t>(bytes), out.begin());
  return SecretBytes(BytesView(out));
}

}  // namespace

Result<XorAuth> XorAuth::from(const SecretBytes& k, std::size_t res_size) {
  if (k.size() != 16) return fail(ErrorCode::kRange, "XOR: K has 16 bytes");
  if (res_size < 4 || res_size > 16) return fail(ErrorCode::kRange, "XOR: RES has 4 to 16 bytes");
  return XorAuth(k.clone(), res_size);
}

F2345 XorAuth::f2345(const Rand& rand) {
  const Rand xdout = xdout_of(m_k, rand);
  F2345 keys;  // step 2: f2, f3, f4 and f5
  keys.res = Res(BytesView(xdout).first(m_res_size));
  keys.ck = rotated(xdout, 1);
  keys.ik = rotated(xdout, 2);
  std::copy_n(xdout.begin() + 3, keys.ak.size(), keys.ak.begin());
  return keys;
}

Mac XorAuth::f1(const Rand& rand, const Sqn& sqn, const Amf& amf) {
  const Rand xdout = xdout_of(m_k, rand);
  std::array<std::uint8_t, 8> mac;  // steps 3 and 4: xor with CDOUT = SQN || AMF
  for (std::size_t i = 0; i < sqn.size(); ++i) mac[i] = xdout[i] ^ sqn[i];
  for (std::size_t i = 0; i < amf.size(); ++i) mac[6 + i] = xdout[6 + i] ^ amf[i];
  return Mac(BytesView(mac));
}

Result<XorGsm> XorGsm::from(const SecretBytes& ki) {
  if (ki.size() != 16) return fail(ErrorCode::kRange, "XOR-2G: Ki has 16 bytes");
  return XorGsm(ki.clone());
}

GsmAnswer XorGsm::a3a8(const Rand& rand) {
  const Rand res1 = xdout_of(m_ki, rand);
  GsmAnswer answer;
  std::copy_n(res1.begin(), answer.sres.size(), answer.sres.begin());
  answer.kc = SecretBytes(BytesView(res1).subspan(4, 8));
  return answer;
}

}  // namespace uicclab::crypto
