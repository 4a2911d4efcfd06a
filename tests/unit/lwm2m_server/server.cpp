// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/server/server.hpp"

#include <doctest/doctest.h>

#include "tests/support/lwm2m_accounts.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using namespace uicclab::lwm2m::server;
using coap::Message;
using test::MemoryAccounts;

namespace {

const auto kKey = "D31C924FA0775BE809C63D81F26AB415"_h;

PeerProof psk_proof(std::string_view identity) {
  return {SecurityMode::kPsk, to_bytes(as_bytes(identity)), {}, {}, psk_digest(crypto::SecretBytes(kKey))};
}

struct World {
  ManualClock clock;
  SeededRandom random{3};
  MemoryAccounts accounts;
  std::vector<std::string> events;
  std::vector<Message> sent;
  PeerAddress device{{1}};
  Server::Options options;
  Server server{accounts,
                clock,
                random,
                {.send = [this](const PeerAddress&, BytesView bytes) { sent.push_back(*coap::parse(bytes)); },
                 .room = [](const PeerAddress&) { return std::size_t{1152}; },
                 .event = [this](const std::string& json) { events.push_back(json); },
                 .date = [] { return std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000)); },
                 .resolve = [this](const std::string&) { return Result<PeerAddress>(device); }},
                options};
  std::uint16_t id = 0;

  explicit World(Server::Options options_ = {}) : options(options_) {
    accounts.add("device-1", SecurityMode::kPsk, to_bytes(as_bytes("id-1")), kKey);
    server.connected(device, psk_proof("id-1"));
  }

  Message ask(coap::Code code, std::string_view path, std::vector<std::string> queries = {}, std::string_view objects = {},
              const PeerProof& proof = psk_proof("id-1"), std::uint8_t from = 1) {
    Message request;
    request.code = code;
    request.id = ++id;
    coap::add_path(request, path);
    for (const std::string& one : queries) request.add(coap::option::kUriQuery, one);
    if (!objects.empty()) request.add_number(coap::option::kContentFormat, coap::format::kLinkFormat);
    request.payload = to_bytes(as_bytes(objects));
    sent.clear();
    server.receive({{from}}, proof, coap::encode(request));
    REQUIRE_FALSE(sent.empty());
    Message out = sent.front();
    sent.erase(sent.begin());
    return out;
  }
  std::string register_device(std::vector<std::string> more = {}) {
    more.insert(more.begin(), "ep=device-1");
    const Message answer = ask(coap::kPost, "/rd", more, "</1/0>,</3/0>");
    REQUIRE(answer.code == coap::kCreated);
    const auto location = answer.texts(coap::option::kLocationPath);
    REQUIRE(location.size() == 2);
    CHECK(location[0] == "rd");
    return location[1];
  }
  void answer(Message message, coap::Code code, std::string_view payload = {}, std::optional<std::uint16_t> format = {}) {
    Message out;
    out.type = coap::Type::kAcknowledgement;
    out.code = code;
    out.id = message.id;
    out.token = message.token;
    if (format) out.add_number(coap::option::kContentFormat, *format);
    out.payload = to_bytes(as_bytes(payload));
    server.receive(device, psk_proof("id-1"), coap::encode(out));
  }
  std::string manage(std::string_view line, coap::Code code, std::string_view payload = {}, std::optional<std::uint16_t> format = {}) {
    std::string result;
    sent.clear();
    const auto command = parse_command(line);
    REQUIRE_MESSAGE(command, command.error().text);
    server.manage(*command, [&](const Server::Outcome& outcome) { result = (outcome.good ? "good " : "bad ") + outcome.json; });
    if (!result.empty()) return result;
    REQUIRE(sent.size() == 1);
    const Message asked = sent.front();
    answer(asked, code, payload, format);
    return result;
  }
};

}  // namespace

