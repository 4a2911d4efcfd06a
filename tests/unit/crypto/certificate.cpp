#include "core/crypto/certificate.hpp"

#include <doctest/doctest.h>

#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

TEST_CASE("Keys: kind, size, and that a private one belongs to a public one (RFC 5958, RFC 5480)") {
  const auto v = test::load_vectors("credentials.txt").at(0);
  const auto client = read_public_key(v.bytes("client_public"));
  REQUIRE(client);
  CHECK(client->type == PublicKeyFacts::Type::kEc);
  CHECK(client->bits == 256);
  CHECK(*read_private_key(v.bytes("client_private")) == *client);
  CHECK_FALSE(*read_private_key(v.bytes("server_private")) == *client);
  CHECK(read_public_key(v.bytes("small_public"))->bits == 224);
  CHECK(read_public_key(v.bytes("rsa_public"))->type == PublicKeyFacts::Type::kRsa);
}

TEST_CASE("Certificates: names, key, authority, hash of the signature (RFC 5280)") {
  const auto v = test::load_vectors("credentials.txt").at(0);
  const auto server = read_certificate(v.bytes("server_certificate"));
  REQUIRE(server);
  CHECK(server->common_name == "lwm2m.example.com");
  CHECK(server->dns_names == std::vector<std::string>{"lwm2m.example.com"});
  CHECK(server->ip_addresses == std::vector<Bytes>{{127, 0, 0, 1}});
  CHECK_FALSE(server->is_ca);
  CHECK_FALSE(server->weak_signature);
  CHECK(server->signature_hash == "SHA256");
  CHECK(server->key == *read_public_key(v.bytes("server_public")));
  CHECK(server->not_after - server->not_before == std::chrono::hours(24 * 7300));
  CHECK(read_certificate(v.bytes("authority_certificate"))->is_ca);
  CHECK(read_certificate(v.bytes("sha1_certificate"))->weak_signature);
  CHECK(read_certificate(v.bytes("md5_certificate"))->weak_signature);
  CHECK(read_certificate(v.bytes("nameless_certificate"))->common_name.empty());
}

TEST_CASE("What is none, or has bytes behind it, is refused") {
  const auto v = test::load_vectors("credentials.txt").at(0);
  for (const char* name : {"client_public", "client_private", "server_certificate"}) {
    Bytes bytes = v.bytes(name);
    const bool is_public = std::string(name) == "client_public";
    const bool is_private = std::string(name) == "client_private";
    CHECK(read_public_key(bytes).has_value() == is_public);
    CHECK(read_private_key(bytes).has_value() == is_private);
    CHECK(read_certificate(bytes).has_value() == (!is_public && !is_private));
    bytes.push_back(0);
    CHECK_FALSE(read_public_key(bytes));
    CHECK_FALSE(read_private_key(bytes));
    CHECK_FALSE(read_certificate(bytes));
    bytes.resize(bytes.size() - 2);
    CHECK_FALSE(read_public_key(bytes));
    CHECK_FALSE(read_private_key(bytes));
    CHECK_FALSE(read_certificate(bytes));
  }
  CHECK_FALSE(read_public_key({}));
  CHECK_FALSE(read_private_key({}));
  CHECK_FALSE(read_certificate({}));
}
