// SPDX-License-Identifier: Apache-2.0
// Names of files and where they are: ETSI TS 102 221 clause 13; 3GPP TS 31.102 clause 4; 3GPP TS 31.103 clause 4; 3GPP TS 51.011 clause 10.
#include "ef/catalogue.hpp"

#include <algorithm>
#include <cctype>

#include "ef/phonebook.hpp"

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

std::string_view parent_of(std::string_view path) {
  return path.substr(0, std::min(path.rfind('/'), path.size()));
}

FileName phonebook_name(std::string_view path, std::optional<Shape> shape) {
  const std::string_view directory = parent_of(path);
  if (!is_phonebook(directory)) return {};
  return Phonebook().name(path.substr(directory.size() + 1), shape);
}

/// The files of this name below `directory`; below nothing: anywhere.
std::vector<std::string> find_below(std::string_view directory, std::string_view name) {
  std::vector<std::string> out;
  for (const File& entry : catalogue()) {
    if (same(entry.name, name) && (directory.empty() || parent_of(entry.path) == directory)) out.emplace_back(entry.path);
  }
  for (const File& entry : catalogue()) {
    if (!is_phonebook(entry.path) || (!directory.empty() && entry.path != directory)) continue;
    if (const auto fid = Phonebook().fid(upper(name))) out.push_back(std::string(entry.path) + "/" + *fid);
  }
  return out;
}

}  // namespace

Shape shape_of(uicc::FileKind kind, std::size_t record_length) {
  using enum uicc::FileKind;
  switch (kind) {
    case kTransparent:
      return {Structure::kTransparent, 0};
    case kLinearFixed:
      return {Structure::kLinear, record_length};
    case kCyclic:
      return {Structure::kCyclic, record_length};
    case kBerTlv:
      return {Structure::kBerTlv, 0};
    case kMf:
    case kDf:
    case kAdf:
      break;
  }
  return {Structure::kDirectory, 0};
}

std::vector<std::string> paths_of_file(std::string_view name) {
  if (same(name, "MF")) return {"3F00"};
  std::vector<std::string> paths{""};
  for (bool first = true; !name.empty() && !paths.empty(); first = false) {
    const auto slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    name = slash == std::string_view::npos ? std::string_view() : name.substr(slash + 1);
    if (first && (same(part, "MF") || same(part, "3F00"))) {
      paths = {"3F00"};
    } else if (first && is_adf(part)) {
      paths = {upper(part)};
    } else if (is_fid(part)) {
      for (std::string& path : paths) path = (first ? "3F00" : path) + "/" + upper(part);
    } else {
      std::vector<std::string> below;
      for (const std::string& path : paths) std::ranges::move(find_below(path, part), std::back_inserter(below));
      paths = std::move(below);
    }
  }
  std::erase(paths, "");
  return paths;
}

std::optional<std::string> path_of_file(std::string_view name, const GivenNames& given) {
  if (const auto found = given.find(name); found != given.end()) return path_of_file(found->second, {});
  const auto paths = paths_of_file(name);
  return paths.empty() ? std::nullopt : std::optional(paths.front());
}

const File* file_at(std::string_view path) {
  const auto found = std::ranges::find(catalogue(), path, &File::path);
  return found == catalogue().end() ? nullptr : &*found;
}

std::string_view name_of_file(std::string_view path) {
  return name_of_file(path, std::nullopt).name;
}

FileName name_of_file(std::string_view path, std::optional<Shape> shape) {
  const File* file = file_at(path);
  return file == nullptr ? phonebook_name(path, shape) : FileName{file->name};
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
  if (is_phonebook(directory)) {
    for (std::string& fid : Phonebook().fids()) out.push_back(std::move(fid));
  }
  return out;
}

}  // namespace uicclab::ef
