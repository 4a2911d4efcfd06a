// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/server/management.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <map>

#include "core/hex.hpp"
#include "core/json.hpp"
#include "core/reader.hpp"
#include "core/visible.hpp"
#include "lwm2m/management_objects.hpp"
#include "lwm2m/transport/senml.hpp"
#include "lwm2m/view.hpp"

namespace uicclab::lwm2m::server {
namespace {

using Kind = Command::Kind;

constexpr std::size_t kLongestLine = 64 * 1024;

struct Verb {
  std::string_view word;
  Kind kind;
  std::size_t least, most;  ///< numbers of the path
};
constexpr auto kVerbs = std::to_array<Verb>({{"read", Kind::kRead, 1, 4},
                                             {"write", Kind::kWrite, 2, 4},
                                             {"update", Kind::kUpdate, 2, 3},
                                             {"execute", Kind::kExecute, 3, 3},
                                             {"discover", Kind::kDiscover, 1, 3},
                                             {"create", Kind::kCreate, 1, 2},
                                             {"delete", Kind::kDelete, 2, 2},
                                             {"observe", Kind::kObserve, 1, 4},
                                             {"cancel", Kind::kCancel, 1, 4},
                                             {"attributes", Kind::kAttributes, 1, 3},
                                             {"bootstrap", Kind::kBootstrap, 0, 0}});
struct Format {
  std::string_view word;
  std::uint16_t number;
};
constexpr auto kFormats = std::to_array<Format>({{"text", coap::format::kText},
                                                 {"link-format", coap::format::kLinkFormat},
                                                 {"opaque", coap::format::kOpaque},
                                                 {"senml-json", coap::format::kSenmlJson},
                                                 {"senml-cbor", coap::format::kSenmlCbor},
                                                 {"tlv", coap::format::kLwm2mTlv},
                                                 {"old-tlv", coap::format::kOldTlv}});

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(by, at), text.size());
    if (end > at) out.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string text_of(BytesView bytes) {
  return {bytes.begin(), bytes.end()};
}

/// A value as TLV holds it.
Result<Bytes> value_of(const std::string& text) {
  if (text.starts_with("text:")) return to_bytes(as_bytes(text.substr(5)));
  if (text.starts_with("hex:")) return from_hex(text.substr(4));
  if (text == "true" || text == "false") return Bytes{static_cast<std::uint8_t>(text == "true")};
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return encode_integer(number);
  return to_bytes(as_bytes(text));
}

/// RES=VALUE or RES.INSTANCE=VALUE.
Result<ObjectInstance> instance_of(std::uint16_t id, const std::vector<std::string>& words) {
  ObjectInstance out{id, {}};
  for (const std::string& one : words) {
    const std::size_t equals = std::min(one.find('='), one.size());
    const auto numbers = coap::numbers_of(split(one.substr(0, equals), '.'));
    if (equals == one.size() || !numbers || numbers->empty() || numbers->size() > 2) {
      return fail(ErrorCode::kMalformed, "\"" + one + "\" must be RES=VALUE or RES.INSTANCE=VALUE");
    }
    const auto value = value_of(one.substr(equals + 1));
    if (!value) return tl::unexpected(value.error());
    if (numbers->size() == 2) {
      out.add((*numbers)[0], (*numbers)[1], *value);
    } else {
      out.set((*numbers)[0], BytesView(*value));
    }
  }
  return out;
}

Bytes bare_resources(const ObjectInstance& instance) {
  const Value whole = encode_instances({instance});
  const auto outer = TlvReader(whole).next();
  return outer ? to_bytes(outer->value) : Bytes();
}

void set_payload(coap::Message& out, std::uint16_t format, Bytes payload) {
  out.add_number(coap::option::kContentFormat, format);
  out.payload = std::move(payload);
}

Result<void> add_values(coap::Message& out, const Command& command) {
  if (command.format && (*command.format == coap::format::kSenmlJson || *command.format == coap::format::kSenmlCbor)) {
    if (command.words.size() != 1) return fail(ErrorCode::kMalformed, "a SenML payload is one word: the text, or hex:DIGITS");
    const bool hex = command.words[0].starts_with("hex:");
    auto payload = hex ? from_hex(command.words[0].substr(4)) : Result<Bytes>(to_bytes(as_bytes(command.words[0])));
    if (!payload) return tl::unexpected(payload.error());
    set_payload(out, *command.format, *std::move(payload));
    return {};
  }
  if (command.words.empty() && command.kind != Kind::kCreate) return fail(ErrorCode::kMalformed, "the value to write is missing");
  if (command.path.size() >= 3 && command.kind == Kind::kWrite) {
    std::string text = command.words[0];
    for (std::size_t i = 1; i < command.words.size(); ++i) text += " " + command.words[i];
    if (text.starts_with("hex:")) {
      auto bytes = from_hex(text.substr(4));
      if (!bytes) return tl::unexpected(bytes.error());
      set_payload(out, command.format.value_or(coap::format::kOpaque), *std::move(bytes));
    } else if (command.format == coap::format::kLwm2mTlv || command.format == coap::format::kOldTlv) {
      const auto instance = instance_of(0, {std::to_string(command.path[2]) + "=" + text});
      if (!instance) return tl::unexpected(instance.error());
      set_payload(out, *command.format, bare_resources(*instance));
    } else {
      if (text.starts_with("text:")) text.erase(0, 5);
      set_payload(out, command.format.value_or(coap::format::kText), to_bytes(as_bytes(text)));
    }
    return {};
  }
  const auto instance = instance_of(command.path.size() > 1 ? command.path[1] : std::uint16_t{0}, command.words);
  if (!instance) return tl::unexpected(instance.error());
  const bool named = command.kind == Kind::kCreate && command.path.size() == 2;
  Bytes payload = bare_resources(*instance);
  if (named) {
    const Value whole = encode_instances({*instance});
    payload = to_bytes(whole);
  }
  set_payload(out, command.format.value_or(coap::format::kLwm2mTlv), std::move(payload));
  return {};
}

Json hex_json(BytesView value) {
  return Json("hex:" + to_hex(value));
}

Json value_json(const ResourceModel* model, BytesView value) {
  if (model != nullptr) {
    auto text = value_text(*model, value);
    if (text && (model->type == ValueType::kInteger || model->type == ValueType::kUnsigned || model->type == ValueType::kTime ||
                 model->type == ValueType::kBoolean)) {
      return Json::raw(*std::move(text));
    }
    if (text) return Json(*text);
  }
  const bool printable = !value.empty() && std::ranges::all_of(value, [](std::uint8_t c) { return c >= 0x20 && c < 0x7F; });
  if (printable) return Json(text_of(value));
  if (value.size() == 1 || value.size() == 2) return Json(*decode_integer(value));
  return hex_json(value);
}

Json resource_json(std::uint16_t object, const Resource& resource) {
  const ResourceModel* model = known_resource(object, resource.id);
  if (!resource.multiple) return resource.instances.empty() ? Json() : value_json(model, resource.instances[0].value);
  Json out = Json::object();
  for (const ResourceInstance& one : resource.instances) out.set(std::to_string(one.id), value_json(model, one.value));
  return out;
}

Json instance_json(std::uint16_t object, const ObjectInstance& instance) {
  Json out = Json::object();
  for (const Resource& one : instance.resources) out.set(std::to_string(one.id), resource_json(object, one));
  return out;
}

std::optional<Json> tlv_json(BytesView payload, const std::vector<std::uint16_t>& path) {
  if (path.empty()) return std::nullopt;
  const bool bare = !payload.empty() && (payload[0] & 0xC0) != 0;
  Bytes wrapped;
  if (bare && (payload[0] & 0xC0) == 0x40 && path.size() >= 3) {  // resource instances alone
    write_tlv(wrapped, TlvType::kMultipleResource, path[2], payload);
    Bytes outer;
    write_tlv(outer, TlvType::kObjectInstance, path[1], wrapped);
    wrapped = outer;
  } else if (bare) {
    write_tlv(wrapped, TlvType::kObjectInstance, path.size() > 1 ? path[1] : std::uint16_t{0}, payload);
  }
  const auto instances = parse_instances(bare ? BytesView(wrapped) : payload);
  if (!instances) return std::nullopt;
  if (path.size() >= 3 && instances->size() == 1 && instances->front().resources.size() == 1) {
    return resource_json(path[0], instances->front().resources[0]);
  }
  if (path.size() >= 2 && instances->size() == 1) return instance_json(path[0], instances->front());
  Json out = Json::object();
  for (const ObjectInstance& one : *instances) out.set(std::to_string(one.id), instance_json(path[0], one));
  return out;
}

/// A tree of values by the numbers of their paths.
struct Node {
  std::map<std::uint16_t, Node> children;
  Json value;

