// SPDX-License-Identifier: Apache-2.0
// The system half of the errors of this folder: OpenSSL failing, or a call that breaks its contract.
#pragma once

#include "core/result.hpp"

namespace uicclab::crypto {

/// OpenSSL failed (no memory, no provider), or the caller broke a precondition. Malformed outside data is a Result instead.
class CryptoError : public SystemError {
 public:
  using SystemError::SystemError;
};

/// Throws CryptoError with the name of the call and the newest text of OpenSSL's error queue, which it empties.
[[noreturn]] void throw_openssl_error(const char* call);

/// The error of outside data that OpenSSL did not take; empties OpenSSL's error queue.
tl::unexpected<Error> refused(ErrorCode code, const char* what);

}  // namespace uicclab::crypto
