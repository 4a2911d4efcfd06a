// SPDX-License-Identifier: Apache-2.0
// What the wrappers of core/crypto cost beside raw OpenSSL EVP on the same bytes, in one run. Prints a table of times and ratios; the
// ratio is ours / raw, each the best of many rounds that take turns, so that a busy machine disturbs both alike.
#include <chrono>
#include <cstdio>
#include <string>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "core/crypto/aes.hpp"
#include "core/crypto/comp128.hpp"
#include "core/crypto/des.hpp"
#include "core/crypto/ecies.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/milenage.hpp"
#include "core/crypto/tuak.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

namespace {

constexpr auto kKey = "465B5CE8B199B49FAA5F0A2EE238A6BC"_h;
constexpr auto kOpc = "CD63CB71954A9F4E48A5994E37A02BAF"_h;
constexpr Rand kRand = "23553CBE9637A89D218AE64DAE47BF35"_h;
constexpr Bytes16 kIv{};

/// Results go here, so that no call is left out.
volatile std::uint8_t g_sink = 0;

template <typename Call>
double nanoseconds(Call& call, int times) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) call();
  const auto end = std::chrono::steady_clock::now();
  return std::chrono::duration<double, std::nano>(end - start).count() / times;
}

template <typename Ours, typename Raw>
void compare(const std::string& what, Ours ours, Raw raw, int times = 2000) {
  double best_ours = 1e18;
  double best_raw = 1e18;
  for (int round = 0; round < 40; ++round) {
    best_ours = std::min(best_ours, nanoseconds(ours, times));
    best_raw = std::min(best_raw, nanoseconds(raw, times));
  }
  std::printf("%-52s %9.1f ns %9.1f ns %7.2f\n", what.c_str(), best_ours, best_raw, best_ours / best_raw);
}

template <typename Ours>
void time_alone(const std::string& what, Ours ours, int times = 500) {
  double best = 1e18;
  for (int round = 0; round < 20; ++round) best = std::min(best, nanoseconds(ours, times));
  std::printf("%-52s %9.1f ns\n", what.c_str(), best);
}

/// OpenSSL's algorithms, fetched once on the raw side too.
struct Fetched {
  EVP_CIPHER* ecb = EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr);
  EVP_CIPHER* cbc = EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr);
  EVP_CIPHER* des = EVP_CIPHER_fetch(nullptr, "DES-EDE3-CBC", nullptr);
  EVP_MAC* cmac = EVP_MAC_fetch(nullptr, "CMAC", nullptr);
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MD* sha3 = EVP_MD_fetch(nullptr, "SHA3-256", nullptr);

  Fetched() = default;
  Fetched(const Fetched&) = delete;
  Fetched& operator=(const Fetched&) = delete;
  ~Fetched() {
    for (EVP_CIPHER* cipher : {ecb, cbc, des}) EVP_CIPHER_free(cipher);
    for (EVP_MAC* mac : {cmac, hmac}) EVP_MAC_free(mac);
    EVP_MD_free(sha3);
  }
};

/// A raw EVP cipher context as a careful caller would keep it.
class RawCipher {
 public:
  RawCipher(const EVP_CIPHER* cipher, BytesView key) : m_context(EVP_CIPHER_CTX_new()) {
    EVP_EncryptInit_ex2(m_context, cipher, key.data(), kIv.data(), nullptr);
    EVP_CIPHER_CTX_set_padding(m_context, 0);
  }
  ~RawCipher() { EVP_CIPHER_CTX_free(m_context); }
  RawCipher(const RawCipher&) = delete;
  RawCipher& operator=(const RawCipher&) = delete;

  void start() { EVP_EncryptInit_ex2(m_context, nullptr, nullptr, kIv.data(), nullptr); }
  void update(BytesView in, std::uint8_t* out) {
    int size = 0;
    EVP_EncryptUpdate(m_context, out, &size, in.data(), static_cast<int>(in.size()));
  }

 private:
  EVP_CIPHER_CTX* m_context;
};

class RawCmac {
 public:
  explicit RawCmac(EVP_MAC* cmac) : m_context(EVP_MAC_CTX_new(cmac)) {
    std::string name = "AES-128-CBC";
    const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name.data(), 0), OSSL_PARAM_construct_end()};
    EVP_MAC_init(m_context, kKey.data(), kKey.size(), params.data());
  }
  ~RawCmac() { EVP_MAC_CTX_free(m_context); }
  RawCmac(const RawCmac&) = delete;
  RawCmac& operator=(const RawCmac&) = delete;

  void compute(BytesView in, std::uint8_t* out) {
    std::size_t size = 0;
    EVP_MAC_init(m_context, nullptr, 0, nullptr);
    EVP_MAC_update(m_context, in.data(), in.size());
    EVP_MAC_final(m_context, out, &size, 16);
  }

 private:
  EVP_MAC_CTX* m_context;
};

