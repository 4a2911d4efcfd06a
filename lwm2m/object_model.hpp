// SPDX-License-Identifier: Apache-2.0
// Definitions of the LwM2M registry for the objects Security (0), Server (1) and Access Control (2) in each of their versions:
// OMA-TS-LightweightM2M_Core appendix E; OMNA registry, files 0.xml, 1.xml, 2.xml and their older versions.
#pragma once

#include <compare>
#include <span>
#include <string_view>

#include "lwm2m/object.hpp"

namespace uicclab::lwm2m {

inline constexpr std::uint16_t kSecurityObject = 0;
inline constexpr std::uint16_t kServerObject = 1;
inline constexpr std::uint16_t kAccessControlObject = 2;

/// Resources of the Security object that more than the tables speaks of.
namespace security {
inline constexpr std::uint16_t kUri = 0, kBootstrap = 1, kMode = 2, kIdentity = 3, kServerKey = 4, kSecretKey = 5, kSmsMode = 6,
                               kSmsKeyParameters = 7, kSmsKeys = 8, kSmsNumber = 9, kShortServerId = 10, kHoldOff = 11,
                               kBootstrapTimeout = 12, kMatchingType = 13, kSni = 14, kCertificateUsage = 15, kCiphersuite = 16;
}
namespace server {
inline constexpr std::uint16_t kShortServerId = 0, kLifetime = 1, kNotificationStoring = 6, kBinding = 7;
}

/// Security Mode, /0/x/2.
enum class SecurityMode : std::uint8_t { kPsk = 0, kRawPublicKey = 1, kCertificate = 2, kNoSec = 3, kEst = 4 };
/// SMS Security Mode, /0/x/6. 204 to 255 are proprietary: 204 is ours for secured packets that end in the device (lwm2m/sms_account.hpp).
enum class SmsSecurityMode : std::uint8_t { kDtls = 1, kSecuredPacket = 2, kNoSec = 3, kDtlsMultiplexing = 4, kDevicePacket = 204 };

/// Version of an object: {1, 0} is the default.
struct ObjectVersion {
  std::uint8_t major = 1;
  std::uint8_t minor = 0;
  auto operator<=>(const ObjectVersion&) const = default;
};

enum class ValueType : std::uint8_t { kNone, kString, kInteger, kUnsigned, kBoolean, kOpaque, kTime, kLink };

/// One row of an object's table.
struct ResourceModel {
  std::uint16_t id;
  std::string_view name;
  ValueType type;
  bool mandatory;
  bool multiple;
  std::uint8_t since;         ///< minor version that introduced it
  std::int64_t low = 0;       ///< smallest number, or number of bytes
  std::int64_t high = -1;     ///< largest; below `low` if there is no limit
  std::string_view key = {};  ///< in views; the name in lower case with underscores if empty
  bool secret = false;        ///< never shown
};

/// The highest minor version of the tables: every object that has a 1.2 is known in it.
inline constexpr std::uint8_t kNewestMinor = 2;

/// All rows of an object, oldest and newest; empty for another object than the three.
std::span<const ResourceModel> resources_of(std::uint16_t object);
std::string_view object_name(std::uint16_t object);
/// The row, if that version of the object has it; nothing otherwise.
const ResourceModel* find_resource(std::uint16_t object, ObjectVersion version, std::uint16_t resource);

/// What is wrong with one value by its row: type, range, length. Errors: kMalformed, kRange.
Result<void> check_value(const ResourceModel& model, BytesView value);

}  // namespace uicclab::lwm2m
