// SPDX-License-Identifier: Apache-2.0
// WAP push in short messages: WAP-230-WSP clauses 8.2.4.2 (Push PDU) and 8.4.2 (headers), WAP-259-WDP clause 6.5 (ports in the user data
// header, 3GPP TS 23.040 clause 9.2.3.24.4), WAP-249-PPGService (X-WAP-Application-ID).
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "ota/sms_tpdu.hpp"

namespace uicclab::ota {

inline constexpr std::uint16_t kWapPushPort = 2948;        ///< connectionless push client, without WTLS (IANA: wap-push)
inline constexpr std::uint16_t kWapPushSourcePort = 9200;  ///< connectionless session service

/// X-WAP-Application-ID: an assigned number or a URI.
using WapApplication = std::variant<std::uint8_t, std::string>;
inline constexpr std::uint8_t kSyncmlDmApplication = 0x07;  ///< x-wap-application:syncml.dm

struct WapPush {
  std::uint8_t transaction = 0;
  Bytes content_type;  ///< as WSP codes it: a short integer, a text with its 00, or length, media type and parameters
  std::optional<WapApplication> application;
  Bytes body;
  bool operator==(const WapPush&) const = default;
};

/// The content type of a media type without parameters that has no number.
Bytes wsp_media_text(std::string_view media_type);

/// Number in groups of seven bits (WAP-230 clause 8.1.2).
Bytes wsp_uintvar(std::size_t number);

Bytes encode_wap_push(const WapPush& push);
/// Other headers are passed over. Errors: kTruncated; kMalformed; kUnsupported for another PDU type than Push.
Result<WapPush> parse_wap_push(BytesView pdu);

/// As many SMS-DELIVER as it takes: 8 bit data for the terminal (class 1), to port 2948. Errors: kRange for more than 255 parts.
Result<std::vector<SmsDeliver>> wap_push_messages(const WapPush& push, const Address& originator, std::uint16_t reference);
/// All parts of one message. Errors: those of the parsers; kTruncated while parts are missing; kRefused for a message to another port, or
/// without one.
Result<WapPush> wap_push_of(const std::vector<SmsDeliver>& parts);

}  // namespace uicclab::ota
