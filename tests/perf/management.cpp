// SPDX-License-Identifier: Apache-2.0
// The whole default card managed through SCP03 at level 33, our host at it, beside the OpenSSL operations that both ends cannot do without.
#include <cstdlib>
#include <cstring>

#include "applet/builtin.hpp"
#include "core/hex.hpp"
#include "emulator/card.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "scp03/secure_channel_port.hpp"
#include "tests/support/raw_scp03.hpp"

using namespace uicclab;
using test::compare;
using test::Raw;

namespace {

scp03::KeySet keys() {
  const auto key = "404142434445464748494A4B4C4D4E4F"_h;
  using crypto::SecretBytes;
  return scp03::KeySet::from(KeyVersion{0x30}, SecretBytes(key), SecretBytes(key), SecretBytes(key)).value();
}

/// The card, its issuer security domain selected.
struct Bench {
  Bench() : image(profile::build_image(profile::default_profile().value(), applet::builtin_modules()).value()), card(image, random, clock) {
    (void)card.reset();
    (void)card.select_protocol(Protocol::kT1);
    send("00A4040008A00000015100000000");
  }
  void open() {
    if (!port.open({.level = scp03::Level::kAll}, key_set)) std::abort();
  }
  Bytes send(BytesView command) {
    auto answer = port.transmit(command);
    if (!answer || answer->size() < 2 || (*answer)[answer->size() - 2] != 0x90) std::abort();
    return *std::move(answer);
  }
  Bytes send(std::string_view command) { return send(*from_hex(command)); }

  SeededRandom random{1};
  SystemClock clock;
  std::shared_ptr<const emulator::CardImage> image;
  emulator::Card card;
  scp03::SecureChannelPort port{card, random};
  scp03::KeySet key_set = keys();
};

/// What both ends do with a command and a response of these sizes, each wrapped and unwrapped.
class RawExchange {
 public:
  explicit RawExchange(const Raw& raw)
      : m_mac(raw.mac_key(kKey)),
        m_ecb(raw.cipher_key(false, kKey, 1)),
        m_encrypt(raw.cipher_key(true, kKey, 1)),
        m_decrypt(raw.cipher_key(true, kKey, 0)) {}
  ~RawExchange() {
    EVP_MAC_CTX_free(m_mac);
    EVP_CIPHER_CTX_free(m_ecb);
    EVP_CIPHER_CTX_free(m_encrypt);
    EVP_CIPHER_CTX_free(m_decrypt);
  }
  RawExchange(const RawExchange&) = delete;
  RawExchange& operator=(const RawExchange&) = delete;

  void run(std::size_t command, std::size_t response) {
    one(command, 21);
    one(response, 18);
  }

 private:
  void one(std::size_t data, std::size_t other) {
    const std::size_t padded = data == 0 ? 0 : scp03::padded_size(data);
    for (EVP_CIPHER_CTX* cipher : {m_encrypt, m_decrypt}) {
      if (padded != 0) Raw::cbc(cipher, Raw::ecb(m_ecb, kKey), m_buffer.data(), padded);
      Raw::mac(m_mac, m_buffer.data(), other + padded);
    }
  }

  static constexpr Raw::Block kKey{1, 2, 3};
  std::array<unsigned char, 300> m_buffer{};
  EVP_MAC_CTX* m_mac;
  EVP_CIPHER_CTX* m_ecb;
  EVP_CIPHER_CTX* m_encrypt;
  EVP_CIPHER_CTX* m_decrypt;
};

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const int rounds = quick ? 3 : 9;
  const Raw raw;
  RawExchange exchange(raw);
  std::printf("%-58s %13s %13s %8s\n", "whole card, AES-128, S8, i = 70, level 33", "uicclab", "OpenSSL", "ratio");
  Bench bench;
  compare(
      "session set-up, counter committed", rounds, quick ? 1000 : 5000, [&] { bench.open(); },
      [&] {
        test::raw_set_up(raw);
        test::raw_set_up(raw);
      });
  const int count = quick ? 5000 : 25000;
  const Bytes get_data = *from_hex("80CA00CF00");
  compare(
      "GET DATA CF, 12 bytes answered", rounds, count, [&] { bench.send(get_data); }, [&] { exchange.run(0, 12); });
  const Bytes get_status = *from_hex("80F28002024F0000");
  compare(
      "GET STATUS of the issuer domain, 40 bytes answered", rounds, count, [&] { bench.send(get_status); }, [&] { exchange.run(2, 40); });
  // A load file that never ends: the sequence begins anew when its memory is full.
  Bytes load = concat({"80E80000EF"_h, Bytes(239, 0x5A), "00"_h});
  int sent = 0;
  compare(
      "LOAD of 239 bytes", rounds, count,
      [&] {
        if (sent % 1000 == 0) bench.send("80E602000B06F075696363010000000000");
        load[3] = static_cast<std::uint8_t>(sent++ % 1000);
        bench.send(load);
      },
      [&] { exchange.run(239, 0); });
  return 0;
}
