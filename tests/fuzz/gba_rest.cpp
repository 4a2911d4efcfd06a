// SPDX-License-Identifier: Apache-2.0
// JSON of Zh and Zpn: what is read is written and read again as the same; and the UE's file of NAF keys.
#include "gba/naf_keys.hpp"
#include "gba/rest.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::gba;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto read = parse_zpn_request(text)) test::require(to_json(*parse_zpn_request(to_json(*read))) == to_json(*read), "request");
  if (const auto read = parse_zpn_answer(text)) test::require(to_json(*parse_zpn_answer(to_json(*read))) == to_json(*read), "answer");
  if (const auto read = parse_association(text))
    test::require(to_json(*parse_association(to_json(*read))) == to_json(*read), "association");
  (void)parse_zh_request(text);
  (void)parse_zh_answer(text);
  (void)parse_refused(text);
  (void)parse_key_request(text);
  static const crypto::SecretBytes key(Bytes(32, 7));
  test::require(!NafKeys::open({data, size}, key), "nobody seals without the key");
  return 0;
}
