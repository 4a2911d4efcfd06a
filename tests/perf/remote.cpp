// SPDX-License-Identifier: Apache-2.0
// Secured packets taken by the card: ENVELOPE in, a script of SELECT and UPDATE BINARY executed, a ciphered response packet with CC out,
// with memory NVM and T=1. Beside them what is inside: the packet library alone, the two commands alone as a terminal sends them, and the
// raw OpenSSL operations (two CMAC or DES MACs, two CBC runs). Prints figures and ratios; judges nothing.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string_view>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "applet/builtin.hpp"
#include "core/hex.hpp"
#include "emulator/card.hpp"
#include "ota/secured_packet_response.hpp"
#include "ota/sms_download.hpp"
#include "ota/sms_tpdu.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"

using namespace uicclab;

namespace {

using Stopwatch = std::chrono::steady_clock;
constexpr auto kScript = "00A4000C026F4600D600000155"_h;
constexpr auto kAnswer = "029000"_h;
std::size_t packets = 100'000;
int rounds = 4;

struct Algorithm {
  const char* name;
  std::uint8_t indicator;
  const char* kic;
  const char* kid;
  const char* openssl;
  bool aes;
};

ota::OtaKey key(const Algorithm& algorithm, const char* text) {
  crypto::SecretBytes bytes(*from_hex(text));
  if (algorithm.aes) return crypto::AesKey::from(std::move(bytes)).value();
  return crypto::DesKey::from(std::move(bytes)).value();
}

ota::PacketKeys keys(const Algorithm& algorithm) {
  return {algorithm.indicator, algorithm.indicator, {key(algorithm, algorithm.kic), key(algorithm, algorithm.kid)}};
}

/// CBC and MAC on kept contexts, over the sizes of command and response.
class Raw {
 public:
  Raw(const Algorithm& algorithm, std::vector<std::size_t> ciphered, std::vector<std::size_t> covered)
      : m_ciphered(std::move(ciphered)), m_covered(std::move(covered)) {
    Bytes whole = *from_hex(algorithm.kic);
    if (!algorithm.aes) whole.insert(whole.end(), whole.begin(), whole.begin() + 8);
    EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, algorithm.openssl, nullptr);
    EVP_EncryptInit_ex2(m_cipher.get(), cipher, whole.data(), m_iv.data(), nullptr);
    EVP_CIPHER_CTX_set_padding(m_cipher.get(), 0);
    EVP_CIPHER_free(cipher);
    if (!algorithm.aes) return;
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "CMAC", nullptr);
    m_mac.reset(EVP_MAC_CTX_new(mac));
    EVP_MAC_free(mac);
    const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, const_cast<char*>(algorithm.openssl), 0),
                            OSSL_PARAM_construct_end()};
    EVP_MAC_init(m_mac.get(), whole.data(), whole.size(), params.data());
  }

  bool operator()() {
    for (std::size_t i = 0; i < m_ciphered.size(); ++i) {
      cbc(m_ciphered[i]);
      if (m_mac) {
        std::size_t size = 0;
        EVP_MAC_init(m_mac.get(), nullptr, 0, nullptr);
        EVP_MAC_update(m_mac.get(), m_bytes.data(), m_covered[i]);
        EVP_MAC_final(m_mac.get(), m_bytes.data() + 200, &size, 16);
      } else {
        cbc((m_covered[i] + 7) / 8 * 8);
      }
    }
    return true;
  }

 private:
  void cbc(std::size_t count) {
    int size = 0;
    EVP_EncryptInit_ex2(m_cipher.get(), nullptr, nullptr, m_iv.data(), nullptr);
    EVP_EncryptUpdate(m_cipher.get(), m_bytes.data(), &size, m_bytes.data(), static_cast<int>(count));
  }

  std::vector<std::size_t> m_ciphered;
  std::vector<std::size_t> m_covered;
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> m_cipher{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> m_mac{nullptr, EVP_MAC_CTX_free};
  std::array<std::uint8_t, 16> m_iv{};
  std::array<std::uint8_t, 256> m_bytes{};
};

void must(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what);
  std::exit(1);
}

