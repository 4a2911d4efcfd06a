// SPDX-License-Identifier: Apache-2.0
// The command line as the subcommands see it. CLI11 does the work behind it (only app.cpp includes it): its headers cost seconds in each
// file that parses them.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace uicclab::cli {

/// What an option can store. Numbers are decimal, or hexadecimal with 0x; a vector takes the option several times.
template <typename T>
concept OptionValue = std::same_as<T, std::string> || std::same_as<T, int> || std::same_as<T, unsigned> || std::same_as<T, std::uint8_t> ||
    std::same_as<T, std::uint16_t> || std::same_as<T, std::uint64_t> || std::same_as<T, std::vector<std::string>> ||
    std::same_as<T, std::optional<std::string>> || std::same_as<T, std::optional<int>> || std::same_as<T, std::optional<unsigned>> ||
    std::same_as<T, std::optional<std::uint8_t>> || std::same_as<T, std::optional<std::uint16_t>> ||
    std::same_as<T, std::optional<std::uint64_t>>;

/// Checks of an option's value: a number from `lowest` to `highest`, or one of some words.
struct Range {
  long long lowest;
  long long highest;
};
struct OneOf {
  std::vector<std::string> words;
};

/// An option, a flag or an argument of a command. The command owns it.
class Option {
 public:
  explicit Option(CLI::Option& engine) : m_engine(&engine) {}

  Option* required(bool is_required = true);
  Option* check(const Range& range);
  Option* check(const OneOf& words);
  /// The help shows the value that the variable has now.
  Option* capture_default_str();
  /// What the help shows, and what an option with an optional value has without one.
  Option* default_str(const std::string& text);
  /// The number of values that may follow.
  Option* expected(int at_least, int at_most);
  /// false: one value each time that the option is given.
  Option* allow_extra_args(bool allowed);
  Option* take_all();
  /// Not together with the option of this name.
  Option* excludes(const std::string& name);
  /// Only together with the option of this name, which the command has already.
  Option* needs(const std::string& name);

  /// All names, as the help lists them.
  std::string names() const;
  /// The first of them, "--help".
  std::string name() const;
  std::vector<std::string> long_names() const;
  std::string description() const;
  std::string shown_default() const;

 private:
  CLI::Option* m_engine;
};

/// The command line is not of the form that the help shows; what() says why.
struct BadCommandLine : std::runtime_error {
  using runtime_error::runtime_error;
};

/// A command line or one of its subcommands.
class App {
 public:
  App(const std::string& description, const std::string& name);
  virtual ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  template <OptionValue T>
  Option* add_option(const std::string& names, T& value, const std::string& help);
  Option* add_flag(const std::string& names, bool& value, const std::string& help);
  App* add_subcommand(const std::string& name, const std::string& description);

  /// Called when this command is on the command line.
  void callback(std::function<void()> called);
  void alias(const std::string& name);
  void footer(const std::string& text);
  /// A subcommand must follow.
  void require_subcommand();
  /// Options that this command does not have are looked for in the one above.
  void fallthrough();
  bool falls_through() const;
  /// No --help of its own.
  void without_help();
  void set_version_flag(const std::string& names, const std::string& version);
  void set_help_all_flag(const std::string& names, const std::string& help);

  /// How often the option of this name is on the command line; to be asked in a callback.
  std::size_t count(const std::string& option) const;

  App* parent() const { return m_parent; }
  const std::vector<std::unique_ptr<App>>& subcommands() const { return m_subcommands; }
  /// By its name or an alias; null if there is none.
  App* subcommand(const std::string& name) const;
  std::vector<Option> options() const;
  std::string name() const;
  std::string description() const;
  std::string footer() const;
  std::string help() const;

  /// Parses and calls back. Help, version and what is wrong are printed, and the exit code of CLI11 comes back: 0 for what was asked for.
  std::optional<int> parse(int argc, const char* const* argv);
  /// Parses words, and calls back. Throws BadCommandLine; false: help was wanted.
  bool parse(std::vector<std::string> words);

 private:
  App(App& parent, CLI::App& engine);
  Option* own(CLI::Option& engine);

  std::unique_ptr<CLI::App> m_own;  ///< null in subcommands, whose engine belongs to the one above
  CLI::App* m_engine;
  App* m_parent = nullptr;
  std::vector<std::unique_ptr<App>> m_subcommands;
  std::vector<std::unique_ptr<Option>> m_options;
};

}  // namespace uicclab::cli
