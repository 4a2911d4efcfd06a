// SPDX-License-Identifier: Apache-2.0
#include "scp03/host_session.hpp"

#include "tests/unit/scp03/session_pair.hpp"

using namespace uicclab;
using namespace uicclab::scp03;
using namespace uicclab::test;

namespace {

/// Nothing more leaves or enters this host.
void check_closed(HostSession& host) {
  CHECK(!host.is_open());
  CHECK(host.level() == Level::kAuthenticated);
  CHECK(host.key_cipher() == nullptr);
  CHECK(host.wrap(parsed("80CA006600"_h)).error().code == ErrorCode::kRefused);
  CHECK(host.unwrap({{}, sw::kOk}).error().code == ErrorCode::kRefused);
  CHECK(!host.confirm(sw::kOk));
  CHECK(!host.begin_r_mac_session(0x10));
  CHECK(!host.end_r_mac_session());
}

/// A card's answer to this host's INITIALIZE UPDATE.
Bytes card_answer(SessionPair& pair) {
  const Bytes command = pair.host.initialize_update(pair.random);
  Bytes answer;
  CHECK(pair.card.initialize_update(parsed(command), pair.identity, SessionPair::keys(), pair.counter, pair.random, answer) == sw::kOk);
  return answer;
}

}  // namespace

TEST_CASE("SCP03 host sends no EXTERNAL AUTHENTICATE to a card whose answer has one bit wrong (Amd D clauses 5.2, 7.1.1.6)") {
  for (const int i : {0x00, 0x10, 0x70, 0x71}) {
    const Mode mode{static_cast<std::uint8_t>(i)};
    for (std::size_t bit = 80; bit < mode.initialize_update_size() * 8; ++bit) {  // diversification data only choose the keys
      // Bits of "i" that change nothing else are accepted: if R-MAC and R-ENCRYPTION are falsely announced, the card's refusal shows it.
      if (bit >= 96 && bit < 104 && Mode{static_cast<std::uint8_t>(i ^ (1 << (bit - 96)))}.is_defined() && bit - 96 >= 5) continue;
      CAPTURE(i);
      CAPTURE(bit);
      SessionPair pair(Level::kCMac, mode);
      const auto command = pair.host.external_authenticate(flipped(card_answer(pair), bit));
      CHECK(!command);
      check_closed(pair.host);
    }
  }
}

TEST_CASE("SCP03 host refuses answers that are not from a card with this key, version, mode and level") {
  const auto code = [](SessionPair& pair, BytesView answer) {
    const auto command = pair.host.external_authenticate(answer);
    CHECK(!command);
    check_closed(pair.host);
    return command ? ErrorCode::kIo : command.error().code;
  };
  {
    SessionPair pair(Level::kCMac);
    CHECK(code(pair, Bytes(32)) == ErrorCode::kRefused);  // none was asked for
  }
  {
    SessionPair pair(Level::kCMac);
    CHECK(code(pair, BytesView(card_answer(pair)).first(12)) == ErrorCode::kTruncated);
  }
  {
    SessionPair pair(Level::kCMac);
    CHECK(code(pair, BytesView(card_answer(pair)).first(31)) == ErrorCode::kMalformed);
  }
  {
    SessionPair pair(Level::kCMac);
    Bytes answer = card_answer(pair);
    answer.push_back(0);
    CHECK(code(pair, answer) == ErrorCode::kMalformed);
  }
  {
    SessionPair pair(Level::kCMac);
    Bytes answer = card_answer(pair);
    answer[11] = 0x02;
    CHECK(code(pair, answer) == ErrorCode::kUnsupported);
  }
  {
    SessionPair pair(Level::kCMac);
    Bytes answer = card_answer(pair);
    answer[10] = 0x31;
    CHECK(code(pair, answer) == ErrorCode::kMismatch);
  }
  {
    SessionPair pair(Level::kCMac, {0x70}, 1, fixed_keys(key_set(Bytes(16), Bytes(16), Bytes(16), 0x30)));
    CHECK(code(pair, card_answer(pair)) == ErrorCode::kMismatch);
  }
  {
    SessionPair pair(Level::kCMac, {0x70}, 1,
                     [](const InitializeUpdateAnswer&) -> Result<KeySet> { return fail(ErrorCode::kNotFound, "no keys"); });
    CHECK(code(pair, card_answer(pair)) == ErrorCode::kNotFound);
  }
  {
    SessionPair pair(Level::kAll, {0x30});
    CHECK(code(pair, card_answer(pair)) == ErrorCode::kUnsupported);
  }
  {
    SessionPair pair(Level::kCMacRMac, {0x10});
    CHECK(code(pair, card_answer(pair)) == ErrorCode::kUnsupported);
  }
  {
    SessionPair pair(Level::kCMac);  // the challenge was computed for another application
    pair.identity.aid = Aid::from("A000000151000001"_h).value();
    CHECK(code(pair, card_answer(pair)) == ErrorCode::kMismatch);
  }
  {
    SessionPair pair(Level::kCMac);  // an S16 card's answer, to a host that asked in S8
    SessionPair other(Level::kCMac, {0x71});
    const Bytes answer = card_answer(other);
    (void)pair.host.initialize_update(pair.random);
    CHECK(code(pair, answer) == ErrorCode::kUnsupported);
  }
}

