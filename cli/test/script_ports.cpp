// SPDX-License-Identifier: Apache-2.0
#include "cli/test/script_ports.hpp"

#include "cli/ota/link.hpp"
#include "core/hex.hpp"
#include "core/transceive.hpp"
#include "ota/ota_port.hpp"
#include "scp03/secure_channel_port.hpp"
#include "uicc/application.hpp"

namespace uicclab::cli {
namespace {

/// AID of the issuer security domain (GP clause 5.1), which remote application management cannot select.
constexpr std::string_view kDefaultVersion = "30";

std::string option_of(const script::PortMaker::Options& options, const std::string& name, std::string_view otherwise = {}) {
  const auto found = options.find(name);
  return found == options.end() ? std::string(otherwise) : found->second;
}

std::uint8_t byte_of(const std::string& name, const std::string& text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != 1) throw Exit{kUsage, name + " " + text + ": two hexadecimal digits"};
  return bytes->front();
}

scp03::KeySet keys_of(const KeyringCard& card, std::uint8_t version) {
  const KeyringKey* enc = card.find(version, "enc");
  const KeyringKey* mac = card.find(version, "mac");
  const KeyringKey* dek = card.find(version, "dek");
  if (enc == nullptr || mac == nullptr || dek == nullptr) {
    throw Exit{kUsage, "the keyring has no enc, mac and dek in key version " + to_hex(std::array{version})};
  }
  auto keys = scp03::KeySet::from(KeyVersion{version}, enc->bytes.clone(), mac->bytes.clone(), dek->bytes.clone());
  if (!keys) throw Exit{kUsage, keys.error().text};
  return *std::move(keys);
}

/// A link to the card, and the port that sends through it.
class PortOverLink final : public CardPort {
 public:
  PortOverLink(CardPort& card, const OtaLinkOption& option, const KeyringCard& keys, const std::string& iccid)
      : m_link(option, keys, iccid),
        m_port(card, m_link.sender(), {m_link.commands(), m_link.format(), to_bytes(uicc::kIssuerDomainAid), service_centre()}) {}

  Result<Atr> reset() override { return m_port.reset(); }
  Result<Bytes> transmit(BytesView command) override { return m_port.transmit(command); }
  void power_off() override { m_port.power_off(); }
  Result<void> select_protocol(Protocol protocol) override { return m_port.select_protocol(protocol); }
  Protocol protocol() const override { return m_port.protocol(); }

 private:
  OtaLink m_link;
  ota::OtaPort m_port;
};

/// What is said in an Exit is an error of the script.
template <typename Make>
Result<std::unique_ptr<CardPort>> as_result(Make make) {
  try {
    return make();
  } catch (const Exit& exit) {
    return fail(ErrorCode::kIo, exit.message);
  }
}

}  // namespace

Result<std::unique_ptr<CardPort>> ScriptPorts::secure_channel(CardPort& card, const Options& options) {
  return as_result([&]() -> Result<std::unique_ptr<CardPort>> {
    if (const std::string aid = option_of(options, "aid"); !aid.empty()) {
      const auto bytes = from_hex(aid);
      if (!bytes) throw Exit{kUsage, "aid " + aid + ": " + bytes.error().text};
      const auto selected = transceive(card, apdu::Command{0x00, 0xA4, 0x04, 0x00, *bytes, 256});
      if (!selected) return tl::unexpected(selected.error());
      if (!selected->status.is_success()) return fail(ErrorCode::kNotFound, "SELECT " + aid + ": " + to_hex(selected->status));
    }
    const KeyringCard& keys = m_keyring.choose(option_of(options, "card"));
    scp03::HostSession::Options session;
    const std::string level_text = option_of(options, "level", "33");
    const auto level = scp03::SecurityLevel::from(byte_of("level", level_text));
    if (!level) throw Exit{kUsage, "level " + level_text + ": 00, 01, 03, 11, 13 or 33"};
    session.level = *level;
    auto port = std::make_unique<scp03::SecureChannelPort>(card, m_random);
    if (auto opened = port->open(session, keys_of(keys, byte_of("kvn", option_of(options, "kvn", kDefaultVersion)))); !opened) {
      return tl::unexpected(opened.error());
    }
    return port;
  });
}

Result<std::unique_ptr<CardPort>> ScriptPorts::over_the_air(CardPort& card, const Options& options) {
  return as_result([&]() -> Result<std::unique_ptr<CardPort>> {
    OtaLinkOption link;
    link.forgetful = m_forgetful;
    link.security.tar = option_of(options, "tar");
    if (link.security.tar.empty()) throw Exit{kUsage, "over ota needs a tar, for example tar B00140"};
    link.security.key_set = option_of(options, "keys", link.security.key_set);
    link.security.spi = option_of(options, "spi");
    link.security.kic = option_of(options, "kic");
    link.security.kid = option_of(options, "kid");
    link.format = option_of(options, "format", link.format);
    if (auto reset = card.reset(); !reset) return tl::unexpected(reset.error());
    const std::string iccid = read_iccid(card);
    const KeyringCard& keys = m_keyring.choose(option_of(options, "card"), iccid);
    auto port = std::make_unique<PortOverLink>(card, link, keys, iccid);
    if (auto reset = port->reset(); !reset) return tl::unexpected(reset.error());
    return port;
  });
}

}  // namespace uicclab::cli
