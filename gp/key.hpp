// SPDX-License-Identifier: Apache-2.0
// Keys of a security domain: GP clause 7.5; types by table 11-16; key information template by clause 11.3.3.1.1.
#pragma once

#include <optional>
#include <vector>

#include "core/crypto/secret.hpp"
#include "core/types.hpp"

namespace uicclab::gp {

inline constexpr std::uint8_t kDesKey = 0x80;
inline constexpr std::uint8_t kAesKey = 0x88;

/// Number of a key in its key set, 1 to 127: 1 S-ENC, 2 S-MAC, 3 DEK for secure channels.
struct KeyId {
  std::uint8_t value = 0;
  auto operator<=>(const KeyId&) const = default;
};

/// One key as a card keeps it.
struct Key {
  KeyVersion version;
  KeyId id;
  std::uint8_t type = kAesKey;
  crypto::SecretBytes value;

  /// For non-volatile memory: a format of our own, without version and identifier.
  Bytes encoded() const;
  /// Errors: kTruncated, kUnsupported (format).
  static Result<Key> decode(KeyVersion version, KeyId id, BytesView bytes);
};

/// Public information about a key.
struct KeyInformation {
  KeyId id;
  KeyVersion version;
  std::uint8_t type = kAesKey;
  std::uint16_t length = 16;  ///< bytes

  bool operator==(const KeyInformation&) const = default;
};

/// The value of E0: an object C0 for each key.
Bytes encode_key_information(const std::vector<KeyInformation>& keys);
/// The same back; the extended form (FF before each type, two bytes of length) too, of a key with several components the first. Empty
/// objects C0 are skipped. Errors: kMalformed, kTruncated with the offset.
Result<std::vector<KeyInformation>> parse_key_information(BytesView value);

}  // namespace uicclab::gp
