// SPDX-License-Identifier: Apache-2.0
// Alpha identifiers: ETSI TS 102 221 annex A.
#include <algorithm>

#include "core/gsm_alphabet.hpp"
#include "ef/type.hpp"

namespace uicclab::ef {
namespace {

bool is_filler(BytesView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; });
}

Coded<Value> from_gsm(BytesView bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    if (bytes[at] == 0xFF) {
      if (!is_filler(bytes.subspan(at))) return faulty(ErrorCode::kTrailing, "characters after the filler FF", at);
      break;
    }
    const std::size_t begin = at;
    const auto c = gsm::take_character(bytes, at);
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
    if (!is_ucs2(c)) return faulty(ErrorCode::kMalformed, "no UCS2 character", at);
    append_utf8(out, c);
  }
  return out;
}

/// 81: base of 8 bits, shifted by 7; 82: base of 16 bits.
Coded<Value> from_ucs2_page(BytesView bytes) {
  const std::size_t head = bytes[0] == 0x81 ? 3 : 4;
  if (bytes.size() < head || bytes.size() < head + bytes[1])
    return faulty(ErrorCode::kTruncated, "more characters than there are bytes", 1);
  const char32_t base = bytes[0] == 0x81 ? static_cast<char32_t>(bytes[2]) << 7 : static_cast<char32_t>((bytes[2] << 8) | bytes[3]);
  const BytesView characters = bytes.subspan(head, bytes[1]);
  std::string out;
  for (std::size_t at = 0; at < characters.size();) {
    const std::size_t begin = at;
    char32_t c = base + (characters[at] & 0x7FU);
    if (characters[at] >= 0x80) {
      ++at;
    } else if (const auto gsm = gsm::take_character(characters, at)) {
      c = *gsm;
    } else {
      return faulty(ErrorCode::kMalformed, "a byte that is not of the GSM alphabet", head + begin);
    }
    if (!is_ucs2(c)) return faulty(ErrorCode::kMalformed, "no UCS2 character", head + begin);
    append_utf8(out, c);
  }
  if (!is_filler(bytes.subspan(head + bytes[1]))) return faulty(ErrorCode::kTrailing, "bytes after the characters", head + bytes[1]);
  return out;
}

/// 80: two bytes a character.
Bytes as_ucs2(std::u32string_view characters) {
  Bytes out{0x80};
  for (const char32_t c : characters) {
    out.push_back(static_cast<std::uint8_t>(c >> 8));
    out.push_back(static_cast<std::uint8_t>(c));
  }
  return out;
}

/// 81 and 82: one byte a character, of the GSM alphabet without its extension, or of the 128 from a base on. Nothing if they lie further
/// apart.
std::optional<Bytes> as_ucs2_page(std::u32string_view characters, std::uint8_t form) {
  char32_t lowest = 0xFFFF;
  char32_t highest = 0;
  Bytes coded;
  const auto of_gsm = [&](char32_t c) {
    Bytes septets;
    if (!gsm::add_character(septets, c) || septets.size() != 1) return false;
    coded.push_back(septets[0]);
    return true;
  };
  for (const char32_t c : characters) {
    if (of_gsm(c)) continue;
    lowest = std::min(lowest, c);
    highest = std::max(highest, c);
    coded.push_back(0x80);  // until the base is known
  }
  const char32_t base = form == 0x81 ? lowest & ~char32_t{0x7F} : lowest;
  if (highest > base + 0x7F || (form == 0x81 && base >= 0x8000) || characters.size() > 0xFF) return std::nullopt;
  Bytes out{form, static_cast<std::uint8_t>(characters.size())};
  if (form == 0x81) {
    out.push_back(static_cast<std::uint8_t>(base >> 7));
  } else {
    out.push_back(static_cast<std::uint8_t>(base >> 8));
    out.push_back(static_cast<std::uint8_t>(base));
  }
  for (std::size_t i = 0; i < coded.size(); ++i) {
    out.push_back(coded[i] < 0x80 ? coded[i] : static_cast<std::uint8_t>(0x80 | (characters[i] - base)));
  }
  return out;
}

/// The GSM alphabet if it has all characters, else the shortest form of UCS2: of equal ones the first.
Coded<Bytes> to_alpha(const Value& value, std::optional<std::size_t> size) {
  const std::string* given = value.text();
  const auto characters = given == nullptr ? std::nullopt : codepoints(*given);
  if (!characters) return faulty(ErrorCode::kMalformed, "must be a text of characters up to U+FFFF");
  Bytes out;
  if (!std::ranges::all_of(*characters, [&](char32_t c) { return gsm::add_character(out, c); })) {
    out = as_ucs2(*characters);
    for (const std::uint8_t form : {std::uint8_t{0x81}, std::uint8_t{0x82}}) {
      if (auto page = as_ucs2_page(*characters, form); page && page->size() < out.size()) out = *std::move(page);
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
            if (!codepoints(out)) return faulty(ErrorCode::kMalformed, "is not UTF-8");
            return out;
          },
          [](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            const std::string* given = value.text();
            if (given == nullptr || !codepoints(*given)) return faulty(ErrorCode::kMalformed, "must be a text of characters up to U+FFFF");
            Bytes out = to_bytes(as_bytes(*given));
            if (size && out.size() > *size) {
              return faulty(ErrorCode::kRange, "needs " + std::to_string(out.size()) + " bytes, there are " + std::to_string(*size));
            }
            if (size) out.resize(*size, 0xFF);
            return out;
          }};
}

}  // namespace uicclab::ef
