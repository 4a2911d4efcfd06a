// SPDX-License-Identifier: Apache-2.0
#include "ota/smpp/card_delivery.hpp"

#include "core/gsm_alphabet.hpp"
#include "core/reader.hpp"

namespace uicclab::ota::smpp {
namespace {

// data_coding of octets without a class (clause 5.2.19).
constexpr std::uint8_t kOctets = 0x02;
constexpr std::uint8_t kBinary = 0x04;

// Clauses 5.2.5 and 5.2.6: what is not here is reserved.
constexpr std::uint8_t kMaxTon = 6;
constexpr auto kNumberingPlans = std::to_array<std::uint8_t>({0, 1, 3, 4, 6, 8, 9, 10, 14, 18});

tl::unexpected<Refusal> refuse(Status status, std::string why) {
  return tl::unexpected(Refusal{status, std::move(why)});
}

/// TP-DCS. Octets for the card get the class that the card takes, which platforms leave to the centre: pySim's smpp-ota-tool does.
std::uint8_t dcs_of(const ShortMessage& message) {
  const bool classless = message.data_coding == kOctets || message.data_coding == kBinary;
  return classless && message.protocol_id == pid::kSimDataDownload ? kDcsForCard : message.data_coding;
}

/// TP-OA of a source address (3GPP TS 23.040 clause 9.1.2.5). An ESME whose address is not known leaves it empty (clause 4.4.1): so does
/// the TPDU. The numbering plan of a name is passed on, although the clause has 0 there: centres do, and it selects nothing.
tl::expected<ota::Address, Refusal> originator_of(const Address& source) {
  if (auto checked = check_address(source, Status::kInvalidSourceTon, Status::kInvalidSourceNpi); !checked) {
    return tl::unexpected(checked.error());
  }
  if (source.npi > 0x0A) {
    return refuse(Status::kInvalidSourceNpi,
                  "source_addr_npi " + std::to_string(source.npi) + " has no numbering plan in a TP-OA (TS 23.040 9.1.2.5)");
  }
  const bool plus = source.digits.starts_with('+');
  std::uint8_t ton = source.ton;
  if (plus && ton == 0) ton = kTonInternational;
  ota::Address out;
  if (const std::string digits = digits_of(source.digits); !digits.empty()) {
    auto read = ton == kTonName ? ota::Address::from_name(source.digits) : ota::Address::from_number(digits);
    if (!read) return refuse(Status::kInvalidSource, "source_addr: " + read.error().text);
    out = *std::move(read);
  }
  out.type = static_cast<std::uint8_t>(0x80 | (ton << 4) | source.npi);
  return out;
}

/// An address of a TPDU; types and plans that SMPP does not have are unknown (0) there.
Address address_of(const ota::Address& address) {
  const auto ton = static_cast<std::uint8_t>((address.type >> 4) & 0x07);
  const auto npi = static_cast<std::uint8_t>(address.type & 0x0F);
  Address out;
  out.ton = ton <= kMaxTon ? ton : std::uint8_t{0};
  out.npi = std::ranges::find(kNumberingPlans, npi) != kNumberingPlans.end() ? npi : std::uint8_t{0};
  if (!address.is_name()) {
    out.digits = digits_of(address.text());
    return out;
  }
  for (const char32_t c : codepoints(address.text()).value_or(std::u32string()))
    out.digits += c >= 0x20 && c < 0x7F ? static_cast<char>(c) : '?';
  return out;
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

/// The user data of the message, in as many parts as it takes.
Result<std::vector<UserData>> parts_of(const ShortMessage& message, std::uint16_t new_reference) {
  const Parameter* payload = message.find(tag::kMessagePayload);
  if (payload != nullptr && !message.text.empty()) return fail(ErrorCode::kMalformed, "both short_message and message_payload");
  auto data = parse_user_data(payload != nullptr ? payload->value : message.text, (message.esm_class & kEsmUdhi) != 0);
  if (!data) return tl::unexpected(data.error());
  const bool segmented =
      message.find(tag::kSarReference) != nullptr || message.find(tag::kSarTotal) != nullptr || message.find(tag::kSarSequence) != nullptr;
  if (!segmented) return split(*data, new_reference, true);
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

std::string three_digits(unsigned number) {
  const std::string text = std::to_string(number);
  return std::string(3 - std::min<std::size_t>(3, text.size()), '0') + text;
}

std::string_view word_of(MessageState state) {
  switch (state) {
    case MessageState::kEnroute:
      return "ENROUTE";
    case MessageState::kDelivered:
      return "DELIVRD";
    case MessageState::kExpired:
      return "EXPIRED";
    case MessageState::kUndeliverable:
      return "UNDELIV";
  }
  return "UNKNOWN";
}

}  // namespace

std::string digits_of(const std::string& number) {
  return number.starts_with("+") ? number.substr(1) : number;
}

tl::expected<void, Refusal> check_address(const Address& address, Status ton, Status npi) {
  if (address.ton > kMaxTon) return refuse(ton, "ton " + std::to_string(address.ton) + " is reserved (SMPP 3.4 5.2.5)");
  if (std::ranges::find(kNumberingPlans, address.npi) == kNumberingPlans.end()) {
    return refuse(npi, "npi " + std::to_string(address.npi) + " is reserved (SMPP 3.4 5.2.6)");
  }
  return {};
}

bool is_for_card(const ShortMessage& message) {
  return is_sim_data_download(message.protocol_id, dcs_of(message));
}

tl::expected<std::vector<SmsDeliver>, Refusal> to_card(const ShortMessage& message, Moment received, std::uint16_t reference,
                                                       bool has_device) {
  const auto originator = originator_of(message.source);
  if (!originator) return tl::unexpected(originator.error());
  const std::uint8_t dcs = dcs_of(message);
  if (!has_device && !is_for_card(message)) {
    return refuse(Status::kSubmitFailed, "not for the card: protocol_id and data_coding are not those of (U)SIM data download (7F, F6)");
  }
  const auto parts = parts_of(message, reference);
  if (!parts) return refuse(Status::kInvalidParameterValue, parts.error().text);
  std::vector<SmsDeliver> out;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    SmsDeliver& deliver = out.emplace_back();
    deliver.originator = *originator;
    deliver.timestamp = timestamp(received);
    deliver.no_more_messages = i + 1 == parts->size();
    deliver.body.pid = message.protocol_id;
    deliver.body.dcs = dcs;
    if (auto set = deliver.body.set_user_data((*parts)[i]); !set) return refuse(Status::kInvalidMessageLength, set.error().text);
  }
  return out;
}

Result<Outcome> deliver(const std::vector<SmsDeliver>& parts, SmsTerminal& terminal, const ShortMessage& message) {
  Outcome out;
  terminal.take_submitted();
  for (const SmsDeliver& part : parts) {
    const auto report = terminal.deliver(part);
    if (!report) return tl::unexpected(report.error());
    if (!report->acknowledged()) {
      out.acknowledged = false;
      out.failure_cause = report->failure_cause();
    }
    if (report->user_data.empty()) continue;
    TpduBody body = part.body;
    body.has_header = true;  // 3GPP TS 31.115 clause 4.4: 02 71 00
    body.user_data = report->user_data;
    out.back.push_back(from_card(message, body));
  }
  for (const Bytes& tpdu : terminal.take_submitted()) {
    const auto submit = SmsSubmit::parse(tpdu);
    if (!submit) continue;
    ShortMessage sent = from_card(message, submit->body);
    sent.destination = address_of(submit->destination);
    out.back.push_back(std::move(sent));
  }
  return out;
}

ShortMessage receipt(const ShortMessage& message, const Ended& ended) {
  ShortMessage out;
  out.source = message.destination;
  out.destination = message.source;
  out.esm_class = kEsmReceipt;
  // The usual form of the text (appendix B).
  const bool delivered = ended.state == MessageState::kDelivered;
  const std::string text = "id:" + ended.id + " sub:001 dlvrd:" + (delivered ? "001" : "000") +
                           " submit date:" + receipt_time(ended.submitted) + " done date:" + receipt_time(ended.done) +
                           " stat:" + std::string(word_of(ended.state)) + " err:" + three_digits(ended.error) + " text:";
  out.text = to_bytes(as_bytes(text));
  out.parameters.push_back({tag::kReceiptedMessageId, encode_text(ended.id)});
  out.parameters.push_back({tag::kMessageState, {static_cast<std::uint8_t>(ended.state)}});
  return out;
}

}  // namespace uicclab::ota::smpp
