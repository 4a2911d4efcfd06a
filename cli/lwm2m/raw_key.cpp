// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m raw-key: a key pair in the forms that accounts and views take.
#include "lwm2m/raw_key.hpp"

#include <iostream>

#include "cli/common/input_file.hpp"
#include "cli/lwm2m/lwm2m.hpp"
#include "core/crypto/public_key.hpp"
#include "core/json.hpp"

namespace uicclab::cli {
namespace {

struct RawKeyOptions {
  std::string file;
  bool secret = false, json = false;
};

int show_raw_key(const RawKeyOptions& options) {
  const auto der = crypto::der_of_file(read_input(options.file, kKeyFile));
  if (!der) throw Exit{kUsage, options.file + ": " + der.error().text};
  const auto pair = lwm2m::read_raw_private_key(*der);
  const auto alone = pair ? Result<crypto::PublicKey>(pair->public_key()) : lwm2m::read_raw_public_key(*der);
  if (!alone) throw Exit{kUsage, options.file + ": neither a private nor a public key: " + alone.error().text};
  if (options.secret && !pair) throw Exit{kUsage, options.file + ": --secrets needs the private key"};
  Json out = Json::object();
  const auto tell = [&](const char* name, BytesView bytes) {
    const std::string text = "hex:" + to_hex(bytes);
    out.set(name, Json(text));
    if (!options.json) std::cout << name << " = \"" << text << "\"\n";
  };
  tell("public_key", alone->der());
  tell("public_key_32_bytes", lwm2m_value(lwm2m::raw_public_key(*alone)));
  if (options.secret) {
    tell("secret_key", pair->der());
    const auto scalar = lwm2m_value(lwm2m::raw_private_key(*pair));
    tell("secret_key_32_bytes", scalar.expose(crypto::ExposeSecret{"raw-key --secrets"}));
  }
  if (options.json) std::cout << out.text() << "\n";
  return kOk;
}

}  // namespace

void add_lwm2m_raw_key(App& lwm2m, Action& action) {
  const auto options = std::make_shared<RawKeyOptions>();  // shared with the callback, which outlives this function
  auto* command = lwm2m.add_subcommand("raw-key", "Print a key pair of P-256 in the forms for accounts: DER, and 32 bytes");
  command->add_option("FILE", options->file, "Private or public key: PEM, DER, or 32 bytes of a private key")->required();
  command->add_flag("--secrets", options->secret, "Print the private key, too");
  command->add_flag("--json", options->json, "As JSON");
  set_example(
      *command,
      "  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out device.key\n  uicclab lwm2m raw-key device.key --secrets");
  command->callback([options, &action] { action = [options] { return show_raw_key(*options); }; });
}

}  // namespace uicclab::cli
