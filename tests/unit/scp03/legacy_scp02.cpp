// SPDX-License-Identifier: Apache-2.0
#include "scp03/legacy_scp02.hpp"

#include "scp03/put_key.hpp"
#include "scp03/secure_channel_port.hpp"
#include "tests/unit/scp03/session_pair.hpp"

using namespace uicclab;
using namespace uicclab::scp03;
using namespace uicclab::scp03::legacy;
using namespace uicclab::test;
using State = CardChannel::State;

namespace {

class Counter final : public Scp02Counter {
 public:
  explicit Counter(std::uint16_t first = 0) : value(first) {}
  std::optional<std::uint16_t> current() override { return used_up ? std::nullopt : std::optional(value); }
  bool advance() override {
    if (broken) return false;
    used_up = value == 0xFFFF;
    ++value;
    return true;
  }
  std::uint16_t value;
  bool used_up = false;
  bool broken = false;
};

Scp02KeySet key_set_of(const VectorSet& set, std::uint8_t version) {
  using crypto::SecretBytes;
  return Scp02KeySet::from(KeyVersion{version}, SecretBytes(set.bytes("enc")), SecretBytes(set.bytes("mac")), SecretBytes(set.bytes("dek")))
      .value();
}

std::string hex(const crypto::SecretBytes& key) {
  return to_hex(key.expose(crypto::ExposeSecret{"a test key"}));
}

struct Pair {
  explicit Pair(SecurityLevel level, const Aid& aid = {}) : identity{{}, aid}, host(Scp02Allowed{}, {.level = level, .aid = aid}, keys()) {}

  static Scp02KeySet keys() {
    using crypto::SecretBytes;
    const auto key = "404142434445464748494A4B4C4D4E4F"_h;
    return Scp02KeySet::from(KeyVersion{0x20}, SecretBytes(key), SecretBytes(key), SecretBytes(key)).value();
  }
  Bytes answer() {
    Bytes out;
    CHECK(card.initialize_update(parsed(host.initialize_update(random)), identity, keys(), counter, random, out) == sw::kOk);
    return out;
  }
  Bytes begin() { return host.external_authenticate(answer()).value(); }
  Pair& open() {
    if (!host.confirm(card.external_authenticate(parsed(begin()), counter))) throw std::runtime_error("EXTERNAL AUTHENTICATE");
    return *this;
  }
  Bytes wrap(BytesView plain) { return host.wrap(parsed(plain)).value(); }

  Scp02CardSession::Identity identity;
  SeededRandom random{5};
  Counter counter;
  Scp02CardSession card{Scp02Allowed{}};
  Scp02HostSession host;
};

StatusWord refused(Scp02CardSession& card, BytesView bytes) {
  const auto command = apdu::parse(bytes);
  if (!command) {
    card.terminate();
    return sw::kSecurityStatusNotSatisfied;
  }
  const auto plain = card.unwrap(*command);
  return plain ? sw::kOk : plain.error();
}

}  // namespace

