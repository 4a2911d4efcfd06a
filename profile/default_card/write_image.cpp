// SPDX-License-Identifier: Apache-2.0
// Part of the build: writes the image of the built-in test card as the elements of an array, to the file named.
#include <fstream>
#include <iostream>

#include "applet/builtin.hpp"
#include "emulator/nvm/image_file.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"

int main(int argc, char** argv) {
  using namespace uicclab;
  if (argc != 2) return 2;
  const auto profile = profile::default_profile();
  const auto image = profile ? profile::build_image(*profile, applet::builtin_modules()) : tl::unexpected(profile.error());
  if (!image) {
    std::cerr << argv[0] << ": " << image.error().text << "\n";
    return 1;
  }
  std::ofstream out(argv[1]);
  for (std::size_t column = 0; const std::uint8_t byte : emulator::encode_image(**image)) {
    out << unsigned{byte} << (++column % 40 == 0 ? ",\n" : ",");
  }
  return out.flush() ? 0 : 1;
}