  Json json() const {
    if (children.empty()) return value;
    Json out = Json::object();
    for (const auto& [number, child] : children) out.set(std::to_string(number), child.json());
    return out;
  }
};

Json record_json(const SenmlRecord& record) {
  if (const ResourceModel* known = known_resource(record.path[0], record.path[2])) return value_json(known, record.value);
  if (record.type != ValueType::kNone) {
    const ResourceModel by_label{record.path[2], {}, record.type, false, false, 0};
    return record.type == ValueType::kOpaque ? hex_json(record.value) : value_json(&by_label, record.value);
  }
  const auto bits = ByteReader(record.value).number(8);
  const double number = std::bit_cast<double>(bits.value_or(0));
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);  // the shortest form, which JSON has, too
  if (error != std::errc() || !std::isfinite(number)) return hex_json(record.value);
  return Json::raw({text.data(), end});
}

/// SenML's values below the path that was asked for, in the form that TLV's have.
std::optional<Json> senml_values(BytesView payload, bool is_json, const std::vector<std::uint16_t>& path) {
  const auto records = is_json ? parse_senml_json(text_of(payload)) : parse_senml_cbor(payload);
  if (!records) return std::nullopt;
  Node top;
  for (const SenmlRecord& one : *records) {
    if (one.path.size() > 4 || one.path.size() < path.size() || !std::equal(path.begin(), path.end(), one.path.begin()))
      return std::nullopt;
    Node* at = &top;
    for (std::size_t i = path.size(); i < one.path.size(); ++i) at = &at->children[one.path[i]];
    at->value = record_json(one);
  }
  return records->empty() ? Json::object() : top.json();
}

}  // namespace

