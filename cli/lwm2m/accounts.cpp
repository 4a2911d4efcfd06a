// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m account: whom `lwm2m serve` knows.
#include <iostream>

#include "cli/common/input_file.hpp"
#include "cli/common/secret_text.hpp"
#include "cli/lwm2m/account_database.hpp"
#include "cli/lwm2m/files.hpp"
#include "cli/lwm2m/lwm2m.hpp"
#include "core/crypto/certificate.hpp"
#include "core/json.hpp"
#include "core/visible.hpp"
#include "lwm2m/device/account.hpp"
#include "lwm2m/raw_key.hpp"
#include "lwm2m/validation.hpp"

namespace uicclab::cli {
namespace {

using lwm2m::SecurityMode;
using lwm2m::server::Account;

struct AccountOptions {
  std::string database, endpoint, from, bootstrap, identity, psk, public_key, certificate;
  std::optional<std::uint16_t> server;
  bool nosec = false, json = false, force = false;
};

/// The device's credentials, as its view has them.
void take_view(const AccountOptions& options, Account& account) {
  const lwm2m::BootstrapFile file = read_bootstrap(options.from);
  auto found = lwm2m::device::find_account(file, options.server, false);
  if (!found && !options.server) found = lwm2m::device::find_account(file, std::nullopt, true);
  const auto device = lwm2m_value(std::move(found));
  account.mode = device.mode;
  const auto identity = device.security.value(lwm2m::security::kIdentity).value_or(BytesView());
  const auto secret = device.security.value(lwm2m::security::kSecretKey).value_or(BytesView());
  if (device.mode == SecurityMode::kPsk) account.psk = lwm2m_value(crypto::SecretBytes::from(secret));
  // Of raw public keys the pair is whole in the private one, whatever form the view has.
  account.identity = device.mode == SecurityMode::kRawPublicKey ? lwm2m_value(lwm2m::read_raw_private_key(secret)).public_key().der()
                     : device.mode == SecurityMode::kNoSec      ? Bytes()
                                                                : to_bytes(identity);
}

Bytes der_in(const std::string& path) {
  auto der = crypto::der_of_file(read_input(path, kKeyFile));
  if (!der) throw Exit{kUsage, path + ": " + der.error().text};
  return to_bytes(*der);
}

Account read_account(const AccountOptions& options) {
  const int ways = int(!options.from.empty()) + int(!options.psk.empty()) + int(!options.public_key.empty()) +
                   int(!options.certificate.empty()) + int(options.nosec);
  if (ways != 1) {
    throw Exit{kUsage, "give one of --from, --psk, --public-key, --certificate and --nosec: how the device proves its name"};
  }
  Account out;
  out.endpoint = options.endpoint;
  if (out.endpoint.empty() || out.endpoint.size() > 252)
    throw Exit{kUsage, "an endpoint name has 1 to 252 bytes, so that ep=NAME fits its option"};
  if (!options.from.empty()) {
    take_view(options, out);
  } else if (!options.psk.empty()) {
    out.mode = SecurityMode::kPsk;
    out.identity = to_bytes(as_bytes(options.identity.empty() ? options.endpoint : options.identity));
    out.psk = read_secret("--psk", options.psk).bytes("--psk", SecretText::Form::kHex);
    if (lwm2m::is_low_entropy(out.psk.expose(crypto::ExposeSecret{"its entropy"}))) {
      std::cerr << "The key can be guessed: it works only with TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256.\n";
    }
  } else if (!options.public_key.empty()) {
    out.mode = SecurityMode::kRawPublicKey;
    out.identity = der_in(options.public_key);
    if (const auto key = lwm2m::read_raw_public_key(out.identity); !key) throw Exit{kUsage, options.public_key + ": " + key.error().text};
  } else if (!options.certificate.empty()) {
    out.mode = SecurityMode::kCertificate;
    out.identity = der_in(options.certificate);
    const auto facts = crypto::read_certificate(out.identity);
    if (!facts) throw Exit{kUsage, options.certificate + ": " + facts.error().text};
    if (!facts->is_ca && facts->common_name != out.endpoint) {
      throw Exit{kCheckFailed,
                 "the certificate's common name is " + facts->common_name + "; it must be the endpoint name (LwM2M 1.0 clause 7.1.9)"};
    }
  }
  if (!options.bootstrap.empty()) {
    const lwm2m::BootstrapFile file = read_bootstrap(options.bootstrap);
    if (print_refusals(lwm2m::validate(file)) && !options.force) {
      throw Exit{kCheckFailed, options.bootstrap + ": a device would refuse this; no account was stored (--force stores it)"};
    }
    out.bootstrap = lwm2m_value(lwm2m::encode_bootstrap_file(file));
  }
  return out;
}

int add(const AccountOptions& options) {
  AccountDatabase database(options.database);
  database.put(read_account(options));
  return kOk;
}

int remove(const AccountOptions& options) {
  AccountDatabase database(options.database);
  if (!database.remove(options.endpoint)) throw Exit{kCheckFailed, "no account is named " + options.endpoint};
  return kOk;
}

int list(const AccountOptions& options) {
  static constexpr std::array kModes{"psk", "raw-public-key", "certificate", "nosec"};
  AccountDatabase database(options.database);
  Json all = Json::array();
  for (const Account& one : database.all()) {
    const char* mode = kModes.at(static_cast<std::size_t>(one.mode));
    Json row = Json::object();
    row.set("endpoint", Json(one.endpoint)).set("mode", Json(mode)).set("bootstrap", Json(!one.bootstrap.empty()));
    all.add(row);
    if (!options.json) std::cout << visible(one.endpoint) << "  " << mode << (one.bootstrap.empty() ? "" : "  bootstrap") << "\n";
  }
  if (options.json) std::cout << all.text() << "\n";
  return kOk;
}

}  // namespace

void add_lwm2m_accounts(App& lwm2m, Action& action) {
  const auto options = std::make_shared<AccountOptions>();  // shared with the callbacks, which outlive this function
  auto* account = lwm2m.add_subcommand("account", "Accounts of devices for lwm2m serve, and their credentials");
  account->require_subcommand();
  const auto with_database = [options](App& command) {
    command.add_option("--database", options->database, "SQLite file with the accounts; created if it does not exist")->required();
  };

  auto* adding = account->add_subcommand("add", "Add an account, or replace the one with that name");
  adding->add_option("ENDPOINT", options->endpoint, "Endpoint name that the device registers with")->required();
  with_database(*adding);
  adding->add_option("--from", options->from, "The device's own bootstrap file: take the credentials of its server account");
  adding->add_option("--server", options->server, "Short server identifier of the account in --from; default: the first one");
  adding->add_option("--psk", options->psk, std::string("Pre-shared key: ") + kSecretForms);
  adding->add_option("--identity", options->identity, "PSK identity; default: the endpoint name");
  adding->add_option("--public-key", options->public_key, "Raw public key of the device: PEM, DER, or its 32 bytes");
  adding->add_option("--certificate", options->certificate, "Certificate of the device, or of the CA that signs it: PEM or DER");
  adding->add_flag("--nosec", options->nosec, "No DTLS");
  adding->add_option("--bootstrap", options->bootstrap, "What a bootstrap writes to the device: a bootstrap file");
  adding->add_flag("--force", options->force, "Also a bootstrap that a device would refuse, such as one without DTLS");
  set_example(*adding, "  uicclab lwm2m account add device-1 --database server.db --psk D31C924FA0775BE809C63D81F26AB415");
  adding->callback([options, &action] { action = [options] { return add(*options); }; });

  auto* removing = account->add_subcommand("remove", "Remove an account");
  removing->add_option("ENDPOINT", options->endpoint, "Its endpoint name")->required();
  with_database(*removing);
  set_example(*removing, "  uicclab lwm2m account remove device-1 --database server.db");
  removing->callback([options, &action] { action = [options] { return remove(*options); }; });

  auto* listing = account->add_subcommand("list", "List the accounts, without keys");
  with_database(*listing);
  listing->add_flag("--json", options->json, "As JSON");
  set_example(*listing, "  uicclab lwm2m account list --database server.db");
  listing->callback([options, &action] { action = [options] { return list(*options); }; });
}

}  // namespace uicclab::cli
