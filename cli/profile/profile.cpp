// SPDX-License-Identifier: Apache-2.0
// uicclab profile: shows and checks personalisation profiles.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

#include "applet/builtin.hpp"
#include "cli/common/commands.hpp"
#include "cli/common/private_file.hpp"
#include "cli/profile/profile_lwm2m.hpp"
#include "cli/profile/profile_source.hpp"
#include "core/visible.hpp"
#include "profile/build.hpp"
#include "profile/check.hpp"
#include "profile/toml.hpp"

namespace uicclab::cli {
namespace {

int check_one(const std::string& name, bool strict) {
  const auto read = read_profile(name);
  if (!read) {
    std::cout << visible(read.error().text) << "\n";
    return kCheckFailed;
  }
  const profile::Profile* profile = &read->profile;
  for (const auto& notice : read->notices) std::cout << visible(profile::package::to_text(name, notice)) << "\n";
  std::size_t errors = 0;
  std::size_t warnings = 0;
  auto findings = profile::check_profile(*profile, applet::builtin_modules());
  std::ranges::move(check_lwm2m(*profile), std::back_inserter(findings));
  for (const profile::Finding& finding : findings) {
    std::cout << visible(profile::to_text(*profile, finding)) << "\n";
    ++(finding.severity == profile::Finding::Severity::kError ? errors : warnings);
  }
  if (errors == 0) {
    const auto image = profile::build_image(*profile, applet::builtin_modules());
    if (!image) {
      std::cout << visible(image.error().text) << "\n";
      ++errors;
    } else {
      std::cout << visible(name) << ": " << (*image)->file_count() << " files, " << (*image)->instances().size() << " applications, "
                << warnings << " warnings\n";
    }
  }
  return errors != 0 || (strict && warnings != 0) ? kCheckFailed : kOk;
}

/// Tells what the other format does not have; with `strict` that is a failure.
int tell(const std::string& source, const std::vector<profile::package::Notice>& notices, bool strict) {
  for (const auto& notice : notices) std::cerr << visible(profile::package::to_text(source, notice)) << "\n";
  return strict && !notices.empty() ? kCheckFailed : kOk;
}

void write(const std::string& output, BytesView bytes) {
  if (output.empty()) {
    VisibleOutput::write_raw(std::cout, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return;
  }
  write_private(output, bytes);
}

struct Conversion {
  std::string input;
  std::string output;
  std::string format = "toml";
  bool strict = false;
};

/// Whatever was read, as TOML or as a package.
int convert(const Conversion& options) {
  const auto read = read_profile(options.input);
  if (!read) {
    std::cerr << visible(read.error().text) << "\n";
    return kCheckFailed;
  }
  int code = tell(options.input, read->notices, options.strict);
  if (options.format == "toml") {
    write(options.output, as_bytes(profile::to_toml(read->profile)));
    return code;
  }
  const auto package = profile::package::write_package(read->profile);
  if (!package) {
    std::cerr << visible(options.input + ": " + package.error().text) << "\n";
    return kCheckFailed;
  }
  code = std::max(code, tell(options.input, package->notices, options.strict));
  write(options.output, package->package);
  return code;
}

}  // namespace

void add_profile(App& app, Action& action) {
  auto* command = app.add_subcommand("profile", "Show and check personalisation profiles");
  command->require_subcommand();

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

  auto* check = command->add_subcommand("check", "Check a profile for errors, and for what trips up real terminals");
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

  const auto add_conversion = [&](std::string verb, std::string help, const std::string& example) {
    auto* converter = command->add_subcommand(std::move(verb), std::move(help));
    auto conversion = std::make_shared<Conversion>();  // shared with the callback, which outlives this function
    converter->add_option("FILE", conversion->input, "Profile (TOML), profile package (DER), dump of a card by pySim (JSON), or 'default'")
        ->required();
    converter->add_option("-o,--output", conversion->output, "File to write; default: standard output");
    converter->add_flag("--strict", conversion->strict, "Fail if something is left out");
    set_example(*converter, example);
    converter->callback([conversion, &action] { action = [conversion] { return convert(*conversion); }; });
    return std::pair(converter, conversion);
  };
  add_conversion(
      "import",
      "Turn a profile package of an eUICC (TCA interoperable format, DER) or a real card (pySim-shell's fsdump or export) into a profile",
      "  uicclab profile import package.der -o mycard.toml\n  uicclab run --profile package.der");
  const auto [exporter, exported] = add_conversion("export", "Write a profile as TOML, or as a profile package of an eUICC (DER)",
                                                   "  uicclab profile export mycard.toml --format der -o mycard.der");
  exporter->add_option("--format", exported->format, "toml or der")->capture_default_str()->check(OneOf{{"toml", "der"}});
}

}  // namespace uicclab::cli
