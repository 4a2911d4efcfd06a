// SPDX-License-Identifier: Apache-2.0
// uicclab completion: completions for shells, made from the command line itself, so that the two cannot differ.
#include <iostream>

#include "cli/common/commands.hpp"

namespace uicclab::cli {
namespace {

/// What can follow one command: its subcommands and its options.
struct Place {
  std::string path;  ///< "gp list"; empty for the program
  std::string subcommands;
  std::string options;
};

void places_of(const App& command, const std::string& path, std::vector<Place>& out) {
  Place place{path, "", ""};
  for (const auto& one : command.subcommands()) place.subcommands += (place.subcommands.empty() ? "" : " ") + one->name();
  for (const App* at = &command; at != nullptr; at = at->falls_through() ? at->parent() : nullptr) {
    for (const Option& option : at->options()) {
      for (const std::string& name : option.long_names()) place.options += (place.options.empty() ? "--" : " --") + name;
    }
  }
  out.push_back(place);
  for (const auto& one : command.subcommands()) places_of(*one, path.empty() ? one->name() : path + " " + one->name(), out);
}

/// Both shells: the command reached by the words before the cursor, and the variables `subcommands` and `options` of it.
std::string function_of(const App& app) {
  std::vector<Place> places;
  places_of(app, "", places);
  std::string out = "_uicclab_place() {\n  case \"$1\" in\n";
  for (const Place& place : places) {
    out += "    '" + place.path + "') subcommands='" + place.subcommands + "'; options='" + place.options + "' ;;\n";
  }
  return out + "    *) return 1 ;;\n  esac\n}\n";
}

constexpr const char* kBash = R"sh(
_uicclab() {
  local word=${COMP_WORDS[COMP_CWORD]} path='' subcommands options next i
  _uicclab_place ''
  for ((i = 1; i < COMP_CWORD; i++)); do
    next=${COMP_WORDS[i]}
    [[ $next == -- ]] && return
    case " $subcommands " in
      *" $next "*) path=${path:+$path }$next; _uicclab_place "$path" ;;
    esac
  done
  COMPREPLY=()
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif [[ ${COMP_WORDS[COMP_CWORD-1]} == --card ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'sim pcsc vpcd: replay:' -- "$word")
  elif [[ -n $subcommands ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$subcommands" -- "$word")
  fi
}
complete -o bashdefault -o default -F _uicclab uicclab
)sh";

constexpr const char* kZsh = R"sh(
_uicclab() {
  local word=$words[CURRENT] path_='' subcommands options next i
  _uicclab_place ''
  for ((i = 2; i < CURRENT; i++)); do
    next=$words[i]
    [[ $next == -- ]] && { _normal; return }
    case " $subcommands " in
      (*" $next "*) path_=${path_:+$path_ }$next; _uicclab_place "$path_" ;;
    esac
  done
  if [[ $word == -* ]]; then
    compadd -- ${=options}
  elif [[ $words[CURRENT-1] == --card ]]; then
    compadd -- sim pcsc vpcd: replay:
  elif [[ -n $subcommands ]]; then
    compadd -- ${=subcommands}
  else
    _files
  fi
}
_uicclab "$@"
)sh";

}  // namespace

void add_completion(App& app, Action& action) {
  auto* command = app.add_subcommand("completion", "Print the completions of 'uicclab' as a script for bash or zsh");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash or zsh")->required()->check(OneOf{{"bash", "zsh"}});
  set_example(*command, "  source <(uicclab completion bash)");
  command->callback([&app, &action, shell] {
    action = [&app, shell] {
      if (*shell == "zsh") std::cout << "#compdef uicclab\n";
      std::cout << "# Made by 'uicclab completion " << *shell << "'.\n" << function_of(app) << (*shell == "zsh" ? kZsh : kBash);
      return static_cast<int>(kOk);
    };
  });
}

}  // namespace uicclab::cli
