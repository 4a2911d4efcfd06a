// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_coding.hpp"

namespace uicclab::ota {
namespace {

Alphabet alphabet_bits(unsigned bits) {
  if (bits == 1) return Alphabet::k8Bit;
  if (bits == 2) return Alphabet::kUcs2;
  return Alphabet::kGsm7;
}

}  // namespace

DataCoding data_coding(std::uint8_t dcs) {
  DataCoding coding;
  const auto class_bits = static_cast<MessageClass>(dcs & 0x03);
  switch (dcs >> 4) {
    case 0x0F:  // data coding and message class
      coding.alphabet = (dcs & 0x04) != 0 ? Alphabet::k8Bit : Alphabet::kGsm7;
      coding.message_class = class_bits;
      return coding;
    case 0x0E:  // message waiting, store, UCS2
      coding.alphabet = Alphabet::kUcs2;
      return coding;
    default:
      break;
  }
  if (dcs < 0x80) {  // general data coding, and the same marked for automatic deletion
    coding.alphabet = alphabet_bits((dcs >> 2) & 0x03U);
    coding.compressed = (dcs & 0x20) != 0;
    if ((dcs & 0x10) != 0) coding.message_class = class_bits;
  }
  return coding;  // 8x to Bx are reserved, Cx and Dx message waiting: 7 bit alphabet
}

std::size_t user_data_octets(std::uint8_t dcs, std::uint8_t udl) {
  const DataCoding coding = data_coding(dcs);
  const bool septets = coding.alphabet == Alphabet::kGsm7 && !coding.compressed;
  return septets ? (udl * std::size_t{7} + 7) / 8 : udl;
}

bool is_sim_data_download(std::uint8_t protocol, std::uint8_t dcs) {
  const DataCoding coding = data_coding(dcs);
  return (protocol == pid::kSimDataDownload || protocol == pid::kAnsi136) && coding.alphabet == Alphabet::k8Bit &&
         coding.message_class == MessageClass::kSim;
}

}  // namespace uicclab::ota
