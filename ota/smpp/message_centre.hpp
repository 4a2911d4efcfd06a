// SPDX-License-Identifier: Apache-2.0
// A short message service centre for cards: what is submitted goes to the card that owns the number, as a terminal would bring it; what the
// card answers becomes short messages back. 3GPP TS 23.040 clause 3; 3GPP TS 31.115 clause 4.4; SMPP 3.4 clauses 4.4 to 4.8.
#pragma once

#include <functional>
#include <map>

#include "core/environment.hpp"
#include "ota/smpp/card_delivery.hpp"
#include "ota/smpp/mailbox.hpp"

namespace uicclab::ota::smpp {

/// What came of a submit_sm or data_sm.
struct Submitted {
  Status status = Status::kOk;
  std::string message_id;
  MessageState state = MessageState::kEnroute;  ///< of a message that was delivered at once
};

/// What came of a submit_multi.
struct SubmittedMulti {
  Status status = Status::kOk;
  std::string message_id;
  std::vector<Unsuccessful> failed;
};

/// What is known of a message.
struct MessageRecord {
  std::string system_id;  ///< who submitted it
  Address source;
  MessageState state = MessageState::kEnroute;
  std::uint8_t error = 0;
  std::size_t pending = 0;  ///< cards that have not got it yet
  Moment submitted{0};
  Moment done{0};
};

class MessageCentre {
 public:
  using Log = std::function<void(const std::string& line)>;
  struct Limits {
    std::size_t queue = 10'000;    ///< messages that wait for the receivers of one system id, and that wait for their time
    std::size_t records = 10'000;  ///< messages that are remembered for query_sm
  };

  /// `wall`: since 1970-01-01 UTC; outlives this object.
  explicit MessageCentre(const Clock& wall, Limits limits, Log log = {}) : m_wall(wall), m_limits(limits), m_log(std::move(log)) {}
  explicit MessageCentre(const Clock& wall) : MessageCentre(wall, Limits()) {}

  /// `terminal` was started, and outlives this object. The number in digits, with or without "+".
  void add_card(const std::string& number, SmsTerminal& terminal);

  /// Who takes the messages for the devices that the cards are in: those that are no (U)SIM data download. Without one they are refused.
  /// False: the device cannot take it.
  using Inbox = std::function<bool(const std::string& number, const std::vector<SmsDeliver>& parts)>;
  void set_inbox(Inbox inbox) { m_inbox = std::move(inbox); }

  /// Delivers at once, or at its time. What comes back is in the mailbox of `system_id`; if that is full, the message is refused
  /// (kQueueFull).
  Submitted submit(const std::string& system_id, const ShortMessage& message);
  /// A data_sm. It has no protocol_id: one for the smart card (dest_addr_subunit 3) or of its class is (U)SIM data download.
  Submitted submit_data(const std::string& system_id, ShortMessage message);
  /// One message to several cards, under one id.
  SubmittedMulti submit_multi(const std::string& system_id, const SubmitMulti& multi);
  /// nullptr if `system_id` submitted no such message from that address, or so long ago that it is forgotten.
  const MessageRecord* query(const std::string& system_id, const QuerySm& asked) const;

  Mailbox& mailbox(const std::string& system_id);
  const std::map<std::string, Mailbox, std::less<>>& mailboxes() const { return m_mailboxes; }

  /// Delivers what was to wait until now.
  void run_due();
  /// How long it is until something is to be delivered.
  std::optional<std::chrono::milliseconds> next_due() const;

 private:
  /// A message for one card that was taken on.
  struct Accepted {
    std::uint64_t id = 0;
    std::string system_id;
    ShortMessage message;
    std::vector<SmsDeliver> parts;
    SmsTerminal* terminal = nullptr;
    std::optional<Moment> due;
    std::optional<Moment> expires;
  };

  tl::expected<Accepted, Refusal> accept(const std::string& system_id, const ShortMessage& message);
  Status refused(const std::string& system_id, const Refusal& refusal) const;
  void begin(Accepted accepted, std::uint64_t id);
  void bring(const Accepted& accepted);
  void forget_old();
  void log(const std::string& line) const {
    if (m_log) m_log(line);
  }

  const Clock& m_wall;
  Limits m_limits;
  Log m_log;
  Inbox m_inbox;
  std::map<std::string, SmsTerminal*> m_cards;
  std::map<std::string, Mailbox, std::less<>> m_mailboxes;
  std::map<std::uint64_t, MessageRecord> m_records;
  std::multimap<Moment, Accepted> m_scheduled;
  std::map<std::string, std::size_t> m_scheduled_by;
  std::uint64_t m_next_id = 1;
  std::uint16_t m_reference = 1;
};

}  // namespace uicclab::ota::smpp
