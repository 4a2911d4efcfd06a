// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/coap.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "core/reader.hpp"

namespace uicclab::lwm2m::coap {
namespace {

constexpr std::size_t kLongestToken = 8;
constexpr std::uint8_t kPayloadMarker = 0xFF;

struct Named {
  Code code;
  std::string_view text;
};
constexpr auto kNames = std::to_array<Named>({{kEmpty, "Empty"},
                                              {kGet, "GET"},
                                              {kPost, "POST"},
                                              {kPut, "PUT"},
                                              {kDelete, "DELETE"},
                                              {kCreated, "Created"},
                                              {kDeleted, "Deleted"},
                                              {code_of(2, 3), "Valid"},
                                              {kChanged, "Changed"},
                                              {kContent, "Content"},
                                              {kContinue, "Continue"},
                                              {kBadRequest, "Bad Request"},
                                              {code_of(4, 1), "Unauthorized"},
                                              {kBadOption, "Bad Option"},
                                              {code_of(4, 3), "Forbidden"},
                                              {kNotFound, "Not Found"},
                                              {kMethodNotAllowed, "Method Not Allowed"},
                                              {kNotAcceptable, "Not Acceptable"},
                                              {code_of(4, 8), "Request Entity Incomplete"},
                                              {code_of(4, 12), "Precondition Failed"},
                                              {code_of(4, 13), "Request Entity Too Large"},
                                              {code_of(4, 15), "Unsupported Content-Format"},
                                              {code_of(5, 0), "Internal Server Error"},
                                              {code_of(5, 1), "Not Implemented"},
                                              {code_of(5, 2), "Bad Gateway"},
                                              {code_of(5, 3), "Service Unavailable"},
                                              {code_of(5, 4), "Gateway Timeout"},
                                              {code_of(5, 5), "Proxying Not Supported"}});

/// Delta and length have four bits and up to two bytes more (clause 3.1).
std::optional<std::uint32_t> extended(ByteReader& reader, std::uint8_t nibble) {
  if (nibble < 13) return nibble;
  if (nibble == 13) {
    const auto more = reader.u8();
    return more ? std::optional<std::uint32_t>(13U + *more) : std::nullopt;
  }
  const auto more = reader.u16();
  return more ? std::optional<std::uint32_t>(269U + *more) : std::nullopt;
}

std::uint8_t nibble_of(std::size_t value) {
  return static_cast<std::uint8_t>(value < 13 ? value : value < 269 ? 13 : 14);
}

void write_extension(Bytes& out, std::size_t value) {
  if (value >= 269) {
    out.push_back(static_cast<std::uint8_t>((value - 269) >> 8));
    out.push_back(static_cast<std::uint8_t>(value - 269));
  } else if (value >= 13) {
    out.push_back(static_cast<std::uint8_t>(value - 13));
  }
}

Result<void> read_options(ByteReader& reader, Message& message) {
  std::uint32_t number = 0;
  while (!reader.empty()) {
    const std::size_t offset = reader.offset();
    const std::uint8_t head = *reader.u8();
    if (head == kPayloadMarker) {
      if (reader.empty()) return fail(ErrorCode::kMalformed, "a payload marker without a payload", offset);
      message.payload = to_bytes(reader.rest());
      return {};
    }
    const auto delta_nibble = static_cast<std::uint8_t>(head >> 4);
    const auto length_nibble = static_cast<std::uint8_t>(head & 0x0F);
    if (delta_nibble == 15 || length_nibble == 15) return fail(ErrorCode::kMalformed, "an option with a reserved delta or length", offset);
    const auto delta = extended(reader, delta_nibble);
    const auto length = extended(reader, length_nibble);
    const auto value = delta && length ? reader.bytes(*length) : std::nullopt;
    if (!value) return fail(ErrorCode::kTruncated, "an option is longer than the message", offset);
    number += *delta;
    if (number > 0xFFFF) return fail(ErrorCode::kMalformed, "an option number over 65535", offset);
    message.options.push_back({static_cast<std::uint16_t>(number), to_bytes(*value)});
  }
  return {};
}

}  // namespace

std::string name(Code code) {
  std::string out = std::to_string(code.kind()) + (code.detail() < 10 ? ".0" : ".") + std::to_string(code.detail());
  const auto named = std::ranges::find(kNames, code, &Named::code);
  return named == kNames.end() ? out : out + " " + std::string(named->text);
}

void Message::add(std::uint16_t number, BytesView value) {
  const auto behind = std::ranges::upper_bound(options, number, {}, &Option::number);
  options.insert(behind, Option{number, to_bytes(value)});
}

void Message::add_number(std::uint16_t number, std::uint32_t value) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (!bytes.empty() || value >> shift != 0) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
  }
  add(number, bytes);
}

