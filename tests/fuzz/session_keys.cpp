// SPDX-License-Identifier: Apache-2.0
// Session-key files and their sealed form, SMS key parameters and keys.
#include "lwm2m/session_key_file.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  static const crypto::SecretBytes storage_key(Bytes(32, 7));
  if (const auto record = parse_session_keys(bytes)) {
    const auto written = encode_session_keys(*record);
    test::require(written && equal(*written, bytes.first(written->size())), "a file is written as it was read");
  }
  (void)open_session_keys(bytes, storage_key);
  if (const auto binding = parse_binding(bytes)) {
    const auto written = encode_binding(*binding);
    test::require(size == 7 || equal(written, bytes), "key parameters come back");
  }
  if (const auto keys = parse_sms_keys(bytes)) test::require(keys->kic.size() == keys->kid.size(), "two keys of one length");
  return 0;
}
