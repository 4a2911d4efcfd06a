// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/object_model.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace uicclab::lwm2m {
namespace {

using enum ValueType;
constexpr bool kMust = true;
constexpr bool kMay = false;
constexpr bool kOne = false;
constexpr bool kMany = true;

constexpr std::array kSecurity{
    ResourceModel{0, "LwM2M Server URI", kString, kMust, kOne, 0, 0, 255, "server_uri"},
    ResourceModel{1, "Bootstrap-Server", kBoolean, kMust, kOne, 0},
    ResourceModel{2, "Security Mode", kInteger, kMust, kOne, 0, 0, 4},
    ResourceModel{3, "Public Key or Identity", kOpaque, kMust, kOne, 0},
    ResourceModel{4, "Server Public Key", kOpaque, kMust, kOne, 0},
    ResourceModel{5, "Secret Key", kOpaque, kMust, kOne, 0, 0, -1, {}, true},
    ResourceModel{6, "SMS Security Mode", kInteger, kMay, kOne, 0, 0, 255},
    ResourceModel{7, "SMS Binding Key Parameters", kOpaque, kMay, kOne, 0, 6, 7},
    ResourceModel{8, "SMS Binding Secret Key(s)", kOpaque, kMay, kOne, 0, 16, 48, "sms_binding_secret_keys", true},
    ResourceModel{9, "LwM2M Server SMS Number", kString, kMay, kOne, 0, 0, -1, "server_sms_number"},
    ResourceModel{10, "Short Server ID", kInteger, kMay, kOne, 0, 1, 65534},
    ResourceModel{11, "Client Hold Off Time", kInteger, kMay, kOne, 0},
    ResourceModel{12, "Bootstrap-Server Account Timeout", kInteger, kMay, kOne, 0},
    ResourceModel{13, "Matching Type", kUnsigned, kMay, kOne, 1, 0, 3},
    ResourceModel{14, "SNI", kString, kMay, kOne, 1},
    ResourceModel{15, "Certificate Usage", kUnsigned, kMay, kOne, 1, 0, 3},
    ResourceModel{16, "DTLS/TLS Ciphersuite", kUnsigned, kMay, kMany, 1, 0, 0xFFFF},
    ResourceModel{17, "OSCORE Security Mode", kLink, kMay, kOne, 1},
    ResourceModel{18, "Groups To Use by Client", kUnsigned, kMay, kMany, 2, 0, 65535},
    ResourceModel{19, "Signature Algorithms Supported by Server", kUnsigned, kMay, kMany, 2, 0, 65535},
    ResourceModel{20, "Signature Algorithms To Use by Client", kUnsigned, kMay, kMany, 2, 0, 65535},
    ResourceModel{21, "Signature Algorithm Certs Supported by Server", kUnsigned, kMay, kMany, 2, 0, 65535},
    ResourceModel{22, "TLS 1.3 Features To Use by Client", kUnsigned, kMay, kOne, 2, 0, 65535},
    ResourceModel{23, "TLS Extensions Supported by Server", kUnsigned, kMay, kOne, 2, 0, 65535},
    ResourceModel{24, "TLS Extensions To Use by Client", kUnsigned, kMay, kOne, 2, 0, 65535},
    ResourceModel{25, "Secondary LwM2M Server URI", kString, kMay, kMany, 2, 0, 255},
    ResourceModel{26, "MQTT Server", kLink, kMay, kOne, 2},
    ResourceModel{27, "LwM2M COSE Security", kLink, kMay, kMany, 2},
    ResourceModel{28, "RDS Destination Port", kInteger, kMay, kOne, 2, 0, 15},
    ResourceModel{29, "RDS Source Port", kInteger, kMay, kOne, 2, 0, 15},
    ResourceModel{30, "RDS Application ID", kString, kMay, kOne, 2},
};

constexpr std::array kServer{
    ResourceModel{0, "Short Server ID", kInteger, kMust, kOne, 0, 1, 65534},  // 65535 in the registry's 1.0; reserved in every text
    ResourceModel{1, "Lifetime", kInteger, kMust, kOne, 0},
    ResourceModel{2, "Default Minimum Period", kInteger, kMay, kOne, 0},
    ResourceModel{3, "Default Maximum Period", kInteger, kMay, kOne, 0},
    ResourceModel{4, "Disable", kNone, kMay, kOne, 0},
    ResourceModel{5, "Disable Timeout", kInteger, kMay, kOne, 0},
    ResourceModel{6, "Notification Storing When Disabled or Offline", kBoolean, kMust, kOne, 0, 0, -1, "notification_storing"},
    ResourceModel{7, "Binding", kString, kMust, kOne, 0},
    ResourceModel{8, "Registration Update Trigger", kNone, kMust, kOne, 0},
    ResourceModel{9, "Bootstrap-Request Trigger", kNone, kMay, kOne, 0},
    ResourceModel{10, "APN Link", kLink, kMay, kOne, 1},
    ResourceModel{11, "TLS-DTLS Alert Code", kUnsigned, kMay, kOne, 1, 0, 255},
    ResourceModel{12, "Last Bootstrapped", kTime, kMay, kOne, 1},
    ResourceModel{13, "Registration Priority Order", kUnsigned, kMay, kOne, 1},
    ResourceModel{14, "Initial Registration Delay Timer", kUnsigned, kMay, kOne, 1},
    ResourceModel{15, "Registration Failure Block", kBoolean, kMay, kOne, 1},
    ResourceModel{16, "Bootstrap on Registration Failure", kBoolean, kMay, kOne, 1},
    ResourceModel{17, "Communication Retry Count", kUnsigned, kMay, kOne, 1},
    ResourceModel{18, "Communication Retry Timer", kUnsigned, kMay, kOne, 1},
    ResourceModel{19, "Communication Sequence Delay Timer", kUnsigned, kMay, kOne, 1},
    ResourceModel{20, "Communication Sequence Retry Count", kUnsigned, kMay, kOne, 1},
    ResourceModel{21, "Trigger", kBoolean, kMay, kOne, 1},
    ResourceModel{22, "Preferred Transport", kString, kMay, kOne, 1},
    ResourceModel{23, "Mute Send", kBoolean, kMay, kOne, 1},
    ResourceModel{24, "Alternate APN Links", kLink, kMay, kMany, 2},
    ResourceModel{25, "Supported Server Versions", kString, kMay, kMany, 2},
    ResourceModel{26, "Default Notification Mode", kInteger, kMay, kOne, 2, 0, 1},
    ResourceModel{27, "Profile ID Hash Algorithm", kUnsigned, kMay, kOne, 2, 0, 255},
};

constexpr std::array kAccessControl{
    ResourceModel{0, "Object ID", kInteger, kMust, kOne, 0, 1, 65534},
    ResourceModel{1, "Object Instance ID", kInteger, kMust, kOne, 0, 0, 65535},
    ResourceModel{2, "ACL", kInteger, kMay, kMany, 0, 0, 31},
    ResourceModel{3, "Access Control Owner", kInteger, kMust, kOne, 0, 0, 65535},
};

struct ObjectRow {
  std::string_view name;
  std::span<const ResourceModel> resources;
};
const std::array kObjects{ObjectRow{"Security", kSecurity}, ObjectRow{"Server", kServer}, ObjectRow{"Access Control", kAccessControl}};

/// A range is of the number, or of the length in bytes.
Result<void> check_range(const ResourceModel& model, std::int64_t number) {
  if (model.high < model.low || (number >= model.low && number <= model.high)) return {};
  const bool length = model.type == kString || model.type == kOpaque;
  return fail(ErrorCode::kRange, std::string(length ? "length " : "") + std::to_string(number) + " is not within " +
                                     std::to_string(model.low) + ".." + std::to_string(model.high));
}

}  // namespace

