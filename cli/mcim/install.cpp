// SPDX-License-Identifier: Apache-2.0
// uicclab mcim register and install: the host's part of a provisioning over any card port (docs/formats/mcim.md, "On the card").
#include "cli/mcim/install.hpp"

#include <iostream>

#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/mcim/provisioning_card.hpp"
#include "core/ber_tlv.hpp"
#include "core/hex.hpp"
#include "core/reader.hpp"

namespace uicclab::cli {
namespace {

struct InstallOptions {
  ProvisioningCardOption card;
  std::string object, signature, key_file, certificate_file, request_file;
  bool selected = false;
};

int begin(const InstallOptions& options) {
  ProvisioningCard card(options.card);
  write_private(options.key_file, card.public_key());
  if (!options.request_file.empty()) write_private(options.request_file, card.request());
  if (!options.certificate_file.empty()) {
    const auto certificate = card.certificate();
    if (!certificate) throw Exit{kCheckFailed, "the card has no certificate; uicclab mcim certify gives it one"};
    write_private(options.certificate_file, *certificate);
  }
  std::cout << "nonce " << to_hex(card.begin()) << "\n";
  return kOk;
}

Bytes message_of(const InstallOptions& options) {
  Bytes message = ber::encode(0x80, read_input(options.object, kObjectFile));
  if (!options.signature.empty()) ber::write(message, 0x81, read_input(options.signature, kObjectFile));
  return message;
}

int install(const InstallOptions& options) {
  options.card.refuse_unless_told();
  const Bytes message = message_of(options);
  ProvisioningCard(options.card).store(message, "the object");
  std::cout << "installed\n";
  return kOk;
}

/// INSTALL [for personalization]: the security domain passes the STORE DATA commands behind it on (GlobalPlatform clause 7.3.3).
Bytes install_for_personalization(const std::string& aid_text) {
  const auto aid = from_hex(aid_text);
  if (!aid || aid->size() < 5 || aid->size() > 16) throw Exit{kUsage, "--aid: an AID is 5 to 16 bytes in hexadecimal"};
  const Bytes data = ByteWriter().u16(0).lv(*aid).u16(0).u8(0).take();
  return concat({"80E62000"_h, Bytes{static_cast<std::uint8_t>(data.size())}, data});
}

int commands(const InstallOptions& options) {
  if (!options.selected) std::cout << to_hex(install_for_personalization(options.card.aid)) << "\n";
  for (const Bytes& command : store_data_commands(message_of(options))) std::cout << to_hex(command) << "\n";
  return kOk;
}

}  // namespace

void add_mcim_install(App& command, Action& action) {
  auto* registering = command.add_subcommand("register", "Begin a registration with a card: its public key and a nonce for the object");
  auto options = std::make_shared<InstallOptions>();  // shared with the callbacks, which outlive this function
  options->card.add_to(*registering);
  registering->add_option("KEY", options->key_file, "File for the card's public key (DER), the 'device' of mcim wrap")->required();
  registering->add_option("--certificate", options->certificate_file, "File for the card's certificate (DER), if it has one");
  registering->add_option("--request", options->request_file, "File for the card's certificate request (PKCS #10, DER)");
  set_example(*registering, "  uicclab mcim register card.der --card pcsc");
  registering->callback([options, &action] { action = [options] { return begin(*options); }; });

  auto* installing = command.add_subcommand("install", "Install an object on a card, which then has its subscription");
  auto install_options = std::make_shared<InstallOptions>();
  install_options->card.add_to(*installing);
  installing->add_option("OBJECT", install_options->object, "File with the object")->required();
  installing->add_option("--signature", install_options->signature, "File with the sender's signature");
  set_example(*installing, "  uicclab mcim install objects/meter-1.mcim --card pcsc --yes-i-know");
  auto* listing = command.add_subcommand("commands", "Print the commands that install an object, to be sent by remote management");
  auto list_options = std::make_shared<InstallOptions>();
  listing->add_option("OBJECT", list_options->object, "File with the object")->required();
  listing->add_option("--signature", list_options->signature, "File with the sender's signature");
  listing->add_option("--aid", list_options->card.aid, "AID of the provisioning application")->capture_default_str();
  listing->add_flag("--selected", list_options->selected,
                    "For the application itself; otherwise they begin with INSTALL [for personalization], for its security domain");
  set_example(*listing, "  uicclab mcim commands objects/meter-1.mcim | uicclab ota send --tar isd --script -");
  listing->callback([list_options, &action] { action = [list_options] { return commands(*list_options); }; });

  installing->callback([install_options, &action] { action = [install_options] { return install(*install_options); }; });
}

}  // namespace uicclab::cli
