// SPDX-License-Identifier: Apache-2.0
// uicclab mcim register and install: the host's part of a provisioning over any card port (docs/formats/mcim.md, "On the card").
#include "cli/mcim/install.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/card/card_option.hpp"
#include "cli/common/input_file.hpp"
#include "core/ber_tlv.hpp"
#include "core/hex.hpp"
#include "core/transceive.hpp"

namespace uicclab::cli {
namespace {

struct Options {
  CardOption card;
  std::string aid = "F0756963636C61620301";
  std::string object, signature, key_file;
};

Bytes ask(CardPort& port, const apdu::Command& command, const char* what) {
  const auto response = transceive(port, apdu::encode(command));
  if (!response) throw Exit{kEnvironment, response.error().text};
  if (response->status != sw::kOk) {
    const std::string status = to_hex(response->status) + " (" + std::string(meaning(response->status)) + ")";
    throw Exit{kCheckFailed, std::string(what) + ": the card answers " + status};
  }
  return response->data;
}

apdu::Command command_of(std::uint8_t cla, std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, BytesView data,
                         std::optional<std::uint32_t> le) {
  apdu::Command command;
  command.cla = cla;
  command.ins = ins;
  command.p1 = p1;
  command.p2 = p2;
  command.data = data;
  command.le = le;
  return command;
}

std::unique_ptr<OpenCard> open_and_select(const Options& options) {
  const auto aid = from_hex(options.aid);
  if (!aid) throw Exit{kUsage, "--aid: " + aid.error().text};
  Atr atr;
  auto card = options.card.open(atr);
  if (auto* guard = card->guard()) guard->allow_management(true);
  (void)ask(card->port(), command_of(0x00, 0xA4, 0x04, 0x0C, *aid, {}), "SELECT of the provisioning application");
  return card;
}

int begin(const Options& options) {
  const auto card = open_and_select(options);
  const Bytes key = ask(card->port(), command_of(0x80, 0xCA, 0xDF, 0x20, {}, 256), "the card's public key");
  const Bytes nonce = ask(card->port(), command_of(0x80, 0x84, 0x00, 0x00, {}, 16), "a registration");
  std::ofstream file(options.key_file, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(key.data()), static_cast<std::streamsize>(key.size()));
  if (!file.flush()) throw Exit{kEnvironment, "cannot write " + options.key_file};
  std::cout << "nonce " << to_hex(nonce) << "\n";
  return kOk;
}

int install(const Options& options) {
  Bytes message = ber::encode(0x80, read_input(options.object, kObjectFile));
  if (!options.signature.empty()) ber::write(message, 0x81, read_input(options.signature, kObjectFile));
  const auto card = open_and_select(options);
  constexpr std::size_t kBlock = 255;
  std::uint8_t number = 0;
  for (std::size_t at = 0; at < message.size(); at += kBlock, ++number) {
    const std::size_t size = std::min(kBlock, message.size() - at);
    const bool last = at + size == message.size();
    const auto p1 = static_cast<std::uint8_t>(last ? 0x80 : 0x00);
    (void)ask(card->port(), command_of(0x80, 0xE2, p1, number, BytesView(message).subspan(at, size), {}), "the object");
  }
  std::cout << "installed\n";
  return kOk;
}

}  // namespace

void add_mcim_install(App& command, Action& action) {
  auto* registering = command.add_subcommand("register", "Begin a registration with a card: its public key and a nonce for the object");
  auto options = std::make_shared<Options>();  // shared with the callbacks, which outlive this function
  options->card.add_to(*registering);
  registering->add_option("KEY", options->key_file, "File for the card's public key (DER), the 'device' of mcim wrap")->required();
  registering->add_option("--aid", options->aid, "AID of the provisioning application")->capture_default_str();
  set_example(*registering, "  uicclab mcim register card.der --card pcsc");
  registering->callback([options, &action] { action = [options] { return begin(*options); }; });

  auto* installing = command.add_subcommand("install", "Install an object on a card, which then has its subscription");
  auto install_options = std::make_shared<Options>();
  install_options->card.add_to(*installing);
  installing->add_option("OBJECT", install_options->object, "File with the object")->required();
  installing->add_option("--signature", install_options->signature, "File with the sender's signature");
  installing->add_option("--aid", install_options->aid, "AID of the provisioning application")->capture_default_str();
  set_example(*installing, "  uicclab mcim install objects/meter-1.mcim --card pcsc");
  installing->callback([install_options, &action] { action = [install_options] { return install(*install_options); }; });
}

}  // namespace uicclab::cli
