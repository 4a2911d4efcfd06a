// SPDX-License-Identifier: Apache-2.0
#include "trace/secure_session.hpp"

#include "gp/host/words.hpp"

namespace uicclab::trace {
namespace {

using scp03::SecureMessaging;
using scp03::SecurityLevel;
using scp03::legacy::Scp02Messaging;

constexpr std::size_t kScp02AnswerSize = 28;

tl::unexpected<Error> no_keys(KeyVersion version) {
  return fail(ErrorCode::kNotFound, "no keys of version " + gp::host::hex_byte(version.value) + " were given");
}

constexpr const char* kOtherKeys = "the keys that were given are not those of this session";

}  // namespace

Result<void> SecureSession::initialize_update(const apdu::Command& command, BytesView answer, const StaticKeys& keys) {
  close();
  if (answer.size() < 13) return fail(ErrorCode::kTruncated, "the answer to INITIALIZE UPDATE ends too early", answer.size());
  const KeyVersion version{answer[10]};
  auto material = keys ? keys(version) : std::nullopt;
  if (!material) return no_keys(version);
  scp03::DiversificationData diversification{};
  std::copy_n(answer.begin(), diversification.size(), diversification.begin());
  if (answer[11] == scp03::legacy::kScp02Number) {
    // GPCS E.5.1: ten bytes of diversification data, key version, protocol, counter (2), challenge (6), cryptogram (8).
    if (answer.size() != kScp02AnswerSize) return fail(ErrorCode::kMalformed, "an answer of SCP02 has 28 bytes", answer.size());
    const auto static_keys = material->scp02_keys(diversification, version);
    if (!static_keys) return tl::unexpected(static_keys.error());
    const auto counter = static_cast<std::uint16_t>((answer[12] << 8) | answer[13]);
    Scp02Messaging messaging(scp03::legacy::Scp02SessionKeys::from(*static_keys, counter));
    const auto cryptogram = messaging.cryptogram(command.data, answer.subspan(12, 8));
    if (!equal(cryptogram, answer.subspan(20, 8))) return fail(ErrorCode::kMismatch, kOtherKeys, 20);
    m_messaging.emplace<Scp02Messaging>(std::move(messaging));
    m_state = State::kInitialized;
    return {};
  }
  const auto card = scp03::InitializeUpdateAnswer::parse(answer);
  if (!card) return tl::unexpected(card.error());
  const auto static_keys = material->scp03_keys(diversification, version);
  if (!static_keys) return tl::unexpected(static_keys.error());
  const BytesView challenge = card->card_challenge.bytes();
  SecureMessaging messaging(scp03::SessionKeys::from(*static_keys, command.data, challenge), card->mode.mac_size());
  const auto cryptograms = messaging.cryptograms(command.data, challenge);
  if (!equal(cryptograms.card.bytes(), card->card_cryptogram.bytes())) return fail(ErrorCode::kMismatch, kOtherKeys, 13 + challenge.size());
  m_messaging.emplace<SecureMessaging>(std::move(messaging));
  m_state = State::kInitialized;
  return {};
}

Result<void> SecureSession::external_authenticate(const apdu::Command& command) {
  if (m_state != State::kInitialized) {
    close();
    return fail(ErrorCode::kNotFound, "the session cannot be read: its INITIALIZE UPDATE is not known");
  }
  const auto level = SecurityLevel::from(command.p1);
  if (!level) {
    close();
    return fail(ErrorCode::kMalformed, "a security level that does not exist", 2);
  }
  const auto checked = std::holds_alternative<SecureMessaging>(m_messaging)
                           ? std::get<SecureMessaging>(m_messaging).unwrap_external_authenticate(command)
                           : std::get<Scp02Messaging>(m_messaging).unwrap(command, scp03::Level::kCMac);
  if (!checked) {
    close();
    return tl::unexpected(checked.error());
  }
  m_level = m_session_level = *level;
  m_state = State::kAuthenticating;
  return {};
}

void SecureSession::confirm(StatusWord status) {
  if (m_state != State::kAuthenticating) return;
  m_state = State::kOpen;
  if (status != sw::kOk && status.sw1() != 0x91) close();
}

Result<apdu::Command> SecureSession::unwrap(const apdu::Command& command) {
  if (!is_open()) return fail(ErrorCode::kNotFound, "secured: no session with known keys is open on this channel");
  m_next_level.reset();
  if (!m_level.c_mac()) return command;
  auto plain = std::holds_alternative<SecureMessaging>(m_messaging)
                   ? std::get<SecureMessaging>(m_messaging).unwrap_command(command, m_level)
                   : std::get<Scp02Messaging>(m_messaging).unwrap(command, m_level);
  if (!plain) {
    close();
    return plain;
  }
  // Amendment D clauses 7.1.3 and 7.1.4: the level changes once the card has answered.
  if (plain->ins == scp03::ins::kBeginRMacSession)
    m_next_level = SecurityLevel::from(static_cast<std::uint8_t>(m_level.value() | plain->p1));
  if (plain->ins == scp03::ins::kEndRMacSession) m_next_level = m_session_level;
  return plain;
}

Result<apdu::Response> SecureSession::unwrap(apdu::Response response) {
  if (!is_open()) return fail(ErrorCode::kNotFound, "no session");
  const StatusWord status = response.status;
  Result<apdu::Response> plain = std::move(response);
  if (auto* messaging = std::get_if<SecureMessaging>(&m_messaging)) plain = messaging->unwrap_response(*std::move(plain), m_level);
  if (!plain) {
    close();
    return plain;
  }
  if (m_next_level && status == sw::kOk) m_level = *m_next_level;
  m_next_level.reset();
  return plain;
}

std::string SecureSession::protocol() const {
  if (!is_open()) return {};
  return (std::holds_alternative<SecureMessaging>(m_messaging) ? "SCP03 level " : "SCP02 level ") + gp::host::hex_byte(m_level.value());
}

}  // namespace uicclab::trace
