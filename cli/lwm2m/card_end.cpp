// SPDX-License-Identifier: Apache-2.0
#include "cli/lwm2m/card_end.hpp"

#include "cli/lwm2m/lwm2m.hpp"
#include "cli/lwm2m/messages.hpp"
#include "core/hex.hpp"
#include "core/reader.hpp"
#include "core/transceive.hpp"
#include "lwm2m/secured_sms.hpp"

namespace uicclab::cli {
namespace {

constexpr auto kApplication = "F0756963636C61620401"_h;
constexpr std::uint8_t kGetData = 0xCA, kStoreData = 0xE2, kDelete = 0xE4;
constexpr std::uint8_t kReceived = 0x01, kToSend = 0x02;                              // P1 of GET DATA and DELETE
constexpr std::uint8_t kCoapMessage = 0x00, kShortMessage = 0x02, kLastBlock = 0x80;  // P1 of STORE DATA
constexpr std::size_t kStoreBlock = 255, kGetBlock = 224;

std::unique_ptr<OpenCard> open(const CardOption& option) {
  Atr atr;
  auto card = option.open(atr);
  if (auto* guard = card->guard()) guard->allow_management(true);  // STORE DATA carries the messages
  return card;
}

[[noreturn]] void refused(const char* what, StatusWord status) {
  throw Exit{kCheckFailed, std::string(what) + ": the card answers " + to_hex(status) + " (" + std::string(meaning(status)) + ")"};
}

}  // namespace

CardEnd::CardEnd(const CardOption& option) : m_card(open(option)), m_terminal(m_card->port(), *ota::Address::from_number("+491710000099")) {
  lwm2m_value(m_terminal.start());
  const auto selected = lwm2m_value(transceive(
      m_card->port(), apdu::Command{.cla = 0x00, .ins = 0xA4, .p1 = 0x04, .p2 = 0x0C, .data = kApplication, .le = std::nullopt}));
  if (!selected.status.is_success() && selected.status.sw1() != 0x91) refused("SELECT of the SMS security application", selected.status);
}

apdu::Response CardEnd::ask(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, BytesView data, std::optional<std::uint32_t> le) {
  auto answer = lwm2m_value(transceive(m_card->port(), apdu::Command{.cla = 0x80, .ins = ins, .p1 = p1, .p2 = p2, .data = data, .le = le}));
  if (answer.status.sw1() == 0x91) {
    (void)lwm2m_value(m_terminal.serve_card(answer.status));
    answer.status = sw::kOk;
  }
  return answer;
}

void CardEnd::store(std::uint8_t kind, BytesView data) {
  for (std::uint8_t number = 0; !data.empty(); ++number) {
    const BytesView block = data.first(std::min(data.size(), kStoreBlock));
    data = data.subspan(block.size());
    const auto p1 = static_cast<std::uint8_t>(kind | (data.empty() ? kLastBlock : 0));
    const auto answer = ask(kStoreData, p1, number, block, std::nullopt);
    if (answer.status == sw::kConditionsNotSatisfied) {
      throw Exit{
          kCheckFailed,
          "the card sends nothing (6985): it has no account with secured packets, or its session keys have ended; the server sends new "
          "ones (lwm2m sms refresh)"};
    }
    if (answer.status != sw::kOk) refused("STORE DATA", answer.status);
  }
}

/// The oldest message; empty: there is none.
Bytes CardEnd::get(std::uint8_t which) {
  Bytes whole;
  for (unsigned number = 0; number <= 0xFF; ++number) {
    const auto block = ask(kGetData, which, static_cast<std::uint8_t>(number), {}, 256);
    if (block.status != sw::kOk) return whole;
    append(whole, block.data);
    if (block.data.size() < kGetBlock) return whole;
  }
  throw Exit{kCheckFailed, "the card's message does not end: GET DATA gave 256 blocks"};
}

void CardEnd::remove(std::uint8_t which) {
  if (const auto gone = ask(kDelete, which, 0, {}, std::nullopt); gone.status != sw::kOk) refused("DELETE", gone.status);
}

std::vector<std::string> CardEnd::send(BytesView coap, const std::optional<ota::Address>& to) {
  ByteWriter message;
  if (to) {
    ota::write_address(message, *to);
  } else {
    message.bytes("0091"_h);  // to the account's number
  }
  message.u8(lwm2m::kCoapTag).u16(static_cast<std::uint16_t>(coap.size())).bytes(coap);
  store(kCoapMessage, message.view());
  std::vector<std::string> out;
  for (const Bytes& tpdu : m_terminal.take_submitted()) out.push_back(to_hex(tpdu));
  constexpr std::size_t kMostParts = 255;  // of one message
  for (Bytes tpdu = get(kToSend); !tpdu.empty(); tpdu = get(kToSend)) {
    if (out.size() >= kMostParts) throw Exit{kCheckFailed, "the card has more than 255 short messages to send"};
    out.push_back(to_hex(tpdu));
    remove(kToSend);
  }
  if (out.empty()) throw Exit{kCheckFailed, "the card sent nothing"};
  return out;
}

void CardEnd::deliver(const std::vector<std::string>& messages) {
  for (const std::string& one : messages) {
    const auto report = lwm2m_value(m_terminal.deliver(deliver_message(one)));
    if (!report.acknowledged()) refused("ENVELOPE", report.status);
  }
}

CardEnd::Received CardEnd::receive(const std::vector<std::string>& messages) {
  for (const std::string& one : messages) {
    const ota::SmsDeliver message = deliver_message(one);
    if (is_for(EndPoint::kDevice, message.body)) {
      store(kShortMessage, lwm2m_value(message.build()));
    } else if (is_for(EndPoint::kCard, message.body)) {
      deliver({one});
    } else {
      throw Exit{kCheckFailed, "a message for the device must have TP-PID 7D and class 1, one for the card TP-PID 7F and class 2"};
    }
  }
  const Bytes whole = get(kReceived);
  if (whole.empty()) throw Exit{kCheckFailed, "the card has no message: it dropped the packet"};
  remove(kReceived);
  ByteReader reader(whole);
  const auto from = ota::read_address(reader);
  const auto tag = reader.u8();
  const auto size = reader.u16();
  const auto coap = size ? reader.bytes(*size) : std::nullopt;
  if (!from || tag != lwm2m::kCoapTag || !coap || !reader.empty())
    throw Exit{kCheckFailed, "the card returned a message that cannot be read"};
  return {to_bytes(*coap), *from};
}

}  // namespace uicclab::cli
