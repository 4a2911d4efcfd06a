// SPDX-License-Identifier: Apache-2.0
#include "scp03/secure_channel_port.hpp"

#include "tests/unit/scp03/session_pair.hpp"

using namespace uicclab;
using namespace uicclab::scp03;
using namespace uicclab::test;

namespace {

/// A card with one application: GET DATA (CA) answers P2 bytes, STORE DATA (E2) takes any data, D0 answers 6985. Under T=0 it holds
/// responses back for GET RESPONSE and insists on the exact Le.
class SmallCard final : public CardPort {
 public:
  explicit SmallCard(Protocol protocol, Mode mode = {0x70})
      : identity{{}, mode, Aid::from("A000000151000000"_h).value()}, m_t0(protocol == Protocol::kT0) {}

  Result<Atr> reset() override {
    session.terminate();
    return Atr{0x3B, 0x00};
  }
  void power_off() override { session.terminate(); }

  Result<Bytes> transmit(BytesView bytes) override {
    log.push_back(to_bytes(bytes));
    if (fail_next) {
      fail_next = false;
      return fail(ErrorCode::kIo, "gone");
    }
    const apdu::Command command = parsed(bytes);
    if (command.ins == 0xC0) return hand_out(command.le.value_or(256));
    m_pending.clear();
    m_pending_status = {};
    Bytes data;
    const StatusWord status = answer(command, data);
    if (tamper) tamper(data);
    if (!m_t0) return finish(std::move(data), status);
    const bool exact = !command.le || *command.le == data.size();
    if (!data.empty() && command.data.empty() && !exact) return finish({}, sw::exact_length(data.size()));
    if (data.empty() || command.data.empty()) return finish(std::move(data), status);
    m_pending = std::move(data);
    m_pending_status = status;
    return finish({}, sw::bytes_available(m_pending.size()));
  }

  CardIdentity identity;
  CardSession session;
  std::vector<Bytes> log;
  bool fail_next = false;
  std::function<void(Bytes&)> tamper;

 private:
  bool m_t0;

  static Bytes finish(Bytes data, StatusWord status) {
    data.insert(data.end(), {status.sw1(), status.sw2()});
    return data;
  }
  Bytes hand_out(std::size_t le) {
    if (m_pending.empty()) return finish({}, sw::kConditionsNotSatisfied);
    const std::size_t size = std::min(le, m_pending.size());
    Bytes part(m_pending.begin(), m_pending.begin() + static_cast<std::ptrdiff_t>(size));
    m_pending.erase(m_pending.begin(), m_pending.begin() + static_cast<std::ptrdiff_t>(size));
    return finish(std::move(part), m_pending.empty() ? m_pending_status : sw::bytes_available(m_pending.size()));
  }
  StatusWord answer(const apdu::Command& command, Bytes& data) {
    if (command.ins == 0xA4) {
      if (equal(command.data, "FF"_h)) return sw::kFileNotFound;
      session.terminate();
      return sw::kOk;
    }
    if (command.ins == 0x70) return sw::kOk;
    if (command.ins == ins::kInitializeUpdate) {
      return session.initialize_update(command, identity, SessionPair::keys(), m_counter, m_random, data);
    }
    if (command.ins == ins::kExternalAuthenticate) return session.external_authenticate(command);
    const auto plain =
        session.is_open() || apdu::is_secured(command.cla) ? session.unwrap(command) : tl::expected<apdu::Command, StatusWord>(command);
    if (!plain) return plain.error();
    StatusWord status = sw::kOk;
    switch (plain->ins) {
      case ins::kBeginRMacSession:
        status = session.begin_r_mac_session(*plain);
        break;
      case ins::kEndRMacSession:
        status = session.end_r_mac_session(*plain);
        break;
      case 0xCA:
        data = Bytes(plain->p2, 0x80);
        break;
      case 0xE2:
        last_stored = to_bytes(plain->data);
        break;
      default:
        status = sw::kConditionsNotSatisfied;
    }
    session.wrap(data, status);
    return status;
  }

 public:
  Bytes last_stored;

 private:
  MemoryCounter m_counter;
  SeededRandom m_random{7};
  Bytes m_pending;
  StatusWord m_pending_status;
};

struct Setup {
  explicit Setup(Protocol protocol, Mode mode = {0x70}) : card(protocol, mode), port(card, random) {}
  Result<void> open(SecurityLevel level, std::uint8_t channel = 0) {
    return port.open({.level = level, .s16 = card.identity.mode.is_s16(), .channel = Channel{channel}, .aid = card.identity.aid},
                     SessionPair::keys());
  }
  std::string send(BytesView command) {
    const auto response = port.transmit(command);
    return response ? to_hex(*response) : "error: " + response.error().text;
  }
  SmallCard card;
  SeededRandom random{3};
  SecureChannelPort port;
};

}  // namespace

