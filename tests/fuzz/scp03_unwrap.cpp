// SPDX-License-Identifier: Apache-2.0
// SCP03 with a peer that may send anything: what was not made with the session keys is refused and ends the session, what was made with
// them but breaks the rules is refused too, and what is right comes out as it went in.
//
// Input: a byte that chooses level and mode, then steps: what to do, a length of two bytes, that many bytes.
#include "core/reader.hpp"
#include "scp03/card_session.hpp"
#include "scp03/host_session.hpp"
#include "scp03/put_key.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::scp03;
using test::require;

namespace {

constexpr std::array kLevels{Level::kAuthenticated, Level::kCMac, Level::kCMacCEnc, Level::kCMacRMac, Level::kCMacCEncRMac, Level::kAll};
enum Step : std::uint8_t { kForeign, kRight, kChanged, kForgedCommand, kForgedResponse, kResponse, kSetUp, kPutKey, kSteps };

class Counter final : public SequenceCounter {
 public:
  std::optional<std::uint32_t> advance() override { return ++m_value; }

 private:
  std::uint32_t m_value = 0;
};

KeySet keys() {
  const auto key = "404142434445464748494A4B4C4D4E4F"_h;
  using crypto::SecretBytes;
  return KeySet::from(KeyVersion{0x30}, SecretBytes(key), SecretBytes(key), SecretBytes(key)).value();
}

/// Both ends of a session, and for each a twin of the other end that follows no rules but has the keys.
class Ends {
 public:
  Ends(SecurityLevel level, Mode mode) : m_level(level), m_mode(mode), m_host({.level = level, .s16 = mode.is_s16()}, fixed_keys(keys())) {
    SeededRandom random(1);
    const Bytes update = m_host.initialize_update(random);
    const apdu::Command command = apdu::parse(update).value();
    Counter counter;
    Bytes answer;
    require(m_card.initialize_update(command, {{}, mode, {}}, keys(), counter, random, answer) == sw::kOk, "INITIALIZE UPDATE");
    const Bytes authenticate = m_host.external_authenticate(answer).value();
    const apdu::Command second = apdu::parse(authenticate).value();
    require(m_card.external_authenticate(second) == sw::kOk && m_host.confirm(sw::kOk).has_value(), "EXTERNAL AUTHENTICATE");
    const SessionKeys session = SessionKeys::from(keys(), command.data, m_host.card().card_challenge.bytes());
    m_twin_host.emplace(session, mode.mac_size());
    m_twin_card.emplace(session, mode.mac_size());
    require(equal(m_twin_host->wrap_external_authenticate({.cla = 0x80,
                                                           .ins = ins::kExternalAuthenticate,
                                                           .p1 = level.value(),
                                                           .data = second.data.first(mode.mac_size()),
                                                           .le = std::nullopt}),
                  authenticate),
            "the twin has the keys");
    require(m_twin_card->unwrap_external_authenticate(second).has_value(), "the twin has the keys");
  }

  /// False when the session is over.
  bool step(std::uint8_t what, BytesView bytes) {
    switch (what % kSteps) {
      case kForeign:
        return foreign(bytes);
      case kRight:
        return right(bytes);
      case kChanged:
        return changed(bytes);
      case kForgedCommand:
        return forged_command(bytes);
      case kForgedResponse:
        return forged_response(bytes);
      case kResponse:
        return response(bytes);
      case kSetUp:
        return set_up(bytes);
      default:
        return put_key(bytes);
    }
  }

 private:
  void require_dead() {
    require(m_card.state() == CardSession::State::kAborted, "a wrong command ends the session");
    const auto after = m_card.unwrap({.cla = 0x84, .ins = 0xCA, .data = {}, .le = std::nullopt});
    require(!after && after.error() == sw::kConditionsNotSatisfied, "and nothing passes after it");
  }

