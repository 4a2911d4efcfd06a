// SPDX-License-Identifier: Apache-2.0
#include "core/gsm_alphabet.hpp"

namespace uicclab {
namespace {

constexpr std::uint8_t kEscape = 0x1B;
constexpr std::u32string_view kAlphabet =
    U"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1BÆæßÉ "
    U"!\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
static_assert(kAlphabet.size() == 128);

struct Extension {
  std::uint8_t septet;
  char32_t character;
};
constexpr std::array<Extension, 10> kExtension{{{0x0A, U'\f'},
                                                {0x14, U'^'},
                                                {0x28, U'{'},
                                                {0x29, U'}'},
                                                {0x2F, U'\\'},
                                                {0x3C, U'['},
                                                {0x3D, U'~'},
                                                {0x3E, U']'},
                                                {0x40, U'|'},
                                                {0x65, U'€'}}};

}  // namespace

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

std::optional<std::u32string> codepoints(std::string_view utf8) {
  std::u32string out;
  for (std::size_t i = 0; i < utf8.size();) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(utf8[at]); };
    const unsigned char first = byte(i);
    const std::size_t more = first < 0x80 ? 0 : (first & 0xE0) == 0xC0 ? 1 : (first & 0xF0) == 0xE0 ? 2 : 9;
    if (more == 9 || i + more >= utf8.size()) return std::nullopt;
    char32_t c = more == 0 ? first : more == 1 ? first & 0x1FU : first & 0x0FU;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80) return std::nullopt;
      c = (c << 6) | (byte(i + k) & 0x3FU);
    }
    if ((more == 1 && c < 0x80) || (more == 2 && c < 0x800) || !is_ucs2(c)) return std::nullopt;
    out.push_back(c);
    i += more + 1;
  }
  return out;
}

namespace gsm {

std::optional<char32_t> take_character(BytesView septets, std::size_t& at) {
  if (at >= septets.size()) return std::nullopt;
  const std::uint8_t septet = septets[at++];
  if (septet >= 0x80) return std::nullopt;
  if (septet != kEscape) return kAlphabet[septet];
  if (at == septets.size()) return std::nullopt;
  const auto found = std::ranges::find(kExtension, septets[at++], &Extension::septet);
  return found == kExtension.end() ? std::nullopt : std::optional(found->character);
}

bool add_character(Bytes& septets, char32_t c) {
  if (const auto extension = std::ranges::find(kExtension, c, &Extension::character); extension != kExtension.end()) {
    septets.push_back(kEscape);
    septets.push_back(extension->septet);
    return true;
  }
  const auto at = kAlphabet.find(c);
  if (at == std::u32string_view::npos || at == kEscape) return false;
  septets.push_back(static_cast<std::uint8_t>(at));
  return true;
}

std::optional<Bytes> septets_of(std::string_view utf8) {
  const auto characters = codepoints(utf8);
  Bytes out;
  if (!characters || !std::ranges::all_of(*characters, [&](char32_t c) { return add_character(out, c); })) return std::nullopt;
  return out;
}

std::string text_of(BytesView septets) {
  std::string out;
  for (std::size_t at = 0; at < septets.size();) append_utf8(out, take_character(septets, at).value_or(U'?'));
  return out;
}

Bytes pack(BytesView septets) {
  Bytes out((septets.size() * 7 + 7) / 8, 0);
  for (std::size_t i = 0; i < septets.size(); ++i) {
    const std::size_t bit = i * 7;
    const unsigned window = static_cast<unsigned>(septets[i] & 0x7F) << (bit % 8);
    out[bit / 8] |= static_cast<std::uint8_t>(window);
    if (window > 0xFF) out[bit / 8 + 1] |= static_cast<std::uint8_t>(window >> 8);
  }
  return out;
}

Bytes unpack(BytesView packed, std::size_t count) {
  Bytes out(std::min(count, packed.size() * 8 / 7), 0);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t bit = i * 7;
    unsigned window = packed[bit / 8];
    if (bit / 8 + 1 < packed.size()) window |= static_cast<unsigned>(packed[bit / 8 + 1]) << 8;
    out[i] = static_cast<std::uint8_t>((window >> (bit % 8)) & 0x7F);
  }
  return out;
}

}  // namespace gsm
}  // namespace uicclab
