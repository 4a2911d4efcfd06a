// SPDX-License-Identifier: Apache-2.0
#include "cli/private_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "cli/gp.hpp"
#include "cli/input_file.hpp"
#include "core/crypto/wiped_bytes.hpp"
#include "core/hex.hpp"
#include "core/private_file.hpp"

namespace uicclab::cli {

void write_private(const std::string& name, BytesView bytes) {
  if (const auto written = write_private_file(name, bytes); !written) throw Exit{kEnvironment, written.error().text};
}

void tell_if_readable_by_others(const std::string& name) {
  if (const auto told = told_if_readable_by_others(name)) std::cerr << "uicclab: " + *told + "\n";
}

crypto::SecretBytes secret_option(const std::string& option, const std::string& from, std::size_t size) {
  std::string digits;
  if (from.starts_with("env:")) {
    const char* value = std::getenv(from.c_str() + 4);  // NOLINT(concurrency-mt-unsafe): one thread
    if (value == nullptr) throw Exit{kUsage, "the environment variable " + from.substr(4) + " is not set"};
    digits = value;
  } else if (from.starts_with("file:")) {
    const Bytes content = read_input(from.substr(5), kKeyFile);
    digits.assign(content.begin(), content.end());
  } else {
    throw Exit{kUsage, option + " is file:PATH or env:VARIABLE"};
  }
  while (!digits.empty() && std::isspace(static_cast<unsigned char>(digits.back())) != 0) digits.pop_back();
  auto key = from_hex(digits);
  if (!key || key->size() != size) {
    throw Exit{kUsage, option + " " + from + ": it has " + std::to_string(2 * size) + " hexadecimal digits"};
  }
  crypto::SecretBytes out(*key);
  crypto::wipe(*key);
  return out;
}

crypto::SecretBytes storage_key(const std::string& from, const std::string& sealed, Random& random) {
  constexpr std::size_t kSize = 32;
  if (!from.empty()) return secret_option("--storage-key", from, kSize);
  const std::string name = sealed + ".key";
  if (!std::filesystem::exists(name)) {
    std::array<std::uint8_t, kSize> fresh{};
    random.fill(fresh);
    write_private(name, as_bytes(to_hex(fresh)));
    crypto::wipe(fresh);
  }
  return secret_option("--storage-key", "file:" + name, kSize);
}

}  // namespace uicclab::cli