TEST_CASE("SecureChannelPort: plain commands in, plain responses out, at each level, under T=0 and T=1") {
  for (const Protocol protocol : {Protocol::kT0, Protocol::kT1}) {
    CAPTURE(static_cast<int>(protocol));
    for_each_level([&](SecurityLevel level, Mode mode) {
      Setup setup(protocol, mode);
      REQUIRE(setup.open(level));
      CHECK(setup.port.session()->level() == level);
      CHECK(setup.send("80CA000500"_h) == "80808080809000");
      CHECK(setup.send("80CA0000"_h) == "9000");
      CHECK(setup.send("80D00000"_h) == "6985");
      CHECK(setup.send("80E2000003010203"_h) == "9000");
      CHECK(equal(setup.card.last_stored, "010203"_h));
      const auto longest = static_cast<std::uint8_t>(std::min<std::size_t>(max_response_data(level, mode), 255));
      CHECK(setup.send(Bytes{0x80, 0xCA, 0, longest, 0}).size() == 2U * longest + 4);
      CHECK(setup.send("80CA00FF00"_h).size() == 2 * 255 + 4);  // longer than 256 bytes when wrapped
      const Bytes data(max_command_data(level, mode), 0x11);
      CHECK(setup.send(apdu::encode({.cla = 0x80, .ins = 0xE2, .data = data, .le = std::nullopt})) == "9000");
      CHECK(setup.card.last_stored == data);
    });
  }
}

TEST_CASE("SecureChannelPort: on other logical channels the class bytes follow, and GET RESPONSE is not a secure message") {
  for (const int channel : {0, 2, 7}) {
    CAPTURE(channel);
    Setup setup(Protocol::kT0);
    const auto number = static_cast<std::uint8_t>(channel);
    REQUIRE(setup.open(Level::kAll, number));
    const Bytes command{apdu::cla_for_channel(0x80, number), 0xCA, 0, 3, 0};
    CHECK(setup.send(command) == "8080809000");
    for (const Bytes& sent : setup.card.log) {
      CHECK(apdu::channel_of(sent[0]) == number);
      if (sent[1] == 0xC0) CHECK(sent[0] == apdu::cla_for_channel(0x00, number));
      if (sent[1] == 0xCA) CHECK(apdu::is_secured_by_globalplatform(sent[0]));
    }
    CHECK(setup.card.log.back()[1] == 0xC0);
  }
}

TEST_CASE("SecureChannelPort: without a session everything passes through, also after close()") {
  Setup setup(Protocol::kT1);
  CHECK(setup.send("80CA000200"_h) == "80809000");
  REQUIRE(setup.open(Level::kCMac));
  setup.port.close();
  setup.card.session.terminate();
  CHECK(setup.send("80CA000200"_h) == "80809000");
  CHECK(equal(setup.card.log.back(), "80CA000200"_h));
  CHECK(!setup.port.begin_r_mac_session(0x10));
  CHECK(!setup.port.end_r_mac_session());
  CHECK(setup.port.reset());
}

TEST_CASE("SecureChannelPort: commands outside the session are sent unchanged; a successful SELECT by AID ends it") {
  Setup setup(Protocol::kT1);
  REQUIRE(setup.open(Level::kAll));
  const auto sent_as_it_is = [&](BytesView command) {
    (void)setup.port.transmit(command);
    return equal(setup.card.log.back(), command);
  };
  CHECK(sent_as_it_is("0070000001"_h));
  CHECK(sent_as_it_is("8CCA006600"_h));  // secure messaging of its own
  REQUIRE(setup.open(Level::kAll));      // which this card does not know
  CHECK(sent_as_it_is("00C0000004"_h));
  CHECK(sent_as_it_is("00A4040001FF"_h));
  CHECK(setup.port.is_open());  // it was not found
  CHECK(!sent_as_it_is("80CA000100"_h));
  CHECK(!sent_as_it_is("00A40004023F00"_h));  // by file identifier: inside the application
  REQUIRE(setup.open(Level::kAll));
  CHECK(sent_as_it_is("00A4040005A000000151"_h));
  CHECK(!setup.port.is_open());
  CHECK(setup.send("80CA000100"_h) == "809000");
  REQUIRE(setup.open(Level::kAll));
  CHECK(sent_as_it_is("81CA000100"_h));  // another channel
}

