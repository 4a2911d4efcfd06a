// SPDX-License-Identifier: Apache-2.0
#include "profile/default.hpp"

#include "profile/toml.hpp"

namespace uicclab::profile {
namespace {

constexpr std::string_view kText =
#include "profile/default.toml.inc"  // a string literal, made of default.toml by uicclab_embed
    ;

}  // namespace

std::string_view default_profile_text() {
  return kText;
}

Result<Profile> default_profile() {
  return parse_profile(kText, "default.toml");
}

}  // namespace uicclab::profile
