// SPDX-License-Identifier: Apache-2.0
#include "ef/codec.hpp"

#include <algorithm>

#include "ef/codec_groups.hpp"

namespace uicclab::ef {
namespace {

std::string text_of(const Fault& fault) {
  return (fault.field.empty() ? "" : fault.field + ": ") + fault.what;
}

const Codec* with_name(std::string_view name, std::string_view path, bool by_index = false) {
  const auto found = std::ranges::find_if(
      codecs(), [&](const Codec& codec) { return codec.name == name && path.starts_with(codec.below) && codec.by_index == by_index; });
  if (found == codecs().end()) return by_index ? with_name(name, path) : nullptr;
  return &*found;
}

}  // namespace

const std::vector<Codec>& codecs() {
  static const std::vector<Codec> all = [] {
    std::vector<Codec> out;
    for (const auto& group : {card_codecs(), subscriber_codecs(), network_codecs(), telephony_codecs(), security_codecs(), ims_codecs(),
                              lwm2m_codecs(), phonebook_codecs()}) {
      out.insert(out.end(), group.begin(), group.end());
    }
    return out;
  }();
  return all;
}

const Codec* codec_of(std::string_view path, const FileName& name) {
  return name.name.empty() ? nullptr : with_name(name.name, path, name.by_index);
}

const Codec* codec_of(std::string_view path) {
  if (const auto name = name_of_file(path, std::nullopt); !name.name.empty()) return codec_of(path, name);
  // A file in a directory that no standard knows is another file, whatever its identifier.
  if (path.size() != 4) return nullptr;
  const auto first = std::ranges::find_if(
      catalogue(), [&](const File& file) { return file.structure != Structure::kDirectory && file.path.ends_with(path); });
  return first == catalogue().end() ? nullptr : with_name(first->name, first->path);
}

Decoded decode(const Codec& codec, BytesView content) {
  const auto value = codec.type.decode(content);
  if (!value) return {{}, Error{value.error().code, text_of(value.error()), value.error().offset}, false};
  const auto again = codec.type.encode(*value, content.size());
  return {*value, std::nullopt, again && *again == to_bytes(content)};
}

Result<Bytes> encode(const Codec& codec, const Value& value, std::optional<std::size_t> size) {
  auto bytes = codec.type.encode(value, size);
  if (!bytes) return fail(bytes.error().code, text_of(bytes.error()));
  if (size && bytes->size() != *size) {
    return fail(ErrorCode::kRange, "is " + std::to_string(bytes->size()) + " bytes, the file has " + std::to_string(*size));
  }
  return *std::move(bytes);
}

Value shown(std::string_view path, BytesView content) {
  return shown(codec_of(path), content);
}

Value shown(const Codec* codec, BytesView content) {
  Value out{Members()};
  if (codec == nullptr) {
    out.set("raw", to_hex(content));
    return out;
  }
  Decoded decoded = decode(*codec, content);
  if (decoded.wrong) {
    out.set("raw", to_hex(content));
    out.set("error", decoded.wrong->text + " (at byte " + std::to_string(decoded.wrong->offset) + ")");
    return out;
  }
  if (!decoded.canonical && decoded.value.members() != nullptr) decoded.value.set("raw", to_hex(content));
  return decoded.value;
}

}  // namespace uicclab::ef
