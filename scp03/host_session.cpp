// SPDX-License-Identifier: Apache-2.0
#include "scp03/host_session.hpp"

#include "core/reader.hpp"

namespace uicclab::scp03 {

Result<InitializeUpdateAnswer> InitializeUpdateAnswer::parse(BytesView data) {
  ByteReader reader(data);
  const auto diversification = reader.bytes(10);
  const auto key_information = reader.bytes(3);
  if (!diversification || !key_information) {
    return fail(ErrorCode::kTruncated, "the answer to INITIALIZE UPDATE ends too early", data.size());
  }
  InitializeUpdateAnswer answer;
  std::ranges::copy(*diversification, answer.diversification.begin());
  answer.key_version = KeyVersion{(*key_information)[0]};
  answer.mode = Mode{(*key_information)[2]};
  if ((*key_information)[1] != kProtocolNumber) return fail(ErrorCode::kUnsupported, "the card does not speak SCP03", 11);
  if (!answer.mode.is_defined()) return fail(ErrorCode::kUnsupported, "reserved bits in the parameter i", 12);
  if (data.size() != answer.mode.initialize_update_size()) {
    return fail(ErrorCode::kMalformed, "the length of the answer to INITIALIZE UPDATE does not match parameter i", data.size());
  }
  const auto challenge = reader.bytes(answer.mode.mac_size());
  const auto cryptogram = reader.bytes(answer.mode.mac_size());
  if (!challenge || !cryptogram) return fail(ErrorCode::kTruncated, "the answer to INITIALIZE UPDATE ends too early", data.size());
  answer.card_challenge = ShortValue(*challenge);
  answer.card_cryptogram = ShortValue(*cryptogram);
  answer.sequence_counter = reader.u24();
  return answer;
}

KeyChooser fixed_keys(KeySet keys) {
  // shared, here and below: a std::function is copyable, a key is not
  const auto kept = std::make_shared<const KeySet>(std::move(keys));
  return [kept](const InitializeUpdateAnswer&) -> Result<KeySet> { return kept->clone(); };
}

KeyChooser kdf3_keys(crypto::AesKey master) {
  const auto kept = std::make_shared<const crypto::AesKey>(std::move(master));
  return [kept](const InitializeUpdateAnswer& answer) -> Result<KeySet> {
    return diversify_kdf3(*kept, answer.diversification, answer.key_version);
  };
}

Bytes HostSession::initialize_update(Random& random) {
  close();
  m_host_challenge = ShortValue(m_options.s16 ? 16U : 8U);
  random.fill(m_host_challenge.writable());
  m_state = State::kChallenged;
  return apdu::encode(
      {.cla = cla(0x80), .ins = ins::kInitializeUpdate, .p1 = m_options.key_version.value, .data = m_host_challenge.bytes(), .le = 256});
}

Result<Bytes> HostSession::external_authenticate(BytesView answer) {
  if (m_state != State::kChallenged) return fail(ErrorCode::kRefused, "no INITIALIZE UPDATE was sent");
  close();
  auto card = InitializeUpdateAnswer::parse(answer);
  if (!card) return tl::unexpected(card.error());
  if (card->mode.is_s16() != m_options.s16) return fail(ErrorCode::kUnsupported, "the card's mode is not the one asked for", 12);
  if (m_options.key_version.value != 0 && card->key_version != m_options.key_version) {
    return fail(ErrorCode::kMismatch, "the card answers with another key version", 10);
  }
  if (!card->mode.offers(m_options.level)) return fail(ErrorCode::kUnsupported, "the card's i does not offer this security level", 12);
  const auto keys = m_choose(*card);
  if (!keys) return tl::unexpected(keys.error());
  const BytesView challenge = card->card_challenge.bytes();
  if (const auto counter = card->sequence_counter; counter && !m_options.aid.empty()) {
    const ShortValue expected = card_challenge(*keys, *counter, m_options.aid.bytes(), challenge.size());
    if (!crypto::constant_time_equal(expected.bytes(), challenge)) return fail(ErrorCode::kMismatch, "card challenge", 13);
  }
  m_messaging.emplace(SessionKeys::from(*keys, m_host_challenge.bytes(), challenge), card->mode.mac_size());
  const Cryptograms cryptograms = m_messaging->cryptograms(m_host_challenge.bytes(), challenge);
  if (!crypto::constant_time_equal(cryptograms.card.bytes(), card->card_cryptogram.bytes())) {
    close();
    return fail(ErrorCode::kMismatch, "card cryptogram: the keys are not those of the card", 13 + challenge.size());
  }
  m_card = *card;
  m_dek = keys->dek.clone();
  m_state = State::kAuthenticating;
  return m_messaging->wrap_external_authenticate({.cla = cla(0x80),
                                                  .ins = ins::kExternalAuthenticate,
                                                  .p1 = m_options.level.value(),
                                                  .data = cryptograms.host.bytes(),
                                                  .le = std::nullopt});
}

Result<void> HostSession::confirm(StatusWord status) {
  if (m_state != State::kAuthenticating || status != sw::kOk) {
    close();
    return fail(ErrorCode::kRefused, "EXTERNAL AUTHENTICATE answered " + to_hex(status));
  }
  m_state = State::kOpen;
  m_session_level = m_level = m_options.level;
  return {};
}

Result<Bytes> HostSession::wrap(const apdu::Command& plain) {
  if (!is_open() || !m_messaging) return fail(ErrorCode::kRefused, "no secure channel session is open");
  m_next_level.reset();
  return m_messaging->wrap_command(plain, m_level);
}

Result<apdu::Response> HostSession::unwrap(apdu::Response secured) {
  if (!is_open() || !m_messaging) return fail(ErrorCode::kRefused, "no secure channel session is open");
  auto plain = m_messaging->unwrap_response(std::move(secured), m_level);
  if (!plain) {
    close();
    return plain;
  }
  if (m_next_level && plain->status == sw::kOk) m_level = *m_next_level;
  m_next_level.reset();
  return plain;
}

Result<Bytes> HostSession::begin_r_mac_session(std::uint8_t p1, BytesView data) {
  if (!is_open() || m_level != m_session_level) return fail(ErrorCode::kRefused, "no session, or one that protects responses already");
  const auto raised = SecurityLevel::from(static_cast<std::uint8_t>(m_level.value() | p1));
  if ((p1 != 0x10 && p1 != 0x30) || !raised || *raised == m_level || data.size() > 24) {
    return fail(ErrorCode::kRange, "BEGIN R-MAC SESSION cannot raise this level so, or has too much data");
  }
  if (!m_card.mode.offers(*raised)) return fail(ErrorCode::kUnsupported, "the card's parameter i does not offer this security level");
  Bytes field;
  if (!data.empty()) {
    field.push_back(static_cast<std::uint8_t>(data.size()));
    append(field, data);
  }
  auto out = wrap({.cla = cla(0x80), .ins = ins::kBeginRMacSession, .p1 = p1, .p2 = 0x01, .data = field, .le = std::nullopt});
  if (out) m_next_level = raised;
  return out;
}

Result<Bytes> HostSession::end_r_mac_session() {
  if (!is_open() || m_level == m_session_level) return fail(ErrorCode::kRefused, "no R-MAC session was begun");
  auto out = wrap({.cla = cla(0x80), .ins = ins::kEndRMacSession, .p2 = 0x03, .data = {}, .le = 256});
  if (out) m_next_level = m_session_level;
  return out;
}

std::size_t HostSession::max_command_data(std::size_t longest) const {
  return max_data(std::min<std::size_t>(longest, 255), m_level.c_mac() ? m_card.mode.mac_size() : 0,
                  m_level.c_encryption() ? crypto::kAesBlockSize : 0);
}

std::unique_ptr<KeyCipher> HostSession::key_cipher() const {
  return is_open() && m_dek ? std::make_unique<DekCipher>(*m_dek) : nullptr;
}

void HostSession::close() {
  m_state = State::kIdle;
  m_messaging.reset();
  m_dek.reset();
  m_session_level = m_level = {};
  m_next_level.reset();
}

}  // namespace uicclab::scp03
