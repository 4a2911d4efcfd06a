// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/exchanges.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::lwm2m;
using namespace uicclab::lwm2m::coap;
using std::chrono::milliseconds;

namespace {

struct World {
  ManualClock clock;
  SeededRandom random{7};
  std::vector<Message> sent;
  std::size_t room = 1152;
  unsigned handled = 0;
  Bytes large;
  Message last;
  Exchanges exchanges{clock,
                      random,
                      {.send = [this](const PeerAddress&, BytesView bytes) { sent.push_back(*parse(bytes)); },
                       .room = [this](const PeerAddress&) { return room; },
                       .answer =
                           [this](const PeerAddress&, const PeerProof&, const Message& request) {
                             ++handled;
                             last = request;
                             Message out;
                             out.code = request.code == kGet ? kContent : kChanged;
                             if (request.code == kGet) out.payload = large;
                             return out;
                           }},
                      {},
                      {.longest_body = 256}};
  const PeerAddress peer{{1}};

  void receive(const Message& message) { exchanges.receive(peer, {}, encode(message)); }
  Message take() {
    REQUIRE_FALSE(sent.empty());
    Message out = sent.front();
    sent.erase(sent.begin());
    return out;
  }
};

Message request(Code code, std::uint16_t id, std::string_view path = "/3/0") {
  Message out;
  out.code = code;
  out.id = id;
  out.token = {1, 2};
  add_path(out, path);
  return out;
}

Message response(const Message& to, Code code, Type type = Type::kAcknowledgement) {
  Message out;
  out.type = type;
  out.code = code;
  out.id = to.id;
  out.token = to.token;
  return out;
}

}  // namespace

TEST_CASE("Exchanges: a request that comes again gets the same answer and is not carried out again (RFC 7252 4.5)") {
  World world;
  world.receive(request(kPut, 9));
  const Message first = world.take();
  world.receive(request(kPut, 9));
  CHECK(world.take() == first);
  CHECK(world.handled == 1);
  CHECK(first.type == Type::kAcknowledgement);
  CHECK(first.id == 9);
  CHECK(first.token == Bytes{1, 2});
}

TEST_CASE("Exchanges: unknown critical options are answered 4.02, or passed over where the request is not confirmable (RFC 7252 5.4.1)") {
  World world;
  for (const std::uint16_t number : {std::uint16_t{1}, std::uint16_t{5}, std::uint16_t{9}, std::uint16_t{65001}}) {
    Message bad = request(kGet, number);
    bad.add(number, std::string_view("z"));
    world.receive(bad);
    CHECK(world.take().code == kBadOption);
    bad.type = Type::kNonConfirmable;
    bad.id = static_cast<std::uint16_t>(number + 1);
    world.receive(bad);
    CHECK(world.sent.empty());
  }
  Message twice = request(kGet, 100);  // clause 5.4.5: one that must not be repeated
  twice.add_number(option::kAccept, 40);
  twice.add_number(option::kAccept, 41);
  world.receive(twice);
  CHECK(world.take().code == kBadOption);
  CHECK(world.handled == 0);
  Message elective = request(kGet, 101);
  elective.add(2048, std::string_view("z"));
  world.receive(elective);
  CHECK(world.take().code == kContent);
}

TEST_CASE("Exchanges: empty confirmable messages and those that cannot be read are reset; others are passed over (RFC 7252 4.2, 4.3)") {
  World world;
  world.exchanges.receive(world.peer, {}, "40001389"_h);  // a ping
  CHECK(world.take() == empty_message(Type::kReset, 0x1389));
  for (const auto& bytes : {to_bytes("4001138AFF"_h), to_bytes("4901138A"_h), to_bytes("4000138A00"_h), to_bytes("4001138AF0"_h)}) {
    world.exchanges.receive(world.peer, {}, bytes);
    CHECK(world.take() == empty_message(Type::kReset, 0x138A));
  }
  for (const auto& bytes : {Bytes{}, to_bytes("4001"_h), to_bytes("5001138AFF"_h), to_bytes("8001138A"_h), to_bytes("6001138AFF"_h)}) {
    world.exchanges.receive(world.peer, {}, bytes);
    CHECK(world.sent.empty());
  }
  Message stranger = response(request(kGet, 77), kContent, Type::kConfirmable);  // not requested
  world.receive(stranger);
  CHECK(world.take() == empty_message(Type::kReset, 77));
}

