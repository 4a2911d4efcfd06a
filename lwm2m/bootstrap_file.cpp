// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/bootstrap_file.hpp"

#include <algorithm>
#include <string>

#include "core/reader.hpp"

namespace uicclab::lwm2m {
namespace {

constexpr std::size_t kHeaderSize = 4;

Result<BootstrapObject> parse_object(ByteReader& reader) {
  const std::size_t start = kHeaderSize + reader.offset();
  const auto truncated = [start] { return fail(ErrorCode::kTruncated, "an object of the bootstrap file is cut short", start); };
  const auto id = reader.u16();
  const auto major = reader.u8();
  if (!id || !major) return truncated();

  BootstrapObject object{*id, std::nullopt, {}};
  if (*major != 0) {
    const auto minor = reader.u8();
    if (!minor) return truncated();
    object.version = ObjectVersion{*major, *minor};
  }
  const auto length = reader.u16();
  const auto tlv = length ? reader.bytes(*length) : std::nullopt;
  if (!tlv) return truncated();
  auto instances = parse_instances(*tlv);
  if (!instances) {
    Error error = instances.error();
    error.offset += kHeaderSize + reader.offset() - tlv->size();
    error.text = "object " + std::to_string(*id) + ": " + error.text;
    return tl::unexpected(std::move(error));
  }
  object.instances = *std::move(instances);
  return object;
}

void write(Value& out, std::size_t number, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) out.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

}  // namespace

const BootstrapObject* BootstrapFile::find(std::uint16_t object) const {
  const auto at = std::ranges::find(objects, object, &BootstrapObject::id);
  return at == objects.end() ? nullptr : &*at;
}

Result<BootstrapFile> parse_bootstrap_file(BytesView bytes) {
  ByteReader header(bytes);
  const auto count = header.u16();
  const auto size = header.u16();
  if (!count || !size) return fail(ErrorCode::kTruncated, "a bootstrap file has at least 4 bytes");
  if (std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; })) return fail(ErrorCode::kNotFound, "a blank file");
  if (kHeaderSize + *size > kMaxBootstrapFile) return fail(ErrorCode::kRange, "a bootstrap file of more than 32 KB", 2);
  const auto content = header.bytes(*size);
  if (!content) return fail(ErrorCode::kTruncated, "the bootstrap file is shorter than its length field", 2);
  const BytesView padding = header.rest();
  const auto other = std::ranges::find_if(padding, [](std::uint8_t byte) { return byte != 0xFF; });
  if (other != padding.end()) {
    const auto at = static_cast<std::size_t>(other - padding.begin());
    return fail(ErrorCode::kTrailing, "bytes other than FF after the bootstrap file", header.offset() + at);
  }

  BootstrapFile file;
  ByteReader reader(*content);
  while (!reader.empty()) {
    const std::size_t start = kHeaderSize + reader.offset();
    auto object = parse_object(reader);
    if (!object) return tl::unexpected(object.error());
    if (file.find(object->id) != nullptr) {
      return fail(ErrorCode::kMalformed, "object " + std::to_string(object->id) + " occurs twice", start);
    }
    file.objects.push_back(*std::move(object));
  }
  if (file.objects.size() != *count) {
    return fail(ErrorCode::kMalformed, std::to_string(*count) + " objects announced, " + std::to_string(file.objects.size()) + " there");
  }
  return file;
}

Result<Value> encode_bootstrap_file(const BootstrapFile& file) {
  Value content;
  for (const BootstrapObject& object : file.objects) {
    const Value tlv = encode_instances(object.instances);
    if (tlv.size() > kMaxBootstrapFile) return fail(ErrorCode::kRange, "an object of more than 32 KB");
    write(content, object.id, 2);
    if (object.version) {
      if (object.version->major == 0) return fail(ErrorCode::kRange, "an object version must be at least 1");
      write(content, object.version->major, 1);
      write(content, object.version->minor, 1);
    } else {
      write(content, 0, 1);
    }
    write(content, tlv.size(), 2);
    content.insert(content.end(), tlv.begin(), tlv.end());
    if (kHeaderSize + content.size() > kMaxBootstrapFile) return fail(ErrorCode::kRange, "a bootstrap file of more than 32 KB");
  }
  Value out;
  write(out, file.objects.size(), 2);
  write(out, content.size(), 2);
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

}  // namespace uicclab::lwm2m
