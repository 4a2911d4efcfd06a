// SPDX-License-Identifier: Apache-2.0
// What the roles of TR 33.812 clause 5.1.3.7 give each other as files: signed statements, lines of names and values that people can read.
// The form is ours: docs/formats/mcim-statements.md.
//
//   uicclab-mcim validation 1
//   tre: meter-0001
//   ...
//   signature: 3045...        ECDSA on P-256 with SHA-256, over all lines before it
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/public_key.hpp"

namespace uicclab::mcim {

class Statement {
 public:
  explicit Statement(std::string_view kind) : m_kind(kind) {}

  /// `name` is of small letters and hyphens; a value that is not one line of text shows when the statement is signed.
  Statement& add(std::string_view name, std::string_view value);
  Statement& add(std::string_view name, BytesView octets);

  /// The file. Errors: kMalformed for a value that is not one line of text; kUnsupported for a key that is not on P-256.
  Result<std::string> signed_by(const crypto::PrivateKey& key) const;

  /// A statement of this kind; its signature is not looked at. Errors: kMalformed with the line, kRange for more than 256 KiB or 512 lines,
  /// kUnsupported for another kind or version.
  static Result<Statement> parse(std::string_view text, std::string_view kind);
  bool is_by(const crypto::PublicKey& signer) const;

  /// Each name once, and no others but `many`, which may come any number of times. Errors: kMalformed, with the name.
  Result<void> only(std::initializer_list<std::string_view> once, std::string_view many = "") const;
  /// Of the first line with this name; empty if there is none.
  const std::string& value(std::string_view name) const;
  std::vector<std::string> values(std::string_view name) const;
  /// Errors: kMalformed unless the value is hexadecimal of `low` to `high` bytes.
  Result<Bytes> octets(std::string_view name, std::size_t low, std::size_t high) const;

 private:
  struct Line {
    std::string name, value;
  };
  std::string covered() const;

  std::string m_kind;
  std::vector<Line> m_lines;
  Bytes m_signature;
};

}  // namespace uicclab::mcim
