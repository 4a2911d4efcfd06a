// SPDX-License-Identifier: Apache-2.0
#include "cli/lwm2m/files.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>
#include <toml++/toml.h>

#include "cli/common/input_file.hpp"
#include "core/hex.hpp"
#include "core/json.hpp"
#include "lwm2m/view_reader.hpp"

namespace uicclab::cli {
namespace {

using nlohmann::json;

/// What JSON and TOML have in common, in words that ViewReader takes.
struct Scalar {
  bool there = false;
  std::string text;
};

class ViewWalk {
 public:
  explicit ViewWalk(std::string source) : m_source(std::move(source)) {}

  void check(const Result<void>& result) const {
    if (!result) wrong(result.error().text);
  }
  [[noreturn]] void wrong(const std::string& text) const { throw Exit{kUsage, m_source + ": " + text}; }

  void resource(const std::string& key, const Scalar& scalar) {
    if (!scalar.there) wrong(key + ": neither text, number nor boolean");
    check(m_reader.resource(key, scalar.text));
  }
  void resource(const std::string& key, std::string_view instance, const Scalar& scalar) {
    std::int64_t number = -1;
    const auto [end, error] = std::from_chars(instance.data(), instance.data() + instance.size(), number);
    if (!scalar.there || error != std::errc() || end != instance.data() + instance.size()) {
      wrong(key + ": a multiple resource is a table of numbers and values");
    }
    check(m_reader.resource(key, number, scalar.text));
  }

  lwm2m::ViewReader& reader() { return m_reader; }

 private:
  std::string m_source;
  lwm2m::ViewReader m_reader;
};

Scalar scalar_of(const json& value) {
  if (value.is_string()) return {true, value.get<std::string>()};
  if (value.is_boolean() || value.is_number_integer()) return {true, value.dump()};
  return {};
}

Scalar scalar_of(const toml::node& value) {
  if (const auto text = value.value_exact<std::string>()) return {true, *text};
  if (const auto flag = value.value_exact<bool>()) return {true, *flag ? "true" : "false"};
  if (const auto number = value.value_exact<std::int64_t>()) return {true, std::to_string(*number)};
  return {};
}

std::int64_t id_of(const json& table, const ViewWalk& walk) {
  if (!table.is_object() || !table.contains("id") || !table["id"].is_number_integer()) walk.wrong("an object or instance without its id");
  return table["id"].get<std::int64_t>();
}
std::int64_t id_of(const toml::table& table, const ViewWalk& walk) {
  const auto id = table["id"].value_exact<std::int64_t>();
  if (!id) walk.wrong("an object or instance without its id");
  return *id;
}

lwm2m::BootstrapFile from_json(const Bytes& content, const std::string& name) {
  ViewWalk walk(name);
  if (json_too_deep({reinterpret_cast<const char*>(content.data()), content.size()})) {
    walk.wrong("JSON deeper than " + std::to_string(kMaxJsonDepth) + " lists and objects");
  }
  const json whole = json::parse(content.begin(), content.end(), nullptr, false);
  if (whole.is_discarded()) walk.wrong("not JSON");
  if (!whole.is_object() || !whole.contains("objects") || !whole["objects"].is_array()) walk.wrong("\"objects\" is missing");
  for (const json& object : whole["objects"]) {
    const std::int64_t id = id_of(object, walk);
    const json version = object.value("version", json(""));
    walk.check(walk.reader().object(id, version.is_string() ? version.get<std::string>() : "?"));
    const json instances = object.value("instances", json::array());
    if (!instances.is_array()) walk.wrong("\"instances\" must be a list");
    for (const json& instance : instances) {
      walk.check(walk.reader().instance(id_of(instance, walk)));
      for (const auto& [key, value] : instance.items()) {
        if (key == "id") continue;
        if (!value.is_object()) {
          walk.resource(key, scalar_of(value));
          continue;
        }
        for (const auto& [number, one] : value.items()) walk.resource(key, number, scalar_of(one));
      }
    }
  }
  return walk.reader().take();
}

/// The tables of `[[key]]`.
std::vector<const toml::table*> tables_of(const toml::table& table, std::string_view key, const ViewWalk& walk) {
  std::vector<const toml::table*> out;
  const toml::node* node = table.get(key);
  if (node == nullptr) return out;
  const toml::array* list = node->as_array();
  if (list == nullptr) walk.wrong("[[" + std::string(key) + "]] is a list of tables");
  for (const toml::node& one : *list) {
    if (one.as_table() == nullptr) walk.wrong("[[" + std::string(key) + "]] is a list of tables");
    out.push_back(one.as_table());
  }
  return out;
}

lwm2m::BootstrapFile from_toml(const Bytes& content, const std::string& name) {
  ViewWalk walk(name);
  toml::table whole;
  try {
    whole = toml::parse(std::string_view(reinterpret_cast<const char*>(content.data()), content.size()), name);
  } catch (const toml::parse_error& error) {
    walk.wrong(std::string(error.description()) + ", line " + std::to_string(error.source().begin.line));
  }
  const auto objects = tables_of(whole, "object", walk);
  if (objects.empty()) walk.wrong("[[object]] is missing");
  for (const toml::table* object : objects) {
    walk.check(walk.reader().object(id_of(*object, walk), (*object)["version"].value_or<std::string>("")));
    for (const toml::table* instance : tables_of(*object, "instance", walk)) {
      walk.check(walk.reader().instance(id_of(*instance, walk)));
      for (const auto& [key, value] : *instance) {
        if (key == "id") continue;
        const toml::table* several = value.as_table();
        if (several == nullptr) {
          walk.resource(std::string(key.str()), scalar_of(value));
          continue;
        }
        for (const auto& [number, one] : *several) walk.resource(std::string(key.str()), number.str(), scalar_of(one));
      }
    }
  }
  return walk.reader().take();
}

}  // namespace

lwm2m::BootstrapFile read_bootstrap(const std::string& name) {
  const Bytes content = read_input(name, kObjectFile);
  const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  // The content begins with its length in two bytes (LwM2M appendix G.3): no view of some sense has 00 or a control character there.
  const bool is_text = std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && !std::isspace(static_cast<unsigned char>(c)); });
  const auto begin = text.find_first_not_of(" \t\r\n");
  const auto digits = from_hex(text);
  if (is_text && begin != std::string_view::npos && (!digits || digits->empty()))
    return text[begin] == '{' ? from_json(content, name) : from_toml(content, name);
  auto file = lwm2m::parse_bootstrap_file(digits && !digits->empty() ? *digits : content);
  if (!file) throw Exit{kCheckFailed, name + ": " + file.error().text + ", at byte " + std::to_string(file.error().offset)};
  return *std::move(file);
}

}  // namespace uicclab::cli