TEST_CASE("Register, Update, De-register (LwM2M 1.0 5.3, 8.2.4)") {
  World world;
  const std::string location = world.register_device({"lt=300", "lwm2m=1.1", "b=U"});
  const Registration* there = world.server.registrations().find_endpoint("device-1");
  REQUIRE(there != nullptr);
  CHECK(there->lifetime == std::chrono::seconds(300));
  CHECK(there->objects.size() == 2);
  CHECK(world.ask(coap::kPost, "/rd/" + location, {"lt=600"}, {}, psk_proof("id-1"), 9).code == coap::kChanged);
  there = world.server.registrations().find_endpoint("device-1");
  CHECK(there->lifetime == std::chrono::seconds(600));
  CHECK(there->address == PeerAddress{{9}});  // it moved
  CHECK(there->objects.size() == 2);
  CHECK(world.ask(coap::kPost, "/rd/" + location, {}, {}, psk_proof("other")).code == coap::kForbidden);
  CHECK(world.ask(coap::kDelete, "/rd/" + location, {}, {}, {}, 2).code == coap::kForbidden);
  CHECK(world.ask(coap::kDelete, "/rd/" + location).code == coap::kDeleted);
  CHECK(world.ask(coap::kDelete, "/rd/" + location).code == coap::kNotFound);
  CHECK(world.ask(coap::kPost, "/rd/" + location).code == coap::kNotFound);
  CHECK(world.events == std::vector<std::string>{R"({"event":"registered","endpoint":"device-1","lifetime":300,"version":"1.1"})",
                                                 R"({"event":"updated","endpoint":"device-1","lifetime":600})",
                                                 R"({"event":"deregistered","endpoint":"device-1"})"});
}

TEST_CASE("A registration ends with its lifetime, and is replaced by the next of the same name (LwM2M 1.0 5.3.1, 5.3.2)") {
  World world;
  const std::string first = world.register_device({"lt=60"});
  const std::string second = world.register_device({"lt=60"});
  CHECK(first != second);
  CHECK(world.server.registrations().size() == 1);
  CHECK(world.ask(coap::kPost, "/rd/" + first).code == coap::kNotFound);
  world.clock.advance(std::chrono::seconds(59));
  CHECK(world.ask(coap::kPost, "/rd/" + second).code == coap::kChanged);
  world.clock.advance(std::chrono::seconds(60));
  CHECK(world.ask(coap::kPost, "/rd/" + second).code == coap::kNotFound);
  world.server.on_time();
  CHECK(world.server.registrations().size() == 0);
  CHECK(world.events.back() == R"({"event":"expired","endpoint":"device-1"})");
}

TEST_CASE("Who may register: the endpoint name is that of the credentials (LwM2M 1.0 7.1.7; UDP channel CR 7.1.3)") {
  World world;
  world.accounts.add("plain", SecurityMode::kNoSec);
  CHECK(world.ask(coap::kPost, "/rd", {"ep=device-2"}).code == coap::kForbidden);
  CHECK(world.ask(coap::kPost, "/rd", {"ep=device-1"}, {}, psk_proof("unknown")).code == coap::kForbidden);
  CHECK(world.ask(coap::kPost, "/rd", {"ep=device-1"}, {}, {}, 2).code == coap::kForbidden);  // it has DTLS
  CHECK(world.ask(coap::kPost, "/rd", {"ep=nobody"}, {}, {}, 2).code == coap::kForbidden);
  CHECK(world.ask(coap::kPost, "/rd", {"ep=plain"}, {}, {}, 2).code == coap::kCreated);
  CHECK(world.ask(coap::kPost, "/rd", {"ep=plain"}).code == coap::kForbidden);
  const auto pair = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
  world.accounts.add("raw", SecurityMode::kRawPublicKey, *raw_public_key(pair.public_key()));
  const PeerProof proof{SecurityMode::kRawPublicKey, {}, {}, pair.public_key().der()};
  CHECK(world.ask(coap::kPost, "/rd", {"ep=raw"}, {}, proof).code == coap::kCreated);
  CHECK(world.ask(coap::kPost, "/rd", {"ep=device-1"}, {}, proof).code == coap::kForbidden);
}

