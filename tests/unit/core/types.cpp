// SPDX-License-Identifier: Apache-2.0
#include "core/types.hpp"

#include <doctest/doctest.h>

#include "core/environment.hpp"

using namespace uicclab;

TEST_CASE("AID: 5 to 16 bytes, no other length (ISO/IEC 7816-4 clause 8.2.1.2)") {
  for (std::size_t size = 0; size <= 20; ++size) {
    const auto aid = Aid::from(Bytes(size, 0xA0));
    CHECK(aid.has_value() == (size >= 5 && size <= 16));
    if (aid) {
      CHECK(aid->bytes().size() == size);
    } else {
      CHECK(aid.error().code == ErrorCode::kRange);
    }
  }
  CHECK(Aid().empty());
}

TEST_CASE("AID: a right-truncated one selects those that begin with it (TS 102 221 clause 8.5.1.2)") {
  const Aid usim = Aid::from("A0000000871002FF49FF0589"_h).value();
  CHECK(usim.begins_with("A000000087"_h));
  CHECK(usim.begins_with("A0000000871002FF49FF0589"_h));
  CHECK(usim.begins_with({}));
  CHECK_FALSE(usim.begins_with("A0000000871004"_h));
  CHECK_FALSE(usim.begins_with("A0000000871002FF49FF058900"_h));
  CHECK(usim != Aid::from("A0000000871002"_h).value());
  CHECK(usim == Aid::from("A0000000871002FF49FF0589"_h).value());
  CHECK(Aid::from("A000000087"_h).value() < usim);
}

TEST_CASE("identifiers as text") {
  CHECK(to_hex(Fid{0x6F07}) == "6F07");
  CHECK(to_hex(Fid{0x000A}) == "000A");
  CHECK(to_hex(Tar{{0xB0, 0x01, 0x40}}) == "B00140");
}

TEST_CASE("seeded random: the same seed gives the same bytes, another one others, and the values are SplitMix64's") {
  SeededRandom a(1234567);
  CHECK(a.next() == 6457827717110365317ULL);
  CHECK(a.next() == 3203168211198807973ULL);
  std::array<std::uint8_t, 20> first{};
  std::array<std::uint8_t, 20> second{};
  std::array<std::uint8_t, 20> other{};
  SeededRandom(9).fill(first);
  SeededRandom(9).fill(second);
  SeededRandom(10).fill(other);
  CHECK(first == second);
  CHECK(first != other);
}

TEST_CASE("clocks: the manual one moves when told to, the system's never backwards") {
  ManualClock manual;
  CHECK(manual.now().count() == 0);
  manual.advance(std::chrono::milliseconds(1500));
  CHECK(manual.now().count() == 1500);
  const SystemClock system;
  const auto before = system.now();
  CHECK(system.now() >= before);
}
