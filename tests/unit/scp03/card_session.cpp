// SPDX-License-Identifier: Apache-2.0
#include "scp03/card_session.hpp"

#include "tests/unit/scp03/session_pair.hpp"

using namespace uicclab;
using namespace uicclab::scp03;
using namespace uicclab::test;
using State = CardSession::State;

namespace {

/// Refused as `status`, and dead: nothing secured passes any more, neither now nor a right command later.
void check_dead(SessionPair& pair, StatusWord status, StatusWord expected) {
  CHECK(status == expected);
  CHECK(!pair.card.is_open());
  CHECK(pair.card.key_cipher() == nullptr);
  const Bytes good = pair.host.wrap(parsed("80F28002024F0000"_h)).value();
  const auto after = pair.card.unwrap(parsed(good));
  REQUIRE(!after);
  CHECK(after.error() == sw::kConditionsNotSatisfied);
}

StatusWord refused(CardSession& card, const apdu::Command& command) {
  const auto plain = card.unwrap(command);
  return plain ? sw::kOk : plain.error();
}

/// The status of a command as bytes from a terminal, which may not even be a command any more.
StatusWord refused(CardSession& card, BytesView bytes) {
  const auto command = apdu::parse(bytes);
  if (!command) {
    card.terminate();
    return sw::kSecurityStatusNotSatisfied;
  }
  return refused(card, *command);
}

}  // namespace

TEST_CASE("SCP03 INITIALIZE UPDATE: the answer has exactly the length that i requires (Amd D clause 7.1.1.6)") {
  for (const auto& [i, size] : {std::pair{0x00, 29}, {0x10, 32}, {0x20, 29}, {0x30, 32}, {0x60, 29}, {0x70, 32}, {0x01, 45}, {0x71, 48}}) {
    CAPTURE(i);
    SessionPair pair(Level::kCMac, {static_cast<std::uint8_t>(i)});
    const Bytes command = pair.host.initialize_update(pair.random);
    Bytes answer;
    CHECK(pair.card.initialize_update(parsed(command), pair.identity, SessionPair::keys(), pair.counter, pair.random, answer) == sw::kOk);
    CHECK(answer.size() == static_cast<std::size_t>(size));
    CHECK(answer.at(10) == 0x30);
    CHECK(answer.at(11) == 0x03);
    CHECK(answer.at(12) == i);
    CHECK(pair.counter.calls == ((i & 0x10) != 0 ? 1 : 0));
  }
}

TEST_CASE("SCP03 INITIALIZE UPDATE refuses P2, a challenge of another mode, a counter that is used up (Amd D clause 7.1.1)") {
  struct Bad {
    const char* what;
    Bytes command;
    std::uint8_t i;
    std::uint32_t last;
    StatusWord status;
  };
  const Bad bad[] = {
      {"P2", to_bytes("80500001080102030405060708"_h), 0x70, 0, sw::kIncorrectP1P2},
      {"no data", to_bytes("8050000000"_h), 0x70, 0, sw::kWrongLength},
      {"7 bytes", to_bytes("805000000701020304050607"_h), 0x70, 0, sw::kWrongLength},
      {"S16 challenge to an S8 card", to_bytes("80500000100102030405060708090A0B0C0D0E0F10"_h), 0x70, 0, sw::kWrongLength},
      {"S8 challenge to an S16 card", to_bytes("80500000080102030405060708"_h), 0x71, 0, sw::kWrongLength},
      {"counter", to_bytes("80500000080102030405060708"_h), 0x70, 0xFFFFFF, sw::kConditionsNotSatisfied},
  };
  for (const Bad& step : bad) {
    CAPTURE(step.what);
    SessionPair pair(Level::kCMac);
    pair.open();  // and a session that was open is over
    pair.identity.mode = Mode{step.i};
    pair.counter.value = step.last;
    Bytes out;
    CHECK(pair.card.initialize_update(parsed(step.command), pair.identity, SessionPair::keys(), pair.counter, pair.random, out) ==
          step.status);
    CHECK(out.empty());
    CHECK(pair.card.state() == State::kNone);
    CHECK(refused(pair.card, parsed(pair.host.wrap(parsed("80F28002024F0000"_h)).value())) == sw::kConditionsNotSatisfied);
  }
}

