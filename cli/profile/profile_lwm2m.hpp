// SPDX-License-Identifier: Apache-2.0
// How a LwM2M device would read the card of a profile.
#pragma once

#include <vector>

#include "profile/check.hpp"

namespace uicclab::cli {

/// Warnings: what a device refuses in EF_LWM2M_Bootstrap of a PKCS #15 application (lwm2m/validation.hpp), an account for secured packets
/// that the card cannot serve.
std::vector<profile::Finding> check_lwm2m(const profile::Profile& profile);

}  // namespace uicclab::cli
