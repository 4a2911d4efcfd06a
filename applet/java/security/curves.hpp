// SPDX-License-Identifier: Apache-2.0
// Domain parameters of EC keys.
#pragma once

#include "applet/java/security/security.hpp"
#include "core/crypto/prime_curve.hpp"

namespace uicclab::applet::java {

/// Nothing: not all are set.
std::optional<crypto::CurveParameters> curve_parameters(const KeyObject& key);
/// False: return failed().
bool set_curve(KeyObject key, const crypto::CurveParameters& parameters);

}  // namespace uicclab::applet::java
