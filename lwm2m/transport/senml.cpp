// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/senml.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/base64.hpp"
#include "core/json.hpp"
#include "core/reader.hpp"
#include "lwm2m/management_objects.hpp"
#include "lwm2m/transport/coap.hpp"
#include "lwm2m/view.hpp"

namespace uicclab::lwm2m {
namespace {

using nlohmann::json;

constexpr std::size_t kMostRecords = 4096;
// Labels of CBOR (RFC 8428 table 4).
constexpr std::int64_t kBaseNameLabel = -2, kNameLabel = 0, kNumberLabel = 2, kTextLabel = 3, kBooleanLabel = 4, kDataLabel = 8;
constexpr std::string_view kLinkLabel = "vlo";  // Core 1.1 clause 7.4.4: object links

/// "/3/0/1": numbers alone (Core 1.1 clause 7.4.4).
Result<std::vector<std::uint16_t>> path_of(const std::string& name) {
  std::vector<std::string> parts;
  for (std::size_t at = name.starts_with('/') ? 1 : 0; at < name.size();) {
    const std::size_t end = std::min(name.find('/', at), name.size());
    parts.push_back(name.substr(at, end - at));
    at = end + 1;
  }
  auto numbers = coap::numbers_of(parts);
  if (!numbers || numbers->size() < 3) return fail(ErrorCode::kMalformed, "the name of a record is not the path of a value");
  return *std::move(numbers);
}

Bytes float_bytes(double number) {
  return ByteWriter().number(std::bit_cast<std::uint64_t>(number), 8).take();
}

Value integer_value(const std::vector<std::uint16_t>& path, std::int64_t number) {
  const ResourceModel* model = known_resource(path[0], path[2]);
  const bool is_unsigned = model != nullptr && model->type == ValueType::kUnsigned && number >= 0;
  return crypto::to_wiped(is_unsigned ? encode_unsigned(static_cast<std::uint64_t>(number)) : encode_integer(number));
}

/// A number that is whole is written as an integer; what it is by its resource, only who knows that can say.
void set_number(SenmlRecord& record, double number) {
  constexpr double kExact = 9007199254740992.0;
  const bool whole = std::floor(number) == number && std::abs(number) <= kExact;
  record.type = whole ? ValueType::kInteger : ValueType::kNone;
  record.value = whole ? integer_value(record.path, static_cast<std::int64_t>(number)) : crypto::to_wiped(float_bytes(number));
}

Result<Value> link_value(const std::string& text) {
  std::vector<std::string> parts;
  const std::size_t colon = text.find(':');
  if (colon != std::string::npos) parts = {text.substr(0, colon), text.substr(colon + 1)};
  const auto numbers = coap::numbers_of(parts);
  if (!numbers || numbers->size() != 2) return fail(ErrorCode::kMalformed, "an object link is OBJECT:INSTANCE");
  return crypto::to_wiped(encode_link({(*numbers)[0], (*numbers)[1]}));
}

Result<SenmlRecord> record_of(const json& entry, std::string& base) {
  if (!entry.is_object()) return fail(ErrorCode::kMalformed, "a record that is not an object");
  std::string name;
  const json* value = nullptr;
  std::string label;
  for (const auto& [key, member] : entry.items()) {
    if (key == "bn" || key == "n") {
      if (!member.is_string()) return fail(ErrorCode::kMalformed, key + " is text");
      (key == "bn" ? base : name) = member.get<std::string>();
    } else if (key == "v" || key == "vs" || key == "vb" || key == "vd" || key == "vlo") {
      if (value != nullptr) return fail(ErrorCode::kMalformed, "two values in a record");
      value = &member;
      label = key;
    } else if (key.ends_with('_') || key == "s" || key == "bv" || key == "bs") {
      return fail(ErrorCode::kUnsupported, "the field " + key);
    }
  }
  auto path = path_of(base + name);
  if (!path) return tl::unexpected(path.error());
  if (value == nullptr) return fail(ErrorCode::kMalformed, "a record without a value");
  SenmlRecord out{*std::move(path), {}};
  if (label == "v" && value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) {
    return fail(ErrorCode::kRange, "a number of more than 63 bits");
  }
  if (label == "v" && value->is_number_integer()) {
    out.type = ValueType::kInteger;
    out.value = integer_value(out.path, value->get<std::int64_t>());
  } else if (label == "v" && value->is_number()) {
    set_number(out, value->get<double>());
  } else if (label == "vb" && value->is_boolean()) {
    out.type = ValueType::kBoolean;
    out.value = {static_cast<std::uint8_t>(value->get<bool>())};
  } else if (label == "vs" && value->is_string()) {
    out.type = ValueType::kString;
    out.value = crypto::to_wiped(as_bytes(value->get<std::string>()));
  } else if (label == "vd" && value->is_string()) {
    const auto bytes = from_base64(value->get<std::string>());
    if (!bytes) return tl::unexpected(bytes.error());
    out.value = crypto::to_wiped(*bytes);
  } else if (label == "vlo" && value->is_string()) {
    auto link = link_value(value->get<std::string>());
    if (!link) return tl::unexpected(link.error());
    out.type = ValueType::kLink;
    out.value = *std::move(link);
  } else {
    return fail(ErrorCode::kMalformed, label + " has a value of another type");
  }
  return out;
}

// ---- CBOR (RFC 8949): definite lengths and the simple values that SenML needs.

struct Head {
  std::uint8_t major = 0;
  std::uint8_t info = 0;
  std::uint64_t argument = 0;
};

Result<Head> read_head(ByteReader& reader) {
  const auto first = reader.u8();
  if (!first) return fail(ErrorCode::kTruncated, "CBOR that ends too early", reader.offset());
  Head out{static_cast<std::uint8_t>(*first >> 5), static_cast<std::uint8_t>(*first & 0x1F), *first & 0x1FU};
  if (out.info < 24) return out;
  if (out.info > 27) return fail(ErrorCode::kUnsupported, "CBOR of indefinite length", reader.offset());
  const auto argument = reader.number(std::size_t{1} << (out.info - 24));
  if (!argument) return fail(ErrorCode::kTruncated, "CBOR that ends too early", reader.offset());
  out.argument = *argument;
  return out;
}

struct Item {
  enum class Kind { kInteger, kFloat, kText, kBytes, kBoolean } kind = Kind::kInteger;
  std::int64_t integer = 0;
  double real = 0;
  Bytes bytes;
};

double half_float(std::uint64_t bits) {
  const int exponent = static_cast<int>(bits >> 10 & 0x1F);
  const double fraction = static_cast<double>(bits & 0x3FF);
  const double size = exponent == 0 ? std::ldexp(fraction, -24) : exponent == 31 ? HUGE_VAL : std::ldexp(fraction + 1024, exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

Result<Item> read_item(ByteReader& reader) {
  const auto head = read_head(reader);
  if (!head) return tl::unexpected(head.error());
  Item out;
  if (head->major <= 1) {
    if (head->argument > INT64_MAX) return fail(ErrorCode::kRange, "a number of more than 63 bits", reader.offset());
    out.integer = head->major == 0 ? static_cast<std::int64_t>(head->argument) : -1 - static_cast<std::int64_t>(head->argument);
    return out;
  }
  if (head->major == 2 || head->major == 3) {
    const auto bytes = head->argument <= reader.remaining() ? reader.bytes(static_cast<std::size_t>(head->argument)) : std::nullopt;
    if (!bytes) return fail(ErrorCode::kTruncated, "a string that ends too early", reader.offset());
    out.kind = head->major == 2 ? Item::Kind::kBytes : Item::Kind::kText;
    out.bytes = to_bytes(*bytes);
    return out;
  }
  if (head->major != 7) return fail(ErrorCode::kMalformed, "a value of a type that SenML does not have", reader.offset());
  if (head->info == 20 || head->info == 21) {
    out.kind = Item::Kind::kBoolean;
    out.integer = head->info - 20;
    return out;
  }
  out.kind = Item::Kind::kFloat;
  if (head->info == 25) {
    out.real = half_float(head->argument);
  } else if (head->info == 26) {
    out.real = std::bit_cast<float>(static_cast<std::uint32_t>(head->argument));
  } else if (head->info == 27) {
    out.real = std::bit_cast<double>(head->argument);
  } else {
    return fail(ErrorCode::kMalformed, "a simple value that SenML does not have", reader.offset());
  }
  return out;
}

Result<SenmlRecord> read_record(ByteReader& reader, std::string& base) {
  const auto head = read_head(reader);
  if (!head) return tl::unexpected(head.error());
  if (head->major != 5 || head->argument > 16) return fail(ErrorCode::kMalformed, "a record that is not a small map", reader.offset());
  std::string name;
  std::optional<Item> value;
  bool is_link = false;
  for (std::uint64_t i = 0; i < head->argument; ++i) {
    const auto key = read_item(reader);
    if (!key) return tl::unexpected(key.error());
    auto member = read_item(reader);
    if (!member) return tl::unexpected(member.error());
    const std::string text(member->bytes.begin(), member->bytes.end());
    if (key->kind == Item::Kind::kText) {
      if (!equal(key->bytes, as_bytes(kLinkLabel))) return fail(ErrorCode::kUnsupported, "an unknown label", reader.offset());
      is_link = true;
    } else if (key->kind != Item::Kind::kInteger) {
      return fail(ErrorCode::kMalformed, "a label that is neither number nor text", reader.offset());
    } else if (key->integer == kBaseNameLabel || key->integer == kNameLabel) {
      if (member->kind != Item::Kind::kText) return fail(ErrorCode::kMalformed, "a name that is not text", reader.offset());
      (key->integer == kBaseNameLabel ? base : name) = text;
      continue;
    } else if (key->integer != kNumberLabel && key->integer != kTextLabel && key->integer != kBooleanLabel && key->integer != kDataLabel) {
      continue;  // units, versions and times mean nothing here
    }
    if (value) return fail(ErrorCode::kMalformed, "two values in a record", reader.offset());
    value = *std::move(member);
  }
  auto path = path_of(base + name);
  if (!path) return tl::unexpected(path.error());
  if (!value) return fail(ErrorCode::kMalformed, "a record without a value", reader.offset());
  SenmlRecord out{*std::move(path), {}};
  switch (value->kind) {
    case Item::Kind::kInteger:
      out.type = ValueType::kInteger;
      out.value = integer_value(out.path, value->integer);
      break;
    case Item::Kind::kBoolean:
      out.type = ValueType::kBoolean;
      out.value = {static_cast<std::uint8_t>(value->integer)};
      break;
    case Item::Kind::kFloat:
      set_number(out, value->real);
      break;
    case Item::Kind::kText:
    case Item::Kind::kBytes:
      if (is_link) {
        auto link = link_value(std::string(value->bytes.begin(), value->bytes.end()));
        if (!link) return tl::unexpected(link.error());
        out.type = ValueType::kLink;
        out.value = *std::move(link);
      } else {
        out.type = value->kind == Item::Kind::kText ? ValueType::kString : ValueType::kOpaque;
        out.value = crypto::to_wiped(value->bytes);
      }
      break;
  }
  return out;
}

void write_head(Bytes& out, unsigned major, std::uint64_t argument) {
  const auto first = [&](std::uint64_t info) { out.push_back(static_cast<std::uint8_t>(major << 5 | info)); };
  if (argument < 24) return first(argument);
  const unsigned power = argument <= 0xFF ? 0 : argument <= 0xFFFF ? 1 : argument <= 0xFFFF'FFFF ? 2 : 3;
  first(24 + power);
  append(out, ByteWriter().number(argument, std::size_t{1} << power).view());
}

void write_integer(Bytes& out, std::int64_t number) {
  if (number >= 0) return write_head(out, 0, static_cast<std::uint64_t>(number));
  write_head(out, 1, static_cast<std::uint64_t>(-(number + 1)));
}

void write_text(Bytes& out, std::string_view text) {
  write_head(out, 3, text.size());
  append(out, as_bytes(text));
}

std::string name_of(const SenmlRecord& record) {
  std::string out;
  for (const std::uint16_t one : record.path) out += "/" + std::to_string(one);
  return out;
}

ValueType type_of(const SenmlRecord& record) {
  const ResourceModel* model = known_resource(record.path[0], record.path[2]);
  return model != nullptr ? model->type : ValueType::kOpaque;
}

std::string as_text(const SenmlRecord& record) {
  return {record.value.begin(), record.value.end()};
}

}  // namespace

Result<std::vector<SenmlRecord>> parse_senml_json(std::string_view text) {
  if (const auto deep = json_too_deep(text)) return fail(ErrorCode::kMalformed, "JSON that is too deep", *deep);
  const json whole = json::parse(text, nullptr, false);
  if (!whole.is_array()) return fail(ErrorCode::kMalformed, "SenML is an array of records");
  if (whole.size() > kMostRecords) return fail(ErrorCode::kRange, "more than 4096 records");
  std::vector<SenmlRecord> out;
  std::string base;
  for (const json& entry : whole) {
    auto record = record_of(entry, base);
    if (!record) return tl::unexpected(record.error());
    out.push_back(*std::move(record));
  }
  return out;
}

Result<std::vector<SenmlRecord>> parse_senml_cbor(BytesView bytes) {
  ByteReader reader(bytes);
  const auto head = read_head(reader);
  if (!head) return tl::unexpected(head.error());
  if (head->major != 4) return fail(ErrorCode::kMalformed, "SenML is an array of records");
  if (head->argument > kMostRecords) return fail(ErrorCode::kRange, "more than 4096 records");
  std::vector<SenmlRecord> out;
  std::string base;
  for (std::uint64_t i = 0; i < head->argument; ++i) {
    auto record = read_record(reader, base);
    if (!record) return tl::unexpected(record.error());
    out.push_back(*std::move(record));
  }
  if (!reader.empty()) return fail(ErrorCode::kTrailing, "bytes after the array", reader.offset());
  return out;
}

std::string senml_json(const std::vector<SenmlRecord>& records) {
  Json out = Json::array();
  for (const SenmlRecord& one : records) {
    const ValueType type = type_of(one);
    const ResourceModel* model = known_resource(one.path[0], one.path[2]);
    const auto number = model != nullptr ? value_text(*model, one.value) : fail(ErrorCode::kNotFound, "");
    Json record = Json::object();
    record.set("n", name_of(one));
    if (type == ValueType::kString) {
      record.set("vs", as_text(one));
    } else if (type == ValueType::kBoolean && one.value.size() == 1) {
      record.set("vb", one.value[0] != 0);
    } else if (type == ValueType::kLink && number) {
      record.set("vlo", *number);
    } else if (number && type != ValueType::kOpaque) {
      record.set("v", Json::raw(*number));
    } else {
      record.set("vd", base64_url(one.value));
    }
    out.add(record);
  }
  return out.text();
}

Bytes senml_cbor(const std::vector<SenmlRecord>& records) {
  Bytes out;
  write_head(out, 4, records.size());
  for (const SenmlRecord& one : records) {
    write_head(out, 5, 2);
    write_integer(out, kNameLabel);
    write_text(out, name_of(one));
    const ValueType type = type_of(one);
    const auto integer = decode_integer(one.value);
    const ResourceModel* model = known_resource(one.path[0], one.path[2]);
    if (type == ValueType::kString) {
      write_integer(out, kTextLabel);
      write_text(out, as_text(one));
    } else if (type == ValueType::kBoolean && one.value.size() == 1) {
      write_integer(out, kBooleanLabel);
      out.push_back(one.value[0] != 0 ? 0xF5 : 0xF4);
    } else if (type == ValueType::kLink && one.value.size() == 4) {
      write_text(out, kLinkLabel);
      write_text(out, value_text(*model, one.value).value_or(""));
    } else if ((type == ValueType::kInteger || type == ValueType::kTime) && integer) {
      write_integer(out, kNumberLabel);
      write_integer(out, *integer);
    } else if (const auto number = decode_unsigned(one.value); type == ValueType::kUnsigned && number && *number <= INT64_MAX) {
      write_integer(out, kNumberLabel);
      write_integer(out, static_cast<std::int64_t>(*number));
    } else {
      write_integer(out, kDataLabel);
      write_head(out, 2, one.value.size());
      append(out, one.value);
    }
  }
  return out;
}

}  // namespace uicclab::lwm2m
