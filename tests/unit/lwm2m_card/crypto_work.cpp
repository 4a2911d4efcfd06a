// SPDX-License-Identifier: Apache-2.0
// The functions of libcrypto that core/crypto works with, each in the place of the library's own, which it calls.
#include "tests/unit/lwm2m_card/crypto_work.hpp"

#include <cstdlib>

#include <dlfcn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

namespace uicclab::test {
namespace {

CryptoWork& work() {
  static CryptoWork all;
  return all;
}

template <typename Function>
Function next(const char* name) {
  void* found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) std::abort();
  return reinterpret_cast<Function>(found);
}

}  // namespace

const CryptoWork& crypto_work() {
  return work();
}

std::ostream& operator<<(std::ostream& out, const CryptoWork& w) {
  return out << w.ciphers << " ciphers (" << w.cipher_bytes << "), " << w.macs << " MACs (" << w.mac_bytes << "), " << w.digests
             << " digests (" << w.digest_bytes << "), " << w.points << " points, " << w.decryptions << " decryptions, " << w.verifications
             << " verifications";
}

}  // namespace uicclab::test

using uicclab::test::next;
using uicclab::test::work;

extern "C" {

int EVP_CipherUpdate(EVP_CIPHER_CTX* context, unsigned char* out, int* out_size, const unsigned char* in, int in_size) {
  static const auto real = next<decltype(&EVP_CipherUpdate)>("EVP_CipherUpdate");
  ++work().ciphers;
  work().cipher_bytes += static_cast<std::size_t>(in_size);
  return real(context, out, out_size, in, in_size);
}

int EVP_MAC_update(EVP_MAC_CTX* context, const unsigned char* data, std::size_t size) {
  static const auto real = next<decltype(&EVP_MAC_update)>("EVP_MAC_update");
  work().mac_bytes += size;
  return real(context, data, size);
}

int EVP_MAC_final(EVP_MAC_CTX* context, unsigned char* out, std::size_t* out_size, std::size_t room) {
  static const auto real = next<decltype(&EVP_MAC_final)>("EVP_MAC_final");
  ++work().macs;
  return real(context, out, out_size, room);
}

int EVP_DigestUpdate(EVP_MD_CTX* context, const void* data, std::size_t size) {
  static const auto real = next<decltype(&EVP_DigestUpdate)>("EVP_DigestUpdate");
  work().digest_bytes += size;
  return real(context, data, size);
}

int EVP_DigestFinal_ex(EVP_MD_CTX* context, unsigned char* out, unsigned int* size) {
  static const auto real = next<decltype(&EVP_DigestFinal_ex)>("EVP_DigestFinal_ex");
  ++work().digests;
  return real(context, out, size);
}

int EC_POINT_mul(const EC_GROUP* group, EC_POINT* out, const BIGNUM* n, const EC_POINT* point, const BIGNUM* m, BN_CTX* context) {
  static const auto real = next<decltype(&EC_POINT_mul)>("EC_POINT_mul");
  ++work().points;
  return real(group, out, n, point, m, context);
}

int EVP_PKEY_decrypt(EVP_PKEY_CTX* context, unsigned char* out, std::size_t* out_size, const unsigned char* in, std::size_t in_size) {
  static const auto real = next<decltype(&EVP_PKEY_decrypt)>("EVP_PKEY_decrypt");
  ++work().decryptions;
  return real(context, out, out_size, in, in_size);
}

int EVP_DigestVerify(EVP_MD_CTX* context, const unsigned char* signature, std::size_t signature_size, const unsigned char* data,
                     std::size_t size) {
  static const auto real = next<decltype(&EVP_DigestVerify)>("EVP_DigestVerify");
  ++work().verifications;
  return real(context, signature, signature_size, data, size);
}
}