TEST_CASE("Exchanges: a body in blocks is put together, out of order is 4.08, too long is 4.13 with the size (RFC 7959 2.5, 2.9)") {
  World world;
  const auto block = [&](std::uint32_t number, bool more, std::size_t size, std::uint16_t id) {
    Message out = request(kPut, id);
    out.token = {static_cast<std::uint8_t>(id)};  // each block may have its own
    out.payload = Bytes(size, static_cast<std::uint8_t>('a' + number));
    add_block(out, option::kBlock1, {number, more, 0});
    world.receive(out);
    return world.take();
  };
  CHECK(block(0, true, 16, 1).code == kContinue);
  CHECK(block(1, true, 16, 2).code == kContinue);
  const Message done = block(2, false, 5, 3);
  CHECK(done.code == kChanged);
  CHECK(block_in(done, option::kBlock1) == Block{2, false, 0});
  CHECK(world.last.payload.size() == 37);
  CHECK(block(1, false, 16, 4).code == kIncomplete);
  CHECK(block(0, true, 16, 5).code == kContinue);
  CHECK(block(2, false, 16, 6).code == kIncomplete);
  CHECK(block(0, true, 16, 7).code == kContinue);
  CHECK(block(1, true, 15, 8).code == kBadRequest);
  std::uint16_t id = 20;
  Message last;
  for (std::uint32_t number = 0; number <= 16; ++number) last = block(number, true, 16, id++);
  CHECK(last.code == kTooLarge);
  CHECK(last.number_in(option::kSize1) == 256U);
  CHECK(world.handled == 1);
}

TEST_CASE("Exchanges: blocks leave room for header and options within the datagram (RFC 7959 2.2; RFC 7252 4.6)") {
  World world;
  world.room = 512;  // of a record
  world.large = Bytes(700, 'x');
  world.receive(request(kGet, 1));
  Message first = world.take();
  CHECK(encode(first).size() <= 512);
  const auto block = block_in(first, option::kBlock2);
  REQUIRE(block);
  CHECK(*block == Block{0, true, 4});
  Bytes body = first.payload;
  for (std::uint32_t number = 1; number < 3; ++number) {
    Message next = request(kGet, static_cast<std::uint16_t>(1 + number));
    add_block(next, option::kBlock2, {number, false, 4});
    world.receive(next);
    append(body, world.take().payload);
  }
  CHECK(body == world.large);
  CHECK(world.handled == 1);
  Message beyond = request(kGet, 9);
  add_block(beyond, option::kBlock2, {9, false, 4});
  world.receive(beyond);
  CHECK(world.take().code == kBadRequest);
}

TEST_CASE("Exchanges: one request at a time for each peer, retransmitted four times, then given up (RFC 7252 4.2, 4.7)") {
  World world;
  std::vector<std::string> results;
  const auto note = [&](const Result<Message>& result) { results.push_back(result ? name(result->code) : result.error().text); };
  world.exchanges.request(world.peer, request(kGet, 0), note);
  world.exchanges.request(world.peer, request(kGet, 0), note);
  CHECK(world.sent.size() == 1);
  for (int i = 0; i < 10 && results.empty(); ++i) {
    world.clock.advance(world.exchanges.wake_up());
    world.exchanges.on_time();
  }
  CHECK(results == std::vector<std::string>{"no answer from the device to a request and 4 retransmissions"});
  REQUIRE(world.sent.size() == 6);
  for (std::size_t i = 1; i < 5; ++i) CHECK(world.sent[i] == world.sent[0]);
  world.receive(response(world.sent[5], kContent));
  CHECK(results.back() == "2.05 Content");
}

