// SPDX-License-Identifier: Apache-2.0
#include "gp/host/auto_session.hpp"

#include "gp/host/words.hpp"

namespace uicclab::gp::host {
namespace {

using scp03::Level;
using scp03::legacy::Scp02HostSession;

constexpr std::size_t kHead = 13;  // diversification data, key version, protocol, and "i" of SCP03

/// The challenge that went out already, for the session that takes over.
class SameAgain final : public Random {
 public:
  explicit SameAgain(BytesView bytes) : m_bytes(bytes) {}
  void fill(std::span<std::uint8_t> out) override { std::copy_n(m_bytes.begin(), std::min(out.size(), m_bytes.size()), out.begin()); }

 private:
  BytesView m_bytes;
};

tl::unexpected<Error> closed() {
  return fail(ErrorCode::kRefused, "no secure channel session is open");
}

scp03::DiversificationData card_data(BytesView answer) {
  scp03::DiversificationData data{};
  std::ranges::copy(answer.first(data.size()), data.begin());
  return data;
}

}  // namespace

scp03::SecurityLevel highest_level(scp03::Mode mode) {
  for (const auto level : {Level::kAll, Level::kCMacCEncRMac}) {
    if (mode.offers(level)) return level;
  }
  return Level::kCMacCEnc;
}

Bytes AutoSession::initialize_update(Random& random) {
  close();
  m_host_challenge.resize(s16() ? 16U : 8U);
  random.fill(m_host_challenge);
  SameAgain same(m_host_challenge);
  return scp03::HostSession({.key_version = m_options.version, .s16 = s16()}, nullptr).initialize_update(same);
}

Result<void> AutoSession::choose(BytesView answer, const KeyMaterial& keys, Opening& opening) {
  opening.keys = keys.name;
  opening.diversification = keys.diversification;
  opening.card_data = card_data(answer);
  opening.version = KeyVersion{answer[10]};
  opening.protocol.number = answer[11];
  if (opening.protocol.number == scp03::kProtocolNumber) {
    const auto card = scp03::InitializeUpdateAnswer::parse(answer);
    if (!card) return tl::unexpected(card.error());
    opening.protocol.i = card->mode.i;
    opening.sequence_counter = card->sequence_counter;
    opening.level = m_options.level.value_or(highest_level(card->mode));
    auto set = keys.scp03_keys(opening.card_data, opening.version);
    if (!set) return tl::unexpected(set.error());
    if (card->sequence_counter) {
      const auto expected =
          scp03::card_challenge(*set, *card->sequence_counter, m_options.aid.bytes(), card->card_challenge.bytes().size());
      opening.odd_challenge = !equal(expected.bytes(), card->card_challenge.bytes());
    }
    const scp03::HostSession::Options options{.key_version = m_options.version, .level = opening.level, .s16 = s16()};
    m_session = std::make_unique<scp03::HostSession>(options, scp03::fixed_keys(*std::move(set)));
    return {};
  }
  if (opening.protocol.number != scp03::legacy::kScp02Number) {
    return fail(ErrorCode::kUnsupported, "the card speaks secure channel protocol " + hex_byte(opening.protocol.number) + ", not 02 or 03",
                11);
  }
  if (!m_options.scp02) {
    return fail(ErrorCode::kUnsupported, "the card answers with SCP02 (triple DES, answers unprotected), which has to be asked for", 11);
  }
  opening.protocol.i = m_options.scp02_i;
  opening.level = m_options.level.value_or(Level::kCMacCEnc);
  if (answer.size() >= 14) opening.sequence_counter = static_cast<std::uint32_t>(answer[12] << 8 | answer[13]);
  auto set = keys.scp02_keys(opening.card_data, opening.version);
  if (!set) return tl::unexpected(set.error());
  const Scp02HostSession::Options options{.key_version = m_options.version, .level = opening.level};
  m_session = std::make_unique<Scp02HostSession>(*m_options.scp02, options, *std::move(set));
  return {};
}

Result<Bytes> AutoSession::external_authenticate(BytesView answer) {
  close();
  if (answer.size() < kHead) return fail(ErrorCode::kTruncated, "the answer to INITIALIZE UPDATE ends too early", answer.size());
  if (m_options.version.value != 0 && answer[10] != m_options.version.value) {
    return fail(ErrorCode::kMismatch,
                "key version " + hex_byte(m_options.version.value) + " was asked for, the card answers with " + hex_byte(answer[10]), 10);
  }
  Opening opening;
  if (auto chosen = choose(answer, m_keys, opening); !chosen) return tl::unexpected(chosen.error());
  SameAgain same(m_host_challenge);
  (void)m_session->initialize_update(same);
  auto command = m_session->external_authenticate(answer);
  if (!command) {
    if (command.error().code == ErrorCode::kMismatch) command.error().text = who_fits(answer);
    close();
    return command;
  }
  if (m_tell) {
    if (auto go = m_tell(opening); !go) {
      close();
      return tl::unexpected(go.error());
    }
  }
  return command;
}

/// Computes the card's cryptogram with other keys that people use, at this end, with what is there: the card sees none of it.
std::string AutoSession::who_fits(BytesView answer) {
  std::string fits;
  const auto test = [&](const KeyMaterial& base, std::string_view called) {
    for (const auto how : {Diversification::kNone, Diversification::kKdf3, Diversification::kEmv, Diversification::kVisa2}) {
      KeyMaterial keys = base.clone();
      keys.diversification = how;
      Opening opening;
      if (!choose(answer, keys, opening)) continue;
      SameAgain same(m_host_challenge);
      (void)m_session->initialize_update(same);
      if (!m_session->external_authenticate(answer)) continue;
      fits += (fits.empty() ? "" : ", or ") + std::string(called);
      fits += how == Diversification::kNone ? ", not diversified" : ", diversified by " + std::string(name(how));
      const std::string options = std::string(&base == &m_keys ? "" : " --keys default") +
                                  (how == m_keys.diversification ? "" : " --diversify " + std::string(name(how)));
      if (!options.empty()) fits += " (" + options.substr(1) + ")";
    }
  };
  test(m_keys, "the keys given");
  const KeyMaterial known = default_keys();
  if (m_keys.enc != known.enc || m_keys.mac != known.mac || m_keys.dek != known.dek) test(known, "the public default keys 404142..4F");
  const std::string how =
      m_keys.diversification == Diversification::kNone ? "" : ", diversified by " + std::string(name(m_keys.diversification));
  return "the card does not have these keys ('" + m_keys.name + "'" + how + "; the card answered with key version " + hex_byte(answer[10]) +
         ", SCP" + hex_byte(answer[11]) + ", diversification data " + to_hex(answer.first(10)) +
         "). Its cryptogram is wrong, so EXTERNAL AUTHENTICATE was not sent, and no try counter of the card has moved. " +
         (fits.empty() ? "Neither these keys nor the public default keys fit, as they are or diversified by kdf3, emv or visa2"
                       : "What fits: " + fits);
}

std::optional<Bytes> AutoSession::initialize_update_again(StatusWord refused, Random& random) {
  if (refused != sw::kWrongLength || m_options.s16) return std::nullopt;
  m_options.s16 = true;
  return initialize_update(random);
}

Error AutoSession::refusal(StatusWord status) const {
  return {ErrorCode::kRefused,
          "INITIALIZE UPDATE answered " + explain({.ins = scp03::ins::kInitializeUpdate, .data = {}, .le = std::nullopt}, status)};
}

Result<void> AutoSession::confirm(StatusWord status) {
  if (!m_session) return closed();
  auto confirmed = m_session->confirm(status);
  if (!confirmed) {
    confirmed.error().text = "EXTERNAL AUTHENTICATE answered " +
                             explain({.ins = scp03::ins::kExternalAuthenticate, .data = {}, .le = std::nullopt}, status) +
                             ". The card may have counted this as a wrong attempt";
  }
  return confirmed;
}

Result<Bytes> AutoSession::wrap(const apdu::Command& plain) {
  if (!m_session) return closed();
  return m_session->wrap(plain);
}

Result<apdu::Response> AutoSession::unwrap(apdu::Response secured) {
  if (!m_session) return closed();
  return m_session->unwrap(std::move(secured));
}

Result<Bytes> AutoSession::begin_r_mac_session(std::uint8_t p1, BytesView data) {
  if (!m_session) return closed();
  return m_session->begin_r_mac_session(p1, data);
}

Result<Bytes> AutoSession::end_r_mac_session() {
  if (!m_session) return closed();
  return m_session->end_r_mac_session();
}

}  // namespace uicclab::gp::host
