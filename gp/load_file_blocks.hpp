// SPDX-License-Identifier: Apache-2.0
// The load file that LOAD commands carry: GPCS clause 11.6.2.3. What the CAP file in it says is jcvm/cap/.
#pragma once

#include <vector>

#include "core/result.hpp"
#include "core/types.hpp"

namespace uicclab::gp {

/// A signature over the hash of a load file, for the domain that verifies it (GP clauses 11.6.2.3 and C.3).
struct Dap {
  Aid domain;
  Bytes signature;
};

/// The content of a load file data block (GP clause 11.6.2.3): an E2 {4F, C3} for each DAP, then the C4. Errors: kTruncated, kMalformed,
/// kUnsupported (a ciphered block D4).
struct LoadFileBlocks {
  std::vector<Dap> daps;
  BytesView components;
  static Result<LoadFileBlocks> parse(BytesView load_file);
};

}  // namespace uicclab::gp
