// SPDX-License-Identifier: Apache-2.0
// Package org.globalplatform (GlobalPlatform Card API 1.6; GlobalPlatform Card Specification v2.3.1, "GP") as native methods. What is not
// here throws SystemException ILLEGAL_USE.
//
// Java sees the card's objects as interfaces alone: SecureChannel, CVM and GPRegistryEntry are permanent entry points, one of each class
// for an instance (Session::platform_object()).
#pragma once

#include "applet/java/framework/framework.hpp"

namespace uicclab::applet::java {

inline constexpr std::string_view kGlobalPlatform = "org/globalplatform";
inline constexpr jcvm::machine::ApiClass kApplication{kGlobalPlatform, 0};
inline constexpr jcvm::machine::ApiClass kCvm{kGlobalPlatform, 1};
inline constexpr jcvm::machine::ApiClass kSecureChannel{kGlobalPlatform, 2};
inline constexpr jcvm::machine::ApiClass kGpRegistryEntry{kGlobalPlatform, 4};
inline constexpr jcvm::machine::ApiClass kPersonalization{kGlobalPlatform, 8};

void add_globalplatform(jcvm::machine::NativeTable& table);

// Each adds its classes.
void add_gp_system(jcvm::machine::NativeTable& table);
void add_gp_registry_entries(jcvm::machine::NativeTable& table);
void add_secure_channels(jcvm::machine::NativeTable& table);
void add_global_pin(jcvm::machine::NativeTable& table);

/// The number of the instance that a platform object belongs to.
std::uint32_t instance_of_object(jcvm::machine::NativeCall& call);
inline OpenServices& open_of(jcvm::machine::NativeCall& call) {
  return session_of(call).store().open();
}
/// What the application that calls is in the registry.
bool caller_has(jcvm::machine::NativeCall& call, gp::Privilege privilege);

}  // namespace uicclab::applet::java
