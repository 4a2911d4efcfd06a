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

/// Of a record, what access rules ask for at each command.
struct PinFlags {
  bool enabled;
  bool can_be_disabled;
  bool replaced_by_universal;
};
std::optional<PinFlags> decode_pin_flags(BytesView bytes);

/// Where the PIN is kept; `adf` counts only for a local key reference.
inline ObjectId pin_object(KeyReference key, FileId adf) {
  return {Space::kPin, key.is_local() ? adf.value : 0, key.value};
}

}  // namespace uicclab::emulator
