// Alpha identifiers: ETSI TS 102 221 annex A; the GSM 7-bit default alphabet and its extension: 3GPP TS 23.038 clauses 6.2.1 and 6.2.1.1.
#include <algorithm>
#include <array>

#include "ef/type.hpp"

namespace uicclab::ef {
namespace {

using Codepoints = std::vector<char32_t>;

constexpr std::uint8_t kEscape = 0x1B;
constexpr std::u32string_view kAlphabet =
    U"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1BÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
static_assert(kAlphabet.size() == 128);

struct Extension {
  std::uint8_t byte;
  char32_t character;
};
constexpr std::array<Extension, 10> kExtension{{{0x0A, U'\f'}, {0x14, U'^'}, {0x28, U'{'}, {0x29, U'}'}, {0x2F, U'\\'}, {0x3C, U'['},
                                               {0x3D, U'~'}, {0x3E, U']'}, {0x40, U'|'}, {0x65, U'€'}}};

/// Of UCS2: no surrogate, and not FFFF, which is filler.
bool is_character(char32_t c) {
  return c < 0xFFFF && (c < 0xD800 || c > 0xDFFF);
}

void append_utf8(std::string& out, char32_t c) {
  const auto add = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xC0 | (c >> 6));
    add(0x80 | (c & 0x3F));
  } else {
    add(0xE0 | (c >> 12));
    add(0x80 | ((c >> 6) & 0x3F));
    add(0x80 | (c & 0x3F));
  }
}

/// Nothing if the text is no UTF-8, or has a character that UCS2 does not have.
std::optional<Codepoints> codepoints(std::string_view text) {
  Codepoints out;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char first = byte(i);
    const std::size_t more = first < 0x80 ? 0 : (first & 0xE0) == 0xC0 ? 1 : (first & 0xF0) == 0xE0 ? 2 : 9;
    if (more == 9 || i + more >= text.size()) return std::nullopt;
    char32_t c = more == 0 ? first : more == 1 ? first & 0x1FU : first & 0x0FU;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80) return std::nullopt;
      c = (c << 6) | (byte(i + k) & 0x3FU);
    }
    if ((more == 1 && c < 0x80) || (more == 2 && c < 0x800) || !is_character(c)) return std::nullopt;
    out.push_back(c);
    i += more + 1;
  }
  return out;
}

bool is_filler(BytesView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; });
}

/// A byte of the 7-bit alphabet, or two; nothing if it is none.
std::optional<char32_t> gsm_character(BytesView bytes, std::size_t& at) {
  const std::uint8_t byte = bytes[at++];
  if (byte >= 0x80) return std::nullopt;
  if (byte != kEscape) return kAlphabet[byte];
  if (at == bytes.size()) return std::nullopt;
  const auto found = std::ranges::find(kExtension, bytes[at++], &Extension::byte);
  return found == kExtension.end() ? std::nullopt : std::optional(found->character);
}

/// False if the alphabet has no such character.
bool add_gsm(Bytes& out, char32_t c) {
  if (const auto extension = std::ranges::find(kExtension, c, &Extension::character); extension != kExtension.end()) {
    out.push_back(kEscape);
    out.push_back(extension->byte);
    return true;
  }
  const auto at = kAlphabet.find(c);
  if (at == std::u32string_view::npos || at == kEscape) return false;
  out.push_back(static_cast<std::uint8_t>(at));
  return true;
}

Coded<Value> from_gsm(BytesView bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    if (bytes[at] == 0xFF) {
      if (!is_filler(bytes.subspan(at))) return faulty(ErrorCode::kTrailing, "characters behind the filler FF", at);
      break;
    }
    const std::size_t begin = at;
    const auto c = gsm_character(bytes, at);
    if (!c) return faulty(ErrorCode::kMalformed, "a byte that is not of the GSM alphabet: " + to_hex(bytes.subspan(begin, 1)), begin);
    append_utf8(out, *c);
  }
  return out;
}

