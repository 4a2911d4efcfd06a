// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/bootstrap_client.hpp"

#include <doctest/doctest.h>

#include "lwm2m/device/account.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using namespace uicclab::lwm2m::device;
using coap::Message;

namespace {

/// A bootstrap server: accepts, then asks what it was given, one after the other.
class BootstrapServer final : public DatagramLink {
 public:
  explicit BootstrapServer(ManualClock& clock) : m_clock(clock) {}
  std::deque<Message> wishes;
  std::vector<Message> answers;
  coap::Code verdict = coap::kChanged;
  std::optional<std::chrono::milliseconds> begins_at;  ///< by itself; nothing: it waits to be asked
  std::optional<std::chrono::milliseconds> asked_at;

  Result<void> send(BytesView datagram) override {
    const Message message = *coap::parse(datagram);
    if (!message.code.is_request()) {
      answers.push_back(message);
      return {};
    }
    CHECK(message.texts(coap::option::kUriPath) == std::vector<std::string>{"bs"});
    CHECK(message.texts(coap::option::kUriQuery) == std::vector<std::string>{"ep=me"});
    asked_at = m_clock.now();
    Message out;
    out.type = coap::Type::kAcknowledgement;
    out.code = verdict;
    out.id = message.id;
    out.token = message.token;
    m_next = coap::encode(out);
    return {};
  }
  Result<std::optional<Bytes>> receive(std::chrono::milliseconds within) override {
    if (!m_next.empty()) return std::exchange(m_next, {});
    if (begins_at && m_clock.now() < *begins_at && *begins_at <= m_clock.now() + within) {
      m_clock.advance(*begins_at - m_clock.now());
    }
    if (wishes.empty() || (!asked_at && !(begins_at && m_clock.now() >= *begins_at))) {
      m_clock.advance(within);
      return std::nullopt;
    }
    Message one = wishes.front();
    wishes.pop_front();
    one.id = static_cast<std::uint16_t>(100 + answers.size());
    return coap::encode(one);
  }

 private:
  ManualClock& m_clock;
  Bytes m_next;
};

Message wish(coap::Code code, std::initializer_list<std::string_view> path, const Value& payload = {}) {
  Message out;
  out.code = code;
  for (const std::string_view one : path) out.add(coap::option::kUriPath, one);
  if (!payload.empty()) out.add_number(coap::option::kContentFormat, coap::format::kLwm2mTlv);
  out.payload = to_bytes(payload);
  return out;
}

ObjectInstance account(std::uint16_t id, bool bootstrap) {
  ObjectInstance out{id, {}};
  out.set(security::kUri, std::string_view("coap://a.example"));
  out.set_boolean(security::kBootstrap, bootstrap);
  out.set(security::kMode, std::int64_t{3});
  out.set(security::kShortServerId, std::int64_t{id});
  return out;
}

ObjectInstance server_of(std::uint16_t id, std::int64_t short_id) {
  ObjectInstance out{id, {}};
  out.set(server::kShortServerId, short_id);
  out.set(server::kLifetime, std::int64_t{60});
  out.set_boolean(server::kNotificationStoring, true);
  out.set(server::kBinding, std::string_view("U"));
  return out;
}

struct World {
  ManualClock clock;
  SeededRandom random{2};
  BootstrapServer server{clock};
  coap::Client client{server, clock, random};
  BootstrapClient bootstrap{
      client, {{{kSecurityObject, std::nullopt, {account(0, true), account(1, false)}}, {kServerObject, std::nullopt, {server_of(1, 1)}}}}};

  Result<BootstrapFile> run(std::chrono::seconds hold_off = {}) { return bootstrap.run("me", std::chrono::seconds(10), hold_off); }
};

}  // namespace

