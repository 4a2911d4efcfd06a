// SPDX-License-Identifier: Apache-2.0
// Statements of the roles of an MCIM provisioning: whatever a file holds; without the key nobody's signature is good.
#include "core/hex.hpp"
#include "mcim/provisioning.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::mcim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::PublicKey key = crypto::PrivateKey::generate(crypto::KeyKind::kP256).public_key();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  test::require(!read_validation(text, key) && !read_order(text, key) && !read_delivery(text, key), "nobody signs without the key");
  for (const char* kind : {"evidence", "validation", "order", "delivery"}) {
    if (const auto read = Statement::parse(text, kind)) test::require(!read->is_by(key), "nobody signs without the key");
  }
  static const PvaPolicy policy{"pva", {}, {}, {}, 60};
  if (const auto judged = validate(text, policy, {})) test::require(!judged->trusted, "no certificate is trusted without makers");
  return 0;
}
