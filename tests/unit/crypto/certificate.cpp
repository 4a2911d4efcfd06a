// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/certificate.hpp"

#include <doctest/doctest.h>

#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

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
  CHECK(server->key == *PublicKey::from_der(v.bytes("server_public")));
  CHECK(server->not_after - server->not_before == std::chrono::hours(24 * 7300));
  CHECK(read_certificate(v.bytes("authority_certificate"))->is_ca);
  CHECK(read_certificate(v.bytes("sha1_certificate"))->weak_signature);
  CHECK(read_certificate(v.bytes("md5_certificate"))->weak_signature);
  CHECK(read_certificate(v.bytes("nameless_certificate"))->common_name.empty());
}

TEST_CASE("Data that is not a certificate, or has bytes after it, is refused") {
  const auto v = test::load_vectors("credentials.txt").at(0);
  Bytes bytes = v.bytes("server_certificate");
  for (std::size_t cut = 0; cut < bytes.size(); cut += 5) CHECK_FALSE(read_certificate(BytesView(bytes).first(cut)));
  bytes.push_back(0);
  CHECK_FALSE(read_certificate(bytes));
  for (const char* name : {"client_public", "client_private"}) CHECK_FALSE(read_certificate(v.bytes(name)));
}