TEST_CASE("Delete, Write, Discover, Finish: the accounts are the server's, the bootstrap account stays (LwM2M 1.0 5.2.7)") {
  World world;
  const ObjectInstance server = server_of(0, 5);
  const Value whole = encode_instances({account(5, false)});
  // The same resources without the instance around them, as for a path with the instance: behind the header 08 05 LL.
  const Value bare(whole.begin() + 3, whole.end());
  world.server.wishes = {wish(coap::kDelete, {}), wish(coap::kPut, {"0", "5"}, bare), wish(coap::kPut, {"1"}, encode_instances({server})),
                         wish(coap::kGet, {"0"}), wish(coap::kPost, {"bs"})};
  const auto file = world.run();
  REQUIRE(file);
  CHECK(*file ==
        BootstrapFile{{{kSecurityObject, std::nullopt, {account(0, true), account(5, false)}}, {kServerObject, std::nullopt, {server}}}});
  REQUIRE(world.server.answers.size() == 5);
  const std::array wanted{coap::kDeleted, coap::kChanged, coap::kChanged, coap::kContent, coap::kChanged};
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(world.server.answers[i].code == wanted[i]);
  const Bytes& links = world.server.answers[3].payload;
  CHECK(std::string(links.begin(), links.end()) == "</>;lwm2m=1.1,</0/0>,</0/5>;ssid=5;uri=\"coap://a.example\"");
}

TEST_CASE("What is written replaces resource by resource") {
  World world;
  ObjectInstance change{1, {}};
  change.set(security::kUri, std::string_view("coap://b.example"));
  world.server.wishes = {wish(coap::kPut, {"0", "1"}, encode_instances({change})), wish(coap::kPost, {"bs"})};
  const auto file = world.run();
  REQUIRE(file);
  const ObjectInstance& now = file->objects[0].instances[1];
  CHECK(equal(*now.value(security::kUri), as_bytes("coap://b.example")));
  CHECK(equal(*now.value(security::kShortServerId), "01"_h));
}

TEST_CASE("Requests that cannot be carried out are refused, and change nothing") {
  World world;
  Message text = wish(coap::kPut, {"0", "1"}, Value{'x'});
  text.options.pop_back();
  text.add_number(coap::option::kContentFormat, 50);  // JSON
  Message critical = wish(coap::kDelete, {"0", "1"});
  critical.add(9, BytesView("01"_h));  // OSCORE
  world.server.wishes = {wish(coap::kPut, {"0", "1"}, Value{0xC8}),
                         wish(coap::kPut, {"0"}, Value{0xC1, 0x01, 0x00}),
                         wish(coap::kPut, {"0", "1"}, encode_instances({account(2, false)})),
                         wish(coap::kPut, {}, Value{0xC1, 0x01, 0x00}),
                         text,
                         wish(coap::kDelete, {"x"}),
                         wish(coap::kDelete, {"0", "1", "2"}),
                         wish(coap::kDelete, {"70000"}),
                         wish(coap::kGet, {"0", "1", "5"}),
                         wish(coap::kPut, {"3", "0"}, Value{0xC1, 0x00, 0x00}),
                         wish(coap::kDelete, {"0", "0"}),
                         critical,
                         wish(coap::kPost, {"rd"}),
                         wish(coap::kPost, {"bs"})};
  const auto file = world.run();
  REQUIRE(file);
  CHECK(file->objects[0].instances == std::vector{account(0, true), account(1, false)});
  for (std::size_t i = 0; i + 1 < world.server.answers.size(); ++i) {
    CAPTURE(i);
    CHECK(world.server.answers[i].code.kind() == 4);
  }
}

TEST_CASE("A server that refuses, never finishes, or leaves no account") {
  World refused;
  refused.server.verdict = coap::kBadRequest;
  CHECK(refused.run().error().text == "Bootstrap-Request: the server answers 4.00 Bad Request");
  World silent;
  CHECK(silent.run().error().code == ErrorCode::kIo);
  World empty;
  empty.server.wishes = {wish(coap::kDelete, {"0"}), wish(coap::kPost, {"bs"})};
  CHECK(empty.run().error().code == ErrorCode::kIo);
  CHECK(empty.server.answers.back().code == coap::kNotAcceptable);
}

