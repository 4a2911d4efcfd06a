// SPDX-License-Identifier: Apache-2.0
#include "ota/secured_packet_header.hpp"

#include <doctest/doctest.h>

using namespace uicclab::ota;

TEST_CASE("Every bit of the SPI has its meaning; reserved bits have none (TS 102 225 clause 5.1.1)") {
  const Spi none{};
  CHECK(none.check() == Check::kNone);
  CHECK_FALSE(none.ciphered());
  CHECK(none.counter_mode() == CounterMode::kNone);
  CHECK(none.por() == PorMode::kNever);
  CHECK(none.por_check() == Check::kNone);
  CHECK_FALSE(none.por_ciphered());
  CHECK_FALSE(none.por_by_submit());
  const Spi reserved{0xE0, 0xC0};
  CHECK(reserved.check() == Check::kNone);
  CHECK(reserved.counter_mode() == CounterMode::kNone);
  CHECK(reserved.por() == PorMode::kNever);
  CHECK_FALSE(reserved.por_by_submit());
  const Spi usual{0x16, 0x39};
  CHECK(usual.check() == Check::kCc);
  CHECK(usual.ciphered());
  CHECK(usual.counter_mode() == CounterMode::kHigher);
  CHECK(usual.por() == PorMode::kAlways);
  CHECK(usual.por_check() == Check::kCc);
  CHECK(usual.por_ciphered());
  CHECK(usual.por_by_submit());
  CHECK(Spi{0x19, 0x06}.check() == Check::kRc);
  CHECK(Spi{0x19, 0x06}.counter_mode() == CounterMode::kOneHigher);
  CHECK(Spi{0x0B, 0x0E}.check() == Check::kDs);
  CHECK(Spi{0x0B, 0x0E}.counter_mode() == CounterMode::kUnchecked);
  CHECK(Spi{0x0B, 0x0E}.por() == PorMode::kOnError);
  CHECK(Spi{0x0B, 0x0E}.por_check() == Check::kDs);
  CHECK(Spi{0x19, 0x06}.por_check() == Check::kRc);
}

TEST_CASE("A minimum security level holds field by field (TS 102 226 clause 8.2.1.3.2.4.2)") {
  CHECK(meets_minimum_security(0x00, 0x00));
  CHECK(meets_minimum_security(0x02, 0x02));
  CHECK(meets_minimum_security(0x16, 0x02));
  CHECK(meets_minimum_security(0x16, 0x16));
  CHECK(meets_minimum_security(0x1E, 0x16));
  CHECK_FALSE(meets_minimum_security(0x01, 0x02));  // RC for CC
  CHECK_FALSE(meets_minimum_security(0x12, 0x16));  // no ciphering
  CHECK_FALSE(meets_minimum_security(0x0E, 0x16));  // counter not checked
  CHECK_FALSE(meets_minimum_security(0x1C, 0x02));  // more of all else
  CHECK_FALSE(meets_minimum_security(0x04, 0x02));
  CHECK_FALSE(meets_minimum_security(0x16, 0x1A));
  for (unsigned level = 0; level < 0x20; ++level) {
    CHECK(meets_minimum_security(static_cast<std::uint8_t>(level), static_cast<std::uint8_t>(level)));
    CHECK(meets_minimum_security(0x1F, static_cast<std::uint8_t>(level)));
    CHECK(meets_minimum_security(static_cast<std::uint8_t>(0xE0 | level), static_cast<std::uint8_t>(level)));
  }
}

TEST_CASE("Every response status has words") {
  for (unsigned value = 0; value <= 0xFF; ++value) CHECK_FALSE(meaning(static_cast<ResponseStatus>(value)).empty());
  CHECK(meaning(static_cast<ResponseStatus>(0x0D)) == "reserved");
  CHECK(meaning(static_cast<ResponseStatus>(0xC0)) == "proprietary");
  CHECK(meaning(static_cast<ResponseStatus>(0xFF)) == "reserved");
}
