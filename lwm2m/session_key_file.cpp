// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/session_key_file.hpp"

#include <algorithm>

#include "core/crypto/sealed_storage.hpp"
#include "core/reader.hpp"
#include "ota/crc.hpp"

namespace uicclab::lwm2m {
namespace {

using crypto::SecretBytes;

constexpr std::uint8_t kFormat = 0x01;
constexpr std::size_t kHeaderSize = 3;  // format, length
constexpr std::size_t kCrcSize = 4;
constexpr std::size_t kCntrSize = 5;
constexpr std::uint64_t kMaxCntr = 0xFF'FFFF'FFFF;
constexpr std::string_view kLabel = "session keys";
constexpr crypto::ExposeSecret kWrite{"session keys are written into their file"};

bool is_key_size(std::size_t size) {
  return size == 16 || size == 24;
}

}  // namespace

Result<Bytes> encode_session_keys(const SessionKeyRecord& record) {
  const SmsKeys& keys = record.keys;
  if (!is_key_size(keys.kic.size()) || keys.kid.size() != keys.kic.size())
    return fail(ErrorCode::kRange, "session keys have 16 or 24 bytes");
  if (record.sent > kMaxCntr || record.received > kMaxCntr) return fail(ErrorCode::kRange, "a counter has 5 bytes");
  if (record.lifetime.count() < 0 || record.lifetime.count() > 0xFFFF'FFFF) return fail(ErrorCode::kRange, "a lifetime has 4 bytes");
  ByteWriter content;
  content.u32(record.generation).u8(record.kic).u8(record.kid).u32(static_cast<std::uint32_t>(record.lifetime.count()));
  content.lv(keys.kic.expose(kWrite)).lv(keys.kid.expose(kWrite)).number(record.sent, kCntrSize).number(record.received, kCntrSize);
  ByteWriter out;
  out.u8(kFormat).u16(static_cast<std::uint16_t>(content.size())).bytes(content.view());
  out.u32(ota::crc32({out.view()}));
  Bytes plain = content.take();
  crypto::wipe(plain);
  return out.take();
}

Result<SessionKeyRecord> parse_session_keys(BytesView bytes) {
  if (std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; })) return fail(ErrorCode::kNotFound, "a blank file");
  if (bytes.size() < kHeaderSize) return fail(ErrorCode::kTruncated, "a session-key file has at least 3 bytes");
  if (bytes[0] != kFormat) return fail(ErrorCode::kUnsupported, "another format of session-key file");
  const std::size_t size = std::size_t{bytes[1]} << 8 | bytes[2];
  if (bytes.size() < kHeaderSize + size + kCrcSize)
    return fail(ErrorCode::kTruncated, "the session-key file is shorter than its length field");
  ByteReader crc(bytes.subspan(kHeaderSize + size));
  if (*crc.u32() != ota::crc32({bytes.first(kHeaderSize + size)})) return fail(ErrorCode::kMismatch, "the session-key file is not whole");
  if (std::ranges::any_of(crc.rest(), [](std::uint8_t byte) { return byte != 0xFF; })) {
    return fail(ErrorCode::kTrailing, "bytes other than FF after the session keys", kHeaderSize + size + kCrcSize);
  }

  ByteReader reader(bytes.subspan(kHeaderSize, size));
  const auto generation = reader.u32();
  const auto kic = reader.u8();
  const auto kid = reader.u8();
  const auto lifetime = reader.u32();
  const auto cipher_key = reader.lv();
  const auto check_key = reader.lv();
  const auto sent = reader.number(kCntrSize);
  const auto received = reader.number(kCntrSize);
  if (!generation || !kic || !kid || !lifetime || !cipher_key || !check_key || !sent || !received || !reader.empty() ||
      !is_key_size(cipher_key->size()) || check_key->size() != cipher_key->size()) {
    return fail(ErrorCode::kMalformed, "a session-key file with other fields", kHeaderSize);
  }
  SessionKeyRecord record{*generation, *kic,     *kid, std::chrono::seconds(*lifetime), {SecretBytes(*cipher_key), SecretBytes(*check_key)},
                          *sent,       *received};
  if (has_equal_des_keys(record.keys.kic) || has_equal_des_keys(record.keys.kid)) {
    return fail(ErrorCode::kRefused, "a triple DES key with two equal keys");
  }
  return record;
}

Result<Bytes> seal_session_keys(const SessionKeyRecord& record, const SecretBytes& storage_key, Random& random) {
  auto plain = encode_session_keys(record);
  if (!plain) return plain;
  Bytes out = crypto::seal(*plain, kLabel, storage_key, random);
  crypto::wipe(*plain);
  return out;
}

Result<SessionKeyRecord> open_session_keys(BytesView sealed, const SecretBytes& storage_key) {
  const auto plain = crypto::open_sealed(sealed, kLabel, storage_key);
  auto record = plain ? parse_session_keys(*plain) : fail(ErrorCode::kMismatch, "");
  if (!record) return fail(ErrorCode::kMismatch, "no session keys encrypted with this key");
  return record;
}

}  // namespace uicclab::lwm2m
