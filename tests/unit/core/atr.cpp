// SPDX-License-Identifier: Apache-2.0
#include "core/atr.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::literals;

TEST_CASE("ATR: protocols of test cards (ISO/IEC 7816-3 clause 8.2.3)") {
  SUBCASE("TD1 names T=0, T=15 marks global bytes: T=0 only, TCK present (an ATR of a sysmoISIM-SJA5)") {
    const auto atr = "3B9F96801F878031E073FE211B674A357530350265F8"_h;
    const auto info = parse_atr(atr);
    REQUIRE(info);
    CHECK(info->first_protocol == 0);
    CHECK(info->offers(Protocol::kT0));
    CHECK_FALSE(info->offers(Protocol::kT1));
    CHECK_FALSE(info->specific_mode);
    CHECK(to_hex(info->historical) == "8031E073FE211B674A357530350265");
  }
  SUBCASE("without TD1 it is T=0, and there is no TCK") {
    const auto atr = "3B02 1450"_h;
    const auto info = parse_atr(atr);
    REQUIRE(info);
    CHECK(info->offered == 1);
    CHECK(to_hex(info->historical) == "1450");
  }
  SUBCASE("T=0 first, T=1 second") {
    const auto info = parse_atr("3B80 80 01 01"_h);
    REQUIRE(info);
    CHECK(info->first_protocol == 0);
    CHECK(info->offers(Protocol::kT1));
  }
  SUBCASE("T=1 alone") {
    const auto info = parse_atr("3B80 01 81"_h);
    REQUIRE(info);
    CHECK(info->first_protocol == 1);
    CHECK_FALSE(info->offers(Protocol::kT0));
  }
  SUBCASE("TA2 is specific mode and fixes the protocol (clause 8.3)") {
    const auto info = parse_atr("3B80 11 01 90"_h);
    REQUIRE(info);
    CHECK(info->specific_mode);
    CHECK(info->first_protocol == 1);
    CHECK_FALSE(info->offers(Protocol::kT0));
  }
}

TEST_CASE("ATR: a malformed ATR is refused with its offset (ISO/IEC 7816-3 clause 8.2)") {
  CHECK(parse_atr({}).error().code == ErrorCode::kTruncated);
  CHECK(parse_atr("3B"_h).error().code == ErrorCode::kTruncated);
  CHECK(parse_atr("0000"_h).error().code == ErrorCode::kMalformed);
  CHECK(parse_atr("3BF0 11"_h).error().code == ErrorCode::kTruncated);
  CHECK(parse_atr("3B80 90 01 10"_h).error().code == ErrorCode::kTruncated);  // TD2 announces a TA3
  CHECK(parse_atr("3B03 0102"_h).error().code == ErrorCode::kTruncated);
  CHECK(parse_atr("3B80 01"_h).error().code == ErrorCode::kTruncated);
  const auto bad_tck = parse_atr("3B80 01 80"_h);
  REQUIRE_FALSE(bad_tck);
  CHECK(bad_tck.error().code == ErrorCode::kMismatch);
  CHECK(bad_tck.error().offset == 3);
  CHECK(parse_atr("3B00 00"_h).error().code == ErrorCode::kTrailing);
  CHECK(parse_atr(Bytes(34, 0x3B)).error().code == ErrorCode::kRange);
}
