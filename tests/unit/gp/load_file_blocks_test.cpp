// SPDX-License-Identifier: Apache-2.0
// Load files as LOAD carries them (GPCS clause 11.6.2.3).
#include "gp/load_file_blocks.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::gp;

TEST_CASE("load file data blocks: C4, with E2 before it (GP clause 11.6.2.3)") {
  constexpr auto block = "C402AABB"_h;  // what parse() returns points into it
  const auto plain = LoadFileBlocks::parse(block);
  REQUIRE(plain);
  CHECK(plain->daps.empty());
  CHECK(to_hex(plain->components) == "AABB");
  const auto with_two = LoadFileBlocks::parse("E20B4F05A000000001C3021122E20B4F05A000000002C3023344C402AABB"_h);
  REQUIRE(with_two);
  REQUIRE(with_two->daps.size() == 2);
  CHECK(to_hex(with_two->daps[1].domain.bytes()) == "A000000002");
  CHECK(to_hex(with_two->daps[1].signature) == "3344");
  CHECK_FALSE(LoadFileBlocks::parse("E2024F00C402AABB"_h));  // neither an AID nor a signature
  CHECK_FALSE(LoadFileBlocks::parse("E2074F05A000000001C402AABB"_h));
  CHECK_FALSE(LoadFileBlocks::parse("E2094F05A000000001C300C402AABB"_h));
  CHECK_FALSE(LoadFileBlocks::parse("E2094F05A000000001C302C402AABB"_h));
  CHECK_FALSE(LoadFileBlocks::parse(BytesView{}));
  CHECK_FALSE(LoadFileBlocks::parse("C403AABB"_h));
  CHECK_FALSE(LoadFileBlocks::parse("C400"_h));
  CHECK_FALSE(LoadFileBlocks::parse("C402AABBC402AABB"_h));
  CHECK_FALSE(LoadFileBlocks::parse("D402AABB"_h));
  CHECK_FALSE(LoadFileBlocks::parse("E2024F00"_h));
  CHECK_FALSE(LoadFileBlocks::parse("5F0100C402AABB"_h));
}
