// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/coap_client.hpp"

#include <doctest/doctest.h>

#include "lwm2m/device/registration.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using namespace uicclab::lwm2m::device;
using namespace uicclab::lwm2m::coap;
using std::chrono::milliseconds;

namespace {

/// A network whose other end is a function; time passes only where nothing comes.
class FakeLink final : public DatagramLink {
 public:
  explicit FakeLink(ManualClock& clock) : m_clock(clock) {}
  std::function<std::vector<Message>(const Message&)> peer = [](const Message&) { return std::vector<Message>(); };
  std::deque<Bytes> incoming;
  std::vector<Message> sent;
  std::vector<milliseconds> times;

  Result<void> send(BytesView datagram) override {
    sent.push_back(*parse(datagram));
    times.push_back(m_clock.now());
    for (const Message& one : peer(sent.back())) incoming.push_back(encode(one));
    return {};
  }
  Result<std::optional<Bytes>> receive(milliseconds within) override {
    if (incoming.empty()) {
      m_clock.advance(within);
      return std::nullopt;
    }
    Bytes out = incoming.front();
    incoming.pop_front();
    return out;
  }

 private:
  ManualClock& m_clock;
};

struct World {
  ManualClock clock;
  SeededRandom random{7};
  FakeLink link{clock};
  Client client{link, clock, random};
};

Message answer_to(const Message& request, Code code, std::string_view payload = {}) {
  Message out;
  out.type = Type::kAcknowledgement;
  out.code = code;
  out.id = request.id;
  out.token = request.token;
  out.payload = to_bytes(as_bytes(payload));
  return out;
}

Message get() {
  Message out;
  out.code = kGet;
  return out;
}

}  // namespace

TEST_CASE("A request is repeated after 2 to 3 s, each time twice as late, four times (RFC 7252 4.2)") {
  World world;
  const auto answer = world.client.request(get());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::kIo);
  REQUIRE(world.link.sent.size() == 5);
  CHECK(world.client.retransmitted() == 4);
  const milliseconds first = world.link.times[1] - world.link.times[0];
  CHECK(first >= milliseconds(2000));
  CHECK(first <= milliseconds(3000));
  for (std::size_t i = 1; i < 5; ++i) {
    CHECK(world.link.sent[i] == world.link.sent[0]);
    if (i > 1) CHECK(world.link.times[i] - world.link.times[i - 1] == 2 * (world.link.times[i - 1] - world.link.times[i - 2]));
  }
}

TEST_CASE("Responses: piggybacked, separate, foreign, Reset, and malformed (RFC 7252 4.2, 5.2)") {
  World world;
  world.link.peer = [](const Message& message) -> std::vector<Message> {
    if (!message.code.is_request()) return {};
    return {answer_to(message, kContent, "a")};
  };
  CHECK(world.client.request(get())->payload == to_bytes(as_bytes("a")));

  // Another token, another identifier, no CoAP at all; then an acknowledgement and a separate response, which is acknowledged.
  world.link.incoming.push_back(Bytes{1, 2, 3});
  world.link.peer = [](const Message& message) -> std::vector<Message> {
    if (!message.code.is_request()) return {};
    Message other = answer_to(message, kContent, "other");
    other.token = {9, 9};
    Message wrong_id = answer_to(message, kContent, "wrong");
    ++wrong_id.id;
    Message ack;
    ack.type = Type::kAcknowledgement;
    ack.id = message.id;
    Message separate = answer_to(message, kContent, "late");
    separate.type = Type::kConfirmable;
    separate.id = 0x1234;
    return {other, wrong_id, ack, separate};
  };
  CHECK(world.client.request(get())->payload == to_bytes(as_bytes("late")));
  CHECK(world.link.sent.back().type == Type::kAcknowledgement);
  CHECK(world.link.sent.back().id == 0x1234);

  world.link.peer = [](const Message& message) {
    Message reset;
    reset.type = Type::kReset;
    reset.id = message.id;
    return std::vector<Message>{reset};
  };
  CHECK(world.client.request(get()).error().code == ErrorCode::kRefused);
}

TEST_CASE("An acknowledgement without a response ends the repetitions, and in the end the waiting") {
  World world;
  world.link.peer = [](const Message& message) {
    Message ack;
    ack.type = Type::kAcknowledgement;
    ack.id = message.id;
    return std::vector<Message>{ack};
  };
  CHECK(world.client.request(get()).error().code == ErrorCode::kIo);
  CHECK(world.link.sent.size() == 1);
}