TEST_CASE("SCP02 both ends repeat the published session (GlobalPlatform Card Specification appendix E)") {
  std::size_t sets = 0;
  for (const VectorSet& set : load_vectors("scp02.txt")) {
    CAPTURE(set.place());
    ++sets;
    const Bytes update = set.bytes("initialize_update");
    const Bytes answer = set.bytes("answer");
    const Scp02KeySet keys = key_set_of(set, answer.at(10));
    const Scp02SessionKeys session = Scp02SessionKeys::from(keys, 1);
    CHECK(hex(session.enc) == set.text("s_enc"));
    CHECK(hex(session.mac) == set.text("s_mac"));
    CHECK(hex(session.dek) == set.text("s_dek"));

    Scp02CardSession card(Scp02Allowed{});
    Counter counter(1);
    FixedRandom challenge(to_bytes(BytesView(answer).subspan(14, 6)));
    Bytes out;
    REQUIRE(card.initialize_update(parsed(update), {}, keys, counter, challenge, out) == sw::kOk);
    CHECK(to_hex(BytesView(out).subspan(10)) == to_hex(BytesView(answer).subspan(10)));
    const Bytes authenticate = set.bytes("external_authenticate");
    REQUIRE(card.external_authenticate(parsed(authenticate), counter) == sw::kOk);
    CHECK(counter.value == 2);

    const SecurityLevel level = SecurityLevel::from(set.bytes("level").at(0)).value();
    // The card answered with another key version than it was asked for, so this host asks for none.
    Scp02HostSession host(Scp02Allowed{}, {.level = level}, keys.clone());
    FixedRandom host_challenge(to_bytes(parsed(update).data));
    Bytes command = host.initialize_update(host_challenge);
    command.at(2) = update.at(2);
    CHECK(to_hex(command) == to_hex(update));
    CHECK(to_hex(host.external_authenticate(answer).value()) == to_hex(authenticate));
    CHECK(host.confirm(sw::kOk));

    for (std::size_t n = 1; n <= set.number("commands"); ++n) {
      const Bytes plain = set.bytes("plain." + std::to_string(n));
      const Bytes wrapped = set.bytes("wrapped." + std::to_string(n));
      CHECK(to_hex(host.wrap(parsed(plain)).value()) == to_hex(wrapped));
      const auto seen = card.unwrap(parsed(wrapped));
      REQUIRE(seen);
      CHECK(to_hex(apdu::encode(*seen)) == to_hex(plain));
    }
  }
  CHECK(sets == 2);
}

TEST_CASE("SCP02 levels 00, 01 and 03, random and pseudo-random challenge; nothing protects responses (E.1, E.4.2.3)") {
  for (const SecurityLevel level : {Level::kAuthenticated, Level::kCMac, Level::kCMacCEnc}) {
    for (const Aid& aid : {Aid(), Aid::from("A000000151000000"_h).value()}) {
      CAPTURE(int{level.value()});
      Pair pair(level, aid);
      for (int n = 0; n < 3; ++n) {
        pair.open();
        CHECK(pair.counter.value == n + 1);
        CHECK(pair.card.level() == level);
        CHECK(pair.card.key_version() == KeyVersion{0x20});
        CHECK(refused(pair.card, pair.wrap("80F28002024F0000"_h)) == sw::kOk);
        CHECK(refused(pair.card, pair.wrap("80CA006600"_h)) == sw::kOk);
        Bytes data{1, 2};
        pair.card.wrap(data, sw::kOk);
        CHECK(equal(pair.host.unwrap({data, sw::kOk})->data, "0102"_h));
        CHECK(pair.card.begin_r_mac_session(parsed("807A1001"_h)) == sw::kInsNotSupported);
        CHECK(pair.card.end_r_mac_session(parsed("80780003"_h)) == sw::kInsNotSupported);
        CHECK(!pair.host.begin_r_mac_session(0x10, {}));
        CHECK(!pair.host.end_r_mac_session());
      }
    }
  }
}

TEST_CASE("SCP02 EXTERNAL AUTHENTICATE: every bit counts, and only a right one advances the counter (E.4.1, E.5.2)") {
  Pair first(Level::kCMac);
  const std::size_t bits = first.begin().size() * 8;
  for (std::size_t bit = 16; bit < bits; ++bit) {
    CAPTURE(bit);
    Pair pair(Level::kCMac);
    const Bytes wrong = flipped(pair.begin(), bit);
    const auto command = apdu::parse(wrong);
    if (!command) continue;
    CHECK(pair.card.external_authenticate(*command, pair.counter) != sw::kOk);
    CHECK(pair.card.state() == State::kNone);
    CHECK(pair.counter.value == 0);
  }
  const auto status_of = [](auto&& change) {
    Pair pair(Level::kCMac);
    Bytes command = pair.begin();
    change(command, pair);
    return pair.card.external_authenticate(parsed(command), pair.counter);
  };
  CHECK(status_of([](Bytes&, Pair&) {}) == sw::kOk);
  CHECK(status_of([](Bytes& c, Pair&) { c[5] ^= 1; }) == StatusWord{0x6300});
  CHECK(status_of([](Bytes& c, Pair&) { c[20] ^= 1; }) == sw::kSecurityStatusNotSatisfied);
  CHECK(status_of([](Bytes& c, Pair&) { c[2] = 0x11; }) == sw::kIncorrectP1P2);
  CHECK(status_of([](Bytes& c, Pair&) { c[3] = 0x01; }) == sw::kIncorrectP1P2);
  CHECK(status_of([](Bytes& c, Pair&) { c[0] = 0x80; }) == sw::kClaNotSupported);
  CHECK(status_of([](Bytes&, Pair& pair) { pair.counter.broken = true; }) == sw::kMemoryProblem);
  CHECK(status_of([](Bytes&, Pair& pair) { pair.card.terminate(); }) == sw::kConditionsNotSatisfied);
}