TEST_CASE("SecureChannelPort: after a wrong response nothing more goes out on the channel until it is opened again (Amd D clause 5.6)") {
  Setup setup(Protocol::kT1);
  REQUIRE(setup.open(Level::kAll));
  setup.card.tamper = [](Bytes& data) {
    if (!data.empty()) data[0] ^= 1;
  };
  CHECK(setup.send("80CA000400"_h) == "error: R-MAC");
  setup.card.tamper = nullptr;
  const std::size_t sent = setup.card.log.size();
  CHECK(setup.send("80CA000400"_h) == "error: the secure channel session is broken");
  CHECK(setup.send("00A4040005A000000151"_h) == "error: the secure channel session is broken");
  CHECK(!setup.port.begin_r_mac_session(0x10));
  CHECK(setup.card.log.size() == sent);
  REQUIRE(setup.open(Level::kAll));
  CHECK(setup.send("80CA000100"_h) == "809000");
}

TEST_CASE("SecureChannelPort: a port that fails breaks the session, because the card's state is unknown") {
  Setup setup(Protocol::kT1);
  REQUIRE(setup.open(Level::kCMac));
  setup.card.fail_next = true;
  CHECK(setup.port.transmit("80CA000400"_h).error().code == ErrorCode::kIo);
  CHECK(setup.port.transmit("80CA000400"_h).error().code == ErrorCode::kRefused);
  CHECK(setup.port.reset());
  CHECK(setup.send("80CA000100"_h) == "809000");
}

TEST_CASE("SecureChannelPort: a command too long to be wrapped is refused, and the session continues") {
  Setup setup(Protocol::kT1);
  REQUIRE(setup.open(Level::kAll));
  const Bytes data(240, 0x11);
  const Bytes command = apdu::encode({.cla = 0x80, .ins = 0xE2, .data = data, .le = std::nullopt});
  CHECK(setup.port.transmit(command).error().code == ErrorCode::kRange);
  CHECK(setup.send("80CA000100"_h) == "809000");
  const Bytes extended = apdu::encode({.cla = 0x80, .ins = 0xE2, .data = data, .le = std::nullopt, .extended = true});
  CHECK(setup.send(extended) == "9000");
  CHECK(setup.card.last_stored == data);
  CHECK(setup.port.transmit("80"_h).error().code == ErrorCode::kTruncated);
}

TEST_CASE("SecureChannelPort: open() reports which command was refused and leaves no session") {
  {
    Setup setup(Protocol::kT1);
    setup.card.identity.mode = Mode{0x71};  // INITIALIZE UPDATE answers 6700 to a challenge of 8 bytes
    const auto opened = setup.port.open({.level = Level::kCMac}, SessionPair::keys());
    CHECK(opened.error().code == ErrorCode::kRefused);
    CHECK(opened.error().text.find("6700") != std::string::npos);
    CHECK(setup.send("80CA000100"_h) == "809000");
  }
  {
    Setup setup(Protocol::kT1);
    const KeySet wrong = key_set(Bytes(16), Bytes(16), Bytes(16), 0x30);
    CHECK(setup.port.open({.level = Level::kCMac}, wrong).error().code == ErrorCode::kMismatch);
    CHECK(setup.card.log.size() == 1);  // no EXTERNAL AUTHENTICATE went out
    CHECK(!setup.port.is_open());
  }
  {
    Setup setup(Protocol::kT1);
    const KeySet other =
        key_set("404142434445464748494A4B4C4D4E4F"_h, "505152535455565758595A5B5C5D5E5F"_h, "606162636465666768696A6B6C6D6E6F"_h, 0x31);
    CHECK(setup.port.open({.level = Level::kCMac}, other).error().code == ErrorCode::kMismatch);
  }
  {
    Setup setup(Protocol::kT1);
    setup.card.fail_next = true;
    CHECK(setup.open(Level::kCMac).error().code == ErrorCode::kIo);
  }
}

TEST_CASE("SecureChannelPort: BEGIN and END R-MAC SESSION (Amd D clauses 7.1.3, 7.1.4)") {
  for (const Protocol protocol : {Protocol::kT0, Protocol::kT1}) {
    Setup setup(protocol);
    REQUIRE(setup.open(Level::kCMacCEnc));
    CHECK(setup.port.begin_r_mac_session(0x30, "0102"_h));
    CHECK(setup.port.session()->level() == Level::kAll);
    CHECK(setup.send("80CA000500"_h) == "80808080809000");
    CHECK(setup.port.end_r_mac_session());
    CHECK(setup.port.session()->level() == Level::kCMacCEnc);
    CHECK(setup.send("80CA000500"_h) == "80808080809000");
    CHECK(setup.port.end_r_mac_session().error().code == ErrorCode::kRefused);
  }
}

