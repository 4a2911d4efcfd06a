// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_address.hpp"

#include "core/gsm_alphabet.hpp"

namespace uicclab::ota {
namespace {

/// Semi-octets 0 to E (3GPP TS 24.008 table 10.5.118); F is the filler.
constexpr std::string_view kDigits = "0123456789*#abc";
constexpr std::uint8_t kFiller = 0x0F;
constexpr std::uint8_t kInternational = 0x91;
constexpr std::uint8_t kUnknownIsdn = 0x81;
constexpr std::uint8_t kName = 0xD0;  // the bits of the numbering plan are reserved: 0000

std::uint8_t semi_octet(const Bytes& value, std::size_t index) {
  const std::uint8_t byte = value[index / 2];
  return index % 2 == 0 ? byte & 0x0F : static_cast<std::uint8_t>(byte >> 4);
}

/// Without "+" and without the international prefix 00 (ITU-T E.164 clause 6).
std::string digits_of(const Address& number) {
  std::string text = number.text();
  if (text.starts_with('+')) return text.substr(1);
  return text.starts_with("00") ? text.substr(2) : text;
}

}  // namespace

Result<Address> Address::from_number(std::string_view number) {
  Address address;
  std::size_t first = 0;
  address.type = kUnknownIsdn;
  if (number.starts_with('+')) {
    address.type = kInternational;
    first = 1;
  }
  const std::string_view digits = number.substr(first);
  if (digits.empty()) return fail(ErrorCode::kMalformed, "a number without digits", first);
  if (digits.size() > kMaxSemiOctets) return fail(ErrorCode::kRange, "a number of more than 20 digits", first);
  address.semi_octets = static_cast<std::uint8_t>(digits.size());
  address.value.assign((digits.size() + 1) / 2, 0xFF);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t digit = kDigits.find(digits[i]);
    if (digit == std::string_view::npos) return fail(ErrorCode::kMalformed, "not a digit of a number", first + i);
    std::uint8_t& byte = address.value[i / 2];
    byte = static_cast<std::uint8_t>(i % 2 == 0 ? (byte & 0xF0) | digit : (byte & 0x0F) | (digit << 4));
  }
  return address;
}

Result<Address> Address::from_name(std::string_view name) {
  const auto septets = gsm::septets_of(name);
  if (!septets) return fail(ErrorCode::kMalformed, "a character that the GSM 7-bit alphabet does not have (3GPP TS 23.038 clause 6.2.1)");
  if (septets->empty()) return fail(ErrorCode::kMalformed, "an empty name");
  if (septets->size() > kMaxName) {
    return fail(ErrorCode::kRange,
                "a name of " + std::to_string(septets->size()) + " septets; at most 11 fit (3GPP TS 23.040 clause 9.1.2.5)");
  }
  return Address{kName, static_cast<std::uint8_t>((septets->size() * 7 + 3) / 4), gsm::pack(*septets)};
}

Result<Address> Address::from_text(std::string_view text) {
  auto number = from_number(text);
  if (text.empty() || text.front() == '+') return number;
  const bool letter_first = text.front() >= 'a' && text.front() <= 'c';  // "abc" are digits of a number, too
  const bool is_number = !letter_first && text.find_first_not_of(kDigits) == std::string_view::npos;
  return is_number ? number : from_name(text);
}

std::string Address::text() const {
  if (is_name()) return gsm::text_of(gsm::unpack(value, std::size_t{semi_octets} * 4 / 7));
  std::string text;
  if ((type & 0x70) == 0x10) text = "+";
  for (std::size_t i = 0; i < semi_octets && i / 2 < value.size(); ++i) {
    const std::uint8_t digit = semi_octet(value, i);
    if (digit == kFiller) break;
    text.push_back(kDigits[digit]);
  }
  return text;
}

bool is_same_number(const Address& a, const Address& b) {
  if (a.is_name() || b.is_name()) return a.is_name() && b.is_name() && a.text() == b.text();
  const std::string digits = digits_of(a);
  return !digits.empty() && digits == digits_of(b);
}

Result<Address> read_address(ByteReader& reader) {
  const std::size_t start = reader.offset();
  const auto count = reader.u8();
  const auto type = reader.u8();
  if (!count || !type) return fail(ErrorCode::kTruncated, "no address", start);
  if (*count > Address::kMaxSemiOctets) return fail(ErrorCode::kRange, "an address of more than 20 semi-octets", start);
  const auto value = reader.bytes((*count + 1U) / 2);
  if (!value) return fail(ErrorCode::kTruncated, "the address ends too early", start);
  return Address{*type, *count, to_bytes(*value)};
}

void write_address(ByteWriter& writer, const Address& address) {
  if (address.semi_octets > Address::kMaxSemiOctets || address.value.size() != (address.semi_octets + 1U) / 2) {
    throw SystemError("an address whose count and value do not agree");
  }
  writer.u8(address.semi_octets).u8(address.type).bytes(address.value);
}

Result<Address> parse_address_value(BytesView value) {
  if (value.empty()) return fail(ErrorCode::kTruncated, "an empty address");
  Address address{value[0], 0, to_bytes(value.subspan(1))};
  // A number of up to 20 digits everywhere else; a longer one cannot come from a network.
  if (address.value.size() > Address::kMaxSemiOctets / 2) return fail(ErrorCode::kRange, "an address of more than 20 semi-octets");
  address.semi_octets = static_cast<std::uint8_t>(address.value.size() * 2);
  if (!address.value.empty() && address.value.back() >> 4 == kFiller) --address.semi_octets;
  return address;
}

Bytes build_address_value(const Address& address) {
  return ByteWriter().u8(address.type).bytes(address.value).take();
}

Bytes service_centre_prefix(const std::optional<Address>& service_centre) {
  return ByteWriter().lv(service_centre ? build_address_value(*service_centre) : Bytes()).take();
}

}  // namespace uicclab::ota
