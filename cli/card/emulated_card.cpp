// SPDX-License-Identifier: Apache-2.0
#include "cli/card/emulated_card.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>

#include <malloc.h>

#include "applet/builtin.hpp"
#include "cli/common/commands.hpp"
#include "cli/common/private_file.hpp"
#include "cli/profile/profile_source.hpp"
#include "core/crypto/random.hpp"
#include "core/visible.hpp"
#include "profile/build.hpp"
#include "profile/default_card/default_card.hpp"
#include "store/sqlite_store.hpp"

namespace uicclab::cli {
namespace {

bool is_default(const std::string& name) {
  return name.empty() || name == "default";
}

}  // namespace

std::shared_ptr<const emulator::CardImage> load_image(const std::string& profile) {
  if (is_default(profile)) return profile::default_card();
  const auto read = read_profile(profile);
  if (!read) throw Exit{kUsage, read.error().text};
  for (const auto& notice : read->notices) std::cerr << visible(profile::package::to_text(profile, notice)) << "\n";
  auto image = profile::build_image(read->profile, applet::builtin_modules());
  if (!image) throw Exit{kUsage, image.error().text};
  malloc_trim(0);  // what parsing took goes back to the system: a card that runs for days stays small
  return *image;
}

EmulatedCards::~EmulatedCards() = default;

EmulatedCards::EmulatedCards(const Options& options) {
  const std::size_t profiles = std::max<std::size_t>(options.profiles.size(), 1);
  if (profiles > 1 && options.count && *options.count != profiles) {
    throw Exit{kUsage, "--cards " + std::to_string(*options.count) + ": with " + std::to_string(profiles) +
                           " profiles there is one card for each; leave --cards out, or give one profile"};
  }
  if (profiles > kMaxReaders) {
    throw Exit{kUsage, std::to_string(profiles) + " profiles: there are at most " + std::to_string(kMaxReaders) + " readers"};
  }
  std::map<std::string, std::shared_ptr<const emulator::CardImage>> loaded;
  for (std::size_t i = 0; i < options.count.value_or(static_cast<unsigned>(profiles)); ++i) {
    const std::string profile = options.profiles.empty() ? "" : options.profiles[profiles == 1 ? 0 : i];
    auto& image = loaded[profile];
    if (!image) image = load_image(profile);
    m_images.push_back(image);
  }
  if (!options.state.empty()) {
    tell_if_readable_by_others(options.state);
    std::error_code absent;
    if (std::filesystem::file_size(options.state, absent) == 0 && !absent) {
      std::cerr << "uicclab: the state file " << visible(options.state)
                << " is empty: any card stored in it is lost, and a fresh one begins\n";
    }
    auto file = emulator::SqliteState::open(options.state);
    if (!file) throw Exit{kEnvironment, file.error().text};
    m_state = std::move(*file);
  }
  for (unsigned i = 0; i < m_images.size(); ++i) {
    if (options.seed) {
      m_random.push_back(std::make_unique<SeededRandom>(*options.seed + i));
    } else {
      m_random.push_back(std::make_unique<crypto::SystemRandom>());
    }
    std::unique_ptr<emulator::NvmStore> store;
    if (m_state) {
      auto opened = m_state->store(i, m_images[i]);
      if (!opened) throw Exit{kEnvironment, opened.error().text};
      store = std::move(*opened);
    }
    m_cards.push_back(std::make_unique<emulator::Card>(m_images[i], *m_random.back(), m_clock, std::move(store)));
  }
}

}  // namespace uicclab::cli