TEST_CASE("A pre-shared key that was replaced ends what a connection with the old one may do (LwM2M 1.0 7.1.7)") {
  World world;
  const std::string location = world.register_device();
  world.accounts.rows[0].psk = crypto::SecretBytes("0102030405060708090A0B0C0D0E0F10"_h);
  CHECK(world.ask(coap::kPost, "/rd/" + location).code == coap::kForbidden);
  CHECK(world.server.registrations().size() == 0);
  CHECK(world.ask(coap::kPost, "/rd", {"ep=device-1"}).code == coap::kForbidden);
  CHECK(world.events.back().find("the pre-shared key of device-1 was replaced") != std::string::npos);
}

TEST_CASE("Register that is malformed, of another version, with the Security object, or in another format (LwM2M 1.0 5.3.1)") {
  World world;
  using Queries = std::vector<std::string>;
  for (const Queries& bad :
       {Queries{}, Queries{"ep="}, Queries{"ep=device-1", "lt=0"}, Queries{"ep=device-1", "lt=x"}, Queries{"ep=device-1", "lt=-1"},
        Queries{"ep=device-1", "ep=device-1"}, Queries{"ep=device-1", "lt=99999999999"}}) {
    CHECK(world.ask(coap::kPost, "/rd", bad).code == coap::kBadRequest);
  }
  CHECK(world.ask(coap::kPost, "/rd", {"ep=device-1", "lwm2m=9.9"}).code == coap::kPreconditionFailed);
  CHECK(world.ask(coap::kPost, "/rd", {"ep=device-1"}, "</0/0>").code == coap::kBadRequest);
  CHECK(world.ask(coap::kPost, "/rd", {"ep=device-1"}, "</lwm2m>;rt=\"oma.lwm2m\",</lwm2m/0/0>").code == coap::kBadRequest);
  CHECK(world.ask(coap::kPost, "/rd", {"ep=device-1"}, "</3/0").code == coap::kBadRequest);
  CHECK(world.ask(coap::kGet, "/rd").code == coap::kMethodNotAllowed);
  CHECK(world.ask(coap::kGet, "/").code == coap::kNotFound);
  CHECK(world.server.registrations().size() == 0);
}

TEST_CASE("Management: each operation as CoAP, its answer as JSON (LwM2M 1.0 5.4, 8.2.5)") {
  World world;
  world.register_device();
  CHECK(world.manage("read device-1 /3/0/0", coap::kContent, "ACME", coap::format::kText) ==
        R"(good {"endpoint":"device-1","path":"/3/0/0","code":"2.05 Content","value":"ACME"})");
  CHECK(world
            .manage("read device-1 /3/0", coap::kContent,
                    std::string_view("\xC4\x00"
                                     "ACME\xC1\x09\x64",
                                     9),
                    coap::format::kLwm2mTlv)
            .ends_with(R"("value":{"0":"ACME","9":100}})"));
  CHECK(world.manage("write device-1 /3/0/15 Europe/Berlin", coap::kChanged).starts_with("good"));
  CHECK(world.manage("read device-1 /9", coap::kNotFound).starts_with("bad"));
  CHECK(world.manage("read device-1 /0/0", coap::kContent).find("Security object") != std::string::npos);
  CHECK(world.manage("read device-2 /3", coap::kContent).find("not registered") != std::string::npos);
  const auto sent_for = [&](std::string_view line) {
    const auto message = message_of(*parse_command(line));
    REQUIRE_MESSAGE(message, message.error().text);
    return *message;
  };
  const Message create = sent_for("create device-1 /3347/1 5750=door 5501=7");
  CHECK(create.code == coap::kPost);
  CHECK(coap::path_of(create) == "/3347");
  CHECK(to_hex(create.payload) ==
        "08010B"
        "E1157D07"
        "E41676646F6F72");
  const Message update = sent_for("update device-1 /1/0 1=600");
  CHECK(update.code == coap::kPost);
  CHECK(to_hex(update.payload) == "C2010258");
  const Message attributes = sent_for("attributes device-1 /3/0 pmin=10 pmax=60");
  CHECK(attributes.code == coap::kPut);
  CHECK(attributes.texts(coap::option::kUriQuery) == std::vector<std::string>{"pmin=10", "pmax=60"});
  CHECK(sent_for("discover device-1 /3").number_in(coap::option::kAccept) == 40U);
  CHECK(sent_for("execute device-1 /3/0/4").code == coap::kPost);
  CHECK(sent_for("delete device-1 /3347/1").code == coap::kDelete);
  for (const char* bad : {"", "read", "read device-1", "read device-1 /a", "read device-1 /1/2/3/4/5", "grow device-1 /1",
                          "read device-1 /3 as=xml", "read device-1 /70000", "execute device-1 /3/0"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_command(bad));
  }
  CHECK_FALSE(message_of(*parse_command("write device-1 /3/0")));
  CHECK_FALSE(message_of(*parse_command("write device-1 /3/0 15")));
}

