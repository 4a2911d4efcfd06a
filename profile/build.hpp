// SPDX-License-Identifier: Apache-2.0
// From a profile to the image of a card.
#pragma once

#include "emulator/nvm/image.hpp"
#include "profile/profile.hpp"

namespace uicclab::profile {

/// Makes the card that the profile describes; the same profile always gives the same fingerprint. The modules named by the applications
/// must be in the catalogue. What the profile leaves out is made by complete().
/// Errors: the first one of find_errors(); kNotFound for a module that is not in the catalogue; what a module says of its parameters. The
/// text names the line, the file or the application, and the key. The image is shared, as CardImageBuilder says.
Result<std::shared_ptr<const emulator::CardImage>> build_image(const Profile& profile, const applet::ModuleCatalogue& catalogue);

}  // namespace uicclab::profile