TEST_CASE(
    "SCP03 sequence counter: every INITIALIZE UPDATE uses a new value, committed first; the last one is FFFFFF (Amd D clause 6.2.2.1)") {
  SessionPair pair(Level::kCMac);
  pair.begin();
  CHECK(pair.host.card().sequence_counter == 1U);
  pair.begin();
  CHECK(pair.host.card().sequence_counter == 2U);
  pair.counter.value = 0xFFFFFE;
  pair.begin();
  CHECK(pair.host.card().sequence_counter == 0xFFFFFFU);
  Bytes out;
  CHECK(pair.card.initialize_update(parsed(pair.host.initialize_update(pair.random)), pair.identity, SessionPair::keys(), pair.counter,
                                    pair.random, out) == sw::kConditionsNotSatisfied);
}

TEST_CASE("SCP03 EXTERNAL AUTHENTICATE: every bit of level, cryptogram and MAC counts (Amd D clause 7.1.2)") {
  for_each_level([](SecurityLevel level, Mode mode) {
    SessionPair pair(level, mode);
    const std::size_t bits = pair.begin().size() * 8;
    for (std::size_t bit = 16; bit < bits; ++bit) {  // behind CLA and INS, which the caller dispatches by
      CAPTURE(bit);
      const Bytes command = flipped(pair.begin(), bit);
      const auto authenticate = apdu::parse(command);
      if (!authenticate) continue;
      const StatusWord status = pair.card.external_authenticate(*authenticate);
      CHECK(status != sw::kOk);
      CHECK(pair.card.state() == State::kNone);
      CHECK(refused(pair.card, parsed("84F28002024F0000"_h)) == sw::kConditionsNotSatisfied);
    }
  });
}

TEST_CASE("SCP03 EXTERNAL AUTHENTICATE answers each refusal with its status (Amd D clause 7.1.2.7)") {
  SessionPair pair(Level::kCMac);
  const auto status_of = [&](auto&& change) {
    Bytes command = pair.begin();
    change(command);
    return pair.card.external_authenticate(parsed(command));
  };
  CHECK(status_of([](Bytes&) {}) == sw::kOk);
  CHECK(status_of([](Bytes& c) { c.push_back(0x00); }) == sw::kOk);  // clients send Le without need
  CHECK(status_of([](Bytes& c) { c[5] ^= 1; }) == StatusWord{0x6300});
  CHECK(status_of([](Bytes& c) { c[13] ^= 1; }) == sw::kSecurityStatusNotSatisfied);
  CHECK(status_of([](Bytes& c) { c[2] = 0x03; }) == sw::kSecurityStatusNotSatisfied);  // another level that exists: the MAC knows
  CHECK(status_of([](Bytes& c) { c[2] = 0x31; }) == sw::kIncorrectP1P2);
  CHECK(status_of([](Bytes& c) { c[3] = 0x01; }) == sw::kIncorrectP1P2);
  CHECK(status_of([](Bytes& c) { c[0] = 0x80; }) == sw::kClaNotSupported);
  CHECK(status_of([](Bytes& c) {
          c[4] = 15;
          c.pop_back();
        }) == sw::kWrongLength);
}

TEST_CASE("SCP03 EXTERNAL AUTHENTICATE refuses each level that i does not offer, and combinations that do not exist (Amd D clause 5.1)") {
  for (const int i : {0x00, 0x10, 0x20, 0x30, 0x60, 0x70}) {
    const Mode mode{static_cast<std::uint8_t>(i)};
    for (int level = 0; level < 256; ++level) {
      CAPTURE(i);
      CAPTURE(level);
      SessionPair pair(Level::kCMac, mode);
      Bytes command = pair.begin();
      command[2] = static_cast<std::uint8_t>(level);
      const bool exists = level == 0x00 || level == 0x01 || level == 0x03 || level == 0x11 || level == 0x13 || level == 0x33;
      const bool offered = exists && ((level & 0x10) == 0 || (i & 0x20) != 0) && ((level & 0x20) == 0 || (i & 0x40) != 0);
      const StatusWord wrong_mac = level == 0x01 ? sw::kOk : sw::kSecurityStatusNotSatisfied;
      CHECK(pair.card.external_authenticate(parsed(command)) == (offered ? wrong_mac : sw::kIncorrectP1P2));
    }
  }
}