TEST_CASE("SenML answers have the values that TLV has, those of unknown objects by their labels (LwM2M 1.1 7.4.4)") {
  World world;
  world.register_device();
  const auto read = [&](std::string_view path, std::string_view payload, std::uint16_t format) {
    const std::string out = world.manage("read device-1 " + std::string(path), coap::kContent, payload, format);
    return out.substr(out.find("\"value\":") + 8, out.size() - out.find("\"value\":") - 9);
  };
  const std::string_view device = R"([{"bn":"/3","n":"/0/0","vs":"ACME"},{"n":"/0/9","v":100},{"n":"/0/11/0","v":0}])";
  CHECK(read("/3", device, coap::format::kSenmlJson) == R"({"0":{"0":"ACME","9":100,"11":{"0":0}}})");
  CHECK(read("/3/0", device, coap::format::kSenmlJson) == R"({"0":"ACME","9":100,"11":{"0":0}})");
  CHECK(read("/3/0/9", R"([{"bn":"/3/0/9","v":100}])", coap::format::kSenmlJson) == "100");
  CHECK(read("/3303", R"([{"bn":"/3303/0/","n":"5700","v":21.5},{"n":"5701","vs":"Cel"},{"n":"5850","vb":true},{"n":"5,0","v":1}])",
             coap::format::kSenmlJson)
            .starts_with("\"["));  // no path: as it came
  CHECK(read("/3303", R"([{"bn":"/3303/0/","n":"5700","v":21.5},{"n":"5701","vs":"Cel"},{"n":"5850","vb":true},{"n":"5910","vd":"AQI"}])",
             coap::format::kSenmlJson) == R"({"0":{"5700":21.5,"5701":"Cel","5850":true,"5910":"hex:0102"}})");
  // 81 A3 21 "/3/0" 00 "/0" 03 "Anjay": base name, name, text.
  const auto cbor = "81A321642F332F3000622F300365416E6A6179"_h;
  CHECK(read("/3/0", {reinterpret_cast<const char*>(cbor.data()), cbor.size()}, coap::format::kSenmlCbor) == R"({"0":"Anjay"})");
  CHECK(read("/33605", "\x80", coap::format::kSenmlCbor) == "{}");
  CHECK(read("/3/0", "\x81", coap::format::kSenmlCbor) == "\"hex:81\"");
}

TEST_CASE("Observe: notifications become events, until they are cancelled (LwM2M 1.0 5.5)") {
  World world;
  world.register_device();
  std::string result;
  world.sent.clear();
  world.server.manage(*parse_command("observe device-1 /3347/0/5501"), [&](const Server::Outcome& outcome) { result = outcome.json; });
  const Message asked = world.sent.at(0);
  CHECK(asked.number_in(coap::option::kObserve) == 0U);
  Message first;
  first.type = coap::Type::kAcknowledgement;
  first.code = coap::kContent;
  first.id = asked.id;
  first.token = asked.token;
  first.add_number(coap::option::kObserve, 1);
  first.payload = {'1'};
  world.server.receive(world.device, psk_proof("id-1"), coap::encode(first));
  CHECK(result.find("\"value\":\"1\"") != std::string::npos);
  first.type = coap::Type::kNonConfirmable;
  first.id = 99;
  first.options.clear();
  first.add_number(coap::option::kObserve, 2);
  first.payload = {'2'};
  world.server.receive(world.device, psk_proof("id-1"), coap::encode(first));
  CHECK(world.events.back() == R"({"event":"notified","endpoint":"device-1","path":"/3347/0/5501","code":"2.05 Content","value":"2"})");
  CHECK(world.manage("cancel device-1 /3347/0/5501", coap::kContent).starts_with("good"));
  CHECK(world.manage("cancel device-1 /3347/0/5501", coap::kContent).find("not observed") != std::string::npos);
}

