// SPDX-License-Identifier: Apache-2.0
// The built-in test card (docs/test-card.md).
#pragma once

#include <string_view>

#include "profile/profile.hpp"

namespace uicclab::profile {

/// default.toml as in the source, including comments.
std::string_view default_profile_text();

/// The same, parsed; `source` is "default.toml". It needs the modules "usim" and "isim". No error comes, unless the text was spoilt.
Result<Profile> default_profile();

}  // namespace uicclab::profile
