// SPDX-License-Identifier: Apache-2.0
// Names of GBA: NAF_Id and Ua security protocol identifier (3GPP TS 33.220 annexes B.3 and H), private identity (3GPP TS 23.003).
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::gba {

/// 5 octets, the first names the organisation: 01 3GPP, 03 OMA, FF private use (annexes H.2 and H.3). OMA has registered none for DM or
/// LwM2M, so that the default is a private one; it is a setting wherever it is used.
using UaProtocol = std::array<std::uint8_t, 5>;
inline constexpr std::size_t kUaSize = std::tuple_size_v<UaProtocol>;
inline constexpr UaProtocol kDefaultUaProtocol{0xFF, 0x00, 0x00, 0x00, 0x01};

/// NAF_Id = FQDN || Ua security protocol identifier (TS 33.220 annex B.3).
Bytes naf_id_of(std::string_view fqdn, const UaProtocol& ua = kDefaultUaProtocol);
/// "dm.example.com/FF00000001", for people. In hexadecimal if it is no NAF_Id.
std::string naf_name(BytesView naf_id);
/// The way back, and an FQDN alone, with the default. Errors: kMalformed.
Result<Bytes> parse_naf_name(std::string_view text);

/// The private identity of a subscriber without an ISIM (TS 23.003 clause 13.3). `mnc_size` is 2 or 3. Errors: kMalformed for an IMSI
/// that is not 6 to 15 digits.
Result<std::string> impi_of(std::string_view imsi, std::size_t mnc_size);

}  // namespace uicclab::gba