TEST_CASE(
    "Bootstrap: Delete, Discover, one Write for each instance except the bootstrap server's account, Finish (LwM2M 1.0 5.2.3.3, 5.2.7)") {
  World world;
  ObjectInstance security{0, {}}, server{0, {}};
  security.set(security::kUri, std::string_view("coap://127.0.0.1"));
  server.set(server::kShortServerId, std::int64_t{7});
  world.accounts.rows[0].bootstrap =
      *encode_bootstrap_file({{{kSecurityObject, std::nullopt, {security}}, {kServerObject, std::nullopt, {server}}}});
  CHECK(world.ask(coap::kPost, "/bs", {"ep=device-2"}).code == coap::kBadRequest);
  CHECK(world.ask(coap::kPost, "/bs", {"ep=device-1"}, {}, {}, 2).code == coap::kBadRequest);  // without DTLS
  CHECK(world.ask(coap::kPost, "/bs", {"ep=device-1"}).code == coap::kChanged);
  std::vector<std::string> steps;
  while (!world.sent.empty()) {
    const Message step = world.sent.front();
    world.sent.erase(world.sent.begin());
    steps.push_back(coap::name(step.code) + " " + coap::path_of(step));
    const bool discover = step.code == coap::kGet;
    world.answer(step,
                 discover                     ? coap::kContent
                 : step.code == coap::kDelete ? coap::kDeleted
                                              : coap::kChanged,
                 discover ? "lwm2m=\"1.1\",</0/0>" : "");
  }
  CHECK(steps == std::vector<std::string>{"0.04 DELETE /", "0.01 GET /", "0.03 PUT /0/1", "0.03 PUT /1/0", "0.02 POST /bs"});
  CHECK(world.events.back() == R"({"event":"bootstrapped","endpoint":"device-1"})");
}

TEST_CASE("A Bootstrap-Request within a bootstrap begins it anew, and nothing of the first one goes on (LwM2M 1.0 5.2.3.3)") {
  World world;
  ObjectInstance security{0, {}};
  security.set(security::kUri, std::string_view("coap://127.0.0.1"));
  world.accounts.rows[0].bootstrap = *encode_bootstrap_file({{{kSecurityObject, std::nullopt, {security}}}});
  CHECK(world.ask(coap::kPost, "/bs", {"ep=device-1"}).code == coap::kChanged);
  const Message first = world.sent.at(0);
  CHECK(coap::name(first.code) == "0.04 DELETE");
  CHECK(world.manage("bootstrap device-1", coap::kDeleted).find("is running") != std::string::npos);
  CHECK(world.ask(coap::kPost, "/bs", {"ep=device-1"}).code == coap::kChanged);
  REQUIRE(world.sent.size() == 1);
  const Message second = world.sent.at(0);
  CHECK(coap::name(second.code) == "0.04 DELETE");
  CHECK(second.token != first.token);
  world.sent.clear();
  world.answer(first, coap::kDeleted);  // late
  CHECK(world.sent.empty());
  std::vector<std::string> steps;
  for (world.sent = {second}; !world.sent.empty();) {
    const Message step = world.sent.front();
    world.sent.erase(world.sent.begin());
    steps.push_back(coap::name(step.code));
    world.answer(step, step.code == coap::kGet ? coap::kContent : coap::kChanged);
  }
  CHECK(steps == std::vector<std::string>{"0.04 DELETE", "0.01 GET", "0.03 PUT", "0.02 POST"});
  CHECK(std::ranges::count(world.events, R"({"event":"bootstrapped","endpoint":"device-1"})") == 1);
  CHECK(std::ranges::any_of(world.events,
                            [](const std::string& one) { return one.find("asked for a bootstrap again") != std::string::npos; }));
}