TEST_CASE("SCP02 commands: every bit, order and repetition count; a wrong one ends the session (E.1.5, E.4.4)") {
  for (const SecurityLevel level : {Level::kCMac, Level::kCMacCEnc}) {
    CAPTURE(int{level.value()});
    const Bytes plain = to_bytes("80F28002024F00"_h);
    const std::size_t bits = Pair(level).open().wrap(plain).size() * 8;
    for (std::size_t bit = 2; bit < bits; ++bit) {
      CAPTURE(bit);
      Pair pair(level);
      pair.open();
      const StatusWord status = refused(pair.card, flipped(pair.wrap(plain), bit));
      CHECK(status == (bit == 3 ? sw::kSecureMessagingNotSupported : sw::kSecurityStatusNotSatisfied));
      CHECK(!pair.card.is_open());
      CHECK(pair.card.key_cipher() == nullptr);
      CHECK(refused(pair.card, pair.wrap(plain)) == sw::kConditionsNotSatisfied);
    }
    Pair pair(level);
    pair.open();
    const Bytes first = pair.wrap(plain);
    CHECK(refused(pair.card, first) == sw::kOk);
    CHECK(refused(pair.card, first) == sw::kSecurityStatusNotSatisfied);
    CHECK(pair.card.state() == State::kAborted);
    pair.open();
    (void)pair.wrap(plain);
    CHECK(refused(pair.card, pair.wrap(plain)) == sw::kSecurityStatusNotSatisfied);
    pair.open();
    CHECK(refused(pair.card, plain) == sw::kSecurityStatusNotSatisfied);
    pair.open();
    CHECK(refused(pair.card, "84F280020102"_h) == sw::kSecurityStatusNotSatisfied);
  }
  Pair pair(Level::kAuthenticated);
  pair.open();
  CHECK(refused(pair.card, "84F28002080102030405060708"_h) == sw::kSecurityStatusNotSatisfied);
}

