// SPDX-License-Identifier: Apache-2.0
// The two ends of the SMS binding: what uicclab lwm2m sms and lwm2m serve do with a message.
#pragma once

#include "cli/lwm2m/messages.hpp"
#include "cli/lwm2m/refresh.hpp"
#include "lwm2m/key_ledger.hpp"
#include "lwm2m/transport/coap.hpp"

namespace uicclab::cli {

// --- the server ---

struct SmsAnswer {
  lwm2m::coap::Message got;           ///< a request, or a device's answer to one of the server's
  lwm2m::coap::Code code;             ///< of the answer that goes back; empty if none does
  std::vector<std::string> messages;  ///< SMS-DELIVER
};

/// Opens SMS-SUBMIT messages with the ledger's keys, whose counters move, and makes the answer: 4.00 under stale keys and for an expired
/// registration. `number`: of the server, where it is known; empty: that which the message was sent to. Throws Exit for what is to be
/// dropped: kWrongKeys for keys that are unknown.
SmsAnswer answer_sms(lwm2m::ServerLedger& ledger, const std::vector<std::string>& messages, const std::string& number, lwm2m::Instant now);

/// A request of the server, under keys that the device has. Throws Exit.
std::vector<std::string> ask_by_sms(lwm2m::ServerLedger& ledger, const std::string& command, EndPoint end, const std::string& number,
                                    lwm2m::Instant now, Random& random);

void add_sms_server(App& sms, Action& action);

// --- the device ---

void add_sms_device(App& sms, Action& action);

}  // namespace uicclab::cli
