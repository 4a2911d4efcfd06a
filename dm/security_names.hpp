// SPDX-License-Identifier: Apache-2.0
// Names and numbers of the security methods of OMA DM and CP: OMA-TS-DM_Security clause 5.7.2, OMA-WAP-TS-ProvBoot clause 5.4,
// WAP-230-WSP appendix A table 38.
#pragma once

#include <algorithm>
#include <array>

#include "dm/bootstrap_security.hpp"

namespace uicclab::dm {

struct SecName {
  DmSec sec;
  std::string_view name;
  int number;  ///< of the short coding; -1: it has none
};

inline constexpr std::array kSecNames{
    SecName{DmSec::kNetworkId, "NETWORKID", -1},
    SecName{DmSec::kUserPin, "USERPIN", 1},
    SecName{DmSec::kUserPinNetworkId, "USERPIN_NETWORKID", -1},
    SecName{DmSec::kNetworkIdGba, "NETWORKID_GBA", -1},
    SecName{DmSec::kUserPinNetworkIdGba, "USERPIN_NETWORKID_GBA", -1},
    SecName{DmSec::kNetwPin, "NETWPIN", 0},
    SecName{DmSec::kUserNetwPin, "USERNETWPIN", 2},
    SecName{DmSec::kUserPinMac, "USERPINMAC", 3},
};

}  // namespace uicclab::dm
