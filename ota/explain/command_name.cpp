// SPDX-License-Identifier: Apache-2.0
// Commands in plain words: ETSI TS 102 226 clauses 7 and 8.2; ETSI TS 102 221 clause 11; ETSI TS 102 222 clause 6; 3GPP TS 31.102
// clause 7; 3GPP TS 51.011 clause 9.2; GlobalPlatform Card Specification clause 11 and its Amendment D.
#include "ota/explain/explain.hpp"
#include "ota/remote_apdu_compact.hpp"

namespace uicclab::ota {
namespace {

std::string hex(BytesView bytes) {
  return to_hex(bytes);
}

std::string number(std::uint8_t value) {
  return std::to_string(value);
}

/// Length that P3 asks for or brings.
std::string length(BytesView command) {
  return std::to_string(command[4] == 0 ? 256 : command[4]) + " bytes";
}

std::string of_select(BytesView command) {
  const BytesView data = command.subspan(5);
  switch (command[2]) {
    case 0x00:
      return data.empty() ? " MF" : " " + hex(data);
    case 0x04:
      return " AID " + hex(data);
    case 0x08:
      return " path " + hex(data) + " from the MF";
    case 0x09:
      return " path " + hex(data) + " from here";
    default:
      return " " + hex(data);
  }
}

std::string of_binary(BytesView command) {
  if ((command[2] & 0x80) != 0) return " " + length(command) + " of SFI " + number(command[2] & 0x1F) + " at " + number(command[3]);
  return " " + length(command) + " at " + std::to_string((command[2] << 8) | command[3]);
}

std::string of_record(BytesView command) {
  const std::uint8_t sfi = command[3] >> 3;
  std::string which = " current";
  if ((command[3] & 0x07) == 0x02) which = " next";
  if ((command[3] & 0x07) == 0x03) which = " previous";
  if ((command[3] & 0x07) == 0x04 && command[2] != 0) which = " " + number(command[2]);
  return which + (sfi != 0 ? " of SFI " + number(sfi) : "");
}

std::string of_file(BytesView command) {
  return command.size() > 5 ? " " + hex(command.subspan(5)) : "";
}

std::string of_install(BytesView command) {
  switch (command[2] & 0x7E) {
    case 0x02:
      return " [for load]";
    case 0x04:
      return " [for install]";
    case 0x08:
      return " [for make selectable]";
    case 0x0C:
      return " [for install and make selectable]";
    case 0x10:
      return " [for extradition]";
    case 0x20:
      return " [for personalization]";
    case 0x40:
      return " [for registry update]";
    default:
      return "";
  }
}

std::string of_load(BytesView command) {
  return " block " + number(command[3]) + ((command[2] & 0x80) != 0 ? ", the last" : "");
}

std::string of_p1p2(BytesView command) {
  return " " + hex(command.subspan(2, 2));
}

std::string of_key_reference(BytesView command) {
  return " " + hex(command.subspan(3, 1));
}

std::string of_challenge(BytesView command) {
  return command[2] == 0 ? "" : " key version " + hex(command.subspan(2, 1));
}

std::string of_level(BytesView command) {
  return " level " + hex(command.subspan(2, 1));
}

std::string of_channel(BytesView command) {
  if (command[2] == 0x80) return " close " + number(command[3]);
  return command[3] == 0 ? " open" : " open " + number(command[3]);
}

struct Name {
  std::uint8_t ins;
  std::string_view name;
  std::string_view clause;
  std::string (*detail)(BytesView command);  ///< of at least five bytes; may be null
};

constexpr Name kFiles[] = {
    {0xA4, "SELECT", "ETSI TS 102 221 11.1.1", of_select},
    {0xF2, "STATUS", "ETSI TS 102 221 11.1.2", nullptr},
    {0xB0, "READ BINARY", "ETSI TS 102 221 11.1.3", of_binary},
    {0xD6, "UPDATE BINARY", "ETSI TS 102 221 11.1.4", of_binary},
    {0xB2, "READ RECORD", "ETSI TS 102 221 11.1.5", of_record},
    {0xDC, "UPDATE RECORD", "ETSI TS 102 221 11.1.6", of_record},
    {0xA2, "SEARCH RECORD", "ETSI TS 102 221 11.1.7", nullptr},
    {0x32, "INCREASE", "ETSI TS 102 221 11.1.8", nullptr},
    {0x20, "VERIFY PIN", "ETSI TS 102 221 11.1.9", of_key_reference},
    {0x24, "CHANGE PIN", "ETSI TS 102 221 11.1.10", of_key_reference},
    {0x26, "DISABLE PIN", "ETSI TS 102 221 11.1.11", of_key_reference},
    {0x28, "ENABLE PIN", "ETSI TS 102 221 11.1.12", of_key_reference},
    {0x2C, "UNBLOCK PIN", "ETSI TS 102 221 11.1.13", of_key_reference},
    {0x04, "DEACTIVATE FILE", "ETSI TS 102 221 11.1.14", of_file},
    {0x44, "ACTIVATE FILE", "ETSI TS 102 221 11.1.15", of_file},
    {0xCB, "RETRIEVE DATA", "ETSI TS 102 221 11.3.1", nullptr},
    {0xDB, "SET DATA", "ETSI TS 102 221 11.3.2", nullptr},
    {0xE0, "CREATE FILE", "ETSI TS 102 222 6.3", nullptr},
    {0xE4, "DELETE FILE", "ETSI TS 102 222 6.4", of_file},
    {0xE6, "TERMINATE DF", "ETSI TS 102 222 6.7", of_file},
    {0xE8, "TERMINATE EF", "ETSI TS 102 222 6.8", of_file},
    {0xD4, "RESIZE FILE", "ETSI TS 102 222 6.10", nullptr},
    {0xC0, "GET RESPONSE", "ETSI TS 102 221 12.1.1", length},
};

constexpr Name kApplications[] = {
    {0xE4, "DELETE", "GPCS 11.2", nullptr},
    {0xCA, "GET DATA", "GPCS 11.3", of_p1p2},
    {0xF2, "GET STATUS", "GPCS 11.4", of_p1p2},
    {0xE6, "INSTALL", "GPCS 11.5", of_install},
    {0xE8, "LOAD", "GPCS 11.6", of_load},
    {0xD8, "PUT KEY", "GPCS 11.8", of_p1p2},
    {0xF0, "SET STATUS", "GPCS 11.10", of_p1p2},
    {0xE2, "STORE DATA", "GPCS 11.11", of_p1p2},
    {0xC0, "GET RESPONSE", "ETSI TS 102 221 12.1.1", length},
};

// What remote management does not have.
constexpr Name kTerminal[] = {
    {0x10, "TERMINAL PROFILE", "ETSI TS 102 221 11.2.1", nullptr},
    {0x12, "FETCH", "ETSI TS 102 221 11.2.3", nullptr},
    {0x14, "TERMINAL RESPONSE", "ETSI TS 102 221 11.2.4", nullptr},
    {0xC2, "ENVELOPE", "ETSI TS 102 221 11.2.2", nullptr},
    {0x70, "MANAGE CHANNEL", "ETSI TS 102 221 11.1.17", of_channel},
    {0x73, "MANAGE SECURE CHANNEL", "ETSI TS 102 221 11.1.20", nullptr},
    {0x75, "TRANSACT DATA", "ETSI TS 102 221 11.1.21", nullptr},
    {0x76, "SUSPEND UICC", "ETSI TS 102 221 11.1.22", nullptr},
    {0x78, "GET IDENTITY", "3GPP TS 31.102 7.5", nullptr},
    {0x7A, "EXCHANGE CAPABILITIES", "ETSI TS 102 221 11.1.23", nullptr},
    {0x84, "GET CHALLENGE", "ETSI TS 102 221 11.1.18", nullptr},
    {0x88, "AUTHENTICATE", "3GPP TS 31.102 7.1.1", nullptr},
    {0x89, "AUTHENTICATE", "3GPP TS 31.102 7.1.1", nullptr},
    {0xAA, "TERMINAL CAPABILITY", "ETSI TS 102 221 11.1.19", nullptr},
    {0xFE, "TERMINATE CARD USAGE", "ETSI TS 102 222 6.9", nullptr},
    {0x50, "INITIALIZE UPDATE", "GPCS Amendment D 7.1.1", of_challenge},
    {0x82, "EXTERNAL AUTHENTICATE", "GPCS Amendment D 7.1.2", of_level},
    {0xCA, "GET DATA", "GPCS 11.3", of_p1p2},
};

// These have other names or another coding in class 8X with GlobalPlatform's secure messaging.
constexpr Name kRMac[] = {
    {0x7A, "BEGIN R-MAC SESSION", "GPCS Amendment D 7.1.3", nullptr},
    {0x78, "END R-MAC SESSION", "GPCS Amendment D 7.1.4", nullptr},
};

constexpr Name kGsm[] = {
    {0xA4, "SELECT", "3GPP TS 51.011 9.2.1", of_select},
    {0xF2, "STATUS", "3GPP TS 51.011 9.2.2", nullptr},
    {0xB0, "READ BINARY", "3GPP TS 51.011 9.2.3", of_binary},
    {0xD6, "UPDATE BINARY", "3GPP TS 51.011 9.2.4", of_binary},
    {0xB2, "READ RECORD", "3GPP TS 51.011 9.2.5", of_record},
    {0xDC, "UPDATE RECORD", "3GPP TS 51.011 9.2.6", of_record},
    {0xA2, "SEEK", "3GPP TS 51.011 9.2.7", nullptr},
    {0x32, "INCREASE", "3GPP TS 51.011 9.2.8", nullptr},
    {0x20, "VERIFY CHV", "3GPP TS 51.011 9.2.9", of_key_reference},
    {0x24, "CHANGE CHV", "3GPP TS 51.011 9.2.10", of_key_reference},
    {0x26, "DISABLE CHV", "3GPP TS 51.011 9.2.11", of_key_reference},
    {0x28, "ENABLE CHV", "3GPP TS 51.011 9.2.12", of_key_reference},
    {0x2C, "UNBLOCK CHV", "3GPP TS 51.011 9.2.13", of_key_reference},
    {0x04, "INVALIDATE", "3GPP TS 51.011 9.2.14", nullptr},
    {0x44, "REHABILITATE", "3GPP TS 51.011 9.2.15", nullptr},
    {0x88, "RUN GSM ALGORITHM", "3GPP TS 51.011 9.2.16", nullptr},
    {0xFA, "SLEEP", "3GPP TS 51.011 9.2.17", nullptr},
    {0xC0, "GET RESPONSE", "3GPP TS 51.011 9.2.18", length},
    {0x10, "TERMINAL PROFILE", "3GPP TS 51.011 9.2.19", nullptr},
    {0xC2, "ENVELOPE", "3GPP TS 51.011 9.2.20", nullptr},
    {0x12, "FETCH", "3GPP TS 51.011 9.2.21", nullptr},
    {0x14, "TERMINAL RESPONSE", "3GPP TS 51.011 9.2.22", nullptr},
};

const Name* find(std::span<const Name> names, std::uint8_t ins) {
  const auto found = std::ranges::find(names, ins, &Name::ins);
  return found == names.end() ? nullptr : &*found;
}

CommandName words(const Name* found, BytesView command) {
  if (found == nullptr) return {"instruction " + hex(command.subspan(1, 1)), "", "instruction " + hex(command.subspan(1, 1))};
  CommandName out{std::string(found->name), std::string(found->clause), std::string(found->name)};
  if (found->detail == nullptr || command.size() < 5) return out;
  const std::string detail = found->detail == &length ? " " + length(command) : found->detail(command);
  out.text += detail;
  if (found->detail == &of_install) out.name += detail;
  return out;
}

/// In class 8X or EX these are GlobalPlatform's; STATUS has no P1 beyond 02 (ETSI TS 102 221 clause 11.1.2), GET STATUS none below 10.
bool is_global_platform(BytesView command) {
  if ((command[0] & 0x80) == 0 || command[1] == 0xC0) return false;
  if (command[1] == 0xF2) return (command[2] & 0xF0) != 0;
  return find(kApplications, command[1]) != nullptr;
}

}  // namespace

CommandName name_of_command(BytesView command, CommandSet set) {
  if (command.size() < 4) return {"fewer than four bytes", ""};
  const std::span<const Name> names = set == CommandSet::kFiles ? std::span<const Name>(kFiles) : std::span<const Name>(kApplications);
  return words(find(names, command[1]), command);
}

CommandName name_of_command(BytesView command) {
  if (command.size() < 4) return {"fewer than four bytes", "", "fewer than four bytes"};
  constexpr std::uint8_t kGsmClass = 0xA0;
  if (command[0] == kGsmClass) return words(find(kGsm, command[1]), command);
  const bool secured = (command[0] & 0x40) != 0 ? (command[0] & 0x20) != 0 : (command[0] & 0x0C) == 0x04;
  if ((command[0] & 0x80) != 0 && (secured || command[3] == 0x01 || command[3] == 0x03)) {
    if (const Name* found = find(kRMac, command[1])) return words(found, command);
  }
  if (is_global_platform(command)) return words(find(kApplications, command[1]), command);
  const Name* found = find(kTerminal, command[1]);
  return words(found != nullptr ? found : find(kFiles, command[1]), command);
}

}  // namespace uicclab::ota
