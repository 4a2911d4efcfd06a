// SPDX-License-Identifier: Apache-2.0
#include "ota/secured_packet_response.hpp"

#include "tests/unit/ota/packet_vectors.hpp"

using namespace uicclab;
using namespace uicclab::ota;
using namespace uicclab::test;
using Status = ResponseStatus;

namespace {

constexpr Tar kTar{{0xB0, 0x01, 0x40}};
const ResponsePacket kResponse{kTar, {7}, Status::kOk, to_bytes("029000AABB"_h)};

PacketKeys keys_for(AlgorithmPolicy policy = {}) {
  return PacketKeys(0x22, 0x22, {aes_key(Bytes(16, 0x11)), aes_key(Bytes(16, 0x22))}, policy);
}

Bytes built(std::uint8_t spi2, const ResponsePacket& response = kResponse) {
  PacketKeys keys = keys_for();
  return build_response(response, {0, spi2}, &keys).value();
}

Result<ReceivedResponse> parsed(BytesView packet, std::uint8_t spi2) {
  PacketKeys keys = keys_for();
  return parse_response(packet, {0, spi2}, keys);
}

}  // namespace

TEST_CASE("A plain response is its fields in a row (TS 102 225 clause 5.2)") {
  CHECK(to_hex(built(0x01)) ==
        "0010"
        "0A"
        "B00140"
        "0000000007"
        "00"
        "00"
        "029000AABB");
  const auto response = parsed(built(0x01), 0x01);
  REQUIRE(response);
  CHECK(response->packet == kResponse);
  CHECK(response->protected_as_asked);
}

TEST_CASE("Responses of every protection come back, and not under another one") {
  for (std::uint8_t spi2 : "01091119"_h) {
    CAPTURE(int{spi2});
    for (std::size_t size : {0U, 1U, 8U, 9U, 25U, 200U}) {
      ResponsePacket response = kResponse;
      response.data.assign(size, 0xA5);
      const Bytes packet = built(spi2, response);
      const auto back = parsed(packet, spi2);
      REQUIRE(back);
      CHECK(back->packet == response);
      CHECK(back->protected_as_asked);
      if (spi2 == 0x01) continue;
      const auto other = parsed(built(0x01, response), spi2);
      CHECK_FALSE(other);
    }
  }
}

TEST_CASE("A bare error status is taken where protection was asked for, and marked; a bare success is refused") {
  for (Status status : {Status::kUnidentifiedSecurityError, Status::kTarUnknown, Status::kInsufficientSecurityLevel}) {
    const Bytes packet = built(0x01, {kTar, {0}, status, {}});
    for (std::uint8_t spi2 : "05091119"_h) {
      PacketKeys keys(0x12, spi2 == 0x05 ? 0x05 : 0x12, {aes_key(Bytes(16)), aes_key(Bytes(16))});
      const auto response = parse_response(packet, {0, spi2}, keys);
      REQUIRE(response);
      CHECK_FALSE(response->protected_as_asked);
      CHECK(response->packet.status == status);
    }
    CHECK(parsed(packet, 0x01)->protected_as_asked);
    // It needs no keys.
    PacketKeys none(0x16, 0x16, {});
    CHECK(parse_response(packet, {0, 0x19}, none)->packet.status == status);
  }
  Bytes padded = built(0x01, {kTar, {0}, Status::kTarUnknown, {}});
  padded[11] = 1;
  CHECK(parsed(padded, 0x09).error().code == ErrorCode::kMalformed);
  const Bytes success = built(0x01, {kTar, {0}, Status::kOk, {}});
  CHECK(parsed(success, 0x09).error().code == ErrorCode::kRefused);
  CHECK(parsed(success, 0x11).error().code == ErrorCode::kRefused);
  // With data it is no bare status.
  CHECK(parsed(built(0x01, {kTar, {0}, Status::kTarUnknown, {0x00}}), 0x09).error().code == ErrorCode::kMalformed);
}

