// SPDX-License-Identifier: Apache-2.0
#include "ota/secured_packet_header.hpp"

namespace uicclab::ota {

std::string_view meaning(ResponseStatus status) {
  switch (status) {
    case ResponseStatus::kOk:
      return "PoR OK";
    case ResponseStatus::kCheckFailed:
      return "RC, CC or DS failed";
    case ResponseStatus::kCntrLow:
      return "counter low";
    case ResponseStatus::kCntrHigh:
      return "counter high";
    case ResponseStatus::kCntrBlocked:
      return "counter blocked";
    case ResponseStatus::kCipheringError:
      return "ciphering error";
    case ResponseStatus::kUnidentifiedSecurityError:
      return "unidentified security error";
    case ResponseStatus::kMemory:
      return "not enough memory for the message";
    case ResponseStatus::kMoreTime:
      return "more time needed, another response follows";
    case ResponseStatus::kTarUnknown:
      return "TAR unknown";
    case ResponseStatus::kInsufficientSecurityLevel:
      return "security level insufficient";
    case ResponseStatus::kBySubmit:
      return "the response follows as an SMS-SUBMIT";
    case ResponseStatus::kByUssd:
      return "the response follows by USSD";
  }
  const auto value = static_cast<std::uint8_t>(status);
  return value >= 0xC0 && value != 0xFF ? "proprietary" : "reserved";
}

bool meets_minimum_security(std::uint8_t spi1, std::uint8_t minimum) {
  for (const int mask : {0x03, 0x04, 0x18}) {  // check, ciphering, counter mode
    if ((spi1 & mask) < (minimum & mask)) return false;
  }
  return true;
}

}  // namespace uicclab::ota
