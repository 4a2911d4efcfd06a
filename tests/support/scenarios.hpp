// SPDX-License-Identifier: Apache-2.0
// Commands that write, each with what goes before it and what it answers, and what a state after a fault may be: for tests that let each of
// them fail at every point.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/hex.hpp"
#include "emulator/security/pin.hpp"
#include "tests/support/dump.hpp"

namespace uicclab::test {

inline constexpr const char* kAdm = "0020000A083838383838383838";
inline constexpr const char* kPin1 = "002000010831323334FFFFFFFF";
inline constexpr const char* kWrongPin1 = "002000010831323335FFFFFFFF";
inline constexpr const char* kApplication = "00A4040C0CA0000000871002FF49FF0589";
inline constexpr const char* kSuspend = "80760000 04 010A 020A";

struct Scenario {
  std::string name;
  std::vector<std::string> before;  ///< commands that must succeed; "reset"; "-" in front: may fail
  std::string command;              ///< TOKEN: the resume token of the last answer
  const char* answer;
};

inline const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> kAll{
      // ETSI TS 102 221 clauses 11.1.4, 11.1.6, 11.1.8
      {"UPDATE BINARY", {kPin1, "00A4000C022F05"}, "00D6000004AABBCCDD", "9000"},
      {"UPDATE BINARY by SFI", {kPin1}, "00D6850A04AABBCCDD", "9000"},
      {"UPDATE BINARY, the second", {kPin1, "00D6850001AA"}, "00D6850001BB", "9000"},
      {"UPDATE RECORD, linear", {kAdm, "00A4080C047F106F3A"}, "00DC020406A1A2A3A4A5A6", "9000"},
      {"UPDATE RECORD, cyclic", {kAdm, "00A4080C047F106F39"}, "00DC000303ABCDEF", "9000"},
      {"INCREASE", {kPin1, "00A4080C047F106F39"}, "8032000003000001", "6106"},
      // clause 11.3.2
      {"SET DATA", {kAdm, "00A4080C047F106F77"}, "80DB008006C20401020304", "9000"},
      {"SET DATA, the last block", {kAdm, "00A4080C047F106F77", "80DB008004C2080102"}, "80DB000006030405060708", "9000"},
      {"SET DATA, replaced", {kAdm, "00A4080C047F106F77", "80DB008003C20101"}, "80DB008004C2020203", "9000"},
      {"SET DATA, deleted", {kAdm, "00A4080C047F106F77", "80DB008003C20101"}, "80DB008001C2", "9000"},
      // clauses 11.1.9 to 11.1.13
      {"VERIFY PIN, right", {}, kPin1, "9000"},
      {"VERIFY PIN, right after a wrong one", {std::string("-") + kWrongPin1}, kPin1, "9000"},
      {"VERIFY PIN, wrong", {}, kWrongPin1, "63C2"},
      {"VERIFY PIN, wrong once too often", {std::string("-") + kWrongPin1, std::string("-") + kWrongPin1}, kWrongPin1, "63C0"},
      {"VERIFY PIN, of an application, wrong", {kApplication}, "002000810831323335FFFFFFFF", "63C2"},
      {"CHANGE PIN", {}, "002400011031323334FFFFFFFF34333231FFFFFFFF", "9000"},
      {"CHANGE PIN, wrong", {}, "002400011031323335FFFFFFFF34333231FFFFFFFF", "63C2"},
      {"DISABLE PIN", {}, "002600010831323334FFFFFFFF", "9000"},
      {"DISABLE PIN, wrong", {}, "002600010831323335FFFFFFFF", "63C2"},
      {"DISABLE PIN in favour of the universal PIN", {}, "002691010831323334FFFFFFFF", "9000"},
      {"ENABLE PIN", {"002600010831323334FFFFFFFF"}, "002800010831323334FFFFFFFF", "9000"},
      {"ENABLE PIN, wrong", {"002600010831323334FFFFFFFF"}, "002800010831323335FFFFFFFF", "63C2"},
      {"UNBLOCK PIN", {std::string("-") + kWrongPin1}, "002C000110313233343536373834333231FFFFFFFF", "9000"},
      {"UNBLOCK PIN, wrong", {}, "002C000110313233343536373934333231FFFFFFFF", "63C9"},
      // clauses 11.1.14 and 11.1.15
      {"DEACTIVATE FILE", {kAdm, "00A4000C022FE2"}, "00040000", "9000"},
      {"ACTIVATE FILE", {kAdm, "00A4000C022FE2", "00040000"}, "00440000", "9000"},
      // ETSI TS 102 222 clauses 6.3, 6.4, 6.10
      {"CREATE FILE, an EF", {kAdm}, "00E0000018621682024121 83026F99 8A0105 8B032F0604 80020010 8800", "9000"},
      {"CREATE FILE, a DF", {kAdm}, "00E000001E621C82027821 83027F99 8A0105 8B032F0605 81020100 C60690010083 0101", "9000"},
      {"DELETE FILE, an EF", {kAdm}, "00E40000022FE2", "9000"},
      {"DELETE FILE, a DF and what is below it", {kAdm}, "00E40000027F10", "9000"},
      {"DELETE FILE, the card's own", {kAdm, "00E0000018621682024121 83026F99 8A0105 8B032F0604 80020010 8800"}, "00E40000026F99", "9000"},
      {"RESIZE FILE, more records", {kAdm, "00A4000C027F10"}, "80D400000A6208 83026F3A 80020030", "9000"},
      {"RESIZE FILE, fewer records", {kAdm, "00A4000C027F10"}, "80D400000A6208 83026F3A 8002000C", "9000"},
      {"RESIZE FILE, BER-TLV", {kAdm, "00A4000C027F10"}, "80D400000A6208 83026F77 80020400", "9000"},
      // clauses 6.7 to 6.9
      {"TERMINATE DF", {kAdm}, "00E60000027F10", "9000"},
      {"TERMINATE EF", {kAdm, "00A4000C027F10"}, "00E80000026F3A", "9000"},
      {"TERMINATE CARD USAGE", {kAdm}, "00FE0000", "9000"},
      // ETSI TS 102 221 clause 11.1.22
      {"SUSPEND UICC", {kPin1}, kSuspend, "610A"},
      {"SUSPEND UICC, resumed", {kPin1, kSuspend, "00C000000A", "reset"}, "8076010008TOKEN", "9000"},
      {"SUSPEND UICC, resumed with another token", {kPin1, kSuspend, "00C000000A", "reset"}, "80760100080000000000000000", "6985"},
      // applications
      {"an application's store", {kApplication}, "0097000002ABCD", "9000"},
      {"an application's store and counter", {kApplication, "009300000101"}, "009300000102", "9000"},
      {"an application's counter in a command that fails", {kApplication, "009300000101"}, "009200000102", "6A80"},
      // 3GPP TS 51.011
      {"UPDATE BINARY, class A0", {kPin1, "A0A40000022F05"}, "A0D6000004AABBCCDD", "9000"},
      {"VERIFY CHV, class A0, wrong", {}, "A02000010831323335FFFFFFFF", "9804"},
  };
  return kAll;
}

