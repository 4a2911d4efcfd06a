// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share: a property that does not hold stops the program, so that libFuzzer keeps the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "core/bytes.hpp"

/// libFuzzer calls it for every input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace uicclab::test {

/// Says which property failed and aborts.
inline void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "property: %s\n", property);
  std::abort();
}

}  // namespace uicclab::test
