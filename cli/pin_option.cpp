// SPDX-License-Identifier: Apache-2.0
#include "cli/pin_option.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "cli/file_commands.hpp"
#include "core/hex.hpp"

namespace uicclab::cli {
namespace {

constexpr std::size_t kPinSize = 8;

}  // namespace

crypto::SecretBytes pin_value(const std::string& text) {
  std::string value = text;
  if (text.starts_with("env:")) {
    const char* found = std::getenv(text.c_str() + 4);
    if (found == nullptr) throw Exit{kUsage, "the variable " + text.substr(4) + " is not set"};
    value = found;
  } else if (text.starts_with("file:")) {
    std::ifstream in(text.substr(5));
    if (!std::getline(in, value)) throw Exit{kEnvironment, "cannot read " + text.substr(5)};
  }
  Bytes bytes = to_bytes(as_bytes(value));
  if (bytes.size() == 2 * kPinSize) {
    const auto hexadecimal = from_hex(value);
    if (hexadecimal) bytes = *hexadecimal;
  }
  if (bytes.empty() || bytes.size() > kPinSize) throw Exit{kUsage, "a PIN has up to eight characters, or is 16 hexadecimal digits"};
  bytes.resize(kPinSize, 0xFF);
  crypto::SecretBytes secret{bytes};
  crypto::wipe(bytes);
  return secret;
}

void PinOption::add_to(App& command) {
  command.add_option(
      "--pin", given,
      "NAME=VALUE: PIN1=0000, ADM1=env:VARIABLE, PIN2=file:PATH, ADF.ISIM/PIN2=...; nothing is sent if tries are missing already");
}

CardFiles::Key named_key(const CardFiles& files, const std::string& name, const std::string& path) {
  const auto slash = name.find('/');
  const auto reference = ef::pin_reference(slash == std::string::npos ? name : name.substr(slash + 1));
  const bool application = slash == std::string::npos || (name.starts_with("ADF.") && reference && ef::is_local(*reference));
  if (!reference || !application) {
    throw Exit{kUsage, "'" + name + "' is no PIN: PIN1, PIN2, UPIN, ADM1, ...; ADF.ISIM/PIN2 for a PIN that an application has for itself"};
  }
  return files.key_for(*reference, slash == std::string::npos ? path : name.substr(0, slash));
}

void PinOption::verify_all(CardFiles& files, const std::string& path) const {
  for (const std::string& one : given) {
    const auto equals = one.find('=');
    if (equals == std::string::npos) throw Exit{kUsage, "--pin wants NAME=VALUE: PIN1=0000"};
    const auto key = named_key(files, one.substr(0, equals), path);
    if (const auto done = files.verify(key, pin_value(one.substr(equals + 1)), risk); !done) files_fail(done.error());
  }
}

}  // namespace uicclab::cli
