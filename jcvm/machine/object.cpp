// SPDX-License-Identifier: Apache-2.0
// The header of an object in the store: docs/formats/java-heap.md.
#include "jcvm/machine/object.hpp"

#include <array>

namespace uicclab::jcvm::machine {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kStoredPrivileges = kPermanentEntryPoint | kIntegritySensitive;

bool is_type(std::uint8_t type) {
  return type == code::kTypeClass || (type >= code::kTypeBoolean && type <= code::kTypeReferences);
}

}  // namespace

Bytes Object::encode() const {
  std::array<std::uint8_t, kHeaderSize> header{};
  std::size_t at = 0;
  const auto put = [&](std::uint32_t value, unsigned size) {
    while (size-- > 0) header[at++] = static_cast<std::uint8_t>(value >> (8 * size));
  };
  put(kFormat, 1);
  put(type, 1);
  put(privileges & kStoredPrivileges, 1);
  put(static_cast<std::uint8_t>(lifetime), 1);
  put(owner.package, 2);
  put(owner.instance, 2);
  put(class_number, 4);
  put(length, 4);
  Bytes out;
  out.reserve(kHeaderSize + (body_stored() ? body.size() : 0));
  append(out, header);
  if (body_stored()) append(out, body);
  return out;
}

Result<Object> Object::decode(Ref number, BytesView stored) {
  const auto at = [&] { return "object " + std::to_string(number); };
  if (stored.size() < kHeaderSize) return fail(ErrorCode::kTruncated, at() + " has " + std::to_string(stored.size()) + " bytes, no header");
  if (stored[0] != kFormat) return fail(ErrorCode::kUnsupported, at() + " is of format " + std::to_string(stored[0]) + ", must be 1");
  if (!is_type(stored[1]) || stored[3] > static_cast<std::uint8_t>(Lifetime::kClearOnDeselect)) {
    return fail(ErrorCode::kMalformed, at() + ": header " + to_hex(stored.first(kHeaderSize)));
  }
  Object out;
  out.number = number;
  out.type = static_cast<code::ArrayType>(stored[1]);
  out.privileges = stored[2];
  out.lifetime = static_cast<Lifetime>(stored[3]);
  const auto u16 = [&](std::size_t offset) { return static_cast<std::uint16_t>(stored[offset] << 8 | stored[offset + 1]); };
  const auto u32 = [&](std::size_t offset) { return std::uint32_t{u16(offset)} << 16 | u16(offset + 2); };
  out.owner = {u16(4), u16(6)};
  out.class_number = u32(8);
  out.length = u32(12);
  constexpr std::uint32_t kMost = 0x7FFF;  // elements of an array, cells of an instance
  if (out.length > kMost && !(number >= kFirstStatics && number < kFirstSession))
    return fail(ErrorCode::kMalformed, at() + ": length " + std::to_string(out.length));
  out.body = to_bytes(stored.subspan(kHeaderSize));
  return out;
}

}  // namespace uicclab::jcvm::machine