Result<Command> parse_command(std::string_view line) {
  if (line.size() > kLongestLine) return fail(ErrorCode::kRange, "a command of more than 65536 bytes");
  std::vector<std::string> words = split(line, ' ');
  if (words.empty()) return fail(ErrorCode::kMalformed, "an empty command; it must be: " + std::string(kCommandForms));
  const auto verb = std::ranges::find(kVerbs, words[0], &Verb::word);
  if (verb == kVerbs.end()) {
    return fail(ErrorCode::kMalformed, "unknown command \"" + visible(words[0]) + "\"; it must be: " + std::string(kCommandForms));
  }
  Command out;
  out.kind = verb->kind;
  if (words.size() < 2) return fail(ErrorCode::kMalformed, words[0] + ": the endpoint name is missing");
  out.endpoint = words[1];
  std::size_t next = 2;
  if (verb->most > 0) {
    const auto path = words.size() > 2 ? coap::numbers_of(split(words[2], '/')) : std::nullopt;
    if (!path || path->size() < verb->least || path->size() > verb->most) {
      return fail(ErrorCode::kMalformed, words[0] + ": a path of " + std::to_string(verb->least) + " to " + std::to_string(verb->most) +
                                             " numbers, like /3/0, must follow the endpoint name");
    }
    out.path = *path;
    next = 3;
  }
  for (; next < words.size(); ++next) {
    if (!words[next].starts_with("as=")) {
      out.words.push_back(words[next]);
      continue;
    }
    const auto format = std::ranges::find(kFormats, words[next].substr(3), &Format::word);
    if (format == kFormats.end()) return fail(ErrorCode::kMalformed, "as= must be text, opaque, tlv, old-tlv, senml-json or senml-cbor");
    out.format = format->number;
  }
  return out;
}

Result<coap::Message> message_of(const Command& command) {
  coap::Message out;
  for (const std::uint16_t one : command.path) out.add(coap::option::kUriPath, std::to_string(one));
  switch (command.kind) {
    case Kind::kRead:
    case Kind::kObserve:
    case Kind::kCancel:
      out.code = coap::kGet;
      if (command.kind == Kind::kObserve) out.add_number(coap::option::kObserve, 0);
      if (command.kind == Kind::kCancel) out.add_number(coap::option::kObserve, 1);
      if (command.format) out.add_number(coap::option::kAccept, *command.format);
      break;
    case Kind::kDiscover:
      out.code = coap::kGet;
      out.add_number(coap::option::kAccept, coap::format::kLinkFormat);
      break;
    case Kind::kDelete:
      out.code = coap::kDelete;
      break;
    case Kind::kExecute:
      out.code = coap::kPost;
      for (const std::string& one : command.words) {
        if (!out.payload.empty()) out.payload.push_back(' ');
        append(out.payload, as_bytes(one));
      }
      if (!out.payload.empty()) out.add_number(coap::option::kContentFormat, coap::format::kText);
      break;
    case Kind::kAttributes:
      out.code = coap::kPut;
      for (const std::string& one : command.words) out.add(coap::option::kUriQuery, one);
      break;
    case Kind::kWrite:
    case Kind::kUpdate:
    case Kind::kCreate: {
      out.code = command.kind == Kind::kWrite ? coap::kPut : coap::kPost;
      if (command.kind == Kind::kCreate && command.path.size() == 2) {  // POST /object, the instance named in the payload
        std::erase_if(out.options, [first = true](const coap::Option&) mutable { return !std::exchange(first, false); });
      }
      if (const auto added = add_values(out, command); !added) return tl::unexpected(added.error());
      break;
    }
    case Kind::kBootstrap:
      return fail(ErrorCode::kMalformed, "a bootstrap is not a single request");
  }
  for (const coap::Option& one : out.options) {
    if (one.value.size() > 255) return fail(ErrorCode::kRange, "a path or query of more than 255 bytes (RFC 7252 table 4)");
  }
  return out;
}

Json payload_json(const coap::Message& answer, const std::vector<std::uint16_t>& path) {
  if (answer.payload.empty()) return Json::object();
  const auto format = answer.number_in(coap::option::kContentFormat);
  if (format == coap::format::kLwm2mTlv || format == coap::format::kOldTlv) {
    if (auto values = tlv_json(answer.payload, path)) return *values;
    return hex_json(answer.payload);
  }
  if (format == coap::format::kSenmlJson || format == coap::format::kSenmlCbor) {
    if (auto values = senml_values(answer.payload, format == coap::format::kSenmlJson, path)) return *values;
  }
  const bool binary = format == coap::format::kOpaque || format == coap::format::kSenmlCbor;
  return binary ? hex_json(answer.payload) : Json(text_of(answer.payload));
}

}  // namespace uicclab::lwm2m::server
