// SPDX-License-Identifier: Apache-2.0
#include "cli/lwm2m/messages.hpp"

#include "cli/common/commands.hpp"
#include "core/environment.hpp"
#include "core/hex.hpp"
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

std::vector<ota::TpduBody> bodies_of(BytesView content, SmsContent kind, SmsEnd end) {
  ota::UserData whole{{}, to_bytes(content)};
  if (kind == SmsContent::kSecuredPacket) whole.header.push_back({ota::iei::kCommandPacket, {}});
  std::vector<ota::TpduBody> out;
  for (const ota::UserData& part : value_or_usage(ota::split(whole, 1), "the message")) {
    ota::TpduBody body;
    body.pid = end == SmsEnd::kCard ? ota::pid::kSimDataDownload : ota::pid::kMeDataDownload;
    body.dcs = end == SmsEnd::kCard ? ota::kDcsForCard : kDcsForDevice;
    if (const auto set = body.set_user_data(part); !set) throw Exit{kUsage, set.error().text};
    out.push_back(std::move(body));
  }
  return out;
}

}  // namespace

std::vector<std::string> messages_to_device(BytesView content, SmsContent kind, const std::string& server, SmsEnd end) {
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

std::vector<std::string> messages_to_server(BytesView content, const std::string& server) {
  std::vector<std::string> out;
  for (const ota::TpduBody& body : bodies_of(content, SmsContent::kSecuredPacket, SmsEnd::kDevice)) {
    ota::SmsSubmit message;
    message.reference = static_cast<std::uint8_t>(out.size());
    message.destination = value_or_usage(ota::Address::from_number(server), server);
    message.body = body;
    message.body.pid = ota::pid::kShortMessage;
    out.push_back(to_hex(value_or_usage(message.build(), "SMS-SUBMIT")));
  }
  return out;
}

ota::SmsDeliver deliver_message(const std::string& message) {
  const auto tpdu = value_or_usage(from_hex(message), message);
  return value_or_usage(ota::SmsDeliver::parse(tpdu), "SMS-DELIVER");
}

Bytes content_of(const std::vector<std::string>& messages, SmsContent kind) {
  const SystemClock clock;
  ota::Reassembler parts(clock);
  std::optional<ota::UserData> whole;
  for (const std::string& text : messages) {
    const auto tpdu = from_hex(text);
    if (!tpdu || tpdu->empty() || whole) throw Exit{kUsage, "'" + text + "' is no TPDU of one message"};
    ota::Address peer;
    ota::TpduBody body;
    if (((*tpdu)[0] & 0x03) == kSubmit) {
      auto message = value_or_usage(ota::SmsSubmit::parse(*tpdu), "SMS-SUBMIT");
      peer = message.destination;
      body = std::move(message.body);
    } else {
      auto message = value_or_usage(ota::SmsDeliver::parse(*tpdu), "SMS-DELIVER");
      peer = message.originator;
      body = std::move(message.body);
    }
    whole = parts.add(peer, value_or_usage(body.parsed_user_data(), "user data")).message;
  }
  if (!whole) throw Exit{kUsage, "parts of the message are missing"};
  const bool secured = whole->find(ota::iei::kCommandPacket) != nullptr;
  if (secured != (kind == SmsContent::kSecuredPacket))
    throw Exit{kCheckFailed, secured ? "this is a secured packet" : "this is no secured packet"};
  return std::move(whole->payload);
}

}  // namespace uicclab::cli