std::span<const ResourceModel> resources_of(std::uint16_t object) {
  return object < kObjects.size() ? kObjects[object].resources : std::span<const ResourceModel>();
}

std::string_view object_name(std::uint16_t object) {
  return object < kObjects.size() ? kObjects[object].name : std::string_view();
}

const ResourceModel* find_resource(std::uint16_t object, ObjectVersion version, std::uint16_t resource) {
  const auto rows = resources_of(object);
  // The index of each row in the three tables is its number.
  if (resource >= rows.size() || version.major != 1 || rows[resource].since > version.minor) return nullptr;
  return &rows[resource];
}

Result<void> check_value(const ResourceModel& model, BytesView value) {
  switch (model.type) {
    case kNone:
      return fail(ErrorCode::kMalformed, "can be executed, but has no value");
    case kString: {
      const auto text = decode_string(value);
      if (!text) return tl::unexpected(text.error());
      return check_range(model, static_cast<std::int64_t>(value.size()));
    }
    case kOpaque:
      return check_range(model, static_cast<std::int64_t>(value.size()));
    case kInteger:
    case kTime: {
      const auto number = decode_integer(value);
      if (!number) return tl::unexpected(number.error());
      return check_range(model, *number);
    }
    case kUnsigned: {
      const auto number = decode_unsigned(value);
      if (!number) return tl::unexpected(number.error());
      if (*number > INT64_MAX) return fail(ErrorCode::kRange, "a number of more than 63 bits");
      return check_range(model, static_cast<std::int64_t>(*number));
    }
    case kBoolean: {
      const auto boolean = decode_boolean(value);
      if (!boolean) return tl::unexpected(boolean.error());
      return {};
    }
    case kLink: {
      const auto link = decode_link(value);
      if (!link) return tl::unexpected(link.error());
      return {};
    }
  }
  return {};
}

}  // namespace uicclab::lwm2m
