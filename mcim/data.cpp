// SPDX-License-Identifier: Apache-2.0
// data = tag | payload_length | payload | version | filling_data: docs/formats/mcim.md.
#include <algorithm>

#include "core/crypto/aes.hpp"
#include "core/reader.hpp"
#include "mcim/object.hpp"

namespace uicclab::mcim {
namespace {

using crypto::WipedBytes;

constexpr std::size_t kVersionSize = 2;

void number(WipedBytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

WipedBytes encode_data(const Data& data) {
  WipedBytes out;
  out.push_back(static_cast<std::uint8_t>(data.tag));
  number(out, data.payload.size(), 4);
  out.insert(out.end(), data.payload.begin(), data.payload.end());
  number(out, data.version, kVersionSize);
  out.resize((out.size() + crypto::kAesBlockSize - 1) / crypto::kAesBlockSize * crypto::kAesBlockSize, 0);
  return out;
}

Result<Data> parse_data(BytesView bytes) {
  ByteReader reader(bytes);
  const auto tag = reader.u8();
  const auto size = reader.u32();
  const auto payload = size ? reader.bytes(*size) : std::nullopt;
  const auto version = payload ? reader.u16() : std::nullopt;
  if (!version) return fail(ErrorCode::kTruncated, "data shorter than its length field");
  if (*tag < 1 || *tag > 4) return fail(ErrorCode::kMalformed, "data of an unknown kind");
  if (bytes.size() % crypto::kAesBlockSize != 0 || reader.remaining() >= crypto::kAesBlockSize ||
      std::ranges::any_of(reader.rest(), [](std::uint8_t byte) { return byte != 0; })) {
    return fail(ErrorCode::kMalformed, "filling that is not the shortest, or not zero", reader.offset());
  }
  return Data{static_cast<Tag>(*tag), crypto::to_wiped(*payload), *version};
}

}  // namespace uicclab::mcim