/// What was used up of each thing that protects: tries of PIN and PUK, the counter of the test application (object 2).
inline std::map<std::string, int> used_up(const Dump& dump) {
  std::map<std::string, int> all;
  for (const auto& [name, value] : dump) {
    if (name.starts_with("PIN ")) {
      const auto pin = emulator::decode_pin(*from_hex(value));
      if (!pin) continue;
      all[name + " tries"] = pin->max_tries - pin->tries;
      all[name + " PUK tries"] = pin->max_puk_tries - pin->puk_tries;
    }
    if (name.starts_with("application") && name.ends_with("/2")) all[name] = (*from_hex(value))[0];
  }
  return all;
}

/// The same without what protects.
inline Dump without_counters(const Dump& dump) {
  Dump rest;
  for (const auto& [name, value] : dump) {
    if (name.starts_with("application") && name.ends_with("/2")) continue;
    if (name.starts_with("PIN ")) {
      emulator::PinRecord pin = *emulator::decode_pin(*from_hex(value));
      pin.tries = pin.puk_tries = 0;
      rest[name] = to_hex(emulator::encode_pin(pin));
    } else {
      rest[name] = value;
    }
  }
  return rest;
}

/// What `now` is in part: it must be the state after the command, or the one before it with counters used up at least as far. Empty: it is.
inline std::string in_part(const Dump& now, const Dump& before, const Dump& after) {
  if (now == after) return "";
  std::string text = difference(without_counters(now), without_counters(before));
  const auto used = used_up(now);
  for (const auto& [name, was] : used_up(before)) {
    const auto it = used.find(name);
    if (it == used.end() || it->second < was) text += name + " is back\n";
  }
  return text;
}

}  // namespace uicclab::test
