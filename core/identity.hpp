// SPDX-License-Identifier: Apache-2.0
// Numbers of the subscriber, the card and the network as files hold them, and back. What a profile, an application and the codecs of ef/
// share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace uicclab {

bool all_digits(std::string_view text);

/// Two digits a byte, the first one in the low half; an odd last one together with F.
Bytes swapped_digits(std::string_view digits);
/// The half-bytes after each other as long as they are digits; nothing if a digit follows F, or a half-byte is A to E.
std::optional<std::string> unswapped_digits(BytesView bytes);

/// Luhn's check digit is the last one (ISO/IEC 7812-1 annex B).
bool luhn_is_good(std::string_view digits);

/// EF_IMSI, 9 bytes: length, then parity and digits (3GPP TS 31.102 clause 4.2.2). `imsi` has 6 to 15 digits.
Bytes encode_imsi(std::string_view imsi);
/// Nothing if length, parity, identity type or a digit is wrong, or the unused bytes are not FF.
std::optional<std::string> decode_imsi(BytesView content);

/// EF_ICCID, 10 bytes, swapped digits, padded with F (ETSI TS 102 221 clause 13.2). `iccid` has up to 20 digits.
Bytes encode_iccid(std::string_view iccid);
/// Nothing if a digit is wrong, or one follows the padding.
std::optional<std::string> decode_iccid(BytesView content);

/// A PLMN in three bytes (3GPP TS 24.008 clause 10.5.1.13). `mcc` has 3 digits, `mnc` 2 or 3.
Bytes encode_plmn(std::string_view mcc, std::string_view mnc);

/// EF_ACC, 2 bytes: the class that is the IMSI's last digit (3GPP TS 31.102 clause 4.2.15; TS 22.011 clause 4.2).
Bytes encode_access_class(std::string_view imsi);

/// A dialling number in 12 bytes: length, type of number, swapped digits, padded with FF (3GPP TS 31.102 clause 4.4.2.3). `number` is up to
/// 20 digits, international with a + before them.
Bytes encode_number(std::string_view number);

/// A record of EF_PNN: full name, tag 43, in the GSM 7-bit alphabet, packed (3GPP TS 24.008 clause 10.5.3.5a). `name` is characters that
/// ASCII and that alphabet code alike.
Bytes encode_network_name(std::string_view name);

/// Home network domain of an IMSI's network, "ims.mnc001.mcc001.3gppnetwork.org" (3GPP TS 23.003 clause 13.2). `mnc` has 2 or 3 digits.
std::string ims_domain(std::string_view mcc, std::string_view mnc);

/// A data object with tag 80: EF_IMPI, EF_IMPU, EF_DOMAIN (3GPP TS 31.103 clauses 4.2.2 to 4.2.4).
Bytes encode_ims_identity(std::string_view text);

}  // namespace uicclab
