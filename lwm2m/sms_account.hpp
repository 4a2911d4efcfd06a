// SPDX-License-Identifier: Apache-2.0
// What the Security object says of secured packets over SMS (OMA-TS-LightweightM2M 1.0 clauses 7.2.2.2, 7.2.2.3 and appendix E.1, resources
// 6 to 9), and the device end-point of the SMS session-key CR, which 1.0 did not take over (docs/lwm2m-requirements.md).
//
// SMS Security Mode 1 is DTLS over SMS in 1.0, and the device end-point in the CR. What is written for that end-point is a mode of the
// proprietary range, 204. What is read as 1 goes by where it came from: an account with SMS Binding Key Parameters, which DTLS has no use
// for, with a TAR of the CR's range, is one of the CR; any other is DTLS.
#pragma once

#include <string>

#include "core/types.hpp"
#include "lwm2m/bootstrap_file.hpp"
#include "lwm2m/object_model.hpp"
#include "lwm2m/session_keys.hpp"

namespace uicclab::lwm2m {

/// Where secured packets end.
enum class EndPoint : std::uint8_t { kDevice, kCard };

/// BFFF00 to BFFFFF: packets that end in the device (SMS session-key CR, clause 7.2.2.1).
bool is_device_tar(const Tar& tar);

/// Nothing: DTLS, no security, no SMS.
std::optional<EndPoint> sms_end_point(const ObjectInstance& account);

/// AES or triple DES, by KIc and KID (ETSI TS 102 225 clauses 5.1.2 and 5.1.3); nothing if they differ or are neither.
std::optional<SmsAlgorithm> algorithm_of(std::uint8_t kic, std::uint8_t kid);
/// KIc and KID for it, with the key version 1.
std::uint8_t indicator_of(SmsAlgorithm algorithm);

struct SmsAccount {
  EndPoint end_point = EndPoint::kCard;
  SmsBinding binding;
  SmsKeys keys;
  std::string server;  ///< its number
};

/// Nothing if the instance has no such account, or its keys are of no use.
std::optional<SmsAccount> sms_account_in(const ObjectInstance& account);
/// The first one of a file.
std::optional<SmsAccount> find_sms_account(const BootstrapFile& file);

}  // namespace uicclab::lwm2m
