// SPDX-License-Identifier: Apache-2.0
#include "applet/aka/sqn.hpp"

namespace uicclab::applet::aka {
namespace {

constexpr std::size_t kElementSize = 6;

constexpr std::size_t encoded_size(const SqnRules& rules) {
  return kElementSize * (1 + (std::size_t{1} << rules.ind_bits));
}

}  // namespace

SqnState::SqnState(const SqnRules& rules, std::uint64_t sqn) : m_rules(rules), m_bytes(encoded_size(rules)) {
  set_element(0, sqn);
  for (std::size_t i = kElementSize; i < m_bytes.size(); i += kElementSize) set_element(i / kElementSize, seq_of(sqn));
}

Result<SqnState> SqnState::from(const SqnRules& rules, BytesView encoded) {
  const std::size_t size = encoded_size(rules);
  if (encoded.size() < size) return fail(ErrorCode::kTruncated, "SQN array too short for IND", encoded.size());
  if (encoded.size() > size) return fail(ErrorCode::kTrailing, "SQN array too long for IND", size);
  SqnState state(rules, to_bytes(encoded));
  const std::uint64_t seq_ms = state.seq_of(state.highest());
  for (std::size_t i = 1; i < size / kElementSize; ++i) {
    if (state.element(i) > seq_ms) return fail(ErrorCode::kMalformed, "SEQ above SQN_MS", i * kElementSize);
  }
  return state;
}

SqnVerdict SqnState::judge(std::uint64_t sqn) const {
  const std::uint64_t seq = seq_of(sqn);
  const std::uint64_t seq_ms = seq_of(highest());
  if (m_rules.delta != 0 && seq > seq_ms && seq - seq_ms > m_rules.delta) return SqnVerdict::kTooFarAhead;
  if (m_rules.age_limit != 0 && seq < seq_ms && seq_ms - seq > m_rules.age_limit) return SqnVerdict::kTooOld;
  return seq > element(element_of(sqn)) ? SqnVerdict::kFresh : SqnVerdict::kUsed;
}

void SqnState::accept(std::uint64_t sqn) {
  set_element(element_of(sqn), seq_of(sqn));
  if (sqn > highest()) set_element(0, sqn);
}

std::uint64_t SqnState::element(std::size_t number) const {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kElementSize; ++i) value = (value << 8) | m_bytes[number * kElementSize + i];
  return value;
}

void SqnState::set_element(std::size_t number, std::uint64_t value) {
  for (std::size_t i = kElementSize; i-- > 0; value >>= 8) m_bytes[number * kElementSize + i] = static_cast<std::uint8_t>(value);
}

}  // namespace uicclab::applet::aka
