// SPDX-License-Identifier: Apache-2.0
#include "ef/value.hpp"

#include <algorithm>
#include <charconv>

#include "core/json.hpp"
#include "core/visible.hpp"

namespace uicclab::ef {
namespace {

std::optional<std::size_t> place(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

bool is_simple(const Value& value) {
  return value.list() == nullptr && value.members() == nullptr;
}

/// In one line without quotes.
std::string plain(const Value& value) {
  if (const auto* yes = value.boolean()) return *yes ? "yes" : "no";
  if (const auto* number = value.number()) return std::to_string(*number);
  if (const auto* text = value.text()) return visible(*text);
  if (value.is_null()) return "(empty)";
  return to_json(value);
}

std::string child(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

Json json(const Value& value) {
  if (const auto* yes = value.boolean()) return Json(*yes);
  if (const auto* number = value.number()) return Json(*number);
  if (const auto* text = value.text()) return Json(*text);
  if (const auto* list = value.list()) {
    Json out = Json::array();
    for (const Value& one : *list) out.add(json(one));
    return out;
  }
  if (const auto* all = value.members()) {
    Json out = Json::object();
    for (const auto& [name, one] : *all) out.set(name, json(one));
    return out;
  }
  return Json();
}

void compare(const Value& before, const Value& after, const std::string& path, std::vector<Difference>& out) {
  if (before == after) return;
  const Value nothing;
  if (before.members() != nullptr && after.members() != nullptr) {
    for (const auto& [name, value] : *before.members()) {
      const Value* other = after.find(name);
      compare(value, other == nullptr ? nothing : *other, child(path, name), out);
    }
    for (const auto& [name, value] : *after.members()) {
      if (before.find(name) == nullptr) compare(nothing, value, child(path, name), out);
    }
    return;
  }
  if (before.list() != nullptr && after.list() != nullptr) {
    for (std::size_t i = 0; i < std::max(before.list()->size(), after.list()->size()); ++i) {
      compare(i < before.list()->size() ? (*before.list())[i] : nothing, i < after.list()->size() ? (*after.list())[i] : nothing,
              child(path, std::to_string(i)), out);
    }
    return;
  }
  out.push_back({path, plain(before), plain(after)});
}

}  // namespace

const Value* Value::find(std::string_view name) const {
  const auto* all = members();
  if (all == nullptr) return nullptr;
  const auto found = std::ranges::find(*all, name, &Members::value_type::first);
  return found == all->end() ? nullptr : &found->second;
}

void Value::set(std::string_view name, Value value) {
  if (!std::holds_alternative<Members>(m_content)) m_content = Members();
  auto& all = std::get<Members>(m_content);
  const auto found = std::ranges::find(all, name, &Members::value_type::first);
  if (found == all.end()) {
    all.emplace_back(name, std::move(value));
  } else {
    found->second = std::move(value);
  }
}

Result<void> Value::set_at(std::string_view path, Value value) {
  const auto dot = path.find('.');
  const std::string_view head = path.substr(0, dot);
  const bool last = dot == std::string_view::npos;
  Value* at = nullptr;
  if (auto* list = std::get_if<List>(&m_content)) {
    const auto index = place(head);
    if (!index || *index > list->size()) {
      return fail(ErrorCode::kNotFound, "a list of " + std::to_string(list->size()) + " has no place " + std::string(head));
    }
    if (*index == list->size()) list->emplace_back();
    at = &(*list)[*index];
  } else if (is_null() || members() != nullptr) {
    if (head.empty()) return fail(ErrorCode::kNotFound, "a field without a name");
    if (find(head) == nullptr) set(head, Value());
    at = &std::ranges::find(std::get<Members>(m_content), head, &Members::value_type::first)->second;
  } else {
    return fail(ErrorCode::kNotFound, "there is nothing below a single value: " + std::string(path));
  }
  if (!last) return at->set_at(path.substr(dot + 1), std::move(value));
  *at = std::move(value);
  return {};
}

std::string to_json(const Value& value) {
  return json(value).text();
}

std::string to_text(const Value& value, std::size_t indent) {
  const std::string blanks(indent, ' ');
  if (is_simple(value)) return blanks + plain(value) + "\n";
  std::string out;
  if (const auto* list = value.list()) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      const Value& one = (*list)[i];
      out += blanks + std::to_string(i) + (is_simple(one) ? "  " + plain(one) + "\n" : "\n" + to_text(one, indent + 2));
    }
    return list->empty() ? blanks + "(none)\n" : out;
  }
  std::size_t width = 0;
  for (const auto& [name, one] : *value.members()) width = std::max(width, name.size());
  for (const auto& [name, one] : *value.members()) {
    out += blanks + name;
    if (is_simple(one)) {
      out += std::string(width - name.size() + 2, ' ') + plain(one) + "\n";
    } else if (one.list() != nullptr && std::ranges::all_of(*one.list(), is_simple)) {
      std::string line;
      for (const Value& item : *one.list()) line += (line.empty() ? "" : ", ") + plain(item);
      out += std::string(width - name.size() + 2, ' ') + (line.empty() ? "(none)" : line) + "\n";
    } else {
      out += "\n" + to_text(one, indent + 2);
    }
  }
  return value.members()->empty() ? blanks + "(nothing)\n" : out;
}

std::vector<Difference> differences(const Value& before, const Value& after) {
  std::vector<Difference> out;
  compare(before, after, "", out);
  return out;
}

std::string to_text(const Difference& difference) {
  return (difference.place.empty() ? "" : difference.place + ": ") + difference.before + " -> " + difference.after;
}

}  // namespace uicclab::ef
