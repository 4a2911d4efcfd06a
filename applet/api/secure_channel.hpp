// SPDX-License-Identifier: Apache-2.0
// A secure channel that a security domain keeps for an application associated with it, as SecureChannel of the GlobalPlatform Card API: the
// application never sees a key. GlobalPlatform Card Specification v2.3.1 clauses 7.3.2 and 10.
#pragma once

#include "core/apdu.hpp"
#include "core/result.hpp"
#include "core/types.hpp"

namespace uicclab::applet {

class Context;

/// One session, for one application on one logical channel. It ends with the application session.
class SecureChannel {
 public:
  virtual ~SecureChannel() = default;

  /// INITIALIZE UPDATE or EXTERNAL AUTHENTICATE as it came, for `application`; `domain` is the context of the security domain.
  virtual StatusWord open(Context& domain, const Aid& application, const apdu::Command& command, Bytes& out) = 0;
  /// The plain command in a secured one, valid until the next call. Whatever is wrong with it ends the session.
  virtual tl::expected<apdu::Command, StatusWord> unwrap(const apdu::Command& command) = 0;
  /// Protects the answer to the command that unwrap() gave last.
  virtual void wrap(Bytes& data, StatusWord status) = 0;
  virtual void terminate() = 0;

  /// Data that stays secret within a session as well, ciphered as the keys in PUT KEY are; nothing is padded.
  /// Errors: kRefused (no open session), kMalformed (not whole blocks).
  virtual Result<Bytes> encrypt(BytesView plain) = 0;
  virtual Result<Bytes> decrypt(BytesView cipher) = 0;

  virtual bool is_open() const = 0;
  /// A command ended the session; it is to be terminated (GP clause 10.2.3).
  virtual bool is_aborted() const = 0;
  /// P1 of EXTERNAL AUTHENTICATE: 01 C-MAC, 02 C-DECRYPTION, 10 R-MAC, 20 R-ENCRYPTION. 00 without a session.
  virtual std::uint8_t level() const = 0;
  /// Bytes of plain answer that fit a response.
  virtual std::size_t room(bool extended) const = 0;
};

}  // namespace uicclab::applet
