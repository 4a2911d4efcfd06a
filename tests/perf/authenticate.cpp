// SPDX-License-Identifier: Apache-2.0
// AUTHENTICATE of a USIM, as an applet: the 3G context with Milenage, its SQN check and commit in memory, against the five AES blocks
// inside it on bare OpenSSL. Prints times and their ratio; judges nothing.
#include <chrono>
#include <cstdio>

#include <openssl/evp.h>

#include "applet/builtin.hpp"
#include "core/crypto/milenage.hpp"
#include "tests/perf/challenges.hpp"
#include "tests/support/fake_context.hpp"

using namespace uicclab;
using perf::kKey, perf::kOpc;

namespace {

constexpr std::size_t kCommands = 200'000;
constexpr int kRounds = 5;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double run_applet(const std::vector<Bytes>& commands) {
  applet::Parameters parameters;
  parameters.set("algorithm", "milenage");
  parameters.set("k", to_hex(kKey));
  parameters.set("opc", to_hex(kOpc));
  const auto modules = applet::builtin_modules();
  const applet::Module& usim = *modules.front();
  test::FakeContext context(usim.personalise(parameters).value());
  context.satisfy(0x01);
  context.tree().add("6F38"_h, Bytes(17, 0xFF));
  const auto instance = usim.make();
  std::size_t good = 0;
  const auto begin = Clock::now();
  for (const Bytes& command : commands) {
    const auto answer = context.run(*instance, command);
    good += answer.data.size() == 53 && answer.data[0] == 0xDB ? 1 : 0;
  }
  const double time = seconds_since(begin);
  if (good != commands.size()) {
    std::fprintf(stderr, "only %zu of %zu challenges were accepted\n", good, commands.size());
    std::exit(1);
  }
  return time;
}

/// Five single blocks a command, each chained to the one before as Milenage's first and last are.
double run_openssl() {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), nullptr, kKey.data(), nullptr);
  EVP_CIPHER_CTX_set_padding(context, 0);
  std::array<std::uint8_t, 16> block{};
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < kCommands * 5; ++i) {
    int size = 0;
    EVP_EncryptUpdate(context, block.data(), &size, block.data(), 16);
  }
  const double time = seconds_since(begin);
  EVP_CIPHER_CTX_free(context);
  return block[0] == 0 && block[1] == 0 ? time + 1e-12 : time;  // the blocks are used
}

}  // namespace

int main() {
  std::vector<Bytes> commands = perf::challenges(kCommands);  // made before the clock starts
  for (Bytes& command : commands) command.push_back(0x00);    // Le
  double applet = 1e9;
  double openssl = 1e9;
  for (int round = 0; round < kRounds; ++round) {  // side by side, the best of each
    applet = std::min(applet, run_applet(commands));
    openssl = std::min(openssl, run_openssl());
  }
  const double each = applet / kCommands;
  std::printf("AUTHENTICATE, 3G, Milenage   %8.0f a second   %7.0f ns\n", 1 / each, each * 1e9);
  std::printf("its five AES blocks, OpenSSL %8.0f a second   %7.0f ns\n", kCommands / openssl, openssl / kCommands * 1e9);
  std::printf("ratio                        %8.2f\n", applet / openssl);
  return 0;
}
