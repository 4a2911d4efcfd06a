// SPDX-License-Identifier: Apache-2.0
// Bootstrap files that a user names: their bytes, hexadecimal digits, or a view in JSON or TOML.
#pragma once

#include "cli/commands.hpp"
#include "lwm2m/bootstrap_file.hpp"

namespace uicclab::cli {

/// The content of EF_LWM2M_Bootstrap, binary or in hexadecimal. Throws Exit with the place of what is wrong.
lwm2m::BootstrapFile read_bootstrap(const std::string& name);

/// The same, or a view: NAME.json, NAME.toml.
lwm2m::BootstrapFile read_bootstrap_or_view(const std::string& name);

}  // namespace uicclab::cli
