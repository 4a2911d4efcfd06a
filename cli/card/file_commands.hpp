// SPDX-License-Identifier: Apache-2.0
// File commands of `uicclab fs` and the shell: list, show, write, export, compare.
#pragma once

#include <iosfwd>

#include "cli/card/card_files.hpp"

namespace uicclab::cli {

struct ListOptions {
  bool json = false;
  bool details = false;  ///< with access conditions
  bool every = false;    ///< tries every identifier
};
struct ShowOptions {
  bool json = false;
  bool raw = false;
  bool information = false;  ///< FCP and access conditions in front
  std::size_t record = 0;    ///< 0: all
};
struct WriteOptions {
  std::string hex;               ///< the new content as it is
  std::vector<std::string> set;  ///< "plmns.0.plmn=001-01"
  std::string value;             ///< JSON
  std::size_t record = 0;
  std::size_t offset = 0;  ///< of `hex`
  bool dry_run = false;
};

/// All of them throw Exit in plain words.
void list_files(CardFiles& files, const std::string& directory, const ListOptions& options, std::ostream& out);
void print_tree(CardFiles& files, const std::string& directory, const ListOptions& options, std::ostream& out);
void show_file(CardFiles& files, const std::string& path, const ShowOptions& options, std::ostream& out);
/// Says what changes, field by field.
void write_file(CardFiles& files, const std::string& path, const WriteOptions& options, std::ostream& out);

/// The readable part of a card below a directory: {"format", "atr", "files": [{"path", "name", "structure", "access", "value" or "records",
/// "raw"}]}.
ef::Value export_files(CardFiles& files, const std::string& directory, BytesView atr, bool every);
/// An export as text: one line for each file.
std::string export_text(const ef::Value& tree);
/// Throws Exit with the place.
ef::Value read_json(const std::string& text, const std::string& source);
/// Prints what differs, and returns how many files do.
std::size_t print_differences(const ef::Value& before, const ef::Value& after, std::ostream& out);

/// A result of the card or its files, or Exit with the code that fits.
[[noreturn]] void files_fail(const Error& error);
template <typename T>
T files_value(Result<T> result) {
  if (!result) files_fail(result.error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace uicclab::cli