  bool foreign(BytesView bytes) {
    const auto command = apdu::parse(bytes);
    if (!command) return true;
    const auto plain = m_card.unwrap(*command);
    if (!m_level.c_mac() && !apdu::is_secured(command->cla)) {
      require(plain.has_value() && equal(plain->data, command->data), "without secure messaging a command stays as it is");
      return true;
    }
    require(!plain, "nobody without the keys makes a C-MAC");
    require_dead();
    return false;
  }

  bool right(BytesView bytes) {
    const auto command = apdu::parse(bytes);
    if (!command || apdu::is_secured(command->cla)) return true;
    const auto wrapped = m_host.wrap(*command);
    if (!wrapped) {
      require(command->data.size() > max_command_data(m_level, m_mode, command->extended), "what fits is wrapped");
      return true;
    }
    const auto secured = apdu::parse(*wrapped);
    require(secured.has_value(), "a wrapped command is a command");
    const auto plain = m_card.unwrap(*secured);
    require(plain.has_value() && equal(apdu::encode(*plain), bytes), "a right command comes out as it went in");
    (void)m_twin_host->wrap_command(*command, m_level);
    (void)m_twin_card->unwrap_command(*secured, m_level);
    return true;
  }

  bool changed(BytesView bytes) {
    if (!m_level.c_mac()) return true;
    Bytes wrapped = m_host.wrap({.cla = 0x80, .ins = 0xE2, .data = "0102030405"_h, .le = std::nullopt}).value();
    const Bytes before = wrapped;
    for (std::size_t i = 0; i < bytes.size() && i < wrapped.size(); ++i) wrapped[i] ^= bytes[i];
    // Another channel is visible only in the class byte, and no C-MAC covers it.
    if (apdu::is_secured_by_globalplatform(wrapped[0]) && mac_class(wrapped[0]) == mac_class(before[0])) wrapped[0] = before[0];
    const auto command = apdu::parse(wrapped);
    if (!command) return false;
    const auto plain = m_card.unwrap(*command);
    require(plain.has_value() == (wrapped == before), "every bit counts");
    if (!plain) require_dead();
    return false;
  }

  bool forged_command(BytesView bytes) {
    if (!m_level.c_mac()) return true;
    const auto wrapped = m_twin_host->wrap_command({.cla = 0x80, .ins = 0xE2, .data = bytes, .le = 256, .extended = true}, Level::kCMac);
    if (!wrapped) return true;
    const apdu::Command command = apdu::parse(*wrapped).value();
    const auto plain = m_card.unwrap(command);
    if (!m_level.c_encryption() || bytes.empty()) {
      require(plain.has_value() && equal(plain->data, bytes), "a right C-MAC is enough where nothing is ciphered");
    } else if (plain) {
      require(!plain->data.empty() && plain->data.size() < bytes.size() && bytes.size() - plain->data.size() <= 16, "the padding is gone");
    } else {
      require_dead();
    }
    return false;  // the host did not follow
  }

  bool forged_response(BytesView bytes) {
    if (!m_level.r_mac()) return true;
    const Bytes wrapped = m_host.wrap({.cla = 0x80, .ins = 0xCA, .data = {}, .le = 256}).value();
    (void)m_twin_card->unwrap_command(apdu::parse(wrapped).value(), m_level);
    Bytes data = to_bytes(bytes);
    m_twin_card->wrap_response(data, sw::kOk, Level::kCMacRMac);
    const auto response = m_host.unwrap({data, sw::kOk});
    if (!m_level.r_encryption() || bytes.empty()) {
      require(response.has_value() && equal(response->data, bytes), "a right R-MAC is enough where nothing is ciphered");
    } else if (response) {
      require(!response->data.empty() && response->data.size() < bytes.size(), "the padding is gone");
    } else {
      require(!m_host.is_open(), "a wrong response ends the session");
    }
    return false;  // the card did not follow
  }

