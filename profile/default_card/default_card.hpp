// SPDX-License-Identifier: Apache-2.0
// The built-in test card as the build made it of profile/default.toml: nothing is parsed, completed or checked when it starts.
#pragma once

#include "emulator/nvm/image.hpp"

namespace uicclab::profile {

/// What build_image(default_profile(), builtin_modules()) gives. The image is shared, as CardImageBuilder says.
std::shared_ptr<const emulator::CardImage> default_card();

}  // namespace uicclab::profile
