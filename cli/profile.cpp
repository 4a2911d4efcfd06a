// uicclab profile: shows and checks personalisation profiles.
#include <iostream>

#include "applet/builtin.hpp"
#include "cli/commands.hpp"
#include "cli/emulated_card.hpp"
#include "emulator/profile/build.hpp"
#include "emulator/profile/check.hpp"
#include "emulator/profile/toml.hpp"

namespace uicclab::cli {
namespace {

int check_one(const std::string& name, bool strict) {
  const auto profile = emulator::parse_profile(profile_text(name), name);
  if (!profile) {
    std::cout << profile.error().text << "\n";
    return kCheckFailed;
  }
  std::size_t errors = 0;
  std::size_t warnings = 0;
  for (const emulator::Finding& finding : emulator::check_profile(*profile)) {
    std::cout << emulator::to_text(*profile, finding) << "\n";
    ++(finding.severity == emulator::Finding::Severity::kError ? errors : warnings);
  }
  if (errors == 0) {
    const auto image = emulator::build_image(*profile, applet::builtin_modules());
    if (!image) {
      std::cout << image.error().text << "\n";
      ++errors;
    } else {
      std::cout << name << ": " << (*image)->file_count() << " files, " << (*image)->instances().size() << " applications, " << warnings
                << " warnings\n";
    }
  }
  return errors != 0 || (strict && warnings != 0) ? kCheckFailed : kOk;
}

}  // namespace

void add_profile(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("profile", "Show and check personalisation profiles");
  command->require_subcommand(1);

  auto* show = command->add_subcommand("show", "Print a profile as TOML; 'default' is the built-in test card");
  auto name = std::make_shared<std::string>("default");  // shared with the callback, which outlives this function
  show->add_option("PROFILE", *name, "File, or 'default'")->capture_default_str();
  set_example(*show, "  uicclab profile show default > mycard.toml");
  show->callback([name, &action] {
    action = [name] {
      std::cout << profile_text(*name);
      return kOk;
    };
  });

  auto* check = command->add_subcommand("check", "Find what is wrong with a profile, and what stumbles real terminals");
  struct Check {
    std::vector<std::string> names;
    bool strict = false;
  };
  auto options = std::make_shared<Check>();
  check->add_option("PROFILE", options->names, "Files, or 'default'")->required();
  check->add_flag("--strict", options->strict, "Warnings count as errors");
  set_example(*check, "  uicclab profile check mycard.toml");
  check->callback([options, &action] {
    action = [options] {
      int worst = kOk;
      for (const std::string& one : options->names) worst = std::max(worst, check_one(one, options->strict));
      return worst;
    };
  });
}

}  // namespace uicclab::cli
