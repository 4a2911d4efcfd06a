// SPDX-License-Identifier: Apache-2.0
#include "ota/wap_push.hpp"

#include <algorithm>

#include "core/environment.hpp"
#include "core/reader.hpp"
#include "ota/sms_reassembler.hpp"

namespace uicclab::ota {
namespace {

constexpr std::uint8_t kPushPdu = 0x06;            // WAP-230 table 34
constexpr std::uint8_t kShort = 0x80;              // a short integer, a well-known header
constexpr std::uint8_t kApplicationHeader = 0x2F;  // X-WAP-Application-ID, table 39
constexpr std::uint8_t kLengthQuote = 0x1F;
constexpr std::uint8_t kQuote = 0x7F;
constexpr std::uint8_t kClass1Data = 0xF5;  // 3GPP TS 23.038 clause 4: 8 bit data, class 1
constexpr std::size_t kLongest = 255 * kMaxUserData;

tl::unexpected<Error> truncated(std::size_t offset) {
  return fail(ErrorCode::kTruncated, "a WAP push that ends too early", offset);
}

std::optional<std::size_t> read_uintvar(ByteReader& in) {
  std::size_t number = 0;
  for (int i = 0; i < 5; ++i) {
    const auto byte = in.u8();
    if (!byte) return std::nullopt;
    number = number << 7 | (*byte & 0x7F);
    if ((*byte & 0x80) == 0) return number;
  }
  return std::nullopt;
}

/// One value, whatever it is, as it is coded (WAP-230 clause 8.4.1.2): by a length, one octet, or a text.
std::optional<BytesView> read_value(ByteReader& in) {
  const BytesView rest = in.rest();
  const auto first = in.peek();
  if (!first) return std::nullopt;
  std::size_t size = 1;
  if (*first < kLengthQuote) {
    size = 1 + std::size_t{*first};
  } else if (*first == kLengthQuote) {
    ByteReader length(rest.subspan(1));
    const auto number = read_uintvar(length);
    if (!number || *number > rest.size()) return std::nullopt;
    size = 1 + length.offset() + *number;
  } else if (*first < kShort) {
    const auto end = std::ranges::find(rest, std::uint8_t{0});
    if (end == rest.end()) return std::nullopt;
    size = static_cast<std::size_t>(end - rest.begin()) + 1;
  }
  return in.bytes(size);
}

std::string text_of(BytesView value) {
  if (!value.empty() && value[0] == kQuote) value = value.subspan(1);
  return {value.begin(), value.end() - (value.empty() ? 0 : 1)};
}

Result<void> read_headers(BytesView headers, std::size_t offset, WapPush& out) {
  ByteReader in(headers);
  const auto type = read_value(in);
  if (!type) return truncated(offset);
  out.content_type = to_bytes(*type);
  while (!in.empty()) {
    const std::size_t start = offset + in.offset();
    const auto name = read_value(in);
    const auto value = name ? read_value(in) : std::nullopt;
    if (!value) return truncated(start);
    if ((*name)[0] != (kShort | kApplicationHeader)) continue;
    if (out.application) return fail(ErrorCode::kMalformed, "two X-WAP-Application-ID", start);
    const std::uint8_t first = (*value)[0];
    if ((first & kShort) != 0) {
      out.application = static_cast<std::uint8_t>(first & 0x7F);
    } else if (first > kLengthQuote) {
      out.application = text_of(*value);
    } else {
      return fail(ErrorCode::kUnsupported, "an X-WAP-Application-ID of more than 7 bits", start);
    }
  }
  return {};
}

}  // namespace

Bytes wsp_media_text(std::string_view media_type) {
  Bytes out = to_bytes(as_bytes(media_type));
  out.push_back(0);
  return out;
}

Bytes wsp_uintvar(std::size_t number) {
  Bytes out{static_cast<std::uint8_t>(number & 0x7F)};
  while ((number >>= 7) != 0) out.insert(out.begin(), static_cast<std::uint8_t>(0x80 | (number & 0x7F)));
  return out;
}

Bytes encode_wap_push(const WapPush& push) {
  ByteWriter headers;
  headers.bytes(push.content_type);
  if (push.application) {
    headers.u8(kShort | kApplicationHeader);
    if (const auto* number = std::get_if<std::uint8_t>(&*push.application)) {
      headers.u8(static_cast<std::uint8_t>(kShort | *number));
    } else {
      const std::string& uri = std::get<std::string>(*push.application);
      const auto first = static_cast<std::uint8_t>(uri.empty() ? '\0' : uri[0]);
      if (first <= kLengthQuote || first >= kQuote) headers.u8(kQuote);
      headers.bytes(as_bytes(uri)).u8(0);
    }
  }
  return concat({Bytes{push.transaction, kPushPdu}, wsp_uintvar(headers.size()), headers.view(), push.body});
}

Result<WapPush> parse_wap_push(BytesView pdu) {
  ByteReader in(pdu);
  WapPush out;
  const auto transaction = in.u8();
  const auto type = in.u8();
  if (!transaction || !type) return truncated(0);
  if (*type != kPushPdu) return fail(ErrorCode::kUnsupported, "a WSP PDU of type " + std::to_string(*type) + ", must be Push (6)", 1);
  out.transaction = *transaction;
  const auto size = read_uintvar(in);
  const std::size_t start = in.offset();
  const auto headers = size ? in.bytes(*size) : std::nullopt;
  if (!headers) return truncated(start);
  if (const auto read = read_headers(*headers, start, out); !read) return tl::unexpected(read.error());
  out.body = to_bytes(in.rest());
  return out;
}

Result<std::vector<SmsDeliver>> wap_push_messages(const WapPush& push, const Address& originator, std::uint16_t reference) {
  ByteWriter ports;
  ports.u16(kWapPushPort).u16(kWapPushSourcePort);
  const UserData whole{{{iei::kPorts16, ports.take()}}, encode_wap_push(push)};
  const auto parts = split(whole, reference);
  if (!parts) return tl::unexpected(parts.error());
  std::vector<SmsDeliver> out;
  for (const UserData& part : *parts) {
    SmsDeliver message;
    message.originator = originator;
    message.no_more_messages = out.size() + 1 == parts->size();
    message.body.pid = pid::kShortMessage;
    message.body.dcs = kClass1Data;
    if (auto set = message.body.set_user_data(part); !set) return tl::unexpected(set.error());
    out.push_back(std::move(message));
  }
  return out;
}

Result<WapPush> wap_push_of(const std::vector<SmsDeliver>& parts) {
  const ManualClock clock;  // all parts are there: none is too old
  Reassembler reassembler(clock, {.messages = 1, .bytes = kLongest, .age = std::chrono::minutes(10)});
  std::optional<UserData> whole;
  for (const SmsDeliver& one : parts) {
    if (whole) return fail(ErrorCode::kTrailing, "unexpected short messages after the last part");
    const auto data = one.body.parsed_user_data();
    if (!data) return tl::unexpected(data.error());
    whole = reassembler.add(one.originator, *data).message;
  }
  if (!whole) return fail(ErrorCode::kTruncated, "parts of the message are missing");
  const InformationElement* ports = whole->find(iei::kPorts16);
  if (ports == nullptr || ports->value.size() != 4 || ByteReader(ports->value).u16() != kWapPushPort) {
    return fail(ErrorCode::kRefused, "no WAP push: its port must be " + std::to_string(kWapPushPort));
  }
  return parse_wap_push(whole->payload);
}

}  // namespace uicclab::ota
