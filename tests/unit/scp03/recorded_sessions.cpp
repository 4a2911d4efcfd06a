// SPDX-License-Identifier: Apache-2.0
// Sessions that others recorded or published, repeated byte for byte by each end alone.
#include "tests/unit/scp03/recorded_session.hpp"

using namespace uicclab;
using namespace uicclab::scp03;
using namespace uicclab::test;

TEST_CASE("SCP03 recorded sessions: as many as were recorded, of every kind") {
  const auto sessions = all_recorded_sessions();
  CHECK(sessions.size() == 22 + 63 + 12);
  std::size_t commands = 0;
  for (const RecordedSession& session : sessions) commands += session.commands();
  CHECK(commands > 400);
}

TEST_CASE("SCP03 card end repeats recorded sessions: answer, cryptograms, commands, responses (Amd D clauses 6.2, 7.1)") {
  for (const RecordedSession& session : all_recorded_sessions()) {
    CAPTURE(session.id);
    CardSession card;
    Bytes out;
    REQUIRE(session.initialize(card, out) == sw::kOk);
    if (session.computes_challenge() || !session.parsed_answer.mode.has_pseudo_random_challenge()) {
      REQUIRE(to_hex(out) == to_hex(session.answer));
    } else {  // the recorded answer also tells a counter and its bit in "i"
      REQUIRE(to_hex(BytesView(out).subspan(13)) == to_hex(BytesView(session.answer).subspan(13, out.size() - 13)));
    }
    const StatusWord opened = card.external_authenticate(parsed(session.external_authenticate));
    REQUIRE(opened == (session.offers_level() ? sw::kOk : sw::kIncorrectP1P2));

    for (std::size_t n = 1; n <= session.commands(); ++n) {
      CAPTURE(n);
      const Bytes wrapped = session.numbered("wrapped", n);
      const auto plain = card.unwrap(parsed(wrapped));
      if (session.has("refused", n)) {
        CHECK(!plain);
        CHECK(plain.error() == sw::kSecurityStatusNotSatisfied);
        CHECK(card.state() == CardSession::State::kAborted);
        continue;
      }
      REQUIRE(plain);
      CHECK(to_hex(apdu::encode(*plain)) == to_hex(session.numbered("plain", n)));
      if (!session.has("response", n)) continue;
      auto response = apdu::parse_response(session.plain_response(n)).value();
      card.wrap(response.data, response.status);
      CHECK(to_hex(response.data) + to_hex(response.status) == to_hex(session.numbered("response", n)));
    }
  }
}

TEST_CASE(
    "SCP03 host end repeats recorded sessions: INITIALIZE UPDATE, EXTERNAL AUTHENTICATE, commands, responses (Amd D clauses 6.2, 7.1)") {
  for (const RecordedSession& session : all_recorded_sessions()) {
    CAPTURE(session.id);
    Bytes command;
    HostSession host = session.host(&command);
    CHECK(to_hex(command) == to_hex(session.initialize_update));
    const auto authenticate = host.external_authenticate(session.answer);
    if (!session.offers_level()) {
      CHECK(authenticate.error().code == ErrorCode::kUnsupported);
      continue;
    }
    REQUIRE(authenticate);
    Bytes recorded = session.external_authenticate;
    if (recorded.size() > authenticate->size()) recorded.pop_back();  // some clients add an Le
    REQUIRE(to_hex(*authenticate) == to_hex(recorded));
    REQUIRE(host.confirm(sw::kOk));

    for (std::size_t n = 1; n <= session.commands(); ++n) {
      CAPTURE(n);
      if (session.has("refused", n)) break;
      const Bytes plain = session.numbered("plain", n);
      const auto wrapped = host.wrap(parsed(plain));
      REQUIRE(wrapped);
      CHECK(to_hex(*wrapped) == to_hex(session.numbered("wrapped", n)));
      if (!session.has("response", n)) continue;
      const auto response = host.unwrap(apdu::parse_response(session.numbered("response", n)).value());
      REQUIRE(response);
      CHECK(to_hex(response->data) + to_hex(response->status) == to_hex(session.plain_response(n)));
    }
  }
}
