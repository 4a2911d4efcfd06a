// SPDX-License-Identifier: Apache-2.0
#include "terminal/text.hpp"

#include "core/gsm_alphabet.hpp"

namespace uicclab::terminal {
namespace {

std::string ucs2(BytesView bytes) {
  std::string out;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const char32_t c = (char32_t{bytes[i]} << 8) | bytes[i + 1];
    if (c == 0xFFFF) break;  // filler
    append_utf8(out, c);
  }
  return out;
}

std::string packed(BytesView bytes) {
  Bytes septets = gsm::unpack(bytes, bytes.size() * 8 / 7);
  // Seven spare bits at the end may look like an @.
  if (!septets.empty() && septets.back() == 0 && bytes.size() % 7 == 0) septets.pop_back();
  return gsm::text_of(septets);
}

/// 81 and 82: a half page of UCS2 and the default alphabet mixed (TS 102 221 annex A).
std::string half_page(BytesView text, char32_t base) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] < 0x80) {
      append_utf8(out, gsm::take_character(text, at).value_or(U'?'));
    } else {
      append_utf8(out, base + (text[at++] & 0x7F));
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
  if (alpha[0] == 0x81 && alpha.size() >= 3) return half_page(alpha.subspan(3), char32_t{alpha[2]} << 7);
  if (alpha[0] == 0x82 && alpha.size() >= 4) return half_page(alpha.subspan(4), (char32_t{alpha[2]} << 8) | alpha[3]);
  return half_page(alpha, 0x80);
}

}  // namespace uicclab::terminal
