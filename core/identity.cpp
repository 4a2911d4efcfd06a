// SPDX-License-Identifier: Apache-2.0
#include "core/identity.hpp"

#include "core/ber_tlv.hpp"
#include "core/gsm_alphabet.hpp"

namespace uicclab {
namespace {

std::uint8_t digit(char c) {
  return static_cast<std::uint8_t>(c - '0');
}

}  // namespace

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Bytes swapped_digits(std::string_view digits) {
  Bytes out;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const std::uint8_t high = i + 1 < digits.size() ? digit(digits[i + 1]) : std::uint8_t{0x0F};
    out.push_back(static_cast<std::uint8_t>((high << 4) | digit(digits[i])));
  }
  return out;
}

std::optional<std::string> unswapped_digits(BytesView bytes) {
  std::string digits;
  bool ended = false;
  for (std::uint8_t byte : bytes) {
    for (int half : {byte & 0x0F, byte >> 4}) {
      if (half == 0x0F) {
        ended = true;
      } else if (ended || half > 9) {
        return std::nullopt;
      } else {
        digits += static_cast<char>('0' + half);
      }
    }
  }
  return digits;
}

bool luhn_is_good(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int value = digit(digits[digits.size() - 1 - i]);
    if (i % 2 == 1) value = value * 2 > 9 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return sum % 10 == 0;
}

Bytes encode_imsi(std::string_view imsi) {
  constexpr std::uint8_t kTypeImsi = 1;
  const std::uint8_t odd = imsi.size() % 2 == 1 ? 0x08 : 0x00;
  Bytes out{static_cast<std::uint8_t>(imsi.size() / 2 + 1)};
  out.push_back(static_cast<std::uint8_t>((digit(imsi[0]) << 4) | odd | kTypeImsi));
  append(out, swapped_digits(imsi.substr(1)));
  out.resize(9, 0xFF);
  return out;
}

std::optional<std::string> decode_imsi(BytesView content) {
  if (content.size() != 9 || content[0] < 1 || content[0] > 8 || (content[1] & 0x07) != 1) return std::nullopt;
  const auto digits = unswapped_digits(content.subspan(1, content[0]));
  if (!digits || digits->size() < 2) return std::nullopt;
  const std::string imsi = digits->substr(1);
  const bool odd = (content[1] & 0x08) != 0;
  const BytesView unused = content.subspan(1U + content[0]);
  if (!std::ranges::all_of(unused, [](std::uint8_t byte) { return byte == 0xFF; })) return std::nullopt;
  // The length byte must end with the last digit, and the parity say how many there are.
  if (imsi.size() / 2 + 1 != content[0] || odd != (imsi.size() % 2 == 1)) return std::nullopt;
  return imsi;
}

Bytes encode_iccid(std::string_view iccid) {
  Bytes out = swapped_digits(iccid);
  out.resize(10, 0xFF);
  return out;
}

std::optional<std::string> decode_iccid(BytesView content) {
  if (content.size() != 10) return std::nullopt;
  return unswapped_digits(content);
}

Bytes encode_plmn(std::string_view mcc, std::string_view mnc) {
  const std::uint8_t third = mnc.size() == 3 ? digit(mnc[2]) : std::uint8_t{0x0F};
  return {static_cast<std::uint8_t>((digit(mcc[1]) << 4) | digit(mcc[0])), static_cast<std::uint8_t>((third << 4) | digit(mcc[2])),
          static_cast<std::uint8_t>((digit(mnc[1]) << 4) | digit(mnc[0]))};
}

Bytes encode_access_class(std::string_view imsi) {
  const unsigned classes = 1U << digit(imsi.back());
  return {static_cast<std::uint8_t>(classes >> 8), static_cast<std::uint8_t>(classes)};
}

Bytes encode_number(std::string_view number) {
  const bool international = number.starts_with('+');
  const Bytes digits = swapped_digits(international ? number.substr(1) : number);
  Bytes out{static_cast<std::uint8_t>(digits.size() + 1), international ? std::uint8_t{0x91} : std::uint8_t{0x81}};
  append(out, digits);
  out.resize(12, 0xFF);
  return out;
}

Bytes encode_network_name(std::string_view name) {
  const Bytes packed = gsm::pack(as_bytes(name));
  const std::size_t spare = packed.size() * 8 - name.size() * 7;
  Bytes value{static_cast<std::uint8_t>(0x80 | spare)};  // GSM alphabet, the country's initials are not to be added
  append(value, packed);
  return ber::encode(0x43, value);
}

std::string ims_domain(std::string_view mcc, std::string_view mnc) {
  return "ims.mnc" + std::string(mnc.size() == 2 ? "0" : "") + std::string(mnc) + ".mcc" + std::string(mcc) + ".3gppnetwork.org";
}

Bytes encode_ims_identity(std::string_view text) {
  return ber::encode(0x80, as_bytes(text));
}

}  // namespace uicclab
