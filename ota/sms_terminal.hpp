// SPDX-License-Identifier: Apache-2.0
// A terminal that does nothing but short messages: it brings them to the card and takes those that the card sends. 3GPP TS 31.111 clause
// 7.1.1; ETSI TS 102 223 clauses 5.2 (TERMINAL PROFILE) and 6.4.10 (SEND SHORT MESSAGE).
#pragma once

#include <vector>

#include "core/status_word.hpp"
#include "core/toolkit_link.hpp"
#include "ota/sms_tpdu.hpp"

namespace uicclab::ota {

class SmsTerminal {
 public:
  /// `card` outlives this object. `service_centre` is named in the envelopes.
  SmsTerminal(CardPort& card, Address service_centre) : m_link(card), m_service_centre(std::move(service_centre)) {}

  /// Tells the card, which was just reset, what this terminal can do; a SIM that knows class A0 only gets everything in that class. Errors:
  /// those of the port.
  Result<void> start();

  /// What the card said to an SMS-DELIVER.
  struct Report {
    Bytes user_data;  ///< of the SMS-DELIVER-REPORT; empty if there is none
    StatusWord status;
    /// The network gets an acknowledgement (3GPP TS 31.111 clause 7.1.1.1): 9000, 91xx, 62xx, 63xx, 6Fxx.
    bool acknowledged() const;
    /// TP-FCS of a message that did not: the toolkit is busy (9300), or a data download error (3GPP TS 23.040 clause 9.2.3.22).
    std::uint8_t failure_cause() const { return status == StatusWord{0x9300} ? 0xD4 : 0xD5; }
  };
  /// In an ENVELOPE (SMS-PP download); then does what the card asks for. Errors: those of the port; kRange for a TPDU over an envelope.
  Result<Report> deliver(const SmsDeliver& message);

  /// Does what the card asks for after a command that answered 91xx; its last status. Errors: those of the port.
  Result<StatusWord> serve_card(StatusWord status);

  /// TPDUs of the short messages that the card sent since the last call.
  std::vector<Bytes> take_submitted() { return std::exchange(m_submitted, {}); }

 private:
  Result<apdu::Response> exchange(Bytes command) { return m_link.exchange(command); }

  ToolkitLink m_link;
  Address m_service_centre;
  std::vector<Bytes> m_submitted;
};

}  // namespace uicclab::ota
