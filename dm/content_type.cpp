// SPDX-License-Identifier: Apache-2.0
// Content types of bootstrap documents: OMA-TS-DM_Security clause 5.7.2.1; WAP-230-WSP clauses 8.4.2.1 to 8.4.2.4 and 8.4.2.24.
#include <algorithm>
#include <array>

#include "core/ascii.hpp"
#include "core/reader.hpp"
#include "dm/bootstrap_security.hpp"
#include "dm/security_names.hpp"

namespace uicclab::dm {
namespace {

constexpr std::string_view kHeaderName = "content-type:";
constexpr std::string_view kSec = "SEC";
constexpr std::string_view kMac = "MAC";
constexpr std::uint8_t kShort = 0x80;         ///< a short integer has bit 8 set
constexpr std::uint8_t kQuote = 0x7F;         ///< before a text that begins with a byte from 80
constexpr std::uint8_t kLengthQuote = 0x1F;   ///< before a length of more than 30
constexpr std::uint8_t kSecParameter = 0x11;  ///< WAP-230 table 38
constexpr std::uint8_t kMacParameter = 0x12;

struct WellKnownMedia {
  std::uint8_t number;
  std::string_view name;
};
/// WAP-230 table 40 and the WINA registry.
constexpr std::array kMedia{WellKnownMedia{0x36, kCpMediaType}, WellKnownMedia{0x42, kDmMediaType},
                            WellKnownMedia{0x43, "application/vnd.syncml.dm+xml"}, WellKnownMedia{0x35, "text/vnd.wap.connectivity-xml"}};

std::string_view unquoted(std::string_view text) {
  return text.size() >= 2 && text.starts_with('"') && text.ends_with('"') ? text.substr(1, text.size() - 2) : text;
}

bool is_mac_text(std::string_view text) {
  return text.size() == 2 * sizeof(crypto::Sha1Digest) && std::ranges::all_of(text, [](char c) { return detail::hex_value(c) >= 0; });
}

/// One parameter by its name.
Result<void> set(DmContentType& type, std::string_view name, std::string_view value) {
  if (same_but_for_case(name, kSec)) {
    if (type.sec) return fail(ErrorCode::kMalformed, "SEC occurs twice");
    const auto sec = parse_sec(value);
    if (!sec) return tl::unexpected(sec.error());
    type.sec = *sec;
  } else if (same_but_for_case(name, kMac)) {
    if (!type.mac.empty()) return fail(ErrorCode::kMalformed, "MAC occurs twice");
    if (!is_mac_text(value)) return fail(ErrorCode::kMalformed, "a MAC is 40 hexadecimal digits");
    type.mac = value;
  }
  return {};
}

/// Type and subtype of the characters that RFC 6838 clause 4.2 lets them have.
bool is_media_type(std::string_view text) {
  constexpr std::string_view kOthers = "!#$&-^_.+";
  const auto fits = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kOthers.find(c) != std::string_view::npos;
  };
  const std::size_t slash = text.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == text.size()) return false;
  return std::ranges::all_of(text.substr(0, slash), fits) && std::ranges::all_of(text.substr(slash + 1), fits);
}

Result<DmContentType> checked(DmContentType type) {
  if (!is_media_type(type.media_type)) return fail(ErrorCode::kMalformed, "no media type");
  type.media_type = lower(type.media_type);
  if (type.media_type.ends_with("xml") && !type.media_type.ends_with("wbxml"))
    return fail(ErrorCode::kRefused, "a bootstrap document must not be XML");
  return type;
}

void write_text(ByteWriter& out, std::string_view text) {
  out.bytes(as_bytes(text)).u8(0);
}

// --- reading WSP ---

tl::unexpected<Error> truncated(std::size_t offset) {
  return fail(ErrorCode::kTruncated, "a content type that ends too early", offset);
}

/// A text without its end 00 and the quote before it.
Result<std::string> read_text(ByteReader& reader) {
  const BytesView rest = reader.rest();
  const auto end = std::ranges::find(rest, std::uint8_t{0});
  if (end == rest.end()) return truncated(reader.offset());
  std::string text(rest.begin(), end);
  reader.skip(text.size() + 1);
  if (!text.empty() && static_cast<std::uint8_t>(text[0]) == kQuote) text.erase(0, 1);
  return text;
}

/// Value length (WAP-230 clause 8.4.2.2): 0 to 30, or 31 and a number in groups of seven bits.
Result<std::size_t> read_length(ByteReader& reader) {
  const std::size_t start = reader.offset();
  const auto first = reader.u8();
  if (!first) return truncated(start);
  if (*first < kLengthQuote) return *first;
  if (*first > kLengthQuote) return fail(ErrorCode::kMalformed, "no length before the content type", start);
  std::size_t length = 0;
  for (int i = 0; i < 5; ++i) {
    const auto byte = reader.u8();
    if (!byte) return truncated(start);
    length = length << 7 | (*byte & 0x7F);
    if ((*byte & 0x80) == 0) return length;
  }
  return fail(ErrorCode::kMalformed, "a length of more than five bytes", start);
}

