// SPDX-License-Identifier: Apache-2.0
// uicclab shell: a card by hand, line by line.
#include "cli/shell/shell.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <utility>

#include <unistd.h>

#include "cli/card/card_option.hpp"
#include "cli/card/pin_option.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/trace_option.hpp"
#include "cli/shell/line_editor.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"

namespace uicclab::cli {

Result<Atr> ShellPort::reset() {
  waiting.reset();
  was_reset = true;
  return m_card.reset();
}

Result<Bytes> ShellPort::transmit(BytesView command) {
  if (signals != nullptr && signals->interrupted()) return fail(ErrorCode::kRefused, "interrupted");
  auto answer = m_card.transmit(command);
  if (!answer || answer->size() < 2) return answer;
  const std::uint8_t sw1 = (*answer)[answer->size() - 2];
  if (sw1 == 0x91) waiting = answer->back() == 0 ? std::size_t{256} : answer->back();
  if (sw1 == 0x90) waiting.reset();
  return answer;
}

namespace {

/// Commands whose lines may hold a PIN or a key.
constexpr std::array<std::string_view, 6> kSecretCommands{"verify", "change", "enable", "disable", "unblock", "auth"};
/// Commands that the program has outside the shell too: what they select is theirs.
constexpr std::array<std::string_view, 3> kOtherCommands{"gp", "ota", "lwm2m"};
/// PIN commands among APDUs (ETSI TS 102 221 clause 11.1), and PUT KEY.
constexpr std::array<std::string_view, 6> kSecretInstructions{"20", "24", "26", "28", "2C", "D8"};

struct ShellOptions {
  CardOption card;
  PinOption pins;
  TraceOption trace;
  std::vector<std::string> commands;
  std::string history;
};

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> out;
  std::string word;
  bool open = false;
  char quote = 0;
  for (const char c : line) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      open = true;
    } else if (c == ' ' || c == '\t') {
      if (open || !word.empty()) out.push_back(std::exchange(word, {}));
      open = false;
    } else {
      word += c;
    }
  }
  if (quote != 0) throw Exit{kUsage, std::string("a ") + quote + " is missing"};
  if (open || !word.empty()) out.push_back(word);
  return out;
}

