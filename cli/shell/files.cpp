// SPDX-License-Identifier: Apache-2.0
// Commands of the shell for files.
#include <fstream>
#include <iostream>

#include "cli/card/file_commands.hpp"
#include "cli/common/private_file.hpp"
#include "cli/shell/shell.hpp"
#include "core/hex.hpp"

namespace uicclab::cli {
namespace {

App& add(App& app, const std::string& name, const std::string& text) {
  return *app.add_subcommand(name, text);
}

struct Named {
  std::string path;
  ListOptions list;
  ShowOptions show;
  WriteOptions write;
  std::string output;
};

/// Sets what the command does.
void on(App& command, Action& action, std::function<void(Named&)> run, const std::shared_ptr<Named>& named) {
  command.callback([run, named, &action] {
    action = [run, named] {
      run(*named);
      return static_cast<int>(kOk);
    };
  });
}

void add_lists(App& app, Action& action, Shell& shell) {
  for (const bool tree : {false, true}) {
    const auto named = std::make_shared<Named>();  // shared with the callback, which outlives this function
    auto& command = add(app, tree ? "tree" : "ls", tree ? "List a directory and all below it" : "List a directory");
    command.add_option("DIRECTORY", named->path, "Without it the one you are in");
    command.add_flag("-l,--long", named->list.details, "With access conditions");
    command.add_flag("--json", named->list.json, "As JSON");
    command.add_flag("--every", named->list.every, "Try every identifier");
    on(
        command, action,
        [&shell, tree](Named& one) {
          const std::string path = files_value(shell.files.path_of(one.path, shell.directory));
          (tree ? print_tree : list_files)(shell.files, path, one.list, std::cout);
        },
        named);
  }
}

void add_places(App& app, Action& action, Shell& shell) {
  const auto to = std::make_shared<Named>();
  auto& cd = add(app, "cd", "Go to a directory: ADF.USIM, DF.TELECOM, .., MF");
  cd.add_option("DIRECTORY", to->path, "Without it the MF");
  on(
      cd, action,
      [&shell](Named& one) {
        const auto file =
            files_value(shell.files.select(one.path.empty() ? "3F00" : files_value(shell.files.path_of(one.path, shell.directory))));
        if (!file.is_directory()) throw Exit{kUsage, file.name() + " is not a directory"};
        shell.directory = file.path;
      },
      to);

  const auto where = std::make_shared<Named>();
  on(
      add(app, "pwd", "Show where you are"), action, [&shell](Named&) { std::cout << shell.directory << "\n"; }, where);

  const auto selected = std::make_shared<Named>();
  auto& select = add(app, "select", "Select a file and show its FCP, with its access conditions");
  select.add_option("FILE", selected->path, "By name or identifiers")->required();
  select.add_flag("--json", selected->show.json, "As JSON");
  on(
      select, action,
      [&shell](Named& one) {
        const auto file = files_value(shell.files.select(files_value(shell.files.path_of(one.path, shell.directory))));
        ef::Value told{ef::Members()};
        told.set("path", file.path);
        told.set("name", file.name());
        told.set("structure", structure_words(file.header));
        told.set("state", state_words(file.header.life_cycle));
        told.set("access", shell.files.access(file));
        told.set("fcp", to_hex(file.fcp));
        std::cout << (one.show.json ? ef::to_json(told) + "\n" : ef::to_text(told));
        if (file.is_directory()) shell.directory = file.path;
        files_value(shell.files.select(file.path));  // the access conditions were in another file
      },
      selected);
}

void add_contents(App& app, Action& action, Shell& shell) {
  const auto shown = std::make_shared<Named>();
  auto& cat = add(app, "cat", "Show the content of a file");
  cat.add_option("FILE", shown->path, "By name or identifiers")->required();
  cat.add_option("-r,--record", shown->show.record, "One record; without it all");
  cat.add_flag("--raw", shown->show.raw, "The bytes in hexadecimal");
  cat.add_flag("--json", shown->show.json, "As JSON");
  cat.add_flag("-i,--info", shown->show.information, "With structure, access conditions and FCP");
  on(
      cat, action,
      [&shell](Named& one) { show_file(shell.files, files_value(shell.files.path_of(one.path, shell.directory)), one.show, std::cout); },
      shown);

  const auto written = std::make_shared<Named>();
  auto& write = add(app, "write", "Write a file: write EF.SPN --set name=Test");
  write.add_option("FILE", written->path, "By name or identifiers")->required();
  write.add_option("HEX", written->write.hex, "The new content, or that at --offset");
  write.add_option("--set", written->write.set, "FIELD=VALUE");
  write.add_option("--value", written->write.value, "The whole content as JSON");
  write.add_option("-r,--record", written->write.record, "Which record");
  write.add_option("--offset", written->write.offset, "Where HEX begins");
  write.add_flag("--dry-run", written->write.dry_run, "Only show what would change");
  on(
      write, action,
      [&shell](Named& one) { write_file(shell.files, files_value(shell.files.path_of(one.path, shell.directory)), one.write, std::cout); },
      written);

  const auto all = std::make_shared<Named>();
  auto& tree = add(app, "export", "All that can be read below here, as JSON");
  tree.add_option("DIRECTORY", all->path, "Without it the one you are in");
  tree.add_option("-o,--output", all->output, "Into this file");
  on(
      tree, action,
      [&shell](Named& one) {
        const std::string text =
            export_text(export_files(shell.files, files_value(shell.files.path_of(one.path, shell.directory)), {}, false));
        if (one.output.empty()) {
          std::cout << text;
        } else {
          write_private(one.output, as_bytes(text));
        }
      },
      all);
}

}  // namespace

void add_shell_files(App& app, Action& action, Shell& shell) {
  add_lists(app, action, shell);
  add_places(app, action, shell);
  add_contents(app, action, shell);
}

}  // namespace uicclab::cli
