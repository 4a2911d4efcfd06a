// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/object_tree.hpp"

#include <doctest/doctest.h>

#include "lwm2m/management_objects.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using namespace uicclab::lwm2m::device;
using coap::Message;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

BootstrapFile file() {
  ObjectInstance security{0, {}}, server{0, {}};
  security.set(security::kSecretKey, std::string_view("secret"));
  server.set(server::kShortServerId, std::int64_t{7});
  server.set(server::kLifetime, std::int64_t{300});
  server.set_boolean(server::kNotificationStoring, true);
  server.set(server::kBinding, std::string_view("U"));
  return {{{kSecurityObject, std::nullopt, {security}}, {kServerObject, std::nullopt, {server}}}};
}

struct World {
  BootstrapFile content = file();
  std::vector<ObjectTree::Executed> executed;
  std::optional<ObjectTree> made;
  milliseconds now{0};

  ObjectTree& tree() {
    if (!made) {
      made.emplace(content, std::uint16_t{7}, DeviceFacts{},
                   ObjectTree::Hooks{.date = [] { return std::chrono::sys_seconds(seconds(1'800'000'000)); },
                                     .executed = [this](ObjectTree::Executed what) { executed.push_back(what); }});
    }
    return *made;
  }
  Message ask(coap::Code code, std::string_view path, std::string_view payload = {}, std::optional<std::uint16_t> format = {},
              std::optional<std::uint16_t> accept = {}, std::vector<std::string> queries = {}, std::optional<std::uint32_t> observe = {}) {
    Message request;
    request.code = code;
    request.token = {9};
    coap::add_path(request, path);
    if (format) request.add_number(coap::option::kContentFormat, *format);
    if (accept) request.add_number(coap::option::kAccept, *accept);
    if (observe) request.add_number(coap::option::kObserve, *observe);
    for (const std::string& one : queries) request.add(coap::option::kUriQuery, one);
    request.payload = to_bytes(as_bytes(payload));
    return tree().answer(request, now);
  }
  std::string text(std::string_view path, std::optional<std::uint16_t> accept = {}) {
    const Message answer = ask(coap::kGet, path, {}, {}, accept);
    return coap::name(answer.code) + " " + std::string(answer.payload.begin(), answer.payload.end());
  }
};

}  // namespace

TEST_CASE("The Security object is never read, written, discovered or registered (LwM2M 1.0 appendix E.1, 5.3.1)") {
  World world;
  for (const char* path : {"/0", "/0/0", "/0/0/5"}) {
    for (const coap::Code code : {coap::kGet, coap::kPut, coap::kPost, coap::kDelete}) {
      const Message answer = world.ask(code, path);
      CHECK(coap::name(answer.code) == "4.01 Unauthorized");
      CHECK(answer.payload.empty());
    }
    CHECK(coap::name(world.ask(coap::kGet, path, {}, {}, coap::format::kLinkFormat).code) == "4.01 Unauthorized");
  }
  CHECK(world.tree().links() == "</>;rt=\"oma.lwm2m\",</1/0>,</3/0>,</4/0>,</3347/0>");
}

TEST_CASE(
    "Read: one value as text, more as TLV, the format that is asked for, 4.06 for one that does not fit (LwM2M 1.0 6.4; RFC 7252 5.10.4)") {
  World world;
  CHECK(world.text("/3/0/0") == "2.05 Content uicclab");
  CHECK(world.text("/3/0/13") == "2.05 Content 1800000000");
  CHECK(world.text("/3347/0/5500") == "2.05 Content 0");
  CHECK(world.ask(coap::kGet, "/3/0").number_in(coap::option::kContentFormat) == coap::format::kLwm2mTlv);
  CHECK(world.text("/1/0/1", coap::format::kSenmlJson) == "2.05 Content [{\"n\":\"/1/0/1\",\"v\":300}]");
  CHECK(to_hex(world.ask(coap::kGet, "/1/0/1", {}, {}, coap::format::kSenmlCbor).payload) == "81A200662F312F302F310219012C");
  CHECK(to_hex(world.ask(coap::kGet, "/1/0/1", {}, {}, coap::format::kLwm2mTlv).payload) == "C201012C");
  CHECK(to_hex(world.ask(coap::kGet, "/3/0/11/0", {}, {}, coap::format::kLwm2mTlv).payload) == "410000");
  CHECK(world.text("/3/0/11/0") == "2.05 Content 0");
  for (const std::uint16_t accept : {std::uint16_t{0}, std::uint16_t{42}, std::uint16_t{50}, std::uint16_t{11543}}) {
    CHECK(world.text("/3/0", accept) == "4.06 Not Acceptable ");
  }
  CHECK(world.text("/3/0/0", 42) == "4.06 Not Acceptable ");
  for (const char* path : {"/5", "/3/1", "/3/0/99", "/3/0/11/7", "/a", "/3/0/0/0"}) CHECK(world.text(path) == "4.04 Not Found ");
  CHECK(world.text("/3/0/4") == "4.05 Method Not Allowed ");  // executable
  CHECK(world.text("/") == "4.05 Method Not Allowed ");
}

TEST_CASE("Write: a value, some of an instance, all or nothing (LwM2M 1.0 5.4.3)") {
  World world;
  using namespace coap::format;
  CHECK(world.ask(coap::kPut, "/3/0/15", "Europe/Berlin", kText).code == coap::kChanged);
  CHECK(world.text("/3/0/15") == "2.05 Content Europe/Berlin");
  CHECK(world.ask(coap::kPut, "/3/0/0", "x", kText).code == coap::kMethodNotAllowed);
  CHECK(world.ask(coap::kPut, "/1/0/1", "x", kText).code == coap::kBadRequest);
  CHECK(world.ask(coap::kPut, "/1/0/1", "600", kText).code == coap::kChanged);
  CHECK(world.tree().lifetime() == seconds(600));
  CHECK(world.ask(coap::kPut, "/1/0/1", "600", 50).code == coap::kUnsupportedFormat);
  CHECK(world.ask(coap::kPost, "/1/0", "[{\"bn\":\"/1/0/\",\"n\":\"1\",\"v\":900},{\"n\":\"0\",\"v\":9}]", kSenmlJson).code ==
        coap::kMethodNotAllowed);
  CHECK(world.tree().lifetime() == seconds(600));  // nothing of it
  CHECK(world.ask(coap::kPost, "/1/0", "[{\"bn\":\"/1/0/\",\"n\":\"1\",\"v\":900},{\"n\":\"6\",\"vb\":false}]", kSenmlJson).code ==
        coap::kChanged);
  CHECK(world.text("/1/0/6") == "2.05 Content 0");
  CHECK(world.ask(coap::kPost, "/1/0", "[{\"n\":\"/3/0/15\",\"vs\":\"x\"}]", kSenmlJson).code == coap::kBadRequest);
  CHECK(world.ask(coap::kPut, "/3", "x", kText).code == coap::kMethodNotAllowed);
  CHECK(world.ask(coap::kPut, "/3347/0/5750", "\xFF", kText).code == coap::kBadRequest);  // no UTF-8
}

TEST_CASE("Create and Delete: instances of an object that allows them (LwM2M 1.0 5.4.6, 5.4.7)") {
  World world;
  const Message made = world.ask(coap::kPost, "/3347", "[{\"n\":\"/3347/4/5750\",\"vs\":\"door\"}]", coap::format::kSenmlJson);
  CHECK(made.code == coap::kCreated);
  CHECK(made.texts(coap::option::kLocationPath) == std::vector<std::string>{"3347", "4"});
  CHECK(world.text("/3347/4/5750") == "2.05 Content door");
  CHECK(world.ask(coap::kPost, "/3347", "[{\"n\":\"/3347/4/5750\",\"vs\":\"door\"}]", coap::format::kSenmlJson).code == coap::kBadRequest);
  CHECK(world.ask(coap::kPost, "/3347").texts(coap::option::kLocationPath) == std::vector<std::string>{"3347", "1"});
  CHECK(world.ask(coap::kDelete, "/3347/4").code == coap::kDeleted);
  CHECK(world.text("/3347/4") == "4.04 Not Found ");
  for (const char* path : {"/1/0", "/3/0", "/4/0", "/3347", "/3347/0/5500"})
    CHECK(world.ask(coap::kDelete, path).code == coap::kMethodNotAllowed);
  CHECK(world.ask(coap::kPost, "/3").code == coap::kMethodNotAllowed);
}

TEST_CASE("Execute: what can be executed, and nothing else (LwM2M 1.0 5.4.5)") {
  World world;
  for (const char* path : {"/3/0/4", "/3/0/5", "/1/0/8", "/1/0/4", "/1/0/9"}) CHECK(world.ask(coap::kPost, path).code == coap::kChanged);
  using enum ObjectTree::Executed;
  CHECK(world.executed == std::vector<ObjectTree::Executed>{kReboot, kFactoryReset, kUpdate, kDisable, kBootstrap});
  CHECK(world.ask(coap::kPost, "/3/0/12").code == coap::kChanged);
  CHECK(world.ask(coap::kPost, "/3/0/0").code == coap::kMethodNotAllowed);
  CHECK(world.ask(coap::kPost, "/3/0/77").code == coap::kNotFound);
}

TEST_CASE("Observe: what changed, not before the shortest period, at the longest one (LwM2M 1.0 5.1.2, 5.5.1)") {
  World world;
  CHECK(world.ask(coap::kGet, "/3347/0/5501", {}, {}, {}, {}, 0).find(coap::option::kObserve) != nullptr);
  CHECK(world.tree().due(world.now).empty());
  world.tree().press();
  const auto first = world.tree().due(world.now);
  REQUIRE(first.size() == 1);
  CHECK(first[0].message.payload == to_bytes(as_bytes("1")));
  CHECK(first[0].request.token == Bytes{9});
  CHECK(world.ask(coap::kPut, "/3347/0/5501", {}, {}, {}, {"pmin=10", "pmax=60"}).code == coap::kChanged);
  CHECK(world.text("/3347/0/5501", coap::format::kLinkFormat) == "2.05 Content </3347/0/5501>;pmin=10;pmax=60");
  world.tree().press();
  world.now += seconds(9);
  CHECK(world.tree().due(world.now).empty());
  world.now += seconds(1);
  CHECK(world.tree().due(world.now).size() == 1);
  world.now += seconds(59);
  CHECK(world.tree().due(world.now).empty());
  CHECK(world.tree().due_at() == world.now + seconds(1));
  world.now += seconds(1);
  CHECK(world.tree().due(world.now).size() == 1);  // although nothing changed
  CHECK(world.ask(coap::kPut, "/3347/0/5501", {}, {}, {}, {"pmin=x"}).code == coap::kBadRequest);
  CHECK(world.ask(coap::kPut, "/3347/0/5501", {}, {}, {}, {"gt=x"}).code == coap::kBadRequest);
  CHECK(world.ask(coap::kPut, "/3347/0/99", {}, {}, {}, {"pmin=1"}).code == coap::kNotFound);
  world.tree().forget({3347, 0, 5501});
  CHECK(world.tree().observations() == 0);
}

TEST_CASE("Observe: a longest period of 0, or below the shortest one, makes no flood (Core 1.1 7.3)") {
  World world;
  (void)world.ask(coap::kGet, "/3347/0/5501", {}, {}, {}, {}, 0);
  for (const auto& periods : {std::vector<std::string>{"pmax=0"}, std::vector<std::string>{"pmin=10", "pmax=5"}}) {
    CHECK(world.ask(coap::kPut, "/3347/0/5501", {}, {}, {}, periods).code == coap::kChanged);
    CHECK_FALSE(world.tree().due_at());
    CHECK(world.tree().due(world.now).empty());
    world.now += seconds(6);
    CHECK(world.tree().due(world.now).empty());
  }
  // Of the Server object: 2^32 s are not none.
  CHECK(world.ask(coap::kPut, "/3347/0/5501", {}, {}, {}, {"pmin", "pmax"}).code == coap::kChanged);
  world.content.objects[1].instances[0].set(3, std::int64_t{0x1'0000'0000});
  world.made.reset();
  (void)world.ask(coap::kGet, "/3347/0/5501", {}, {}, {}, {}, 0);
  CHECK(world.tree().due(world.now).empty());
}

TEST_CASE("A lifetime that no Register can say is not taken (LwM2M 1.0 5.3.1)") {
  World world;
  for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{0x1'0000'0000}, INT64_MAX}) {
    world.content.objects[1].instances[0].set(server::kLifetime, bad);
    world.made.reset();
    CHECK_FALSE(world.tree().lifetime());
  }
}