const Option* Message::find(std::uint16_t number) const {
  const auto found = std::ranges::find(options, number, &Option::number);
  return found == options.end() ? nullptr : &*found;
}

std::optional<std::uint32_t> Message::number_in(std::uint16_t number) const {
  const Option* found = find(number);
  if (found == nullptr || found->value.size() > 4) return std::nullopt;
  return static_cast<std::uint32_t>(*ByteReader(found->value).number(found->value.size()));
}

std::vector<std::string> Message::texts(std::uint16_t number) const {
  std::vector<std::string> out;
  for (const Option& one : options) {
    if (one.number == number) out.emplace_back(one.value.begin(), one.value.end());
  }
  return out;
}

std::optional<std::uint16_t> unknown_critical(const Message& message) {
  using namespace option;
  constexpr std::array<std::uint16_t, 7> kOfRequest{kUriHost, kUriPort, kUriPath, kUriQuery, kAccept, kBlock2, kBlock1};
  constexpr std::array<std::uint16_t, 2> kOfResponse{kBlock2, kBlock1};
  const std::span<const std::uint16_t> known =
      message.code.is_request() ? std::span<const std::uint16_t>(kOfRequest) : std::span<const std::uint16_t>(kOfResponse);
  const Option* before = nullptr;
  for (const Option& one : message.options) {
    const bool repeatable = one.number == kUriPath || one.number == kUriQuery;
    const bool repeated = before != nullptr && before->number == one.number && !repeatable;
    before = &one;
    if (is_critical(one.number) && (repeated || std::ranges::find(known, one.number) == known.end())) return one.number;
  }
  return std::nullopt;
}

Result<void> check_lengths(const Message& message) {
  struct Row {
    std::uint16_t number;
    std::size_t least, most;
    const char* name;
  };
  static constexpr auto kRows = std::to_array<Row>({{option::kUriHost, 1, 255, "Uri-Host"},
                                                    {option::kLocationPath, 0, 255, "Location-Path"},
                                                    {option::kUriPath, 0, 255, "Uri-Path"},
                                                    {option::kUriQuery, 0, 255, "Uri-Query"}});
  for (const Option& one : message.options) {
    const auto row = std::ranges::find(kRows, one.number, &Row::number);
    if (row == kRows.end() || (one.value.size() >= row->least && one.value.size() <= row->most)) continue;
    return fail(ErrorCode::kRange, std::string(row->name) + " of " + std::to_string(one.value.size()) + " bytes, must be " +
                                       std::to_string(row->least) + " to " + std::to_string(row->most) + " (RFC 7252 table 4)");
  }
  return {};
}

Message answer_of(Code code, std::string_view diagnostic) {
  Message out;
  out.code = code;
  out.payload = to_bytes(as_bytes(diagnostic));
  return out;
}

Message empty_message(Type type, std::uint16_t id) {
  Message out;
  out.type = type;
  out.id = id;
  return out;
}

void add_path(Message& message, std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    message.add(option::kUriPath, path.substr(at, end - at));
    at = end + 1;
  }
}

std::string path_of(const Message& message) {
  std::string out;
  for (const std::string& one : message.texts(option::kUriPath)) out += "/" + one;
  return out.empty() ? "/" : out;
}

