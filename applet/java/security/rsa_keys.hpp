// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "applet/java/security/security.hpp"

namespace uicclab::applet::java {

/// The bare function of an RSA key, public, private or with CRT: as many bytes as the key. Nothing: the message is not below the modulus,
/// or the key is none.
std::optional<Bytes> rsa_power(jcvm::machine::NativeCall& call, const KeyObject& key, BytesView message);

}  // namespace uicclab::applet::java
