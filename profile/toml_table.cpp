// SPDX-License-Identifier: Apache-2.0
#include "profile/toml_table.hpp"

#include "core/hex.hpp"

namespace uicclab::profile {

SourcePlace place_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

void Complaints::add(SourcePlace place, std::string_view subject, std::string_view text) {
  if (m_first) return;
  std::string whole = m_source + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": ";
  if (!subject.empty()) whole.append(subject).append(": ");
  m_first = Error{ErrorCode::kMalformed, whole.append(text), 0};
}

const toml::node* TableReader::find(std::string_view key) {
  m_known.emplace(key);
  return m_table.get(key);
}

void TableReader::complain(std::string_view key, std::string_view text) {
  const toml::node* node = m_table.get(key);
  m_complaints.add(place_of(node != nullptr ? node->source() : m_table.source()), m_subject, std::string(key).append(" ").append(text));
}

template <typename T>
std::optional<T> TableReader::value(std::string_view key, std::string_view kind) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  auto exact = node->value_exact<T>();
  if (!exact) complain(key, std::string("must be ").append(kind));
  return exact;
}

template <typename T>
std::optional<std::vector<T>> TableReader::list(std::string_view key, std::string_view kind) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    complain(key, std::string("must be a list of ").append(kind));
    return std::nullopt;
  }
  std::vector<T> values;
  for (const toml::node& element : *array) {
    auto exact = element.value_exact<T>();
    if (!exact) {
      m_complaints.add(place_of(element.source()), m_subject, std::string(key).append(" must be a list of ").append(kind));
      return std::nullopt;
    }
    values.push_back(std::move(*exact));
  }
  return values;
}

std::optional<std::string> TableReader::text(std::string_view key) {
  return value<std::string>(key, "a text in quotes");
}

std::optional<bool> TableReader::flag(std::string_view key) {
  return value<bool>(key, "true or false");
}

std::optional<std::int64_t> TableReader::number(std::string_view key, std::int64_t least, std::int64_t most) {
  auto number = value<std::int64_t>(key, "a whole number");
  if (number && (*number < least || *number > most)) {
    complain(key, "must be " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }
  return number;
}

std::optional<Bytes> TableReader::to_bytes_or_complain(std::string_view key, const std::string& text) {
  auto bytes = from_hex(text);
  if (bytes) return std::move(*bytes);
  complain(key, "must be hexadecimal: " + bytes.error().text + " at character " + std::to_string(bytes.error().offset + 1));
  return std::nullopt;
}

std::optional<Bytes> TableReader::hex(std::string_view key) {
  const auto text = value<std::string>(key, "hexadecimal in quotes");
  return text ? to_bytes_or_complain(key, *text) : std::nullopt;
}

std::optional<std::vector<std::string>> TableReader::texts(std::string_view key) {
  return list<std::string>(key, "texts in quotes");
}

std::optional<std::vector<Bytes>> TableReader::hexes(std::string_view key) {
  const auto texts = list<std::string>(key, "hexadecimal texts in quotes");
  if (!texts) return std::nullopt;
  std::vector<Bytes> values;
  for (const std::string& text : *texts) {
    auto bytes = to_bytes_or_complain(key, text);
    if (!bytes) return std::nullopt;
    values.push_back(std::move(*bytes));
  }
  return values;
}

std::optional<std::vector<std::int64_t>> TableReader::numbers(std::string_view key, std::int64_t least, std::int64_t most) {
  auto values = list<std::int64_t>(key, "whole numbers");
  if (!values) return std::nullopt;
  for (std::int64_t value : *values) {
    if (value >= least && value <= most) continue;
    complain(key, "must be a list of numbers from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }
  return values;
}

const toml::table* TableReader::table(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) complain(key, "must be a table");
  return node->as_table();
}

std::vector<const toml::table*> TableReader::tables(std::string_view key) {
  std::vector<const toml::table*> found;
  const toml::node* node = find(key);
  if (node == nullptr) return found;
  if (!node->is_array()) {
    complain(key, "must be a list of tables");
    return found;
  }
  for (const toml::node& element : *node->as_array()) {
    if (!element.is_table()) {
      m_complaints.add(place_of(element.source()), m_subject, std::string(key).append(" must be a list of tables"));
      return found;
    }
    found.push_back(element.as_table());
  }
  return found;
}

void TableReader::refuse_unknown() {
  for (const auto& [key, node] : in_text_order(m_table)) {
    if (m_known.contains(key->str())) continue;
    std::string known;
    for (const std::string& name : m_known) known += (known.empty() ? "" : ", ") + name;
    m_complaints.add(place_of(key->source()), m_subject, "unknown key " + std::string(key->str()) + "; known are " + known);
  }
}

std::vector<std::pair<const toml::key*, const toml::node*>> in_text_order(const toml::table& table) {
  std::vector<std::pair<const toml::key*, const toml::node*>> entries;
  for (auto&& [key, node] : table) entries.emplace_back(&key, &node);
  std::ranges::stable_sort(entries, [](const auto& a, const auto& b) {
    const auto& left = a.first->source().begin;
    const auto& right = b.first->source().begin;
    return left.line != right.line ? left.line < right.line : left.column < right.column;
  });
  return entries;
}

}  // namespace uicclab::profile
