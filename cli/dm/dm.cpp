// SPDX-License-Identifier: Apache-2.0
// uicclab dm: OMA DM and CP bootstrap documents at the server's end: signed, checked, sent, converted.
#include "cli/dm/dm.hpp"

#include <iostream>

#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/common/secret_text.hpp"
#include "cli/gba/push_messages.hpp"
#include "core/hex.hpp"
#include "dm/wbxml.hpp"

namespace uicclab::cli {
namespace {

struct SignOptions {
  std::string document, sec = "NETWORKID_GBA", sa_id, sms, msisdn;
  DmSecretOptions secret;
  NafOption naf;
  bool wsp = false;
};

/// The options, and the key that the NAF has for this subscriber.
dm::DmSecret secret_of(const SignOptions& options) {
  dm::DmSecret out = options.secret.secret();
  if (!options.naf.given()) return out;
  if (!out.ks_naf.empty()) throw Exit{kUsage, "--naf or --ks-naf, not both"};
  gba::KeyRequest request;
  request.sa_id = options.sa_id;
  UserOption user;
  user.imsi = options.secret.imsi;
  user.msisdn = options.msisdn;
  if (request.sa_id.empty()) request.user = user.user();
  out.ks_naf = gba_value(options.naf.key(request)).me_key.clone();
  return out;
}

dm::DmContentType signed_type(const SignOptions& options, BytesView document) {
  const auto sec = dm::parse_sec(options.sec);
  if (!sec) throw Exit{kUsage, sec.error().text};
  dm::DmContentType type{std::string(dm::is_cp(*sec) ? dm::kCpMediaType : dm::kDmMediaType), *sec, {}};
  dm::DmSecret secret = secret_of(options);
  if (*sec == dm::DmSec::kUserPinMac) {
    const auto half = dm::derived_pin_half(document, secret.pin);
    if (!half) throw Exit{kUsage, half.error().text};
    std::cout << "PIN: " << secret.pin << *half << "\n";
  } else {
    const auto key = dm::mac_key(*sec, secret);
    if (!key) throw Exit{kUsage, key.error().text};
    type.mac = dm::document_mac(document, *key);
  }
  warn_of_weakness(*sec);
  return type;
}

int sign(const SignOptions& options) {
  const Bytes document = read_wbxml(options.document);
  const dm::DmContentType type = signed_type(options, document);
  if (!options.sms.empty()) {
    ota::WapPush push;
    push.content_type = dm::to_wsp(type);
    if (type.media_type == dm::kDmMediaType) push.application = ota::kSyncmlDmApplication;
    push.body = document;
    for (const std::string& one : wap_messages(push, options.sms)) std::cout << one << "\n";
  } else if (options.wsp) {
    std::cout << to_hex(dm::to_wsp(type)) << "\n";
  } else {
    std::cout << "Content-Type: " << dm::to_text(type) << "\n";
  }
  return kOk;
}

struct ConvertOptions {
  std::string input, output;
};

/// Documents may hold passwords: what is written is its owner's alone.
void write_out(const std::string& output, BytesView bytes) {
  if (output.empty()) {
    std::cout.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  } else {
    write_private(output, bytes);
  }
}

int to_wbxml(const ConvertOptions& options) {
  const auto wbxml = dm::wbxml_of(read_input_text(options.input, kObjectFile));
  if (!wbxml) throw Exit{kUsage, options.input + ": " + wbxml.error().text};
  write_private(options.output, *wbxml);
  return kOk;
}

int to_xml(const ConvertOptions& options) {
  const auto xml = dm::xml_of(read_wbxml(options.input));
  if (!xml) throw Exit{kUsage, options.input + ": " + xml.error().text};
  write_out(options.output, as_bytes(*xml));
  return kOk;
}

}  // namespace

void add_dm_documents(App& dm, Action& action) {
  const auto options = std::make_shared<SignOptions>();  // shared with the callbacks, which outlive this function
  auto* signing = dm.add_subcommand("sign", "Print the content type of a document, with its MAC; or the short messages that bring both");
  signing->add_option("DOCUMENT", options->document, "File with the WBXML document")->required();
  signing
      ->add_option("--sec", options->sec,
                   "NETWORKID, USERPIN, USERPIN_NETWORKID, NETWORKID_GBA, USERPIN_NETWORKID_GBA; for CP NETWPIN, USERPIN, USERNETWPIN, "
                   "USERPINMAC (--pin is the first half)")
      ->capture_default_str();
  options->secret.add_to(*signing);
  options->naf.add_to(*signing, false);
  signing->add_option("--msisdn", options->msisdn, "Whose NAF key, in place of --imsi");
  signing->add_option("--sa", options->sa_id, "Which NAF security association, in place of the subscriber's youngest");
  signing->add_flag("--wsp", options->wsp, "In WSP's short coding, as hexadecimal");
  signing->add_option("--sms", options->sms, "Print a WAP push as short messages from this number");
  set_example(*signing,
              "  uicclab dm sign bootstrap.wbxml --naf naf.db --imsi 001010000000001 --sms +491710000000\n"
              "  uicclab dm sign bootstrap.wbxml --sec USERPIN --pin 1234");
  signing->callback([options, &action] { action = [options] { return sign(*options); }; });

  const auto converting = std::make_shared<ConvertOptions>();
  auto* wbxml = dm.add_subcommand("wbxml", "Make the WBXML document of an XML one");
  wbxml->add_option("XML", converting->input, "File with the XML document, with its DOCTYPE")->required();
  wbxml->add_option("-o,--output", converting->output, "The WBXML document")->required();
  set_example(*wbxml, "  uicclab dm wbxml bootstrap.xml -o bootstrap.wbxml");
  wbxml->callback([converting, &action] { action = [converting] { return to_wbxml(*converting); }; });

  auto* xml = dm.add_subcommand("xml", "Print a WBXML document as XML");
  xml->add_option("WBXML", converting->input, "File with the WBXML document")->required();
  xml->add_option("-o,--output", converting->output, "The XML document; without it standard output");
  set_example(*xml, "  uicclab dm xml bootstrap.wbxml");
  xml->callback([converting, &action] { action = [converting] { return to_xml(*converting); }; });
}

void add_dm(App& app, Action& action) {
  auto* command = app.add_subcommand("dm", "OMA DM and CP bootstrap documents: signed, sent, checked, taken by a device");
  command->require_subcommand();
  add_dm_documents(*command, action);
  add_dm_device(*command, action);
  add_dm_tree(*command, action);
}

}  // namespace uicclab::cli
