// SPDX-License-Identifier: Apache-2.0
// Addresses of short messages: 3GPP TS 23.040 clause 9.1.2.5 (in TPDUs); ETSI TS 102 223 clause 8.1 (in CAT data objects).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/reader.hpp"

namespace uicclab::ota {

/// A number or a name, with its type of number and numbering plan; stored as on the wire.
struct Address {
  /// Semi-octets of the longest TP address (12 octets with count and type).
  static constexpr std::size_t kMaxSemiOctets = 20;
  /// Septets of the longest name.
  static constexpr std::size_t kMaxName = 11;

  std::uint8_t type = 0x91;      ///< 1, type of number, numbering plan
  std::uint8_t semi_octets = 0;  ///< of the value that count: digits, or the used half-octets of a name
  Bytes value;                   ///< (semi_octets + 1) / 2 bytes, the first digit in the low half

  /// "+4917..." (international) or "0170..." (unknown type); digits 0-9 * # a b c. Errors: kMalformed, kRange over 20 digits.
  static Result<Address> from_number(std::string_view number);

  /// A name in UTF-8, of characters that the GSM 7-bit alphabet has; those of its extension take two septets. Errors: kMalformed, kRange
  /// over 11 septets.
  static Result<Address> from_name(std::string_view name);

  /// What a person writes: a number if it begins with a digit, * or # and goes on so, or begins with +; else a name. Errors as those of
  /// both.
  static Result<Address> from_text(std::string_view text);

  /// Type of number 5: a name in the GSM 7-bit alphabet.
  bool is_name() const { return (type & 0x70) == 0x50; }
  /// The number with its "+", or the name in UTF-8.
  std::string text() const;

  bool operator==(const Address&) const = default;
};

/// Both name the same subscriber, whatever the type of number and the numbering plan: international digits are the same with type of number
/// 1, after 00, or as given. A name is the same as an equal name only.
bool is_same_number(const Address& a, const Address& b);

/// An address field of a TPDU: count of semi-octets, type, value. Errors, with the offset: kTruncated; kRange over 20 semi-octets.
Result<Address> read_address(ByteReader& reader);
/// Throws SystemError if the length of the value does not match the count.
void write_address(ByteWriter& writer, const Address& address);

/// The value of an Address data object: type, then semi-octets up to the end, the last one a filler F if their number is odd.
/// Errors: kTruncated if it is empty.
Result<Address> parse_address_value(BytesView value);
Bytes build_address_value(const Address& address);

/// The address of a service centre in front of a TPDU, as modems print and take it: count of octets, then type and semi-octets; 00 without
/// one (3GPP TS 27.005 clause 3.1; 3GPP TS 24.011 clause 8.2.5.1).
Bytes service_centre_prefix(const std::optional<Address>& service_centre);

}  // namespace uicclab::ota
