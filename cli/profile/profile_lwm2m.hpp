// SPDX-License-Identifier: Apache-2.0
// What a LwM2M device would make of the card that a profile describes.
#pragma once

#include <vector>

#include "profile/check.hpp"

namespace uicclab::cli {

/// Warnings: what a device refuses in EF_LWM2M_Bootstrap of a PKCS #15 application (lwm2m/validation.hpp), an account for secured packets
/// that the card cannot serve.
std::vector<profile::Finding> check_lwm2m(const profile::Profile& profile);

}  // namespace uicclab::cli
