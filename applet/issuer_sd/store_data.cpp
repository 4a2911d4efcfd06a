// SPDX-License-Identifier: Apache-2.0
// STORE DATA: GP clause 11.11. In DGI format, DGI 0070 holds the data objects that BER-TLV format brings as they are.
#include "applet/issuer_sd/application_channel.hpp"
#include "applet/issuer_sd/security_domain.hpp"
#include "core/ber_tlv.hpp"
#include "core/reader.hpp"

namespace uicclab::applet::issuer_sd {
namespace {

constexpr std::uint8_t kLast = 0x80;  // P1 (table 11-89)
constexpr std::uint8_t kEncryption = 0x60;
constexpr std::uint8_t kStructure = 0x18;
constexpr std::uint8_t kNoneTold = 0x00;
constexpr std::uint8_t kBerTlv = 0x10;
constexpr std::uint8_t kDgi = 0x08;
constexpr std::uint16_t kDataObjects = 0x0070;
constexpr std::size_t kMaxStored = 4096;
constexpr std::size_t kMaxIdentification = 32;
constexpr std::size_t kCplcPart = 8;  // who, when, with which equipment
constexpr std::ptrdiff_t kCplcPrePersonalizer = 26;
constexpr std::ptrdiff_t kCplcPersonalizer = 34;

}  // namespace

StatusWord SecurityDomain::store_data(Call& call) {
  const bool last = (call.command.p1 & kLast) != 0;
  StatusWord status = sw::kIncorrectP1P2;
  if (call.command.p2 == call.work.storing.next_block) {
    ++call.work.storing.next_block;
    if (call.work.storing.target.empty()) {
      status = store_own_data(call);
    } else {
      apdu::Command passed = call.command;
      passed.cla = 0x80;
      DomainChannel channel(session());
      // In a secured packet: the keys of another protocol, which the application cannot use.
      status = call.card.personalize(call.work.storing.target, passed, call.context.secured_by() ? nullptr : &channel, call.out);
      // An application without STORE DATA; from this domain the same status would mean that the command itself is unknown.
      if (status == sw::kInsNotSupported || status == sw::kClaNotSupported) status = sw::kConditionsNotSatisfied;
    }
  }
  if (last || !status.is_success()) call.work.storing = {};
  return status;
}

StatusWord SecurityDomain::personalize(Context& context, const apdu::Command& store_data, Bytes& out) {
  CardManager* card = context.card_manager();
  if (card == nullptr) return sw::kConditionsNotSatisfied;
  if (store_data.ins != 0xE2) return sw::kInsNotSupported;
  Call call{context, *card, store_data, out, m_work};
  if (store_data.p2 == 0) call.work.storing = {};
  return store_data.p2 == call.work.storing.next_block ? (++call.work.storing.next_block, store_own_data(call)) : sw::kIncorrectP1P2;
}

/// Collected until the last block; then all of it is taken, or none.
StatusWord SecurityDomain::store_own_data(Call& call) {
  const std::uint8_t p1 = call.command.p1;
  if ((p1 & kEncryption) != 0) return sw::kFunctionNotSupported;
  if (call.work.storing.data.size() + call.command.data.size() > kMaxStored) return sw::kNotEnoughMemory;
  append(call.work.storing.data, call.command.data);
  if ((p1 & kLast) == 0) return sw::kOk;
  const Bytes data = std::move(call.work.storing.data);
  call.work.storing.data.clear();
  if (data.empty()) return sw::kIncorrectData;

  const auto store_objects = [&](BytesView objects) {
    for (ber::Reader reader(objects); !reader.empty();) {
      const auto object = reader.next();
      if (!object) return sw::kIncorrectData;
      if (const StatusWord status = store_object(call, object->tag, object->value); status != sw::kOk) return status;
    }
    return sw::kOk;
  };
  // Without a structure indication the domain decides (table 11-89): data objects, as GlobalPlatformPro sends them.
  if (const int told = p1 & kStructure; told == kBerTlv || told == kNoneTold) return store_objects(data);
  if ((p1 & kStructure) != kDgi) return sw::kFunctionNotSupported;
  for (ByteReader reader(data); !reader.empty();) {
    const auto dgi = reader.u16();
    auto size = std::optional<std::size_t>(reader.u8());
    if (size == 0xFF) size = reader.u16();  // the long form of EMV CPS
    const auto value = size ? reader.bytes(*size) : std::nullopt;
    if (!dgi || !value) return sw::kIncorrectData;
    if (dgi != kDataObjects) return sw::kReferencedDataNotFound;
    if (const StatusWord status = store_objects(*value); status != sw::kOk) return status;
  }
  return sw::kOk;
}

StatusWord SecurityDomain::store_object(Call& call, std::uint32_t tag, BytesView value) {
  Settings settings = Settings::decode(call.context.load(kSettingsSlot));
  switch (tag) {
    case 0x4F: {
      const auto aid = Aid::from(value);
      return aid ? call.card.rename(*aid) : sw::kIncorrectData;
    }
    case 0x42:
    case 0x45:
      if (value.size() > kMaxIdentification) return sw::kIncorrectData;
      (tag == 0x42 ? settings.issuer_identification : settings.card_image) = to_bytes(value);
      break;
    case 0xCF:
      if (value.size() != settings.diversification.size()) return sw::kIncorrectData;
      std::ranges::copy(value, settings.diversification.begin());
      break;
    case 0x9F7F:
      if (value.size() != gp::kCplcSize) return sw::kIncorrectData;
      settings.cplc = to_bytes(value);
      break;
    case 0x9F66:  // personalizer's and pre-personalizer's part of it, as cards have them that clients know
    case 0x9F67:
      if (settings.cplc.empty()) return sw::kReferencedDataNotFound;
      if (value.size() != kCplcPart) return sw::kIncorrectData;
      std::ranges::copy(value, settings.cplc.begin() + (tag == 0x9F66 ? kCplcPersonalizer : kCplcPrePersonalizer));
      break;
    default:
      return sw::kReferencedDataNotFound;
  }
  call.context.store(kSettingsSlot, settings.encoded());
  return sw::kOk;
}

}  // namespace uicclab::applet::issuer_sd
