// SPDX-License-Identifier: Apache-2.0
#include "core/apdu.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"

using namespace uicclab;

namespace {

using apdu::Case;

void refused(std::string_view hex, ErrorCode code, std::size_t offset) {
  CAPTURE(hex);
  const auto command = apdu::parse(from_hex(hex).value());
  REQUIRE_FALSE(command.has_value());
  CHECK(command.error().code == code);
  CHECK(command.error().offset == offset);
}

}  // namespace

TEST_CASE("APDU: the four cases, short and extended, are read and written alike (ISO/IEC 7816-3 clause 12.1.3)") {
  struct Row {
    const char* hex;
    Case kind;
    std::size_t data;
    std::optional<std::uint32_t> le;
    bool extended;
  };
  for (const Row& row : {
           Row{"00A40004", Case::k1, 0, std::nullopt, false},
           Row{"00B0000001", Case::k2, 0, 1, false},
           Row{"00B00000FF", Case::k2, 0, 255, false},
           Row{"00B0000000", Case::k2, 0, 256, false},
           Row{"00A4000401AA", Case::k3, 1, std::nullopt, false},
           Row{"00A40004023F00", Case::k3, 2, std::nullopt, false},
           Row{"00A40004023F0010", Case::k4, 2, 16, false},
           Row{"00A40004023F0000", Case::k4, 2, 256, false},
           Row{"00B00000000001", Case::k2, 0, 1, true},
           Row{"00B00000000100", Case::k2, 0, 256, true},
           Row{"00B0000000FFFF", Case::k2, 0, 65535, true},
           Row{"00B00000000000", Case::k2, 0, 65536, true},
           Row{"00D60000000001AA", Case::k3, 1, std::nullopt, true},
           Row{"00D60000000002AABB", Case::k3, 2, std::nullopt, true},
           Row{"00A400040000023F000100", Case::k4, 2, 256, true},
           Row{"00A400040000023F000000", Case::k4, 2, 65536, true},
       }) {
    CAPTURE(row.hex);
    const Bytes bytes = from_hex(row.hex).value();
    const auto command = apdu::parse(bytes).value();
    CHECK(command.kind() == row.kind);
    CHECK(command.data.size() == row.data);
    CHECK(command.le == row.le);
    CHECK(command.extended == row.extended);
    CHECK(command.ins == bytes[1]);
    CHECK(command.p1p2() == ((bytes[2] << 8) | bytes[3]));
    CHECK(command.le_is_maximum() == (row.le && *row.le == (row.extended ? 65536U : 256U)));
    CHECK(apdu::encode(command) == bytes);
  }
}

TEST_CASE("APDU: the longest data of each form, and the form that data and Le need") {
  const Bytes data(65535, 0x5A);
  const auto form = [&](std::size_t size, std::optional<std::uint32_t> le) {
    apdu::Command command{.cla = 0x00, .ins = 0xD6, .p1 = 0, .p2 = 0, .data = BytesView(data).first(size), .le = le};
    const Bytes bytes = apdu::encode(command);
    const auto back = apdu::parse(bytes).value();
    CHECK(equal(back.data, command.data));
    CHECK(back.le == le);
    return std::pair{back.extended, bytes.size()};
  };
  CHECK(form(255, std::nullopt) == std::pair{false, std::size_t{260}});
  CHECK(form(255, 256) == std::pair{false, std::size_t{261}});
  CHECK(form(256, std::nullopt) == std::pair{true, std::size_t{263}});
  CHECK(form(1, 257) == std::pair{true, std::size_t{10}});
  CHECK(form(0, 257) == std::pair{true, std::size_t{7}});
  CHECK(form(256, 1) == std::pair{true, std::size_t{265}});
  CHECK(form(65535, 65536) == std::pair{true, std::size_t{65544}});
}

TEST_CASE("APDU: each wrong length is refused (ISO/IEC 7816-3 clause 12.1.3)") {
  refused("", ErrorCode::kTruncated, 0);
  refused("00", ErrorCode::kTruncated, 1);
  refused("00A400", ErrorCode::kTruncated, 3);
  refused("00A4000402AA", ErrorCode::kTruncated, 6);           // short: less data than Lc
  refused("00A40004FFAABB", ErrorCode::kTruncated, 7);         //
  refused("00A4000401AA0000", ErrorCode::kTrailing, 6);        // short: more than Le
  refused("00A400040000", ErrorCode::kTruncated, 6);           // extended: half an Lc
  refused("00A40004000000AA", ErrorCode::kMalformed, 5);       // extended: Lc of zero
  refused("00A40004000002AA", ErrorCode::kTruncated, 8);       // extended: less data than Lc
  refused("00A40004000001AA00", ErrorCode::kTrailing, 8);      // extended: half an Le
  refused("00A40004000001AA000000", ErrorCode::kTrailing, 8);  // extended: more than Le
}

TEST_CASE("APDU: data too long for any length field is not written") {
  const Bytes data(65536, 0);
  CHECK_THROWS_AS(apdu::encode({.data = data, .le = std::nullopt}), SystemError);
  CHECK_THROWS_AS(apdu::encode({.data = {}, .le = 0}), SystemError);
  CHECK_THROWS_AS(apdu::encode({.data = {}, .le = 65537}), SystemError);
}

TEST_CASE("APDU: a response is data and a status word") {
  const auto response = apdu::parse_response("62009000"_h).value();
  CHECK(response.status == sw::kOk);
  CHECK(response.data == Bytes{0x62, 0x00});
  CHECK(apdu::parse_response("6A82"_h).value().data.empty());
  CHECK(apdu::parse_response("6A82"_h).value().status == sw::kFileNotFound);
  CHECK(apdu::parse_response("90"_h).error().code == ErrorCode::kTruncated);
  CHECK(apdu::parse_response({}).error().code == ErrorCode::kTruncated);
}

TEST_CASE("APDU: logical channels in the class byte (TS 102 221 clause 10.1.1)") {
  for (const auto& [cla, channel] : {std::pair{0x00, 0}, std::pair{0x03, 3}, std::pair{0x0C, 0}, std::pair{0x80, 0}, std::pair{0x82, 2},
                                     std::pair{0xA0, 0}, std::pair{0x40, 4}, std::pair{0x4F, 19}, std::pair{0x60, 4}, std::pair{0x6F, 19},
                                     std::pair{0xC0, 4}, std::pair{0xCF, 19}, std::pair{0xE5, 9}}) {
    CAPTURE(cla);
    CHECK(apdu::channel_of(static_cast<std::uint8_t>(cla)) == channel);
  }
  for (std::uint8_t channel = 0; channel <= 19; ++channel) {
    for (const std::uint8_t cla : {std::uint8_t{0x00}, std::uint8_t{0x80}, std::uint8_t{0x84}, std::uint8_t{0x10}}) {
      const std::uint8_t moved = apdu::cla_for_channel(cla, channel);
      CHECK(apdu::channel_of(moved) == channel);
      CHECK((moved & 0x90) == (cla & 0x90));  // proprietary, chaining
    }
  }
  CHECK(apdu::cla_for_channel(0x84, 2) == 0x86);
  CHECK(apdu::cla_for_channel(0x84, 4) == 0xE0);
  CHECK(apdu::cla_for_channel(0x80, 19) == 0xCF);
  CHECK(apdu::cla_for_channel(0x10, 5) == 0x51);
}
