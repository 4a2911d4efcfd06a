// SPDX-License-Identifier: Apache-2.0
#include "cli/mcim/provisioning_card.hpp"

#include "core/crypto/certificate_issue.hpp"
#include "core/hex.hpp"
#include "core/transceive.hpp"

namespace uicclab::cli {
namespace {

constexpr std::uint16_t kPublicKey = 0xDF20;
constexpr std::uint16_t kRequest = 0xDF21;
constexpr std::uint16_t kCertificate = 0xDF22;
constexpr std::size_t kBlock = 255;
constexpr std::size_t kMostBlocks = 256;

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
apdu::Command get_data(std::uint16_t tag) {
  return command_of(0x80, 0xCA, static_cast<std::uint8_t>(tag >> 8), static_cast<std::uint8_t>(tag & 0xFF), {}, 256);
}

}  // namespace

void ProvisioningCardOption::add_to(App& command) {
  card.add_to(command);
  command.add_option("--aid", aid, "AID of the provisioning application")->capture_default_str();
}

void ProvisioningCardOption::refuse_unless_told() const {
  if (card.is_emulated() || card.yes_i_know) return;
  throw Exit{kUsage, "this replaces the subscription of a card that is not emulated; the old one cannot be read back. Add --yes-i-know"};
}

ProvisioningCard::ProvisioningCard(const ProvisioningCardOption& options) {
  const auto aid = from_hex(options.aid);
  if (!aid) throw Exit{kUsage, "--aid: " + aid.error().text};
  Atr atr;
  m_card = options.card.open(atr);
  if (auto* guard = m_card->guard()) guard->allow_management(true);
  (void)ask(command_of(0x00, 0xA4, 0x04, 0x0C, *aid, {}), "SELECT of the provisioning application");
}

Bytes ProvisioningCard::ask(const apdu::Command& command, const char* what) {
  const auto response = transceive(m_card->port(), apdu::encode(command));
  if (!response) throw Exit{kEnvironment, response.error().text};
  if (response->status != sw::kOk) {
    const std::string status = to_hex(response->status) + " (" + std::string(meaning(response->status)) + ")";
    throw Exit{kCheckFailed, std::string(what) + ": the card answers " + status};
  }
  return response->data;
}

Bytes ProvisioningCard::public_key() {
  return ask(get_data(kPublicKey), "the card's public key");
}

Bytes ProvisioningCard::request() {
  Bytes request = ask(get_data(kRequest), "a certificate request");
  const auto read = crypto::read_certificate_request(request);
  if (!read) throw Exit{kCheckFailed, "the card's certificate request: " + read.error().text};
  const auto key = crypto::PublicKey::from_der(public_key());
  if (!key || !(*key == read->key)) throw Exit{kCheckFailed, "the card's certificate request is for another key than the card's"};
  return request;
}

std::optional<Bytes> ProvisioningCard::certificate() {
  const auto response = transceive(m_card->port(), apdu::encode(get_data(kCertificate)));
  if (response && response->status == sw::kReferencedDataNotFound) return std::nullopt;
  return ask(get_data(kCertificate), "the card's certificate");
}

Bytes ProvisioningCard::begin() {
  return ask(command_of(0x80, 0x84, 0x00, 0x00, {}, 16), "a registration");
}

void ProvisioningCard::store(BytesView message, const char* what) {
  for (const Bytes& command : store_data_commands(message)) (void)ask(apdu::parse(command).value(), what);
}

std::vector<Bytes> store_data_commands(BytesView message) {
  if (message.size() > kBlock * kMostBlocks) throw Exit{kUsage, "more than 65280 bytes: no card takes that"};
  std::vector<Bytes> out;
  for (std::size_t at = 0; at < message.size(); at += kBlock) {
    const std::size_t size = std::min(kBlock, message.size() - at);
    const auto p1 = static_cast<std::uint8_t>(at + size == message.size() ? 0x80 : 0x00);
    out.push_back(apdu::encode(command_of(0x80, 0xE2, p1, static_cast<std::uint8_t>(out.size()), message.subspan(at, size), {})));
  }
  return out;
}

}  // namespace uicclab::cli