TEST_CASE(
    "SCP02 a peer with the keys: padding longer than a block, nothing ciphered, a C-MAC that the level does not have are refused (E.4.6)") {
  struct Bad {
    const char* what;
    SecurityLevel level;
    Bytes plain;   ///< what the C-MAC covers
    Bytes padded;  ///< what is ciphered; empty: not ciphered
  };
  for (const Bad& bad :
       {Bad{"right", Level::kCMacCEnc, Bytes(5, 0x55), to_bytes("5555555555800000"_h)},
        Bad{"long", Level::kCMacCEnc, Bytes(5, 0x55), to_bytes("55555555558000000000000000000000"_h)},
        Bad{"none", Level::kCMacCEnc, Bytes(8, 0x55), Bytes(8, 0x55)}, Bad{"empty", Level::kCMacCEnc, {}, to_bytes("8000000000000000"_h)},
        Bad{"half", Level::kCMacCEnc, Bytes(4, 0x55), {}}, Bad{"level 00", Level::kAuthenticated, Bytes(5, 0x55), {}}}) {
    CAPTURE(bad.what);
    Pair pair(bad.level);
    const Bytes authenticate = pair.begin();
    const Scp02SessionKeys keys = Scp02SessionKeys::from(Pair::keys(), pair.counter.value);
    Scp02Messaging twin(keys);
    const BytesView cryptogram = parsed(authenticate).data.first(8);
    CHECK(twin.wrap({.cla = 0x80, .ins = 0x82, .p1 = bad.level.value(), .data = cryptogram, .le = std::nullopt}, Level::kCMac) ==
          authenticate);
    CHECK(pair.card.external_authenticate(parsed(authenticate), pair.counter) == sw::kOk);
    const Bytes secured = twin.wrap({.cla = 0x80, .ins = 0xE2, .data = bad.plain, .le = std::nullopt}, Level::kCMac).value();
    const crypto::Bytes8 iv{};
    Bytes field = bad.padded.empty() ? bad.plain : crypto::Des(crypto::DesKey::from(keys.enc.clone()).value()).cbc_encrypt(iv, bad.padded);
    append(field, BytesView(secured).last(8));
    const auto plain = pair.card.unwrap({.cla = 0x84, .ins = 0xE2, .data = field, .le = std::nullopt});
    const std::string_view what = bad.what;
    CHECK(plain.has_value() == (what == "right" || what == "empty"));  // padding alone: as pySim and GPShell send what has no data
    if (plain) CHECK(equal(plain->data, bad.plain));
    CHECK(pair.card.is_open() == plain.has_value());
  }
}

TEST_CASE("SCP02 the longest command of each level passes, one byte more is refused, extended length is") {
  for (const auto& [level, longest] : {std::pair{Level::kCMac, 247U}, {Level::kCMacCEnc, 239U}}) {
    Pair pair(level);
    pair.open();
    for (std::size_t size = longest - 9; size <= longest; ++size) {
      const Bytes data(size, 0x80);
      const Bytes wrapped = pair.host.wrap({.cla = 0x80, .ins = 0xE2, .data = data, .le = 256}).value();
      const auto plain = pair.card.unwrap(parsed(wrapped));
      REQUIRE(plain);
      CHECK(equal(plain->data, data));
    }
    const Bytes data(longest + 1);
    CHECK(pair.host.wrap({.cla = 0x80, .ins = 0xE2, .data = data, .le = std::nullopt}).error().code == ErrorCode::kRange);
    CHECK(pair.host.wrap({.cla = 0x80, .ins = 0xE2, .data = {}, .le = 300, .extended = true}).error().code == ErrorCode::kUnsupported);
    CHECK(pair.host.is_open());
  }
}

TEST_CASE("SCP02 INITIALIZE UPDATE: P2, length, a counter that is used up, keys of another length (E.5.1)") {
  Pair pair(Level::kCMac);
  Bytes out;
  const auto status = [&](BytesView command) {
    return pair.card.initialize_update(parsed(command), pair.identity, Pair::keys(), pair.counter, pair.random, out);
  };
  CHECK(status("80500001080102030405060708"_h) == sw::kIncorrectP1P2);
  CHECK(status("805000000701020304050607"_h) == sw::kWrongLength);
  pair.counter.value = 0xFFFF;
  pair.open();
  CHECK(status("80500000080102030405060708"_h) == sw::kConditionsNotSatisfied);
  CHECK(out.empty());
  CHECK(pair.card.state() == State::kNone);
  const Bytes good(16);
  const Bytes bad(24);
  using crypto::SecretBytes;
  CHECK(!Scp02KeySet::from(KeyVersion{1}, SecretBytes(bad), SecretBytes(good), SecretBytes(good)));
  CHECK(!Scp02KeySet::from(KeyVersion{1}, SecretBytes(good), SecretBytes(good), SecretBytes(Bytes(8))));
}

