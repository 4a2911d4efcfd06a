// SPDX-License-Identifier: Apache-2.0
#include "core/transceive.hpp"

namespace uicclab {
namespace {

constexpr std::size_t kMaxResponse = 65536;
constexpr std::uint8_t kClaGsm = 0xA0;

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

/// GET RESPONSE for `size` bytes (00: 256), and once more for as many as 6Cxx names.
Result<apdu::Response> get_response(CardPort& port, BytesView command, std::uint8_t size) {
  Bytes bytes{get_response_class(command), apdu::kGetResponse, 0, 0, size};
  auto response = send(port, bytes);
  if (response && response->status.sw1() == 0x6C) {
    bytes[4] = response->status.sw2();
    response = send(port, bytes);
  }
  return response;
}

/// Under T=0 a warning may come before the data of a case 4 command: TS 102 221 clause 7.3.1.1.4 4b and annex C.1.7.
bool may_wait_behind_warning(const CardPort& port, BytesView command, const apdu::Response& first) {
  if (port.protocol() != Protocol::kT0 || !first.status.is_warning() || !first.data.empty()) return false;
  const auto parsed = apdu::parse(command);
  return parsed && parsed->kind() == apdu::Case::k4;
}

/// Case 2 with the Le that 6Cxx names.
std::optional<Bytes> with_exact_length(BytesView command, StatusWord status) {
  if (status.sw1() != 0x6C) return std::nullopt;
  auto parsed = apdu::parse(command);
  if (!parsed || parsed->kind() != apdu::Case::k2) return std::nullopt;
  parsed->le = status.sw2() == 0 ? 256U : status.sw2();
  return apdu::encode(*parsed);
}

}  // namespace

Result<apdu::Response> fetch_rest(CardPort& port, BytesView command, apdu::Response first) {
  std::optional<StatusWord> warning;
  Result<apdu::Response> response = std::move(first);
  if (may_wait_behind_warning(port, command, *response)) {
    warning = response->status;
    response = get_response(port, command, 0);
    if (response && !response->status.is_success()) return apdu::Response{{}, *warning};  // there was no data
  }
  Bytes data;
  while (response && has_more(response->status)) {
    append(data, response->data);
    if (data.size() > kMaxResponse) {
      return fail(ErrorCode::kMalformed, "the card's answer is longer than 65536 bytes: after each GET RESPONSE it promises more (61xx)");
    }
    response = get_response(port, command, response->status.sw2());
    if (response && has_more(response->status) && response->data.empty()) {
      return fail(ErrorCode::kMalformed, "the card answers GET RESPONSE without data and promises more (" + to_hex(response->status) + ")");
    }
  }
  if (response && !data.empty()) {
    append(data, response->data);
    response->data = std::move(data);
  }
  // What the command was warned of is its result; the end of the fetching, 9000 or 91xx, says nothing of it.
  if (response && warning && !response->status.is_warning()) response->status = *warning;
  return response;
}

Result<apdu::Response> transceive(CardPort& port, BytesView command) {
  auto response = send(port, command);
  if (!response) return response;
  if (const auto again = with_exact_length(command, response->status)) {
    response = send(port, *again);
    if (!response) return response;
  }
  return fetch_rest(port, command, *std::move(response));
}

Result<apdu::Response> transceive(CardPort& port, const apdu::Command& command) {
  return transceive(port, apdu::encode(command));
}

}  // namespace uicclab