TEST_CASE("SCP03 EXTERNAL AUTHENTICATE only follows INITIALIZE UPDATE, once (Amd D clause 7.1.2.7)") {
  SessionPair pair(Level::kCMac);
  CHECK(pair.card.external_authenticate(parsed("848201001000112233445566770011223344556677"_h)) == sw::kConditionsNotSatisfied);
  CHECK(pair.card.state() == State::kNone);
  const Bytes command = pair.begin();
  CHECK(pair.card.external_authenticate(parsed(command)) == sw::kOk);
  CHECK(pair.card.external_authenticate(parsed(command)) == sw::kConditionsNotSatisfied);  // replayed into the session it opened
  CHECK(pair.card.state() == State::kAborted);
  pair.begin();
  CHECK(pair.card.external_authenticate(parsed(command)) == StatusWord{0x6300});  // replayed into the next one
  CHECK(pair.card.state() == State::kNone);
}

TEST_CASE("SCP03 answer to EXTERNAL AUTHENTICATE carries no R-MAC at any level (Amd D clause 7.1.2.6)") {
  for_each_level([](SecurityLevel level, Mode mode) {
    SessionPair pair(level, mode);
    pair.open();
    Bytes data;
    pair.card.wrap(data, sw::kOk);
    CHECK(data.empty());
  });
}

TEST_CASE("SCP03 commands: every bit of a secured command counts, and the session is over after a wrong one (Amd D clauses 5.6, 6.2.4)") {
  for_each_level([](SecurityLevel level, Mode mode) {
    if (!level.c_mac()) return;
    for (const Bytes& plain : {to_bytes("80CA0066"_h), to_bytes("80F28002024F0000"_h)}) {
      const std::size_t bits = SessionPair(level, mode).open().host.wrap(parsed(plain)).value().size() * 8;
      const std::size_t le_bits = parsed(plain).le ? 8 : 0;
      for (std::size_t bit = 0; bit < bits - le_bits; ++bit) {
        if (bit < 2) continue;  // the channel, which no C-MAC covers
        CAPTURE(bit);
        SessionPair pair(level, mode);
        pair.open();
        const Bytes wrapped = pair.host.wrap(parsed(plain)).value();
        const StatusWord status = refused(pair.card, flipped(wrapped, bit));
        check_dead(pair, status, bit == 3 ? sw::kSecureMessagingNotSupported : sw::kSecurityStatusNotSatisfied);
      }
    }
  });
}

TEST_CASE("SCP03 commands: not twice, not out of order, not with one left out, not from another session (Amd D clause 6.2.4)") {
  for_each_level([](SecurityLevel level, Mode mode) {
    if (!level.c_mac()) return;
    const auto check = [&](auto&& wrong) {
      SessionPair pair(level, mode);
      pair.open();
      const Bytes first = pair.host.wrap(parsed("80F28002024F0000"_h)).value();
      const Bytes second = pair.host.wrap(parsed("80F24002024F0000"_h)).value();
      check_dead(pair, wrong(pair, first, second), sw::kSecurityStatusNotSatisfied);
    };
    check([](SessionPair& pair, BytesView first, BytesView) {  // replayed
      CHECK(refused(pair.card, parsed(first)) == sw::kOk);
      return refused(pair.card, parsed(first));
    });
    check([](SessionPair& pair, BytesView, BytesView second) { return refused(pair.card, parsed(second)); });  // one left out
    check([](SessionPair& pair, BytesView first, BytesView second) {                                           // an old one later
      CHECK(refused(pair.card, parsed(first)) == sw::kOk);
      CHECK(refused(pair.card, parsed(second)) == sw::kOk);
      return refused(pair.card, parsed(first));
    });
    check([&](SessionPair& pair, BytesView, BytesView) {  // of a session with the same keys
      SessionPair other(level, mode, 2);
      other.open();
      return refused(pair.card, parsed(other.host.wrap(parsed("80F28002024F0000"_h)).value()));
    });
  });
}

TEST_CASE("SCP03 commands: cut short, lengthened or taken apart (Amd D clauses 6.2.4, 6.2.6)") {
  for_each_level([](SecurityLevel level, Mode mode) {
    if (!level.c_mac()) return;
    const std::size_t size = SessionPair(level, mode).open().host.wrap(parsed("80E2900005010203040500"_h)).value()[4];
    for (std::size_t lc = 0; lc <= size + 17; ++lc) {
      if (lc == size) continue;
      CAPTURE(lc);
      SessionPair pair(level, mode);
      pair.open();
      const Bytes wrapped = pair.host.wrap(parsed("80E2900005010203040500"_h)).value();
      apdu::Command command = parsed(wrapped);
      Bytes data = to_bytes(command.data);
      data.resize(lc);
      command.data = data;
      check_dead(pair, refused(pair.card, command), sw::kSecurityStatusNotSatisfied);
    }
  });
}

