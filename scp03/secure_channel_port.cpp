// SPDX-License-Identifier: Apache-2.0
#include "scp03/secure_channel_port.hpp"

#include "core/apdu.hpp"
#include "core/transceive.hpp"

namespace uicclab::scp03 {
namespace {

constexpr std::uint8_t kInsManageChannel = 0x70;

bool is_select_by_name(const apdu::Command& command) {
  return command.ins == apdu::kSelect && command.p1 == 0x04 && !apdu::is_proprietary(command.cla);
}

Result<void> refused(std::string_view command, StatusWord status) {
  return fail(ErrorCode::kRefused, std::string(command) + " answered " + to_hex(status) + ": " + std::string(meaning(status)));
}

Bytes encode(const apdu::Response& response) {
  Bytes out = response.data;
  out.insert(out.end(), {response.status.sw1(), response.status.sw2()});
  return out;
}

}  // namespace

Result<void> SecureChannelPort::open(std::unique_ptr<HostChannel> session) {
  m_session = std::move(session);
  const auto run = [&]() -> Result<void> {
    auto answer = transceive(m_port, m_session->initialize_update(m_random));
    if (answer && answer->status != sw::kOk) {
      if (const auto other = m_session->initialize_update_again(answer->status, m_random)) answer = transceive(m_port, *other);
    }
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status != sw::kOk) return tl::unexpected(m_session->refusal(answer->status));
    const auto authenticate = m_session->external_authenticate(answer->data);
    if (!authenticate) return tl::unexpected(authenticate.error());
    const auto confirmed = transceive(m_port, *authenticate);
    if (!confirmed) return tl::unexpected(confirmed.error());
    return m_session->confirm(confirmed->status);
  };
  auto done = run();
  if (!done) m_session.reset();
  return done;
}

Result<void> SecureChannelPort::open(const HostSession::Options& options, KeyChooser keys) {
  return open(std::make_unique<HostSession>(options, std::move(keys)));
}

Result<void> SecureChannelPort::open(HostSession::Options options, const KeySet& keys) {
  if (options.key_version.value == 0) options.key_version = keys.version;
  return open(options, fixed_keys(keys.clone()));
}

void SecureChannelPort::close() {
  m_session.reset();
}

Result<apdu::Response> SecureChannelPort::exchange_secured(const Result<Bytes>& wrapped) {
  if (!wrapped) return tl::unexpected(wrapped.error());
  auto response = transceive(m_port, *wrapped);
  if (!response) {  // what the card saw of it is not known
    m_session->close();
    return response;
  }
  return m_session->unwrap(*std::move(response));
}

Result<void> SecureChannelPort::raise_or_lower(const Result<Bytes>& wrapped) {
  const auto response = exchange_secured(wrapped);
  if (!response) return tl::unexpected(response.error());
  if (response->status != sw::kOk) return refused("the R-MAC SESSION command", response->status);
  return {};
}

Result<void> SecureChannelPort::begin_r_mac_session(std::uint8_t p1, BytesView data) {
  if (!is_open()) return fail(ErrorCode::kRefused, "no secure channel session is open");
  return raise_or_lower(m_session->begin_r_mac_session(p1, data));
}

Result<void> SecureChannelPort::end_r_mac_session() {
  if (!is_open()) return fail(ErrorCode::kRefused, "no secure channel session is open");
  return raise_or_lower(m_session->end_r_mac_session());
}

Result<Atr> SecureChannelPort::reset() {
  close();
  return m_port.reset();
}

void SecureChannelPort::power_off() {
  close();
  m_port.power_off();
}

bool SecureChannelPort::passes_as_it_is(const apdu::Command& command) const {
  return apdu::channel_of(command.cla) != m_session->channel().value || apdu::is_secured(command.cla) || command.ins == kInsManageChannel ||
         command.ins == apdu::kGetResponse;
}

Result<Bytes> SecureChannelPort::transmit(BytesView bytes) {
  if (!m_session) return m_port.transmit(bytes);
  auto command = apdu::parse(bytes);
  if (!command) return tl::unexpected(command.error());
  if (passes_as_it_is(*command)) return m_port.transmit(bytes);
  if (!m_session->is_open()) return fail(ErrorCode::kRefused, "the secure channel session is broken");
  if (is_select_by_name(*command)) {
    const auto response = transceive(m_port, bytes);
    if (!response) return tl::unexpected(response.error());
    if (response->status.is_success()) close();
    return encode(*response);
  }
  if (m_session->level().r_mac() && !command->le) command->le = command->extended ? 65536 : 256;
  const auto response = exchange_secured(m_session->wrap(*command));
  if (!response) return tl::unexpected(response.error());
  return encode(*response);
}

}  // namespace uicclab::scp03
