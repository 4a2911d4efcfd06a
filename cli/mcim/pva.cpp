// SPDX-License-Identifier: Apache-2.0
// uicclab mcim pva: the platform validation authority.
#include <iostream>

#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/mcim/pva_policy.hpp"
#include "cli/mcim/roles.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"

namespace uicclab::cli {
namespace {

struct PvaOptions {
  std::string policy, evidence, key, output;
};

int show(const PvaOptions& options) {
  const auto policy = read_pva_policy(options.policy);
  std::cout << visible(policy.name) << ": " << policy.anchors.size() << " makers, a validation lasts " << policy.lifetime << " s\n";
  for (const auto& [model, components] : policy.models) {
    std::cout << visible(model) << "\n";
    for (const auto& [component, digests] : components) {
      for (const auto& one : digests) std::cout << "  " << to_hex(one) << " " << visible(component) << "\n";
    }
  }
  for (const std::string& tre : policy.revoked) std::cout << visible(tre) << " is revoked\n";
  return kOk;
}

int validate(const PvaOptions& options) {
  const auto policy = read_pva_policy(options.policy);
  const auto key = signing_key_in(options.key);
  const auto validation =
      statement_value(mcim::validate(read_input_text(options.evidence, kObjectFile), policy, role_time()), options.evidence);
  const std::string text = statement_value(mcim::to_text(validation, key), options.key);
  write_private(options.output, as_bytes(text));
  std::cout << visible(validation.tre) << ", " << visible(validation.model) << ": "
            << (validation.trusted ? "trusted" : "refused: " + visible(validation.reason)) << "\n";
  return validation.trusted ? kOk : kCheckFailed;
}

}  // namespace

void add_mcim_pva(App& mcim, Action& action) {
  auto* command = mcim.add_subcommand("pva", "The platform validation authority: whether a device's trusted environment can be trusted");
  command->require_subcommand();
  const auto options = std::make_shared<PvaOptions>();  // shared with the callbacks, which outlive this function
  auto* showing = command->add_subcommand("policy", "Check a policy and print it");
  showing->add_option("POLICY", options->policy, "TOML: name, makers, lifetime, revoked; [[model]] name, components")->required();
  set_example(*showing, "  uicclab mcim pva policy pva.toml");
  showing->callback([options, &action] { action = [options] { return show(*options); }; });

  auto* validating = command->add_subcommand("validate", "Judge the evidence of a TRE, and sign what comes out, good or bad");
  validating->add_option("EVIDENCE", options->evidence, "File with the TRE's evidence (uicclab mcim dpf evidence)")->required();
  validating->add_option("--policy", options->policy, "TOML: name, makers, lifetime, revoked; [[model]] name, components")->required();
  validating->add_option("--key", options->key, "File with the PVA's private key on P-256")->required();
  validating->add_option("-o,--output", options->output, "The signed validation")->required();
  set_example(*validating, "  uicclab mcim pva validate evidence.txt --policy pva.toml --key pva.pem -o validation.txt");
  validating->callback([options, &action] { action = [options] { return validate(*options); }; });
}

}  // namespace uicclab::cli
