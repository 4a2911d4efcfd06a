// SPDX-License-Identifier: Apache-2.0
#include "cli/common/script_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "cli/common/commands.hpp"
#include "cli/common/input_file.hpp"

namespace uicclab::cli {
namespace {

/// Reads the files of one script, itself and what it includes, and counts: an include tree can ask for the same file without end.
class ScriptReader {
 public:
  Result<std::string> operator()(const std::string& path) {
    constexpr std::size_t kMostFiles = 1000;
    if (++m_files > kMostFiles)
      return fail(ErrorCode::kRange, path + ": a script may include " + std::to_string(kMostFiles) + " files at most, in all");
    const auto bytes = try_read_input(path, kScriptFile);
    if (!bytes) return tl::unexpected(bytes.error());
    m_size += bytes->size();
    if (m_size > kScriptFile.most) {
      return fail(ErrorCode::kRange,
                  path + ": a script with all it includes may have " + std::to_string(kScriptFile.most) + " bytes at most");
    }
    return std::string(bytes->begin(), bytes->end());
  }

 private:
  std::size_t m_files = 0;
  std::size_t m_size = 0;
};

}  // namespace

std::vector<std::string> expand_script_names(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    if (!std::filesystem::is_directory(name)) {
      out.push_back(name);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(name)) {
      if (entry.path().extension() == ".script") found.push_back(entry.path().string());
    }
    if (found.empty()) throw Exit{kUsage, "there is no file *.script in " + name};
    std::ranges::sort(found);
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

script::Script read_script(const std::string& name) {
  ScriptReader reader;
  const auto text = name == "-" ? Result<std::string>(read_standard_input(kScriptFile)) : reader(name);
  if (!text) throw Exit{kUsage, text.error().text};
  auto parsed = script::parse(*text, name == "-" ? "standard input" : name, std::ref(reader));
  if (!parsed) throw Exit{kUsage, parsed.error().text};
  return *std::move(parsed);
}

std::map<std::string, std::string> script_variables(const std::vector<std::string>& given) {
  std::map<std::string, std::string> out;
  for (const std::string& one : given) {
    const auto equals = one.find('=');
    if (equals == std::string::npos || !script::is_name(one.substr(0, equals))) throw Exit{kUsage, "--set " + one + ": NAME=VALUE"};
    out[one.substr(0, equals)] = one.substr(equals + 1);
  }
  return out;
}

}  // namespace uicclab::cli
