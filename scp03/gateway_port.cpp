// SPDX-License-Identifier: Apache-2.0
#include "scp03/gateway_port.hpp"

#include "core/apdu.hpp"
#include "core/transceive.hpp"
#include "scp03/put_key.hpp"

namespace uicclab::scp03 {
namespace {

constexpr std::uint8_t kInitializeUpdate = 0x50;
constexpr std::uint8_t kExternalAuthenticate = 0x82;
constexpr std::uint8_t kBeginRMac = 0x7A;
constexpr std::uint8_t kEndRMac = 0x78;
constexpr std::uint8_t kPutKey = 0xD8;
constexpr std::uint8_t kByName = 0x04;

Bytes with_status(Bytes data, StatusWord status) {
  append(data, std::array{status.sw1(), status.sw2()});
  return data;
}

}  // namespace

Result<Atr> GatewayPort::reset() {
  m_session.terminate();
  return m_port.reset();
}

void GatewayPort::power_off() {
  m_session.terminate();
  m_port.power_off();
}

Result<Bytes> GatewayPort::transmit(BytesView bytes) {
  const auto command = apdu::parse(bytes);
  if (!command || apdu::channel_of(command->cla) != 0) return m_port.transmit(bytes);
  if (command->ins == kInitializeUpdate && apdu::is_proprietary(command->cla)) {
    m_session.terminate();
    if (command->p1 != 0 && command->p1 != m_settings.keys.version.value) return with_status({}, sw::kReferencedDataNotFound);
    Bytes out;
    const CardIdentity identity{{}, m_settings.mode, m_settings.domain};
    const StatusWord status = m_session.initialize_update(*command, identity, m_settings.keys, m_counter, m_random, out);
    return with_status(std::move(out), status);
  }
  if (command->ins == kExternalAuthenticate && apdu::is_proprietary(command->cla))
    return with_status({}, m_session.external_authenticate(*command));
  if ((command->cla & 0x04) != 0) return transmit_secured(*command);
  // Selecting an application ends the session (Amd D clause 5.3).
  if (command->ins == apdu::kSelect && command->p1 == kByName) m_session.terminate();
  return m_port.transmit(bytes);
}

Result<Bytes> GatewayPort::transmit_secured(const apdu::Command& command) {
  const auto plain = m_session.unwrap(command);
  if (!plain) return with_status({}, plain.error());
  apdu::Response response;
  switch (plain->ins) {
    case kBeginRMac:
      response.status = m_session.begin_r_mac_session(*plain);
      break;
    case kEndRMac:
      response.status = m_session.end_r_mac_session(*plain);
      break;
    default: {
      auto answered = plain->ins == kPutKey ? put_key(*plain) : transceive(m_port, apdu::encode(*plain));
      if (!answered) return tl::unexpected(answered.error());
      response = *std::move(answered);
    }
  }
  m_session.wrap(response.data, response.status);
  return with_status(std::move(response.data), response.status);
}

Result<apdu::Response> GatewayPort::put_key(const apdu::Command& plain) {
  const auto above = m_session.key_cipher();
  if (!above || !m_settings.below) return apdu::Response{{}, sw::kConditionsNotSatisfied};
  const auto keys = PutKeyData::parse(*above, plain.data);
  if (!keys) return apdu::Response{{}, sw::kIncorrectData};
  Bytes data{keys->version.value};
  for (const TransportedKey& key : keys->keys) {
    const auto field = encode_key(*m_settings.below, key.type, key.key);
    if (!field) return apdu::Response{{}, sw::kIncorrectData};
    append(data, *field);
  }
  apdu::Command again = plain;
  again.data = data;
  return transceive(m_port, apdu::encode(again));
}

}  // namespace uicclab::scp03
