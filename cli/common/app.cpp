// SPDX-License-Identifier: Apache-2.0
#include "cli/common/app.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <limits>

#include <CLI/CLI.hpp>

#include "cli/common/nearest.hpp"
#include "core/visible.hpp"

namespace uicclab::cli {
namespace {

/// The names that are possible where a word was not understood: options with their dashes, or subcommands.
std::vector<std::string> names_at(const CLI::App& command, bool options) {
  std::vector<std::string> out;
  if (options) {
    for (const CLI::App* one = &command; one != nullptr; one = one->get_parent()) {
      for (const CLI::Option* option : one->get_options()) {
        for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
      }
    }
  } else {
    for (const CLI::App* one : command.get_subcommands([](const CLI::App*) { return true; })) {
      out.push_back(one->get_name());
      for (const std::string& alias : one->get_aliases()) out.push_back(alias);
    }
  }
  return out;
}

/// What is wrong, in our words where a name is unknown: the word, and the nearest name that fits there.
std::string explain(const CLI::App& top, const CLI::ParseError& error) {
  const CLI::App* at = &top;
  for (auto parsed = at->get_subcommands(); !parsed.empty(); parsed = at->get_subcommands()) at = parsed.front();
  std::vector<std::string> unknown = top.remaining(true);
  std::erase(unknown, "--");
  std::ranges::stable_partition(unknown, [](const std::string& word) { return word.starts_with('-'); });  // the rest may be their values
  if (unknown.empty()) return error.what();
  const std::string word = unknown.front().substr(0, unknown.front().find('='));
  const bool is_option = word.starts_with('-');
  const auto names = names_at(*at, is_option);
  if (!is_option && names.empty()) return error.what();
  const std::string place = at == &top ? std::string() : " of '" + at->get_name() + "'";
  if (std::ranges::find(names, word) != names.end()) return "'" + word + "' is an option" + place + " and must come after it";
  std::string out = std::string(is_option ? "unknown option '" : "unknown subcommand '") + word + "'" + place;
  if (const auto meant = nearest(word, names)) out += "; did you mean '" + *meant + "'?";
  return out;
}

}  // namespace

Option* Option::required(bool is_required) {
  m_engine->required(is_required);
  return this;
}

Option* Option::check(const Range& range) {
  m_engine->check(CLI::Range(range.lowest, range.highest));
  return this;
}

Option* Option::check(const OneOf& words) {
  m_engine->check(CLI::IsMember(words.words));
  return this;
}

Option* Option::capture_default_str() {
  m_engine->capture_default_str();
  return this;
}

Option* Option::default_str(const std::string& text) {
  m_engine->default_str(text);
  return this;
}

Option* Option::expected(int at_least, int at_most) {
  m_engine->expected(at_least, at_most);
  return this;
}

Option* Option::allow_extra_args(bool allowed) {
  m_engine->allow_extra_args(allowed);
  return this;
}

Option* Option::take_all() {
  m_engine->take_all();
  return this;
}

Option* Option::excludes(const std::string& name) {
  m_engine->excludes(name);
  return this;
}

Option* Option::needs(const std::string& name) {
  m_engine->needs(name);
  return this;
}

std::string Option::names() const {
  return m_engine->get_name(false, true);
}
std::string Option::name() const {
  return m_engine->get_name();
}
std::vector<std::string> Option::long_names() const {
  return m_engine->get_lnames();
}
std::string Option::description() const {
  return m_engine->get_description();
}
std::string Option::shown_default() const {
  return m_engine->get_default_str();
}

App::App(const std::string& description, const std::string& name)
    : m_own(std::make_unique<CLI::App>(description, name)), m_engine(m_own.get()) {}
App::App(App& parent, CLI::App& engine) : m_engine(&engine), m_parent(&parent) {}
App::~App() = default;

Option* App::own(CLI::Option& engine) {
  m_options.push_back(std::make_unique<Option>(engine));
  return m_options.back().get();
}

namespace {

template <typename T>
struct Inner {
  using type = T;
};
template <typename T>
struct Inner<std::optional<T>> {
  using type = T;
};

/// CLI11 reads -1 as the largest number, and what is too large as that too.
template <std::unsigned_integral T>
std::string not_wrapped(const std::string& text) {
  errno = 0;
  char* end = nullptr;
  const unsigned long long value = std::strtoull(text.c_str(), &end, 0);
  const bool number = end != text.c_str() && *end == '\0';
  if (text.starts_with('-') || (number && (errno == ERANGE || value > std::numeric_limits<T>::max()))) {
    return text + " is not a number from 0 to " + std::to_string(std::numeric_limits<T>::max());
  }
  return {};
}

}  // namespace

template <OptionValue T>
Option* App::add_option(const std::string& names, T& value, const std::string& help) {
  CLI::Option* option = m_engine->add_option(names, value, help);
  using Number = typename Inner<T>::type;
  if constexpr (std::unsigned_integral<Number>) option->check(not_wrapped<Number>);
  return own(*option);
}

template Option* App::add_option(const std::string&, std::string&, const std::string&);
template Option* App::add_option(const std::string&, int&, const std::string&);
template Option* App::add_option(const std::string&, unsigned&, const std::string&);
template Option* App::add_option(const std::string&, std::uint8_t&, const std::string&);
template Option* App::add_option(const std::string&, std::uint16_t&, const std::string&);
template Option* App::add_option(const std::string&, std::uint64_t&, const std::string&);
template Option* App::add_option(const std::string&, std::vector<std::string>&, const std::string&);
template Option* App::add_option(const std::string&, std::optional<std::string>&, const std::string&);
template Option* App::add_option(const std::string&, std::optional<int>&, const std::string&);
template Option* App::add_option(const std::string&, std::optional<unsigned>&, const std::string&);
template Option* App::add_option(const std::string&, std::optional<std::uint8_t>&, const std::string&);
template Option* App::add_option(const std::string&, std::optional<std::uint16_t>&, const std::string&);
template Option* App::add_option(const std::string&, std::optional<std::uint64_t>&, const std::string&);

Option* App::add_flag(const std::string& names, bool& value, const std::string& help) {
  return own(*m_engine->add_flag(names, value, help));
}

App* App::add_subcommand(const std::string& name, const std::string& description) {
  m_subcommands.push_back(std::unique_ptr<App>(new App(*this, *m_engine->add_subcommand(name, description))));
  return m_subcommands.back().get();
}

void App::callback(std::function<void()> called) {
  m_engine->callback(std::move(called));
}
void App::alias(const std::string& name) {
  m_engine->alias(name);
}
void App::footer(const std::string& text) {
  m_engine->footer(text);
}
void App::require_subcommand() {
  m_engine->require_subcommand(1);
}
void App::fallthrough() {
  m_engine->fallthrough();
}
bool App::falls_through() const {
  return m_engine->get_fallthrough();
}
void App::without_help() {
  m_engine->set_help_flag();
}
void App::set_version_flag(const std::string& names, const std::string& version) {
  m_engine->set_version_flag(names, version);
}
void App::set_help_all_flag(const std::string& names, const std::string& help) {
  m_engine->set_help_all_flag(names, help);
}

std::size_t App::count(const std::string& option) const {
  return m_engine->count(option);
}

App* App::subcommand(const std::string& name) const {
  const auto found = std::ranges::find_if(m_subcommands, [&](const auto& one) { return one->m_engine->check_name(name); });
  return found == m_subcommands.end() ? nullptr : found->get();
}

std::vector<Option> App::options() const {
  std::vector<Option> out;
  for (CLI::Option* option : m_engine->get_options()) out.emplace_back(*option);
  return out;
}

std::string App::name() const {
  return m_engine->get_name();
}
std::string App::description() const {
  return m_engine->get_description();
}
std::string App::footer() const {
  return m_engine->get_footer();
}
std::string App::help() const {
  return m_engine->help();
}

std::optional<int> App::parse(int argc, const char* const* argv) {
  try {
    m_engine->parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return m_engine->exit(error);  // help, version
    std::cerr << "uicclab: " << visible(explain(*m_engine, error)) << "\nRun with --help or --help-all for more information.\n";
    return error.get_exit_code();
  }
}

bool App::parse(std::vector<std::string> words) {
  try {
    std::ranges::reverse(words);  // as CLI11 wants them
    m_engine->parse(std::move(words));
    return true;
  } catch (const CLI::CallForHelp&) {
    return false;
  } catch (const CLI::ParseError& error) {
    throw BadCommandLine(explain(*m_engine, error));
  }
}

}  // namespace uicclab::cli
