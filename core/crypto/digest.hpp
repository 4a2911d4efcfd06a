// SPDX-License-Identifier: Apache-2.0
// Hashes by name, in parts, and HMAC over them: for whoever is told at run time which one (Java Card applets). FIPS 180-4, FIPS 202,
// FIPS 198-1, RFC 1321, ISO/IEC 10118-3 (RIPEMD-160). Fixed ones are in hash.hpp.
#pragma once

#include <memory>

#include "core/bytes.hpp"

struct evp_md_ctx_st;

namespace uicclab::crypto {

enum class DigestName : std::uint8_t {
  kSha1,
  kMd5,
  kRipemd160,
  kSha224,
  kSha256,
  kSha384,
  kSha512,
  kSha3_224,
  kSha3_256,
  kSha3_384,
  kSha3_512
};

std::size_t digest_size(DigestName name);
/// OpenSSL as it is installed has it.
bool has_digest(DigestName name);

/// A running hash. finish() starts the next one.
class RunningDigest {
 public:
  /// Throws CryptoError if OpenSSL does not have it.
  explicit RunningDigest(DigestName name);
  DigestName name() const { return m_name; }
  void start();
  void update(BytesView bytes);
  Bytes finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  DigestName m_name;
  std::unique_ptr<evp_md_ctx_st, Free> m_context;
};

Bytes digest(DigestName name, BytesView bytes);

/// The key may have any length.
class RunningHmac {
 public:
  RunningHmac(DigestName name, BytesView key);
  ~RunningHmac();
  RunningHmac(RunningHmac&&) = default;
  RunningHmac& operator=(RunningHmac&&) = default;
  void update(BytesView bytes) { m_digest.update(bytes); }
  Bytes finish();

 private:
  RunningDigest m_digest;
  Bytes m_pad;  ///< of the outer hash
};

}  // namespace uicclab::crypto
