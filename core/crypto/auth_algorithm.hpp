// SPDX-License-Identifier: Apache-2.0
// The interface of a USIM's authentication algorithm (3GPP TS 33.102 clauses 6.3.2, 6.3.3 and 6.3.5), and the tokens made of the answers,
// both ends: AUTN and AUTS.
#pragma once

#include <array>
#include <cstdint>

#include "core/bytes.hpp"
#include "core/crypto/secret.hpp"
#include "core/result.hpp"

namespace uicclab::crypto {

using Rand = std::array<std::uint8_t, 16>;
using Sqn = std::array<std::uint8_t, 6>;
using Ak = std::array<std::uint8_t, 6>;
using Amf = std::array<std::uint8_t, 2>;

/// At most N bytes, inline: the lengths of MAC and RES are the operator's choice, the largest of them is known.
template <std::size_t N>
class InlineBytes {
 public:
  InlineBytes() = default;
  /// Takes the first N bytes of a longer view.
  explicit InlineBytes(BytesView bytes) : m_size(static_cast<std::uint8_t>(std::min(bytes.size(), N))) {
    std::copy_n(bytes.begin(), m_size, m_bytes.begin());
  }
  std::size_t size() const { return m_size; }
  BytesView view() const { return {m_bytes.data(), m_size}; }
  operator BytesView() const { return view(); }  // NOLINT(google-explicit-constructor): it is one, of a known greatest length

 private:
  static_assert(N <= 255);
  std::array<std::uint8_t, N> m_bytes{};
  std::uint8_t m_size = 0;
};

/// MAC-A and MAC-S: 8 bytes; with TUAK also 16 or 32.
using Mac = InlineBytes<32>;
/// 4 to 16 bytes; with TUAK also 32.
using Res = InlineBytes<32>;
/// SQN xor AK || AMF || MAC-A: 16 bytes with a MAC of 8.
using Autn = InlineBytes<40>;
/// SQN_MS xor AK || MAC-S: 14 bytes with a MAC of 8.
using Auts = InlineBytes<38>;

/// What f2 to f5 make of one RAND. CK and IK have 16 bytes; with TUAK also 32.
struct F2345 {
  Res res;
  SecretBytes ck;
  SecretBytes ik;
  Ak ak{};
};

/// What a USIM has to know to judge and answer one challenge.
struct Answer {
  Sqn sqn{};   ///< SQN of the challenge, uncovered with AK
  Mac xmac;    ///< what MAC-A must be; compare with constant_time_equal()
  F2345 keys;  ///< goes out only if MAC-A and SQN are good
};

/// The functions f1 to f5* with one subscriber's key. Not thread-safe: an object keeps its cipher contexts.
class AuthAlgorithm {
 public:
  virtual ~AuthAlgorithm() = default;

  virtual F2345 f2345(const Rand& rand) = 0;
  virtual Mac f1(const Rand& rand, const Sqn& sqn, const Amf& amf) = 0;
  /// For resynchronisation.
  virtual Mac f1star(const Rand& rand, const Sqn& sqn, const Amf& amf) = 0;
  virtual Ak f5star(const Rand& rand) = 0;

  /// Everything for one AUTHENTICATE from RAND and the first eight bytes of AUTN; the same as f2345() and f1(), but nothing twice.
  virtual Answer answer(const Rand& rand, const Sqn& concealed_sqn, const Amf& amf);

 protected:
  AuthAlgorithm() = default;
  AuthAlgorithm(AuthAlgorithm&&) = default;
  AuthAlgorithm& operator=(AuthAlgorithm&&) = default;
};

/// SQN xor AK, either way.
Sqn conceal(const Sqn& sqn, const Ak& ak);

/// The home network's AUTN (TS 33.102 clause 6.3.2).
Autn make_autn(AuthAlgorithm& algorithm, const Rand& rand, const Sqn& sqn, const Amf& amf);

/// The USIM's AUTS, with AMF* = 0000 (TS 33.102 clause 6.3.3).
Auts make_auts(AuthAlgorithm& algorithm, const Rand& rand, const Sqn& sqn_ms);

/// The home network's end of a resynchronisation (TS 33.102 clause 6.3.5): SQN_MS of a good AUTS.
/// Errors: kTruncated or kTrailing if the length does not fit the algorithm's MAC, kMismatch if MAC-S is wrong.
Result<Sqn> open_auts(AuthAlgorithm& algorithm, const Rand& rand, BytesView auts);

}  // namespace uicclab::crypto
