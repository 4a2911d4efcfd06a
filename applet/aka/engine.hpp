// SPDX-License-Identifier: Apache-2.0
// A subscriber's algorithms with their keys set: made once, kept for as long as the card is powered.
#pragma once

#include <memory>

#include "applet/aka/subscriber.hpp"
#include "core/crypto/gsm_conversion.hpp"

namespace uicclab::applet::aka {

/// f1 to f5* of a subscriber, for either end. Errors: kRange if a key or a length does not fit, kUnsupported for a GSM algorithm.
Result<std::unique_ptr<crypto::AuthAlgorithm>> make_aka_algorithm(const Subscriber& subscriber);

class Engine {
 public:
  /// Errors: kRange if a key or a length does not fit the algorithm.
  static Result<Engine> from(const Subscriber& subscriber);

  std::uint8_t pin() const { return m_pin; }
  const SqnRules& sqn_rules() const { return m_rules; }

  /// f1 to f5* are there; not so with a COMP128 subscriber.
  bool has_aka() const { return m_aka != nullptr; }
  /// Bytes of MAC-A. AUTN has 8 more.
  std::size_t mac_size() const { return m_mac_size; }
  /// What a challenge asks for (3GPP TS 33.102 clause 6.3.3), RES cut to its length. Only with has_aka().
  crypto::Answer answer(const crypto::Rand& rand, const crypto::Sqn& concealed_sqn, const crypto::Amf& amf);
  /// AUTS for this SQN_MS. Only with has_aka().
  crypto::Auts auts(const crypto::Rand& rand, std::uint64_t sqn_ms);
  /// SRES and Kc of the GSM context.
  crypto::GsmAnswer gsm(const crypto::Rand& rand);

 private:
  Engine() = default;
  void cut(crypto::Res& res) const;

  std::unique_ptr<crypto::AuthAlgorithm> m_aka;
  std::unique_ptr<crypto::GsmAlgorithm> m_gsm;  ///< null: converted from the other
  crypto::SresMethod m_sres = crypto::SresMethod::kC2;
  std::size_t m_res_size = 8;
  std::size_t m_mac_size = 8;
  std::uint8_t m_pin = 0;
  SqnRules m_rules;
};

/// A sequence number as six bytes and as a number.
std::uint64_t to_number(const crypto::Sqn& sqn);
crypto::Sqn to_sqn(std::uint64_t number);

}  // namespace uicclab::applet::aka
