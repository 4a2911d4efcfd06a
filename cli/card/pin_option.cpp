// SPDX-License-Identifier: Apache-2.0
#include "cli/card/pin_option.hpp"

#include "cli/card/file_commands.hpp"
#include "cli/common/secret_text.hpp"
#include "core/hex.hpp"

namespace uicclab::cli {
namespace {

constexpr std::size_t kPinSize = 8;

}  // namespace

crypto::SecretBytes pin_value(const std::string& text, const std::string& what) {
  const SecretText secret = read_secret(what, text);
  const bool digits = secret.form == SecretText::Form::kPlain && secret.text.size() == 2 * kPinSize && from_hex(secret.text).has_value();
  const auto value = secret.bytes(what, digits ? SecretText::Form::kHex : SecretText::Form::kAscii);
  const BytesView given = value.expose(crypto::ExposeSecret{"a PIN is padded with FF"});
  if (given.empty() || given.size() > kPinSize) {
    throw Exit{kUsage, what + " has up to eight characters, or is 16 hexadecimal digits (" + kSecretForms + ")"};
  }
  Bytes padded = to_bytes(given);
  padded.resize(kPinSize, 0xFF);
  crypto::SecretBytes out{padded};
  crypto::wipe(padded);
  return out;
}

void PinOption::add_to(App& command) {
  command.add_option("--pin", given,
                     "NAME=VALUE: PIN1=0000, ADM1=env:VARIABLE, PIN2=file:PATH, ADM1=hex:3838383838383838, PIN1=prompt, ADF.ISIM/PIN2=...; "
                     "nothing is sent if tries are missing already");
}

CardFiles::Key named_key(const CardFiles& files, const std::string& name, const std::string& path) {
  const auto slash = name.find('/');
  const auto reference = ef::pin_reference(slash == std::string::npos ? name : name.substr(slash + 1));
  const bool application = slash == std::string::npos || (name.starts_with("ADF.") && reference && ef::is_local(*reference));
  if (!reference || !application) {
    throw Exit{kUsage, "'" + name + "' is not a PIN: PIN1, PIN2, UPIN, ADM1, ...; ADF.ISIM/PIN2 for a PIN of one application"};
  }
  return files.key_for(*reference, slash == std::string::npos ? path : name.substr(0, slash));
}

void PinOption::verify_all(CardFiles& files, const std::string& path) const {
  for (const std::string& one : given) {
    const auto equals = one.find('=');
    if (equals == std::string::npos) throw Exit{kUsage, "--pin needs NAME=VALUE, for example PIN1=0000"};
    const auto key = named_key(files, one.substr(0, equals), path);
    if (const auto done = files.verify(key, pin_value(one.substr(equals + 1), one.substr(0, equals)), risk); !done)
      files_fail(done.error());
  }
}

}  // namespace uicclab::cli
