// SPDX-License-Identifier: Apache-2.0
// The suites of MCIM objects by the names of the command line, and files with keys.
#pragma once

#include <array>
#include <filesystem>

#include "cli/common/commands.hpp"
#include "cli/common/input_file.hpp"
#include "mcim/object.hpp"

namespace uicclab::cli {

struct SuiteName {
  const char* name;
  mcim::Suite suite;
};
inline constexpr std::array kSuites{SuiteName{"seed", mcim::Suite::kSeed}, SuiteName{"rsa", mcim::Suite::kRsa},
                                    SuiteName{"cms", mcim::Suite::kCms}, SuiteName{"p256", mcim::Suite::kP256},
                                    SuiteName{"literal", mcim::Suite::kLiteral}};

/// The DER in a file. Throws Exit (kUsage).
inline crypto::WipedBytes read_der(const std::filesystem::path& name) {
  Bytes content = read_input(name.string(), kObjectFile);
  auto der = crypto::der_of_file(content);
  crypto::wipe(content);
  if (!der) throw Exit{kUsage, name.string() + ": " + der.error().text};
  return *std::move(der);
}
/// Throws Exit (kUsage).
inline crypto::PrivateKey read_private_key(const std::filesystem::path& name) {
  auto key = crypto::PrivateKey::from_der(read_der(name));
  if (!key) throw Exit{kUsage, name.string() + ": " + key.error().text};
  return *std::move(key);
}

}  // namespace uicclab::cli
