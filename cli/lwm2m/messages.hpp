// SPDX-License-Identifier: Apache-2.0
// Short messages of the SMS binding as a modem in PDU mode takes and gives them: one TPDU each, in hexadecimal digits
// (OMA-TS-LightweightM2M 1.0 clause 7.2.2: for a device end-point class 1, TP-PID 7D; clause 7.2.3: for the card class 2, TP-PID 7F).
#pragma once

#include <string>
#include <vector>

#include "ota/sms_tpdu.hpp"

namespace uicclab::cli {

enum class SmsContent {
  kSecuredPacket,  ///< behind the element 70 (3GPP TS 31.115)
  kPush            ///< a GBA Push Info, as it is
};
enum class SmsEnd { kDevice, kCard };  ///< where a secured packet ends

/// SMS-DELIVER from the server, as many as it takes. Throws Exit for a number that is none, or too long a content.
std::vector<std::string> messages_to_device(BytesView content, SmsContent kind, const std::string& server, SmsEnd end = SmsEnd::kDevice);
/// SMS-SUBMIT to the server.
std::vector<std::string> messages_to_server(BytesView content, const std::string& server);

/// SMS-DELIVER of such lines. Throws Exit.
ota::SmsDeliver deliver_message(const std::string& message);

/// What is in the parts of one message, of either direction. Throws Exit if they are not one whole message, or not of that kind.
Bytes content_of(const std::vector<std::string>& messages, SmsContent kind);

}  // namespace uicclab::cli
