// SPDX-License-Identifier: Apache-2.0
#include "core/status_word.hpp"

#include <doctest/doctest.h>

using namespace uicclab;

static_assert(StatusWord{0x6A82}.sw1() == 0x6A && StatusWord{0x6A82}.sw2() == 0x82);
static_assert(sw::tries_left(3).value == 0x63C3 && sw::tries_left(0).value == 0x63C0);
static_assert(sw::bytes_available(1).value == 0x6101 && sw::bytes_available(255).value == 0x61FF);
static_assert(sw::bytes_available(256).value == 0x6100 && sw::bytes_available(1000).value == 0x6100);
static_assert(sw::exact_length(16).value == 0x6C10 && sw::exact_length(256).value == 0x6C00);
static_assert(sw::proactive_pending(16).value == 0x9110 && sw::gsm_bytes_available(26).value == 0x9F1A);

TEST_CASE("status words: which of them say that the command was carried out (TS 102 221 clause 10.2.1)") {
  for (const int value : {0x9000, 0x9110, 0x9200, 0x6110, 0x9F10, 0x6282, 0x63C2}) {
    CAPTURE(value);
    CHECK(StatusWord{static_cast<std::uint16_t>(value)}.is_success());
  }
  for (const int value :
       {0x6400, 0x6581, 0x6700, 0x6982, 0x6A82, 0x6B00, 0x6C10, 0x6D00, 0x6E00, 0x6F00, 0x9300, 0x9404, 0x9804, 0x9862, 0x0000}) {
    CAPTURE(value);
    CHECK_FALSE(StatusWord{static_cast<std::uint16_t>(value)}.is_success());
  }
  CHECK(StatusWord{0x6282}.is_warning());
  CHECK_FALSE(StatusWord{0x6400}.is_warning());
}

TEST_CASE("status words: each has a text for people, and undefined ones are described as such") {
  CHECK(meaning(sw::kFileNotFound) == "file not found");
  CHECK(meaning(sw::tries_left(2)).starts_with("verification failed"));
  CHECK(meaning(StatusWord{0x9123}).find("proactive") != std::string_view::npos);
  CHECK(meaning(StatusWord{0x1234}) == "no meaning given by ETSI TS 102 221");
  CHECK(meaning(StatusWord{0x6A83}) != meaning(StatusWord{0x6A82}));
  for (unsigned value = 0; value <= 0xFFFF; ++value) CHECK_FALSE(meaning(StatusWord{static_cast<std::uint16_t>(value)}).empty());
  CHECK(to_hex(sw::kFileNotFound) == "6A82");
  CHECK(to_hex(StatusWord{0x000A}) == "000A");
}
