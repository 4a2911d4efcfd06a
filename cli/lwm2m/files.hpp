// SPDX-License-Identifier: Apache-2.0
// Bootstrap files that a user names: their bytes, hexadecimal digits, or a view in JSON or TOML.
#pragma once

#include "cli/common/commands.hpp"
#include "lwm2m/bootstrap_file.hpp"

namespace uicclab::cli {

/// For the help of options that take one.
inline constexpr const char* kBootstrapForms =
    "Bootstrap file: a view (TOML, JSON), or the content of EF_LWM2M_Bootstrap, binary or in hexadecimal";

/// Whichever of these it is, by its content. Throws Exit with the place of what is wrong.
lwm2m::BootstrapFile read_bootstrap(const std::string& name);

}  // namespace uicclab::cli
