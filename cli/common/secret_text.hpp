// SPDX-License-Identifier: Apache-2.0
// Secrets as options and commands name them, in one syntax everywhere: the value itself, hex:DIGITS, ascii:TEXT, env:VARIABLE, file:PATH,
// or prompt.
#pragma once

#include <string>

#include "core/bytes.hpp"
#include "core/crypto/secret.hpp"

namespace uicclab::cli {

/// For the help of options that take one.
inline constexpr const char* kSecretForms = "the value, hex:DIGITS, ascii:TEXT, env:VARIABLE, file:PATH, or prompt";

/// A secret that was looked up. The text is wiped with it, and is never part of a message.
struct SecretText {
  enum class Form { kPlain, kHex, kAscii };
  Form form = Form::kPlain;  ///< what the prefix said; kPlain: there was none
  std::string text;          ///< after the prefix

  SecretText() = default;
  SecretText(Form as, std::string value) : form(as), text(std::move(value)) {}
  ~SecretText();
  SecretText(SecretText&&) noexcept = default;
  SecretText& operator=(SecretText&&) = delete;

  /// The bytes: of hexadecimal digits, or of characters. Throws Exit that names `what`. kPlain is read as `plain` says.
  crypto::SecretBytes bytes(const std::string& what, Form plain) const;
};

/// True if the text names a place (env:, file:, prompt) or a form (hex:, ascii:); false for a plain value.
bool names_secret(const std::string& given);

/// Looks it up; the content of the variable or the file, or the typed text, may have hex: or ascii: before it, and blanks and line ends
/// after it do not count. `what`: for the prompt and for errors. Throws Exit.
SecretText read_secret(const std::string& what, const std::string& given);

/// Typed without echo; a line of standard input if it is not a terminal.
std::string typed_secret(const std::string& what);

}  // namespace uicclab::cli
