// Names of files and where they are: ETSI TS 102 221 clause 13; 3GPP TS 31.102 clause 4; 3GPP TS 31.103 clause 4; 3GPP TS 51.011 clause 10.
#include "ef/catalogue.hpp"

#include <algorithm>
#include <cctype>

namespace uicclab::ef {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

bool is_fid(std::string_view text) {
  return text.size() == 4 && std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

bool is_adf(std::string_view text) {
  return text.size() > 4 && same(text.substr(0, 4), "ADF.");
}

/// The first file of this name below `directory`; below nothing: anywhere.
std::optional<std::string> find_below(std::string_view directory, std::string_view name) {
  for (const File& entry : catalogue()) {
    if (!same(entry.name, name)) continue;
    const auto parent = entry.path.substr(0, entry.path.rfind('/'));
    if (directory.empty() || parent == directory) return std::string(entry.path);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> path_of_file(std::string_view name, const GivenNames& given) {
  if (const auto found = given.find(name); found != given.end()) return path_of_file(found->second, {});
  if (same(name, "MF")) return "3F00";
  std::string path;
  while (!name.empty()) {
    const auto slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    name = slash == std::string_view::npos ? std::string_view() : name.substr(slash + 1);
    if (is_fid(part)) {
      path = path.empty() && upper(part) != "3F00" ? "3F00/" + upper(part) : path.empty() ? "3F00" : path + "/" + upper(part);
    } else if (same(part, "MF") && path.empty()) {
      path = "3F00";
    } else if (is_adf(part) && path.empty()) {
      path = upper(part);
    } else if (auto found = find_below(path, part)) {
      path = *std::move(found);
    } else {
      return std::nullopt;
    }
  }
  return path.empty() ? std::nullopt : std::optional(path);
}

const File* file_at(std::string_view path) {
  const auto found = std::ranges::find(catalogue(), path, &File::path);
  return found == catalogue().end() ? nullptr : &*found;
}

std::string_view name_of_file(std::string_view path) {
  const File* file = file_at(path);
  return file == nullptr ? std::string_view() : file->name;
}

std::string_view name_of_fid(std::string_view fid) {
  const auto found = std::ranges::find_if(catalogue(), [&](const File& file) { return file.path.ends_with(fid); });
  return found == catalogue().end() ? std::string_view() : found->name;
}

std::vector<std::string> fids_below(std::string_view directory) {
  std::vector<std::string> out;
  for (const File& file : catalogue()) {
    const auto slash = file.path.rfind('/');
    if (slash == std::string_view::npos || file.path.substr(0, slash) != directory) continue;
    const std::string fid(file.path.substr(slash + 1));
    if (std::ranges::find(out, fid) == out.end()) out.push_back(fid);
  }
  return out;
}

}  // namespace uicclab::ef