TEST_CASE("SCP03 host gets the card's key version and diversification data before it chooses keys") {
  std::optional<InitializeUpdateAnswer> seen;
  SessionPair pair(Level::kCMac, {0x70}, 1, [&](const InitializeUpdateAnswer& answer) -> Result<KeySet> {
    seen = answer;
    return SessionPair::keys();
  });
  const auto command = pair.host.external_authenticate(card_answer(pair));
  CHECK(command);
  REQUIRE(seen);
  CHECK(seen->key_version == KeyVersion{0x30});
  CHECK(seen->diversification == pair.identity.diversification);
  CHECK(seen->mode == Mode{0x70});
  CHECK(seen->sequence_counter == 1U);
}

TEST_CASE("SCP03 host is not open before 9000, and not after any other status (Amd D clause 7.1.2.7)") {
  SessionPair pair(Level::kCMac);
  pair.begin();
  CHECK(pair.host.wrap(parsed("80CA006600"_h)).error().code == ErrorCode::kRefused);
  for (const StatusWord status : {StatusWord{0x6300}, StatusWord{0x6982}, StatusWord{0x6A86}, StatusWord{0x9101}, StatusWord{0x6100}}) {
    pair.begin();
    CHECK(pair.host.confirm(status).error().code == ErrorCode::kRefused);
    check_closed(pair.host);
  }
}

TEST_CASE(
    "SCP03 host: every bit of a protected response and its status counts, and the session is over after a wrong one (Amd D clause 6.2.5)") {
  for_each_level([](SecurityLevel level, Mode mode) {
    if (!level.r_mac()) return;
    for (const Bytes& plain : {Bytes{}, to_bytes("66020102"_h)}) {
      const auto answer = [&](SessionPair& pair) {
        pair.open();
        CHECK(pair.card.unwrap(parsed(pair.host.wrap(parsed("80CA006600"_h)).value())));
        Bytes data = plain;
        pair.card.wrap(data, sw::kOk);
        return data;
      };
      SessionPair first(level, mode);
      const std::size_t bits = answer(first).size() * 8;
      for (std::size_t bit = 0; bit < bits; ++bit) {
        CAPTURE(bit);
        SessionPair pair(level, mode);
        CHECK(pair.host.unwrap({flipped(answer(pair), bit), sw::kOk}).error().code == ErrorCode::kMismatch);
        check_closed(pair.host);
      }
      for (const int status : {0x6200, 0x6310, 0x9200, 0x6110, 0x9F10, 0x6A88, 0x6982}) {
        CAPTURE(status);
        SessionPair pair(level, mode);
        CHECK(!pair.host.unwrap({answer(pair), StatusWord{static_cast<std::uint16_t>(status)}}));
        check_closed(pair.host);
      }
      for (std::size_t size = 0; size <= bits / 8 + 16; ++size) {
        if (size == bits / 8) continue;
        CAPTURE(size);
        SessionPair pair(level, mode);
        Bytes data = answer(pair);
        data.resize(size);
        CHECK(!pair.host.unwrap({data, sw::kOk}));
        check_closed(pair.host);
      }
    }
  });
}

