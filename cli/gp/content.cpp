// SPDX-License-Identifier: Apache-2.0
// uicclab gp delete, state: deletion of content, and life cycles.
#include "cli/gp/gp.hpp"

namespace uicclab::cli {
namespace {

void add_delete(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  struct Options {
    std::string aid;
    bool dependants = false;
    std::string version;
    std::string id;
  };
  auto* command = gp.add_subcommand("delete", "Delete an application, a security domain, a load file, or keys");
  const auto options = std::make_shared<Options>();
  command->add_option("AID", options->aid, "What is deleted");
  command->add_flag("--with-dependants", options->dependants, "A load file with the applications of it");
  command->add_option("--delete-key-version", options->version, "Delete the keys of this version instead, two hexadecimal digits");
  command->add_option("--delete-key-id", options->id, "Delete the keys with this identifier, of that version or of all");
  set_example(*command, "  uicclab gp delete F0756963630001 --state my.card");
  command->callback([=, &action] {
    action = [=] {
      const bool keys = !options->version.empty() || !options->id.empty();
      if (keys == !options->aid.empty()) throw Exit{kUsage, "delete takes an AID, or --delete-key-version or --delete-key-id"};
      gp::DeleteData which;
      if (!keys) which.aid = aid_option("AID", options->aid);
      if (!options->version.empty()) which.key_version = KeyVersion{byte_option("--delete-key-version", options->version)};
      if (!options->id.empty()) which.key_id = byte_option("--delete-key-id", options->id);
      const GpJob::Kind kind = keys ? GpJob::Kind::kDanger : GpJob::Kind::kChange;
      return run_gp(*common,
                    {kind, "deletes keys", [&](GpContext& context) {
                       gp_value(keys ? context.manager.remove_keys(which) : context.manager.remove(which.aid, options->dependants));
                       context.done("Deleted.");
                       return static_cast<int>(kOk);
                     }});
    };
  });
}

void add_state(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  struct Options {
    std::string what;
    std::string state;
  };
  struct Named {
    std::string_view name;
    gp::CardState state;
  };
  static constexpr auto kCardStates = std::to_array<Named>({{"initialized", gp::CardState::kInitialized},
                                                            {"secured", gp::CardState::kSecured},
                                                            {"locked", gp::CardState::kLocked},
                                                            {"terminated", gp::CardState::kTerminated}});
  auto* command = gp.add_subcommand("state", "Set the life cycle state of the card, or lock and unlock an application");
  const auto options = std::make_shared<Options>();
  command->add_option("WHAT", options->what, "'card', or the AID of an application or security domain")->required();
  command
      ->add_option(
          "STATE", options->state,
          "Card: initialized, secured, locked (and secured again), terminated, after which it never works again. Application: locked, "
          "unlocked")
      ->required();
  set_example(*command, "  uicclab gp state card secured --dry-run");
  command->callback([=, &action] {
    action = [=] {
      if (options->what != "card") {
        const Aid aid = aid_option("WHAT", options->what);
        if (options->state != "locked" && options->state != "unlocked") throw Exit{kUsage, "an application is locked or unlocked"};
        return run_gp(*common, {GpJob::Kind::kChange, "", [&](GpContext& context) {
                                  gp_value(context.manager.set_locked(aid, options->state == "locked"));
                                  context.done("Now " + options->state + ".");
                                  return static_cast<int>(kOk);
                                }});
      }
      const auto state = std::ranges::find(kCardStates, options->state, &Named::name);
      if (state == kCardStates.end()) throw Exit{kUsage, "a card becomes initialized, secured, locked or terminated"};
      return run_gp(*common, {GpJob::Kind::kDanger, "changes the life cycle state", [&](GpContext& context) {
                                gp_value(context.manager.set_card_state(state->state));
                                context.done("The card is now " + options->state + ".");
                                return static_cast<int>(kOk);
                              }});
    };
  });
}

}  // namespace

void add_gp_content(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  add_delete(gp, action, common);
  add_state(gp, action, common);
}

}  // namespace uicclab::cli
