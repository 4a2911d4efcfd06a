// SPDX-License-Identifier: Apache-2.0
#include "cli/lwm2m/messages.hpp"

#include "cli/common/commands.hpp"
#include "core/environment.hpp"
#include "core/hex.hpp"
#include "ota/sms_download.hpp"
#include "ota/sms_reassembler.hpp"

namespace uicclab::cli {
namespace {

constexpr std::uint8_t kDcsForDevice = 0xF5;  // 8 bit data, class 1 (3GPP TS 23.038 clause 4)
constexpr std::uint8_t kSubmit = 0x01;        // TP-MTI (3GPP TS 23.040 clause 9.2.3.1)

template <typename T>
T value_or_usage(Result<T> result, const std::string& what) {
  if (!result) throw Exit{kUsage, what + ": " + result.error().text};
  return *std::move(result);
}

std::vector<ota::TpduBody> bodies_of(BytesView content, SmsContent kind, EndPoint end) {
  ota::UserData whole{{}, to_bytes(content)};
  if (kind == SmsContent::kSecuredPacket) whole.header.push_back({ota::iei::kCommandPacket, {}});
  std::vector<ota::TpduBody> out;
  for (const ota::UserData& part : value_or_usage(ota::split(whole, 1), "the message")) {
    ota::TpduBody body;
    body.pid = end == EndPoint::kCard ? ota::pid::kSimDataDownload : ota::pid::kMeDataDownload;
    body.dcs = end == EndPoint::kCard ? ota::kDcsForCard : kDcsForDevice;
    if (const auto set = body.set_user_data(part); !set) throw Exit{kUsage, set.error().text};
    out.push_back(std::move(body));
  }
  return out;
}

/// One part, either way.
struct Part {
  ota::Address peer;
  ota::TpduBody body;
  Direction direction = Direction::kToDevice;
};
Part part_of(const std::string& text) {
  const auto tpdu = from_hex(text);
  if (!tpdu || tpdu->empty()) throw Exit{kUsage, "'" + text + "' is no TPDU in hexadecimal digits"};
  if (((*tpdu)[0] & 0x03) == kSubmit) {
    auto message = value_or_usage(ota::SmsSubmit::parse(*tpdu), "SMS-SUBMIT");
    return {std::move(message.destination), std::move(message.body), Direction::kToServer};
  }
  auto message = value_or_usage(ota::SmsDeliver::parse(*tpdu), "SMS-DELIVER");
  return {std::move(message.originator), std::move(message.body), Direction::kToDevice};
}

}  // namespace

std::vector<std::string> messages_to_device(BytesView content, SmsContent kind, const std::string& server, EndPoint end) {
  std::vector<std::string> out;
  const auto bodies = bodies_of(content, kind, end);
  for (const ota::TpduBody& body : bodies) {
    ota::SmsDeliver message;
    message.originator = value_or_usage(ota::Address::from_number(server), server);
    message.no_more_messages = out.size() + 1 == bodies.size();
    message.body = body;
    out.push_back(to_hex(value_or_usage(message.build(), "SMS-DELIVER")));
  }
  return out;
}

std::vector<std::string> messages_to_server(BytesView content, const ota::Address& server) {
  std::vector<std::string> out;
  for (const ota::TpduBody& body : bodies_of(content, SmsContent::kSecuredPacket, EndPoint::kDevice)) {
    ota::SmsSubmit message;
    message.reference = static_cast<std::uint8_t>(out.size());
    message.destination = server;
    message.body = body;
    out.push_back(to_hex(value_or_usage(message.build(), "SMS-SUBMIT")));
  }
  return out;
}

ota::SmsDeliver deliver_message(const std::string& message) {
  const auto tpdu = value_or_usage(from_hex(message), message);
  return value_or_usage(ota::SmsDeliver::parse(tpdu), "SMS-DELIVER");
}

bool is_for(EndPoint end, const ota::TpduBody& body) {
  if (end == EndPoint::kCard) return ota::is_sim_data_download(body.pid, body.dcs);
  const ota::DataCoding coding = ota::data_coding(body.dcs);
  return body.pid == ota::pid::kMeDataDownload && coding.alphabet == ota::Alphabet::k8Bit && !coding.compressed &&
         coding.message_class == ota::MessageClass::kTerminal;
}

MessageContent content_of(const std::vector<std::string>& messages, SmsContent kind, Direction direction) {
  const SystemClock clock;
  ota::Reassembler parts(clock);
  std::optional<ota::UserData> whole;
  MessageContent out;
  std::optional<Direction> from;
  for (const std::string& text : messages) {
    if (whole) throw Exit{kUsage, "'" + text + "' is a part of another message"};
    Part part = part_of(text);
    if (!from) out.end_point = is_for(EndPoint::kCard, part.body) ? EndPoint::kCard : EndPoint::kDevice;
    if (!is_for(out.end_point, part.body)) {
      throw Exit{kCheckFailed, "TP-PID " + to_hex(std::array{part.body.pid}) + ", TP-DCS " + to_hex(std::array{part.body.dcs}) +
                                   ": a message for the device must have TP-PID 7D and class 1, one for the card TP-PID 7F and class 2"};
    }
    from = part.direction;
    whole = parts.add(part.peer, value_or_usage(part.body.parsed_user_data(), "user data")).message;
    out.peer = std::move(part.peer);
  }
  if (!whole) throw Exit{kUsage, "parts of the message are missing"};
  const bool secured = whole->find(ota::iei::kCommandPacket) != nullptr;
  if (secured != (kind == SmsContent::kSecuredPacket))
    throw Exit{kCheckFailed, secured ? "this is a secured packet" : "this is not a secured packet"};
  if (from != direction) {
    throw Exit{kUsage, direction == Direction::kToDevice ? "this is an SMS-SUBMIT, from a device; what comes to one is an SMS-DELIVER"
                                                         : "this is an SMS-DELIVER, to a device; what comes from one is an SMS-SUBMIT"};
  }
  out.content = std::move(whole->payload);
  return out;
}

ota::Address number_option(const std::string& option, const std::string& number) {
  return value_or_usage(ota::Address::from_number(number), option + " " + number);
}

}  // namespace uicclab::cli
