// SPDX-License-Identifier: Apache-2.0
#include "core/gsm_alphabet.hpp"

#include <doctest/doctest.h>

using namespace uicclab;

TEST_CASE("Septets are packed from the low bits on (TS 23.038 clause 6.1.2.1)") {
  CHECK(gsm::pack(as_bytes("1234")) == to_bytes("31D98C06"_h));
  CHECK(gsm::pack(as_bytes("hellohello")) == to_bytes("E8329BFD4697D9EC37"_h));
  Bytes all;
  for (std::uint8_t septet = 0; septet < 0x80; ++septet) {
    CHECK(gsm::unpack(gsm::pack(all), all.size()) == all);
    all.push_back(septet);
  }
  CHECK(gsm::unpack("31D98C06"_h, 100).size() == 4);
  CHECK(gsm::unpack({}, 1).empty());
}

TEST_CASE("The default alphabet and its extension, both ways (TS 23.038 clauses 6.2.1 and 6.2.1.1)") {
  for (std::uint8_t septet = 0; septet < 0x80; ++septet) {
    if (septet == 0x1B) continue;
    CAPTURE(static_cast<int>(septet));
    CHECK(gsm::septets_of(gsm::text_of(Bytes{septet})) == Bytes{septet});
  }
  CHECK(gsm::septets_of("@$_{€") == Bytes{0x00, 0x02, 0x11, 0x1B, 0x28, 0x1B, 0x65});
  CHECK(gsm::text_of("1B651B001B"_h) == "€??");  // of the extension; not in it; an escape with nothing behind it
  CHECK_FALSE(gsm::septets_of("\xD0\x91"));      // Cyrillic
  CHECK_FALSE(gsm::septets_of("\xFF"));          // no UTF-8
  CHECK_FALSE(gsm::septets_of("\xE2\x82"));      // cut
}
