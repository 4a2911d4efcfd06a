// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/management_objects.hpp"

#include <algorithm>
#include <array>

namespace uicclab::lwm2m {
namespace {

using enum ValueType;
constexpr bool kMust = true, kMay = false, kOne = false, kMany = true;
constexpr Operations kR{.read = true}, kRW{.read = true, .write = true}, kE{.execute = true};

constexpr std::array kDevice{
    ManagedResource{{0, "Manufacturer", kString, kMay, kOne, 0}, kR},
    ManagedResource{{1, "Model Number", kString, kMay, kOne, 0}, kR},
    ManagedResource{{2, "Serial Number", kString, kMay, kOne, 0}, kR},
    ManagedResource{{3, "Firmware Version", kString, kMay, kOne, 0}, kR},
    ManagedResource{{4, "Reboot", kNone, kMust, kOne, 0}, kE},
    ManagedResource{{5, "Factory Reset", kNone, kMay, kOne, 0}, kE},
    ManagedResource{{6, "Available Power Sources", kInteger, kMay, kMany, 0, 0, 7}, kR},
    ManagedResource{{7, "Power Source Voltage", kInteger, kMay, kMany, 0}, kR},
    ManagedResource{{8, "Power Source Current", kInteger, kMay, kMany, 0}, kR},
    ManagedResource{{9, "Battery Level", kInteger, kMay, kOne, 0, 0, 100}, kR},
    ManagedResource{{10, "Memory Free", kInteger, kMay, kOne, 0}, kR},
    ManagedResource{{11, "Error Code", kInteger, kMust, kMany, 0}, kR},
    ManagedResource{{12, "Reset Error Code", kNone, kMay, kOne, 0}, kE},
    ManagedResource{{13, "Current Time", kTime, kMay, kOne, 0}, kRW},
    ManagedResource{{14, "UTC Offset", kString, kMay, kOne, 0}, kRW},
    ManagedResource{{15, "Timezone", kString, kMay, kOne, 0}, kRW},
    ManagedResource{{16, "Supported Binding and Modes", kString, kMust, kOne, 0}, kR},
    ManagedResource{{17, "Device Type", kString, kMay, kOne, 0}, kR},
    ManagedResource{{18, "Hardware Version", kString, kMay, kOne, 0}, kR},
    ManagedResource{{19, "Software Version", kString, kMay, kOne, 0}, kR},
    ManagedResource{{20, "Battery Status", kInteger, kMay, kOne, 0, 0, 6}, kR},
    ManagedResource{{21, "Memory Total", kInteger, kMay, kOne, 0}, kR},
    ManagedResource{{22, "ExtDevInfo", kLink, kMay, kMany, 0}, kR},
};
constexpr std::array kConnectivity{
    ManagedResource{{0, "Network Bearer", kInteger, kMust, kOne, 0, 0, 50}, kR},
    ManagedResource{{1, "Available Network Bearer", kInteger, kMust, kMany, 0, 0, 50}, kR},
    ManagedResource{{2, "Radio Signal Strength", kInteger, kMust, kOne, 0}, kR},
    ManagedResource{{3, "Link Quality", kInteger, kMay, kOne, 0}, kR},
    ManagedResource{{4, "IP Addresses", kString, kMust, kMany, 0}, kR},
    ManagedResource{{5, "Router IP Addresses", kString, kMay, kMany, 0}, kR},
    ManagedResource{{6, "Link Utilization", kInteger, kMay, kOne, 0, 0, 100}, kR},
    ManagedResource{{7, "APN", kString, kMay, kMany, 0}, kR},
    ManagedResource{{8, "Cell ID", kInteger, kMay, kOne, 0}, kR},
    ManagedResource{{9, "SMNC", kInteger, kMay, kOne, 0, 0, 999}, kR},
    ManagedResource{{10, "SMCC", kInteger, kMay, kOne, 0, 0, 999}, kR},
};
constexpr std::array kButton{
    ManagedResource{{5500, "Digital Input State", kBoolean, kMust, kOne, 0}, kR},
    ManagedResource{{5501, "Digital Input Counter", kInteger, kMay, kOne, 0}, kR},
    ManagedResource{{5750, "Application Type", kString, kMay, kOne, 0}, kRW},
};

/// Core appendix E.2: a server may write what is its own to say; 4, 8 and 9 are executed; the rest is read. Appendix E.3: what a list is
/// about stays.
Operations operations_of(std::uint16_t object, const ResourceModel& model) {
  if (object == kAccessControlObject) return model.id < 2 ? kR : kRW;
  if (model.type == kNone) return kE;
  return model.id == 0 || model.id == 11 || model.id == 12 ? kR : kRW;
}

const std::vector<ManagedResource>& bootstrap_rows(std::uint16_t object) {
  static const auto rows_of = [](std::uint16_t id) {
    std::vector<ManagedResource> out;
    for (const ResourceModel& one : resources_of(id)) out.push_back({one, operations_of(id, one)});
    return out;
  };
  static const std::vector<ManagedResource> server = rows_of(kServerObject), access = rows_of(kAccessControlObject);
  return object == kServerObject ? server : access;
}

std::span<const ManagedResource> rows_of(std::uint16_t object) {
  switch (object) {
    case kServerObject:
    case kAccessControlObject:
      return bootstrap_rows(object);
    case kDeviceObject:
      return kDevice;
    case kConnectivityObject:
      return kConnectivity;
    case kButtonObject:
      return kButton;
    default:
      return {};
  }
}

}  // namespace

const ManagedResource* find_managed_resource(std::uint16_t object, std::uint16_t resource) {
  const auto rows = rows_of(object);
  const auto found = std::ranges::find_if(rows, [resource](const ManagedResource& one) { return one.model.id == resource; });
  return found == rows.end() ? nullptr : &*found;
}

const ResourceModel* known_resource(std::uint16_t object, std::uint16_t resource) {
  if (object == kSecurityObject) return find_resource(object, {1, kNewestMinor}, resource);
  const ManagedResource* found = find_managed_resource(object, resource);
  return found == nullptr ? nullptr : &found->model;
}

}  // namespace uicclab::lwm2m
