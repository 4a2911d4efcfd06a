// SPDX-License-Identifier: Apache-2.0
// Domain parameters of EC keys.
#pragma once

#include "applet/java/security/security.hpp"
#include "core/crypto/prime_curve.hpp"

namespace uicclab::applet::java {

/// Nothing: not all are set.
std::optional<crypto::CurveParameters> curve_parameters(const KeyObject& key);
/// What multiplying a point costs of the budget: about the time of as many byte codes.
void charge_curve(jcvm::machine::NativeCall& call, const crypto::PrimeCurve& curve);
/// False: return failed().
bool set_curve(KeyObject key, const crypto::CurveParameters& parameters);

}  // namespace uicclab::applet::java
