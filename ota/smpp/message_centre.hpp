// A short message service centre for cards: what is submitted goes to the card that owns the number, as a terminal would bring it; what the
// card answers becomes short messages back. 3GPP TS 23.040 clause 3; 3GPP TS 31.115 clause 4.4.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/environment.hpp"
#include "ota/smpp/pdu.hpp"
#include "ota/sms_terminal.hpp"

namespace uicclab::ota::smpp {

/// What came of a submit_sm.
struct Submitted {
  Status status = Status::kOk;
  std::string message_id;
  std::vector<ShortMessage> deliveries;  ///< for the one who submitted: responses of the card, delivery receipts
};

class MessageCentre {
 public:
  using Log = std::function<void(const std::string& line)>;

  explicit MessageCentre(Log log = {}) : m_log(std::move(log)) {}

  /// `terminal` was started, and outlives this object. The number in digits, with or without "+".
  void add_card(const std::string& number, SmsTerminal& terminal);

  /// Delivers at once. A message that is no (U)SIM data download is refused: there is nobody to read it.
  Submitted submit(const ShortMessage& message);

 private:
  Result<std::vector<UserData>> parts_of(const ShortMessage& message);

  Log m_log;
  std::map<std::string, SmsTerminal*> m_cards;
  std::uint64_t m_next_id = 1;
  std::uint16_t m_reference = 1;
};

}  // namespace uicclab::ota::smpp