TEST_CASE("SCP03 host: no success without an R-MAC, whatever the status calls itself (Amd D clause 6.2.5)") {
  for (const int status : {0x9000, 0x6200, 0x63C0, 0x9105, 0x9200, 0x6105, 0x9F05}) {
    CAPTURE(status);
    SessionPair pair(Level::kCMacRMac);
    pair.open();
    CHECK(pair.host.wrap(parsed("80E40000024F00"_h)));
    CHECK(!pair.host.unwrap({{}, StatusWord{static_cast<std::uint16_t>(status)}}));
    check_closed(pair.host);
  }
}

TEST_CASE("SCP03 host: the response to another command, or an old one, is refused (Amd D clause 6.2.5)") {
  SessionPair pair(Level::kAll);
  pair.open();
  const auto answer = [&](BytesView command) {
    CHECK(pair.card.unwrap(parsed(pair.host.wrap(parsed(command)).value())));
    Bytes data = to_bytes("66020102"_h);
    pair.card.wrap(data, sw::kOk);
    return data;
  };
  const Bytes old = answer("80CA006600"_h);
  CHECK(pair.host.unwrap({old, sw::kOk}));
  const Bytes now = answer("80CA006600"_h);
  CHECK(old != now);
  CHECK(pair.host.unwrap({old, sw::kOk}).error().code == ErrorCode::kMismatch);
  check_closed(pair.host);
}

TEST_CASE("SCP03 the longest command of each level passes, one byte more is refused and harms nothing (Amd D clause 6.2.4)") {
  for_each_level([](SecurityLevel level, Mode mode) {
    for (const bool extended : {false, true}) {
      CAPTURE(extended);
      const std::size_t longest = max_command_data(level, mode, extended);
      SessionPair pair(level, mode);
      pair.open();
      const auto send = [&](std::size_t size, std::optional<std::uint32_t> le) -> Result<Bytes> {
        const Bytes data(size, 0x5A);
        const apdu::Command plain{.cla = 0x80, .ins = 0xE2, .data = data, .le = le, .extended = extended};
        auto wrapped = pair.host.wrap(plain);
        if (!wrapped) return wrapped;
        const auto seen = pair.card.unwrap(parsed(*wrapped));
        REQUIRE(seen);
        CHECK(equal(seen->data, data));
        CHECK(seen->le == le);
        CHECK(seen->extended == extended);
        return wrapped;
      };
      const auto wrapped = send(longest, std::nullopt);
      REQUIRE(wrapped);
      CHECK(parsed(*wrapped).data.size() + crypto::kAesBlockSize > (extended ? 65535U : 255U));
      CHECK(send(longest, 256));
      CHECK(send(longest + 1, std::nullopt).error().code == ErrorCode::kRange);
      CHECK(send(longest, std::nullopt));
      CHECK(send(0, 256));
      CHECK(send(1, std::nullopt));
    }
  });
  CHECK(max_command_data(Level::kCMac, {0x70}) == 247);
  CHECK(max_command_data(Level::kCMac, {0x71}) == 239);
  CHECK(max_command_data(Level::kAll, {0x70}) == 239);
  CHECK(max_command_data(Level::kAll, {0x71}) == 223);
  CHECK(max_response_data(Level::kAll, {0x70}) == 239);
  CHECK(max_response_data(Level::kCMacRMac, {0x70}) == 248);
  CHECK(max_response_data(Level::kCMac, {0x70}) == 256);
}

