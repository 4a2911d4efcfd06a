// SPDX-License-Identifier: Apache-2.0
// uicclab fs: the files of a card from the command line.
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/card/card_option.hpp"
#include "cli/card/file_commands.hpp"
#include "cli/card/pin_option.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/common/trace_option.hpp"

namespace uicclab::cli {
namespace {

struct FsOptions {
  CardOption card;
  PinOption pins;
  TraceOption trace;
  std::string path;
  std::string other;
  std::string output;
  ListOptions list;
  ShowOptions show;
  WriteOptions write;
};

/// A card with its PINs given, local ones to the application that `name` is in.
class FsCard {
 public:
  explicit FsCard(const FsOptions& options, const std::string& name = "")
      : m_trace(options.trace), m_card(options.card.open(m_atr, m_trace.sink())), m_files(m_card->port()) {
    PinOption pins = options.pins;
    pins.risk = options.card.yes_i_know;
    m_path = files_value(m_files.path_of(name));
    pins.verify_all(m_files, m_path);
  }
  CardFiles& files() { return m_files; }
  const Atr& atr() const { return m_atr; }
  const std::string& path() const { return m_path; }

 private:
  Trace m_trace;
  Atr m_atr;
  std::unique_ptr<OpenCard> m_card;
  CardFiles m_files;
  std::string m_path;
};

/// An export, or a card that is exported now: sim[:PROFILE], pcsc[:NAME], vpcd:PORT.
ef::Value tree_of(const std::string& source, const FsOptions& options) {
  const std::string kind = source.substr(0, source.find(':'));
  if (kind == "sim" || kind == "pcsc" || kind == "vpcd") {
    FsOptions one = options;
    one.card.card = source;
    FsCard card(one);
    return export_files(card.files(), "3F00", card.atr(), options.list.every);
  }
  const auto content = try_read_input(source, kExportFile);
  if (!content) throw Exit{kUsage, content.error().text + "; a card is sim[:PROFILE], pcsc[:NAME] or vpcd:PORT"};
  return read_json({content->begin(), content->end()}, source);
}

using Run = int (*)(const FsOptions&);

int run_ls(const FsOptions& options) {
  FsCard card(options, options.path);
  list_files(card.files(), card.path(), options.list, std::cout);
  return kOk;
}

int run_tree(const FsOptions& options) {
  FsCard card(options, options.path);
  print_tree(card.files(), card.path(), options.list, std::cout);
  return kOk;
}

int run_cat(const FsOptions& options) {
  FsCard card(options, options.path);
  show_file(card.files(), card.path(), options.show, std::cout);
  return kOk;
}

int run_write(const FsOptions& options) {
  FsCard card(options, options.path);
  write_file(card.files(), card.path(), options.write, std::cout);
  const bool forgotten = options.card.is_forgotten() && !options.write.dry_run;
  if (forgotten) std::cerr << "This emulated card is discarded; keep its memory with --state FILE.\n";
  return kOk;
}

int run_export(const FsOptions& options) {
  FsCard card(options, options.path);
  const std::string text = export_text(export_files(card.files(), card.path(), card.atr(), options.list.every));
  if (options.output.empty()) {
    std::cout << text;
    return kOk;
  }
  write_private(options.output, as_bytes(text));
  return kOk;
}

int run_diff(const FsOptions& options) {
  const std::size_t count = print_differences(tree_of(options.path, options), tree_of(options.other, options), std::cout);
  return count == 0 ? kOk : kCheckFailed;
}

App& add(App& fs, Action& action, const std::shared_ptr<FsOptions>& options, const std::string& name, const std::string& text, Run run) {
  auto* command = fs.add_subcommand(name, text);
  options->card.add_to(*command);
  options->pins.add_to(*command);
  Trace::add_to(*command, options->trace);
  command->callback([options, run, &action] { action = [options, run] { return run(*options); }; });
  return *command;
}

void add_lists(App& fs, Action& action) {
  for (const bool tree : {false, true}) {
    const auto options = std::make_shared<FsOptions>();  // shared with the callback, which outlives this function
    auto& command = tree ? add(fs, action, options, "tree", "List a directory and all below it", run_tree)
                         : add(fs, action, options, "ls", "List a directory", run_ls);
    command.add_option("DIRECTORY", options->path, "By name or identifiers: MF, ADF.USIM, DF.TELECOM, 7F10/5F3A");
    command.add_flag("-l,--long", options->list.details, "With access conditions");
    command.add_flag("--json", options->list.json, "As JSON");
    command.add_flag("--every", options->list.every, "Try every identifier, not only those that standards know");
    set_example(command, tree ? "  uicclab fs tree ADF.USIM" : "  uicclab fs ls MF --long");
  }
}

void add_cat(App& fs, Action& action) {
  const auto options = std::make_shared<FsOptions>();
  auto& command = add(fs, action, options, "cat", "Show the content of a file", run_cat);
  command.add_option("FILE", options->path, "EF.IMSI, ADF.USIM/6F07, 7FFF/6F07, MF/2FE2")->required();
  command.add_option("-r,--record", options->show.record, "One record; without it all");
  command.add_flag("--raw", options->show.raw, "The bytes in hexadecimal, one line for each record");
  command.add_flag("--json", options->show.json, "As JSON");
  command.add_flag("-i,--info", options->show.information, "With structure, access conditions and FCP");
  set_example(command, "  uicclab fs cat EF.IMSI\n  uicclab fs cat EF.ARR --record 1 --json");
}

void add_write(App& fs, Action& action) {
  const auto options = std::make_shared<FsOptions>();
  auto& command = add(fs, action, options, "write", "Write a file, by its fields or byte for byte", run_write);
  command.add_option("FILE", options->path, "EF.IMSI, ADF.USIM/6F07, ...")->required();
  command.add_option("HEX", options->write.hex, "The new content, or that at --offset");
  command.add_option("--set", options->write.set, "FIELD=VALUE: imsi=001010000000001, plmns.0.plmn=001-01");
  command.add_option("--value", options->write.value, "The whole content as JSON, as cat --json shows it");
  command.add_option("-r,--record", options->write.record, "Which record");
  command.add_option("--offset", options->write.offset, "Where HEX begins");
  command.add_flag("--dry-run", options->write.dry_run, "Only show what would change");
  set_example(command, "  uicclab fs write EF.SPN --set name=Test --pin ADM1=88888888 --state my.card");
}

void add_export(App& fs, Action& action) {
  const auto options = std::make_shared<FsOptions>();
  auto& command = add(fs, action, options, "export", "All that can be read, as JSON with access conditions", run_export);
  command.add_option("DIRECTORY", options->path, "Only what is below it");
  command.add_option("-o,--output", options->output, "Into this file");
  command.add_flag("--every", options->list.every, "Try every identifier, not only those that standards know");
  set_example(command, "  uicclab fs export --pin PIN1=0000 -o card.json");
}

void add_diff(App& fs, Action& action) {
  const auto options = std::make_shared<FsOptions>();
  auto& command = add(fs, action, options, "diff", "How two cards or exports differ, field by field; exit code 1 if they do", run_diff);
  command.add_option("BEFORE", options->path, "A file of fs export, or a card: sim[:PROFILE], pcsc[:NAME], vpcd:PORT")->required();
  command.add_option("AFTER", options->other, "The same")->required();
  command.add_flag("--every", options->list.every, "Try every identifier of cards, not only those that standards know");
  set_example(command, "  uicclab fs diff card.json pcsc:Omnikey");
}

}  // namespace

void add_fs(App& app, Action& action) {
  auto* fs = app.add_subcommand("fs", "Files of a card: list, show, write, export, compare");
  fs->require_subcommand();
  add_lists(*fs, action);
  add_cat(*fs, action);
  add_write(*fs, action);
  add_export(*fs, action);
  add_diff(*fs, action);
}

}  // namespace uicclab::cli
