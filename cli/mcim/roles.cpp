// SPDX-License-Identifier: Apache-2.0
#include "cli/mcim/roles.hpp"

#include "cli/common/input_file.hpp"
#include "cli/mcim/suites.hpp"
#include "core/crypto/certificate_chain.hpp"
#include "core/wall_clock.hpp"

namespace uicclab::cli {

crypto::PrivateKey signing_key_in(const std::string& path) {
  auto key = read_private_key(path);
  if (key.kind() != crypto::KeyKind::kP256) throw Exit{kUsage, path + ": who signs has a key on P-256"};
  return key;
}

crypto::PublicKey public_key_in(const std::string& path) {
  const auto der = read_der(path);
  auto key = crypto::PublicKey::from_der(der);
  if (!key) key = crypto::PublicKey::from_certificate(der);
  if (!key) throw Exit{kUsage, path + ": neither a public key nor a certificate"};
  return *std::move(key);
}

std::vector<Bytes> certificates_in(const std::string& path) {
  auto out = crypto::certificates_of_file(read_input(path, kObjectFile));
  if (!out) throw Exit{kUsage, path + ": " + out.error().text};
  return *std::move(out);
}

std::chrono::sys_seconds role_time() {
  return std::chrono::sys_seconds(std::chrono::duration_cast<std::chrono::seconds>(WallClock().now()));
}

}  // namespace uicclab::cli
