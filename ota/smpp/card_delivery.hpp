// SPDX-License-Identifier: Apache-2.0
// A submitted message on its way to the card, and the card's answer on its way back: SMPP 3.4 clauses 4.4.1 and 4.6.1 on one side,
// SMS-DELIVER, SMS-DELIVER-REPORT and SMS-SUBMIT (3GPP TS 23.040 clause 9.2.2) on the other.
#pragma once

#include "ota/smpp/pdu.hpp"
#include "ota/smpp/time.hpp"
#include "ota/sms_terminal.hpp"

namespace uicclab::ota::smpp {

/// Why a message is not taken on.
struct Refusal {
  Status status;
  std::string why;
};

/// The number as the cards are known by: without "+".
std::string digits_of(const std::string& number);

/// ton and npi are of those that clauses 5.2.5 and 5.2.6 name. `ton`, `npi`: the statuses that refuse them.
tl::expected<void, Refusal> check_address(const Address& address, Status ton, Status npi);

/// The message as SMS-DELIVER TPDUs, in as many parts as it takes. `received`: TP-SCTS; `reference`: of a message that is cut here.
/// Refused: what is no (U)SIM data download, since there is nobody to read it, unless there is a device; and what no TPDU holds.
tl::expected<std::vector<SmsDeliver>, Refusal> to_card(const ShortMessage& message, Moment received, std::uint16_t reference,
                                                       bool has_device = false);
/// A message that ends in the card.
bool is_for_card(const ShortMessage& message);

/// What came of it.
struct Outcome {
  bool acknowledged = true;        ///< by the card, every part
  std::uint8_t failure_cause = 0;  ///< TP-FCS of a part that was not (3GPP TS 23.040 clause 9.2.3.22)
  std::vector<ShortMessage> back;  ///< responses and messages of the card, for the one who submitted
};
/// Errors: those of the card's port.
Result<Outcome> deliver(const std::vector<SmsDeliver>& parts, SmsTerminal& terminal, const ShortMessage& message);

/// A message whose way has ended, for its receipt.
struct Ended {
  std::string id;
  MessageState state;
  std::uint8_t error = 0;
  Moment submitted{0};
  Moment done{0};
};
/// The delivery receipt for `message` (appendix B).
ShortMessage receipt(const ShortMessage& message, const Ended& ended);

}  // namespace uicclab::ota::smpp