TEST_CASE("Responses that break the coding are refused, with the place") {
  const Bytes packet = built(0x09);
  for (std::size_t size = 0; size < packet.size(); ++size) {
    CHECK(parsed(BytesView(packet).first(size), 0x09).error().code == ErrorCode::kTruncated);
  }
  Bytes longer = packet;
  longer.push_back(0);
  CHECK(parsed(longer, 0x09).error().code == ErrorCode::kTrailing);
  CHECK(parsed(longer, 0x09).error().offset == packet.size());
  Bytes rhl = packet;
  rhl[2] = 9;
  CHECK(parsed(rhl, 0x09).error().code == ErrorCode::kMalformed);
  rhl[2] = 14;
  CHECK(parsed(rhl, 0x09).error().code == ErrorCode::kMalformed);  // a CC of 4 octets is not allowed here
  rhl[2] = 0xFF;
  CHECK(parsed(rhl, 0x09).error().code == ErrorCode::kMalformed);
  CHECK(parsed(packet, 0x01).error().code == ErrorCode::kMalformed);  // a check that was not asked for
  Bytes padding = built(0x01);
  padding[11] = 6;
  CHECK(parsed(padding, 0x01).error().code == ErrorCode::kMalformed);
  CHECK(parsed(padding, 0x01).error().offset == 11);
  padding[11] = 5;
  CHECK(parsed(padding, 0x01)->packet.data.empty());
  Bytes part = built(0x11);
  part.pop_back();
  part[1] = static_cast<std::uint8_t>(part[1] - 1);
  CHECK(parsed(part, 0x11).error().code == ErrorCode::kMalformed);
  CHECK(parsed(packet, 0x0D).error().code == ErrorCode::kUnsupported);
}

TEST_CASE("The CC of a response covers every octet and the header of the short message (TS 31.115 clause 4.4)") {
  const Bytes packet = built(0x09);
  for (std::size_t at = 3; at < packet.size(); ++at) {
    Bytes changed = packet;
    changed[at] ^= 0x01;
    CHECK(parsed(changed, 0x09).error().code == ErrorCode::kMismatch);
  }
  PacketKeys keys = keys_for();
  Quirks quirks;
  quirks.response_check_without_udh = true;
  const Bytes other = build_response(kResponse, {0, 0x09}, &keys, 8, quirks).value();
  CHECK(parsed(other, 0x09).error().code == ErrorCode::kMismatch);
  CHECK(parse_response(other, {0, 0x09}, keys, quirks)->packet == kResponse);
}

TEST_CASE("A CC of four octets in the command is answered with one of four") {
  PacketKeys keys = keys_for({false, true});
  const Bytes packet = build_command({{{0x12, 0x09}, 0x22, 0x22, kTar}, {7}, to_bytes("AA"_h)}, keys, 4).value();
  const auto clear = ClearCommand::parse(packet);
  REQUIRE(clear);
  const auto command = open_command(*clear, keys, {});
  CHECK(command.status == Status::kOk);
  const Bytes answer = answer_command(*clear, command, Status::kOk, "029000"_h, &keys).value();
  CHECK(answer[2] == 14);
  CHECK(parse_response(answer, clear->header.spi, keys)->packet.cntr.value == 7);
}

TEST_CASE("Responses that cannot be built are refused") {
  PacketKeys keys = keys_for();
  CHECK(build_response(kResponse, {0, 0x09}, nullptr).error().code == ErrorCode::kNotFound);
  CHECK(build_response(kResponse, {0, 0x01}, nullptr).has_value());
  CHECK(build_response(kResponse, {0, 0x0D}, &keys).error().code == ErrorCode::kUnsupported);
  CHECK(build_response(kResponse, {0, 0x05}, &keys).error().code == ErrorCode::kUnsupported);
  CHECK(build_response(kResponse, {0, 0x09}, &keys, 4).error().code == ErrorCode::kRange);
  CHECK(build_response({kTar, {Cntr::kMax + 1}, Status::kOk, {}}, {0, 0x01}, nullptr).error().code == ErrorCode::kRange);
  CHECK(build_response({kTar, {}, Status::kOk, Bytes(0x10000)}, {0, 0x01}, nullptr).error().code == ErrorCode::kRange);
}
