// SPDX-License-Identifier: Apache-2.0
// Freshness of sequence numbers: 3GPP TS 33.102 annex C.2.
#include "applet/aka/sqn.hpp"

#include <doctest/doctest.h>

#include "core/environment.hpp"

using namespace uicclab;
using namespace uicclab::applet::aka;

namespace {

/// SQN of a SEQ and an IND of five bits.
constexpr std::uint64_t sqn(std::uint64_t seq, std::uint64_t ind) {
  return (seq << 5) | ind;
}

SqnState accepted(const SqnRules& rules, std::initializer_list<std::uint64_t> numbers) {
  SqnState state(rules, 0);
  for (std::uint64_t number : numbers) {
    REQUIRE(state.judge(number) == SqnVerdict::kFresh);
    state.accept(number);
  }
  return state;
}

struct Case {
  const char* what;
  SqnRules rules;
  std::initializer_list<std::uint64_t> before;
  std::uint64_t number;
  SqnVerdict verdict;
};

constexpr SqnRules kPlain{5, 0, 0};
constexpr SqnRules kDelta100{5, 100, 0};
constexpr SqnRules kAge10{5, 0, 10};
constexpr SqnRules kNoInd{0, 0, 0};

}  // namespace

TEST_CASE("the freshness of a sequence number depends on delta, age limit and its IND's last SEQ (TS 33.102 C.2)") {
  using enum SqnVerdict;
  const std::initializer_list<Case> cases = {
      {"zero on a new card", kPlain, {}, 0, kUsed},
      {"SEQ 0 under another IND of a new card", kPlain, {}, sqn(0, 31), kUsed},
      {"the first of all", kPlain, {}, sqn(1, 0), kFresh},
      {"replayed", kPlain, {sqn(7, 3)}, sqn(7, 3), kUsed},
      {"one back under the same IND", kPlain, {sqn(7, 3)}, sqn(6, 3), kUsed},
      {"one ahead under the same IND", kPlain, {sqn(7, 3)}, sqn(8, 3), kFresh},
      {"the same SEQ under another IND", kPlain, {sqn(7, 3)}, sqn(7, 4), kFresh},
      {"out of order, another IND", kPlain, {sqn(7, 3), sqn(100, 4)}, sqn(8, 5), kFresh},
      {"out of order, used under its IND", kPlain, {sqn(7, 3), sqn(100, 4)}, sqn(7, 3), kUsed},
      {"out of order, newer under its IND", kPlain, {sqn(7, 3), sqn(100, 4)}, sqn(99, 3), kFresh},
      {"the jump of exactly delta", kDelta100, {sqn(7, 3)}, sqn(107, 3), kFresh},
      {"a jump of more than delta", kDelta100, {sqn(7, 3)}, sqn(108, 3), kTooFarAhead},
      {"a jump is counted from the highest of all", kDelta100, {sqn(7, 3), sqn(90, 4)}, sqn(190, 3), kFresh},
      {"a jump of more than delta under a fresh IND", kDelta100, {}, sqn(101, 9), kTooFarAhead},
      {"the largest number of all", kDelta100, {}, kSqnMax, kTooFarAhead},
      {"the largest number of all, no delta", kPlain, {}, kSqnMax, kFresh},
      {"after the largest nothing is fresh under its IND", kPlain, {kSqnMax}, sqn(1, 31), kUsed},
      {"no wrap around under the same IND", kPlain, {kSqnMax}, kSqnMax, kUsed},
      {"exactly as old as allowed", kAge10, {sqn(50, 1)}, sqn(40, 2), kFresh},
      {"older than allowed", kAge10, {sqn(50, 1)}, sqn(39, 2), kTooOld},
      {"old and used is told as old", kAge10, {sqn(20, 2), sqn(50, 1)}, sqn(20, 2), kTooOld},
      {"without IND: ahead", kNoInd, {41}, 42, kFresh},
      {"without IND: the same", kNoInd, {41}, 41, kUsed},
      {"without IND: back", kNoInd, {41}, 40, kUsed},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(accepted(c.rules, c.before).judge(c.number) == c.verdict);
  }
}

TEST_CASE("SQN_MS is the highest number accepted, whatever its IND (TS 33.102 C.2.2)") {
  SqnState state = accepted(kPlain, {sqn(7, 9), sqn(7, 3)});
  CHECK(state.highest() == sqn(7, 9));
  state.accept(sqn(8, 0));
  CHECK(state.highest() == sqn(8, 0));
  state.accept(sqn(5, 1));
  CHECK(state.highest() == sqn(8, 0));
}

TEST_CASE("a card that starts at a number accepts nothing up to its SEQ under any IND") {
  const SqnState state(kPlain, sqn(1000, 4));
  CHECK(state.highest() == sqn(1000, 4));
  for (std::uint64_t ind = 0; ind < 32; ++ind) {
    CHECK(state.judge(sqn(1000, ind)) == SqnVerdict::kUsed);
    CHECK(state.judge(sqn(1001, ind)) == SqnVerdict::kFresh);
  }
}

TEST_CASE("the state survives its encoding, and a wrong one is refused") {
  const SqnState state = accepted(kPlain, {sqn(7, 3), sqn(100, 4), sqn(8, 5)});
  const auto again = SqnState::from(kPlain, state.encoded());
  REQUIRE(again);
  CHECK(equal(again->encoded(), state.encoded()));
  CHECK(again->judge(sqn(8, 5)) == SqnVerdict::kUsed);
  CHECK(state.encoded().size() == 6 + 32 * 6);

  Bytes wrong = to_bytes(state.encoded());
  wrong.pop_back();
  CHECK(SqnState::from(kPlain, wrong).error().code == ErrorCode::kTruncated);
  wrong.resize(wrong.size() + 2);
  CHECK(SqnState::from(kPlain, wrong).error().code == ErrorCode::kTrailing);
  CHECK_FALSE(SqnState::from(kNoInd, state.encoded()));
  wrong.pop_back();
  wrong[6] = 0x01;  // SEQ_MS(0) above SQN_MS
  CHECK(SqnState::from(kPlain, wrong).error().code == ErrorCode::kMalformed);
}

TEST_CASE("no number is ever accepted twice, in whatever order they come") {
  SeededRandom random(33102);
  SqnState state({3, 40, 30}, 0);
  std::vector<std::uint64_t> seen;
  for (int i = 0; i < 4000; ++i) {
    const std::uint64_t base = state.highest() > 200 ? state.highest() - 200 : 0;
    const std::uint64_t number = base + random.next() % 500;
    const std::uint64_t highest = state.highest();
    if (state.judge(number) != SqnVerdict::kFresh) continue;
    REQUIRE(std::ranges::find(seen, number) == seen.end());
    seen.push_back(number);
    state.accept(number);
    REQUIRE(state.highest() == std::max(highest, number));
    REQUIRE(state.judge(number) != SqnVerdict::kFresh);
  }
  CHECK(seen.size() > 500);
}
