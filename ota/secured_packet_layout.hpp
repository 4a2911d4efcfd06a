// SPDX-License-Identifier: Apache-2.0
// What command and response packets have in common: a clear part, then, ciphered together or not, fixed fields (CNTR, PCNTR and in a
// response STS), the check, the data and its padding. ETSI TS 102 225 clauses 5.1 and 5.2. For the two codecs of this folder.
#pragma once

#include "ota/secured_packet_keys.hpp"

namespace uicclab::ota {

/// Where the parts of a packet lie.
struct PacketLayout {
  std::size_t clear;       ///< octets before CNTR: length, header length, and what is never ciphered
  std::size_t fixed;       ///< CNTR, PCNTR and the other fields before the check
  BytesView check_prefix;  ///< what the check covers before the packet itself

  std::size_t pcntr() const { return clear + Cntr::kSize; }
  std::size_t check() const { return clear + fixed; }
};

inline constexpr PacketLayout kCommandLayout{10, 6, {}};
/// 3GPP TS 31.115 clause 4.4: the check of a response also covers the user data header of the short message, UDHL IEIa IEIDLa.
inline constexpr std::array<std::uint8_t, 3> kResponseHeader{0x02, 0x71, 0x00};
inline constexpr PacketLayout kResponseLayout{6, 7, kResponseHeader};

/// The algorithms that apply to one packet; nullptr for none.
struct PacketProtection {
  PacketCipher* cipher = nullptr;
  PacketCheck* check = nullptr;
  std::size_t check_size = 0;
};

/// A packet of the right length with its length field, PCNTR, data and padding; the other fields are zeros.
/// Errors: kRange over 65535 octets.
Result<Bytes> frame(const PacketLayout& layout, const PacketProtection& protection, BytesView data, std::uint8_t first_padding);
/// Writes the check and ciphers, after all fields are written.
void seal(Bytes& packet, const PacketLayout& layout, const PacketProtection& protection);

enum class Opened { kOk, kPartOfBlock, kCheckFailed, kPaddingTooLong };

/// Deciphers in place and looks at the check and the padding, in this order.
Opened open(Bytes& packet, const PacketLayout& layout, const PacketProtection& protection);
/// Data without padding of a packet that open() found right.
BytesView data_of(const Bytes& packet, const PacketLayout& layout, std::size_t check_size);

/// CNTR at the beginning of the fixed fields.
void write_cntr(Bytes& packet, const PacketLayout& layout, Cntr cntr);
Cntr read_cntr(BytesView packet, const PacketLayout& layout);

}  // namespace uicclab::ota
