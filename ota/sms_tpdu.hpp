// SPDX-License-Identifier: Apache-2.0
// SMS-DELIVER and SMS-SUBMIT: 3GPP TS 23.040 clauses 9.2.2.1 and 9.2.2.2.
#pragma once

#include <array>

#include "ota/sms_address.hpp"
#include "ota/sms_coding.hpp"
#include "ota/sms_user_data.hpp"

namespace uicclab::ota {

/// What both kinds have in common after their addresses. The user data stays as on the wire: packed, with its header.
struct TpduBody {
  std::uint8_t pid = pid::kSimDataDownload;
  std::uint8_t dcs = kDcsForCard;
  bool has_header = false;  ///< TP-UDHI
  Bytes user_data;
  /// TP-UDL of a 7 bit text, which the octets do not determine; in the other alphabets it follows from the user data and this is ignored.
  std::uint8_t septets = 0;

  /// Header and payload of 8 bit data. Errors: kTruncated; kUnsupported for a 7 bit text after a header.
  Result<UserData> parsed_user_data() const;
  /// Takes `data` over. Errors: kRange over 140 octets.
  Result<void> set_user_data(const UserData& data);

  bool operator==(const TpduBody&) const = default;
};

/// Network to card.
struct SmsDeliver {
  bool no_more_messages = true;  ///< TP-MMS
  bool loop_prevention = false;  ///< TP-LP
  bool status_report = false;    ///< TP-SRI
  bool reply_path = false;       ///< TP-RP
  Address originator;
  std::array<std::uint8_t, 7> timestamp{};  ///< TP-SCTS, as on the wire
  TpduBody body;

  /// Errors, with the offset: kMalformed for another message type; kTruncated; kRange; kTrailing if TP-UDL ends before the TPDU does.
  static Result<SmsDeliver> parse(BytesView tpdu);
  /// Errors: kRange for more user data than 140 octets or than TP-UDL says.
  Result<Bytes> build() const;
  bool operator==(const SmsDeliver&) const = default;
};

/// TP-VPF and its octets (clause 9.2.3.3).
enum class ValidityFormat : std::uint8_t { kNone = 0, kEnhanced = 1, kRelative = 2, kAbsolute = 3 };

/// Card to network.
struct SmsSubmit {
  bool reject_duplicates = false;  ///< TP-RD
  bool status_report = false;      ///< TP-SRR
  bool reply_path = false;         ///< TP-RP
  std::uint8_t reference = 0;      ///< TP-MR
  Address destination;
  ValidityFormat validity_format = ValidityFormat::kNone;
  Bytes validity;  ///< no octet, one (relative) or seven
  TpduBody body;

  /// Errors as SmsDeliver::parse().
  static Result<SmsSubmit> parse(BytesView tpdu);
  /// Errors as SmsDeliver::build(); also kRange for a validity that is not as long as its format.
  Result<Bytes> build() const;
  bool operator==(const SmsSubmit&) const = default;
};

}  // namespace uicclab::ota
