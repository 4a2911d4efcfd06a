// SPDX-License-Identifier: Apache-2.0
// Where a standard leaves the card a choice, or cards in the field differ, and a profile says how this one is (docs/decisions/007).
#pragma once

#include <vector>

#include "emulator/fs/file.hpp"

namespace uicclab::emulator {

/// A number of the CHV commands in class A0, other than 01 and 02, and the administrative code that it means. 3GPP TS 51.011
/// clause 11.3 leaves these to the operator; cards take 04, 05, 0A, 11.
struct ChvOfAdm {
  std::uint8_t chv = 0;
  KeyReference key;

  bool operator==(const ChvOfAdm&) const = default;
};

struct CardChoices {
  /// Classes 0X, 8X and the like are answered; else it is a SIM of the GSM age: everything but class A0 is 6E00.
  bool uicc_class = true;
  std::vector<ChvOfAdm> gsm_adm;
  /// CHANGE and UNBLOCK PIN set whatever eight bytes they bring, not only 4 to 8 digits padded with FF (ETSI TS 102 221 clause 9.5.1).
  bool any_pin_value = false;
  /// Under T=0 a warning with data comes before the data, as 62xx or 63xx, instead of after it (ETSI TS 102 221 clause 7.3.1.1.4).
  bool warning_first = false;
  /// The proprietary information in FCPs of directories (tag A5) is what the profile says; else memory and the like are added
  /// (clause 11.1.1.4.6).
  bool given_directory_data = false;
  /// Keys of version 70, which GP clause 7.5.2 keeps for tokens, open secure channel sessions, as on cards of sysmocom.
  bool version_70_opens_sessions = false;
  /// install() of Java applets finds the data of tag C9 alone, as from the installer of Java Card 2.1; else AID, control information and
  /// data, each after its length, as since Java Card 2.2 (Applet.install; GP clause 11.5.2.3.5).
  bool java_21_install = false;
  /// LOAD refuses a file whose Descriptor component shows that its types do not fit (JCVM clause 7.5).
  bool verify_strictly = false;
  /// SELECT of a deactivated EF is 6283 with the FCP too, not 9000 (ETSI TS 102 221 table 10.16).
  bool deactivated_warning = false;

  bool operator==(const CardChoices&) const = default;
};

}  // namespace uicclab::emulator
