// SPDX-License-Identifier: Apache-2.0
// javacardx.framework.math: numbers without sign, of up to 32 bytes; packed BCD; parity bits.
#include <bit>

#include "applet/java/framework/framework.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr machine::ApiClass kBigNumber{"javacardx/framework/math", 1};
constexpr std::size_t kMostBytes = 32;  // 8 is the least that every implementation has
constexpr std::int8_t kBcd = 1;         // BigNumber.FORMAT_BCD
constexpr std::int8_t kHex = 2;         // BigNumber.FORMAT_HEX

// A number is its bytes, the high one first, without leading zeros.
using Number = Bytes;

Number trimmed(BytesView bytes) {
  const auto first = std::ranges::find_if(bytes, [](std::uint8_t byte) { return byte != 0; });
  return {first, bytes.end()};
}

int compare(const Number& a, const Number& b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  const auto order = std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

std::uint8_t digit_from_end(const Number& number, std::size_t place) {
  return place < number.size() ? number[number.size() - 1 - place] : std::uint8_t{0};
}

Number sum(const Number& a, const Number& b) {
  Bytes out(std::max(a.size(), b.size()) + 1);
  unsigned carry = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    carry += static_cast<unsigned>(digit_from_end(a, i)) + digit_from_end(b, i);
    out[out.size() - 1 - i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  return trimmed(out);
}

/// `a` is not less than `b`.
Number difference(const Number& a, const Number& b) {
  Bytes out(a.size());
  int borrow = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int digit = digit_from_end(a, i) - digit_from_end(b, i) - borrow;
    borrow = digit < 0 ? 1 : 0;
    out[out.size() - 1 - i] = static_cast<std::uint8_t>(digit);
  }
  return trimmed(out);
}

Number product(const Number& a, const Number& b) {
  Bytes out(a.size() + b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    unsigned carry = 0;
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i + j >= out.size()) break;
      std::uint8_t& place = out[out.size() - 1 - i - j];
      carry += place + static_cast<unsigned>(digit_from_end(a, i)) * digit_from_end(b, j);
      place = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
  }
  return trimmed(out);
}

/// Two digits a byte.
bool is_bcd(BytesView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return (byte >> 4) <= 9 && (byte & 0x0F) <= 9; });
}

/// Empty: no BCD, or more than kMostBytes.
std::optional<Number> from_bcd(BytesView bytes) {
  if (!is_bcd(bytes)) return std::nullopt;
  Number out;
  for (const std::uint8_t byte : bytes) {
    out = sum(product(out, {100}), trimmed(std::array{static_cast<std::uint8_t>((byte >> 4) * 10 + (byte & 0x0F))}));
    if (out.size() > kMostBytes) return std::nullopt;
  }
  return out;
}

/// The shortest: 0 is one byte.
Bytes to_bcd(Number number) {
  Bytes out;
  do {
    unsigned rest = 0;
    for (std::uint8_t& byte : number) {
      rest = rest << 8 | byte;
      byte = static_cast<std::uint8_t>(rest / 100);
      rest %= 100;
    }
    number = trimmed(number);
    out.insert(out.begin(), static_cast<std::uint8_t>(rest / 10 << 4 | rest % 10));
  } while (!number.empty());
  return out;
}

Bytes to_format(const Number& number, std::int8_t format) {
  if (format == kBcd) return to_bcd(number);
  return number.empty() ? Bytes{0} : number;
}

/// ArithmeticException has no reason.
Outcome throw_arithmetic(NativeCall& call) {
  return call.throws(machine::kArithmeticException);
}

// BCDUtil

Outcome max_bytes(NativeCall& call) {
  return call.returns(static_cast<std::int16_t>(kMostBytes));
}

/// Arguments 0 to 2, and not empty. Empty: an exception was chosen.
std::optional<Bytes> given(NativeCall& call) {
  const auto bytes = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!bytes) return std::nullopt;
  if (!bytes->empty()) return to_bytes(*bytes);
  throw_arithmetic(call);
  return std::nullopt;
}

