#include "ota/smpp/message_centre.hpp"

namespace uicclab::ota::smpp {
namespace {

// message_state (SMPP 3.4 clause 5.2.28).
constexpr std::uint8_t kDelivered = 2;
constexpr std::uint8_t kUndeliverable = 5;
// registered_delivery (clause 5.2.17): bits 1 and 0.
constexpr std::uint8_t kReceiptAlways = 1;
constexpr std::uint8_t kReceiptOnFailure = 2;
// data_coding of octets without a class (clause 5.2.19).
constexpr std::uint8_t kOctets = 0x02;
constexpr std::uint8_t kBinary = 0x04;

std::string digits_of(const std::string& number) {
  return number.starts_with("+") ? number.substr(1) : number;
}

/// TP-DCS. Octets for the card get the class that the card takes, which platforms leave to the centre: pySim's smpp-ota-tool does.
std::uint8_t dcs_of(const ShortMessage& message) {
  const bool classless = message.data_coding == kOctets || message.data_coding == kBinary;
  return classless && message.protocol_id == pid::kSimDataDownload ? kDcsForCard : message.data_coding;
}

/// TP-OA of a source address.
Result<ota::Address> originator_of(const Address& source) {
  auto address = ota::Address::from_number(digits_of(source.digits));
  if (!address) return address;
  address->type = static_cast<std::uint8_t>(0x80 | ((source.ton & 0x07) << 4) | (source.npi & 0x0F));
  return address;
}

Address address_of(const ota::Address& address) {
  return {static_cast<std::uint8_t>((address.type >> 4) & 0x07), static_cast<std::uint8_t>(address.type & 0x0F), digits_of(address.text())};
}

/// A number of one or two octets in an optional parameter.
std::optional<std::uint16_t> number_of(const Parameter* parameter, std::size_t size) {
  if (parameter == nullptr || parameter->value.size() != size) return std::nullopt;
  return static_cast<std::uint16_t>(*ByteReader(parameter->value).number(size));
}

/// A message from the card, to whoever sent `to_answer`.
ShortMessage from_card(const ShortMessage& to_answer, const TpduBody& body) {
  ShortMessage out;
  out.source = to_answer.destination;
  out.destination = to_answer.source;
  out.esm_class = body.has_header ? kEsmUdhi : 0;
  out.protocol_id = body.pid;
  out.data_coding = body.dcs;
  out.text = body.user_data;
  return out;
}

ShortMessage receipt(const ShortMessage& message, const std::string& id, bool delivered) {
  ShortMessage out;
  out.source = message.destination;
  out.destination = message.source;
  out.esm_class = kEsmReceipt;
  // The usual form of the text (SMPP 3.4 appendix B). There is no clock: date and time say nothing.
  const std::string text = "id:" + id + " sub:001 dlvrd:" + (delivered ? "001" : "000") +
                           " submit date:0001010000 done date:0001010000 stat:" + (delivered ? "DELIVRD" : "UNDELIV") + " err:000 text:";
  out.text = to_bytes(as_bytes(text));
  out.parameters.push_back({tag::kReceiptedMessageId, encode_text(id)});
  out.parameters.push_back({tag::kMessageState, {delivered ? kDelivered : kUndeliverable}});
  return out;
}

}  // namespace

void MessageCentre::add_card(const std::string& number, SmsTerminal& terminal) {
  m_cards[digits_of(number)] = &terminal;
}

/// The user data of the message, in as many parts as it takes.
Result<std::vector<UserData>> MessageCentre::parts_of(const ShortMessage& message) {
  const Parameter* payload = message.find(tag::kMessagePayload);
  if (payload != nullptr && !message.text.empty()) return fail(ErrorCode::kMalformed, "both short_message and message_payload");
  auto data = parse_user_data(payload != nullptr ? payload->value : message.text, (message.esm_class & kEsmUdhi) != 0);
  if (!data) return tl::unexpected(data.error());
  const bool segmented =
      message.find(tag::kSarReference) != nullptr || message.find(tag::kSarTotal) != nullptr || message.find(tag::kSarSequence) != nullptr;
  if (segmented) {
    const auto reference = number_of(message.find(tag::kSarReference), 2);
    const auto total = number_of(message.find(tag::kSarTotal), 1);
    const auto sequence = number_of(message.find(tag::kSarSequence), 1);
    if (!reference || !total || !sequence || *sequence == 0 || *sequence > *total) {
      return fail(ErrorCode::kRange, "sar_* parameters that name no part");
    }
    const Concatenation place{true, *reference, static_cast<std::uint8_t>(*total), static_cast<std::uint8_t>(*sequence)};
    data->header.insert(data->header.begin(), place.element());
    return std::vector<UserData>{*std::move(data)};
  }
  return split(*data, m_reference++, true);
}

Submitted MessageCentre::submit(const ShortMessage& message) {
  Submitted out;
  const auto refuse = [&](Status status, const std::string& why) {
    if (m_log) m_log("refused: " + why);
    out.status = status;
    return out;
  };
  const auto card = m_cards.find(digits_of(message.destination.digits));
  if (card == m_cards.end()) return refuse(Status::kInvalidDestination, "no card has the number " + message.destination.digits);
  const auto originator = originator_of(message.source);
  if (!originator) return refuse(Status::kInvalidSource, "source address: " + originator.error().text);
  const std::uint8_t dcs = dcs_of(message);
  if (!is_sim_data_download(message.protocol_id, dcs)) {
    return refuse(Status::kSubmitFailed, "not for the card: protocol_id and data_coding are not those of (U)SIM data download (7F, F6)");
  }
  const auto parts = parts_of(message);
  if (!parts) return refuse(Status::kInvalidParameterValue, parts.error().text);

  out.message_id = std::to_string(m_next_id++);
  SmsTerminal& terminal = *card->second;
  terminal.take_submitted();
  bool acknowledged = true;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    SmsDeliver deliver;
    deliver.originator = *originator;
    deliver.no_more_messages = i + 1 == parts->size();
    deliver.body.pid = message.protocol_id;
    deliver.body.dcs = dcs;
    if (auto set = deliver.body.set_user_data((*parts)[i]); !set) return refuse(Status::kInvalidMessageLength, set.error().text);
    const auto report = terminal.deliver(deliver);
    if (!report) return refuse(Status::kSystemError, report.error().text);
    acknowledged = acknowledged && report->acknowledged();
    if (report->user_data.empty()) continue;
    TpduBody body = deliver.body;
    body.has_header = true;  // 3GPP TS 31.115 clause 4.4: 02 71 00
    body.user_data = report->user_data;
    out.deliveries.push_back(from_card(message, body));
  }
  for (const Bytes& tpdu : terminal.take_submitted()) {
    const auto submit = SmsSubmit::parse(tpdu);
    if (!submit) continue;
    ShortMessage sent = from_card(message, submit->body);
    sent.destination = address_of(submit->destination);
    out.deliveries.push_back(std::move(sent));
  }
  const std::uint8_t wanted = message.registered_delivery & 0x03;
  if (wanted == kReceiptAlways || (wanted == kReceiptOnFailure && !acknowledged)) {
    out.deliveries.push_back(receipt(message, out.message_id, acknowledged));
  }
  if (m_log) {
    m_log("message " + out.message_id + " to " + message.destination.digits + ": " + std::to_string(parts->size()) +
          (parts->size() == 1 ? " part, " : " parts, ") + (acknowledged ? "taken" : "refused by the card") + ", " +
          std::to_string(out.deliveries.size()) + " back");
  }
  return out;
}

}  // namespace uicclab::ota::smpp