void measure(const std::shared_ptr<const emulator::CardImage>& image, const Algorithm& algorithm) {
  SeededRandom random{1};
  const SystemClock clock;
  emulator::Card card(image, random, clock);
  must(card.reset() && card.select_protocol(Protocol::kT1), "the card does not answer");
  ota::PacketKeys sender = keys(algorithm);
  ota::PacketKeys receiver = keys(algorithm);
  const ota::PacketHeader header{{0x16, 0x19}, algorithm.indicator, algorithm.indicator, {{0xB0, 0x01, 0x40}}};
  std::uint64_t counter = 0;

  // The envelopes of a round are made before it: building them is the platform's work.
  std::vector<Bytes> envelopes;
  std::size_t at = 0;
  const auto prepare = [&] {
    envelopes.clear();
    at = 0;
    for (std::size_t i = 0; i < packets; ++i) {
      ota::SmsDeliver deliver;
      deliver.originator = ota::Address::from_number("+491710000000").value();
      const Bytes packet = ota::build_command({header, {++counter}, to_bytes(kScript)}, sender).value();
      must(deliver.body.set_user_data({{{ota::iei::kCommandPacket, {}}}, packet}).has_value(), "a packet that does not fit");
      apdu::Command command;
      command.cla = 0x80;
      command.ins = 0xC2;
      const Bytes data = ota::SmsPpDownload{{}, deliver.build().value(), {}}.build();
      command.data = data;
      command.le = 256;
      envelopes.push_back(apdu::encode(command));
    }
  };
  const Bytes packet = ota::build_command({header, {1}, to_bytes(kScript)}, sender).value();
  const auto clear = ota::ClearCommand::parse(packet).value();
  const auto answer =
      ota::answer_command(clear, ota::open_command(clear, receiver, {}), ota::ResponseStatus::kOk, kAnswer, &receiver).value();
  Raw raw(algorithm, {packet.size() - 10, answer.size() - 6}, {packet.size() - 8, answer.size() - 5});
  const Bytes adf = *from_hex("00A4040C0CA0000000871002FF49FF0589");
  const Bytes adm = *from_hex("0020000A083838383838383838");
  const Bytes select = *from_hex("00A4000C026F46");
  const Bytes update = *from_hex("00D600000155");

  struct Row {
    const char* name;
    std::function<bool()> call;
    std::function<void()> before = [] {};
    double best = 1;
  };
  std::array<Row, 4> rows{{
      {"OpenSSL inside", [&] { return raw(); }},
      {"open and answer",
       [&] {
         const auto parsed = ota::ClearCommand::parse(packet).value();
         const auto opened = ota::open_command(parsed, receiver, {});
         return ota::answer_command(parsed, opened, ota::ResponseStatus::kOk, kAnswer, &receiver).has_value();
       }},
      {"SELECT and UPDATE", [&] { return card.transmit(select)->front() == 0x90 && card.transmit(update)->front() == 0x90; },
       [&] { must(card.transmit(adf)->front() == 0x90 && card.transmit(adm)->front() == 0x90, "ADM1 is another"); }},
      {"packet at the card", [&] { return card.transmit(envelopes[at++])->size() == answer.size() + 5; }, prepare},
  }};
  for (int round = 0; round < rounds; ++round) {
    for (Row& row : rows) {
      row.before();
      const auto begin = Stopwatch::now();
      for (std::size_t i = 0; i < packets; ++i) must(row.call(), row.name);
      row.best = std::min(row.best, std::chrono::duration<double>(Stopwatch::now() - begin).count() / static_cast<double>(packets));
    }
  }
  std::printf("%s, CC and ciphering both ways\n", algorithm.name);
  for (const Row& row : rows) {
    std::printf("  %-18s %9.0f a second %7.0f ns   ratio %5.2f\n", row.name, 1 / row.best, row.best * 1e9, row.best / rows[0].best);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--quick") {
    packets = 5'000;
    rounds = 2;
  }
  const auto profile = profile::default_profile();
  const auto image = profile ? profile::build_image(*profile, applet::builtin_modules()) : tl::unexpected(profile.error());
  must(image.has_value(), "the default card cannot be built");
  measure(*image, {"AES-128", 0x22, "101112131415161718191A1B1C1D1E1F", "202122232425262728292A2B2C2D2E2F", "AES-128-CBC", true});
  measure(*image, {"3DES, 2 keys", 0x15, "404142434445464748494A4B4C4D4E4F", "505152535455565758595A5B5C5D5E5F", "DES-EDE3-CBC", false});
  return 0;
}
