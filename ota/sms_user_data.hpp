// SPDX-License-Identifier: Apache-2.0
// User data of a short message: 3GPP TS 23.040 clause 9.2.3.24 (header), 9.2.3.24.1 and 9.2.3.24.8 (concatenation);
// 3GPP TS 31.115 clauses 4.1 to 4.4 (the header of a secured packet).
#pragma once

#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::ota {

/// User data of one short message at most, in octets.
inline constexpr std::size_t kMaxUserData = 140;

/// Information element identifiers that mean something here (3GPP TS 23.040 clause 9.2.3.24).
namespace iei {
inline constexpr std::uint8_t kConcatenated8 = 0x00;
inline constexpr std::uint8_t kPorts8 = 0x04;
inline constexpr std::uint8_t kPorts16 = 0x05;
inline constexpr std::uint8_t kConcatenated16 = 0x08;
inline constexpr std::uint8_t kCommandPacket = 0x70;   ///< (U)SIM toolkit security header, to the card
inline constexpr std::uint8_t kResponsePacket = 0x71;  ///< from the card
}  // namespace iei

/// One information element of a user data header.
struct InformationElement {
  std::uint8_t id = 0;
  Bytes value;
  bool operator==(const InformationElement&) const = default;
};

/// 8-bit user data: the elements of its header, in order, unknown ones too, and what follows the header.
struct UserData {
  std::vector<InformationElement> header;
  Bytes payload;

  /// The element with this identifier that counts: of two, the last (clause 9.2.3.24). nullptr if there is none.
  const InformationElement* find(std::uint8_t id) const;
  /// Octets of the header with its length octet; 0 without elements.
  std::size_t header_size() const;
  /// Header and payload, whatever their length. Errors: kRange if the header or an element is longer than its length octet can say.
  Result<Bytes> encode() const;

  bool operator==(const UserData&) const = default;
};

/// Takes user data apart. Errors, with the offset: kTruncated if the header or an element does not end inside.
Result<UserData> parse_user_data(BytesView bytes, bool has_header);

/// Place of a part in a concatenated message.
struct Concatenation {
  bool wide = false;  ///< 16 bit reference
  std::uint16_t reference = 0;
  std::uint8_t total = 0;     ///< 1 to 255
  std::uint8_t sequence = 0;  ///< 1 to total

  InformationElement element() const;
  bool operator==(const Concatenation&) const = default;
};

/// Nothing if the message has one part; also if the element is not one that can be (no part, part 0, part beyond the last, another
/// length), which the receiver ignores (clause 9.2.3.24.1).
std::optional<Concatenation> concatenation_of(const UserData& part);

/// Cuts user data that may be too long for one short message. One that fits stays as it is; otherwise every part carries its place
/// first; port addresses are repeated, other elements are in the first part only (3GPP TS 31.115 clause 4.3 for 70).
/// Errors: kRange for more than 255 parts, a reference over 255 that is not wide, or a header that leaves no room.
Result<std::vector<UserData>> split(const UserData& message, std::uint16_t reference, bool wide = false);

}  // namespace uicclab::ota
