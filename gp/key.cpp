// SPDX-License-Identifier: Apache-2.0
#include "gp/key.hpp"

#include "core/ber_tlv.hpp"
#include "core/reader.hpp"

namespace uicclab::gp {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr ber::Tag kInformation = 0xC0;
constexpr std::uint8_t kExtended = 0xFF;

}  // namespace

Bytes Key::encoded() const {
  ByteWriter out;
  out.u8(kFormat).u8(type).bytes(value.expose(crypto::ExposeSecret{"a card's keys are part of its memory"}));
  return out.take();
}

Result<Key> Key::decode(KeyVersion version, KeyId id, BytesView bytes) {
  if (bytes.size() < 2) return fail(ErrorCode::kTruncated, "a key record ends too early");
  if (bytes[0] != kFormat) return fail(ErrorCode::kUnsupported, "a key record of another format");
  auto value = crypto::SecretBytes::from(bytes.subspan(2));
  if (!value) return tl::unexpected(value.error());
  return Key{version, id, bytes[1], *std::move(value)};
}

Bytes encode_key_information(const std::vector<KeyInformation>& keys) {
  Bytes out;
  for (const KeyInformation& key : keys) {
    ber::write(out, kInformation, Bytes{key.id.value, key.version.value, key.type, static_cast<std::uint8_t>(key.length)});
  }
  return out;
}

Result<std::vector<KeyInformation>> parse_key_information(BytesView value) {
  std::vector<KeyInformation> keys;
  for (ber::Reader objects(value); !objects.empty();) {
    const auto object = objects.next();
    if (!object) return tl::unexpected(object.error());
    if (object->tag != kInformation) return fail(ErrorCode::kMalformed, "not an object C0", object->offset);
    if (object->value.empty()) continue;
    ByteReader reader(object->value);
    const auto id = reader.u8();
    const auto version = reader.u8();
    auto type = reader.u8();
    std::optional<std::uint16_t> length;
    if (type == kExtended) {
      type = reader.u8();
      length = reader.u16();
    } else if (const auto one = reader.u8()) {
      length = *one;
    }
    if (!version || !type || !length) return fail(ErrorCode::kTruncated, "key information ends too early", object->offset);
    keys.push_back({KeyId{*id}, KeyVersion{*version}, *type, *length});
  }
  return keys;
}

}  // namespace uicclab::gp
