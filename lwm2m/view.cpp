// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/view.hpp"

#include <algorithm>
#include <charconv>

#include "core/hex.hpp"
#include "core/json.hpp"

namespace uicclab::lwm2m {
namespace {

constexpr std::string_view kText = "text:";
constexpr std::string_view kHex = "hex:";

bool is_printable(BytesView value) {
  return !value.empty() && std::ranges::all_of(value, [](std::uint8_t byte) { return byte >= 0x20 && byte < 0x7F; });
}

std::string opaque_text(BytesView value) {
  if (!is_printable(value)) return std::string(kHex) + to_hex(value);
  return std::string(kText) + std::string(value.begin(), value.end());
}

template <typename Number>
Result<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) return fail(ErrorCode::kRange, "a number that is too large");
  if (error != std::errc() || end != text.data() + text.size()) return fail(ErrorCode::kMalformed, "no number");
  return number;
}

Value wiped(const Bytes& bytes) {
  return crypto::to_wiped(bytes);
}

Result<Value> parse_link(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return fail(ErrorCode::kMalformed, "a link is OBJECT:INSTANCE");
  const auto object = parse_number<std::uint16_t>(text.substr(0, colon));
  const auto instance = parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!object) return tl::unexpected(object.error());
  if (!instance) return tl::unexpected(instance.error());
  return wiped(encode_link({*object, *instance}));
}

Result<Value> parse_opaque(std::string_view text) {
  if (text.starts_with(kText)) return crypto::to_wiped(as_bytes(text.substr(kText.size())));
  if (!text.starts_with(kHex)) return fail(ErrorCode::kMalformed, "bytes begin with hex: or text:");
  auto bytes = from_hex(text.substr(kHex.size()));
  if (!bytes) return tl::unexpected(bytes.error());
  Value value = wiped(*bytes);
  crypto::wipe(*bytes);
  return value;
}

/// Numbers, booleans and similar values have no quotation marks in JSON and TOML, everything else has.
bool is_bare(ValueType type) {
  return type == ValueType::kInteger || type == ValueType::kUnsigned || type == ValueType::kBoolean || type == ValueType::kTime;
}

std::string shown(const ResourceModel* model, BytesView value, Secrets secrets) {
  if (secrets == Secrets::kHidden && (model == nullptr || model->secret)) {
    return json_quoted("hidden: " + std::to_string(value.size()) + " bytes");
  }
  if (model == nullptr) return json_quoted(std::string(kHex) + to_hex(value));
  const auto text = value_text(*model, value);
  if (!text) return json_quoted(std::string(kHex) + to_hex(value));
  return is_bare(model->type) ? *text : json_quoted(*text);
}

std::string version_text(const ObjectVersion& version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

/// What differs between the two notations.
struct Notation {
  std::string_view equals;        ///< between key and value
  std::string_view inner_equals;  ///< the same inside a multiple resource
  bool quoted_keys;
};
constexpr Notation kJson{":", ":", true};
constexpr Notation kToml{" = ", " = ", false};

std::string resource_text(const BootstrapObject& object, const Resource& resource, Secrets secrets, const Notation& notation) {
  const ResourceModel* model = find_resource(object.id, object.version.value_or(ObjectVersion{1, kNewestMinor}), resource.id);
  const std::string key = model != nullptr ? key_of(*model) : std::to_string(resource.id);
  std::string line = (notation.quoted_keys ? json_quoted(key) : key) + std::string(notation.equals);
  if (!resource.multiple) return line + shown(model, resource.instances.empty() ? BytesView() : resource.instances[0].value, secrets);
  line += "{";
  for (const ResourceInstance& one : resource.instances) {
    if (&one != resource.instances.data()) line += ", ";
    const std::string number = std::to_string(one.id);
    line += (notation.quoted_keys ? json_quoted(number) : number) + std::string(notation.inner_equals) + shown(model, one.value, secrets);
  }
  return line + "}";
}

}  // namespace

