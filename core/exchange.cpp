#include "core/exchange.hpp"

namespace uicclab {
namespace {

constexpr int kMaxSteps = 300;  // 64 kB in pieces of 256 bytes, and some

Result<apdu::Response> one(CardPort& port, BytesView command) {
  const auto answer = port.transmit(command);
  if (!answer) return tl::unexpected(answer.error());
  return apdu::parse_response(*answer);
}

}  // namespace

Result<apdu::Response> exchange_apdu(CardPort& port, BytesView command) {
  auto response = one(port, command);
  if (response && response->status.sw1() == 0x6C && command.size() >= 5) {
    Bytes again = to_bytes(command);
    again.back() = response->status.sw2();
    response = one(port, again);
  }
  Bytes data;
  for (int step = 0; response && (response->status.sw1() == 0x61 || response->status.sw1() == 0x9F); ++step) {
    if (step == kMaxSteps) return fail(ErrorCode::kMalformed, "the card announces data without end");
    append(data, response->data);
    const std::uint8_t cla = command[0] == 0xA0 ? 0xA0 : apdu::cla_for_channel(0x00, apdu::channel_of(command[0]));
    response = one(port, Bytes{cla, 0xC0, 0x00, 0x00, response->status.sw2()});
  }
  if (response) response->data.insert(response->data.begin(), data.begin(), data.end());
  return response;
}

}  // namespace uicclab
