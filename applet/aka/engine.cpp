// SPDX-License-Identifier: Apache-2.0
#include "applet/aka/engine.hpp"

#include "core/crypto/comp128.hpp"
#include "core/crypto/xor_auth.hpp"

namespace uicclab::applet::aka {
namespace {

/// Takes a made algorithm to the heap, behind its interface.
template <typename Interface, typename T>
Result<void> take(std::unique_ptr<Interface>& slot, Result<T> made) {
  if (!made) return tl::unexpected(made.error());
  slot = std::make_unique<T>(*std::move(made));
  return {};
}

Result<void> make_aka(const Subscriber& s, std::unique_ptr<crypto::AuthAlgorithm>& out) {
  switch (s.algorithm) {
    case Algorithm::kMilenage:
      return take(out, crypto::Milenage::from(s.k, s.opc, s.milenage));
    case Algorithm::kTuak:
      return take(out, crypto::Tuak::from(s.k, s.opc, s.tuak));
    case Algorithm::kXor:
      return take(out, crypto::XorAuth::from(s.k, s.res_length));
    default:
      return {};
  }
}

Result<void> make_gsm(const Subscriber& s, std::unique_ptr<crypto::GsmAlgorithm>& out) {
  switch (s.gsm) {
    case Algorithm::kXor:
      return take(out, crypto::XorGsm::from(s.gsm_ki));
    case Algorithm::kComp128v1:
      return take(out, crypto::Comp128::from(crypto::Comp128Version::k1, s.gsm_ki));
    case Algorithm::kComp128v2:
      return take(out, crypto::Comp128::from(crypto::Comp128Version::k2, s.gsm_ki));
    case Algorithm::kComp128v3:
      return take(out, crypto::Comp128::from(crypto::Comp128Version::k3, s.gsm_ki));
    default:
      return {};
  }
}

}  // namespace

Result<std::unique_ptr<crypto::AuthAlgorithm>> make_aka_algorithm(const Subscriber& subscriber) {
  std::unique_ptr<crypto::AuthAlgorithm> out;
  if (auto made = make_aka(subscriber, out); !made) return tl::unexpected(made.error());
  if (!out) return fail(ErrorCode::kUnsupported, "a GSM algorithm has no functions f1 to f5");
  return out;
}

Result<Engine> Engine::from(const Subscriber& s) {
  Engine engine;
  if (auto made = make_aka(s, engine.m_aka); !made) return tl::unexpected(made.error());
  if (auto made = make_gsm(s, engine.m_gsm); !made) return tl::unexpected(made.error());
  if (!engine.m_aka && !engine.m_gsm) return fail(ErrorCode::kRange, "a GSM algorithm derived from none");
  if (s.gsm == Algorithm::kDerivedTruncated) engine.m_sres = crypto::SresMethod::kTruncated;
  if (s.algorithm == Algorithm::kTuak) engine.m_mac_size = s.tuak.mac_size;
  engine.m_res_size = s.res_length;
  engine.m_pin = s.pin;
  engine.m_rules = s.sqn;
  return engine;
}

void Engine::cut(crypto::Res& res) const {
  if (res.size() > m_res_size) res = crypto::Res(res.view().first(m_res_size));
}

crypto::Answer Engine::answer(const crypto::Rand& rand, const crypto::Sqn& concealed_sqn, const crypto::Amf& amf) {
  crypto::Answer answer = m_aka->answer(rand, concealed_sqn, amf);
  cut(answer.keys.res);
  return answer;
}

crypto::Auts Engine::auts(const crypto::Rand& rand, std::uint64_t sqn_ms) {
  return crypto::make_auts(*m_aka, rand, to_sqn(sqn_ms));
}

crypto::GsmAnswer Engine::gsm(const crypto::Rand& rand) {
  if (m_gsm) return m_gsm->a3a8(rand);
  crypto::F2345 keys = m_aka->f2345(rand);
  cut(keys.res);
  return crypto::convert(keys, m_sres);
}

std::uint64_t to_number(const crypto::Sqn& sqn) {
  std::uint64_t number = 0;
  for (std::uint8_t byte : sqn) number = (number << 8) | byte;
  return number;
}

crypto::Sqn to_sqn(std::uint64_t number) {
  crypto::Sqn sqn;
  for (std::size_t i = sqn.size(); i-- > 0; number >>= 8) sqn[i] = static_cast<std::uint8_t>(number);
  return sqn;
}

}  // namespace uicclab::applet::aka
