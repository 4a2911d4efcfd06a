// SPDX-License-Identifier: Apache-2.0
// Profiles: no text harms the reader or the checks; one without errors is written back as the same profile and becomes a card.
#include "profile/build.hpp"
#include "profile/check.hpp"
#include "profile/toml.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using test::require;

namespace {

/// Any module a text may name; it takes every parameter.
class AnyModule final : public applet::Module {
 public:
  explicit AnyModule(std::string name) : m_name(std::move(name)) {}
  std::string_view name() const override { return m_name; }
  Aid load_file_aid() const override { return {}; }
  Aid module_aid() const override { return {}; }
  Result<applet::InitialObjects> personalise(const applet::Parameters& /*parameters*/) const override { return applet::InitialObjects{}; }
  std::unique_ptr<applet::Applet> make() const override { return nullptr; }

 private:
  std::string m_name;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto profile = profile::parse_profile({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!profile) {
    require(profile.error().text.starts_with("fuzz:"), "an error has its place");
    return 0;
  }
  for (const profile::Finding& finding : profile::check_profile(*profile)) {
    require(!profile::to_text(*profile, finding).empty(), "a finding has a text");
  }
  if (!profile::find_errors(*profile).empty()) return 0;

  const auto again = profile::parse_profile(profile::to_toml(*profile), "fuzz");
  require(again.has_value() && *again == *profile, "a profile is written back as it was read");
  applet::ModuleCatalogue catalogue;
  for (const profile::ApplicationSpec& each : profile->applications) catalogue.push_back(std::make_shared<AnyModule>(each.module));
  require(profile::build_image(*profile, catalogue).has_value(), "a profile without errors becomes a card");
  return 0;
}
