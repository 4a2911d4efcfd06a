// SPDX-License-Identifier: Apache-2.0
// The content of a file as a small tree: texts, numbers, yes and no, lists, and members with names. For people it is text, for programs
// JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::ef {

class Value;
using List = std::vector<Value>;
/// In the order of the file; no name occurs twice.
using Members = std::vector<std::pair<std::string, Value>>;

/// Bytes without a meaning are texts in hexadecimal.
class Value {
 public:
  Value() = default;  ///< nothing: an empty record, a free place in a list
  Value(bool yes) : m_content(yes) {}
  Value(std::uint64_t number) : m_content(number) {}
  Value(std::string text) : m_content(std::move(text)) {}
  Value(std::string_view text) : m_content(std::string(text)) {}
  Value(const char* text) : m_content(std::string(text)) {}
  Value(List list) : m_content(std::move(list)) {}
  Value(Members members) : m_content(std::move(members)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(m_content); }
  const bool* boolean() const { return std::get_if<bool>(&m_content); }
  const std::uint64_t* number() const { return std::get_if<std::uint64_t>(&m_content); }
  const std::string* text() const { return std::get_if<std::string>(&m_content); }
  const List* list() const { return std::get_if<List>(&m_content); }
  const Members* members() const { return std::get_if<Members>(&m_content); }

  /// The member of this name; nullptr if there is none, or this is no members.
  const Value* find(std::string_view name) const;
  /// Adds a member, or puts another value in its place. Nothing becomes members.
  void set(std::string_view name, Value value);
  /// Puts a value at a path of names and, in lists, places from 0: "plmns.0.plmn". The place after the last one of a list makes it longer.
  /// Errors: kNotFound for a path that leads through a text or past the end of a list.
  Result<void> set_at(std::string_view path, Value value);

  bool operator==(const Value&) const = default;

 private:
  std::variant<std::monostate, bool, std::uint64_t, std::string, List, Members> m_content;
};

/// One line: {"imsi":"001010000000001"}
std::string to_json(const Value& value);

/// Lines for people, each with `indent` blanks before it: "imsi  001010000000001"; lists of texts in one line.
std::string to_text(const Value& value, std::size_t indent = 0);

/// A place where two values differ, as text.
struct Difference {
  std::string place;  ///< "plmns.0.plmn"; empty for the value itself
  std::string before;
  std::string after;
};
/// All of them, in the order of the first value.
std::vector<Difference> differences(const Value& before, const Value& after);
/// "imsi: 001010000000001 -> 001010000000002"
std::string to_text(const Difference& difference);

}  // namespace uicclab::ef