void ciphers(const Fetched& raw) {
  const AesKey key = AesKey::from(SecretBytes(kKey)).value();
  AesCbc cbc(key);
  AesCmac cmac(key);
  Des des(DesKey::from(SecretBytes(kKey)).value());
  RawCipher raw_cbc(raw.cbc, kKey);
  RawCipher raw_des(raw.des, concat({kKey, BytesView(kKey).first(8)}));
  RawCmac raw_cmac(raw.cmac);
  for (std::size_t size : {16U, 64U, 240U, 4096U}) {
    const Bytes in(size, 0x5A);
    Bytes out(size);
    const std::string bytes = ", " + std::to_string(size) + " bytes";
    compare(
        "AES-128 CBC" + bytes,
        [&] {
          cbc.encrypt(kIv, in, out);
          g_sink = out[0];
        },
        [&] {
          raw_cbc.start();
          raw_cbc.update(in, out.data());
          g_sink = out[0];
        });
    compare(
        "AES-128 CMAC" + bytes, [&] { g_sink = cmac.compute(in)[0]; },
        [&] {
          raw_cmac.compute(in, out.data());
          g_sink = out[0];
        });
    compare(
        "3DES CBC MAC, zero padding" + bytes, [&] { g_sink = des.mac(Bytes8{}, {in}, MacPadding::kZeros)[0]; },
        [&] {
          raw_des.start();
          raw_des.update(in, out.data());
          g_sink = out[size - 8];
        },
        size > 1000 ? 100 : 1000);
  }
  compare(
      "AES-128 CMAC, new key, 16 bytes",
      [&] {
        AesCmac fresh(key);
        g_sink = fresh.compute(kRand)[0];
      },
      [&] {
        RawCmac fresh(raw.cmac);
        Bytes16 out;
        fresh.compute(kRand, out.data());
        g_sink = out[0];
      });
}

void authentication(const Fetched& fetched) {
  const SecretBytes k(kKey);
  const SecretBytes opc(kOpc);
  Milenage milenage = Milenage::from(k, opc).value();
  RawCipher raw(fetched.ecb, kKey);
  const auto five_blocks = [&] {
    Bytes16 block = kRand;
    for (int i = 0; i < 5; ++i) raw.update(block, block.data());
    g_sink = block[0];
  };
  compare(
      "Milenage answer() : 5 raw AES blocks", [&] { g_sink = milenage.answer(kRand, {}, {}).keys.res.view()[0]; }, five_blocks);
  compare(
      "Milenage from key to answer : key and 5 raw blocks",
      [&] {
        Milenage fresh = Milenage::from(k, opc).value();
        g_sink = fresh.answer(kRand, {}, {}).keys.res.view()[0];
      },
      [&] {
        RawCipher fresh(fetched.ecb, kKey);
        Bytes16 block = kRand;
        for (int i = 0; i < 5; ++i) fresh.update(block, block.data());
        g_sink = block[0];
      });

  Tuak tuak = Tuak::from(k, SecretBytes(Bytes(32, 0x11))).value();
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::array<std::uint8_t, 32> digest{};
  compare(
      "TUAK answer() : 2 raw SHA3-256 blocks", [&] { g_sink = tuak.answer(kRand, {}, {}).keys.res.view()[0]; },
      [&] {
        for (int i = 0; i < 2; ++i) {
          EVP_DigestInit_ex2(context, fetched.sha3, nullptr);
          EVP_DigestUpdate(context, kKey.data(), kKey.size());
          EVP_DigestFinal_ex(context, digest.data(), nullptr);
        }
        g_sink = digest[0];
      });
  EVP_MD_CTX_free(context);

  Comp128 v1 = Comp128::from(Comp128Version::k1, k).value();
  Comp128 v3 = Comp128::from(Comp128Version::k3, k).value();
  time_alone("COMP128 version 1", [&] { g_sink = v1.a3a8(kRand).sres[0]; });
  time_alone("COMP128 version 3", [&] { g_sink = v3.a3a8(kRand).sres[0]; });

  SeededRandom random(1);
  for (const EciesProfile profile : {EciesProfile::kA, EciesProfile::kB}) {
    const SecretBytes home("0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"_h);
    const Bytes public_key = ecies_public_key(profile, home).value();
    time_alone(
        profile == EciesProfile::kA ? "SUCI profile A" : "SUCI profile B",
        [&] { g_sink = ecies_protect(profile, public_key, "00012080F6"_h, random).value()[0]; }, 50);
  }
}

void derivation(const Fetched& raw) {
  const SecretBytes ks(concat({kKey, kOpc}));
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(raw.hmac);
  std::string name = "SHA256";
  const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0), OSSL_PARAM_construct_end()};
  const Bytes key = concat({kKey, kOpc});
  const Bytes message(80, 0x5A);
  std::array<std::uint8_t, 32> out{};
  compare(
      "HMAC-SHA-256, new key, 80 bytes", [&] { g_sink = hmac_sha256(ks, {message})[0]; },
      [&] {
        std::size_t size = 0;
        EVP_MAC_init(context, key.data(), key.size(), params.data());
        EVP_MAC_update(context, message.data(), message.size());
        EVP_MAC_final(context, out.data(), &size, out.size());
        g_sink = out[0];
      });
  EVP_MAC_CTX_free(context);
}

}  // namespace

int main() {
  std::printf("%-52s %12s %12s %7s\n", "", "ours", "raw OpenSSL", "ratio");
  const Fetched raw;
  ciphers(raw);
  derivation(raw);
  authentication(raw);
}