TEST_CASE("Requests of the server are answered once, whatever else goes on, and pings with Reset (RFC 7252 4.3, 4.5)") {
  World world;
  unsigned asked = 0;
  world.client.on_request([&](const Message& request) {
    ++asked;
    CHECK(request.code == kDelete);
    return answer_to(request, kDeleted);
  });
  Message wish;
  wish.code = kDelete;
  wish.id = 77;
  wish.token = {5};
  Message ping;
  ping.id = 78;
  world.link.incoming = {encode(wish), encode(wish), encode(ping)};
  REQUIRE(world.client.serve(milliseconds(100), [] { return false; }));
  CHECK(asked == 1);
  REQUIRE(world.link.sent.size() == 3);
  CHECK(world.link.sent[0] == answer_to(wish, kDeleted));
  CHECK(world.link.sent[1] == world.link.sent[0]);
  CHECK(world.link.sent[2].type == Type::kReset);
  CHECK(world.link.sent[2].id == 78);
}

TEST_CASE("Long requests and answers go in blocks, smaller ones where the server wants them (RFC 7959 2.4, 2.5)") {
  World world;
  std::string upload;
  for (int i = 0; i < 300; ++i) upload += std::to_string(i) + ",";
  std::string got;
  const std::string download(1000, 'x');
  world.link.peer = [&](const Message& message) -> std::vector<Message> {
    if (const auto block = block_in(message, option::kBlock1)) {
      CHECK(block->number * block->size() == got.size());
      got.append(message.payload.begin(), message.payload.end());
      Message out = answer_to(message, block->more ? kContinue : kChanged);
      add_block(out, option::kBlock1, {block->number, block->more, 2});
      if (block->more && got.size() == block->size() && block->size_exponent > 2) got.resize(block->size());
      return {out};
    }
    const Block block = block_in(message, option::kBlock2).value_or(Block{0, false, 4});
    const std::size_t offset = block.number * block.size();
    Message out = answer_to(message, kContent, std::string_view(download).substr(offset, block.size()));
    add_block(out, option::kBlock2, {block.number, offset + block.size() < download.size(), block.size_exponent});
    return {out};
  };
  Message put;
  put.code = kPut;
  put.payload = to_bytes(as_bytes(upload));
  CHECK(world.client.request(put)->code == kChanged);
  CHECK(got == upload);
  const auto answer = world.client.request(get());
  REQUIRE(answer);
  CHECK(std::string(answer->payload.begin(), answer->payload.end()) == download);

  // A server that sends the same block again and again.
  world.link.peer = [](const Message& message) {
    Message out = answer_to(message, kContent, std::string(16, 'y'));
    add_block(out, option::kBlock2, {0, true, 0});
    return std::vector<Message>{out};
  };
  CHECK(world.client.request(get()).error().code == ErrorCode::kMalformed);
}

TEST_CASE("Register, Update, De-register: what goes out, and what each refusal is (LwM2M 1.0 8.2.4)") {
  World world;
  Code code = kCreated;
  world.link.peer = [&](const Message& message) -> std::vector<Message> {
    Message out = answer_to(message, code, code.is_success() ? "" : "no such device");
    if (code == kCreated) {
      out.add(option::kLocationPath, std::string_view("rd"));
      out.add(option::kLocationPath, std::string_view("5a"));
    }
    return {out};
  };
  RegistrationRequest request;
  request.endpoint = "urn:imei:1";
  request.lifetime = std::chrono::seconds(300);
  request.sms_number = "+491710000001";
  request.objects = "</1/0>,</3/0>";
  CHECK(register_device(world.client, request) == "rd/5a");
  const Message& sent = world.link.sent.back();
  CHECK(sent.code == kPost);
  CHECK(sent.texts(option::kUriPath) == std::vector<std::string>{"rd"});
  CHECK(sent.texts(option::kUriQuery) == std::vector<std::string>{"ep=urn:imei:1", "lt=300", "lwm2m=1.1", "b=U", "sms=+491710000001"});
  CHECK(sent.number_in(option::kContentFormat) == 40);
  CHECK(std::string(sent.payload.begin(), sent.payload.end()) == "</1/0>,</3/0>");

  code = kChanged;
  CHECK(update_registration(world.client, "rd/5a", std::chrono::seconds(60)));
  CHECK(world.link.sent.back().texts(option::kUriPath) == std::vector<std::string>{"rd", "5a"});
  CHECK(world.link.sent.back().texts(option::kUriQuery) == std::vector<std::string>{"lt=60"});
  CHECK(register_device(world.client, request).error().code == ErrorCode::kRefused);
  // Segments that are empty or hold a slash go back as they came (RFC 7252 clause 5.10.7).
  Message odd;
  for (const char* one : {"rd", "a/b", "", "c%"}) odd.add(option::kLocationPath, std::string_view(one));
  CHECK(location_of(odd) == "rd/a%2Fb//c%25");
  CHECK(update_message(location_of(odd), {}).texts(option::kUriPath) == odd.texts(option::kLocationPath));
  code = kDeleted;
  CHECK(deregister_device(world.client, "rd/5a"));
  CHECK(world.link.sent.back().code == kDelete);
  code = kNotFound;
  CHECK(update_registration(world.client, "rd/5a", {}).error().code == ErrorCode::kNotFound);
  code = kBadRequest;
  CHECK(register_device(world.client, request).error().text == "Register: the server answers 4.00 Bad Request: no such device");
}