TEST_CASE("SCP03 C-DECRYPTION: a right C-MAC over wrong cipher text or padding ends the session (Amd D clause 6.2.6)") {
  for (const char* what : {"half a block", "no padding", "padding of a whole block and more", "an empty field ciphered"}) {
    CAPTURE(what);
    const std::string_view name = what;
    // A host with the session keys that breaks the rules: the MAC is right, what it covers is not.
    const RecordedSession session = recorded_session("scp03_published.txt", "pysim-AES128-33");
    CardSession card;
    REQUIRE(session.open(card) == sw::kOk);
    const SessionKeys keys =
        SessionKeys::from(session.keys(), parsed(session.initialize_update).data, session.parsed_answer.card_challenge.bytes());
    crypto::AesBlock block(keys.enc);
    crypto::AesCbc cbc(keys.enc);
    crypto::AesCmac cmac(keys.mac);
    const crypto::Bytes16 iv = block.encrypt("00000000000000000000000000000001"_h);
    Bytes field(16, 0x55);
    if (name == "padding of a whole block and more") {
      field = Bytes(32);
      field[4] = 0x55;
      field[5] = 0x80;
    }
    if (name == "an empty field ciphered") field = to_bytes("80000000000000000000000000000000"_h);
    field = cbc.encrypt(iv, field);
    if (name == "half a block") field.resize(8);

    const Bytes start = to_bytes("0000000000000000000000000000000084823300100000000000000000"_h);
    Bytes authenticate(start.begin(), start.begin() + 16);
    append(authenticate, BytesView(session.external_authenticate).first(13));
    const crypto::Bytes16 chaining = cmac.compute(authenticate);
    const std::array<std::uint8_t, 5> header{0x84, 0xE2, 0x00, 0x00, static_cast<std::uint8_t>(field.size() + 8)};
    const crypto::Bytes16 mac = cmac.compute({chaining, header, field});
    append(field, BytesView(mac).first(8));
    apdu::Command command{.cla = 0x84, .ins = 0xE2, .data = field, .le = std::nullopt};
    CHECK(refused(card, command) == sw::kSecurityStatusNotSatisfied);
    CHECK(card.state() == State::kAborted);
  }
}

TEST_CASE("SCP03 session with C-MAC accepts no plain command, one without C-MAC no secured one (Amd D clause 5.6)") {
  for_each_level([](SecurityLevel level, Mode mode) {
    SessionPair pair(level, mode);
    pair.open();
    const bool c_mac = level.c_mac();
    const StatusWord status = refused(pair.card, parsed(c_mac ? to_bytes("80CA006600"_h) : to_bytes("84CA006608000000000000000000"_h)));
    check_dead(pair, status, sw::kSecurityStatusNotSatisfied);
  });
  SessionPair plain(Level::kAuthenticated);
  CHECK(plain.open().works());
}

TEST_CASE("SCP03 secure messaging of ISO/IEC 7816-4 is not this protocol (GlobalPlatform Card Specification clause 11.1.4)") {
  for (const std::uint8_t cla : {std::uint8_t{0x88}, std::uint8_t{0x8C}, std::uint8_t{0x0C}}) {
    SessionPair pair(Level::kCMac);
    pair.open();
    Bytes wrapped = pair.host.wrap(parsed("80F28002024F0000"_h)).value();
    wrapped[0] = cla;
    check_dead(pair, refused(pair.card, parsed(wrapped)), sw::kSecureMessagingNotSupported);
  }
}

TEST_CASE("SCP03 session on any logical channel; the C-MAC is that of channel 0 (Amd D clause 6.2.4)") {
  for (const int number : {0, 1, 3, 4, 12, 19}) {
    CAPTURE(number);
    const auto channel = static_cast<std::uint8_t>(number);
    SessionPair pair(Level::kAll);
    const std::uint8_t cla = apdu::cla_for_channel(0x80, channel);
    pair.open();
    for (const std::uint8_t base : {std::uint8_t{0x80}, std::uint8_t{0x00}}) {
      const auto bytes = "80F28002024F0000"_h;
      apdu::Command plain = parsed(bytes);
      plain.cla = apdu::cla_for_channel(base, channel);
      const Bytes wrapped = pair.host.wrap(plain).value();
      CHECK(apdu::is_secured_by_globalplatform(wrapped[0]));
      CHECK(apdu::channel_of(wrapped[0]) == channel);
      const auto seen = pair.card.unwrap(parsed(wrapped));
      REQUIRE(seen);
      CHECK(seen->cla == plain.cla);
    }
    CHECK(mac_class(apdu::secured_class(cla)) == 0x84);
  }
  CHECK(mac_class(0x04) == 0x04);
  CHECK(mac_class(0x07) == 0x04);
  CHECK(mac_class(0x94) == 0x94);
  CHECK(mac_class(0x65) == 0x04);
  CHECK(apdu::secured_class(0x41) == 0x61);
  CHECK(apdu::plain_class(0xE5) == 0xC5);
  CHECK(!apdu::is_secured(0x83));
  CHECK(!apdu::is_secured(0x4F));
}

