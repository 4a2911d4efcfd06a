// SPDX-License-Identifier: Apache-2.0
#include "scp03/legacy_scp02.hpp"

namespace uicclab::scp03::legacy {
namespace {

using crypto::Bytes8;
using crypto::Des;
using crypto::DesKey;
using crypto::MacPadding;
using crypto::SecretBytes;

constexpr Bytes8 kZeroIcv{};
constexpr std::size_t kMacSize = 8;
constexpr std::size_t kChallengeSize = 6;
constexpr StatusWord kCryptogramWrong{0x6300};  // E.5.2.7

DesKey des_key(const SecretBytes& key) {
  return DesKey::from(key.clone()).value();
}

std::array<std::uint8_t, 2> counter_bytes(std::uint16_t counter) {
  return {static_cast<std::uint8_t>(counter >> 8), static_cast<std::uint8_t>(counter)};
}

/// Constant, counter and zeros enciphered with the static key in CBC mode (E.4.1).
SecretBytes session_key(const DesKey& key, std::uint8_t constant, std::uint16_t counter) {
  std::array<std::uint8_t, 16> data{0x01, constant};
  std::ranges::copy(counter_bytes(counter), data.begin() + 2);
  Bytes bytes = Des(key).cbc_encrypt(kZeroIcv, data);
  SecretBytes out(bytes);
  crypto::wipe(bytes);
  return out;
}

bool has_level(SecurityLevel level) {
  return !level.r_mac();
}

std::size_t padded(std::size_t size) {
  return (size / crypto::kDesBlockSize + 1) * crypto::kDesBlockSize;
}

/// Length in front of the padding 80 00..; nothing if there is none. It may be 0: clients (pySim, GPShell) pad and cipher also the data
/// that a command does not have. The C-MAC is the same.
std::optional<std::size_t> unpadded_size(BytesView plain) {
  for (std::size_t zeros = 0; zeros < crypto::kDesBlockSize && zeros < plain.size(); ++zeros) {
    const std::uint8_t byte = plain[plain.size() - 1 - zeros];
    if (byte == 0x80) return plain.size() - 1 - zeros;
    if (byte != 0x00) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Result<Scp02KeySet> Scp02KeySet::from(KeyVersion version, SecretBytes enc, SecretBytes mac, SecretBytes dek) {
  for (const SecretBytes* key : {&enc, &mac, &dek}) {
    if (key->size() != 16) return fail(ErrorCode::kRange, "an SCP02 key has 16 bytes");
  }
  return Scp02KeySet{version, des_key(enc), des_key(mac), des_key(dek)};
}

Scp02SessionKeys Scp02SessionKeys::from(const Scp02KeySet& keys, std::uint16_t sequence_counter) {
  return {session_key(keys.enc, 0x82, sequence_counter), session_key(keys.mac, 0x01, sequence_counter),
          session_key(keys.dek, 0x81, sequence_counter)};
}

Scp02Messaging::Scp02Messaging(const Scp02SessionKeys& keys)
    : m_enc(des_key(keys.enc)), m_mac(crypto::RetailMac::from(keys.mac).value()), m_icv_cipher(des_key(keys.mac.part(0, 8))) {}

Bytes8 Scp02Messaging::challenge_mac(BytesView aid) {
  return m_mac.compute(kZeroIcv, {aid}, MacPadding::k80);
}

Bytes8 Scp02Messaging::cryptogram(BytesView first, BytesView second) {
  return m_enc.mac(kZeroIcv, {first, second}, MacPadding::k80);
}

Bytes8 Scp02Messaging::command_mac(const apdu::Command& plain) {
  // The modified command in plain: class with secure messaging on channel 0, Lc with the MAC (E.4.4). The next ICV is this MAC
  // enciphered with the first half of the key (E.3.4).
  const std::array<std::uint8_t, 5> header{mac_class(plain.cla), plain.ins, plain.p1, plain.p2,
                                           static_cast<std::uint8_t>(plain.data.size() + kMacSize)};
  const Bytes8 mac = m_mac.compute(m_icv, {header, plain.data}, MacPadding::k80);
  std::ranges::copy(m_icv_cipher.ecb_encrypt(mac), m_icv.begin());
  return mac;
}

Result<Bytes> Scp02Messaging::wrap(const apdu::Command& plain, SecurityLevel level) {
  if (plain.extended) return fail(ErrorCode::kUnsupported, "SCP02 has no extended length");
  if (!level.c_mac()) return apdu::encode(plain);
  const bool ciphered = level.c_encryption() && !plain.data.empty();
  const std::size_t size = ciphered ? padded(plain.data.size()) : plain.data.size();
  if (size + kMacSize > 255) return fail(ErrorCode::kRange, "the command is too long to be wrapped", size + kMacSize);
  const Bytes8 mac = command_mac(plain);
  Bytes data = to_bytes(plain.data);
  if (ciphered) {
    data.push_back(0x80);
    data.resize(size);
    data = m_enc.cbc_encrypt(kZeroIcv, data);  // after the MAC, with an IV of zeros (E.4.6)
  }
  append(data, mac);
  apdu::Command secured = plain;
  secured.cla = apdu::secured_class(plain.cla);
  secured.data = data;
  return apdu::encode(secured);
}

Result<apdu::Command> Scp02Messaging::unwrap(const apdu::Command& secured, SecurityLevel level) {
  if (secured.extended || secured.data.size() < kMacSize) return fail(ErrorCode::kMalformed, "no short command with room for a C-MAC");
  apdu::Command plain = secured;
  plain.cla = apdu::plain_class(secured.cla);
  plain.data = secured.data.first(secured.data.size() - kMacSize);
  if (level.c_encryption() && !plain.data.empty()) {
    auto deciphered = m_enc.cbc_decrypt(kZeroIcv, plain.data);
    if (!deciphered) return tl::unexpected(deciphered.error());
    m_plain = *std::move(deciphered);
    const auto size = unpadded_size(m_plain);
    // Wrong padding and a wrong MAC are one error, and end the session: the protocol checks the MAC only behind the padding.
    if (!size) return fail(ErrorCode::kMismatch, "C-MAC");
    plain.data = BytesView(m_plain).first(*size);
  }
  const Bytes8 mac = command_mac(plain);
  if (!crypto::constant_time_equal(mac, secured.data.last(kMacSize))) return fail(ErrorCode::kMismatch, "C-MAC");
  return plain;
}

Scp02KeyCipher::Scp02KeyCipher(const SecretBytes& session_dek) : m_des(des_key(session_dek)) {}

StatusWord Scp02CardSession::initialize_update(const apdu::Command& command, const Identity& identity, const Scp02KeySet& keys,
                                               Scp02Counter& counter, Random& random, Bytes& out) {
  terminate();
  if (command.p2 != 0) return sw::kIncorrectP1P2;
  if (command.data.size() != 8) return sw::kWrongLength;
  const auto sequence = counter.current();
  if (!sequence) return sw::kConditionsNotSatisfied;
  Scp02SessionKeys session = Scp02SessionKeys::from(keys, *sequence);
  m_messaging.emplace(session);
  std::array<std::uint8_t, 2 + kChallengeSize> card{};  // counter and challenge
  std::ranges::copy(counter_bytes(*sequence), card.begin());
  const auto challenge = std::span(card).subspan(2);
  if (identity.aid.empty()) {
    random.fill(challenge);
  } else {
    std::copy_n(m_messaging->challenge_mac(identity.aid.bytes()).begin(), kChallengeSize, challenge.begin());
  }
  m_host_cryptogram = m_messaging->cryptogram(card, command.data);
  m_dek = std::move(session.dek);
  m_key_version = keys.version;
  m_state = State::kInitialized;
  const std::array information{keys.version.value, kScp02Number};
  out = concat({identity.diversification, information, card, m_messaging->cryptogram(command.data, card)});
  return sw::kOk;
}

StatusWord Scp02CardSession::external_authenticate(const apdu::Command& command, Scp02Counter& counter) {
  if (m_state != State::kInitialized || !m_messaging) return abort(sw::kConditionsNotSatisfied);
  const auto refuse = [this](StatusWord status) {
    terminate();
    return status;
  };
  if (!apdu::is_secured_by_globalplatform(command.cla)) return refuse(sw::kClaNotSupported);
  const auto level = SecurityLevel::from(command.p1);
  if (!level || !has_level(*level) || command.p2 != 0) return refuse(sw::kIncorrectP1P2);
  if (command.data.size() != 16) return refuse(sw::kWrongLength);
  if (!crypto::constant_time_equal(command.data.first(8), m_host_cryptogram)) return refuse(kCryptogramWrong);
  if (!m_messaging->unwrap(command, Level::kCMac)) return refuse(sw::kSecurityStatusNotSatisfied);
  if (!counter.advance()) return refuse(sw::kMemoryProblem);
  m_level = *level;
  m_state = State::kOpen;
  return sw::kOk;
}

tl::expected<apdu::Command, StatusWord> Scp02CardSession::unwrap(const apdu::Command& command) {
  if (m_state != State::kOpen || !m_messaging) return tl::unexpected(abort(sw::kConditionsNotSatisfied));
  if (!apdu::is_secured(command.cla)) {
    if (m_level.c_mac()) return tl::unexpected(abort(sw::kSecurityStatusNotSatisfied));
    return command;
  }
  if (!apdu::is_secured_by_globalplatform(command.cla)) return tl::unexpected(abort(sw::kSecureMessagingNotSupported));
  if (!m_level.c_mac()) return tl::unexpected(abort(sw::kSecurityStatusNotSatisfied));
  auto plain = m_messaging->unwrap(command, m_level);
  if (!plain) return tl::unexpected(abort(sw::kSecurityStatusNotSatisfied));
  return *plain;
}

std::unique_ptr<KeyCipher> Scp02CardSession::key_cipher() const {
  return is_open() ? std::make_unique<Scp02KeyCipher>(m_dek) : nullptr;
}

void Scp02CardSession::terminate() {
  *this = Scp02CardSession(Scp02Allowed{});
}

StatusWord Scp02CardSession::abort(StatusWord status) {
  const State before = m_state;
  terminate();
  if (before == State::kOpen || before == State::kAborted) m_state = State::kAborted;
  return status;
}

Bytes Scp02HostSession::initialize_update(Random& random) {
  close();
  random.fill(m_host_challenge);
  m_state = State::kChallenged;
  return apdu::encode({.cla = apdu::cla_for_channel(0x80, m_options.channel.value),
                       .ins = ins::kInitializeUpdate,
                       .p1 = m_options.key_version.value,
                       .data = m_host_challenge,
                       .le = 256});
}

Result<Bytes> Scp02HostSession::external_authenticate(BytesView answer) {
  if (m_state != State::kChallenged) return fail(ErrorCode::kRefused, "no INITIALIZE UPDATE was sent");
  close();
  if (answer.size() >= 12 && answer[11] != kScp02Number) return fail(ErrorCode::kUnsupported, "the card does not speak SCP02", 11);
  if (answer.size() != 28) return fail(ErrorCode::kMalformed, "the answer to INITIALIZE UPDATE must have 28 bytes", answer.size());
  if (!has_level(m_options.level)) return fail(ErrorCode::kUnsupported, "SCP02 i = 15 and 55 protect no responses");
  if (m_options.key_version.value != 0 && answer[10] != m_options.key_version.value) {
    return fail(ErrorCode::kMismatch, "the card answers with another key version", 10);
  }
  const BytesView card = answer.subspan(12, 8);  // counter and challenge
  Scp02SessionKeys session = Scp02SessionKeys::from(m_keys, static_cast<std::uint16_t>((card[0] << 8) | card[1]));
  Scp02Messaging messaging(session);
  if (!m_options.aid.empty() &&
      !crypto::constant_time_equal(BytesView(messaging.challenge_mac(m_options.aid.bytes())).first(kChallengeSize), card.subspan(2))) {
    return fail(ErrorCode::kMismatch, "card challenge", 14);
  }
  if (!crypto::constant_time_equal(messaging.cryptogram(m_host_challenge, card), answer.subspan(20))) {
    return fail(ErrorCode::kMismatch, "card cryptogram: the keys are not those of the card", 20);
  }
  m_messaging.emplace(std::move(messaging));
  m_dek = std::move(session.dek);
  m_state = State::kAuthenticating;
  const Bytes8 cryptogram = m_messaging->cryptogram(card, m_host_challenge);
  return m_messaging->wrap({.cla = apdu::cla_for_channel(0x80, m_options.channel.value),
                            .ins = ins::kExternalAuthenticate,
                            .p1 = m_options.level.value(),
                            .data = cryptogram,
                            .le = std::nullopt},
                           Level::kCMac);
}

Result<void> Scp02HostSession::confirm(StatusWord status) {
  if (m_state != State::kAuthenticating || status != sw::kOk) {
    close();
    return fail(ErrorCode::kRefused, "EXTERNAL AUTHENTICATE answered " + to_hex(status));
  }
  m_state = State::kOpen;
  return {};
}

Result<Bytes> Scp02HostSession::wrap(const apdu::Command& plain) {
  if (!is_open() || !m_messaging) return fail(ErrorCode::kRefused, "no secure channel session is open");
  return m_messaging->wrap(plain, m_options.level);
}

Result<apdu::Response> Scp02HostSession::unwrap(apdu::Response secured) {
  if (!is_open()) return fail(ErrorCode::kRefused, "no secure channel session is open");
  return secured;
}

Result<Bytes> Scp02HostSession::begin_r_mac_session(std::uint8_t, BytesView) {
  return fail(ErrorCode::kUnsupported, "SCP02 i = 15 and 55 protect no responses");
}

Result<Bytes> Scp02HostSession::end_r_mac_session() {
  return fail(ErrorCode::kUnsupported, "SCP02 i = 15 and 55 protect no responses");
}

void Scp02HostSession::close() {
  m_state = State::kIdle;
  m_messaging.reset();
  m_dek = SecretBytes();
}

std::size_t Scp02HostSession::max_command_data(std::size_t longest) const {
  return max_data(std::min<std::size_t>(longest, 255), level().c_mac() ? kMacSize : 0, level().c_encryption() ? crypto::kDesBlockSize : 0);
}

std::unique_ptr<KeyCipher> Scp02HostSession::key_cipher() const {
  return is_open() ? std::make_unique<Scp02KeyCipher>(m_dek) : nullptr;
}

}  // namespace uicclab::scp03::legacy
