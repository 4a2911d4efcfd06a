#include "cli/script_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "cli/commands.hpp"

namespace uicclab::cli {
namespace {

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || std::filesystem::is_directory(path)) return fail(ErrorCode::kNotFound, "cannot read " + path);
  return text.str();
}

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
  const auto text = name == "-" ? Result<std::string>(std::string(std::istreambuf_iterator<char>(std::cin), {})) : read_text(name);
  if (!text) throw Exit{kUsage, text.error().text};
  auto parsed = script::parse(*text, name == "-" ? "standard input" : name, read_text);
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
