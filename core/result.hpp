// SPDX-License-Identifier: Apache-2.0
// The second of the three kinds of error: data from outside that is malformed or refused. What a card answers is a StatusWord
// (status_word.hpp); wrong use, no memory or a failing system is an exception derived from SystemError.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace uicclab {

/// Why data was not accepted.
enum class ErrorCode {
  kMalformed,    ///< the bytes break the coding
  kTruncated,    ///< the bytes end too early
  kTrailing,     ///< bytes follow where none may
  kRange,        ///< a value lies outside what the clause allows
  kUnsupported,  ///< well-formed, but not supported here
  kMismatch,     ///< a check value (MAC, CRC, cryptogram, check digit) is wrong
  kNotFound,     ///< what is named does not exist
  kRefused,      ///< a rule forbids it
  kIo,           ///< the peer, the reader or the card is no longer there
};

/// One refusal: what, in short words, and where (byte offset into the input where that makes sense).
struct Error {
  ErrorCode code;
  std::string text;
  std::size_t offset = 0;
};

template <typename T>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorCode::kTruncated, "tag without length", offset);`
inline tl::unexpected<Error> fail(ErrorCode code, std::string text, std::size_t offset = 0) {
  return tl::unexpected<Error>(Error{code, std::move(text), offset});
}

/// Wrong use, exhausted memory, the operating system or OpenSSL failing. Caught at the top of the program.
class SystemError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace uicclab
