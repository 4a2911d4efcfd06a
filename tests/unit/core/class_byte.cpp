// SPDX-License-Identifier: Apache-2.0
#include "core/class_byte.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::apdu;

TEST_CASE("A class byte goes to each channel and back, with its kind, secure messaging and chaining (ISO/IEC 7816-4 clause 5.1.1)") {
  for (const int base : {0x00, 0x04, 0x10, 0x14, 0x80, 0x84, 0x90, 0x94}) {
    const auto cla = static_cast<std::uint8_t>(base);
    for (std::uint8_t channel = 0; channel < 20; ++channel) {
      CAPTURE(base);
      CAPTURE(int{channel});
      const std::uint8_t on = cla_for_channel(cla, channel);
      CHECK(channel_of(on) == channel);
      CHECK(is_secured(on) == is_secured(cla));
      CHECK(is_proprietary(on) == is_proprietary(cla));
      CHECK((on & 0x10) == (cla & 0x10));
      CHECK(cla_on_basic_channel(on) == cla);
      CHECK(is_secured_by_globalplatform(secured_class(on)));
      CHECK_FALSE(is_secured(plain_class(on)));
      CHECK(channel_of(secured_class(on)) == channel);
    }
  }
}

TEST_CASE("The classes of a UICC: 0X, 4X, 6X, 8X, CX and EX (TS 102 221 tables 10.3 and 10.4)") {
  for (int cla = 0; cla < 256; ++cla) {
    const int kind = cla & 0xF0;
    const bool expected = kind == 0x00 || kind == 0x40 || kind == 0x60 || kind == 0x80 || kind == 0xC0 || kind == 0xE0;
    CHECK(is_of_uicc(static_cast<std::uint8_t>(cla)) == expected);
  }
}

TEST_CASE("Without channels and secure messaging: 00 and 80; 6882 for secure messaging, 6E00 for the rest (TS 102 221 clause 10.2.1.5)") {
  CHECK_FALSE(refuse_unless_plain(0x00));
  CHECK_FALSE(refuse_unless_plain(0x80));
  CHECK(refuse_unless_plain(0x04) == sw::kSecureMessagingNotSupported);
  CHECK(refuse_unless_plain(0x8C) == sw::kSecureMessagingNotSupported);
  CHECK(refuse_unless_plain(0x01) == sw::kClaNotSupported);
  CHECK(refuse_unless_plain(0x40) == sw::kClaNotSupported);
  CHECK(refuse_unless_plain(0xA0) == sw::kClaNotSupported);
}
