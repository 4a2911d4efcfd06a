// SPDX-License-Identifier: Apache-2.0
// The section [ota] of a profile: how secured packets are taken where the standards leave a choice, or other implementations differ.
#pragma once

#include "profile/toml_table.hpp"

namespace uicclab::profile {

emulator::RemoteSettings read_remote(const toml::table& table, Complaints& complaints);
/// Empty if all is as the standards have it.
std::string remote_section(const emulator::RemoteSettings& settings);

}  // namespace uicclab::profile
