// SPDX-License-Identifier: Apache-2.0
// Numbers of subscribers: 3GPP TS 31.102 clause 4.4.2.3; 3GPP TS 24.008 clause 10.5.4.7; 3GPP TS 23.040 clause 9.1.2.5.
#include "core/hex.hpp"
#include "ef/type.hpp"

namespace uicclab::ef {
namespace {

constexpr std::uint8_t kInternational = 0x91;
constexpr std::uint8_t kUnknown = 0x81;

struct Given {
  std::uint8_t type;
  std::string_view digits;
};

std::optional<Given> taken_apart(std::string_view text) {
  if (text.starts_with('+')) return Given{kInternational, text.substr(1)};
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return Given{kUnknown, text};
  const auto type = from_hex(text.substr(0, colon));
  if (!type || type->size() != 1) return std::nullopt;
  return Given{type->front(), text.substr(colon + 1)};
}

}  // namespace

Type dialling_number(NumberLength counted) {
  const Type bcd = digits(true);
  const auto decode = [bcd, counted](BytesView bytes) -> Coded<Value> {
    if (bytes.size() == 1 && bytes[0] == 0) return std::string();
    if (bytes.size() < 2) return faulty(ErrorCode::kTruncated, "has no type of number");
    const std::size_t length = bytes[0];
    const std::size_t used = counted == NumberLength::kDigits ? (length + 1) / 2 + 1 : length;
    if (used == 0 || used >= bytes.size()) return faulty(ErrorCode::kRange, "has a length of " + std::to_string(length));
    auto number = bcd.decode(bytes.subspan(2, used - 1));
    if (!number) {
      number.error().offset += 2;
      return number;
    }
    const std::uint8_t type = bytes[1];
    const std::string prefix = type == kInternational ? "+" : type == kUnknown ? "" : to_hex(bytes.subspan(1, 1)) + ":";
    return prefix + *number->text();
  };
  const auto encode = [bcd, counted](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
    if (!size && value.text() != nullptr && value.text()->empty()) return Bytes{0};
    const auto given = value.text() == nullptr ? std::nullopt : taken_apart(*value.text());
    if (!given) return faulty(ErrorCode::kMalformed, "must be a number: +4917, 112, or with another type of number B1:12345");
    const auto number = bcd.encode(Value(given->digits), std::nullopt);
    if (!number) return number;
    const std::size_t length = counted == NumberLength::kDigits ? given->digits.size() : number->size() + 1;
    if (length > 0xFF || (size && number->size() + 2 > *size)) return faulty(ErrorCode::kRange, "has too many digits");
    Bytes out{static_cast<std::uint8_t>(length), given->type};
    append(out, *number);
    if (size) out.resize(*size, 0xFF);
    return out;
  };
  return or_empty({decode, encode});
}

}  // namespace uicclab::ef
