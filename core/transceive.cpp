#include "core/transceive.hpp"

namespace uicclab {
namespace {

constexpr std::size_t kMaxResponse = 65536;
constexpr std::uint8_t kInsGetResponse = 0xC0;

Result<apdu::Response> send(CardPort& port, BytesView bytes) {
  const auto answer = port.transmit(bytes);
  if (!answer) return tl::unexpected(answer.error());
  return apdu::parse_response(*answer);
}

}  // namespace

Result<apdu::Response> transceive(CardPort& port, BytesView command) {
  auto response = send(port, command);
  if (response && response->status.sw1() == 0x6C && command.size() == 5) {
    Bytes again = to_bytes(command);
    again[4] = response->status.sw2();
    response = send(port, again);
  }
  const std::uint8_t channel = command.empty() ? std::uint8_t{0} : apdu::channel_of(command[0]);
  Bytes data;
  while (response && response->status.sw1() == 0x61) {
    append(data, response->data);
    if (data.size() > kMaxResponse) return fail(ErrorCode::kMalformed, "a response that does not end");
    Bytes get_response{apdu::cla_for_channel(0x00, channel), kInsGetResponse, 0, 0, response->status.sw2()};
    response = send(port, get_response);
    if (response && response->status.sw1() == 0x6C) {
      get_response[4] = response->status.sw2();
      response = send(port, get_response);
    }
    if (response && response->status.sw1() == 0x61 && response->data.empty()) {
      return fail(ErrorCode::kMalformed, "GET RESPONSE brings nothing and promises more");
    }
  }
  if (response && !data.empty()) {
    append(data, response->data);
    response->data = std::move(data);
  }
  return response;
}

Result<apdu::Response> transceive(CardPort& port, const apdu::Command& command) {
  return transceive(port, apdu::encode(command));
}

}  // namespace uicclab
