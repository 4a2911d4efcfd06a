// SPDX-License-Identifier: Apache-2.0
// What the roles of an MCIM provisioning share: keys, certificates and statements in files (3GPP TR 33.812 clause 5.1.3.7).
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/common/commands.hpp"
#include "mcim/object.hpp"

namespace uicclab::cli {

/// PEM or DER. Throws Exit that names the file, also for a key that cannot sign.
crypto::PrivateKey signing_key_in(const std::string& path);
/// A public key, or that of a certificate. Throws Exit.
crypto::PublicKey public_key_in(const std::string& path);
/// Throws Exit.
std::vector<Bytes> certificates_in(const std::string& path);

/// The value, or the end of the program: kCheckFailed for what was refused, else kUsage; `where` is a file.
template <typename T>
T statement_value(Result<T> result, const std::string& where) {
  if (result) return *std::move(result);
  throw Exit{result.error().code == ErrorCode::kRefused ? kCheckFailed : kUsage, where + ": " + result.error().text};
}

std::chrono::sys_seconds role_time();

using McimAdd = void(App& mcim, Action& action);
McimAdd add_mcim_pva;
McimAdd add_mcim_dpf;
McimAdd add_mcim_sho;
McimAdd add_mcim_device;

}  // namespace uicclab::cli
