// SPDX-License-Identifier: Apache-2.0
// The sequence numbers a USIM accepts: 3GPP TS 33.102 annex C.2 (array of the accepted SEQ by IND), C.1.1 (SQN = SEQ || IND).
#pragma once

#include <cstdint>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::applet::aka {

/// A sequence number has 48 bits (TS 33.102 clause 6.3.2).
inline constexpr std::uint64_t kSqnMax = (std::uint64_t{1} << 48) - 1;

/// What the operator chose (TS 33.102 clauses C.2 and C.3); differences are of SEQ, not of SQN.
struct SqnRules {
  std::uint8_t ind_bits = 5;                     ///< length of IND: the array has 2^ind_bits elements; 0 to 8
  std::uint64_t delta = std::uint64_t{1} << 28;  ///< largest jump ahead of the highest SEQ; 0: any
  std::uint64_t age_limit = 0;                   ///< L: how far SEQ may lie behind the highest; 0: any distance
  bool operator==(const SqnRules&) const = default;
};

/// Why a sequence number is fresh or is not.
enum class SqnVerdict {
  kFresh,
  kUsed,         ///< not above the last one accepted under this IND (C.2.2)
  kTooFarAhead,  ///< a jump of more than delta (C.2.1)
  kTooOld        ///< further back than the age limit (C.2.3)
};

/// SQN_MS and the array. Persistent as it is: encoded() is SQN_MS, then SEQ_MS(0), SEQ_MS(1), ..., each in 6 bytes.
class SqnState {
 public:
  /// A card that last accepted `sqn`, and nothing newer under any IND.
  SqnState(const SqnRules& rules, std::uint64_t sqn);
  /// Errors: kTruncated, kTrailing if the size is not that of these rules, kMalformed if an element lies above SQN_MS.
  static Result<SqnState> from(const SqnRules& rules, BytesView encoded);

  SqnVerdict judge(std::uint64_t sqn) const;
  /// Takes over a number that judge() found fresh.
  void accept(std::uint64_t sqn);
  /// SQN_MS: the highest number accepted so far, what AUTS carries.
  std::uint64_t highest() const { return element(0); }
  BytesView encoded() const { return m_bytes; }

 private:
  SqnState(const SqnRules& rules, Bytes encoded) : m_rules(rules), m_bytes(std::move(encoded)) {}

  std::uint64_t seq_of(std::uint64_t sqn) const { return sqn >> m_rules.ind_bits; }
  std::size_t element_of(std::uint64_t sqn) const { return 1 + static_cast<std::size_t>(sqn & ((1U << m_rules.ind_bits) - 1)); }
  std::uint64_t element(std::size_t number) const;
  void set_element(std::size_t number, std::uint64_t value);

  SqnRules m_rules;
  Bytes m_bytes;
};

}  // namespace uicclab::applet::aka
