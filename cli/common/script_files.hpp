// SPDX-License-Identifier: Apache-2.0
// Test scripts on disk.
#pragma once

#include "script/script.hpp"

namespace uicclab::cli {

/// A directory means the scripts in it, by name; files that end in .inc are for inclusion. Throws Exit.
std::vector<std::string> expand_script_names(const std::vector<std::string>& names);

/// Reads a script; "-" is standard input. Throws Exit with the place that is wrong.
script::Script read_script(const std::string& name);

/// Variables out of NAME=VALUE. Throws Exit.
std::map<std::string, std::string> script_variables(const std::vector<std::string>& given);

}  // namespace uicclab::cli
