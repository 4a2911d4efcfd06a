// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_coding.hpp"

#include <doctest/doctest.h>

using namespace uicclab::ota;

TEST_CASE("TP-DCS: alphabet, compression and class (TS 23.038 clause 4)") {
  struct Example {
    std::uint8_t dcs;
    Alphabet alphabet;
    bool compressed;
    int message_class;  // -1: none
  };
  for (const Example& e :
       {Example{0x00, Alphabet::kGsm7, false, -1}, Example{0x04, Alphabet::k8Bit, false, -1}, Example{0x08, Alphabet::kUcs2, false, -1},
        Example{0x0C, Alphabet::kGsm7, false, -1}, Example{0x16, Alphabet::k8Bit, false, 2}, Example{0x56, Alphabet::k8Bit, false, 2},
        Example{0x22, Alphabet::kGsm7, true, -1}, Example{0x11, Alphabet::kGsm7, false, 1}, Example{0x83, Alphabet::kGsm7, false, -1},
        Example{0xC8, Alphabet::kGsm7, false, -1}, Example{0xD8, Alphabet::kGsm7, false, -1}, Example{0xE8, Alphabet::kUcs2, false, -1},
        Example{0xF0, Alphabet::kGsm7, false, 0}, Example{0xF5, Alphabet::k8Bit, false, 1}, Example{0xF6, Alphabet::k8Bit, false, 2},
        Example{0xF7, Alphabet::k8Bit, false, 3}}) {
    CAPTURE(int{e.dcs});
    const DataCoding coding = data_coding(e.dcs);
    CHECK(coding.alphabet == e.alphabet);
    CHECK(coding.compressed == e.compressed);
    CHECK((coding.message_class ? static_cast<int>(*coding.message_class) : -1) == e.message_class);
  }
}

TEST_CASE("TP-UDL counts septets only in the uncompressed 7 bit alphabet (TS 23.040 clause 9.2.3.16)") {
  CHECK(user_data_octets(0x00, 160) == 140);
  CHECK(user_data_octets(0x00, 1) == 1);
  CHECK(user_data_octets(0x00, 8) == 7);
  CHECK(user_data_octets(0x00, 0) == 0);
  CHECK(user_data_octets(0x20, 8) == 8);
  CHECK(user_data_octets(0xF6, 140) == 140);
  CHECK(user_data_octets(0x08, 70) == 70);
}

TEST_CASE("Only PID 7F or 7C with 8 bit class 2 is data download to the card (TS 31.111 clause 7.1.1.1)") {
  CHECK(is_sim_data_download(0x7F, 0xF6));
  CHECK(is_sim_data_download(0x7F, 0x16));
  CHECK(is_sim_data_download(0x7C, 0xF6));
  CHECK_FALSE(is_sim_data_download(0x7F, 0xF5));
  CHECK_FALSE(is_sim_data_download(0x7F, 0xF2));
  CHECK_FALSE(is_sim_data_download(0x7F, 0x04));
  CHECK_FALSE(is_sim_data_download(0x7D, 0xF6));
  CHECK_FALSE(is_sim_data_download(0x00, 0xF6));
}
