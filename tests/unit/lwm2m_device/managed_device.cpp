// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/managed_device.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::lwm2m;
using namespace uicclab::lwm2m::device;
using coap::Message;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct World {
  ManualClock clock;
  SeededRandom random{5};
  ObjectTree tree{{}, 1, {}, {}};
  std::vector<Message> sent;
  ManagedDevice device;

  explicit World(seconds lifetime)
      : device(clock, random, tree, request(lifetime),
               {.send = [this](BytesView bytes) { sent.push_back(*coap::parse(bytes)); },
                .room = [] { return std::size_t{1152}; },
                .tell = [](const std::string&) {}}) {}

  static RegistrationRequest request(seconds lifetime) {
    RegistrationRequest out;
    out.endpoint = "device-1";
    out.lifetime = lifetime;
    return out;
  }
  void answer(coap::Code code) {
    REQUIRE(sent.size() == 1);
    Message out;
    out.type = coap::Type::kAcknowledgement;
    out.code = code;
    out.id = sent[0].id;
    out.token = sent[0].token;
    if (code == coap::kCreated) out.add(coap::option::kLocationPath, std::string_view("rd"));
    sent.clear();
    device.receive(coap::encode(out));
    device.on_time();
  }
};

}  // namespace

TEST_CASE("An Update comes when four fifths of the lifetime are over, of the shortest and of the longest one (LwM2M 1.0 5.3.2)") {
  for (const auto& [lifetime, wait] : {std::pair{seconds(1), milliseconds(800)}, std::pair{seconds(300), milliseconds(240'000)},
                                       std::pair{seconds(INT64_MAX), milliseconds(3'435'973'836'000)}}) {
    World world(lifetime);
    world.device.start();
    world.answer(coap::kCreated);
    CHECK(world.sent.empty());
    world.clock.advance(wait - milliseconds(1));
    world.device.on_time();
    CHECK(world.sent.empty());
    world.clock.advance(milliseconds(1));
    world.device.on_time();
    world.answer(coap::kChanged);
    CHECK(world.sent.empty());
  }
}
