// SPDX-License-Identifier: Apache-2.0
// The content that an MCIM object protects: docs/formats/mcim.md.
#include <algorithm>

#include "core/crypto/aes.hpp"
#include "core/reader.hpp"
#include "core/utf8.hpp"
#include "mcim/object.hpp"

namespace uicclab::mcim {
namespace {

using crypto::SecretBytes;
using crypto::WipedBytes;

enum Field : std::uint8_t { kNonce = 1, kImsi, kKi, kAlgorithm, kOpc, kTarget, kToken, kNotAfter };
constexpr crypto::ExposeSecret kPack{"a subscription is packed for its device"};
constexpr std::size_t kVersionSize = 2;

void number(WipedBytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}
void field(WipedBytes& out, Field tag, BytesView value) {
  if (value.size() > 0xFFFF) throw SystemError("an MCIM field of more than 65535 bytes");
  out.push_back(tag);
  number(out, value.size(), 2);
  out.insert(out.end(), value.begin(), value.end());
}

bool is_key_size(std::size_t size) {
  return size == 16 || size == 32;
}
bool is_imsi(std::string_view imsi) {
  return imsi.size() >= 6 && imsi.size() <= 15 && std::ranges::all_of(imsi, [](char c) { return c >= '0' && c <= '9'; });
}

/// One field into the subscription; false if its value is invalid.
bool take(Subscription& out, std::uint8_t tag, BytesView value) {
  switch (tag) {
    case kNonce:
      if (value.size() != out.nonce.size()) return false;
      std::ranges::copy(value, out.nonce.begin());
      return true;
    case kImsi:
      out.imsi.assign(value.begin(), value.end());
      return is_imsi(out.imsi);
    case kKi:
      if (!is_key_size(value.size())) return false;
      out.ki = SecretBytes(value);
      return true;
    case kAlgorithm:
      if (value.size() != 1 || value[0] < 1 || value[0] > 3) return false;
      out.algorithm = static_cast<Algorithm>(value[0]);
      return true;
    case kOpc:
      if (!is_key_size(value.size())) return false;
      out.opc = SecretBytes(value);
      return true;
    case kTarget:
      if (first_non_utf8(value)) return false;
      out.target.assign(value.begin(), value.end());
      return true;
    case kToken:
      if (value.size() > SecretBytes::kCapacity) return false;
      out.token = SecretBytes(value);
      return true;
    case kNotAfter:
      if (value.size() != 8 || (value[0] & 0x80) != 0) return false;
      out.not_after = std::chrono::sys_seconds(std::chrono::seconds(static_cast<std::int64_t>(*ByteReader(value).number(8))));
      return true;
    default:
      return false;  // of a newer format: better no subscription than half a one
  }
}

}  // namespace

WipedBytes encode_subscription(const Subscription& subscription) {
  if (!is_imsi(subscription.imsi) || !is_key_size(subscription.ki.size()) ||
      (!subscription.opc.empty() && !is_key_size(subscription.opc.size()))) {
    throw SystemError("encode_subscription: no IMSI, or a key of a wrong size");
  }
  WipedBytes out;
  field(out, kNonce, subscription.nonce);
  field(out, kImsi, as_bytes(subscription.imsi));
  field(out, kKi, subscription.ki.expose(kPack));
  field(out, kAlgorithm, Bytes{static_cast<std::uint8_t>(subscription.algorithm)});
  if (!subscription.opc.empty()) field(out, kOpc, subscription.opc.expose(kPack));
  if (!subscription.target.empty()) field(out, kTarget, as_bytes(subscription.target));
  if (!subscription.token.empty()) field(out, kToken, subscription.token.expose(kPack));
  if (subscription.not_after) {
    field(out, kNotAfter, ByteWriter().number(static_cast<std::uint64_t>(subscription.not_after->time_since_epoch().count()), 8).view());
  }
  return out;
}

Result<Subscription> parse_subscription(BytesView payload) {
  Subscription out;
  ByteReader reader(payload);
  std::uint8_t last = 0;
  bool nonce = false, algorithm = false;
  while (!reader.empty()) {
    const std::size_t start = reader.offset();
    const auto tag = reader.u8();
    const auto size = reader.u16();
    const auto value = size ? reader.bytes(*size) : std::nullopt;
    if (!value) return fail(ErrorCode::kTruncated, "a field that does not end", start);
    if (*tag <= last || !take(out, *tag, *value)) return fail(ErrorCode::kMalformed, "field " + std::to_string(*tag), start);
    last = *tag;
    nonce = nonce || *tag == kNonce;
    algorithm = algorithm || *tag == kAlgorithm;
  }
  if (!nonce || !algorithm || out.imsi.empty() || out.ki.empty())
    return fail(ErrorCode::kMalformed, "a subscription without a field that it needs");
  return out;
}

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