Outcome write_result(NativeCall& call, const Bytes& bytes) {
  return call.write_array(3, call.short_at(4), bytes) ? call.returns(static_cast<std::int16_t>(bytes.size())) : call.failed();
}

Outcome convert_to_hex(NativeCall& call) {
  const auto bytes = given(call);
  if (!bytes) return call.failed();
  const auto number = from_bcd(*bytes);
  return number ? write_result(call, to_format(*number, kHex)) : throw_arithmetic(call);
}

Outcome convert_to_bcd(NativeCall& call) {
  const auto bytes = given(call);
  if (!bytes) return call.failed();
  return bytes->size() <= kMostBytes ? write_result(call, to_bcd(trimmed(*bytes))) : throw_arithmetic(call);
}

Outcome is_bcd_format(NativeCall& call) {
  const auto bytes = given(call);
  return bytes ? call.returns(boolean(is_bcd(*bytes))) : call.failed();
}

// BigNumber: how many bytes it may have; value and maximum, each of kMostBytes

constexpr unsigned kCapacity = 0;
constexpr unsigned kValue = 0;
constexpr unsigned kMaximum = kMostBytes;

Number part(NativeCall& call, machine::Ref number, unsigned offset) {
  return trimmed(call.bytes_in(number, kBigNumber).subspan(offset, kMostBytes));
}

std::size_t capacity(NativeCall& call) {
  return static_cast<std::size_t>(call.number_in(call.self(), kBigNumber, kCapacity));
}

/// False: return failed().
bool set_part(NativeCall& call, unsigned offset, const Number& number) {
  Bytes bytes(kMostBytes - number.size());
  append(bytes, number);
  return call.set_bytes(call.self(), kBigNumber, offset, bytes);
}

Outcome make(NativeCall& call) {
  const std::int16_t most = call.short_at(0);
  if (most < 1 || static_cast<std::size_t>(most) > kMostBytes) return throw_arithmetic(call);
  const bool done = call.set_number(call.self(), kBigNumber, kCapacity, most) && set_part(call, kValue, {}) &&
                    set_part(call, kMaximum, Number(static_cast<std::size_t>(most), 0xFF));
  return done ? call.returns() : call.failed();
}

/// Arguments 0 to 2 in the format of argument 3. Empty: an exception was chosen.
std::optional<Number> operand(NativeCall& call) {
  const auto bytes = given(call);
  if (!bytes) return std::nullopt;
  const std::int8_t format = call.byte_at(3);
  std::optional<Number> out;
  if (format == kHex) out = trimmed(*bytes);
  if (format == kBcd) out = from_bcd(*bytes);
  if (!out) throw_arithmetic(call);
  return out;
}

Outcome set_value(NativeCall& call, const Number& number) {
  if (number.size() > capacity(call) || compare(number, part(call, call.self(), kMaximum)) > 0) return throw_arithmetic(call);
  return set_part(call, kValue, number) ? call.returns() : call.failed();
}

Outcome init(NativeCall& call) {
  const auto number = operand(call);
  return number ? set_value(call, *number) : call.failed();
}

Outcome set_maximum(NativeCall& call) {
  const auto number = operand(call);
  if (!number) return call.failed();
  if (number->size() > capacity(call) || compare(*number, part(call, call.self(), kValue)) < 0) return throw_arithmetic(call);
  return set_part(call, kMaximum, *number) ? call.returns() : call.failed();
}

Outcome add(NativeCall& call) {
  const auto number = operand(call);
  return number ? set_value(call, sum(part(call, call.self(), kValue), *number)) : call.failed();
}

Outcome subtract(NativeCall& call) {
  const auto number = operand(call);
  if (!number) return call.failed();
  const Number value = part(call, call.self(), kValue);
  return compare(value, *number) < 0 ? throw_arithmetic(call) : set_value(call, difference(value, *number));
}

Outcome multiply(NativeCall& call) {
  const auto number = operand(call);
  return number ? set_value(call, product(part(call, call.self(), kValue), *number)) : call.failed();
}

