// SPDX-License-Identifier: Apache-2.0
// Zh and Zpn as JSON, for HTTP between processes. Path, names and forms of Zpn are those of Nbsp_GBA (OpenAPI of 3GPP TS 29.309 V18.1.0,
// PushInfoRequest and PushInfoResponse): ueId, nafId, uiccOrMe, uiccAppLabel, auts, rand, gbaPushInfo, meKeyMaterial, uiccKeyMaterial,
// keyExpiryTime, impi; octets in hexadecimal, times as RFC 3339 writes them.
// DEVIATION: ueIdType there is PUBLIC or PRIVATE, here IMSI, MSISDN or IMEI; requestedLifeTime is a date, here requestedKeyLifetime in
// seconds as in TS 29.109; ptId comes from the NAF, here the BSF makes it and answers nafSaIdentifier. Members of Zh are ours (TS 29.562).
#pragma once

#include <string>
#include <string_view>

#include "gba/naf.hpp"

namespace uicclab::gba {

/// Of the BSF (TS 29.309, Nbsp_GBA, PushInfoRetrieval).
inline constexpr const char* kPushInfoPath = "/nbsp-gba/v1/push-info-retrieval";

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
