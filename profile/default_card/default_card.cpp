// SPDX-License-Identifier: Apache-2.0
#include "profile/default_card/default_card.hpp"

#include "applet/builtin.hpp"
#include "emulator/nvm/image_file.hpp"

namespace uicclab::profile {
namespace {

constexpr std::uint8_t kImage[] = {
#include "profile/default_card/image.inc"  // written by write_image.cpp
};

}  // namespace

std::shared_ptr<const emulator::CardImage> default_card() {
  auto image = emulator::decode_image(kImage, applet::builtin_modules());
  if (!image) throw SystemError("the built-in card is spoilt: " + image.error().text);
  return *image;
}

}  // namespace uicclab::profile
