// SPDX-License-Identifier: Apache-2.0
// Identifiers of the card world as types of their own, so that no two of them can be mixed up.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab {

/// File identifier, two bytes (ETSI TS 102 221 clause 8.2).
struct Fid {
  std::uint16_t value = 0;
  auto operator<=>(const Fid&) const = default;
};
/// The MF, and the current application\'s ADF in a path (clauses 8.3, 8.4.2).
inline constexpr Fid kMfFid{0x3F00}, kAdfFid{0x7FFF};

/// Short file identifier, 1 to 30 (ETSI TS 102 221 clause 8.2).
struct Sfi {
  std::uint8_t value = 0;
  auto operator<=>(const Sfi&) const = default;
};

/// Logical channel number, 0 to 19 (ETSI TS 102 221 clause 10.3).
struct Channel {
  std::uint8_t value = 0;
  auto operator<=>(const Channel&) const = default;
};

/// Key version number of a key set (GlobalPlatform Card Specification clause 7.5).
struct KeyVersion {
  std::uint8_t value = 0;
  auto operator<=>(const KeyVersion&) const = default;
};

/// Toolkit application reference, three bytes (ETSI TS 101 220 annex D).
struct Tar {
  std::array<std::uint8_t, 3> value{};
  auto operator<=>(const Tar&) const = default;
};

/// Reference of a PIN or key in access rules and PIN commands (ETSI TS 102 221 clause 9.5.1): 01-08 PIN, 0A-0E ADM, 11 universal PIN,
/// 81-88 second PIN, 8A-8E ADM6-10.
struct KeyReference {
  std::uint8_t value = 0;
  /// Bit 8: valid only inside the application that holds it.
  bool is_local() const { return (value & 0x80) != 0; }
  auto operator<=>(const KeyReference&) const = default;
};

/// Application identifier, 5 to 16 bytes (ISO/IEC 7816-4 clause 8.2.1.2; ETSI TS 101 220).
class Aid {
 public:
  static constexpr std::size_t kMinSize = 5;
  static constexpr std::size_t kMaxSize = 16;

  Aid() = default;

  /// Errors: kRange if the length is not 5 to 16.
  static Result<Aid> from(BytesView bytes);

  BytesView bytes() const { return {m_bytes.data(), m_size}; }
  bool empty() const { return m_size == 0; }
  /// A right-truncated AID selects every AID that begins with it (ETSI TS 102 221 clause 8.5.1.2).
  bool begins_with(BytesView partial) const;

  auto operator<=>(const Aid&) const = default;

 private:
  std::array<std::uint8_t, kMaxSize> m_bytes{};
  std::uint8_t m_size = 0;
};

/// "6F07"
std::string to_hex(Fid fid);
/// "B00140"
std::string to_hex(Tar tar);

}  // namespace uicclab
