// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/view.hpp"

#include <set>

#include <doctest/doctest.h>

#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;

namespace {

const ResourceModel& row(std::uint16_t object, std::uint16_t resource) {
  return *find_resource(object, {1, kNewestMinor}, resource);
}

BootstrapFile anjay_file() {
  return *parse_bootstrap_file(test::load_vectors("lwm2m_bootstrap.txt").at(0).bytes("file"));
}

}  // namespace

TEST_CASE("Every resource has its own key, and is found by it") {
  CHECK(key_of(row(0, 16)) == "dtls_tls_ciphersuite");
  CHECK(key_of(row(0, 1)) == "bootstrap_server");
  CHECK(key_of(row(1, 9)) == "bootstrap_request_trigger");
  for (const std::uint16_t object : {kSecurityObject, kServerObject, kAccessControlObject}) {
    std::set<std::string> keys;
    for (const ResourceModel& model : resources_of(object)) {
      CHECK(keys.insert(key_of(model)).second);
      CHECK(find_resource(object, {1, kNewestMinor}, std::string_view(key_of(model))) == &model);
    }
  }
  CHECK(find_resource(0, {1, 0}, std::string_view("sni")) == nullptr);
  CHECK(find_resource(0, {1, 1}, std::string_view("")) == nullptr);
}

TEST_CASE("Values to text and back (LwM2M appendix C)") {
  struct Row {
    std::uint16_t object, resource;
    const char* text;
    Bytes value;
  };
  for (const Row& one : {Row{0, 0, "coap://a", to_bytes(as_bytes("coap://a"))}, Row{0, 1, "true", {1}}, Row{0, 2, "3", {3}},
                         Row{0, 3, "text:id", {'i', 'd'}}, Row{0, 5, "hex:0001", {0, 1}}, Row{0, 10, "40000", {0, 0, 0x9C, 0x40}},
                         Row{0, 16, "49320", {0xC0, 0xA8}}, Row{0, 17, "21:65535", {0, 21, 0xFF, 0xFF}}, Row{1, 12, "-1", {0xFF}}}) {
    CAPTURE(one.text);
    CHECK(value_text(row(one.object, one.resource), one.value) == std::string(one.text));
    const auto value = parse_value(row(one.object, one.resource), one.text);
    REQUIRE(value);
    CHECK(equal(*value, one.value));
  }
  for (const Row& bad : {Row{0, 1, "yes", {}}, Row{0, 2, "5", {}}, Row{0, 2, "", {}}, Row{0, 2, "1 ", {}}, Row{0, 2, "0x1", {}},
                         Row{0, 10, "99999999999999999999", {}}, Row{0, 13, "-1", {}}, Row{0, 5, "0001", {}}, Row{0, 5, "hex:0", {}},
                         Row{0, 5, "hex:0g", {}}, Row{0, 17, "21", {}}, Row{0, 17, "21:65536", {}}, Row{0, 17, ":", {}}, Row{1, 4, "", {}},
                         Row{0, 0, "\xFF", {}}}) {
    CAPTURE(bad.text);
    CHECK_FALSE(parse_value(row(bad.object, bad.resource), bad.text));
  }
}

TEST_CASE("JSON: names in place of numbers, keys hidden unless asked for") {
  const std::string json = to_json(anjay_file());
  CHECK(json.find("\"server_uri\":\"coaps://eu.iot.avsystem.cloud:5684\"") != std::string::npos);
  CHECK(json.find("\"public_key_or_identity\":\"text:example-psk-identity\"") != std::string::npos);
  CHECK(json.find("\"secret_key\":\"hidden: 19 bytes\"") != std::string::npos);
  CHECK(json.find("\"lifetime\":86400") != std::string::npos);
  CHECK(json.find("3x@mpl3") == std::string::npos);
  CHECK(to_json(anjay_file(), Secrets::kShown).find("\"secret_key\":\"text:3x@mpl3P5K53cr3tK3y\"") != std::string::npos);
  CHECK(to_json({}) == "{\"objects\":[]}\n");
}

TEST_CASE("JSON: unknown resources are shown under their number, hidden") {
  BootstrapFile file;
  file.objects.push_back({9, ObjectVersion{1, 1}, {{0, {}}}});
  file.objects[0].instances[0].set(5, "C0FFEE"_h);
  CHECK(to_json(file).find("\"5\":\"hidden: 3 bytes\"") != std::string::npos);
  CHECK(to_json(file, Secrets::kShown).find("\"5\":\"hex:C0FFEE\"") != std::string::npos);
  CHECK(to_json(file).find("\"version\":\"1.1\"") != std::string::npos);
  file.objects[0].id = kSecurityObject;
  file.objects[0].instances[0] = {0, {}};
  file.objects[0].instances[0].set(1, "07"_h);  // no Boolean
  file.objects[0].instances[0].add(16, 0, "C0A8"_h);
  file.objects[0].instances[0].add(16, 1, "00AE"_h);
  CHECK(to_json(file).find("\"bootstrap_server\":\"hex:07\"") != std::string::npos);
  CHECK(to_json(file).find("\"dtls_tls_ciphersuite\":{\"0\":49320, \"1\":174}") != std::string::npos);
}

TEST_CASE("TOML: the same") {
  const std::string toml = to_toml(anjay_file());
  CHECK(toml.find("[[object]]\nid = 0\n\n[[object.instance]]\nid = 1\nserver_uri = \"coaps://eu.iot.avsystem.cloud:5684\"\n") == 0);
  CHECK(toml.find("bootstrap_server = false\n") != std::string::npos);
  CHECK(toml.find("3x@mpl3") == std::string::npos);
}
