// SPDX-License-Identifier: Apache-2.0
// An MCIM in XML Encryption and XML Signature (TR 33.812 5.1.3.7.3.3, NOTE 2).
#include <doctest/doctest.h>

#include "mcim/xml/document.hpp"

using namespace uicclab;
using namespace uicclab::mcim;
using crypto::KeyKind;
using crypto::PrivateKey;

namespace {

const PrivateKey& rsa() {
  static const PrivateKey key = PrivateKey::generate(KeyKind::kRsa);
  return key;
}
const PrivateKey& sender() {
  static const PrivateKey key = PrivateKey::generate(KeyKind::kP256);
  return key;
}
Data data() {
  return {Tag::kUpdate, crypto::to_wiped(as_bytes("a payload")), 7};
}
std::string document() {
  const auto made = wrap_xml(data(), rsa().public_key(), sender());
  REQUIRE(made);
  return {made->begin(), made->end()};
}
ErrorCode refusal(const std::string& text) {
  const auto opened = open_xml(as_bytes(text), rsa(), sender().public_key());
  REQUIRE_FALSE(opened);
  return opened.error().code;
}
std::string with(std::string text, const std::string& old, const std::string& now) {
  const auto at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), now);
}

}  // namespace

TEST_CASE("XML: wrapped for a device, signed by its sender, opened (XML Encryption 1.1, XML Signature 1.1)") {
  const std::string good = document();
  const auto opened = open_xml(as_bytes(good), rsa(), sender().public_key());
  REQUIRE(opened);
  CHECK(opened->tag == Tag::kUpdate);
  CHECK(opened->version == 7);
  CHECK(equal(opened->payload, data().payload));
  CHECK(good.find("a payload") == std::string::npos);
  CHECK(open_xml(as_bytes(good), PrivateKey::generate(KeyKind::kRsa), sender().public_key()).error().code == ErrorCode::kRefused);
  CHECK(open_xml(as_bytes(good), rsa(), PrivateKey::generate(KeyKind::kP256).public_key()).error().code == ErrorCode::kMismatch);
  CHECK(open_xml(as_bytes(good), sender(), sender().public_key()).error().code == ErrorCode::kRefused);
  CHECK_FALSE(wrap_xml(data(), sender().public_key(), sender()));
  CHECK_FALSE(wrap_xml(data(), rsa().public_key(), rsa()));
}

TEST_CASE("XML: whatever is changed or added is refused (signature wrapping, other algorithms, references, entities)") {
  const std::string good = document();
  CHECK(refusal(with(good, "<CipherValue>", "<CipherValue>AAAA")) == ErrorCode::kMismatch);
  CHECK(refusal(with(good, "</Mcim>", "<!-- --></Mcim>")) == ErrorCode::kMalformed);
  CHECK(refusal(with(good, "</Mcim>", "<Object xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/></Mcim>")) == ErrorCode::kMalformed);
  CHECK(refusal(with(good, "URI=\"\"", "URI=\"#x\"")) == ErrorCode::kMalformed);
  CHECK(refusal(with(good, "URI=\"\"", "URI=\"http://127.0.0.1/\"")) == ErrorCode::kMalformed);
  CHECK(refusal(with(good, "xmldsig-more#ecdsa-sha256", "xmldsig-more#hmac-sha256")) == ErrorCode::kMalformed);
  CHECK(refusal(with(good, "xmlenc11#aes128-gcm", "xmlenc11#aes256-gcm")) == ErrorCode::kMalformed);
  CHECK(refusal(with(good, "xmlenc#rsa-oaep-mgf1p", "xmlenc#rsa-1_5")) == ErrorCode::kMalformed);
  CHECK(refusal(with(good, "<KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\">",
                     "<KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><KeyName>x</KeyName>")) == ErrorCode::kMalformed);
  CHECK(refusal(with(good, "urn:uicclab:mcim:1", "urn:uicclab:mcim:2")) == ErrorCode::kMalformed);
  CHECK(refusal(with(good, "<Mcim ", "<!DOCTYPE Mcim [<!ENTITY a \"b\">]><Mcim ")) == ErrorCode::kMalformed);
  CHECK(refusal(with(good, "<EncryptedData ", "<EncryptedData Id=\"a\" ")) == ErrorCode::kMalformed);
  CHECK(refusal("") == ErrorCode::kMalformed);
  CHECK(refusal("<Mcim xmlns=\"urn:uicclab:mcim:1\"/>") == ErrorCode::kMalformed);
  CHECK(refusal(std::string(70000, ' ') + good) == ErrorCode::kMalformed);
  for (std::size_t cut = 0; cut + 8 < good.size(); cut += 97) CHECK(refusal(good.substr(0, cut)) == ErrorCode::kMalformed);
}
