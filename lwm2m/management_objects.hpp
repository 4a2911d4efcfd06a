// SPDX-License-Identifier: Apache-2.0
// The objects that a device offers to servers in addition to those of a bootstrap file: Device (3) and Connectivity Monitoring (4) of
// OMA-TS-LightweightM2M_Core appendix E, and Push Button (3347) of the OMNA registry as one that changes by itself.
#pragma once

#include "lwm2m/object_model.hpp"

namespace uicclab::lwm2m {

inline constexpr std::uint16_t kDeviceObject = 3;
inline constexpr std::uint16_t kConnectivityObject = 4;
inline constexpr std::uint16_t kButtonObject = 3347;

namespace device_object {
inline constexpr std::uint16_t kManufacturer = 0, kModel = 1, kSerialNumber = 2, kFirmware = 3, kReboot = 4, kFactoryReset = 5,
                               kErrorCode = 11, kResetErrors = 12, kTime = 13, kUtcOffset = 14, kTimeZone = 15, kBindings = 16;
}
namespace connectivity {
inline constexpr std::uint16_t kBearer = 0, kBearers = 1, kSignal = 2, kAddresses = 4;
}
namespace button {
inline constexpr std::uint16_t kState = 5500, kCounter = 5501, kApplicationType = 5750;
}

/// Operations that the registry allows (Core clause 5.4).
struct Operations {
  bool read = false, write = false, execute = false;
};

struct ManagedResource {
  ResourceModel model;
  Operations operations;
};

/// Rows of these three objects and of Server and Access Control; nothing for any other.
const ManagedResource* find_managed_resource(std::uint16_t object, std::uint16_t resource);
/// How a value of any object is read: of the objects known here. Nothing for others.
const ResourceModel* known_resource(std::uint16_t object, std::uint16_t resource);

}  // namespace uicclab::lwm2m
