// SPDX-License-Identifier: Apache-2.0
// Errors for which `uicclab cap verify` would refuse a CAP file.
#pragma once

#include <string>
#include <vector>

#include "jcvm/cap/cap_file.hpp"

namespace uicclab::cli {

/// Faults of structure, and, with a Descriptor component and a sound structure, of types: each names the method, the byte and what must be.
/// Empty: there are none. The file must be one that can be read; Throws Exit.
std::vector<std::string> faults_of_cap(const std::string& path);
std::vector<std::string> faults_of(const jcvm::cap::CapFile& file);

}  // namespace uicclab::cli
