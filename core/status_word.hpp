// SPDX-License-Identifier: Apache-2.0
// Status words: ETSI TS 102 221 clause 10.2; 3GPP TS 31.102 clause 7.3; 3GPP TS 51.011 clause 9.4.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace uicclab {

/// SW1 SW2, what a card answers. Returned, never thrown.
struct StatusWord {
  std::uint16_t value = 0x9000;

  constexpr std::uint8_t sw1() const { return static_cast<std::uint8_t>(value >> 8); }
  constexpr std::uint8_t sw2() const { return static_cast<std::uint8_t>(value); }
  /// The command was carried out: 9000, 91xx, 92xx, 61xx, 9Fxx, and the warnings 62xx and 63xx.
  constexpr bool is_success() const {
    return sw1() == 0x90 || sw1() == 0x91 || sw1() == 0x92 || sw1() == 0x61 || sw1() == 0x9F || is_warning();
  }
  constexpr bool is_warning() const { return sw1() == 0x62 || sw1() == 0x63; }
  constexpr auto operator<=>(const StatusWord&) const = default;
};

namespace sw {
inline constexpr StatusWord kOk{0x9000};
inline constexpr StatusWord kBusy{0x9300};
inline constexpr StatusWord kWarningUnchanged{0x6200};
inline constexpr StatusWord kEndOfFile{0x6282};
inline constexpr StatusWord kFileDeactivated{0x6283};
inline constexpr StatusWord kFileTerminated{0x6285};
inline constexpr StatusWord kMoreData{0x62F1};
inline constexpr StatusWord kMoreDataAndProactive{0x62F2};
inline constexpr StatusWord kResponseDataAvailable{0x62F3};
inline constexpr StatusWord kMoreDataExpected{0x63F1};
inline constexpr StatusWord kMoreDataExpectedAndProactive{0x63F2};
inline constexpr StatusWord kNoPreciseDiagnosisUnchanged{0x6400};
inline constexpr StatusWord kMemoryProblem{0x6581};
inline constexpr StatusWord kWrongLength{0x6700};
inline constexpr StatusWord kChannelNotSupported{0x6881};
inline constexpr StatusWord kSecureMessagingNotSupported{0x6882};
inline constexpr StatusWord kIncompatibleFileStructure{0x6981};
inline constexpr StatusWord kSecurityStatusNotSatisfied{0x6982};
inline constexpr StatusWord kAuthenticationBlocked{0x6983};
inline constexpr StatusWord kReferencedDataInvalidated{0x6984};
inline constexpr StatusWord kConditionsNotSatisfied{0x6985};
inline constexpr StatusWord kNoEfSelected{0x6986};
inline constexpr StatusWord kIncorrectData{0x6A80};
inline constexpr StatusWord kFunctionNotSupported{0x6A81};
inline constexpr StatusWord kFileNotFound{0x6A82};
inline constexpr StatusWord kRecordNotFound{0x6A83};
inline constexpr StatusWord kNotEnoughMemory{0x6A84};
inline constexpr StatusWord kIncorrectP1P2{0x6A86};
inline constexpr StatusWord kLcInconsistentWithP1P2{0x6A87};
inline constexpr StatusWord kReferencedDataNotFound{0x6A88};
inline constexpr StatusWord kFileExists{0x6A89};
inline constexpr StatusWord kDfNameExists{0x6A8A};
inline constexpr StatusWord kWrongP1P2{0x6B00};
inline constexpr StatusWord kInsNotSupported{0x6D00};
inline constexpr StatusWord kClaNotSupported{0x6E00};
inline constexpr StatusWord kNoPreciseDiagnosis{0x6F00};
inline constexpr StatusWord kMaximumReached{0x9850};
inline constexpr StatusWord kAuthenticationError{0x9862};
inline constexpr StatusWord kSecuritySessionExpired{0x9863};
inline constexpr StatusWord kSuspensionTimeTooLong{0x9864};

/// 63Cx: verification failed, x tries left (ETSI TS 102 221 clause 11.1.9).
constexpr StatusWord tries_left(unsigned tries) {
  return {static_cast<std::uint16_t>(0x63C0 | (tries & 0x0F))};
}
/// 61xx: xx bytes wait for GET RESPONSE, 00 for 256 (clause 7.3.1.1).
constexpr StatusWord bytes_available(std::size_t size) {
  return {static_cast<std::uint16_t>(0x6100 | (size >= 256 ? 0 : size))};
}
/// 6Cxx: repeat with this Le, 00 for 256.
constexpr StatusWord exact_length(std::size_t size) {
  return {static_cast<std::uint16_t>(0x6C00 | (size >= 256 ? 0 : size))};
}
/// 91xx: a proactive command of xx bytes waits, 00 for 256.
constexpr StatusWord proactive_pending(std::size_t size) {
  return {static_cast<std::uint16_t>(0x9100 | (size >= 256 ? 0 : size))};
}
/// 9Fxx: xx bytes wait for GET RESPONSE in class A0 (3GPP TS 51.011 clause 9.4.1).
constexpr StatusWord gsm_bytes_available(std::size_t size) {
  return {static_cast<std::uint16_t>(0x9F00 | (size >= 256 ? 0 : size))};
}
}  // namespace sw

/// "6A82"
std::string to_hex(StatusWord status);
/// Its meaning in plain words, for people: "file not found".
std::string_view meaning(StatusWord status);

}  // namespace uicclab