bool holds_secret(const std::string& line) {
  const auto begin = line.find_first_not_of(" \t");
  if (begin == std::string::npos) return false;
  const std::string first = line.substr(begin, line.find_first_of(" \t", begin) - begin);
  if (std::ranges::find(kSecretCommands, first) != kSecretCommands.end()) return true;
  if (first == "apdu") {
    std::string digits;
    for (const char c : line.substr(begin + 4)) {
      if (c != ' ' && c != '\t') digits += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return digits.size() > 10 && std::ranges::find(kSecretInstructions, digits.substr(2, 2)) != kSecretInstructions.end();
  }
  for (const auto* part : {"key", "--pin", "--adm", "--secret"}) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

/// The command line of one line: the shell's commands and those of the program that talk to a card.
std::unique_ptr<AppWithCard> make_app(Shell& shell, Action& action) {
  auto app = std::make_unique<AppWithCard>("The shell's commands:", "", shell.port, shell.is_real);
  app->require_subcommand();
  app->without_help();
  add_shell_files(*app, action, shell);
  add_shell_security(*app, action, shell);
  add_shell_toolkit(*app, action, shell);
  add_gp(*app, action);
  add_ota(*app, action);
  add_lwm2m(*app, action);
  auto* leave = app->add_subcommand("exit", "Leave the shell");
  leave->alias("quit");
  leave->callback([&shell] { shell.left = true; });
  return app;
}

void help(Shell& shell, const std::vector<std::string>& words) {
  Action none;
  const auto app = make_app(shell, none);
  App* at = app.get();
  for (std::size_t i = 1; i < words.size(); ++i) {
    App* next = at->subcommand(words[i]);
    if (next == nullptr) throw Exit{kUsage, "no command is called " + words[i]};
    at = next;
  }
  if (at != app.get()) {
    std::cout << at->help();
    return;
  }
  for (const auto& command : app->subcommands()) {
    std::cout << "  " << command->name() << std::string(12 - std::min<std::size_t>(command->name().size(), 11), ' ')
              << command->description() << "\n";
  }
  std::cout << "  help        This, or of one command: help cat\n";
}

/// Runs a line. What goes wrong is reported, and does not end the shell.
int run_line(Shell& shell, const std::string& line) {
  const Interruptible signals;
  shell.port.signals = &signals;
  shell.port.was_reset = false;
  int code = kOk;
  bool others_select = false;
  try {
    std::vector<std::string> words = words_of(line);
    others_select = !words.empty() && std::ranges::find(kOtherCommands, words.front()) != kOtherCommands.end();
    if (words.empty() || words.front().starts_with('#')) {
      code = kOk;
    } else if (words.front() == "help") {
      help(shell, words);
    } else {
      Action action;
      const auto app = make_app(shell, action);
      if (!app->parse(std::move(words))) std::cout << "help COMMAND describes a command\n";
      if (action) code = action();
    }
  } catch (const BadCommandLine& error) {
    std::cerr << "error: " << visible(error.what()) << "\n";
    code = kUsage;
  } catch (const Exit& exit) {
    if (!exit.message.empty()) std::cerr << "error: " << visible(exit.message) << "\n";
    code = exit.code;
  } catch (const SystemError& error) {
    std::cerr << "error: " << visible(error.what()) << "\n";
    code = kEnvironment;
  }
  if (others_select) shell.files.forget_selection();
  if (shell.port.was_reset) shell.files.forget();
  if (shell.port.waiting && shell.terminal) std::cout << "(a proactive command waits: fetch)\n";
  std::cout << std::flush;
  shell.port.signals = nullptr;
  (void)signals.interrupted();  // one that came too late ends nothing
  return code;
}

/// What a word can become: commands, subcommands and options, files of the directory and of the standards.
std::vector<std::string> completions(Shell& shell, const std::string& line, const std::string& word) {
  Action none;
  const auto app = make_app(shell, none);
  App* at = app.get();
  std::vector<std::string> before = words_of(line.substr(0, line.size() - word.size()));
  if (!before.empty() && before.front() == "help") before.erase(before.begin());
  for (const std::string& one : before) {
    if (App* next = at->subcommand(one)) at = next;
  }
  std::vector<std::string> out;
  for (const auto& command : at->subcommands()) out.push_back(command->name());
  if (at == app.get()) {
    out.emplace_back("help");
    return out;
  }
  if (word.starts_with('-')) {
    for (const Option& option : at->options()) {
      for (const std::string& name : option.long_names()) out.push_back("--" + name);
    }
    return out;
  }
  // "ADF.USIM/EF.I": the directory is kept, its files are what the standards know there.
  const auto slash = word.rfind('/');
  const std::string prefix = slash == std::string::npos ? "" : word.substr(0, slash + 1);
  const auto directory = shell.files.path_of(prefix.empty() ? "" : std::string_view(prefix).substr(0, slash), shell.directory);
  if (!directory) return out;
  for (const std::string& fid : ef::fids_below(*directory)) {
    const ef::File* file = ef::file_at(*directory + "/" + fid);
    const std::string name(file != nullptr ? file->name : shell.files.known_phonebook(*directory).name(fid, std::nullopt).name);
    const bool is_directory = file != nullptr && file->structure == ef::Structure::kDirectory;
    if (!name.empty() && std::ranges::find(out, prefix + name) == out.end()) out.push_back(prefix + name + (is_directory ? "/" : ""));
  }
  if (*directory == "3F00" && prefix.empty()) {
    for (const auto* application : {"ADF.USIM/", "ADF.ISIM/", "ADF.PKCS15/"}) out.emplace_back(application);
  }
  return out;
}

std::string history_file(const std::string& given) {
  if (given == "none") return "";
  if (!given.empty()) return given;
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  if (state == nullptr && home == nullptr) return "";
  const std::filesystem::path folder =
      state != nullptr ? std::filesystem::path(state) / "uicclab" : std::filesystem::path(home) / ".local/state/uicclab";
  std::error_code ignored;  // without a folder there is no history, and nothing else is lost
  std::filesystem::create_directories(folder, ignored);
  return folder / "history";
}

int run_shell(const ShellOptions& options) {
  Atr atr;
  Trace trace(options.trace);
  const auto card = options.card.open_unguarded(atr, trace.sink());
  Shell shell(*card, card->is_real() && !options.card.yes_i_know);
  PinOption pins = options.pins;
  pins.risk = options.card.yes_i_know;
  pins.verify_all(shell.files, shell.directory);
  int code = kOk;
  const auto line = [&](const std::string& text) {
    if (const int one = run_line(shell, text); one != kOk) code = one;
  };
  if (!options.commands.empty()) {
    for (const std::string& command : options.commands) {
      if (!shell.left) line(command);
    }
    return code;
  }
  if (isatty(STDIN_FILENO) == 0) {
    for (std::optional<std::string> text; !shell.left && (text = read_standard_line());) line(*text);
    return code;
  }
  shell.terminal = true;
  std::cout << "ATR " << to_hex(atr) << "\nhelp lists the commands, the tab key completes, exit leaves.\n";
  LineEditor editor(history_file(options.history),
                    [&shell](const std::string& text, const std::string& word) { return completions(shell, text, word); });
  while (!shell.left) {
    const auto text = editor.read((shell.directory == "3F00" ? "MF" : shell.directory) + "> ");
    if (!text) break;
    if (text->empty()) continue;
    if (!holds_secret(*text)) editor.remember(*text);
    run_line(shell, *text);
  }
  std::cout << "\n";
  return kOk;
}

}  // namespace

void add_shell(App& app, Action& action) {
  auto* command = app.add_subcommand("shell", "Examine a card interactively: files, PINs, AUTHENTICATE, toolkit, card management");
  const auto options = std::make_shared<ShellOptions>();  // shared with the callback, which outlives this function
  options->card.add_to(*command);
  options->pins.add_to(*command);
  command->add_option("-c,--command", options->commands, "Run this line instead of asking for lines; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--history", options->history, "File for the history of lines, without PINs and keys; none: no file");
  Trace::add_to(*command, options->trace);
  set_example(*command, "  uicclab shell\n  uicclab shell --command 'cd ADF.USIM' --command 'cat EF.IMSI'");
  command->callback([options, &action] { action = [options] { return run_shell(*options); }; });
}

}  // namespace uicclab::cli
