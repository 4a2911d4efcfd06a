// SPDX-License-Identifier: Apache-2.0
// uicclab replay: serves a card that answers from a recording.
#include "cli/card/replay_card.hpp"
#include "cli/serve/run.hpp"

namespace uicclab::cli {
namespace {

struct ReplayOptions {
  RunOptions run;
  ReplayOption replay;
};

/// The server takes the card with it when it ends; what it counted stays.
class CountedCard final : public OpenCard {
 public:
  CountedCard(const ReplayOption& option, std::size_t& count) : m_card(option), m_count(count) {}
  ~CountedCard() override { m_count = m_card.deviations(); }
  CardPort& port() override { return m_card.port(); }

 private:
  ReplayCard m_card;
  std::size_t& m_count;
};

int run_replay(ReplayOptions options) {
  std::size_t deviations = 0;
  options.run.cards.given = {[&](Atr& atr) -> std::unique_ptr<OpenCard> {
                               auto opened = std::make_unique<CountedCard>(options.replay, deviations);
                               atr = opened->port().reset().value();
                               return opened;
                             },
                             "the card of " + options.replay.file};
  const int code = run_cards(options.run);
  if (deviations == 0 || code != kOk) return code;
  throw Exit{kCheckFailed, std::to_string(deviations) + (deviations == 1 ? " command was" : " commands were") + " not as recorded"};
}

}  // namespace

void add_replay(App& app, Action& action, const std::vector<std::string>& behind) {
  auto* command =
      app.add_subcommand("replay",
                         "Serve a card that answers from a recording (of uicclab record, of --trace, of scriptor) as a PC/SC reader; with "
                         "-- COMMAND: run it, and end with it");
  auto options = std::make_shared<ReplayOptions>();  // shared with the callback, which outlives this function
  command->add_option("FILE", options->replay.file, "The recording; - for standard input")->required();
  command->add_flag("--loose", options->replay.loose,
                    "Answer in any order, by the command and the selected file; default: in the order of the recording");
  command->add_option("--status", options->replay.status, "Status word for commands that the recording does not have")
      ->capture_default_str();
  command->add_option("--set", options->replay.set, "NAME=VALUE: a value that was masked when it was recorded")
      ->allow_extra_args(false)
      ->take_all();
  options->run.add_place_to(*command);
  options->run.command = behind;
  set_example(*command, "  uicclab replay session.script -- opensc-tool --atr\n  uicclab test --card replay:session.script session.script");
  command->callback([options, &action] { action = [options] { return run_replay(*options); }; });
}

}  // namespace uicclab::cli
