// SPDX-License-Identifier: Apache-2.0
#include "emulator/security/pin.hpp"

#include <algorithm>

#include "core/reader.hpp"

namespace uicclab::emulator {
namespace {
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kEnabled = 0x01;
constexpr std::uint8_t kCanBeDisabled = 0x02;
constexpr std::uint8_t kReplacedByUniversal = 0x04;
constexpr std::size_t kSize = 22;
}  // namespace

bool is_pin_value(BytesView value) {
  constexpr std::size_t kLeastDigits = 4;
  const auto end = std::ranges::find_if(value, [](std::uint8_t byte) { return byte < '0' || byte > '9'; });
  const bool padded = std::all_of(end, value.end(), [](std::uint8_t byte) { return byte == 0xFF; });
  return value.size() == 8 && end - value.begin() >= static_cast<std::ptrdiff_t>(kLeastDigits) && padded;
}

Bytes encode_pin(const PinRecord& pin) {
  const int flags =
      (pin.enabled ? kEnabled : 0) | (pin.can_be_disabled ? kCanBeDisabled : 0) | (pin.replaced_by_universal ? kReplacedByUniversal : 0);
  ByteWriter out;
  out.u8(kVersion).bytes(pin.value).bytes(pin.puk);
  out.u8(pin.max_tries).u8(pin.tries).u8(pin.max_puk_tries).u8(pin.puk_tries).u8(static_cast<std::uint8_t>(flags));
  return out.take();
}

std::optional<PinFlags> decode_pin_flags(BytesView bytes) {
  if (bytes.size() != kSize || bytes[0] != kVersion) return std::nullopt;
  const std::uint8_t flags = bytes[21];
  return PinFlags{(flags & kEnabled) != 0, (flags & kCanBeDisabled) != 0, (flags & kReplacedByUniversal) != 0};
}

std::optional<PinRecord> decode_pin(BytesView bytes) {
  const auto flags = decode_pin_flags(bytes);
  if (!flags) return std::nullopt;
  PinRecord pin;
  std::ranges::copy(bytes.subspan(1, 8), pin.value.begin());
  std::ranges::copy(bytes.subspan(9, 8), pin.puk.begin());
  pin.max_tries = bytes[17];
  pin.tries = bytes[18];
  pin.max_puk_tries = bytes[19];
  pin.puk_tries = bytes[20];
  pin.enabled = flags->enabled;
  pin.can_be_disabled = flags->can_be_disabled;
  pin.replaced_by_universal = flags->replaced_by_universal;
  return pin;
}

}  // namespace uicclab::emulator
