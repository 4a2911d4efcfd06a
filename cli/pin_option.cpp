#include "cli/pin_option.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "core/hex.hpp"

namespace uicclab::cli {
namespace {

constexpr std::size_t kPinSize = 8;

/// Local keys belong to an application (ETSI TS 102 221 clause 9.5.1).
bool is_local(std::uint8_t reference) {
  return (reference & 0x80) != 0;
}

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
  command.add_option("--pin", given, "NAME=VALUE: PIN1=0000, ADM1=env:VARIABLE, PIN2=file:PATH; nothing is sent if tries are missing already");
}

void PinOption::verify_all(CardFiles& files) const {
  for (const std::string& one : given) {
    const auto equals = one.find('=');
    const std::string name = one.substr(0, equals);
    const auto reference = equals == std::string::npos ? std::nullopt : ef::pin_reference(name);
    if (!reference) throw Exit{kUsage, "--pin " + name + ": NAME=VALUE, where NAME is PIN1, PIN2, ADM1 and so on"};
    if (is_local(*reference)) {
      if (const auto usim = files.select("ADF.USIM"); !usim) throw Exit{kCheckFailed, usim.error().text};
    }
    const auto done = files.verify(*reference, pin_value(one.substr(equals + 1)), risk);
    if (!done) throw Exit{done.error().code == ErrorCode::kMismatch ? kWrongKeys : done.error().code == ErrorCode::kIo ? kEnvironment : kCheckFailed, done.error().text};
  }
}

}  // namespace uicclab::cli
