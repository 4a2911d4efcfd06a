// SPDX-License-Identifier: Apache-2.0
// Java Card applets: load files become modules of the card.
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet::java {

/// What runs Java Card load files, with one library of API packages for the process.
std::shared_ptr<const ManagedCode> java_code();
/// Another one, whose commands are cut off (6F00) after this many byte codes.
std::shared_ptr<const ManagedCode> java_code(std::uint64_t byte_codes);

}  // namespace uicclab::applet::java
