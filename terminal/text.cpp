#include "terminal/text.hpp"

#include <array>

namespace uicclab::terminal {
namespace {

// The default alphabet (3GPP TS 23.038 clause 6.2.1).
constexpr std::array<std::string_view, 128> kDefaultAlphabet{
    "@", "£", "$", "¥", "è", "é", "ù", "ì", "ò",  "Ç", "\n", "Ø", "ø", "\r", "Å", "å", "Δ", "_", "Φ", "Γ", "Λ", "Ω", "Π", "Ψ", "Σ", "Θ",
    "Ξ", "",  "Æ", "æ", "ß", "É", " ", "!", "\"", "#", "¤",  "%", "&", "'",  "(", ")", "*", "+", ",", "-", ".", "/", "0", "1", "2", "3",
    "4", "5", "6", "7", "8", "9", ":", ";", "<",  "=", ">",  "?", "¡", "A",  "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M",
    "N", "O", "P", "Q", "R", "S", "T", "U", "V",  "W", "X",  "Y", "Z", "Ä",  "Ö", "Ñ", "Ü", "§", "¿", "a", "b", "c", "d", "e", "f", "g",
    "h", "i", "j", "k", "l", "m", "n", "o", "p",  "q", "r",  "s", "t", "u",  "v", "w", "x", "y", "z", "ä", "ö", "ñ", "ü", "à"};

void add_code_point(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::string ucs2(BytesView bytes) {
  std::string out;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const std::uint32_t c = (std::uint32_t{bytes[i]} << 8) | bytes[i + 1];
    if (c == 0xFFFF) break;  // filler
    add_code_point(out, c);
  }
  return out;
}

std::string packed(BytesView bytes) {
  std::string out;
  const std::size_t septets = bytes.size() * 8 / 7;
  for (std::size_t i = 0; i < septets; ++i) {
    const std::size_t bit = i * 7;
    std::uint32_t pair = bytes[bit / 8];
    if (bit / 8 + 1 < bytes.size()) pair |= std::uint32_t{bytes[bit / 8 + 1]} << 8;
    const std::uint32_t septet = (pair >> (bit % 8)) & 0x7F;
    // Seven spare bits at the end may read as an @ that is none.
    if (septet == 0 && i + 1 == septets && bytes.size() % 7 == 0) break;
    out += kDefaultAlphabet.at(septet);
  }
  return out;
}

/// 81 and 82: a half page of UCS2 and the default alphabet mixed (TS 102 221 annex A).
std::string half_page(BytesView text, std::uint32_t base) {
  std::string out;
  for (const std::uint8_t byte : text) {
    if (byte < 0x80) {
      out += kDefaultAlphabet.at(byte);
    } else {
      add_code_point(out, base + (byte & 0x7F));
    }
  }
  return out;
}

}  // namespace

std::string text_of(BytesView value) {
  if (value.empty()) return {};
  const BytesView text = value.subspan(1);
  switch (value[0] & 0x0C) {
    case 0x00:
      return packed(text);
    case 0x08:
      return ucs2(text);
    default:
      return half_page(text, 0x80);
  }
}

std::string alpha_of(BytesView alpha) {
  while (!alpha.empty() && alpha.back() == 0xFF) alpha = alpha.first(alpha.size() - 1);
  if (alpha.empty()) return {};
  if (alpha[0] == 0x80) return ucs2(alpha.subspan(1));
  if (alpha[0] == 0x81 && alpha.size() >= 3) return half_page(alpha.subspan(3), std::uint32_t{alpha[2]} << 7);
  if (alpha[0] == 0x82 && alpha.size() >= 4) return half_page(alpha.subspan(4), (std::uint32_t{alpha[2]} << 8) | alpha[3]);
  return half_page(alpha, 0x80);
}

}  // namespace uicclab::terminal
