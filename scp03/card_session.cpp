// SPDX-License-Identifier: Apache-2.0
#include "scp03/card_session.hpp"

namespace uicclab::scp03 {
namespace {

constexpr std::size_t kMaxRMacData = 24;        // Amd D clause 7.1.3.3
constexpr StatusWord kCryptogramWrong{0x6300};  // clause 7.1.2.7

Bytes initialize_update_answer(const CardIdentity& identity, KeyVersion version, BytesView challenge, BytesView cryptogram,
                               std::optional<std::uint32_t> sequence_counter) {
  Bytes out = to_bytes(identity.diversification);
  out.reserve(identity.mode.initialize_update_size());
  out.insert(out.end(), {version.value, kProtocolNumber, identity.mode.i});
  append(out, challenge);
  append(out, cryptogram);
  if (sequence_counter) {
    for (int shift = 16; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(*sequence_counter >> shift));
  }
  return out;
}

/// Optional data of BEGIN R-MAC SESSION: a length and that many bytes, at most 24.
bool is_r_mac_data(BytesView data) {
  return data.empty() || (data[0] == data.size() - 1 && data[0] <= kMaxRMacData);
}

}  // namespace

StatusWord CardSession::initialize_update(const apdu::Command& command, const CardIdentity& identity, const KeySet& keys,
                                          SequenceCounter& counter, Random& random, Bytes& out) {
  terminate();  // a running session ends, also if the new one does not come about (clause 5.6)
  if (command.p2 != 0) return sw::kIncorrectP1P2;
  const std::size_t size = identity.mode.mac_size();
  if (command.data.size() != size) return sw::kWrongLength;

  std::optional<std::uint32_t> sequence;
  ShortValue challenge(size);
  if (identity.mode.has_pseudo_random_challenge()) {
    sequence = counter.advance();
    if (!sequence) return sw::kConditionsNotSatisfied;
    challenge = card_challenge(keys, *sequence, identity.aid.bytes(), size);
  } else {
    random.fill(challenge.writable());
  }
  m_messaging.emplace(SessionKeys::from(keys, command.data, challenge.bytes()), size);
  const Cryptograms cryptograms = m_messaging->cryptograms(command.data, challenge.bytes());
  m_host_cryptogram = cryptograms.host;
  m_mode = identity.mode;
  m_key_version = keys.version;
  m_dek = keys.dek.clone();
  m_state = State::kInitialized;
  out = initialize_update_answer(identity, keys.version, challenge.bytes(), cryptograms.card.bytes(), sequence);
  return sw::kOk;
}

StatusWord CardSession::external_authenticate(const apdu::Command& command) {
  if (m_state != State::kInitialized || !m_messaging) return abort(sw::kConditionsNotSatisfied);
  const auto refuse = [this](StatusWord status) {
    terminate();
    return status;
  };
  if (!apdu::is_secured_by_globalplatform(command.cla)) return refuse(sw::kClaNotSupported);
  const auto level = SecurityLevel::from(command.p1);
  if (!level || !m_mode.offers(*level) || command.p2 != 0) return refuse(sw::kIncorrectP1P2);
  const std::size_t size = m_mode.mac_size();
  if (command.data.size() != 2 * size) return refuse(sw::kWrongLength);
  if (!crypto::constant_time_equal(command.data.first(size), m_host_cryptogram.bytes())) return refuse(kCryptogramWrong);
  if (!m_messaging->unwrap_external_authenticate(command)) return refuse(sw::kSecurityStatusNotSatisfied);
  m_state = State::kOpen;
  m_session_level = m_level = *level;
  return sw::kOk;
}

tl::expected<apdu::Command, StatusWord> CardSession::unwrap(const apdu::Command& command) {
  m_response_level = {};
  if (m_state != State::kOpen || !m_messaging) return tl::unexpected(abort(sw::kConditionsNotSatisfied));
  if (!apdu::is_secured(command.cla)) {
    if (m_level.c_mac()) return tl::unexpected(abort(sw::kSecurityStatusNotSatisfied));
    return command;
  }
  if (!apdu::is_secured_by_globalplatform(command.cla)) return tl::unexpected(abort(sw::kSecureMessagingNotSupported));
  auto plain = m_messaging->unwrap_command(command, m_level);
  if (!plain) return tl::unexpected(abort(sw::kSecurityStatusNotSatisfied));
  m_response_level = m_level;
  return *plain;
}

void CardSession::wrap(Bytes& data, StatusWord status) {
  if (m_messaging) m_messaging->wrap_response(data, status, m_response_level);
  m_response_level = {};
}

StatusWord CardSession::begin_r_mac_session(const apdu::Command& plain) {
  if (!is_open()) return sw::kConditionsNotSatisfied;
  if ((plain.p1 != 0x10 && plain.p1 != 0x30) || plain.p2 != 0x01) return sw::kIncorrectP1P2;
  if (!is_r_mac_data(plain.data)) return sw::kIncorrectData;
  const auto raised = SecurityLevel::from(static_cast<std::uint8_t>(m_level.value() | plain.p1));
  const bool begun = m_level != m_session_level;
  if (begun || !raised || *raised == m_level || !m_mode.offers(*raised)) return sw::kConditionsNotSatisfied;
  m_level = *raised;
  return sw::kOk;
}

StatusWord CardSession::end_r_mac_session(const apdu::Command& plain) {
  if (!is_open() || m_level == m_session_level) return sw::kConditionsNotSatisfied;
  if (plain.p1 != 0x00 || plain.p2 != 0x03) return sw::kIncorrectP1P2;
  if (!plain.data.empty()) return sw::kIncorrectData;
  m_level = m_session_level;
  return sw::kOk;
}

std::unique_ptr<KeyCipher> CardSession::key_cipher() const {
  return is_open() && m_dek ? std::make_unique<DekCipher>(*m_dek) : nullptr;
}

void CardSession::terminate() {
  *this = CardSession();
}

StatusWord CardSession::abort(StatusWord status) {
  const State before = m_state;
  terminate();
  if (before == State::kOpen || before == State::kAborted) m_state = State::kAborted;
  return status;
}

}  // namespace uicclab::scp03
