// SPDX-License-Identifier: Apache-2.0
#include "ota/crc.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::ota;

TEST_CASE("CRC-16 and CRC-32 have the values of others (TS 102 225 clause 5.1.3.2)") {
  const auto five = "0102030405"_h;  // from the tests of TapuGithub/gsm0348 @ 05fc6a1
  CHECK(crc16({five}) == 0x22EC);
  CHECK(crc32({five}) == 0x470B99F4);
  const BytesView check = as_bytes("123456789");  // the customary check values of CRC-16/X-25 and CRC-32
  CHECK(crc16({check}) == 0x906E);
  CHECK(crc32({check}) == 0xCBF43926);
}

TEST_CASE("A CRC is over the parts in a row") {
  const auto bytes = "00112233445566778899"_h;
  const BytesView view(bytes);
  for (std::size_t cut = 0; cut <= view.size(); ++cut) {
    CHECK(crc16({view.first(cut), view.subspan(cut)}) == crc16({view}));
    CHECK(crc32({view.first(cut), view.subspan(cut)}) == crc32({view}));
  }
  CHECK(crc16({}) == 0);
  CHECK(crc32({}) == 0);
}
