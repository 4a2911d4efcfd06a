// SPDX-License-Identifier: Apache-2.0
// The MAC of an OMA DM or CP bootstrap document: OMA-TS-DM_Security clause 5.7.2 (1.3: with GBA); OMA-WAP-TS-ProvBoot clause 5.4; its
// content type as text, and in WSP's short coding (WAP-230-WSP clause 8.4.2 and appendix A).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/crypto/hash.hpp"

namespace uicclab::dm {

/// What a document is protected with. The names of DM and CP differ also where they mean nearly the same.
enum class DmSec {
  kNetworkId,         ///< DM: IMSI or ESN
  kUserPin,           ///< DM and CP
  kUserPinNetworkId,  ///< DM: "PIN:secret"
  kNetworkIdGba,      ///< DM: Ks_NAF
  kUserPinNetworkIdGba,
  kNetwPin,      ///< CP: IMSI
  kUserNetwPin,  ///< CP: IMSI, then PIN, nothing between them
  kUserPinMac    ///< CP: the second half of the PIN is made of the first one and the document; there is no MAC parameter
};

/// "USERPIN_NETWORKID".
std::string_view name_of(DmSec sec);
/// In any case of letters. Errors: kUnsupported.
Result<DmSec> parse_sec(std::string_view name);

/// A method of CP only.
bool is_cp(DmSec sec);

/// What both ends know.
struct DmSecret {
  std::string imsi;
  std::string esn;  ///< taken as it is written: no specification at hand says what its bytes are
  std::string pin;
  crypto::SecretBytes ks_naf;  ///< 32 bytes
};

/// The network key of an IMSI: EF_IMSI without its length byte (TS 31.102 clause 4.2.2), 8 bytes for 15 digits. Errors: kMalformed.
Result<Bytes> imsi_key(std::string_view imsi);
/// Key of the HMAC. Errors: kRefused for both IMSI and ESN, of which only one can be the key; kNotFound for a part of the secret that is
/// not there, kMalformed for an IMSI or PIN that is not made of digits, kRange for one that is too long, kUnsupported for kUserPinMac,
/// which has none.
Result<crypto::SecretBytes> mac_key(DmSec sec, const DmSecret& secret);
/// Why the secret is no secret; empty if it is one.
std::string_view weakness_of(DmSec sec);

/// HMAC-SHA1 over the WBXML document, 40 hexadecimal digits in upper case.
std::string document_mac(BytesView document, const crypto::SecretBytes& key);
/// In constant time; digits in any case. False also for a text of another length.
bool is_document_mac(BytesView document, const crypto::SecretBytes& key, std::string_view mac);

/// The second half of a PIN of USERPINMAC for its first half: digit i is byte i of HMAC-SHA1(first half, document) modulo 10. Errors:
/// kMalformed unless it is 5 to 20 digits.
Result<std::string> derived_pin_half(BytesView document, std::string_view first_half);
/// Both halves are there and fit. Errors: kMalformed for a PIN that is not 10 to 40 digits, an even number of them.
Result<bool> is_userpinmac_pin(BytesView document, std::string_view pin);

inline constexpr std::string_view kDmMediaType = "application/vnd.syncml.dm+wbxml";
inline constexpr std::string_view kCpMediaType = "application/vnd.wap.connectivity-wbxml";

/// Media type with its parameters SEC and MAC.
struct DmContentType {
  std::string media_type{kDmMediaType};
  std::optional<DmSec> sec;
  std::string mac;
  bool operator==(const DmContentType&) const = default;
};

/// The MIME type is the one that its security method belongs to (DM_Security clause 5.7.2.1, ProvBoot clause 5.4). Errors: kRefused.
Result<void> check_media_type(const DmContentType& type);

/// `application/vnd.syncml.dm+wbxml; SEC=USERPIN; MAC=...`
std::string to_text(const DmContentType& type);
/// With or without `Content-Type:` before it; other parameters are passed over. Errors: kMalformed; kUnsupported for a SEC that is not
/// known; kRefused for an XML document, which must not be used for a bootstrap (DM_Security clause 5.7.2.1).
Result<DmContentType> parse_content_type(std::string_view text);

/// Content-type value of a WSP header: value length, media type, parameters. CP's SEC values have numbers; DM's names are written as
/// text parameters.
Bytes to_wsp(const DmContentType& type);
/// Errors: kTruncated, kTrailing, and as parse_content_type().
Result<DmContentType> parse_wsp(BytesView bytes);

}  // namespace uicclab::dm