TEST_CASE("A server that begins within the hold-off time is not asked; after it, it is (LwM2M 1.0 5.2.3.4, Core E.1 resource 11)") {
  for (const int begin : {0, 4, 7}) {
    World world;
    world.server.begins_at = std::chrono::seconds(begin);
    world.server.wishes = {wish(coap::kDelete, {"0"}), wish(coap::kPut, {"0", "5"}, encode_instances({account(5, false)})),
                           wish(coap::kPut, {"1", "5"}, encode_instances({server_of(5, 5)})), wish(coap::kPost, {"bs"})};
    const auto file = world.run(std::chrono::seconds(5));
    REQUIRE(file);
    CHECK(file->objects[0].instances == std::vector{account(0, true), account(5, false)});
    CHECK(world.bootstrap.server_initiated() == (begin < 5));
    CHECK(world.server.asked_at.has_value() == (begin > 5));
    if (begin > 5) CHECK(*world.server.asked_at == std::chrono::seconds(5));
  }
}

TEST_CASE("What the server begins and does not finish, or begins with nothing that can be carried out") {
  World open;
  open.server.begins_at = std::chrono::seconds(0);
  open.server.wishes = {wish(coap::kDelete, {"0"})};
  CHECK(open.run(std::chrono::seconds(5)).error().code == ErrorCode::kIo);
  CHECK(open.bootstrap.server_initiated());

  World refused;
  refused.server.begins_at = std::chrono::seconds(0);
  refused.server.wishes = {wish(coap::kGet, {"x"}), wish(coap::kPut, {}, Value{0xC1, 0x01, 0x00})};
  CHECK(refused.run(std::chrono::seconds(5)).error().code == ErrorCode::kIo);
  CHECK_FALSE(refused.bootstrap.server_initiated());
  CHECK(refused.server.asked_at == std::chrono::seconds(5));
}

TEST_CASE(
    "Bootstrap-Discover, Bootstrap-Read: formats by Accept, never the Security object (LwM2M 1.1 6.1.7.3, 6.1.7.4; RFC 7252 5.10.4)") {
  World world;
  const auto accepting = [](std::initializer_list<std::string_view> path, std::uint16_t format) {
    Message out = wish(coap::kGet, path);
    out.add_number(coap::option::kAccept, format);
    return out;
  };
  world.server.wishes = {accepting({}, 40),        accepting({"1"}, 40),    accepting({"1"}, coap::format::kLwm2mTlv),
                         accepting({"1"}, 110),    accepting({"0"}, 11542), accepting({"0", "1"}, 110),
                         accepting({"1"}, 50),     accepting({"2"}, 11542), accepting({"0", "1"}, 40),
                         wish(coap::kPost, {"bs"})};
  REQUIRE(world.run());
  const auto text = [&](std::size_t i) {
    return std::string(world.server.answers[i].payload.begin(), world.server.answers[i].payload.end());
  };
  CHECK(text(0) == "</>;lwm2m=1.1,</0/0>,</0/1>;ssid=1;uri=\"coap://a.example\",</1/1>;ssid=1");
  CHECK(text(1) == "</>;lwm2m=1.1,</1/1>;ssid=1");
  CHECK(world.server.answers[2].payload == to_bytes(encode_instances({server_of(1, 1)})));
  CHECK(text(3).starts_with("[{\"n\":\"/1/1/0\",\"v\":1}"));
  const std::array wanted{coap::kMethodNotAllowed, coap::kMethodNotAllowed, coap::kNotAcceptable, coap::kNotFound, coap::kBadRequest};
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(world.server.answers[4 + i].code == wanted[i]);
}

