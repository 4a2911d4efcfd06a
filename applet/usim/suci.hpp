// SPDX-License-Identifier: Apache-2.0
// SUCI of an IMSI: 3GPP TS 33.501 clause 6.12.2 and annex C; coded as in the 5GS mobile identity of 3GPP TS 24.501 clause 9.11.3.4 from
// octet 4 on, which is what GET IDENTITY answers (3GPP TS 31.102 clause 7.5). Both ends.
#pragma once

#include <string>

#include "applet/usim/suci_calc_info.hpp"
#include "core/crypto/secret.hpp"
#include "core/environment.hpp"

namespace uicclab::applet::usim {

/// The parts of an IMSI.
struct Imsi {
  std::string mcc;   ///< 3
  std::string mnc;   ///< 2 or 3
  std::string msin;  ///< 1 to 10
  bool operator==(const Imsi&) const = default;
};

/// From EF_IMSI (TS 31.102 clause 4.2.2) and the MNC length of EF_AD (clause 4.2.18), which is 2 or 3.
/// Errors: kTruncated, kMalformed, kRange.
Result<Imsi> parse_imsi(BytesView ef_imsi, std::size_t mnc_length);

/// Home network identifier, three bytes (TS 24.501 octets 5 to 7).
std::array<std::uint8_t, 3> encode_plmn(const Imsi& imsi);
/// MSIN as the null scheme shows it and the others conceal it: two digits a byte, first digit low, F after an odd last one.
Bytes encode_msin(std::string_view msin);

/// The SUCI value: 01, home network (3), routing indicator (2), protection scheme, key identifier, scheme output. Takes the scheme with the
/// highest priority that is the null scheme, profile A or profile B. The ephemeral key comes from `random`.
/// Errors: kNotFound if the list names none of these, or not the key of that one; kMalformed if its key is invalid. There is no way down to
/// the null scheme from a key that fails: it would show the IMSI.
Result<Bytes> make_suci(const Imsi& imsi, std::span<const std::uint8_t, 2> routing_indicator, const SuciCalcInfo& info, Random& random);

/// The home network's end: IMSI digits of a SUCI value. `private_key` is that of the key identifier; unused with the null scheme.
/// Errors: kTruncated, kMalformed, kUnsupported (another scheme or SUPI format), kMismatch (MAC tag).
Result<std::string> open_suci(BytesView suci, const crypto::SecretBytes& private_key);

}  // namespace uicclab::applet::usim
