// SPDX-License-Identifier: Apache-2.0
// uicclab dm: signs and verifies OMA DM and CP bootstrap documents.
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/common/commands.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/secret_text.hpp"
#include "core/hex.hpp"
#include "lwm2m/oma_dm.hpp"

namespace uicclab::cli {
namespace {

struct Options {
  std::string document;
  std::string sec = "NETWORKID_GBA";
  std::string imsi, esn, pin, ks_naf_file;
  std::string content_type;
  bool wsp = false;

  void add_to(App& command) {
    command.add_option("DOCUMENT", document, "File with the WBXML document")->required();
    command.add_option("--imsi", imsi, "IMSI of the subscriber");
    command.add_option("--esn", esn, "ESN of the device");
    command.add_option("--pin", pin, std::string("PIN that the user was told: ") + kSecretForms);
    command.add_option("--ks-naf", ks_naf_file, "File with Ks_NAF in hexadecimal");
  }
};

/// The PIN as text: it is a key, not what a card gets.
std::string pin_of(const Options& options) {
  if (options.pin.empty()) return {};
  const auto pin = read_secret("--pin", options.pin).bytes("--pin", SecretText::Form::kAscii);
  const BytesView text = pin.expose(crypto::ExposeSecret{"the PIN of a document is text"});
  return {text.begin(), text.end()};
}

lwm2m::DmSecret secret_of(const Options& options) {
  lwm2m::DmSecret secret;
  secret.imsi = options.imsi;
  secret.esn = options.esn;
  secret.pin = pin_of(options);
  if (options.ks_naf_file.empty()) return secret;
  Bytes text = read_input(options.ks_naf_file, kObjectFile);
  auto bytes = from_hex({reinterpret_cast<const char*>(text.data()), text.size()});
  crypto::wipe(text);
  auto key = bytes ? crypto::SecretBytes::from(*bytes) : Result<crypto::SecretBytes>(tl::unexpected(bytes.error()));
  if (bytes) crypto::wipe(*bytes);
  if (!key) throw Exit{kUsage, options.ks_naf_file + " holds no key in hexadecimal"};
  secret.ks_naf = *std::move(key);
  return secret;
}

/// Documents come from elsewhere: one that is not there is a matter of the machine.
Bytes read_document(const std::string& path) {
  auto document = try_read_input(path, kObjectFile);
  if (document) return *std::move(document);
  throw Exit{document.error().code == ErrorCode::kNotFound ? kEnvironment : kUsage, document.error().text};
}

void warn(lwm2m::DmSec sec) {
  if (const auto why = lwm2m::weakness_of(sec); !why.empty()) std::cerr << "uicclab: warning: " << why << "\n";
}

int sign(const Options& options) {
  const auto sec = lwm2m::parse_sec(options.sec);
  if (!sec) throw Exit{kUsage, sec.error().text};
  const Bytes document = read_document(options.document);
  const bool cp = *sec == lwm2m::DmSec::kNetwPin || *sec == lwm2m::DmSec::kUserNetwPin || *sec == lwm2m::DmSec::kUserPinMac;
  lwm2m::DmContentType type{std::string(cp ? lwm2m::kCpMediaType : lwm2m::kDmMediaType), *sec, {}};
  if (*sec == lwm2m::DmSec::kUserPinMac) {
    const std::string pin = pin_of(options);
    const auto half = lwm2m::derived_pin_half(document, pin);
    if (!half) throw Exit{kUsage, half.error().text};
    std::cout << "PIN: " << pin << *half << "\n";
  } else {
    const auto key = lwm2m::mac_key(*sec, secret_of(options));
    if (!key) throw Exit{kUsage, key.error().text};
    type.mac = lwm2m::document_mac(document, *key);
  }
  warn(*sec);
  if (options.wsp) {
    std::cout << to_hex(lwm2m::to_wsp(type)) << "\n";
  } else {
    std::cout << "Content-Type: " << lwm2m::to_text(type) << "\n";
  }
  return kOk;
}

/// Whatever does not fit, the answer is the same.
int verify(const Options& options) {
  const auto wsp = from_hex(options.content_type);
  const auto type = wsp ? lwm2m::parse_wsp(*wsp) : lwm2m::parse_content_type(options.content_type);
  if (!type) throw Exit{kUsage, type.error().text};
  if (!type->sec) throw Exit{kUsage, "the content type has no SEC"};
  const Bytes document = read_document(options.document);
  bool good = false;
  if (*type->sec == lwm2m::DmSec::kUserPinMac) {
    good = lwm2m::is_userpinmac_pin(document, pin_of(options)).value_or(false);
  } else {
    const auto key = lwm2m::mac_key(*type->sec, secret_of(options));
    if (!key) throw Exit{kUsage, key.error().text};
    good = lwm2m::is_document_mac(document, *key, type->mac);
  }
  warn(*type->sec);
  std::cout << (good ? "good" : "not authentic") << "\n";
  return good ? kOk : kCheckFailed;
}

}  // namespace

void add_dm(App& app, Action& action) {
  auto* command = app.add_subcommand("dm", "Sign and verify OMA DM and CP bootstrap documents");
  command->require_subcommand();
  auto options = std::make_shared<Options>();  // shared with the callbacks, which outlive this function

  auto* signing = command->add_subcommand("sign", "Print the content type of a document, with its MAC");
  options->add_to(*signing);
  signing
      ->add_option("--sec", options->sec,
                   "NETWORKID, USERPIN, USERPIN_NETWORKID, NETWORKID_GBA, USERPIN_NETWORKID_GBA; for CP NETWPIN, USERPIN, USERNETWPIN, "
                   "USERPINMAC (--pin is the first half)")
      ->capture_default_str();
  signing->add_flag("--wsp", options->wsp, "In WSP's short coding, as hexadecimal");
  set_example(*signing, "  uicclab dm sign bootstrap.wbxml --sec USERPIN --pin 1234");
  signing->callback([options, &action] { action = [options] { return sign(*options); }; });

  auto* verifying = command->add_subcommand("verify", "Check a document against its content type");
  options->add_to(*verifying);
  verifying->add_option("--content-type", options->content_type, "As it came: text, or WSP's short coding in hexadecimal")->required();
  set_example(*verifying,
              "  uicclab dm verify bootstrap.wbxml --pin 1234 --content-type 'application/vnd.syncml.dm+wbxml; SEC=USERPIN; MAC=...'");
  verifying->callback([options, &action] { action = [options] { return verify(*options); }; });
}

}  // namespace uicclab::cli
