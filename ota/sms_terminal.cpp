// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_terminal.hpp"

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "ota/sms_download.hpp"

namespace uicclab::ota {
namespace {

// ETSI TS 102 223 clause 5.2; 3GPP TS 31.111 clause 5.2: profile download, SMS-PP data download, 9EXX response code handling; MORE TIME;
// SEND SHORT MESSAGE.
constexpr auto kTerminalProfile = "80100000 04 13000802"_h;
constexpr auto kFetch = "8012000000"_h;
constexpr int kMaxCommands = 256;  // of a card that never ends its session

// General results (ETSI TS 102 223 clause 8.12).
constexpr std::uint8_t kPerformed = 0x00;
constexpr std::uint8_t kBeyondCapabilities = 0x30;
constexpr std::uint8_t kMoreTime = 0x02;

/// TERMINAL RESPONSE to a command with these details.
Bytes terminal_response(BytesView details, std::uint8_t result) {
  Bytes data;
  ctlv::write(data, 0x01, details);
  ctlv::write(data, 0x02, "8281"_h);
  ctlv::write(data, 0x03, std::array{result});
  return apdu::encode({0x80, 0x14, 0x00, 0x00, data, std::nullopt, false});
}

}  // namespace

bool SmsTerminal::Report::acknowledged() const {
  return status.sw1() == 0x90 || status.sw1() == 0x91 || status.sw1() == 0x6F || status.is_warning();
}

Result<void> SmsTerminal::start() {
  m_link.forget();
  const auto response = exchange(to_bytes(kTerminalProfile));
  if (!response) return tl::unexpected(response.error());
  const auto served = serve_card(response->status);
  if (!served) return tl::unexpected(served.error());
  return {};
}

Result<SmsTerminal::Report> SmsTerminal::deliver(const SmsDeliver& message) {
  auto tpdu = message.build();
  if (!tpdu) return tl::unexpected(tpdu.error());
  const Bytes envelope = SmsPpDownload{build_address_value(m_service_centre), *std::move(tpdu), {}}.build();
  if (envelope.size() > 0xFF) return fail(ErrorCode::kRange, "a short message too long for an envelope");
  const auto response = exchange(apdu::encode({0x80, 0xC2, 0x00, 0x00, envelope, 256, false}));
  if (!response) return tl::unexpected(response.error());
  const Report report{response->data, response->status};
  const auto served = serve_card(response->status);
  if (!served) return tl::unexpected(served.error());
  return report;
}

/// Fetches and answers as long as the card has commands (91xx).
Result<StatusWord> SmsTerminal::serve_card(StatusWord status) {
  for (int i = 0; i < kMaxCommands && status.sw1() == 0x91; ++i) {
    Bytes fetch = to_bytes(kFetch);
    fetch.back() = status.sw2();
    const auto fetched = exchange(std::move(fetch));
    if (!fetched) return tl::unexpected(fetched.error());
    if (!fetched->status.is_success()) return fetched->status;
    std::uint8_t result = kBeyondCapabilities;
    if (auto command = SendShortMessage::parse(fetched->data)) {
      m_submitted.push_back(std::move(command->tpdu));
      result = kPerformed;
    }
    const auto inside = ber::only(fetched->data, 0xD0);
    const auto details = inside ? ctlv::find(inside->value, 0x01) : std::nullopt;
    if (details && details->size() == 3 && (*details)[1] == kMoreTime) result = kPerformed;
    const auto answered = exchange(terminal_response(details.value_or(BytesView()), result));
    if (!answered) return tl::unexpected(answered.error());
    status = answered->status;
  }
  return status;
}

}  // namespace uicclab::ota
