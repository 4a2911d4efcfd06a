// SPDX-License-Identifier: Apache-2.0
// Where the secrets of bootstrap documents come from, and how a device judges a document.
#include <iostream>

#include "cli/common/input_file.hpp"
#include "cli/common/secret_text.hpp"
#include "cli/dm/dm.hpp"
#include "cli/gba/push_messages.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "dm/wbxml.hpp"
#include "lwm2m/device/card_files.hpp"

namespace uicclab::cli {
namespace {

bool needs_naf_key(dm::DmSec sec) {
  return sec == dm::DmSec::kNetworkIdGba || sec == dm::DmSec::kUserPinNetworkIdGba;
}
bool needs_network_id(dm::DmSec sec) {
  return !needs_naf_key(sec) && sec != dm::DmSec::kUserPin && sec != dm::DmSec::kUserPinMac;
}

/// The PIN as text: it is a key, not what a card gets.
std::string pin_of(const std::string& pin) {
  if (pin.empty()) return {};
  const auto secret = read_secret("--pin", pin).bytes("--pin", SecretText::Form::kAscii);
  const BytesView text = secret.expose(crypto::ExposeSecret{"the PIN of a document is text"});
  return {text.begin(), text.end()};
}

crypto::SecretBytes kept_key(const DmDeviceOptions& options) {
  const Bytes naf_id = naf_id_option("--naf-id", options.naf_id);
  crypto::SystemRandom random;
  NafKeysFile file(options.keys, random);
  const gba::NafKey* key = file.keys().find(naf_id, file.now());
  if (key == nullptr) {
    throw Exit{kCheckFailed,
               options.keys.name + ": no key for the NAF " + gba::naf_name(naf_id) + ", or its lifetime is over: uicclab gba take"};
  }
  return key->key.clone();
}

}  // namespace

void DmSecretOptions::add_to(App& command) {
  command.add_option("--imsi", imsi, "IMSI of the subscriber");
  command.add_option("--esn", esn, "ESN of the device, in place of an IMSI");
  command.add_option("--pin", pin, std::string("PIN that the user was given: ") + kSecretForms);
  command.add_option("--ks-naf", ks_naf_file, "File with Ks_NAF in hexadecimal");
}

dm::DmSecret DmSecretOptions::secret() const {
  if (!imsi.empty() && !esn.empty()) throw Exit{kUsage, "--imsi or --esn, not both: one of them is the network's secret"};
  dm::DmSecret out;
  out.imsi = imsi;
  out.esn = esn;
  out.pin = pin_of(pin);
  if (ks_naf_file.empty()) return out;
  Bytes text = read_input(ks_naf_file, kObjectFile);
  auto bytes = from_hex({reinterpret_cast<const char*>(text.data()), text.size()});
  crypto::wipe(text);
  auto key = bytes ? crypto::SecretBytes::from(*bytes) : Result<crypto::SecretBytes>(tl::unexpected(bytes.error()));
  if (bytes) crypto::wipe(*bytes);
  if (!key) throw Exit{kUsage, ks_naf_file + " must contain a key in hexadecimal"};
  out.ks_naf = *std::move(key);
  return out;
}

void DmDeviceOptions::add_to(App& command) {
  given.add_to(command);
  card.add_to(command);
  command.add_flag("--use-card", use_card, "Take the IMSI from the card, of the built-in one, too (--card and --state say which)");
  command.add_option("--card-pin", card_pin, std::string("PIN (key reference 01), sent if the card requires it: ") + kSecretForms);
  keys.add_to(command, false);
  command.add_option("--naf-id", naf_id, "The DM server, whose NAF key is taken: FQDN, or FQDN/Ua security protocol identifier");
  command.add_option("--push", push,
                     "GBA Push of that server (GBA Push Info, or short messages): taken with the card first, in place of --keys");
  command.add_option(
      "--require", required,
      "Refuse a document that is protected with another method than this one; a device that receives a bootstrap refuses NETWORKID "
      "unless it is named here");
}

dm::DmSecret DmDeviceOptions::secret_for(dm::DmSec sec) const {
  dm::DmSecret out = given.secret();
  const bool wants_id = needs_network_id(sec) && out.imsi.empty() && out.esn.empty();
  const bool wants_key = needs_naf_key(sec) && out.ks_naf.empty();
  const bool has_card = use_card || !push.empty() || !card.state.empty() || card.card != "sim";
  if (wants_key && !keys.name.empty()) out.ks_naf = kept_key(*this);
  if (!has_card || (!wants_id && !(wants_key && out.ks_naf.empty() && !push.empty()))) return out;
  Atr atr;
  const auto open = card.open(atr);
  lwm2m::device::CardFiles files(open->port());
  const CardSubscriber subscriber = subscriber_of(files, card_pin);
  if (wants_id) out.imsi = subscriber.imsi;
  if (wants_key) out.ks_naf = take_push(open->port(), gpi_in(push), subscriber.impi, naf_id_option("--naf-id", naf_id)).ks_naf;
  return out;
}

Bytes read_wbxml(const std::string& path) {
  auto document = try_read_input(path, kObjectFile);
  if (!document) throw Exit{document.error().code == ErrorCode::kNotFound ? kEnvironment : kUsage, document.error().text};
  if (const auto good = dm::check_wbxml(*document); !good) throw Exit{kUsage, path + ": " + good.error().text};
  return *std::move(document);
}

void warn_of_weakness(dm::DmSec sec) {
  if (const auto why = dm::weakness_of(sec); !why.empty()) std::cerr << "uicclab: warning: " << why << "\n";
}

void check_bootstrap(const DmDeviceOptions& options, const dm::DmContentType& type, BytesView document) {
  if (const auto good = dm::check_media_type(type); !good) throw Exit{kCheckFailed, good.error().text};
  if (!type.sec) throw Exit{kCheckFailed, "the document is not protected: its content type has no SEC"};
  if (!options.required.empty()) {
    const auto wanted = dm::parse_sec(options.required);
    if (!wanted) throw Exit{kUsage, "--require: " + wanted.error().text};
    if (*wanted != *type.sec) {
      throw Exit{kCheckFailed, "the document is protected with " + std::string(dm::name_of(*type.sec)) + ", " +
                                   std::string(dm::name_of(*wanted)) + " is required"};
    }
  }
  bool good = false;
  if (*type.sec == dm::DmSec::kUserPinMac) {
    good = dm::is_userpinmac_pin(document, options.given.secret().pin).value_or(false);
  } else {
    const auto key = dm::mac_key(*type.sec, options.secret_for(*type.sec));
    if (!key) throw Exit{kUsage, key.error().text};
    good = dm::is_document_mac(document, *key, type.mac);
  }
  warn_of_weakness(*type.sec);
  if (good) return;
  std::cout << "not authentic\n";
  throw Exit{kCheckFailed, ""};
}

}  // namespace uicclab::cli
