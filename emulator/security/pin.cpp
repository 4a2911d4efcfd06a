// SPDX-License-Identifier: Apache-2.0
#include "emulator/security/pin.hpp"

#include <algorithm>

namespace uicclab::emulator {

using namespace pin_record;

bool is_pin_value(BytesView value) {
  constexpr std::size_t kLeastDigits = 4;
  const auto end = std::ranges::find_if(value, [](std::uint8_t byte) { return byte < '0' || byte > '9'; });
  const bool padded = std::all_of(end, value.end(), [](std::uint8_t byte) { return byte == 0xFF; });
  return value.size() == 8 && end - value.begin() >= static_cast<std::ptrdiff_t>(kLeastDigits) && padded;
}

Bytes encode_pin(const PinRecord& pin) {
  const int flags =
      (pin.enabled ? kEnabled : 0) | (pin.can_be_disabled ? kCanBeDisabled : 0) | (pin.replaced_by_universal ? kReplacedByUniversal : 0);
  Bytes out;
  out.reserve(kSize);
  out.push_back(kVersion);
  append(out, pin.value);
  append(out, pin.puk);
  append(out, std::array{pin.max_tries, pin.tries, pin.max_puk_tries, pin.puk_tries, static_cast<std::uint8_t>(flags)});
  return out;
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