TEST_CASE("SCP03 responses: protected with 9000 and warnings, bare with errors (Amd D clauses 6.2.5, 6.2.7)") {
  for_each_level([](SecurityLevel level, Mode mode) {
    SessionPair pair(level, mode);
    pair.open();
    for (const StatusWord status : {sw::kOk, StatusWord{0x6200}, StatusWord{0x6310}, StatusWord{0x63C2}, StatusWord{0x910B}}) {
      const auto response = pair.exchange("80CA006600"_h, to_bytes("66020102"_h), status);
      REQUIRE(response);
      CHECK(equal(response->data, "66020102"_h));
      CHECK(response->status == status);
      const auto empty = pair.exchange("80CA006600"_h, {}, status);
      REQUIRE(empty);
      CHECK(empty->data.empty());
    }
    // A proactive command that waits changes the status behind the application's back: the R-MAC stays that of 9000.
    Bytes data;
    CHECK(pair.card.unwrap(parsed(pair.host.wrap(parsed("80CA006600"_h)).value())));
    pair.card.wrap(data, sw::kOk);
    CHECK(pair.host.unwrap({data, sw::proactive_pending(11)}));
    for (const StatusWord status : {sw::kSecurityStatusNotSatisfied, StatusWord{0x6A88}, StatusWord{0x6F00}}) {
      CHECK(pair.card.unwrap(parsed(pair.host.wrap(parsed("80CA006600"_h)).value())));
      Bytes none;
      pair.card.wrap(none, status);
      CHECK(none.empty());
      CHECK(pair.host.unwrap({none, status})->status == status);
    }
    CHECK(pair.works());
  });
}

TEST_CASE("SCP03 wrap() touches no response to a command that did not come through unwrap()") {
  SessionPair pair(Level::kAll);
  pair.open();
  CHECK(pair.works());
  Bytes data = to_bytes("0102"_h);
  pair.card.wrap(data, sw::kOk);
  CHECK(equal(data, "0102"_h));
}

TEST_CASE("SCP03 BEGIN and END R-MAC SESSION raise and lower the level of responses (Amd D clauses 7.1.3, 7.1.4)") {
  struct Step {
    SecurityLevel level;
    std::uint8_t p1;
    SecurityLevel raised;
  };
  for (const Step& step : {Step{Level::kCMac, 0x10, Level::kCMacRMac}, Step{Level::kCMacCEnc, 0x10, Level::kCMacCEncRMac},
                           Step{Level::kCMacCEnc, 0x30, Level::kAll}, Step{Level::kCMacCEncRMac, 0x30, Level::kAll}}) {
    CAPTURE(int{step.level.value()});
    SessionPair pair(step.level);
    pair.open();
    const auto send = [&](Result<Bytes> wrapped, auto&& handle) {
      const auto plain = pair.card.unwrap(parsed(wrapped.value())).value();
      const StatusWord status = handle(plain);
      Bytes data;
      pair.card.wrap(data, status);
      return pair.host.unwrap({data, status}).value().status;
    };
    const auto begin = [&](const apdu::Command& plain) { return pair.card.begin_r_mac_session(plain); };
    const auto end = [&](const apdu::Command& plain) { return pair.card.end_r_mac_session(plain); };
    for (const Bytes& data : {Bytes{}, Bytes(24, 0xAB)}) {
      CHECK(send(pair.host.begin_r_mac_session(step.p1, data), begin) == sw::kOk);
      CHECK(pair.card.level() == step.raised);
      CHECK(pair.host.level() == step.raised);
      CHECK(pair.works());
      CHECK(!pair.host.begin_r_mac_session(step.p1));  // not one inside another
      CHECK(send(pair.host.end_r_mac_session(), end) == sw::kOk);
      CHECK(pair.card.level() == step.level);
      CHECK(pair.host.level() == step.level);
      CHECK(pair.works());
    }
    CHECK(!pair.host.end_r_mac_session());
  }
}

