// SPDX-License-Identifier: Apache-2.0
// uicclab record: writes the commands to a card and its answers as a test script, while clients or scripts use it.
#include <filesystem>
#include <iostream>

#include "cli/common/script_files.hpp"
#include "cli/serve/run.hpp"
#include "cli/test/test_cards.hpp"
#include "cli/trace/recording_file.hpp"
#include "core/hex.hpp"
#include "script/report.hpp"

namespace uicclab::cli {
namespace {

struct RecordOptions {
  RunOptions run;
  TestCardOption card;
  std::string file;
  bool with_secrets = false;
  std::vector<std::string> what;
  std::vector<std::string> set;
};

class RecordedCard final : public OpenCard {
 public:
  RecordedCard(std::unique_ptr<OpenCard> card, RecordingFile& file, bool with_secrets)
      : m_card(std::move(card)),
        m_port(
            m_card->port(), [&file](std::string_view lines) { return file.add(lines); }, with_secrets) {}
  CardPort& port() override { return m_port; }
  bool is_real() const override { return m_card->is_real(); }

 private:
  std::unique_ptr<OpenCard> m_card;
  script::RecordPort m_port;
};

/// Scripts, and commands in hexadecimal, of which those that are together are one script.
std::vector<script::Script> scripts_of(const std::vector<std::string>& what) {
  std::vector<script::Script> out;
  std::string commands;
  const auto flush = [&] {
    if (commands.empty()) return;
    const auto parsed = script::parse(commands, "commands", [](const std::string&) { return Result<std::string>(); });
    if (!parsed) throw Exit{kUsage, parsed.error().text};
    out.push_back(*parsed);
    commands.clear();
  };
  for (const std::string& word : what) {
    const auto bytes = from_hex(word);
    if (bytes && bytes->size() >= 4 && !std::filesystem::exists(word)) {
      commands += to_hex(*bytes) + "\n";
      continue;
    }
    flush();
    for (const std::string& name : expand_script_names({word})) out.push_back(read_script(name));
  }
  flush();
  return out;
}

int run_record(RecordOptions options) {
  if (!options.run.command.empty() && !options.what.empty())
    throw Exit{kUsage, "scripts and commands of cards, or -- COMMAND: one of them"};
  const auto scripts = scripts_of(options.what);
  RecordingFile file(options.file);
  if (const auto begun = file.add(script::recording_header("the card of " + options.card.card.card, options.with_secrets)); !begun) {
    throw Exit{kEnvironment, begun.error().text};
  }
  if (scripts.empty()) {
    options.run.cards.given = {[&](Atr& atr) -> std::unique_ptr<OpenCard> {
                                 return std::make_unique<RecordedCard>(options.card.card.open_unguarded(atr), file, options.with_secrets);
                               },
                               "the card of " + options.card.card.card + ", recorded in " + options.file};
    return run_cards(options.run);
  }
  options.card.before = [&](CardPort& card) {
    return std::make_unique<script::RecordPort>(
        card, [&file](std::string_view lines) { return file.add(lines); }, options.with_secrets);
  };
  script::SuiteOptions suite;
  suite.cases.variables = script_variables(options.set);
  const auto cards = open_test_cards(options.card);
  script::TextReport report(std::cout, false, true);
  script::Reporter* told = &report;
  return script::run(script::plan(scripts, suite), *cards, suite, {&told, 1}).good() ? kOk : kCheckFailed;
}

}  // namespace

void add_record(App& app, Action& action, const std::vector<std::string>& behind) {
  auto* command = app.add_subcommand(
      "record",
      "Write the commands to a card and its answers as a test script: while clients use it as a PC/SC reader, with -- COMMAND "
      "only that one, or while scripts or commands run");
  auto options = std::make_shared<RecordOptions>();  // shared with the callback, which outlives this function
  options->card.add_to(*command);
  command->add_option("-o,--output", options->file, "The recording")->required();
  command->add_option("WHAT", options->what, "Scripts, or commands in hexadecimal; without them the card is served as a PC/SC reader");
  command->add_flag("--with-secrets", options->with_secrets, "Write also the values of PINs and keys, which are masked by default");
  command->add_option("--set", options->set, "NAME=VALUE: a variable, overrides the scripts' value")->allow_extra_args(false)->take_all();
  options->run.add_place_to(*command);
  options->run.command = behind;
  set_example(*command,
              "  uicclab record -o session.script -- opensc-tool --atr\n  uicclab record --card pcsc:Omnikey -o imsi.script "
              "00A4040C07A0000000871002 00A4000C026F07 00B0000009");
  command->callback([options, &action] { action = [options] { return run_record(*options); }; });
}

}  // namespace uicclab::cli
