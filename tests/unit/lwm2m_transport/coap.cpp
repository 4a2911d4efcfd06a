// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/coap.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m::coap;

TEST_CASE("Messages of RFC 7252 appendix A") {
  // Figure 16: GET coap://server/temperature, then its piggybacked response "22.3 C".
  Message get;
  get.code = kGet;
  get.id = 0x7D34;
  get.add(option::kUriPath, std::string_view("temperature"));
  CHECK(to_hex(encode(get)) == "40017D34BB74656D7065726174757265");
  CHECK(parse(encode(get)) == get);
  // Figure 17: with a token.
  get.id = 0x7D35;
  get.token = {0x20};
  CHECK(to_hex(encode(get)) == "41017D3520BB74656D7065726174757265");
  const auto content = parse("61457D3520FF32322E332043"_h);
  REQUIRE(content);
  CHECK(content->type == Type::kAcknowledgement);
  CHECK(content->code == kContent);
  CHECK(content->token == Bytes{0x20});
  CHECK(std::string(content->payload.begin(), content->payload.end()) == "22.3 C");
  const auto ack = parse("60007D36"_h);
  REQUIRE(ack);
  CHECK(ack->code == kEmpty);
  CHECK(to_hex(encode(*ack)) == "60007D36");
}

TEST_CASE("Options: order, repetition, and both extensions of delta and length (RFC 7252 3.1)") {
  Message message;
  message.code = kPost;
  message.add_number(option::kBlock1, 0);
  message.add(option::kUriQuery, std::string_view("ep=a"));
  message.add(option::kUriPath, std::string_view("rd"));
  message.add(option::kUriQuery, std::string_view("lt=1"));
  message.add(2000, Bytes(13, 1));
  message.add(2001, Bytes(268, 2));
  message.add(2014, Bytes(269, 3));
  message.add(2283, Bytes(600, 4));
  message.add(65535, BytesView());
  const auto back = parse(encode(message));
  REQUIRE(back);
  CHECK(*back == message);
  CHECK(back->texts(option::kUriQuery) == std::vector<std::string>{"ep=a", "lt=1"});
  CHECK(back->number_in(option::kBlock1) == 0);
  CHECK_FALSE(back->number_in(2000));
  CHECK_FALSE(back->number_in(4));
  for (const std::uint32_t number : {0U, 1U, 255U, 256U, 0xFFFFU, 0x10000U, 0xFFFFFFFFU}) {
    Message one;
    one.code = kGet;
    one.add_number(option::kContentFormat, number);
    CHECK(one.number_in(option::kContentFormat) == number);
    CHECK((one.options[0].value.empty() || one.options[0].value[0] != 0));
  }
}

TEST_CASE("Malformed messages are refused (RFC 7252 3)") {
  for (const Bytes& bad : {Bytes{}, to_bytes("400100"_h), to_bytes("00010001"_h), to_bytes("80010001"_h),
                           to_bytes("49010001 000000000000000000"_h), to_bytes("42010001 00"_h), to_bytes("40000001 FF"_h),
                           to_bytes("40000001 B0"_h), to_bytes("41000001 00"_h), to_bytes("40010001 FF"_h), to_bytes("40010001 F0"_h),
                           to_bytes("40010001 0F"_h), to_bytes("40010001 BB 74"_h), to_bytes("40010001 D0"_h), to_bytes("40010001 E0 00"_h),
                           to_bytes("40010001 0D"_h), to_bytes("40010001 0E 00"_h), to_bytes("40010001 E0 FFFF E0 FFFF"_h)}) {
    CAPTURE(to_hex(bad));
    CHECK_FALSE(parse(bad));
  }
  Message message;
  message.token = Bytes(9);
  CHECK_THROWS_AS(encode(message), SystemError);
  message.token.clear();
  message.options = {{11, {}}, {3, {}}};
  CHECK_THROWS_AS(encode(message), SystemError);
}

TEST_CASE("Every message cut short is an error or another message, and never more than was there") {
  const Bytes whole = to_bytes("44025D1F 00003974 39 6C6F63616C686F7374 83 61 62 63 0D 03 61626364656667686162636465666768 FF 01"_h);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto message = parse(BytesView(whole).first(size));
    if (message) CHECK(encode(*message).size() <= size);
  }
}

TEST_CASE("Blocks (RFC 7959 2.2) and names of codes") {
  Message message;
  add_block(message, option::kBlock1, {5, true, 2});
  CHECK(to_hex(message.options[0].value) == "5A");
  CHECK(block_in(message, option::kBlock1) == Block{5, true, 2});
  CHECK(Block{5, true, 2}.size() == 64);
  add_block(message, option::kBlock2, {0, false, 0});
  CHECK(message.find(option::kBlock2)->value.empty());
  CHECK_FALSE(block_in({}, option::kBlock1));
  Message bad;
  bad.add_number(option::kBlock1, 0x0F);
  bad.add_number(option::kBlock2, 0x01000000);
  CHECK_FALSE(block_in(bad, option::kBlock1));
  CHECK_FALSE(block_in(bad, option::kBlock2));
  CHECK(name(kBadRequest) == "4.00 Bad Request");
  CHECK(name(code_of(2, 17)) == "2.17");
}
