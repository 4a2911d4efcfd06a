// SPDX-License-Identifier: Apache-2.0
// One table of a profile's text: typed access by key, the first thing that is wrong kept with its place, unknown keys found.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "profile/profile.hpp"

namespace uicclab::profile {

SourcePlace place_of(const toml::source_region& region);

/// Keeps the first complaint; what comes after it is read on with whatever is there.
class Complaints {
 public:
  explicit Complaints(std::string_view source) : m_source(source) {}

  void add(SourcePlace place, std::string_view subject, std::string_view text);
  const std::optional<Error>& first() const { return m_first; }

 private:
  std::string m_source;
  std::optional<Error> m_first;
};

/// Every reader gives nothing if the key is absent, and complains and gives nothing if the value is not what it must be.
class TableReader {
 public:
  /// `subject` is what messages name: "file 3F00/2FE2"; it and the others are borrowed for the reader's life.
  TableReader(const toml::table& table, std::string subject, Complaints& complaints)
      : m_table(table), m_subject(std::move(subject)), m_complaints(complaints) {}

  const toml::node* find(std::string_view key);

  std::optional<std::string> text(std::string_view key);
  std::optional<std::int64_t> number(std::string_view key, std::int64_t least, std::int64_t most);
  std::optional<bool> flag(std::string_view key);
  /// Hexadecimal, blanks allowed.
  std::optional<Bytes> hex(std::string_view key);
  std::optional<std::vector<std::string>> texts(std::string_view key);
  std::optional<std::vector<Bytes>> hexes(std::string_view key);
  std::optional<std::vector<std::int64_t>> numbers(std::string_view key, std::int64_t least, std::int64_t most);
  const toml::table* table(std::string_view key);
  /// The elements of an array of tables.
  std::vector<const toml::table*> tables(std::string_view key);

  /// Says that the value of `key` is wrong.
  void complain(std::string_view key, std::string_view text);
  /// Reports every unknown key.
  void refuse_unknown();

  const std::string& subject() const { return m_subject; }
  Complaints& complaints() { return m_complaints; }

 private:
  template <typename T>
  std::optional<T> value(std::string_view key, std::string_view kind);
  template <typename T>
  std::optional<std::vector<T>> list(std::string_view key, std::string_view kind);
  std::optional<Bytes> to_bytes_or_complain(std::string_view key, const std::string& text);

  const toml::table& m_table;
  std::string m_subject;
  Complaints& m_complaints;
  std::set<std::string, std::less<>> m_known;
};

/// Sets `to` if a value was read.
template <typename T, typename U>
void take(T& to, std::optional<U> from) {
  if (from) to = static_cast<T>(std::move(*from));
}

/// Entries of a table in the order of the text, which TOML tables do not keep.
std::vector<std::pair<const toml::key*, const toml::node*>> in_text_order(const toml::table& table);

}  // namespace uicclab::profile