TEST_CASE("SCP03 the longest response of each level fits into 256 bytes, and passes (Amd D clause 6.2.7)") {
  for_each_level([](SecurityLevel level, Mode mode) {
    const std::size_t longest = max_response_data(level, mode);
    for (const std::size_t size : {longest, longest + 1}) {
      SessionPair pair(level, mode);
      pair.open();
      CHECK(pair.card.unwrap(parsed(pair.host.wrap(parsed("80CA006600"_h)).value())));
      Bytes data(size, 0x80);  // what padding begins with
      pair.card.wrap(data, sw::kOk);
      CHECK((data.size() <= 256) == (size == longest));
      const auto plain = pair.host.unwrap({data, sw::kOk});
      REQUIRE(plain);
      CHECK(plain->data == Bytes(size, 0x80));
    }
  });
}

TEST_CASE("SCP03 C-ENC counts every command, also those without data (Amd D clause 6.2.6)") {
  SessionPair pair(Level::kAll);
  pair.open();
  for (int n = 0; n < 300; ++n) {
    const auto response = pair.exchange(n % 3 == 0 ? to_bytes("80F28002024F0000"_h) : to_bytes("80CA006600"_h), Bytes(n % 5 == 0 ? 0 : 20));
    REQUIRE(response);
    CHECK(response->data.size() == (n % 5 == 0 ? 0U : 20U));
  }
}

TEST_CASE("SCP03 the same command is never ciphered twice alike (Amd D clause 6.2.6)") {
  SessionPair pair(Level::kCMacCEnc);
  pair.open();
  const Bytes first = pair.host.wrap(parsed("80F28002024F00"_h)).value();
  const Bytes second = pair.host.wrap(parsed("80F28002024F00"_h)).value();
  CHECK(!equal(parsed(first).data.first(16), parsed(second).data.first(16)));
}

TEST_CASE("SCP03 host: only the 9000 to BEGIN R-MAC SESSION itself raises its level (Amd D clause 7.1.3)") {
  SessionPair pair(Level::kCMac);
  pair.open();
  CHECK(pair.host.begin_r_mac_session(0x10));
  CHECK(pair.host.unwrap({{}, sw::kConditionsNotSatisfied}));
  CHECK(pair.host.level() == Level::kCMac);
  CHECK(pair.host.begin_r_mac_session(0x10));
  CHECK(pair.host.wrap(parsed("80CA006600"_h)));  // the answer to BEGIN never came
  CHECK(pair.host.unwrap({{}, sw::kOk}));
  CHECK(pair.host.level() == Level::kCMac);
}

TEST_CASE("SCP03 host: BEGIN R-MAC SESSION refuses levels that do not exist, that i does not offer, too much data (Amd D clause 7.1.3)") {
  const auto code = [](SecurityLevel level, std::uint8_t i, std::uint8_t p1, std::size_t size = 0) {
    SessionPair pair(level, {i});
    pair.open();
    const auto command = pair.host.begin_r_mac_session(p1, Bytes(size));
    CHECK(pair.host.is_open());
    return command ? ErrorCode::kIo : command.error().code;
  };
  CHECK(code(Level::kCMac, 0x70, 0x10, 24) == ErrorCode::kIo);
  CHECK(code(Level::kCMac, 0x70, 0x10, 25) == ErrorCode::kRange);
  CHECK(code(Level::kCMac, 0x70, 0x30) == ErrorCode::kRange);
  CHECK(code(Level::kCMacCEnc, 0x70, 0x20) == ErrorCode::kRange);
  CHECK(code(Level::kAll, 0x70, 0x30) == ErrorCode::kRange);
  CHECK(code(Level::kAuthenticated, 0x70, 0x10) == ErrorCode::kRange);
  CHECK(code(Level::kCMac, 0x10, 0x10) == ErrorCode::kUnsupported);
  CHECK(code(Level::kCMacCEnc, 0x30, 0x30) == ErrorCode::kUnsupported);
}
