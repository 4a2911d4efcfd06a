// SPDX-License-Identifier: Apache-2.0
// What a MessageDigest, Cipher, Signature or KeyAgreement remembers between two calls, until the next reset. What it was told by init() is
// in its object (cells), and lasts; a reset leaves an engine as it was after init(), with an IV of zeros.
#pragma once

#include <map>
#include <optional>

#include "core/crypto/digest.hpp"
#include "jcvm/machine/object.hpp"

namespace uicclab::applet::java {

struct CryptoEngine {
  Bytes iv;       ///< or the last block, of modes that chain; empty: zeros
  Bytes pending;  ///< what is no whole block yet, or the whole message
  std::optional<crypto::RunningDigest> digest;
  std::optional<crypto::RunningHmac> hmac;

  /// As after init() without an IV.
  void restart() { *this = {}; }
};

/// By object. A getInstance() starts with a new one.
using CryptoEngines = std::map<jcvm::machine::Ref, CryptoEngine>;

}  // namespace uicclab::applet::java
