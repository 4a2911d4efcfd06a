// SPDX-License-Identifier: Apache-2.0
// uicclab test: runs test scripts on an emulated card or on one in a reader. docs/script-format.md describes the scripts.
#include <fstream>
#include <iostream>
#include <list>

#include "cli/card/rehearsal.hpp"
#include "cli/common/script_files.hpp"
#include "cli/test/test_cards.hpp"
#include "script/redacting_report.hpp"
#include "script/report.hpp"

namespace uicclab::cli {
namespace {

struct TestOptions {
  TestCardOption card;
  RehearsalOption rehearsal;
  std::vector<std::string> files;
  std::vector<std::string> set;
  std::string tap;
  std::string junit;
  std::string json;
  bool list = false;
  bool quiet = false;
  bool verbose = false;
  bool show_secrets = false;
  script::SuiteOptions suite;
};

/// Where a report goes: "-" is standard output.
std::ostream& open(const std::string& path, std::list<std::ofstream>& files) {
  if (path == "-") return std::cout;
  auto& file = files.emplace_back(path, std::ios::binary | std::ios::trunc);
  if (!file) throw Exit{kEnvironment, "cannot write " + path};
  return file;
}

void list_cases(const std::vector<script::CaseRun>& cases) {
  for (const script::CaseRun& one : cases) {
    std::cout << script::to_text(one.row != nullptr ? one.row->place : one.one->place) << ": " << one.name();
    if (!one.one->clause.empty()) std::cout << " (" << one.one->clause << ")";
    for (const std::string& tag : one.one->tags) std::cout << " " << tag;
    std::cout << "\n";
  }
}

int run_test(TestOptions& options) {
  std::vector<script::Script> scripts;
  for (const std::string& name : expand_script_names(options.files)) scripts.push_back(read_script(name));
  options.suite.cases.variables = script_variables(options.set);
  const auto cases = script::plan(scripts, options.suite);
  if (options.list) {
    list_cases(cases);
    return kOk;
  }
  if (cases.empty()) throw Exit{kUsage, "no case is left to run: see --list"};
  const auto cards = open_test_cards(options.card);
  if (options.suite.jobs > 1 && !cards->many()) throw Exit{kUsage, "-j is for emulated cards: there is one card in a reader"};

  if (options.rehearsal.wanted && cards->shared() == nullptr) {
    throw Exit{kUsage, "--rehearse is for a card in a reader: each case runs on a copy of an emulated card anyway"};
  }
  if (options.rehearsal.wanted) {
    rehearse(options.rehearsal, *cards->shared(), [&](CardPort& copy) {
      script::TextReport report(std::cerr, true, false);
      script::RedactingReport redacting(report);
      script::Reporter* told = options.show_secrets ? static_cast<script::Reporter*>(&report) : &redacting;
      return script::run(cases, *cards_of_copy(copy, options.card), options.suite, {&told, 1}).good() ? kOk : kCheckFailed;
    });
  }

  std::list<std::ofstream> files;
  std::list<std::unique_ptr<script::Reporter>> reporters;
  const bool taken = options.tap == "-" || options.junit == "-" || options.json == "-";
  if (!taken) reporters.push_back(std::make_unique<script::TextReport>(std::cout, options.quiet, options.verbose));
  if (!options.tap.empty()) reporters.push_back(std::make_unique<script::TapReport>(open(options.tap, files)));
  if (!options.junit.empty()) reporters.push_back(std::make_unique<script::JunitReport>(open(options.junit, files)));
  if (!options.json.empty()) reporters.push_back(std::make_unique<script::JsonReport>(open(options.json, files)));
  std::list<script::RedactingReport> redacting;
  std::vector<script::Reporter*> told;
  for (const auto& reporter : reporters) {
    told.push_back(options.show_secrets ? reporter.get() : static_cast<script::Reporter*>(&redacting.emplace_back(*reporter)));
  }

  const auto totals = script::run(cases, *cards, options.suite, told);
  for (std::ofstream& file : files) {
    if (!file.flush()) throw Exit{kEnvironment, "a report could not be written"};
  }
  return totals.good() ? kOk : kCheckFailed;
}

}  // namespace

void add_test(App& app, Action& action) {
  auto* command = app.add_subcommand("test", "Run test scripts: commands and expected answers");
  auto options = std::make_shared<TestOptions>();  // shared with the callback, which outlives this function
  options->card.add_to(*command);
  options->rehearsal.add_to(*command);
  command->add_option("FILE", options->files, "Scripts; a directory means the files *.script in it; - means standard input")->required();
  command->add_option("--set", options->set, "NAME=VALUE: a variable, overrides the scripts' value")->allow_extra_args(false)->take_all();
  command->add_option("--filter", options->suite.filters, "Only cases whose name or file contains this text")
      ->allow_extra_args(false)
      ->take_all();
  command->add_option("--tag", options->suite.tags, "Only cases with this tag; !TAG: without it")->allow_extra_args(false)->take_all();
  command->add_flag("--list", options->list, "List the cases, run none");
  command->add_option("--repeat", options->suite.repeat, "Run each case N times")->check(Range{1, 1000000})->capture_default_str();
  command->add_option("-j,--jobs", options->suite.jobs, "Cases at a time, each on its own card")
      ->check(Range{1, 256})
      ->capture_default_str();
  command->add_flag("--fail-fast", options->suite.fail_fast, "Skip the rest after the first failure");
  command->add_option("--tap", options->tap, "Write the results as TAP to this file; - for standard output, instead of the text");
  command->add_option("--junit", options->junit, "Write them as JUnit XML");
  command->add_option("--json", options->json, "Write them as JSON, with all commands");
  command->add_flag("-q,--quiet", options->quiet, "Show only cases that did not pass");
  command->add_flag("--show-secrets", options->show_secrets, "Show PIN values and keys in the results; otherwise '*' (2A) replaces them");
  command->add_flag("-v,--verbose", options->verbose, "Show all commands, also of cases that passed");
  set_example(*command,
              "  echo '00A4000C022FE2 -> 9000' | uicclab test -\n  uicclab test tests/script\n"
              "  uicclab test --card pcsc:Omnikey --junit results.xml first.script\n\n"
              "A script has lines like '00B000000A -> 98881201000000000001 9000', 'select EF.IMSI', '62/80 == 0009', in blocks 'case "
              "\"NAME\" {' ... '}'.\n"
              "docs/first-script.md is an introduction, docs/script-format.md has all statements.");
  command->callback([options, &action] { action = [options] { return run_test(*options); }; });
}

}  // namespace uicclab::cli
