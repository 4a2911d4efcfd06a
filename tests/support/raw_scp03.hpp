// SPDX-License-Identifier: Apache-2.0
// The OpenSSL operations inside SCP03, for benchmarks: what the protocol cannot do without, and nothing else.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace uicclab::test {

/// AES-128 of OpenSSL, as bare as it gets.
class Raw {
 public:
  using Block = std::array<unsigned char, 16>;
  Raw()
      : m_mac(EVP_MAC_fetch(nullptr, "CMAC", nullptr)),
        m_ecb(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr)),
        m_cbc(EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr)) {}
  ~Raw() {
    EVP_MAC_free(m_mac);
    EVP_CIPHER_free(m_ecb);
    EVP_CIPHER_free(m_cbc);
  }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  EVP_MAC_CTX* mac_key(const Block& key) const {
    EVP_MAC_CTX* context = EVP_MAC_CTX_new(m_mac);
    char cipher[] = "AES-128-CBC";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0), OSSL_PARAM_construct_end()};
    EVP_MAC_init(context, key.data(), key.size(), params);
    return context;
  }
  EVP_CIPHER_CTX* cipher_key(bool cbc, const Block& key, int encrypt) const {
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    EVP_CipherInit_ex2(context, cbc ? m_cbc : m_ecb, key.data(), key.data(), encrypt, nullptr);
    EVP_CIPHER_CTX_set_padding(context, 0);
    return context;
  }
  static Block mac(EVP_MAC_CTX* context, const unsigned char* data, std::size_t size) {
    Block out;
    std::size_t length = 0;
    EVP_MAC_init(context, nullptr, 0, nullptr);
    EVP_MAC_update(context, data, size);
    EVP_MAC_final(context, out.data(), &length, out.size());
    return out;
  }
  static Block ecb(EVP_CIPHER_CTX* context, const Block& in) {
    Block out;
    int length = 0;
    EVP_CipherUpdate(context, out.data(), &length, in.data(), 16);
    return out;
  }
  static void cbc(EVP_CIPHER_CTX* context, const Block& iv, unsigned char* data, std::size_t size) {
    int length = 0;
    EVP_CipherInit_ex2(context, nullptr, nullptr, iv.data(), -1, nullptr);
    EVP_CipherUpdate(context, data, &length, data, static_cast<int>(size));
  }

 private:
  EVP_MAC* m_mac;
  EVP_CIPHER* m_ecb;
  EVP_CIPHER* m_cbc;
};

/// One end's set-up: the static keys and S-MAC are keyed; challenge, three session keys, two cryptograms, the C-MAC of EXTERNAL
/// AUTHENTICATE are made.
inline void raw_set_up(const Raw& raw) {
  Raw::Block key{1, 2, 3};
  unsigned char data[48] = {};
  EVP_MAC_CTX* enc = raw.mac_key(key);
  EVP_MAC_CTX* mac = raw.mac_key(key);
  Raw::mac(enc, data, 24);
  Raw::mac(enc, data, 32);
  const Raw::Block s_mac_key = Raw::mac(mac, data, 32);
  Raw::mac(mac, data, 32);
  EVP_MAC_CTX* s_mac = raw.mac_key(s_mac_key);
  Raw::mac(s_mac, data, 32);
  Raw::mac(s_mac, data, 32);
  Raw::mac(s_mac, data, 29);
  EVP_MAC_CTX_free(enc);
  EVP_MAC_CTX_free(mac);
  EVP_MAC_CTX_free(s_mac);
}

inline double seconds(auto&& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Runs both in turn and prints operations per second of the best round of each, and their ratio.
inline void compare(const char* what, int rounds, int count, auto&& ours, auto&& openssl) {
  double best_ours = 1e9;
  double best_raw = 1e9;
  for (int round = 0; round < rounds; ++round) {
    best_ours = std::min(best_ours, seconds([&] {
                           for (int i = 0; i < count; ++i) ours();
                         }));
    best_raw = std::min(best_raw, seconds([&] {
                          for (int i = 0; i < count; ++i) openssl();
                        }));
  }
  std::printf("%-58s %10.0f /s %10.0f /s %6.0f %%\n", what, count / best_ours, count / best_raw, 100 * best_raw / best_ours);
}

}  // namespace uicclab::test