TEST_CASE("Bootstrap that the device refuses at Finish fails with the step and the answer (LwM2M 1.0 5.2.7.5)") {
  World world;
  ObjectInstance server{0, {}};
  server.set(server::kShortServerId, std::int64_t{7});
  world.accounts.rows[0].bootstrap = *encode_bootstrap_file({{{kServerObject, std::nullopt, {server}}}});
  CHECK(world.ask(coap::kPost, "/bs", {"ep=device-1"}).code == coap::kChanged);
  while (!world.sent.empty()) {
    const Message step = world.sent.front();
    world.sent.erase(world.sent.begin());
    const bool finish = coap::path_of(step) == "/bs";
    world.answer(step, finish ? coap::kNotAcceptable : step.code == coap::kGet ? coap::kMethodNotAllowed : coap::kChanged);
  }
  CHECK(world.events.back() ==
        R"({"event":"bootstrap failed","endpoint":"device-1","reason":"Bootstrap-Finish: the device answers 4.06 Not Acceptable"})");
}

TEST_CASE("A bootstrap that the server begins goes to the device's DTLS connection, or to an address without DTLS (LwM2M 1.0 5.2.3.4)") {
  World world;
  ObjectInstance server{0, {}};
  world.accounts.rows[0].bootstrap = *encode_bootstrap_file({{{kServerObject, std::nullopt, {server}}}});
  world.server.closed(world.device);
  CHECK(world.manage("bootstrap device-1 127.0.0.1:5683", coap::kDeleted).find("no DTLS connection") != std::string::npos);
  world.server.connected(world.device, psk_proof("id-1"));
  world.sent.clear();
  world.server.manage(*parse_command("bootstrap device-1"), [](const Server::Outcome&) {});
  REQUIRE(world.sent.size() == 1);
  CHECK(world.sent[0].code == coap::kDelete);
  world.server.closed(world.device);
  CHECK(world.events.back().find("the device is gone") != std::string::npos);
  CHECK(world.manage("bootstrap nobody", coap::kDeleted).find("no account with a bootstrap") != std::string::npos);
}

TEST_CASE("Observe: a device that updates from another address is observed again (RFC 7641 3.1)") {
  World world;
  const std::string location = world.register_device();
  std::string result;
  world.sent.clear();
  world.server.manage(*parse_command("observe device-1 /3/0/13"), [&](const Server::Outcome& outcome) { result = outcome.json; });
  Message first;
  first.type = coap::Type::kAcknowledgement;
  first.code = coap::kContent;
  first.id = world.sent.at(0).id;
  first.token = world.sent.at(0).token;
  first.add_number(coap::option::kObserve, 1);
  world.server.receive(world.device, psk_proof("id-1"), coap::encode(first));
  CHECK(result.find("2.05") != std::string::npos);
  CHECK(world.ask(coap::kPost, "/rd/" + location, {}, {}, psk_proof("id-1"), 9).code == coap::kChanged);
  world.server.connected({{9}}, psk_proof("id-1"));
  CHECK(world.manage("cancel device-1 /3/0/13", coap::kContent).find("not observed") != std::string::npos);
}

TEST_CASE("A device that registered with DTLS is never asked without, nor over a connection of another (LwM2M 1.0 7.1)") {
  World world;
  world.register_device();
  const auto asked = [&] { return world.manage("write device-1 /3/0/15 Etc/UTC", coap::kChanged); };
  CHECK(asked().starts_with("good"));
  world.server.closed(world.device);
  CHECK(asked().find("no DTLS connection now") != std::string::npos);
  CHECK(world.sent.empty());
  world.server.connected(world.device, psk_proof("id-2"));
  CHECK(asked().find("no DTLS connection now") != std::string::npos);
  CHECK(world.sent.empty());
  world.server.connected(world.device, psk_proof("id-1"));
  CHECK(asked().starts_with("good"));
}

