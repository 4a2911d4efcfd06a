// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_text.hpp"

#include "core/gsm_alphabet.hpp"

namespace uicclab::ota {
namespace {

constexpr std::size_t kMaxSeptets = kMaxUserData * 8 / 7;

/// Octets of the header with its length; nothing of it without elements.
Bytes with_length(BytesView header) {
  Bytes out;
  if (header.empty()) return out;
  out.push_back(static_cast<std::uint8_t>(header.size()));
  append(out, header);
  return out;
}

/// Septets that so many octets take, with the bits that fill the last one.
std::size_t septets_for(std::size_t octets) {
  return (octets * 8 + 6) / 7;
}

std::optional<std::string> text_of_septets(BytesView septets) {
  std::string out;
  for (std::size_t at = 0; at < septets.size();) {
    const auto c = gsm::take_character(septets, at);
    if (!c) return std::nullopt;
    append_utf8(out, *c);
  }
  return out;
}

std::optional<std::string> text_of_ucs2(BytesView bytes) {
  if (bytes.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    const auto c = static_cast<char32_t>((bytes[at] << 8) | bytes[at + 1]);
    if (!is_ucs2(c)) return std::nullopt;
    append_utf8(out, c);
  }
  return out;
}

}  // namespace

std::optional<MessageText> text_of(const TpduBody& body) {
  const DataCoding coding = data_coding(body.dcs);
  if (coding.compressed || coding.alphabet == Alphabet::k8Bit) return std::nullopt;
  const BytesView data = body.user_data;
  if (body.has_header && (data.empty() || data[0] == 0 || data.size() < data[0] + std::size_t{1})) return std::nullopt;
  const std::size_t header = body.has_header ? data[0] + std::size_t{1} : 0;
  MessageText out;
  if (header != 0) out.header = to_bytes(data.subspan(1, header - 1));
  std::optional<std::string> text;
  if (coding.alphabet == Alphabet::kUcs2) {
    text = text_of_ucs2(data.subspan(header));
  } else {
    const Bytes septets = gsm::unpack(data, body.septets);
    const std::size_t before = septets_for(header);
    if (before > septets.size()) return std::nullopt;
    text = text_of_septets(BytesView(septets).subspan(before));
  }
  if (!text) return std::nullopt;
  out.text = *std::move(text);
  TpduBody again = body;
  return set_text(again, out) && again == body ? std::optional(std::move(out)) : std::nullopt;
}

Result<void> set_text(TpduBody& body, const MessageText& message) {
  const DataCoding coding = data_coding(body.dcs);
  const auto characters = codepoints(message.text);
  if (!characters) return fail(ErrorCode::kMalformed, "must be UTF-8 with characters up to U+FFFF");
  if (coding.compressed || coding.alphabet == Alphabet::k8Bit) {
    return fail(ErrorCode::kUnsupported,
                "TP-DCS " + to_hex(BytesView(&body.dcs, 1)) + " is not that of a text: 00 (GSM 7 bit) and 08 (UCS2) are");
  }
  if (message.header.size() >= kMaxUserData) return fail(ErrorCode::kRange, "the header must leave room in 140 octets");
  const Bytes header = with_length(message.header);
  Bytes data;
  std::size_t septets = 0;
  if (coding.alphabet == Alphabet::kUcs2) {
    data = header;
    for (const char32_t c : *characters) {
      data.push_back(static_cast<std::uint8_t>(c >> 8));
      data.push_back(static_cast<std::uint8_t>(c));
    }
  } else {
    Bytes all(septets_for(header.size()), 0);
    for (const char32_t c : *characters) {
      if (gsm::add_character(all, c)) continue;
      std::string shown;
      append_utf8(shown, c);
      return fail(ErrorCode::kMalformed, "'" + shown + "' is not in the GSM alphabet; TP-DCS 08 (UCS2) has it");
    }
    septets = all.size();
    data = gsm::pack(all);
    std::ranges::copy(header, data.begin());  // the septets in front of the text are 0
  }
  if (data.size() > kMaxUserData || septets > kMaxSeptets) {
    return fail(ErrorCode::kRange, "must fit into 140 octets, needs " + std::to_string(data.size()) + "; longer texts are sent in parts");
  }
  body.has_header = !header.empty();
  body.septets = static_cast<std::uint8_t>(septets);
  body.user_data = std::move(data);
  return {};
}

}  // namespace uicclab::ota
