// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/view_reader.hpp"

#include <doctest/doctest.h>

#include "lwm2m/view.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;

namespace {

ViewReader in_instance(std::uint16_t object, std::string_view version = "") {
  ViewReader reader;
  REQUIRE(reader.object(object, version));
  REQUIRE(reader.instance(0));
  return reader;
}

}  // namespace

TEST_CASE("A view is put together again: names, numbers, multiple resources, versions") {
  ViewReader reader = in_instance(kSecurityObject, "1.1");
  REQUIRE(reader.resource("server_uri", "coaps://a"));
  REQUIRE(reader.resource("dtls_tls_ciphersuite", 0, "49320"));
  REQUIRE(reader.resource("dtls_tls_ciphersuite", 1, "174"));
  REQUIRE(reader.resource("3000", "hex:0102"));
  REQUIRE(reader.object(kServerObject, ""));
  REQUIRE(reader.instance(3));
  REQUIRE(reader.resource("lifetime", "300"));
  const BootstrapFile file = reader.take();
  REQUIRE(file.objects.size() == 2);
  CHECK(file.objects[0].version == ObjectVersion{1, 1});
  CHECK_FALSE(file.objects[1].version);
  const ObjectInstance& security = file.objects[0].instances[0];
  CHECK(equal(*security.value(security::kUri), as_bytes("coaps://a")));
  CHECK(security.find(security::kCiphersuite)->instances.size() == 2);
  CHECK(equal(*security.value(3000), "0102"_h));
  CHECK(equal(*file.objects[1].instances[0].value(server::kLifetime), "012C"_h));
  CHECK(file.objects[1].instances[0].id == 3);
}

TEST_CASE("Content of a view that cannot be read is refused, and the message contains no key") {
  CHECK_FALSE(ViewReader().instance(0));
  CHECK_FALSE(ViewReader().resource("lifetime", "1"));
  CHECK_FALSE(ViewReader().object(65535, ""));
  CHECK_FALSE(ViewReader().object(-1, ""));
  for (const char* version : {"1", "0.1", "1.x", "1.256", ".", "?"}) CHECK_FALSE(ViewReader().object(0, version));
  ViewReader reader = in_instance(kSecurityObject, "1.0");
  CHECK_FALSE(reader.object(kSecurityObject, ""));
  CHECK_FALSE(reader.instance(0));
  CHECK_FALSE(reader.instance(70000));
  REQUIRE(reader.resource("bootstrap_server", "false"));
  CHECK(reader.resource("bootstrap_server", "false").error().text == "/0/0 bootstrap_server: occurs twice");
  CHECK(reader.resource("sni", "a").error().code == ErrorCode::kNotFound);
  CHECK_FALSE(reader.resource("security_mode", "psk"));
  CHECK_FALSE(reader.resource("security_mode", 0, "0"));
  CHECK_FALSE(reader.resource("3000", "0102"));
  CHECK_FALSE(reader.resource("70000", "hex:01"));
  const auto hidden = reader.resource("secret_key", "hidden: 16 bytes");
  CHECK(hidden.error().code == ErrorCode::kRefused);
  const auto odd = reader.resource("secret_key", "hex:5EC2E");
  REQUIRE_FALSE(odd);
  CHECK(odd.error().text.find("5EC2E") == std::string::npos);
  ViewReader newer = in_instance(kSecurityObject, "1.1");
  CHECK_FALSE(newer.resource("dtls_tls_ciphersuite", "49320"));
  CHECK_FALSE(newer.resource("dtls_tls_ciphersuite", 70000, "49320"));
}
