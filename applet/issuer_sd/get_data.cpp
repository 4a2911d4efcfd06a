// SPDX-License-Identifier: Apache-2.0
// GET DATA: GP clause 11.3; extended card resources: ETSI TS 102 226 clause 8.2.1.7.2.
#include "applet/issuer_sd/secure_channel.hpp"
#include "applet/issuer_sd/security_domain.hpp"
#include "core/ber_tlv.hpp"
#include "core/reader.hpp"

namespace uicclab::applet::issuer_sd {
namespace {

using Call = SecurityDomain::Call;

std::vector<gp::SecureChannelProtocol> protocols(const Settings& settings) {
  std::vector<gp::SecureChannelProtocol> out{{scp03::kProtocolNumber, settings.mode.i}};
  if (settings.scp02 != 0) out.push_back({scp03::legacy::kScp02Number, settings.scp02});
  return out;
}

// Of the default key version: three bytes, in SCP02 two.
Bytes sequence_counter(Call& call, const Settings& settings) {
  const DomainKeys& keys = call.card.keys();
  const auto version = default_key_version(keys, settings);
  if (!version) return {};
  const std::size_t size = protocol_of(keys, *version, settings) == Protocol::kScp02 ? 2 : 3;
  return ber::encode(0xC1, ByteWriter().number(keys.sequence_counter(*version), size).view());
}

/// Keys that the domain only borrows from the one above are not its own: a client would go and replace them.
Bytes key_information(Call& call) {
  return ber::encode(0xE0, gp::encode_key_information(call.card.keys().own()));
}

Bytes object(std::uint32_t tag, const Bytes& value) {
  return value.empty() ? Bytes{} : ber::encode(tag, value);
}

struct Entry {
  std::uint16_t tag;
  Bytes (*make)(Call& call, const Settings& settings);  ///< empty: there is none
};

constexpr Entry kEntries[] = {
    {0x0042, [](Call&, const Settings& s) { return object(0x42, s.issuer_identification); }},
    {0x0045, [](Call&, const Settings& s) { return object(0x45, s.card_image); }},
    {0x0066,
     [](Call&, const Settings& s) {
       return s.recognition.empty() ? gp::encode_recognition_data(protocols(s)) : object(0x66, s.recognition);
     }},
    {0x0067, [](Call& call, const Settings& s) { return call.card.capabilities(protocols(s)); }},
    {0x9F7F, [](Call&, const Settings& s) { return object(0x9F7F, s.cplc); }},
    {0x00E0, [](Call& call, const Settings&) { return key_information(call); }},
    {0x00C1, [](Call& call, const Settings& s) { return sequence_counter(call, s); }},
    {0x00CF, [](Call&, const Settings& s) { return ber::encode(0xCF, s.diversification); }},
    {0x2F00, [](Call& call, const Settings&) { return gp::encode_application_list(call.card.registry()); }},
    {0xFF21, [](Call& call, const Settings&) { return gp::encode_resources(call.card.resources()); }},
};

}  // namespace

StatusWord SecurityDomain::get_data(Call& call) {
  const auto entry = std::ranges::find(kEntries, call.command.p1p2(), &Entry::tag);
  if (entry == std::end(kEntries)) return sw::kReferencedDataNotFound;
  call.out = entry->make(call, Settings::decode(call.context.load(kSettingsSlot)));
  return call.out.empty() ? sw::kReferencedDataNotFound : sw::kOk;
}

}  // namespace uicclab::applet::issuer_sd
