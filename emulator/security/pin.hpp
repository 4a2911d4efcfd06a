// SPDX-License-Identifier: Apache-2.0
// State of one PIN or ADM in NVM: ETSI TS 102 221 clause 9.5.
#pragma once

#include <array>

#include "emulator/fs/file.hpp"
#include "emulator/nvm/object.hpp"

namespace uicclab::emulator {

/// A PIN with its counters. Tries of 0: blocked.
struct PinRecord {
  std::array<std::uint8_t, 8> value{};
  std::array<std::uint8_t, 8> puk{};
  std::uint8_t max_tries = 3;
  std::uint8_t tries = 3;
  std::uint8_t max_puk_tries = 10;  ///< 0: there is no PUK
  std::uint8_t puk_tries = 10;
  bool enabled = true;
  bool can_be_disabled = true;
  bool replaced_by_universal = false;  ///< disabled with "use the universal PIN instead" (clause 11.1.11)

  bool operator==(const PinRecord&) const = default;
};

/// 4 to 8 digits, padded with FF (clause 9.5.1).
bool is_pin_value(BytesView value);

/// Twenty-two bytes; a record of another length is not a PIN.
Bytes encode_pin(const PinRecord& pin);
std::optional<PinRecord> decode_pin(BytesView bytes);

namespace pin_record {
inline constexpr std::size_t kSize = 22;
inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::uint8_t kEnabled = 0x01;
inline constexpr std::uint8_t kCanBeDisabled = 0x02;
inline constexpr std::uint8_t kReplacedByUniversal = 0x04;
}  // namespace pin_record

/// Of a record, what access rules ask for at each command.
struct PinFlags {
  bool enabled;
  bool can_be_disabled;
  bool replaced_by_universal;
};
inline std::optional<PinFlags> decode_pin_flags(BytesView bytes) {
  using namespace pin_record;
  if (bytes.size() != kSize || bytes[0] != kVersion) return std::nullopt;
  const std::uint8_t flags = bytes[kSize - 1];
  return PinFlags{(flags & kEnabled) != 0, (flags & kCanBeDisabled) != 0, (flags & kReplacedByUniversal) != 0};
}

/// Where the PIN is kept; `adf` counts only for a local key reference.
inline ObjectId pin_object(KeyReference key, FileId adf) {
  return {Space::kPin, key.is_local() ? adf.value : 0, key.value};
}

}  // namespace uicclab::emulator