TEST_CASE("SCP03 BEGIN and END R-MAC SESSION refuse what the session or i cannot have (Amd D clauses 7.1.3, 7.1.4)") {
  const auto card_at = [](SecurityLevel level, std::uint8_t i = 0x70) {
    auto pair = std::make_unique<SessionPair>(level, Mode{i});
    pair->open();
    return pair;
  };
  const auto begin = [](SessionPair& pair, BytesView command) { return pair.card.begin_r_mac_session(parsed(command)); };
  const auto end = [](SessionPair& pair, BytesView command) { return pair.card.end_r_mac_session(parsed(command)); };
  CHECK(begin(*card_at(Level::kCMac), "807A2001"_h) == sw::kIncorrectP1P2);
  CHECK(begin(*card_at(Level::kCMac), "807A0001"_h) == sw::kIncorrectP1P2);
  CHECK(begin(*card_at(Level::kCMac), "807A1002"_h) == sw::kIncorrectP1P2);
  CHECK(begin(*card_at(Level::kCMac), "807A1001020201"_h) == sw::kIncorrectData);
  CHECK(begin(*card_at(Level::kCMac), concat({"807A10011A19"_h, Bytes(25)})) == sw::kIncorrectData);
  CHECK(begin(*card_at(Level::kCMac), "807A3001"_h) == sw::kConditionsNotSatisfied);           // R-ENCRYPTION without C-DECRYPTION
  CHECK(begin(*card_at(Level::kAuthenticated), "807A1001"_h) == sw::kConditionsNotSatisfied);  // R-MAC without C-MAC
  CHECK(begin(*card_at(Level::kAll), "807A3001"_h) == sw::kConditionsNotSatisfied);            // has it already
  CHECK(begin(*card_at(Level::kCMac, 0x10), "807A1001"_h) == sw::kConditionsNotSatisfied);     // "i"
  CHECK(begin(*card_at(Level::kCMacCEnc, 0x30), "807A3001"_h) == sw::kConditionsNotSatisfied);
  CHECK(end(*card_at(Level::kCMac), "80780003"_h) == sw::kConditionsNotSatisfied);
  CHECK(end(*card_at(Level::kAll), "80780003"_h) == sw::kConditionsNotSatisfied);  // EXTERNAL AUTHENTICATE's R-MAC stays
  const auto pair = card_at(Level::kCMac);
  CHECK(begin(*pair, "807A1001"_h) == sw::kOk);
  CHECK(begin(*pair, "807A1001"_h) == sw::kConditionsNotSatisfied);
  CHECK(end(*pair, "80780001"_h) == sw::kIncorrectP1P2);
  CHECK(end(*pair, "80780103"_h) == sw::kIncorrectP1P2);
  CHECK(end(*pair, "807800030101"_h) == sw::kIncorrectData);
  const auto ciphered = card_at(Level::kCMacCEnc);
  CHECK(begin(*ciphered, "807A1001"_h) == sw::kOk);
  CHECK(begin(*ciphered, "807A3001"_h) == sw::kConditionsNotSatisfied);  // not one on top of another, higher or not
  CardSession none;
  CHECK(none.begin_r_mac_session(parsed("807A1001"_h)) == sw::kConditionsNotSatisfied);
  CHECK(none.end_r_mac_session(parsed("80780003"_h)) == sw::kConditionsNotSatisfied);
}

TEST_CASE("SCP03 session that broke stays broken until it is opened again; one that ended leaves nothing (Amd D clause 5.6)") {
  SessionPair pair(Level::kCMac);
  pair.open();
  CHECK(pair.card.key_version() == KeyVersion{0x30});
  CHECK(pair.card.key_cipher() != nullptr);
  CHECK(refused(pair.card, parsed("80CA006600"_h)) == sw::kSecurityStatusNotSatisfied);
  CHECK(pair.card.state() == State::kAborted);
  CHECK(refused(pair.card, parsed("80CA006600"_h)) == sw::kConditionsNotSatisfied);
  CHECK(pair.card.external_authenticate(parsed("848201001000112233445566770011223344556677"_h)) == sw::kConditionsNotSatisfied);
  CHECK(pair.card.state() == State::kAborted);
  CHECK(pair.card.level() == Level::kAuthenticated);
  pair.open();
  CHECK(pair.works());
  pair.card.terminate();
  CHECK(pair.card.state() == State::kNone);
  CHECK(pair.card.key_cipher() == nullptr);
}
