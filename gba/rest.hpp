// SPDX-License-Identifier: Apache-2.0
// Zh and Zpn as JSON, for HTTP between processes. Names and forms are those of 3GPP's REST form of Zpn where it has them (3GPP TS 29.309:
// gbaPushInfo, meKeyMaterial, uiccKeyMaterial, keyExpiryTime, impi; octets in hexadecimal, times as RFC 3339 writes them), else those of
// the AVPs of TS 29.109. Zh has no REST form: its members are ours.
#pragma once

#include <string>
#include <string_view>

#include "gba/naf.hpp"

namespace uicclab::gba {

std::string to_json(const ZhRequest& request);
std::string to_json(const ZhAnswer& answer);
/// The NAF is not in it: the BSF knows who asks.
std::string to_json(const ZpnRequest& request);
std::string to_json(const ZpnAnswer& answer);
std::string to_json(const Naf::Push& push);
/// With its keys if it has them.
std::string to_json(const NafAssociation& association);
std::string to_json(const Refused& refused);

/// Errors: kMalformed, with the member that is wrong. Members that are not known are passed over.
Result<ZhRequest> parse_zh_request(std::string_view json);
Result<ZhAnswer> parse_zh_answer(std::string_view json);
Result<ZpnRequest> parse_zpn_request(std::string_view json);
Result<ZpnAnswer> parse_zpn_answer(std::string_view json);
Result<Naf::Push> parse_naf_push(std::string_view json);
Result<NafAssociation> parse_association(std::string_view json);
Result<Refused> parse_refused(std::string_view json);

/// What an application asks its NAF for: the keys by `nafSaIdentifier`, or the youngest of a user.
struct KeyRequest {
  std::string sa_id;  ///< empty: by the user
  UserIdentity user;
};
std::string to_json(const KeyRequest& request);
Result<KeyRequest> parse_key_request(std::string_view json);

}  // namespace uicclab::gba