std::optional<std::vector<std::uint16_t>> numbers_of(const std::vector<std::string>& path) {
  std::vector<std::uint16_t> out;
  for (const std::string& one : path) {
    if (one.empty() && path.size() == 1) break;  // "/"
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(one.data(), one.data() + one.size(), number);
    if (error != std::errc() || end != one.data() + one.size() || one.empty()) return std::nullopt;
    out.push_back(number);
  }
  if (out.size() > 4) return std::nullopt;
  return out;
}

Result<Message> parse(BytesView datagram) {
  ByteReader reader(datagram);
  const auto head = reader.u8();
  const auto code = reader.u8();
  const auto id = reader.u16();
  if (!head || !code || !id) return fail(ErrorCode::kTruncated, "a message has at least four bytes");
  if (*head >> 6 != 1) return fail(ErrorCode::kUnsupported, "another version of CoAP");
  Message out;
  out.type = static_cast<Type>(*head >> 4 & 0x03);
  out.code = {*code};
  out.id = *id;
  const auto token_size = static_cast<std::size_t>(*head & 0x0F);
  if (token_size > kLongestToken) return fail(ErrorCode::kMalformed, "a token over 8 bytes");
  if (out.code == kEmpty && (token_size != 0 || !reader.empty())) return fail(ErrorCode::kMalformed, "an empty message with content", 4);
  const auto token = reader.bytes(token_size);
  if (!token) return fail(ErrorCode::kTruncated, "the token is longer than the message", 4);
  out.token = to_bytes(*token);
  if (const auto read = read_options(reader, out); !read) return tl::unexpected(read.error());
  return out;
}

Bytes encode(const Message& message) {
  if (message.token.size() > kLongestToken) throw SystemError("a CoAP token has up to 8 bytes");
  Bytes out{static_cast<std::uint8_t>(0x40U | static_cast<unsigned>(message.type) << 4 | message.token.size()), message.code.value,
            static_cast<std::uint8_t>(message.id >> 8), static_cast<std::uint8_t>(message.id)};
  out.insert(out.end(), message.token.begin(), message.token.end());
  std::uint16_t before = 0;
  for (const Option& one : message.options) {
    if (one.number < before || one.value.size() > 65804) throw SystemError("CoAP options out of order or too long");
    const auto delta = static_cast<std::size_t>(one.number - before);
    before = one.number;
    out.push_back(static_cast<std::uint8_t>(nibble_of(delta) << 4 | nibble_of(one.value.size())));
    write_extension(out, delta);
    write_extension(out, one.value.size());
    out.insert(out.end(), one.value.begin(), one.value.end());
  }
  if (message.payload.empty()) return out;
  out.push_back(kPayloadMarker);
  out.insert(out.end(), message.payload.begin(), message.payload.end());
  return out;
}

std::optional<Block> block_in(const Message& message, std::uint16_t number) {
  const Option* found = message.find(number);
  const auto value = message.number_in(number);
  if (!value || found->value.size() > 3 || (*value & 0x07) == 7) return std::nullopt;
  return Block{*value >> 4, (*value & 0x08) != 0, static_cast<std::uint8_t>(*value & 0x07)};
}

std::uint8_t block_exponent_for(const Message& message, std::size_t room) {
  Message head = message;
  head.payload.clear();
  head.token.resize(kLongestToken);
  std::erase_if(head.options, [](const Option& one) { return one.number == option::kBlock1 || one.number == option::kBlock2; });
  constexpr std::size_t kBlockOption = 5, kMarker = 1;  // with its extended delta, and three bytes of value
  const std::size_t used = encode(head).size() + kBlockOption + kMarker;
  std::uint8_t exponent = 6;
  while (exponent > 0 && used + (std::size_t{16} << exponent) > room) --exponent;
  return exponent;
}

void add_block(Message& message, std::uint16_t number, const Block& block) {
  message.add_number(number, block.number << 4 | (block.more ? 0x08U : 0U) | block.size_exponent);
}

}  // namespace uicclab::lwm2m::coap
