// SPDX-License-Identifier: Apache-2.0
// EF(ODF) and EF(DODF): the same bytes as either; an entry that was read is found again when it is written.
#include "lwm2m/pkcs15_directory.hpp"

#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  if (const auto paths = parse_odf(bytes)) test::require(parse_odf(encode_odf(*paths)) == *paths, "paths come back");
  if (const auto objects = parse_dodf(bytes)) {
    for (const DataObject& object : *objects) {
      const auto again = parse_dodf(encode_dodf(object));
      test::require(again && again->size() == 1 && again->front() == object, "an entry comes back");
    }
  }
  return 0;
}