TEST_CASE("Observe: an instance that is deleted ends its observations; Observe 1 ends one") {
  World world;
  (void)world.ask(coap::kPost, "/3347");
  (void)world.ask(coap::kGet, "/3347/1/5501", {}, {}, {}, {}, 0);
  (void)world.ask(coap::kGet, "/3347/0/5501", {}, {}, {}, {}, 0);
  CHECK(world.tree().observations() == 2);
  (void)world.ask(coap::kDelete, "/3347/1");
  CHECK(world.tree().observations() == 1);
  (void)world.ask(coap::kGet, "/3347/0/5501", {}, {}, {}, {}, 1);
  CHECK(world.tree().observations() == 0);
}

TEST_CASE("Access control: rights of the list, of its default entry, of the owner (LwM2M 1.0 7.3)") {
  World world;
  ObjectInstance list{0, {}};
  list.set(0, std::int64_t{3});
  list.set(1, std::int64_t{0});
  list.add(2, 7, encode_integer(1));  // read
  list.set(3, std::int64_t{9});
  world.content.objects.push_back({kAccessControlObject, std::nullopt, {list}});
  CHECK(world.text("/3/0/0") == "2.05 Content uicclab");
  CHECK(coap::name(world.ask(coap::kPut, "/3/0/15", "x", coap::format::kText).code) == "4.01 Unauthorized");
  CHECK(coap::name(world.ask(coap::kPost, "/3/0/4").code) == "4.01 Unauthorized");
  CHECK(world.executed.empty());
  world.content.objects.back().instances[0].remove(2);
  world.content.objects.back().instances[0].set(3, std::int64_t{7});  // its owner, and no entry
  world.made.reset();
  CHECK(world.ask(coap::kPut, "/3/0/15", "x", coap::format::kText).code == coap::kChanged);
  world.content.objects.back().instances[0].set(3, std::int64_t{9});
  world.content.objects.back().instances[0].add(2, 0, encode_integer(2));  // for everybody: write
  world.made.reset();
  CHECK(world.ask(coap::kPut, "/3/0/15", "x", coap::format::kText).code == coap::kChanged);
  CHECK(world.text("/3/0/0") == "4.01 Unauthorized ");
}

