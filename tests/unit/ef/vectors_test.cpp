// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "ef/codec.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;

TEST_CASE("contents of files read as pySim reads them, and are written back byte for byte") {
  std::size_t rewritten = 0;
  for (const auto& set : test::load_vectors("ef.txt")) {
    CAPTURE(set.place());
    const ef::Codec* codec = ef::codec_of(set.text("path"));
    REQUIRE(codec != nullptr);
    const Bytes raw = set.bytes("raw");
    const ef::Decoded decoded = ef::decode(*codec, raw);
    CAPTURE((decoded.wrong ? decoded.wrong->text : std::string()));
    REQUIRE_FALSE(decoded.wrong);
    CHECK(ef::to_json(decoded.value) == set.text("value"));
    const bool canonical = !set.has("canonical");
    CHECK(decoded.canonical == canonical);
    const auto again = ef::encode(*codec, decoded.value, raw.size());
    REQUIRE(again);
    CHECK((*again == raw) == canonical);
    if (!canonical) {
      // The same text in fewer bytes.
      CHECK(ef::decode(*codec, *again).value == decoded.value);
      ++rewritten;
    }
  }
  CHECK(rewritten == 3);
}
