// SPDX-License-Identifier: Apache-2.0
// MCIM objects: the outline, the data inside, payloads of every kind, opening with a key in both forms; certificates and requests for them.
#include "core/crypto/certificate_chain.hpp"
#include "core/crypto/certificate_issue.hpp"
#include "mcim/certificate.hpp"
#include "mcim/object.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::PrivateKey key = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
  const BytesView bytes(data, size);
  if (const auto inside = mcim::parse_data(bytes)) test::require(equal(mcim::encode_data(*inside), bytes), "data comes back");
  for (const auto tag : {mcim::Tag::kMcim, mcim::Tag::kAlgorithm, mcim::Tag::kUpdate, mcim::Tag::kToken}) {
    if (const auto subscription = mcim::parse_subscription(bytes, tag)) {
      test::require(equal(mcim::encode_subscription(*subscription), bytes), "a payload comes back");
    }
  }
  SeededRandom random(1);
  if (mcim::inspect(bytes)) test::require(!mcim::open(bytes, key, random), "nobody makes an object for a key that nobody knows");
  test::require(!mcim::open_literal(bytes, key, random), "nor one in the literal form");
  const Bytes certificate = to_bytes(bytes);
  (void)mcim::check_certificate({&certificate, 1}, {&certificate, 1}, {});
  (void)crypto::read_certificate_request(bytes);
  (void)crypto::certificates_of_file(bytes);
  return 0;
}