Outcome compare_to_number(NativeCall& call) {
  const machine::Ref other = call.reference_at(0);
  if (call.object(other) == nullptr) return call.failed();
  return call.returns(static_cast<std::int16_t>(compare(part(call, call.self(), kValue), part(call, other, kValue))));
}

Outcome compare_to_bytes(NativeCall& call) {
  const auto number = operand(call);
  return number ? call.returns(static_cast<std::int16_t>(compare(part(call, call.self(), kValue), *number))) : call.failed();
}

bool is_format(std::int8_t format) {
  return format == kBcd || format == kHex;
}

/// Right justified.
Outcome write_bytes(NativeCall& call) {
  if (!call.check_array(0, call.short_at(1), call.short_at(2))) return call.failed();
  const auto size = static_cast<std::size_t>(call.short_at(2));
  if (size == 0 || !is_format(call.byte_at(3))) return throw_arithmetic(call);
  const Bytes digits = to_format(part(call, call.self(), kValue), call.byte_at(3));
  if (digits.size() > size) return throw_arithmetic(call);
  Bytes out(size - digits.size());
  append(out, digits);
  return call.write_array(0, call.short_at(1), out) ? call.returns() : call.failed();
}

Outcome byte_length(NativeCall& call) {
  if (!is_format(call.byte_at(0))) return throw_arithmetic(call);
  return call.returns(static_cast<std::int16_t>(to_format(part(call, call.self(), kValue), call.byte_at(0)).size()));
}

Outcome reset(NativeCall& call) {
  return set_part(call, kValue, {}) ? call.returns() : call.failed();
}

// ParityBit

Outcome nothing(NativeCall& call) {
  return call.returns();
}

/// The lowest bit makes the number of ones even or odd.
Outcome set_parity(NativeCall& call) {
  const auto bytes = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!bytes) return call.failed();
  Bytes out = to_bytes(*bytes);
  for (std::uint8_t& byte : out) {
    byte &= 0xFE;
    const bool odd = std::popcount(byte) % 2 != 0;
    if (odd == call.boolean_at(3)) byte |= 0x01;
  }
  return call.write_array(0, call.short_at(1), out) ? call.returns() : call.failed();
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"BCDUtil", "<init>", "()V", nothing},
    {"BCDUtil", "getMaxBytesSupported", "()S", max_bytes},
    {"BCDUtil", "convertToHex", "([BSS[BS)S", convert_to_hex},
    {"BCDUtil", "convertToBCD", "([BSS[BS)S", convert_to_bcd},
    {"BCDUtil", "isBCDFormat", "([BSS)Z", is_bcd_format},
    {"BigNumber", "<init>", "(S)V", make},
    {"BigNumber", "getMaxBytesSupported", "()S", max_bytes},
    {"BigNumber", "setMaximum", "([BSSB)V", set_maximum},
    {"BigNumber", "init", "([BSSB)V", init},
    {"BigNumber", "add", "([BSSB)V", add},
    {"BigNumber", "subtract", "([BSSB)V", subtract},
    {"BigNumber", "multiply", "([BSSB)V", multiply},
    {"BigNumber", "compareTo", "(Ljavacardx/framework/math/BigNumber;)B", compare_to_number},
    {"BigNumber", "compareTo", "([BSSB)B", compare_to_bytes},
    {"BigNumber", "toBytes", "([BSSB)V", write_bytes},
    {"BigNumber", "getByteLength", "(B)S", byte_length},
    {"BigNumber", "reset", "()V", reset},
    {"ParityBit", "<init>", "()V", nothing},
    {"ParityBit", "set", "([BSSZ)V", set_parity},
});

}  // namespace

void add_math(machine::NativeTable& table) {
  table.layout("javacardx/framework/math", "BigNumber", {.numbers = 1, .bytes = 2 * kMostBytes});
  table.add("javacardx/framework/math", kMethods);
}

}  // namespace uicclab::applet::java