TEST_CASE("SecureChannelPort: keys diversified for the card that answers") {
  const auto master = [] { return crypto::AesKey::from(crypto::SecretBytes("000102030405060708090A0B0C0D0E0F"_h)).value(); };
  InitializeUpdateAnswer answer;
  answer.key_version = KeyVersion{0x33};
  answer.diversification = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const auto keys = kdf3_keys(master())(answer);
  REQUIRE(keys);
  CHECK(keys->version == KeyVersion{0x33});
  CHECK(keys->enc.secret() == diversify_kdf3(master(), answer.diversification, answer.key_version).enc.secret());
}

TEST_CASE("SecureChannelPort: GET RESPONSE that never ends is given up (ETSI TS 102 221 clause 7.3.1.1)") {
  class Endless final : public CardPort {
   public:
    explicit Endless(Bytes answer) : m_answer(std::move(answer)) {}
    Result<Atr> reset() override { return Atr{}; }
    Result<Bytes> transmit(BytesView) override { return m_answer; }
    void power_off() override {}

   private:
    Bytes m_answer;
  };
  for (const Bytes& answer : {to_bytes("6110"_h), to_bytes("0102036110"_h), to_bytes("6C10"_h), to_bytes("90"_h), Bytes{}}) {
    Endless endless(answer);
    SeededRandom random(1);
    SecureChannelPort port(endless, random);
    CHECK(!port.open({.level = Level::kCMac}, SessionPair::keys()));
    CHECK(!port.is_open());
  }
}

TEST_CASE("SecureChannelPort: a command without Le gets one where the response is protected, and only there") {
  for (const SecurityLevel level : {Level::kCMac, Level::kCMacCEncRMac}) {
    Setup setup(Protocol::kT1);
    REQUIRE(setup.open(level));
    CHECK(setup.send("80E2000003010203"_h) == "9000");
    CHECK(parsed(setup.card.log.back()).le.has_value() == level.r_mac());
  }
}

TEST_CASE("SecureChannelPort: 61xx and 6Cxx are followed as T=0 asks, before anything is unwrapped (ETSI TS 102 221 clause 7.3.1.1)") {
  class Script final : public CardPort {
   public:
    explicit Script(std::vector<std::pair<Bytes, Bytes>> steps) : m_steps(std::move(steps)) {}
    Result<Atr> reset() override { return Atr{}; }
    void power_off() override {}
    Result<Bytes> transmit(BytesView command) override {
      if (m_next >= m_steps.size()) throw std::runtime_error("one command too many");
      CHECK(to_hex(command) == to_hex(m_steps[m_next].first));
      return m_steps[m_next++].second;
    }
    bool is_over() const { return m_next == m_steps.size(); }

   private:
    std::vector<std::pair<Bytes, Bytes>> m_steps;
    std::size_t m_next = 0;
  };
  const RecordedSession session = recorded_session("scp03_gppro.txt", "own-m-3-70-16-renc-0");
  const auto with = [](BytesView data, BytesView status) { return concat({data, status}); };
  const BytesView answer = session.answer;
  const Bytes wrapped = session.numbered("wrapped", 1);
  const Bytes response = session.numbered("response", 1);
  Bytes authenticate = session.external_authenticate;
  authenticate.pop_back();
  Bytes initialize_update = session.initialize_update;
  Script script({{initialize_update, to_bytes("6120"_h)},
                 {to_bytes("00C0000020"_h), to_bytes("6C10"_h)},
                 {to_bytes("00C0000010"_h), with(answer.first(16), "6110"_h)},
                 {to_bytes("00C0000010"_h), with(answer.subspan(16), "9000"_h)},
                 {authenticate, to_bytes("9000"_h)},
                 {wrapped, to_bytes("6128"_h)},
                 {to_bytes("00C0000028"_h), response}});
  FixedRandom random(to_bytes(parsed(session.initialize_update).data));
  SecureChannelPort port(script, random);
  REQUIRE(port.open({.level = session.level}, fixed_keys(session.keys())));
  CHECK(to_hex(port.transmit(session.numbered("plain", 1)).value()) == to_hex(session.plain_response(1)));
  CHECK(script.is_over());
}
