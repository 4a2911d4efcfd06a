#include "core/transceive.hpp"

namespace uicclab {
namespace {

constexpr std::size_t kMaxResponse = 65536;
constexpr std::uint8_t kClaGsm = 0xA0;
constexpr std::uint8_t kInsGetResponse = 0xC0;

/// Data waits: ETSI TS 102 221 clause 10.2.1.1 (61xx); 3GPP TS 51.011 clause 9.4.1 (9Fxx, class A0).
bool has_more(StatusWord status) {
  return status.sw1() == 0x61 || status.sw1() == 0x9F;
}

std::uint8_t get_response_class(BytesView command) {
  if (!command.empty() && command[0] == kClaGsm) return kClaGsm;
  return apdu::cla_for_channel(0x00, command.empty() ? std::uint8_t{0} : apdu::channel_of(command[0]));
}

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
  Bytes data;
  while (response && has_more(response->status)) {
    append(data, response->data);
    if (data.size() > kMaxResponse) return fail(ErrorCode::kMalformed, "a response that does not end");
    Bytes get_response{get_response_class(command), kInsGetResponse, 0, 0, response->status.sw2()};
    response = send(port, get_response);
    if (response && response->status.sw1() == 0x6C) {
      get_response[4] = response->status.sw2();
      response = send(port, get_response);
    }
    if (response && has_more(response->status) && response->data.empty()) {
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
