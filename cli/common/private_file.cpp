// SPDX-License-Identifier: Apache-2.0
#include "cli/common/private_file.hpp"

#include <filesystem>
#include <iostream>

#include "cli/common/commands.hpp"
#include "cli/common/secret_text.hpp"
#include "core/crypto/wiped_bytes.hpp"
#include "core/hex.hpp"
#include "core/private_file.hpp"
#include "core/visible.hpp"

namespace uicclab::cli {

void write_private(const std::string& name, BytesView bytes) {
  if (const auto written = write_private_file(name, bytes); !written) throw Exit{kEnvironment, written.error().text};
}

void make_private(const std::string& name, BytesView bytes) {
  if (const auto made = make_private_file(name, bytes); !made) throw Exit{kEnvironment, made.error().text};
}

void tell_if_readable_by_others(const std::string& name) {
  if (const auto told = told_if_readable_by_others(name))
    std::cerr << "uicclab: " + visible(*told) + "; other users of this machine can read the keys in it\n";
}

crypto::SecretBytes secret_option(const std::string& option, const std::string& from, std::size_t size) {
  if (!names_secret(from)) throw Exit{kUsage, option + " is file:PATH, env:VARIABLE, prompt, hex:DIGITS or ascii:TEXT"};
  crypto::SecretBytes out = read_secret(option, from).bytes(option, SecretText::Form::kHex);
  if (out.size() != size) {
    throw Exit{kUsage, option + ": " + std::to_string(out.size()) + " bytes, must be " + std::to_string(size) + " (" +
                           std::to_string(2 * size) + " hexadecimal digits)"};
  }
  return out;
}

crypto::SecretBytes storage_key(const std::string& from, const std::string& sealed, Random& random) {
  constexpr std::size_t kSize = 32;
  if (!from.empty()) return secret_option("--storage-key", from, kSize);
  const std::string name = sealed + ".key";
  if (!std::filesystem::exists(name)) {
    std::array<std::uint8_t, kSize> fresh{};
    random.fill(fresh);
    make_private(name, as_bytes(to_hex(fresh)));  // of several programs at once, the first one's is the key of all
    crypto::wipe(fresh);
  }
  return secret_option("--storage-key", "file:" + name, kSize);
}

}  // namespace uicclab::cli
