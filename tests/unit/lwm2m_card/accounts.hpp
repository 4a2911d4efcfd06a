// SPDX-License-Identifier: Apache-2.0
// The default card with another account in EF_LWM2M_Bootstrap.
#pragma once

#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "lwm2m/bootstrap_file.hpp"
#include "lwm2m/object_model.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"

namespace uicclab::test {

/// The default profile, changed by `change(Profile&)`.
template <typename Change>
std::shared_ptr<const emulator::CardImage> changed_default(const Change& change) {
  profile::Profile profile = *profile::default_profile();
  change(profile);
  auto image = profile::build_image(profile, applet::builtin_modules());
  REQUIRE_MESSAGE(image, (image ? "" : image.error().text));
  return *image;
}

/// The default profile with its account changed by `change(ObjectInstance&)`.
template <typename Change>
std::shared_ptr<const emulator::CardImage> changed_account(const Change& change) {
  return changed_default([&](profile::Profile& profile) {
    const auto file = std::ranges::find(profile.files, "ADF.PKCS15/6432", &profile::FileSpec::path);
    REQUIRE(file != profile.files.end());
    auto content = lwm2m::parse_bootstrap_file(file->content);
    REQUIRE(content);
    for (lwm2m::BootstrapObject& object : content->objects) {
      if (object.id == lwm2m::kSecurityObject) change(object.instances.front());
    }
    file->content = to_bytes(lwm2m::encode_bootstrap_file(*content).value());
  });
}

/// Secured packets with triple DES.
inline std::shared_ptr<const emulator::CardImage> triple_des_image() {
  return changed_account([](lwm2m::ObjectInstance& account) {
    account.set(lwm2m::security::kSmsKeyParameters, "191916B20203"_h);
    account.set(lwm2m::security::kSmsKeys,
                "707276787C7E8284888A8E9094969A9CA0A2A6A8ACAEB2B4"
                "B8BABEC0C4C6CACCD0D2D6D8DCDEE2E4E8EAEEF0F4F6FAFC"_h);
  });
}

}  // namespace uicclab::test