TEST_CASE("Writes in SenML JSON, in SenML CBOR, as single resources in text, and in blocks (LwM2M 1.1 6.1.7.5; RFC 7959 2.5)") {
  World world;
  Message json = wish(coap::kPut, {"0", "1"});
  json.add_number(coap::option::kContentFormat, coap::format::kSenmlJson);
  json.payload = to_bytes(as_bytes(R"([{"bn":"/0/1/","n":"0","vs":"coap://b.example"},{"n":"1","vb":false}])"));
  Message cbor = wish(coap::kPut, {"1", "1"});
  cbor.add_number(coap::option::kContentFormat, coap::format::kSenmlCbor);
  cbor.payload = to_bytes("81A200662F312F312F310219012C"_h);  // /1/1/1 = 300
  Message text = wish(coap::kPut, {"0", "1", "10"});
  text.add_number(coap::option::kContentFormat, coap::format::kText);
  text.payload = to_bytes(as_bytes("1"));
  world.server.wishes = {json, cbor, text};
  const Value whole = encode_instances({account(9, false)});
  for (std::uint32_t number = 0; number * 16 < whole.size(); ++number) {
    const BytesView rest = BytesView(whole).subspan(number * 16);
    Message block = wish(coap::kPut, {"0", "9"});
    block.add_number(coap::option::kContentFormat, coap::format::kLwm2mTlv);
    coap::add_block(block, coap::option::kBlock1, {number, rest.size() > 16, 0});
    block.payload = to_bytes(rest.first(std::min<std::size_t>(16, rest.size())));
    world.server.wishes.push_back(block);
  }
  world.server.wishes.push_back(wish(coap::kPut, {"1", "9"}, encode_instances({server_of(9, 9)})));
  world.server.wishes.push_back(wish(coap::kPost, {"bs"}));
  const auto file = world.run();
  REQUIRE(file);
  CHECK(equal(*file->objects[0].instances[1].value(security::kUri), as_bytes("coap://b.example")));
  CHECK(equal(*file->objects[0].instances[1].value(security::kShortServerId), "01"_h));
  CHECK(equal(*file->objects[1].instances[0].value(server::kLifetime), "012C"_h));
  CHECK(file->objects[0].instances[2] == account(9, false));
  for (const Message& one : world.server.answers) CHECK(one.code.is_success());
}

TEST_CASE("Finish is 4.06 for what a device would refuse: no Server instance, no key, an invalid URI (LwM2M 1.0 5.2.7.5)") {
  const auto finish = [](const ObjectInstance& written, const ObjectInstance& server) {
    World world;
    const std::string id = std::to_string(written.id);
    world.server.wishes = {wish(coap::kDelete, {}), wish(coap::kPut, {"0", id}, encode_instances({written})),
                           wish(coap::kPut, {"1", "0"}, encode_instances({server})), wish(coap::kPost, {"bs"})};
    (void)world.run();
    return world.server.answers.back().code;
  };
  CHECK(finish(account(5, false), server_of(0, 5)) == coap::kChanged);
  CHECK(finish(account(5, false), server_of(0, 6)) == coap::kNotAcceptable);
  ObjectInstance empty_ones = account(5, false);  // as Leshan writes an account without SMS
  empty_ones.set(security::kSmsMode, std::int64_t{3});
  for (const std::uint16_t one : {security::kSmsKeyParameters, security::kSmsKeys, security::kSmsNumber}) empty_ones.set(one, BytesView());
  CHECK(finish(empty_ones, server_of(0, 5)) == coap::kChanged);
  ObjectInstance bad = account(5, false);
  bad.set(security::kUri, std::string_view("http://x"));
  CHECK(finish(bad, server_of(0, 5)) == coap::kNotAcceptable);
  bad = account(5, false);
  bad.set(security::kUri, std::string_view("coaps://a.example"));
  bad.set(security::kMode, std::int64_t{0});
  bad.set(security::kIdentity, std::string_view("me"));
  CHECK(finish(bad, server_of(0, 5)) == coap::kNotAcceptable);
}