TEST_CASE("Access control: everybody reads a list, its owner writes it, nobody makes or removes one (LwM2M 1.0 appendix E.3)") {
  World world;
  ObjectInstance own{0, {}}, others{1, {}}, of_bootstrap{2, {}};
  for (ObjectInstance* one : {&own, &others, &of_bootstrap}) {
    one->set(0, std::int64_t{3});
    one->set(1, std::int64_t{0});
    one->add(2, 7, encode_integer(1));
  }
  own.set(3, std::int64_t{7});
  others.set(3, std::int64_t{9});
  of_bootstrap.set(3, std::int64_t{65535});
  world.content.objects.push_back({kAccessControlObject, std::nullopt, {own, others, of_bootstrap}});
  for (const char* path : {"/2", "/2/0", "/2/1", "/2/2"}) CHECK(world.ask(coap::kGet, path).code == coap::kContent);
  ObjectInstance rights{0, {}};
  rights.add(2, 7, encode_integer(3));  // read, write
  const Value whole = encode_instances({rights});
  const auto content = TlvReader(whole).next();
  const std::string payload(content->value.begin(), content->value.end());
  const auto write = [&](const char* path) { return coap::name(world.ask(coap::kPost, path, payload, coap::format::kLwm2mTlv).code); };
  CHECK(world.ask(coap::kPut, "/3/0/15", "x", coap::format::kText).code == coap::code_of(4, 1));
  CHECK(write("/2/1") == "4.01 Unauthorized");
  CHECK(write("/2/2") == "4.01 Unauthorized");
  CHECK(write("/2/0") == "2.04 Changed");
  CHECK(world.ask(coap::kPut, "/3/0/15", "x", coap::format::kText).code == coap::kChanged);  // what it gave itself
  CHECK(world.ask(coap::kPut, "/2/0/0", "4", coap::format::kText).code == coap::kMethodNotAllowed);
  CHECK(world.ask(coap::kPut, "/2/0/1", "1", coap::format::kText).code == coap::kMethodNotAllowed);
  CHECK(world.ask(coap::kDelete, "/2/0").code == coap::kMethodNotAllowed);
  CHECK(world.ask(coap::kPost, "/2", payload, coap::format::kLwm2mTlv).code == coap::kMethodNotAllowed);
  CHECK(world.ask(coap::kPut, "/2/0/3", "9", coap::format::kText).code == coap::kChanged);  // given away
  CHECK(write("/2/0") == "4.01 Unauthorized");
}

TEST_CASE("Discover wants no access right (LwM2M 1.0 appendix E.3, resource 2)") {
  World world;
  ObjectInstance list{0, {}};
  list.set(0, std::int64_t{3});
  list.set(1, std::int64_t{0});
  list.add(2, 7, encode_integer(2));
  list.set(3, std::int64_t{9});
  world.content.objects.push_back({kAccessControlObject, std::nullopt, {list}});
  CHECK(world.text("/3/0") == "4.01 Unauthorized ");
  CHECK(world.text("/3/0", coap::format::kLinkFormat).starts_with("2.05 Content </3/0>"));
}