/// The value of a parameter as text; of a SEC as short integer its name. Nothing for one that only has to be passed over.
Result<std::string> read_value(ByteReader& reader, bool is_sec) {
  const std::size_t start = reader.offset();
  const auto first = reader.peek();
  if (!first) return truncated(start);
  if ((*first & kShort) != 0) {
    reader.skip(1);
    if (!is_sec) return std::string();
    const auto row = std::ranges::find(kSecNames, *first & 0x7F, &SecName::number);
    if (row == kSecNames.end()) return fail(ErrorCode::kUnsupported, "SEC " + std::to_string(*first & 0x7F) + " is not known", start);
    return std::string(row->name);
  }
  if (*first > kLengthQuote) return read_text(reader);
  const auto length = read_length(reader);
  if (!length) return tl::unexpected(length.error());
  if (!reader.skip(*length)) return truncated(start);
  return std::string();
}

/// Well-known parameters have numbers, others names.
Result<std::string> read_name(ByteReader& reader) {
  const auto first = reader.peek();
  if (!first) return truncated(reader.offset());
  if ((*first & kShort) == 0) return read_text(reader);
  reader.skip(1);
  const std::uint8_t number = *first & 0x7F;
  return std::string(number == kSecParameter ? kSec : number == kMacParameter ? kMac : std::string_view());
}

Result<std::string> read_media(ByteReader& reader) {
  const auto first = reader.peek();
  if (!first) return truncated(reader.offset());
  if ((*first & kShort) == 0) return read_text(reader);
  reader.skip(1);
  const auto row = std::ranges::find(kMedia, static_cast<std::uint8_t>(*first & 0x7F), &WellKnownMedia::number);
  if (row == kMedia.end()) return fail(ErrorCode::kUnsupported, "a media type of another number", reader.offset() - 1);
  return std::string(row->name);
}

}  // namespace

std::string to_text(const DmContentType& type) {
  std::string text = type.media_type;
  if (type.sec) text += "; SEC=" + std::string(name_of(*type.sec));
  if (!type.mac.empty()) text += "; MAC=" + type.mac;
  return text;
}

Result<DmContentType> parse_content_type(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= kHeaderName.size() && same_but_for_case(text.substr(0, kHeaderName.size()), kHeaderName))
    text.remove_prefix(kHeaderName.size());
  DmContentType type;
  const std::size_t semicolon = std::min(text.find(';'), text.size());
  type.media_type = trimmed(text.substr(0, semicolon));
  std::string_view rest = text.substr(semicolon);
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view parameter = trimmed(rest.substr(0, end));
    rest.remove_prefix(end);
    if (parameter.empty()) continue;
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) return fail(ErrorCode::kMalformed, "a parameter without a value");
    const auto done = set(type, trimmed(parameter.substr(0, equals)), unquoted(trimmed(parameter.substr(equals + 1))));
    if (!done) return tl::unexpected(done.error());
  }
  return checked(std::move(type));
}

Bytes to_wsp(const DmContentType& type) {
  ByteWriter value;
  const auto media = std::ranges::find(kMedia, std::string_view(type.media_type), &WellKnownMedia::name);
  if (media != kMedia.end()) {
    value.u8(kShort | media->number);
  } else {
    write_text(value, type.media_type);
  }
  if (type.sec) {
    const auto row = std::ranges::find(kSecNames, *type.sec, &SecName::sec);
    if (row->number >= 0) {
      value.u8(kShort | kSecParameter).u8(static_cast<std::uint8_t>(kShort | row->number));
    } else {
      write_text(value, kSec);
      write_text(value, row->name);
    }
  }
  if (!type.mac.empty()) {
    value.u8(kShort | kMacParameter);
    write_text(value, type.mac);
  }
  ByteWriter out;
  if (value.size() < kLengthQuote) {
    out.u8(static_cast<std::uint8_t>(value.size()));
  } else {
    out.u8(kLengthQuote);
    if (value.size() > 0x7F) out.u8(static_cast<std::uint8_t>(0x80 | value.size() >> 7));
    out.u8(static_cast<std::uint8_t>(value.size() & 0x7F));
  }
  return out.bytes(value.view()).take();
}

Result<DmContentType> parse_wsp(BytesView bytes) {
  ByteReader outer(bytes);
  const auto length = read_length(outer);
  if (!length) return tl::unexpected(length.error());
  const auto content = outer.bytes(*length);
  if (!content) return truncated(outer.offset());
  if (!outer.empty()) return fail(ErrorCode::kTrailing, "unexpected bytes after the content type", outer.offset());

  ByteReader reader(*content);
  DmContentType type;
  auto media = read_media(reader);
  if (!media) return tl::unexpected(media.error());
  type.media_type = *std::move(media);
  while (!reader.empty()) {
    const auto name = read_name(reader);
    if (!name) return tl::unexpected(name.error());
    const auto value = read_value(reader, same_but_for_case(*name, kSec));
    if (!value) return tl::unexpected(value.error());
    const auto done = set(type, *name, *value);
    if (!done) return tl::unexpected(done.error());
  }
  return checked(std::move(type));
}

}  // namespace uicclab::dm