TEST_CASE("Exchanges: a separate response is acknowledged; one with an unknown critical option is reset (RFC 7252 5.2.2, 5.4.1)") {
  World world;
  std::optional<Result<Message>> result;
  const auto note = [&](Result<Message> one) { result = std::move(one); };
  world.exchanges.request(world.peer, request(kGet, 0), note);
  const Message asked = world.take();
  world.receive(empty_message(Type::kAcknowledgement, asked.id));
  CHECK_FALSE(result);
  Message separate = response(asked, kContent, Type::kConfirmable);
  separate.id = 4711;
  world.receive(separate);
  CHECK(world.take() == empty_message(Type::kAcknowledgement, 4711));
  REQUIRE(result);
  CHECK((*result)->code == kContent);
  result.reset();
  world.receive(separate);  // the acknowledgement was lost
  CHECK(world.take() == empty_message(Type::kAcknowledgement, 4711));
  separate.id = 4712;
  world.receive(separate);
  CHECK(world.take() == empty_message(Type::kReset, 4712));
  CHECK_FALSE(result);
  world.exchanges.request(world.peer, request(kGet, 0), note);
  const Message again = world.take();
  Message bad = response(again, kContent, Type::kConfirmable);
  bad.add(65001, std::string_view("z"));
  world.receive(bad);
  CHECK(world.take().type == Type::kReset);
  REQUIRE(result);
  CHECK(result->error().code == ErrorCode::kRefused);
}

TEST_CASE("Exchanges: a request longer than a block goes in blocks, in smaller ones after 4.13 (RFC 7959 2.5, 2.9.3)") {
  World world;
  std::optional<Result<Message>> result;
  Message large = request(kPut, 0);
  large.payload = Bytes(1500, 'y');
  world.exchanges.request(world.peer, large, [&](Result<Message> one) { result = std::move(one); });
  Message first = world.take();
  CHECK(block_in(first, option::kBlock1) == Block{0, true, 6});
  Message too_large = response(first, kTooLarge);
  add_block(too_large, option::kBlock1, {0, true, 4});
  world.receive(too_large);
  Bytes body;
  while (!result) {
    const Message part = world.take();
    const auto block = block_in(part, option::kBlock1);
    REQUIRE(block);
    CHECK(block->size_exponent == 4);
    append(body, part.payload);
    Message answer = response(part, block->more ? kContinue : kChanged);
    add_block(answer, option::kBlock1, *block);
    world.receive(answer);
  }
  CHECK((*result)->code == kChanged);
  CHECK(body == large.payload);
}

