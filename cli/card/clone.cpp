// SPDX-License-Identifier: Apache-2.0
// uicclab clone: a card as a profile, as far as it can be read.
#include "bench/clone.hpp"

#include <fstream>
#include <iostream>

#include "cli/card/card_option.hpp"
#include "cli/card/cloned_card.hpp"
#include "cli/common/private_file.hpp"
#include "cli/common/trace_option.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"
#include "profile/toml.hpp"
#include "script/file_names.hpp"

namespace uicclab::cli {
namespace {

struct CloneOptions {
  CardOption card;
  std::string file;
  std::vector<std::string> pins;
  bool every_fid = false;
  std::string name = "clone";
  TraceOption trace;
};

std::string text_of(const bench::Clone& clone, const CloneOptions& options) {
  std::string text = "# Cloned from " + options.card.card + " by uicclab clone. What could not be read, and what replaces it:\n";
  for (const std::string& remark : clone.remarks) text += "# - " + remark + "\n";
  if (clone.remarks.empty()) text += "# - nothing: all was read\n";
  return text + profile::to_toml(clone.profile);
}

int run_clone(const CloneOptions& options) {
  bench::CloneOptions wanted;
  wanted.pins = pins_of(options.pins);
  wanted.every_fid = options.every_fid;
  wanted.name = options.name;
  Atr atr;
  Trace trace(options.trace);
  const auto card = options.card.open_unguarded(atr, trace.sink());
  const auto clone = bench::clone_card(card->port(), wanted);  // it has a guard of its own, which --yes-i-know does not take away
  if (!clone) throw failed(clone.error(), kCheckFailed);
  const std::string text = text_of(*clone, options);
  if (options.file == "-") {
    std::cout << text;
  } else {
    write_private(options.file, as_bytes(text));
  }
  std::cerr << clone->profile.files.size() << " files, " << clone->profile.applications.size() << " applications, "
            << clone->profile.pins.size() << " PINs\n";
  for (const std::string& remark : clone->remarks) std::cerr << "  " << visible(remark) << "\n";
  return kOk;
}

}  // namespace

void add_clone(App& app, Action& action) {
  auto* command =
      app.add_subcommand("clone", "Read a card, files, access rules and PIN states, and write it as a profile for emulated cards");
  auto options = std::make_shared<CloneOptions>();  // shared with the callback, which outlives this function
  options->card.add_to(*command);
  command->add_option("-o,--output", options->file, "The profile (TOML); - for standard output")->required();
  command
      ->add_option(
          "--pin", options->pins,
          "NAME=VALUE, for example PIN1=1234 or ADM1=3838383838383838: sent to the card if all its tries are left, and stored in the clone")
      ->allow_extra_args(false)
      ->take_all();
  command->add_flag("--every-fid", options->every_fid,
                    "Try every file identifier, not only those of the standards; takes minutes on a real card");
  command->add_option("--name", options->name, "Name of the profile")->capture_default_str();
  Trace::add_to(*command, options->trace);
  set_example(*command, "  uicclab clone --card pcsc:Omnikey --pin PIN1=1234 -o mine.toml\n  uicclab run --profile mine.toml");
  command->callback([options, &action] { action = [options] { return run_clone(*options); }; });
}

}  // namespace uicclab::cli
