// SPDX-License-Identifier: Apache-2.0
// Short messages of the SMS binding as a modem in PDU mode takes and gives them: one TPDU each, in hexadecimal digits. For a device
// end-point class 1 and TP-PID 7D (SMS session-key CR, clause 7.2.2.1), for the card class 2 and TP-PID 7F (LwM2M 1.0 clause 7.2.2.2); what
// comes otherwise is not taken.
#pragma once

#include <string>
#include <vector>

#include "lwm2m/sms_account.hpp"
#include "ota/sms_tpdu.hpp"

namespace uicclab::cli {

enum class SmsContent {
  kSecuredPacket,  ///< after the element 70 (3GPP TS 31.115)
  kPush            ///< a GBA Push Info, as it is
};
using lwm2m::EndPoint;

/// The server's number where nobody says another.
inline constexpr const char* kUsualServer = "+491710000000";

/// SMS-DELIVER from the server, as many as needed. Throws Exit for an invalid number, or too long a content.
std::vector<std::string> messages_to_device(BytesView content, SmsContent kind, const std::string& server,
                                            EndPoint end = EndPoint::kDevice);
/// SMS-SUBMIT to the server, from the device's end-point.
std::vector<std::string> messages_to_server(BytesView content, const ota::Address& server);

/// SMS-DELIVER of such lines. Throws Exit.
ota::SmsDeliver deliver_message(const std::string& message);

/// Class and protocol are those of this end-point.
bool is_for(EndPoint end, const ota::TpduBody& body);

/// What is in the parts of one message.
struct MessageContent {
  Bytes content;
  ota::Address peer;                       ///< TP-OA of SMS-DELIVER, TP-DA of SMS-SUBMIT
  EndPoint end_point = EndPoint::kDevice;  ///< by class and protocol
};
enum class Direction { kToDevice, kToServer };
/// Throws Exit if they are not one whole message of this kind in this direction, or are for neither end-point.
MessageContent content_of(const std::vector<std::string>& messages, SmsContent kind, Direction direction);

/// The number as an address. Throws Exit that names `option`.
ota::Address number_option(const std::string& option, const std::string& number);

}  // namespace uicclab::cli
