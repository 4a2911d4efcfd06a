// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/secured_sms.hpp"

#include "core/ber_tlv.hpp"
#include "lwm2m/session_key_rules.hpp"
#include "ota/secured_packet_command.hpp"

namespace uicclab::lwm2m {
namespace {

constexpr std::uint8_t kSpi1 = 0x16;  // cryptographic checksum, ciphered, counter higher
constexpr std::uint8_t kAesCbc = 0x02;

ota::OtaKey ota_key(const crypto::SecretBytes& key, std::uint8_t algorithm) {
  if ((algorithm & 0x0F) == kAesCbc) {
    auto aes = crypto::AesKey::from(key.clone());
    return aes ? ota::OtaKey(*std::move(aes)) : ota::OtaKey();
  }
  auto des = crypto::DesKey::from(key.clone());
  return des ? ota::OtaKey(*std::move(des)) : ota::OtaKey();
}

ota::PacketKeys packet_keys(const SessionKeyRecord& record) {
  return {record.kic, record.kid, {ota_key(record.keys.kic, record.kic), ota_key(record.keys.kid, record.kid)}};
}

}  // namespace

Result<Bytes> protect_sms(BytesView message, SessionKeyRecord& record, const Tar& tar) {
  if (record.sent >= kLastCounter) return fail(ErrorCode::kRange, "the counter of these session keys is used up");
  ota::CommandPacket command;
  command.header.spi = ota::Spi{kSpi1, 0x00};
  command.header.kic = record.kic;
  command.header.kid = record.kid;
  command.header.tar = tar;
  command.cntr = ota::Cntr{++record.sent};  // the caller keeps it before the packet goes out
  command.data = ber::encode(kCoapTag, message);
  ota::PacketKeys keys = packet_keys(record);
  return ota::build_command(command, keys);
}

Result<Bytes> open_sms(BytesView packet, SessionKeyRecord& record, const Tar& tar) {
  const auto clear = ota::ClearCommand::parse(packet);
  if (!clear) return tl::unexpected(clear.error());
  const auto refused = [] { return fail(ErrorCode::kMismatch, "not secured with these session keys"); };
  if (clear->header.tar != tar || clear->header.kic != record.kic || clear->header.kid != record.kid) return refused();
  ota::PacketKeys keys = packet_keys(record);
  ota::OpenedCommand opened = ota::open_command(*clear, keys, {.last = ota::Cntr{record.received}, .minimum_spi1 = kSpi1, .quirks = {}});
  if (opened.status == ota::ResponseStatus::kCntrLow) return fail(ErrorCode::kRefused, "a repeated message");
  if (opened.status != ota::ResponseStatus::kOk || !opened.commit) return refused();
  record.received = opened.commit->value;
  const auto coap = ber::only(opened.data, kCoapTag);
  if (!coap) return fail(ErrorCode::kMalformed, "a packet without a CoAP message");
  return to_bytes(coap->value);
}

}  // namespace uicclab::lwm2m