TEST_CASE("SCP02 host: a card whose answer has one bit wrong gets no EXTERNAL AUTHENTICATE (E.4.2.1)") {
  for (std::size_t bit = 88; bit < 28 * 8; ++bit) {
    CAPTURE(bit);
    Pair pair(Level::kCMac, Aid::from("A000000151000000"_h).value());
    CHECK(!pair.host.external_authenticate(flipped(pair.answer(), bit)));
    CHECK(!pair.host.wrap(parsed("80CA006600"_h)));
    CHECK(!pair.host.unwrap({{}, sw::kOk}));
    CHECK(!pair.host.confirm(sw::kOk));
    CHECK(pair.host.key_cipher() == nullptr);
  }
  Pair pair(Level::kCMac);
  CHECK(pair.host.external_authenticate(Bytes(28)).error().code == ErrorCode::kRefused);
  Bytes answer = pair.answer();
  answer.push_back(0);
  CHECK(pair.host.external_authenticate(answer).error().code == ErrorCode::kMalformed);
  Scp02HostSession other(Scp02Allowed{}, {.key_version = KeyVersion{0x21}, .level = Level::kCMac}, Pair::keys());
  (void)other.initialize_update(pair.random);
  CHECK(other.external_authenticate(pair.answer()).error().code == ErrorCode::kMismatch);
  Scp02HostSession rmac(Scp02Allowed{}, {.level = Level::kCMacRMac}, Pair::keys());
  (void)rmac.initialize_update(pair.random);
  CHECK(rmac.external_authenticate(pair.answer()).error().code == ErrorCode::kUnsupported);
  Pair aid(Level::kCMac, Aid::from("A000000151000000"_h).value());
  aid.identity.aid = Aid::from("A000000151000001"_h).value();
  CHECK(aid.host.external_authenticate(aid.answer()).error().code == ErrorCode::kMismatch);
  Pair unconfirmed(Level::kCMac);
  unconfirmed.begin();
  CHECK(!unconfirmed.host.confirm(StatusWord{0x6300}));
}

TEST_CASE("SCP02 keys of PUT KEY are ciphered with the session key for data (E.4.7)") {
  Pair pair(Level::kCMac);
  pair.open();
  const auto key = [] { return crypto::SecretBytes("00112233445566778899AABBCCDDEEFF"_h); };
  const Bytes field = encode_key(*pair.host.key_cipher(), KeyType::kDes, key()).value();
  CHECK(to_hex(field).starts_with("8010"));
  ByteReader reader(field);
  CHECK(parse_key(*pair.card.key_cipher(), reader)->key == key());
  pair.open();  // another session, another key
  ByteReader again(field);
  CHECK(parse_key(*pair.card.key_cipher(), again).error().code == ErrorCode::kMismatch);
}

TEST_CASE("SecureChannelPort speaks SCP02 when it is handed such a session") {
  class Card final : public CardPort {
   public:
    Result<Atr> reset() override { return Atr{}; }
    void power_off() override {}
    Result<Bytes> transmit(BytesView bytes) override {
      const apdu::Command command = parsed(bytes);
      Bytes data;
      StatusWord status = sw::kOk;
      if (command.ins == ins::kInitializeUpdate) {
        status = session.initialize_update(command, {}, Pair::keys(), counter, random, data);
      } else if (command.ins == ins::kExternalAuthenticate) {
        status = session.external_authenticate(command, counter);
      } else if (const auto plain = session.unwrap(command)) {
        data = to_bytes(plain->data);
      } else {
        status = plain.error();
      }
      data.insert(data.end(), {status.sw1(), status.sw2()});
      return data;
    }
    Scp02CardSession session{Scp02Allowed{}};
    Counter counter;
    SeededRandom random{9};
  };
  Card card;
  SeededRandom random(11);
  SecureChannelPort port(card, random);
  REQUIRE(
      port.open(std::make_unique<Scp02HostSession>(Scp02Allowed{}, Scp02HostSession::Options{.level = Level::kCMacCEnc}, Pair::keys())));
  CHECK(to_hex(port.transmit("80E200000301020300"_h).value()) == "0102039000");
  CHECK(!port.begin_r_mac_session(0x10));
  CHECK(to_hex(port.transmit("80E200000301020300"_h).value()) == "0102039000");
}
