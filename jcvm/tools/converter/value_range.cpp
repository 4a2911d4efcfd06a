// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/converter/value_range.hpp"

#include <algorithm>
#include <array>

namespace uicclab::jcvm::converter {
namespace {

constexpr ValueRange kInt{};

/// Java cuts to 32 bits: beyond them anything may come out.
ValueRange fitted(ValueRange range) {
  return range.within(kInt) ? range : kInt;
}

ValueRange hull(std::initializer_list<std::int64_t> values) {
  return {std::ranges::min(values), std::ranges::max(values)};
}

/// The smallest 2^n - 1 that is not below a value.
std::int64_t mask_of(std::int64_t value) {
  std::int64_t mask = 0;
  while (mask < value) mask = mask * 2 + 1;
  return mask;
}

/// What as many bits as both have can hold, with a sign.
ValueRange signed_bits(ValueRange left, ValueRange right) {
  const std::int64_t mask = mask_of(std::max({left.high, right.high, -(left.low + 1), -(right.low + 1)}));
  return {-mask - 1, mask};
}

ValueRange of_and(ValueRange left, ValueRange right) {
  if (left.low >= 0 && right.low >= 0) return {0, std::min(left.high, right.high)};
  if (left.low >= 0) return {0, left.high};
  if (right.low >= 0) return {0, right.high};
  return signed_bits(left, right);
}

ValueRange of_or(ValueRange left, ValueRange right) {
  if (left.low >= 0 && right.low >= 0) return {0, mask_of(std::max(left.high, right.high))};
  return signed_bits(left, right);
}

ValueRange of_shift(Arithmetic operation, ValueRange value, ValueRange count) {
  if (!count.is_constant()) {
    if (operation == Arithmetic::kShr)
      return {std::min<std::int64_t>(value.low, 0), std::max<std::int64_t>(value.high, value.high < 0 ? -1 : 0)};
    if (operation == Arithmetic::kUshr && value.low >= 0) return {0, value.high};
    return kInt;
  }
  const auto bits = static_cast<unsigned>(count.low & 31);
  if (operation == Arithmetic::kShl) return fitted({value.low * (std::int64_t{1} << bits), value.high * (std::int64_t{1} << bits)});
  if (operation == Arithmetic::kShr || value.low >= 0) return {value.low >> bits, value.high >> bits};
  return bits == 0 ? value : ValueRange{0, std::int64_t{UINT32_MAX} >> bits};
}

}  // namespace

ValueRange ValueRange::of_type(char letter) {
  switch (letter) {
    case 'Z':
      return {0, 1};
    case 'B':
      return {INT8_MIN, INT8_MAX};
    case 'S':
      return {INT16_MIN, INT16_MAX};
    default:
      return kInt;
  }
}

ValueRange ValueRange::joined(ValueRange other) const {
  return {std::min(low, other.low), std::max(high, other.high)};
}

ValueRange ValueRange::widened(ValueRange other) const {
  constexpr auto kBounds = std::to_array<std::int64_t>({INT32_MIN, INT16_MIN, INT8_MIN, 0, 1, INT8_MAX, 255, INT16_MAX, 65535, INT32_MAX});
  ValueRange out = joined(other);
  if (out.low < low)
    out.low = *std::ranges::find_if(kBounds.rbegin(), kBounds.rend(), [&](std::int64_t bound) { return bound <= out.low; });
  if (out.high > high) out.high = *std::ranges::find_if(kBounds, [&](std::int64_t bound) { return bound >= out.high; });
  return out;
}

std::string ValueRange::text() const {
  return is_constant() ? std::to_string(low) : std::to_string(low) + " to " + std::to_string(high);
}

bool told_apart_by_16_bits(ValueRange a, ValueRange b) {
  const ValueRange both = a.joined(b);
  return both.high - both.low <= UINT16_MAX;
}

ValueRange result_of(Arithmetic operation, ValueRange left, ValueRange right) {
  switch (operation) {
    case Arithmetic::kAdd:
      return fitted({left.low + right.low, left.high + right.high});
    case Arithmetic::kSub:
      return fitted({left.low - right.high, left.high - right.low});
    case Arithmetic::kMul:
      return fitted(hull({left.low * right.low, left.low * right.high, left.high * right.low, left.high * right.high}));
    case Arithmetic::kDiv: {
      const std::int64_t most = std::max(left.high, -left.low);
      return fitted({left.low >= 0 && right.low >= 0 ? 0 : -most, left.low >= 0 && right.low >= 0 ? left.high : most});
    }
    case Arithmetic::kRem: {
      const std::int64_t most = std::min(std::max(right.high, -right.low) - 1, std::max(left.high, -left.low));
      return fitted({left.low >= 0 ? 0 : -std::max<std::int64_t>(most, 0), std::max<std::int64_t>(most, 0)});
    }
    case Arithmetic::kNeg:
      return fitted({-left.high, -left.low});
    case Arithmetic::kShl:
    case Arithmetic::kShr:
    case Arithmetic::kUshr:
      return of_shift(operation, left, right);
    case Arithmetic::kAnd:
      return of_and(left, right);
    case Arithmetic::kOr:
    case Arithmetic::kXor:
      return of_or(left, right);
  }
  return kInt;
}

}  // namespace uicclab::jcvm::converter
