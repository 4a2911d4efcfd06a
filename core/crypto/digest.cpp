// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/digest.hpp"

#include <array>

#include "core/crypto/error.hpp"
#include "core/crypto/openssl.hpp"
#include "core/crypto/secret.hpp"

namespace uicclab::crypto {
namespace {

struct Row {
  const char* openssl;
  std::size_t size;
  std::size_t block;
};
/// By DigestName.
constexpr auto kRows = std::to_array<Row>({{"SHA1", 20, 64},
                                           {"MD5", 16, 64},
                                           {"RIPEMD160", 20, 64},
                                           {"SHA224", 28, 64},
                                           {"SHA256", 32, 64},
                                           {"SHA384", 48, 128},
                                           {"SHA512", 64, 128},
                                           {"SHA3-224", 28, 144},
                                           {"SHA3-256", 32, 136},
                                           {"SHA3-384", 48, 104},
                                           {"SHA3-512", 64, 72}});

const Row& row(DigestName name) {
  return kRows.at(static_cast<std::size_t>(name));
}

/// Fetched at the first use and kept (see cipher_context.cpp); null: there is none.
const EVP_MD* fetched(DigestName name) {
  static const auto all = [] {
    std::array<Owned<EVP_MD>, kRows.size()> found;
    for (std::size_t i = 0; i < kRows.size(); ++i) found.at(i).reset(EVP_MD_fetch(nullptr, kRows.at(i).openssl, nullptr));
    return found;
  }();
  return all.at(static_cast<std::size_t>(name)).get();
}

}  // namespace

std::size_t digest_size(DigestName name) {
  return row(name).size;
}

bool has_digest(DigestName name) {
  return fetched(name) != nullptr;
}

void RunningDigest::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

RunningDigest::RunningDigest(DigestName name) : m_name(name), m_context(EVP_MD_CTX_new()) {
  if (!m_context) throw_openssl_error("EVP_MD_CTX_new");
  start();
}

void RunningDigest::start() {
  if (EVP_DigestInit_ex2(m_context.get(), fetched(m_name), nullptr) != 1) throw_openssl_error("EVP_DigestInit_ex2");
}

void RunningDigest::update(BytesView bytes) {
  if (EVP_DigestUpdate(m_context.get(), bytes.data(), bytes.size()) != 1) throw_openssl_error("EVP_DigestUpdate");
}

Bytes RunningDigest::finish() {
  Bytes out(digest_size(m_name));
  if (EVP_DigestFinal_ex(m_context.get(), out.data(), nullptr) != 1) throw_openssl_error("EVP_DigestFinal_ex");
  start();
  return out;
}

Bytes digest(DigestName name, BytesView bytes) {
  RunningDigest running(name);
  running.update(bytes);
  return running.finish();
}

RunningHmac::RunningHmac(DigestName name, BytesView key) : m_digest(name) {
  const std::size_t block = row(name).block;
  m_pad = key.size() > block ? digest(name, key) : to_bytes(key);
  m_pad.resize(block);
  for (std::uint8_t& byte : m_pad) byte ^= 0x36;
  m_digest.update(m_pad);
  for (std::uint8_t& byte : m_pad) byte ^= 0x36 ^ 0x5C;
}

RunningHmac::~RunningHmac() {
  wipe(m_pad);
}

Bytes RunningHmac::finish() {
  const Bytes inner = m_digest.finish();
  m_digest.update(m_pad);
  m_digest.update(inner);
  Bytes out = m_digest.finish();
  for (std::uint8_t& byte : m_pad) byte ^= 0x36 ^ 0x5C;
  m_digest.update(m_pad);
  for (std::uint8_t& byte : m_pad) byte ^= 0x36 ^ 0x5C;
  return out;
}

}  // namespace uicclab::crypto
