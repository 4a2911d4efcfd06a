// SPDX-License-Identifier: Apache-2.0
// MCIM documents in XML from outside, through libxml2 and libxmlsec1: nobody makes one for keys that nobody knows.
#include "mcim/xml/document.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::PrivateKey device = crypto::PrivateKey::generate(crypto::KeyKind::kRsa);
  static const crypto::PrivateKey sender = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
  test::require(!mcim::open_xml({data, size}, device, sender.public_key()), "it is refused");
  return 0;
}