Coded<Value> from_ucs2(BytesView bytes) {
  std::string out;
  for (std::size_t at = 1; at < bytes.size(); at += 2) {
    if (bytes[at] == 0xFF && is_filler(bytes.subspan(at))) break;
    if (at + 1 == bytes.size()) return faulty(ErrorCode::kTruncated, "half a UCS2 character", at);
    const auto c = static_cast<char32_t>((bytes[at] << 8) | bytes[at + 1]);
    if (!is_character(c)) return faulty(ErrorCode::kMalformed, "no UCS2 character", at);
    append_utf8(out, c);
  }
  return out;
}

/// 81: base of 8 bits, shifted by 7; 82: base of 16 bits.
Coded<Value> from_ucs2_page(BytesView bytes) {
  const std::size_t head = bytes[0] == 0x81 ? 3 : 4;
  if (bytes.size() < head || bytes.size() < head + bytes[1]) return faulty(ErrorCode::kTruncated, "more characters than there are bytes", 1);
  const char32_t base = bytes[0] == 0x81 ? static_cast<char32_t>(bytes[2]) << 7 : static_cast<char32_t>((bytes[2] << 8) | bytes[3]);
  const BytesView characters = bytes.subspan(head, bytes[1]);
  std::string out;
  for (std::size_t at = 0; at < characters.size();) {
    const std::size_t begin = at;
    char32_t c = base + (characters[at] & 0x7FU);
    if (characters[at] >= 0x80) {
      ++at;
    } else if (const auto gsm = gsm_character(characters, at)) {
      c = *gsm;
    } else {
      return faulty(ErrorCode::kMalformed, "a byte that is not of the GSM alphabet", head + begin);
    }
    if (!is_character(c)) return faulty(ErrorCode::kMalformed, "no UCS2 character", head + begin);
    append_utf8(out, c);
  }
  if (!is_filler(bytes.subspan(head + bytes[1]))) return faulty(ErrorCode::kTrailing, "bytes behind the characters", head + bytes[1]);
  return out;
}

Coded<Bytes> to_alpha(const Value& value, std::optional<std::size_t> size) {
  const std::string* given = value.text();
  const auto characters = given == nullptr ? std::nullopt : codepoints(*given);
  if (!characters) return faulty(ErrorCode::kMalformed, "wants a text of characters up to U+FFFF");
  Bytes out;
  if (!std::ranges::all_of(*characters, [&](char32_t c) { return add_gsm(out, c); })) {
    out.assign(1, 0x80);
    for (const char32_t c : *characters) {
      out.push_back(static_cast<std::uint8_t>(c >> 8));
      out.push_back(static_cast<std::uint8_t>(c));
    }
  }
  if (size && out.size() > *size) {
    return faulty(ErrorCode::kRange, "needs " + std::to_string(out.size()) + " bytes, there are " + std::to_string(*size));
  }
  if (size) out.resize(*size, 0xFF);
  return out;
}

Coded<Value> from_alpha(BytesView bytes) {
  if (bytes.empty()) return std::string();
  if (bytes[0] == 0x80) return from_ucs2(bytes);
  if (bytes[0] == 0x81 || bytes[0] == 0x82) return from_ucs2_page(bytes);
  return from_gsm(bytes);
}

}  // namespace

Type alpha() {
  return {from_alpha, to_alpha};
}

Type text() {
  return {[](BytesView bytes) -> Coded<Value> {
            std::size_t size = bytes.size();
            while (size > 0 && bytes[size - 1] == 0xFF) --size;
            std::string out(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
            if (!codepoints(out)) return faulty(ErrorCode::kMalformed, "is no UTF-8");
            return out;
          },
          [](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            const std::string* given = value.text();
            if (given == nullptr || !codepoints(*given)) return faulty(ErrorCode::kMalformed, "wants a text of characters up to U+FFFF");
            Bytes out = to_bytes(as_bytes(*given));
            if (size && out.size() > *size) {
              return faulty(ErrorCode::kRange, "needs " + std::to_string(out.size()) + " bytes, there are " + std::to_string(*size));
            }
            if (size) out.resize(*size, 0xFF);
            return out;
          }};
}

}  // namespace uicclab::ef
