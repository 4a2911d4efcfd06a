// SPDX-License-Identifier: Apache-2.0
// Secured packets: commands and responses built and opened, against the raw OpenSSL operations inside on the same bytes, in one run.
// Prints times and ratios (ours / raw), each the best of rounds that take turns; judges nothing.
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string_view>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "ota/secured_packet_response.hpp"

using namespace uicclab;
using namespace uicclab::ota;

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kCommand = "00A4000C026F0700B0000009"_h;
constexpr auto kAnswer = "029000080910101032540636"_h;
std::size_t packets = 100'000;
int rounds = 5;

/// Seconds for one call, over a round.
double time_of(const std::function<bool()>& call) {
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < packets; ++i) {
    if (!call()) {
      std::fprintf(stderr, "a packet was refused\n");
      std::exit(1);
    }
  }
  return std::chrono::duration<double>(Clock::now() - begin).count() / static_cast<double>(packets);
}

/// What lies inside one packet, on kept contexts: CBC over the ciphered octets and a MAC over the rest of them and the header.
class Raw {
 public:
  Raw(const char* cipher, bool cmac, BytesView key, std::size_t ciphered, std::size_t covered) : m_ciphered(ciphered), m_covered(covered) {
    m_context.reset(EVP_CIPHER_CTX_new());
    EVP_CIPHER* algorithm = EVP_CIPHER_fetch(nullptr, cipher, nullptr);
    Bytes whole = to_bytes(key);
    if (!cmac && key.size() == 16) whole.insert(whole.end(), key.begin(), key.begin() + 8);
    EVP_EncryptInit_ex2(m_context.get(), algorithm, whole.data(), m_iv.data(), nullptr);
    EVP_CIPHER_CTX_set_padding(m_context.get(), 0);
    EVP_CIPHER_free(algorithm);
    if (!cmac) return;
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "CMAC", nullptr);
    m_mac.reset(EVP_MAC_CTX_new(mac));
    EVP_MAC_free(mac);
    const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, const_cast<char*>(cipher), 0),
                            OSSL_PARAM_construct_end()};
    EVP_MAC_init(m_mac.get(), key.data(), key.size(), params.data());
  }

  bool operator()() {
    int size = 0;
    if (m_mac) {
      std::size_t mac_size = 0;
      EVP_MAC_init(m_mac.get(), nullptr, 0, nullptr);
      EVP_MAC_update(m_mac.get(), m_bytes.data(), m_covered);
      EVP_MAC_final(m_mac.get(), m_bytes.data() + 100, &mac_size, 16);
    } else {
      cbc((m_covered + 7) / 8 * 8, size);
    }
    cbc(m_ciphered, size);
    return size > 0;
  }

 private:
  void cbc(std::size_t count, int& size) {
    EVP_EncryptInit_ex2(m_context.get(), nullptr, nullptr, m_iv.data(), nullptr);
    EVP_EncryptUpdate(m_context.get(), m_bytes.data(), &size, m_bytes.data(), static_cast<int>(count));
  }

  std::size_t m_ciphered;
  std::size_t m_covered;
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> m_context{nullptr, EVP_CIPHER_CTX_free};
  std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> m_mac{nullptr, EVP_MAC_CTX_free};
  std::array<std::uint8_t, 16> m_iv{};
  std::array<std::uint8_t, 256> m_bytes{};
};

struct Algorithm {
  const char* name;
  std::uint8_t indicator;
  std::size_t key_size;
  const char* openssl;
};

OtaKey key_of(const Algorithm& algorithm, std::uint8_t fill) {
  Bytes bytes(algorithm.key_size, fill);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(bytes[i] + i);
  if ((algorithm.indicator & 0x0F) == 0x02) return crypto::AesKey::from(crypto::SecretBytes(bytes)).value();
  return crypto::DesKey::from(crypto::SecretBytes(bytes)).value();
}

void measure(const Algorithm& algorithm) {
  PacketKeys keys(algorithm.indicator, algorithm.indicator, {key_of(algorithm, 0x10), key_of(algorithm, 0x60)});
  const PacketHeader header{{0x16, 0x19}, algorithm.indicator, algorithm.indicator, {{0xB0, 0x01, 0x40}}};
  CommandPacket command{header, {1}, to_bytes(kCommand)};
  const Bytes packet = build_command(command, keys).value();
  const auto clear = ClearCommand::parse(packet).value();
  const auto opened = open_command(clear, keys, {});
  const Bytes response = answer_command(clear, opened, ResponseStatus::kOk, kAnswer, &keys).value();
  Raw raw(algorithm.openssl, (algorithm.indicator & 0x0F) == 0x02, Bytes(algorithm.key_size, 0x10), packet.size() - 10, packet.size() - 8);

  struct Row {
    const char* name;
    std::function<bool()> call;
    double best = 1;
  };
  std::array<Row, 5> rows{{
      {"OpenSSL inside", [&] { return raw(); }},
      {"build a command",
       [&] {
         ++command.cntr.value;
         return build_command(command, keys).has_value();
       }},
      {"open a command", [&] { return open_command(ClearCommand::parse(packet).value(), keys, {}).status == ResponseStatus::kOk; }},
      {"build a response", [&] { return answer_command(clear, opened, ResponseStatus::kOk, kAnswer, &keys).has_value(); }},
      {"parse a response", [&] { return parse_response(response, header.spi, keys)->protected_as_asked; }},
  }};
  for (int round = 0; round < rounds; ++round) {
    for (Row& row : rows) row.best = std::min(row.best, time_of(row.call));
  }
  std::printf("%s, CC and ciphering, %zu octets\n", algorithm.name, packet.size());
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
  for (const Algorithm& algorithm :
       {Algorithm{"AES-128", 0x12, 16, "AES-128-CBC"}, Algorithm{"AES-256", 0x12, 32, "AES-256-CBC"},
        Algorithm{"3DES, 2 keys", 0x15, 16, "DES-EDE3-CBC"}, Algorithm{"3DES, 3 keys", 0x19, 24, "DES-EDE3-CBC"}}) {
    measure(algorithm);
  }
  return 0;
}
