// SPDX-License-Identifier: Apache-2.0
// The PVA's policy as TOML: name, makers of TREs, models with the digests of their components, TREs that are revoked.
#pragma once

#include <string>

#include "mcim/platform_validation.hpp"

namespace uicclab::cli {

/// Throws Exit with file and line.
mcim::PvaPolicy read_pva_policy(const std::string& path);

}  // namespace uicclab::cli
