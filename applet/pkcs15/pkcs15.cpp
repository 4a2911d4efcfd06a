// SPDX-License-Identifier: Apache-2.0
#include "applet/pkcs15/pkcs15.hpp"

#include "applet/lwm2m_sms/session_keys.hpp"
#include "core/ber_tlv.hpp"
#include "core/reader.hpp"

namespace uicclab::applet::pkcs15 {
namespace {

constexpr std::uint8_t kStoreData = 0xE2;
constexpr ber::Tag kDeriveKeys = 0xA4;  // with 80 NAF_Id and 81 lifetime in seconds (docs/formats/session-keys.md)
constexpr ber::Tag kNafId = 0x80;
constexpr ber::Tag kLifetime = 0x81;
constexpr ber::Tag kSessionKeys = 0x85;      // a session-key file, from the security domain alone
constexpr std::uint16_t kOneBlock = 0x9000;  // P1 P2: the last block, the first one, data in BER-TLV (GP clause 11.11.2.1)

}  // namespace

StatusWord Pkcs15::process(Context& context, const apdu::Command& command, Bytes& out) {
  if (!apdu::is_proprietary(command.cla)) return sw::kInsNotSupported;
  if (command.ins != kStoreData) return context.process_security(command, out);
  const auto request = ber::only(command.data, kDeriveKeys);
  if (command.p1p2() != kOneBlock) return sw::kIncorrectP1P2;
  if (!request) return sw::kIncorrectData;
  const auto naf_id = ber::find(request->value, kNafId);
  const auto lifetime = ByteReader(ber::find(request->value, kLifetime).value_or(BytesView())).u32();
  if (!naf_id || !lifetime) return sw::kIncorrectData;
  return lwm2m_sms::derive_keys(context, *naf_id, std::chrono::seconds(*lifetime));
}

// What comes here has been authenticated by the security domain: remote application management (ETSI TS 102 226 clause 8) with INSTALL [for
// personalization] and STORE DATA, or a secure channel with the domain. To process() session keys would come from anybody.
StatusWord Pkcs15::personalize(Context& context, const apdu::Command& store_data, Bytes& out) {
  if (store_data.ins != kStoreData) return sw::kInsNotSupported;
  const auto keys = ber::only(store_data.data, kSessionKeys);
  if (!keys) return process(context, store_data, out);
  if (store_data.p1p2() != kOneBlock) return sw::kIncorrectP1P2;
  const auto record = lwm2m::parse_session_keys(keys->value);
  return record ? lwm2m_sms::put_keys(context, *record) : sw::kIncorrectData;
}

void Pkcs15::on_files_changed(Context& context) {
  lwm2m_sms::follow_files(context);
}

}  // namespace uicclab::applet::pkcs15