TEST_CASE("Datagrams without DTLS from the address of a connection neither answer, nor end, nor begin anything (RFC 7252 11.4)") {
  World world;
  world.register_device();
  std::string result;
  world.sent.clear();
  world.server.manage(*parse_command("read device-1 /3/0/0"), [&](const Server::Outcome& outcome) { result = outcome.json; });
  const Message asked = world.sent.at(0);
  world.server.receive(world.device, {}, coap::encode(coap::empty_message(coap::Type::kReset, asked.id)));
  CHECK(result.empty());
  Message spoofed;
  spoofed.code = coap::kPost;
  spoofed.id = 77;
  coap::add_path(spoofed, "/rd");
  world.sent.clear();
  world.server.receive(world.device, {}, coap::encode(spoofed));
  CHECK(world.sent.empty());
  world.answer(asked, coap::kContent, "ACME", coap::format::kText);
  CHECK(result.find("ACME") != std::string::npos);
}

TEST_CASE("A body that began without DTLS is not continued with it (RFC 7959 2.5)") {
  World world;
  world.server.closed(world.device);
  Message part;
  part.code = coap::kPost;
  part.id = 50;
  coap::add_path(part, "/rd");
  part.add(coap::option::kUriQuery, std::string_view("ep=device-1"));
  part.payload = to_bytes(as_bytes("</7/0>,</8/0>,</"));
  coap::add_block(part, coap::option::kBlock1, {0, true, 0});
  world.server.receive(world.device, {}, coap::encode(part));
  CHECK(world.sent.back().code == coap::kContinue);
  world.server.connected(world.device, psk_proof("id-1"));
  part.options.pop_back();
  part.id = 51;
  part.payload = to_bytes(as_bytes("3/0>"));
  coap::add_block(part, coap::option::kBlock1, {1, false, 0});
  world.server.receive(world.device, psk_proof("id-1"), coap::encode(part));
  CHECK(world.sent.back().code == coap::kIncomplete);
  CHECK(world.server.registrations().size() == 0);
}

TEST_CASE("Accounts that cannot be read: 5.00 and an event, no handshake, and the server continues (RFC 7252 5.9.3.1)") {
  World world;
  world.register_device();
  world.accounts.broken = true;
  CHECK(coap::name(world.ask(coap::kPost, "/rd", {"ep=device-1"}).code) == "5.00 Internal Server Error");
  CHECK(world.events.back() == R"({"event":"failed","endpoint":"","reason":"database is locked"})");
  world.server.connected(world.device, psk_proof("id-1"));
  CHECK(world.manage("bootstrap device-1", coap::kDeleted).starts_with("bad"));
  DtlsAccounts handshakes(world.accounts);
  CHECK_FALSE(handshakes.psk(as_bytes("id-1")));
  CHECK(handshakes.judge(psk_proof("id-1")).error().code == ErrorCode::kIo);
  world.accounts.broken = false;
  CHECK(handshakes.psk(as_bytes("id-1")));
  CHECK(world.manage("read device-1 /3/0/0", coap::kContent).starts_with("good"));
}

TEST_CASE("An open server takes no registrations without end; who is registered may do it again (RFC 7252 5.9.3.4)") {
  World world({.open = true, .times = {}, .most_registrations = 3});
  const auto code_for = [&](int number) {
    return world.ask(coap::kPost, "/rd", {"ep=stranger-" + std::to_string(number), "lt=4294967295"}, {}, {}, 2).code;
  };
  for (int i = 0; i < 3; ++i) CHECK(code_for(i) == coap::kCreated);
  CHECK(coap::name(code_for(3)) == "5.03 Service Unavailable");
  CHECK(code_for(0) == coap::kCreated);
  CHECK(world.server.registrations().size() == 3);
}

TEST_CASE("Update is for those who may register: a removed account ends its registration") {
  World world;
  const std::string location = world.register_device();
  world.accounts.rows.clear();
  CHECK(world.ask(coap::kPost, "/rd/" + location).code == coap::kForbidden);
  CHECK(world.events.back() == R"({"event":"refused","endpoint":"device-1","reason":"unknown PSK identity"})");
  CHECK(world.server.registrations().size() == 0);
}
