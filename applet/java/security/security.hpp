// SPDX-License-Identifier: Apache-2.0
// Packages javacard.security 1.6 and javacardx.crypto 1.6 (Java Card API 3.0.5) as native methods, on core/crypto. What is not here throws
// SystemException ILLEGAL_USE; an algorithm that is not here is CryptoException NO_SUCH_ALGORITHM.
//
// Keys: an object of its interface (DESKey, ECPrivateKey ...), with a byte array for each of its parts, of the lifetime of the key; the
// first two bytes of the array are the length of what it holds, 0: not set. So a key persists, is part of transactions, is counted and is
// cleared like arrays of the applet.
// Engines: an object with cells for what init() said; the rest is a CryptoEngine of the session.
#pragma once

#include "applet/java/framework/framework.hpp"
#include "applet/java/security/engine.hpp"

namespace uicclab::applet::java {

inline constexpr std::string_view kSecurity = "javacard/security";
inline constexpr std::string_view kCryptoPackage = "javacardx/crypto";
inline constexpr jcvm::machine::ApiClass kCryptoException{kSecurity, 12};

/// Reasons of CryptoException.
enum class CryptoReason : std::int16_t { kIllegalValue = 1, kUninitializedKey, kNoSuchAlgorithm, kInvalidInit, kIllegalUse };

inline jcvm::machine::Outcome refuse(jcvm::machine::NativeCall& call, CryptoReason reason) {
  return call.throws(kCryptoException, static_cast<std::int16_t>(reason));
}

void add_security(jcvm::machine::NativeTable& table);

// Each adds its classes.
void add_keys(jcvm::machine::NativeTable& table);
void add_key_pairs(jcvm::machine::NativeTable& table);
void add_digests(jcvm::machine::NativeTable& table);
void add_ciphers(jcvm::machine::NativeTable& table);
void add_signatures(jcvm::machine::NativeTable& table);
void add_key_agreements(jcvm::machine::NativeTable& table);

enum class KeyKind : std::uint8_t { kDes, kAes, kHmac, kRsaPublic, kRsaPrivate, kRsaCrt, kEcPublic, kEcPrivate };

/// Parts of keys, by kind.
enum KeyPart : unsigned {
  kSecretPart = 0,  // DES, AES, HMAC
  kModulus = 0,
  kExponent = 1,  // RSA
  kP = 0,
  kQ = 1,
  kDp = 2,
  kDq = 3,
  kPq = 4,  // RSA with CRT
  kField = 0,
  kA = 1,
  kB = 2,
  kG = 3,
  kR = 4,
  kPoint = 5,
  kCofactor = 6,  // EC; kPoint: W, or S
};

/// A key object; good until the heap changes.
class KeyObject {
 public:
  static constexpr unsigned kParts = 7;
  /// Empty: `ref` is null or no key of this implementation.
  static std::optional<KeyObject> of(jcvm::machine::NativeCall& call, jcvm::machine::Ref ref);

  jcvm::machine::Ref ref() const { return m_ref; }
  KeyKind kind() const { return static_cast<KeyKind>(number(0)); }
  std::int8_t type() const { return static_cast<std::int8_t>(number(1)); }
  unsigned bits() const { return number(2); }
  std::size_t bytes() const { return (bits() + 7) / 8; }
  jcvm::machine::Lifetime lifetime() const { return static_cast<jcvm::machine::Lifetime>(number(3)); }

  /// Empty: not set.
  BytesView part(unsigned which) const;
  std::size_t room(unsigned which) const;
  /// False: return failed(), the commit buffer is full.
  bool set(unsigned which, BytesView value);
  bool clear();
  bool is_initialized() const;

 private:
  KeyObject(jcvm::machine::NativeCall& call, jcvm::machine::Ref ref) : m_call(&call), m_ref(ref) {}
  std::uint32_t number(unsigned which) const;
  jcvm::machine::Object* array(unsigned which) const;

  jcvm::machine::NativeCall* m_call;
  jcvm::machine::Ref m_ref;
};

/// A new key of a TYPE_ constant of KeyBuilder. Empty: return failed().
std::optional<jcvm::machine::Ref> build_key(jcvm::machine::NativeCall& call, std::int8_t type, std::int16_t bits);

/// The hash that a constant of MessageDigest (ALG_) means, if it is here.
std::optional<crypto::DigestName> digest_named(std::int8_t algorithm);

/// The parts of an engine's key argument: it is neither null nor foreign, a key, and initialized. Empty: return failed().
std::optional<KeyObject> ready_key(jcvm::machine::NativeCall& call, std::size_t argument);

inline CryptoEngine& engine_of(jcvm::machine::NativeCall& call) {
  return session_of(call).engines()[call.self()];
}
inline Random& random_of(jcvm::machine::NativeCall& call) {
  return session_of(call).context().random();
}

}  // namespace uicclab::applet::java
