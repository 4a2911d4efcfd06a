// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/error.hpp"

#include <array>

#include <openssl/err.h>

namespace uicclab::crypto {

void throw_openssl_error(const char* call) {
  std::array<char, 256> text{};
  if (const unsigned long code = ERR_peek_last_error(); code != 0) ERR_error_string_n(code, text.data(), text.size());
  ERR_clear_error();
  throw CryptoError(std::string(call) + " failed: " + (text[0] != '\0' ? text.data() : "no reason given"));
}

tl::unexpected<Error> refused(ErrorCode code, const char* what) {
  ERR_clear_error();
  return fail(code, what);
}

}  // namespace uicclab::crypto
