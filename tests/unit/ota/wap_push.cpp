// SPDX-License-Identifier: Apache-2.0
#include "ota/wap_push.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::ota;

namespace {

WapPush push_of(std::size_t size) {
  WapPush out;
  out.transaction = 0x2A;
  out.content_type = wsp_media_text("application/vnd.3gpp.gba.gpi");
  out.application = kSyncmlDmApplication;
  out.body = Bytes(size, 0x55);
  return out;
}
const Address kFrom = *Address::from_number("+491710000000");

}  // namespace

TEST_CASE("WSP Push PDU byte by byte (WAP-230 8.2.4.2)") {
  WapPush push = push_of(2);
  push.content_type = Bytes{0xC4};
  CHECK(encode_wap_push(push) == to_bytes("2A0603C4AF875555"_h));
  push.application = std::string("a");
  CHECK(encode_wap_push(push) == to_bytes("2A0604C4AF61005555"_h));
  CHECK(wsp_uintvar(0) == Bytes{0});
  CHECK(wsp_uintvar(0x87A5) == to_bytes("828F25"_h));  // the example of WAP-230 clause 8.1.2
}

TEST_CASE("A push comes back out of the short messages that bring it, in any order, whatever its length") {
  for (const std::size_t size : {0U, 1U, 80U, 100U, 300U, 5000U}) {
    const WapPush push = push_of(size);
    auto messages = wap_push_messages(push, kFrom, 7);
    REQUIRE(messages);
    CHECK((messages->size() == 1) == (size <= 80));
    std::reverse(messages->begin(), messages->end());
    CHECK(wap_push_of(*messages) == push);
    if (messages->size() == 1) continue;
    messages->pop_back();
    CHECK(wap_push_of(*messages).error().code == ErrorCode::kTruncated);
  }
  CHECK_FALSE(wap_push_messages(push_of(40'000), kFrom, 7));
}

TEST_CASE("Messages to another port, and PDUs that are none, are refused") {
  auto messages = *wap_push_messages(push_of(10), kFrom, 7);
  messages[0].body.user_data[4] ^= 1;
  CHECK(wap_push_of(messages).error().code == ErrorCode::kRefused);
  messages[0].body.has_header = false;
  CHECK(wap_push_of(messages).error().code == ErrorCode::kRefused);
  CHECK(wap_push_of({}).error().code == ErrorCode::kTruncated);
  CHECK(parse_wap_push("2A01"_h).error().code == ErrorCode::kUnsupported);
  const Bytes whole = encode_wap_push(push_of(0));
  for (std::size_t i = 0; i < whole.size(); ++i) CHECK_FALSE(parse_wap_push(BytesView(whole).first(i)));
  CHECK(parse_wap_push("2A0605C4AF87AF87"_h).error().code == ErrorCode::kMalformed);  // twice
}