std::string key_of(const ResourceModel& model) {
  if (!model.key.empty()) return std::string(model.key);
  std::string key;
  for (const char c : model.name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c >= 'A' && c <= 'Z') {
      key += static_cast<char>(c - 'A' + 'a');
    } else if (letter) {
      key += c;
    } else if (!key.empty() && key.back() != '_') {
      key += '_';
    }
  }
  return key;
}

const ResourceModel* find_resource(std::uint16_t object, ObjectVersion version, std::string_view key) {
  for (const ResourceModel& model : resources_of(object)) {
    if (key_of(model) == key) return find_resource(object, version, model.id);
  }
  return nullptr;
}

Result<std::string> value_text(const ResourceModel& model, BytesView value) {
  using enum ValueType;
  switch (model.type) {
    case kString:
      return decode_string(value);
    case kInteger:
    case kTime:
      return decode_integer(value).map([](std::int64_t number) { return std::to_string(number); });
    case kUnsigned:
      return decode_unsigned(value).map([](std::uint64_t number) { return std::to_string(number); });
    case kBoolean:
      return decode_boolean(value).map([](bool boolean) { return std::string(boolean ? "true" : "false"); });
    case kLink:
      return decode_link(value).map([](ObjectLink link) { return std::to_string(link.object) + ":" + std::to_string(link.instance); });
    case kOpaque:
      return opaque_text(value);
    case kNone:
      break;
  }
  return fail(ErrorCode::kMalformed, "can be executed, but has no value");
}

Result<Value> parse_value(const ResourceModel& model, std::string_view text) {
  using enum ValueType;
  const auto parse = [&]() -> Result<Value> {
    switch (model.type) {
      case kString:
        return crypto::to_wiped(as_bytes(text));
      case kInteger:
      case kTime:
        return parse_number<std::int64_t>(text).map([](std::int64_t number) { return wiped(encode_integer(number)); });
      case kUnsigned:
        return parse_number<std::uint64_t>(text).map([](std::uint64_t number) { return wiped(encode_unsigned(number)); });
      case kBoolean:
        if (text != "true" && text != "false") return fail(ErrorCode::kMalformed, "neither true nor false");
        return Value{static_cast<std::uint8_t>(text == "true")};
      case kLink:
        return parse_link(text);
      case kOpaque:
        return parse_opaque(text);
      case kNone:
        break;
    }
    return fail(ErrorCode::kMalformed, "can be executed, but has no value");
  };
  auto value = parse();
  if (!value) return value;
  if (const auto good = check_value(model, *value); !good) return tl::unexpected(good.error());
  return value;
}

std::string to_json(const BootstrapFile& file, Secrets secrets) {
  std::string out = "{\"objects\":[";
  for (const BootstrapObject& object : file.objects) {
    if (&object != file.objects.data()) out += ",";
    out += "\n {\"id\":" + std::to_string(object.id);
    if (!object_name(object.id).empty()) out += ",\"name\":" + json_quoted(object_name(object.id));
    if (object.version) out += ",\"version\":" + json_quoted(version_text(*object.version));
    out += ",\"instances\":[";
    for (const ObjectInstance& instance : object.instances) {
      if (&instance != object.instances.data()) out += ",";
      out += "\n  {\"id\":" + std::to_string(instance.id);
      for (const Resource& resource : instance.resources) out += ",\n   " + resource_text(object, resource, secrets, kJson);
      out += "}";
    }
    out += "]}";
  }
  return out + "]}\n";
}

std::string to_toml(const BootstrapFile& file, Secrets secrets) {
  std::string out;
  for (const BootstrapObject& object : file.objects) {
    out += (out.empty() ? "" : "\n") + std::string("[[object]]\nid = ") + std::to_string(object.id) + "\n";
    if (object.version) out += "version = " + json_quoted(version_text(*object.version)) + "\n";
    for (const ObjectInstance& instance : object.instances) {
      out += "\n[[object.instance]]\nid = " + std::to_string(instance.id) + "\n";
      for (const Resource& resource : instance.resources) out += resource_text(object, resource, secrets, kToml) + "\n";
    }
  }
  return out;
}

}  // namespace uicclab::lwm2m
