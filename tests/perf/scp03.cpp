// SPDX-License-Identifier: Apache-2.0
// SCP03 beside the OpenSSL operations inside it, on the same bytes, in turn: session set-ups, wraps at levels 33 and 03.
// The OpenSSL side does what the protocol cannot do without, and nothing else: keyings, CMACs, AES blocks and AES-CBC.
#include <cstring>

#include "scp03/card_session.hpp"
#include "scp03/host_session.hpp"
#include "tests/support/raw_scp03.hpp"

using namespace uicclab;
using namespace uicclab::scp03;
using test::compare;
using test::Raw;
using test::raw_set_up;

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
