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
constexpr std::uint8_t kReceived = 0x01, kLastBlock = 0x80;
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

std::vector<std::string> CardEnd::send(BytesView coap) {
  ByteWriter message;
  message.bytes("0091"_h).u8(lwm2m::kCoapTag).u16(static_cast<std::uint16_t>(coap.size())).bytes(coap);  // to the account's number
  BytesView rest = message.view();
  for (std::uint8_t number = 0; !rest.empty(); ++number) {
    const BytesView block = rest.first(std::min(rest.size(), kStoreBlock));
    rest = rest.subspan(block.size());
    const auto answer = ask(kStoreData, rest.empty() ? kLastBlock : std::uint8_t{0}, number, block, std::nullopt);
    if (answer.status != sw::kOk) refused("STORE DATA", answer.status);
  }
  std::vector<std::string> out;
  for (const Bytes& tpdu : m_terminal.take_submitted()) out.push_back(to_hex(tpdu));
  if (out.empty()) throw Exit{kCheckFailed, "the card sent nothing"};
  return out;
}

Bytes CardEnd::receive(const std::vector<std::string>& messages) {
  for (const std::string& one : messages) {
    const auto report = lwm2m_value(m_terminal.deliver(deliver_message(one)));
    if (!report.acknowledged()) refused("ENVELOPE", report.status);
  }
  Bytes whole;
  for (std::uint8_t number = 0;; ++number) {
    const auto block = ask(kGetData, kReceived, number, {}, 256);
    if (number == 0 && block.status != sw::kOk) throw Exit{kCheckFailed, "the card has no message: it dropped what it got"};
    if (block.status != sw::kOk) break;
    append(whole, block.data);
    if (block.data.size() < kGetBlock) break;
  }
  if (const auto gone = ask(kDelete, kReceived, 0, {}, std::nullopt); gone.status != sw::kOk) refused("DELETE", gone.status);
  ByteReader reader(whole);
  const auto from = ota::read_address(reader);
  const auto tag = reader.u8();
  const auto size = reader.u16();
  const auto coap = size ? reader.bytes(*size) : std::nullopt;
  if (!from || tag != lwm2m::kCoapTag || !coap || !reader.empty()) throw Exit{kCheckFailed, "the card gives a message that cannot be read"};
  return to_bytes(*coap);
}

}  // namespace uicclab::cli
