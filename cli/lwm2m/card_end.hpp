// SPDX-License-Identifier: Apache-2.0
// A device whose card has the session keys: CoAP goes to the card's SMS security application and comes from it (docs/formats/lwm2m-sms.md),
// and the short messages go through a terminal.
#pragma once

#include <string>
#include <vector>

#include "cli/card/card_option.hpp"
#include "core/apdu.hpp"
#include "ota/sms_terminal.hpp"

namespace uicclab::cli {

class CardEnd {
 public:
  /// Throws Exit, as all functions do.
  explicit CardEnd(const CardOption& option);

  /// STORE DATA, and the SMS-SUBMIT that the card sends, or, with the end-point in the device, gives back for it to send: one in
  /// hexadecimal each. `to`: the number; nothing: the account's.
  std::vector<std::string> send(BytesView coap, const std::optional<ota::Address>& to = {});
  struct Received {
    Bytes coap;
    ota::Address from;
  };
  /// SMS-DELIVER of class 2 in ENVELOPEs, of class 1 in STORE DATA; GET DATA, and DELETE of what was got.
  Received receive(const std::vector<std::string>& messages);
  /// SMS-DELIVER of class 2 in ENVELOPEs: remote management, which the card answers by itself.
  void deliver(const std::vector<std::string>& messages);

 private:
  void store(std::uint8_t kind, BytesView data);
  Bytes get(std::uint8_t which);
  void remove(std::uint8_t which);
  apdu::Response ask(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, BytesView data, std::optional<std::uint32_t> le);

  std::unique_ptr<OpenCard> m_card;
  ota::SmsTerminal m_terminal;
};

}  // namespace uicclab::cli
