// SPDX-License-Identifier: Apache-2.0
#include "ota/smpp/message_centre.hpp"

#include <charconv>

namespace uicclab::ota::smpp {
namespace {

// registered_delivery (clause 5.2.17): bits 1 and 0.
constexpr std::uint8_t kReceiptAlways = 1;
constexpr std::uint8_t kReceiptOnFailure = 2;
constexpr std::size_t kMaxDestinations = 254;  // number_of_dests (clause 4.5.1)
constexpr std::uint8_t kSmartCard = 3;         // dest_addr_subunit (clause 5.3.2.1)

bool wants_receipt(const ShortMessage& message, MessageState state) {
  const std::uint8_t wanted = message.registered_delivery & 0x03;
  return wanted == kReceiptAlways || (wanted == kReceiptOnFailure && state != MessageState::kDelivered);
}

}  // namespace

void MessageCentre::add_card(const std::string& number, SmsTerminal& terminal) {
  m_cards[digits_of(number)] = &terminal;
}

Mailbox& MessageCentre::mailbox(const std::string& system_id) {
  return m_mailboxes.try_emplace(system_id, m_limits.queue).first->second;
}

Status MessageCentre::refused(const std::string& system_id, const Refusal& refusal) const {
  log("ESME " + system_id + ": refused: " + refusal.why);
  return refusal.status;
}

/// Everything that can be wrong with it, before anything is done.
tl::expected<MessageCentre::Accepted, Refusal> MessageCentre::accept(const std::string& system_id, const ShortMessage& message) {
  const auto refuse = [](Status status, std::string why) { return tl::unexpected(Refusal{status, std::move(why)}); };
  const Moment now = m_wall.now();
  Accepted out{0, system_id, message, {}, nullptr, {}, {}};
  auto destination = check_address(message.destination, Status::kInvalidDestinationTon, Status::kInvalidDestinationNpi);
  if (!destination) return tl::unexpected(std::move(destination).error());
  const auto card = m_cards.find(digits_of(message.destination.digits));
  if (card == m_cards.end()) return refuse(Status::kInvalidDestination, "no card has the number " + message.destination.digits);
  out.terminal = card->second;
  auto parts = to_card(message, now, m_reference++, m_inbox != nullptr);
  if (!parts) return tl::unexpected(std::move(parts).error());
  out.parts = *std::move(parts);
  const auto due = read_time(message.schedule, now);
  if (!due) return refuse(Status::kInvalidSchedule, "schedule_delivery_time: " + due.error().text);
  if (due->has_value() && **due > now) out.due = **due;
  const auto expires = read_time(message.validity, now);
  if (!expires) return refuse(Status::kInvalidExpiry, "validity_period: " + expires.error().text);
  out.expires = *expires;
  if (out.expires && *out.expires < out.due.value_or(now))
    return refuse(Status::kInvalidExpiry, "validity_period: over before the message is due");
  if (mailbox(system_id).is_full()) {
    return refuse(Status::kQueueFull, std::to_string(mailbox(system_id).size()) +
                                          " messages wait for a receiver; new messages are refused until they are delivered");
  }
  if (out.due && m_scheduled_by[system_id] >= m_limits.queue) {
    return refuse(Status::kQueueFull, std::to_string(m_limits.queue) + " messages wait for their time");
  }
  return out;
}

Submitted MessageCentre::submit(const std::string& system_id, const ShortMessage& message) {
  auto accepted = accept(system_id, message);
  if (!accepted) return {refused(system_id, accepted.error()), {}, {}};
  const std::uint64_t id = m_next_id++;
  begin(*std::move(accepted), id);
  return {Status::kOk, std::to_string(id), m_records.at(id).state};
}

Submitted MessageCentre::submit_data(const std::string& system_id, ShortMessage message) {
  const Parameter* subunit = message.find(tag::kDestinationSubunit);
  const bool for_card = subunit != nullptr && subunit->value == Bytes{kSmartCard};
  if (for_card || is_sim_data_download(pid::kSimDataDownload, message.data_coding)) message.protocol_id = pid::kSimDataDownload;
  return submit(system_id, message);
}

SubmittedMulti MessageCentre::submit_multi(const std::string& system_id, const SubmitMulti& multi) {
  const auto refuse = [&](Status status, std::string why) { return SubmittedMulti{refused(system_id, {status, std::move(why)}), {}, {}}; };
  if (!multi.lists.empty()) return refuse(Status::kInvalidListName, "no distribution list has the name " + multi.lists.front());
  if (multi.destinations.empty() || multi.destinations.size() > kMaxDestinations) {
    return refuse(Status::kInvalidDestinationCount, std::to_string(multi.destinations.size()) + " destinations; 1 to 254 can be");
  }
  SubmittedMulti out;
  std::vector<Accepted> accepted;
  for (const Address& destination : multi.destinations) {
    ShortMessage one = multi.message;
    one.destination = destination;
    auto taken = accept(system_id, one);
    if (taken) {
      accepted.push_back(*std::move(taken));
    } else {
      out.failed.push_back({destination, refused(system_id, taken.error())});
    }
  }
  // Without a destination there is no message, and no id.
  if (accepted.empty()) return {out.failed.front().status, {}, std::move(out.failed)};
  const std::uint64_t id = m_next_id++;
  out.message_id = std::to_string(id);
  for (Accepted& one : accepted) begin(std::move(one), id);
  return out;
}

const MessageRecord* MessageCentre::query(const std::string& system_id, const QuerySm& asked) const {
  std::uint64_t id = 0;
  const char* end = asked.message_id.data() + asked.message_id.size();
  if (std::from_chars(asked.message_id.data(), end, id).ptr != end) return nullptr;
  const auto found = m_records.find(id);
  if (found == m_records.end() || found->second.system_id != system_id) return nullptr;
  // Clause 4.8.1: the source address of the message that is asked for.
  return digits_of(found->second.source.digits) == digits_of(asked.source.digits) ? &found->second : nullptr;
}

/// Brings it to its card, or keeps it until its time.
void MessageCentre::begin(Accepted accepted, std::uint64_t id) {
  forget_old();
  accepted.id = id;
  MessageRecord& record = m_records[id];
  if (record.pending++ == 0) {
    record.system_id = accepted.system_id;
    record.source = accepted.message.source;
    record.submitted = m_wall.now();
  }
  if (!accepted.due) return bring(accepted);
  log("message " + std::to_string(id) + " to " + accepted.message.destination.digits + ": waits until " + write_time(*accepted.due));
  const Moment due = *accepted.due;
  ++m_scheduled_by[accepted.system_id];
  m_scheduled.emplace(due, std::move(accepted));
}

void MessageCentre::bring(const Accepted& accepted) {
  MessageRecord& record = m_records[accepted.id];
  const std::string id = std::to_string(accepted.id);
  const Moment now = m_wall.now();
  Ended ended{id, MessageState::kDelivered, 0, record.submitted, now};
  std::vector<ShortMessage> back;
  std::string what = "taken";
  if (accepted.expires && *accepted.expires < now) {
    ended.state = MessageState::kExpired;
    what = "expired";
  } else if (m_inbox && !is_for_card(accepted.message)) {
    what = "taken by the device";
    if (!m_inbox(accepted.message.destination.digits, accepted.parts)) {
      ended.state = MessageState::kUndeliverable;
      what = "not taken by the device";
    }
  } else if (auto outcome = deliver(accepted.parts, *accepted.terminal, accepted.message); !outcome) {
    ended.state = MessageState::kUndeliverable;
    what = "not delivered: " + outcome.error().text;
  } else {
    back = std::move(outcome->back);
    ended.error = outcome->failure_cause;
    if (!outcome->acknowledged) {
      ended.state = MessageState::kUndeliverable;
      what = "refused by the card";
    }
  }
  ended.done = m_wall.now();
  if (wants_receipt(accepted.message, ended.state)) back.push_back(receipt(accepted.message, ended));
  // Of several cards, the one that did not take it is the state of the message.
  if (record.state == MessageState::kEnroute || ended.state != MessageState::kDelivered) {
    record.state = ended.state;
    record.error = ended.error;
  }
  record.done = ended.done;
  if (record.pending > 0) --record.pending;
  log("message " + id + " to " + accepted.message.destination.digits + ": " + std::to_string(accepted.parts.size()) +
      (accepted.parts.size() == 1 ? " part, " : " parts, ") + what + ", " + std::to_string(back.size()) + " back");
  Mailbox& mailbox = this->mailbox(accepted.system_id);
  for (ShortMessage& one : back) {
    if (!mailbox.add(std::move(one))) return log("ESME " + accepted.system_id + ": too many messages wait; the card's next ones are lost");
  }
}

/// The oldest that are at their end; those on their way stay.
void MessageCentre::forget_old() {
  for (auto at = m_records.begin(); m_records.size() >= m_limits.records && at != m_records.end();) {
    at = at->second.pending == 0 ? m_records.erase(at) : std::next(at);
  }
}

void MessageCentre::run_due() {
  while (!m_scheduled.empty() && m_scheduled.begin()->first <= m_wall.now()) {
    const Accepted accepted = std::move(m_scheduled.extract(m_scheduled.begin()).mapped());
    --m_scheduled_by[accepted.system_id];
    bring(accepted);
  }
}

std::optional<std::chrono::milliseconds> MessageCentre::next_due() const {
  if (m_scheduled.empty()) return std::nullopt;
  return std::max(std::chrono::milliseconds(0), m_scheduled.begin()->first - m_wall.now());
}

}  // namespace uicclab::ota::smpp