TEST_CASE("Exchanges: notifications reach their observer until it forgets them; then they are reset (RFC 7641 3.5, 3.6)") {
  World world;
  std::vector<Bytes> told;
  Message observe = request(kGet, 0);
  observe.add_number(option::kObserve, 0);
  const Bytes token = world.exchanges.observe(
      world.peer, observe, [](const Result<Message>&) {}, [&](const Message& one) { told.push_back(one.payload); });
  Message first = response(world.take(), kContent);
  first.add_number(option::kObserve, 1);
  world.receive(first);
  Message notification = response(first, kContent, Type::kNonConfirmable);
  const auto number = [&](std::uint32_t value) {
    std::erase_if(notification.options, [](const Option& one) { return one.number == option::kObserve; });
    notification.add_number(option::kObserve, value);
  };
  number(2);
  notification.id = 500;
  notification.payload = {'1'};
  world.receive(notification);
  CHECK(world.sent.empty());
  notification.type = Type::kConfirmable;
  notification.id = 501;
  number(4);
  notification.payload = {'2'};
  world.receive(notification);
  CHECK(world.take() == empty_message(Type::kAcknowledgement, 501));
  CHECK(told == std::vector<Bytes>{{'1'}, {'2'}});
  // The same again, because its acknowledgement was lost, and one that was overtaken (3.4; RFC 7252 4.5).
  world.receive(notification);
  CHECK(world.take() == empty_message(Type::kAcknowledgement, 501));
  number(3);
  notification.id = 499;
  world.receive(notification);
  CHECK(world.take() == empty_message(Type::kAcknowledgement, 499));
  CHECK(told.size() == 2);
  number(0xFFFFFF);  // of a device that restarted 128 s later
  world.clock.advance(milliseconds(128'001));
  world.receive(notification);
  CHECK(world.take().type == Type::kAcknowledgement);
  CHECK(told.size() == 3);
  number(0);  // the counter has 24 bits
  world.receive(notification);
  CHECK(world.take().type == Type::kAcknowledgement);
  CHECK(told.size() == 4);
  world.exchanges.forget(world.peer, token);
  notification.id = 502;
  world.receive(notification);
  CHECK(world.take() == empty_message(Type::kReset, 502));
  CHECK(told.size() == 4);
}

TEST_CASE("Exchanges: requests to a removed peer end, and nothing of them is kept") {
  World world;
  unsigned ended = 0;
  for (int i = 0; i < 3; ++i)
    world.exchanges.request(world.peer, request(kGet, 0), [&](const Result<Message>& one) { ended += one ? 0U : 1U; });
  world.exchanges.drop(world.peer);
  CHECK(ended == 3);
  CHECK(world.exchanges.peers() == 0);
}

TEST_CASE("Exchanges: each block may be processed separately; the others follow (RFC 7959 2.3, figure 8)") {
  World world;
  std::optional<Result<Message>> result;
  Message large = request(kPut, 0);
  large.payload = Bytes(2500, 'y');
  world.exchanges.request(world.peer, large, [&](Result<Message> one) { result = std::move(one); });
  std::size_t sent = 0;
  while (!result) {
    const Message part = world.take();
    sent += part.payload.size();
    Message answer = response(part, kChanged);
    Block block = *block_in(part, option::kBlock1);
    block.more = false;
    add_block(answer, option::kBlock1, block);
    world.receive(answer);
  }
  CHECK(sent == large.payload.size());
}

TEST_CASE("Exchanges: addresses that do not answer neither exclude others nor fill the memory") {
  World world;
  Exchanges few(world.clock, world.random,
                {.send = [&](const PeerAddress&, BytesView bytes) { world.sent.push_back(*parse(bytes)); },
                 .room = [](const PeerAddress&) { return std::size_t{1152}; },
                 .answer = [](const PeerAddress&, const PeerProof&, const Message&) { return empty_message(Type::kConfirmable, 0); }},
                {}, {.most_peers = 3, .most_bodies = 2});
  bool answered = false;
  few.request({{0}}, request(kGet, 0), [&](const Result<Message>&) { answered = true; });
  const Message asked = world.take();
  const auto block = [&](std::uint8_t from, std::uint32_t number, std::uint16_t id) {
    Message out = request(kPut, id);
    out.payload = Bytes(16, 'a');
    add_block(out, option::kBlock1, {number, true, 0});
    few.receive({{from}}, {}, encode(out));
    return world.take().code;
  };
  for (std::uint8_t from = 1; from < 100; ++from) CHECK(block(from, 0, 1) == kContinue);
  CHECK(few.peers() == 3);
  few.receive({{0}}, {}, encode(response(asked, kContent)));  // what is underway stays
  CHECK(answered);

  Exchanges bodies(world.clock, world.random,
                   {.send = [&](const PeerAddress&, BytesView bytes) { world.sent.push_back(*parse(bytes)); },
                    .room = [](const PeerAddress&) { return std::size_t{1152}; },
                    .answer = [](const PeerAddress&, const PeerProof&, const Message&) { return empty_message(Type::kConfirmable, 0); }},
                   {}, {.most_bodies = 2});
  const auto part = [&](std::uint8_t from, std::uint32_t number, std::uint16_t id) {
    Message out = request(kPut, id);
    out.payload = Bytes(16, 'a');
    add_block(out, option::kBlock1, {number, true, 0});
    bodies.receive({{from}}, {}, encode(out));
    return world.take().code;
  };
  for (std::uint8_t from = 1; from <= 3; ++from) CHECK(part(from, 0, 1) == kContinue);
  CHECK(part(1, 1, 2) == kIncomplete);  // gave way
  CHECK(part(2, 1, 2) == kContinue);
  CHECK(part(3, 1, 2) == kContinue);
}
