// SPDX-License-Identifier: Apache-2.0
// Load files of a profile and the applications made of them: LOAD and INSTALL while the image is made.
#pragma once

#include <algorithm>

#include "emulator/nvm/image.hpp"
#include "emulator/nvm/overlay.hpp"
#include "profile/profile.hpp"

namespace uicclab::profile {

/// What the parameters of such an application say.
struct LoadedParameters {
  Aid module;
  Bytes install_parameters;  ///< the whole field of INSTALL
  gp::Privileges privileges;
  std::uint8_t life_cycle = gp::kSelectable;
  std::vector<Bytes> commands;  ///< STORE DATA, through its security domain
};
/// Errors: kMalformed, kNotFound (no such parameter); the text names the key.
Result<LoadedParameters> read_loaded_parameters(const ApplicationSpec& application);

struct Installed {
  emulator::Overlay changes;      ///< to the image
  std::uint32_t memory_used = 0;  ///< bytes
};

/// Does it on a card that has `image`: all else of the profile, and memory enough. Random numbers follow from the image and the load files,
/// so that the same profile makes the same card. Errors: kMalformed (no CAP file), kRefused (what LOAD or INSTALL answered), kNotFound (no
/// issuer security domain), kUnsupported (install() changed files); the text names the place in the profile.
Result<Installed> install_loaded(const Profile& profile, const std::shared_ptr<const emulator::CardImage>& image);

/// Does the profile have any?
inline bool has_loaded(const Profile& profile) {
  return !profile.load_files.empty() ||
         std::ranges::any_of(profile.applications, [](const ApplicationSpec& one) { return !one.load_file.empty(); });
}

}  // namespace uicclab::profile