  bool response(BytesView bytes) {
    const Bytes wrapped = m_host.wrap({.cla = 0x80, .ins = 0xCA, .data = {}, .le = 256}).value();
    const apdu::Command secured = apdu::parse(wrapped).value();
    require(m_card.unwrap(secured).has_value(), "a right command");
    (void)m_twin_host->wrap_command({.cla = 0x80, .ins = 0xCA, .data = {}, .le = 256}, m_level);
    (void)m_twin_card->unwrap_command(secured, m_level);
    if (bytes.size() < 2) return true;
    const StatusWord status{static_cast<std::uint16_t>((bytes[0] << 8) | bytes[1])};
    Bytes data = to_bytes(bytes.subspan(2));
    const bool error = !status.is_success();
    if (error) data.clear();
    const Bytes plain = data;
    m_card.wrap(data, status);
    const auto unwrapped = m_host.unwrap({data, status});
    const bool by_clause = status == sw::kOk || status.is_warning() || status.sw1() == 0x91 || error || !m_level.r_mac();
    require(unwrapped.has_value() == by_clause, "9000, warnings and 91xx are protected, errors bare, nothing else is a success");
    if (unwrapped) require(unwrapped->data == plain && unwrapped->status == status, "a right response comes out as it went in");
    return unwrapped.has_value();
  }

  bool set_up(BytesView bytes) {
    const auto answer = InitializeUpdateAnswer::parse(bytes);
    if (answer) require(bytes.size() == answer->mode.initialize_update_size() && answer->mode.is_defined(), "the length is that of i");
    HostSession host({.level = m_level, .s16 = m_mode.is_s16()}, fixed_keys(keys()));
    SeededRandom random(2);
    (void)host.initialize_update(random);
    require(!host.external_authenticate(bytes), "nobody without the keys makes a card cryptogram");
    const auto command = apdu::parse(bytes);
    if (!command) return true;
    CardSession card;
    Counter counter;
    Bytes out;
    const StatusWord status = card.initialize_update(*command, {{}, m_mode, {}}, keys(), counter, random, out);
    require((status == sw::kOk) == (command->p2 == 0 && command->data.size() == m_mode.mac_size()), "INITIALIZE UPDATE has one form");
    require(out.size() == (status == sw::kOk ? m_mode.initialize_update_size() : 0), "the answer has the length of i");
    require(card.external_authenticate(*command) != sw::kOk, "nobody without the keys makes a host cryptogram");
    require(!card.is_open(), "and no session opens");
    return true;
  }

  bool put_key(BytesView bytes) {
    const auto cipher = m_card.key_cipher();
    const auto data = PutKeyData::parse(*cipher, bytes);
    if (!data) {
      require(data.error().offset <= bytes.size(), "the place of an error lies in the input");
      return true;
    }
    Bytes again{data->version.value};
    for (const TransportedKey& key : data->keys) append(again, encode_key(*cipher, key.type, key.key).value());
    const auto copy = PutKeyData::parse(*cipher, again);
    require(copy.has_value() && copy->answer() == data->answer(), "keys read are written and read again");
    return true;
  }

  SecurityLevel m_level;
  Mode m_mode;
  HostSession m_host;
  CardSession m_card;
  std::optional<SecureMessaging> m_twin_host;
  std::optional<SecureMessaging> m_twin_card;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader reader({data, size});
  const auto choice = reader.u8();
  if (!choice) return 0;
  Ends ends(kLevels[*choice % kLevels.size()], Mode{static_cast<std::uint8_t>((*choice & 0x80) != 0 ? 0x71 : 0x70)});
  for (int steps = 0; steps < 64; ++steps) {
    const auto what = reader.u8();
    const auto length = reader.u16();
    if (!what || !length) return 0;
    const auto bytes = reader.bytes(std::min<std::size_t>(*length, reader.remaining()));
    if (!ends.step(*what, *bytes)) return 0;
  }
  return 0;
}
