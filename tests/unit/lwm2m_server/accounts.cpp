// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/crypto/certificate.hpp"
#include "tests/support/lwm2m_accounts.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using namespace uicclab::lwm2m::server;
using test::MemoryAccounts;

TEST_CASE(
    "Certificates of devices: the pinned one, within its validity, with the endpoint name as its common name (UDP channel CR 7.1.3)") {
  const test::VectorSet vector = test::load_vectors("credentials.txt").at(0);
  const Bytes certificate = vector.bytes("client_certificate");
  const auto facts = crypto::read_certificate(certificate);
  REQUIRE(facts);
  MemoryAccounts accounts;
  accounts.add(facts->common_name, SecurityMode::kCertificate, certificate);
  const PeerProof proof{SecurityMode::kCertificate, {}, {certificate}, {}};
  const auto middle = facts->not_before + (facts->not_after - facts->not_before) / 2;
  REQUIRE(account_of(accounts, proof, middle));
  CHECK(account_of(accounts, proof, middle)->endpoint == facts->common_name);
  for (const auto when : {facts->not_before - std::chrono::seconds(1), facts->not_after + std::chrono::seconds(1)}) {
    const auto refused = account_of(accounts, proof, when);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text == "a certificate of the client is not valid at this time");
  }
  accounts.rows[0].identity = vector.bytes("server_certificate");
  CHECK_FALSE(account_of(accounts, proof, middle));
  accounts.rows[0].endpoint = "another";
  accounts.rows[0].identity = certificate;
  CHECK(account_of(accounts, proof, middle).error().text == "no account with certificates is named " + facts->common_name);
  CHECK_FALSE(account_of(accounts, {SecurityMode::kCertificate, {}, {}, {}}, middle));
  CHECK_FALSE(account_of(accounts, {SecurityMode::kCertificate, {}, {Bytes(40, 0x30)}, {}}, middle));
}
