// SPDX-License-Identifier: Apache-2.0
// A secure channel session between both ends, as a trace records it.
#pragma once

#include <doctest/doctest.h>

#include "scp03/card_session.hpp"
#include "trace/decoder.hpp"

namespace uicclab::test {

/// An SCP03 session at the card as it goes over the wire, T=1.
struct Session {
  explicit Session(scp03::SecurityLevel level, const Bytes& key)
      : m_host({.level = level}, scp03::fixed_keys(keys(key))), m_keys(keys(key)) {}

  static scp03::KeySet keys(const Bytes& key) {
    using crypto::SecretBytes;
    return scp03::KeySet::from(KeyVersion{0x30}, SecretBytes(key), SecretBytes(key), SecretBytes(key)).value();
  }
  static RecordedEvent event(BytesView command, BytesView data, StatusWord status) {
    RecordedEvent out;
    out.command = to_bytes(command);
    out.answer = concat({data, Bytes{status.sw1(), status.sw2()}});
    return out;
  }
  std::vector<RecordedEvent> open() {
    std::vector<RecordedEvent> out;
    const Bytes update = m_host.initialize_update(m_random);
    Bytes answer;
    CHECK(m_card.initialize_update(apdu::parse(update).value(), m_identity, m_keys, m_counter, m_random, answer) == sw::kOk);
    out.push_back(event(update, answer, sw::kOk));
    const Bytes authenticate = m_host.external_authenticate(answer).value();
    const StatusWord status = m_card.external_authenticate(apdu::parse(authenticate).value());
    CHECK(m_host.confirm(status));
    out.push_back(event(authenticate, {}, status));
    return out;
  }
  RecordedEvent send(const apdu::Command& plain, Bytes data) {
    const Bytes wrapped = m_host.wrap(plain).value();
    CHECK(m_card.unwrap(apdu::parse(wrapped).value()));
    m_card.wrap(data, sw::kOk);
    CHECK(m_host.unwrap(apdu::Response{data, sw::kOk}));
    return event(wrapped, data, sw::kOk);
  }

  struct Counter final : scp03::SequenceCounter {
    std::optional<std::uint32_t> advance() override { return ++value; }
    std::uint32_t value = 0;
  };
  scp03::HostSession m_host;
  scp03::CardSession m_card;
  scp03::KeySet m_keys;
  scp03::CardIdentity m_identity{{}, {0x70}, Aid::from("A000000151000000"_h).value()};
  Counter m_counter;
  SeededRandom m_random{1};
};

inline trace::Keys channel_keys(const Bytes& key) {
  trace::Keys out;
  out.channels = [key](KeyVersion) { return gp::host::KeyMaterial::from_one("test", crypto::SecretBytes(key)); };
  return out;
}

}  // namespace uicclab::test
