// SCP03 beside the OpenSSL operations inside it, on the same bytes, in turn: session set-ups, wraps at levels 33 and 03.
// The OpenSSL side does what the protocol cannot do without, and nothing else: keyings, CMACs, AES blocks and AES-CBC.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "scp03/card_session.hpp"
#include "scp03/host_session.hpp"

using namespace uicclab;
using namespace uicclab::scp03;

namespace {

class Counter final : public SequenceCounter {
 public:
  std::optional<std::uint32_t> advance() override { return ++m_value; }

 private:
  std::uint32_t m_value = 0;
};

KeySet keys() {
  const auto key = "404142434445464748494A4B4C4D4E4F"_h;
  using crypto::SecretBytes;
  return KeySet::from(KeyVersion{0x30}, SecretBytes(key), SecretBytes(key), SecretBytes(key)).value();
}

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
void raw_set_up(const Raw& raw) {
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

/// Both ends, open.
struct Ends {
  explicit Ends(SecurityLevel level) : host({.level = level}, fixed_keys(keys())) { set_up(); }
  void set_up() {
    const Bytes update = host.initialize_update(random);
    Bytes answer;
    card.initialize_update(apdu::parse(update).value(), identity, key_set, counter, random, answer);
    const Bytes authenticate = host.external_authenticate(answer).value();
    if (!host.confirm(card.external_authenticate(apdu::parse(authenticate).value()))) std::abort();
  }
  CardIdentity identity{{}, {0x70}, Aid::from("A000000151000000"_h).value()};
  KeySet key_set = keys();
  Counter counter;
  SeededRandom random{1};
  CardSession card;
  HostSession host;
};

double seconds(auto&& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Runs both in turn and prints operations per second of the best round of each, and their ratio.
void compare(const char* what, int rounds, int count, auto&& ours, auto&& openssl) {
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

void compare_set_ups(const Raw& raw, int rounds, int count) {
  Ends ends(Level::kAll);
  compare(
      "session set-up, both ends", rounds, count, [&] { ends.set_up(); },
      [&] {
        raw_set_up(raw);
        raw_set_up(raw);
      });
}

void compare_commands(const Raw& raw, int rounds, int count) {
  const Raw::Block key{1, 2, 3};
  EVP_MAC_CTX* const mac = raw.mac_key(key);
  EVP_CIPHER_CTX* const ecb = raw.cipher_key(false, key, 1);
  EVP_CIPHER_CTX* const encrypt = raw.cipher_key(true, key, 1);
  EVP_CIPHER_CTX* const decrypt = raw.cipher_key(true, key, 0);
  for (const std::size_t size : {std::size_t{16}, std::size_t{239}}) {
    const Bytes data(size, 0x5A);
    const apdu::Command plain{.cla = 0x80, .ins = 0xE2, .data = data, .le = 256};
    const std::size_t padded = padded_size(size);
    std::array<unsigned char, 300> buffer{};
    const auto raw_wrap = [&] {
      Raw::cbc(encrypt, Raw::ecb(ecb, key), buffer.data(), padded);
      Raw::mac(mac, buffer.data(), 21 + padded);
    };
    char what[80];
    for (const SecurityLevel level : {Level::kCMacCEnc, Level::kAll}) {
      Ends ends(level);
      std::snprintf(what, sizeof what, "wrap a command of %zu bytes, host, level %02X", size, level.value());
      compare(
          what, rounds, count, [&] { (void)ends.host.wrap(plain); }, raw_wrap);
    }
    {
      Ends ends(Level::kCMacCEnc);
      std::snprintf(what, sizeof what, "command of %zu bytes, both ends, level 03", size);
      compare(
          what, rounds, count,
          [&] {
            const Bytes wrapped = ends.host.wrap(plain).value();
            if (!ends.card.unwrap(apdu::parse(wrapped).value())) std::abort();
          },
          [&] {
            raw_wrap();
            Raw::cbc(decrypt, Raw::ecb(ecb, key), buffer.data(), padded);
            Raw::mac(mac, buffer.data(), 21 + padded);
          });
    }
    {
      Ends ends(Level::kAll);
      std::snprintf(what, sizeof what, "command and response of %zu bytes, both ends, level 33", size);
      compare(
          what, rounds, count,
          [&] {
            const Bytes wrapped = ends.host.wrap(plain).value();
            const auto seen = ends.card.unwrap(apdu::parse(wrapped).value());
            if (!seen) std::abort();
            Bytes answer = to_bytes(seen->data);
            ends.card.wrap(answer, sw::kOk);
            if (!ends.host.unwrap({std::move(answer), sw::kOk})) std::abort();
          },
          [&] {
            for (int end = 0; end < 2; ++end) {  // a command and a response, each wrapped and unwrapped
              raw_wrap();
              Raw::cbc(decrypt, Raw::ecb(ecb, key), buffer.data(), padded);
              Raw::mac(mac, buffer.data(), 21 + padded);
            }
          });
    }
  }
  EVP_MAC_CTX_free(mac);
  EVP_CIPHER_CTX_free(ecb);
  EVP_CIPHER_CTX_free(encrypt);
  EVP_CIPHER_CTX_free(decrypt);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const int rounds = quick ? 3 : 9;
  const Raw raw;
  std::printf("%-58s %13s %13s %8s\n", "AES-128, S8", "uicclab", "OpenSSL", "ratio");
  compare_set_ups(raw, rounds, quick ? 2000 : 10000);
  compare_commands(raw, rounds, quick ? 10000 : 50000);
  return 0;
}
