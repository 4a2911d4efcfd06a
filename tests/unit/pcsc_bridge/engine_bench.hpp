// SPDX-License-Identifier: Apache-2.0
// Drives the engine without sockets: clients that send one message at a time, and cards whose work a test may hold up.
#pragma once

#include <doctest/doctest.h>

#include "card_stub.hpp"
#include "pcsc_bridge/engine.hpp"

namespace uicclab::test {

using namespace pcsc_bridge;
using wire::Command;
using wire::Rv;

class FakeClient final : public Peer {
 public:
  explicit FakeClient(Engine& engine) : m_engine(engine), m_client(engine.add(*this)) {}

  void signal(BytesView bytes) override { signals.push_back(wire::read<wire::WaitEnd>(bytes).rv); }
  void wake() override { ++wakes; }

  /// Sends and takes the operation to its end, or to where it is parked or its card is at work (if `hold`).
  template <typename T>
  Verdict send(Command command, T body, BytesView rest = {}) {
    m_message.clear();
    wire::write(m_message, wire::Header{sizeof(T), command});
    wire::write(m_message, body);
    append(m_message, rest);
    return again();
  }
  Verdict send(Command command) {
    m_message.clear();
    wire::write(m_message, wire::Header{0, command});
    return again();
  }
  Verdict again() { return proceed(m_engine.handle(m_client, m_message, step)); }
  Verdict work() {
    step.result = run(step.task);
    return proceed(m_engine.finish(m_client, step));
  }
  Verdict die() { return proceed(m_engine.close(m_client, step)); }
  Verdict proceed(Verdict verdict) {
    while (verdict == Verdict::kCard && !hold) {
      step.result = run(step.task);
      verdict = m_engine.finish(m_client, step);
    }
    return verdict;
  }

  /// Sends and expects an answer.
  template <typename T>
  T ask(Command command, T body, BytesView rest = {}) {
    REQUIRE(send(command, body, rest) == Verdict::kAnswer);
    return answer<T>();
  }
  template <typename T>
  T answer() const {
    REQUIRE(step.answer.size() >= sizeof(T));
    return wire::read<T>(step.answer);
  }

  std::uint32_t establish() { return context = ask(Command::kEstablish, wire::Establish{2, 0, {}}).context; }
  wire::Connect connect(std::string_view reader = "R 00 00", std::uint32_t share = wire::kShared, std::uint32_t protocols = 3) {
    if (context == 0) establish();
    return ask(Command::kConnect, connect_message(reader, share, protocols));
  }
  wire::Connect connect_message(std::string_view reader, std::uint32_t share, std::uint32_t protocols) const {
    wire::Connect body;
    body.context = context;
    std::ranges::copy(reader, body.reader.begin());
    body.share = share;
    body.protocols = protocols;
    return body;
  }
  static wire::Transmit transmit_message(std::int32_t card, std::size_t size, std::uint32_t protocol = 1, std::uint32_t room = 258) {
    wire::Transmit body;
    body.card = card;
    body.send_protocol = protocol;
    body.send_size = static_cast<std::uint32_t>(size);
    body.receive_size = room;
    return body;
  }
  Rv transmit(std::int32_t card, BytesView command, std::uint32_t protocol = 1, std::uint32_t room = 258) {
    return ask(Command::kTransmit, transmit_message(card, command.size(), protocol, room), command).rv;
  }
  Rv status(std::int32_t card) { return ask(Command::kStatus, wire::Status{card, {}}).rv; }
  Rv begin(std::int32_t card) { return ask(Command::kBegin, wire::Begin{card, {}}).rv; }
  Rv end(std::int32_t card, std::uint32_t disposition = wire::kLeave) { return ask(Command::kEnd, wire::End{card, disposition, {}}).rv; }
  Rv disconnect(std::int32_t card, std::uint32_t disposition = wire::kLeave) {
    return ask(Command::kDisconnect, wire::Disconnect{card, disposition, {}}).rv;
  }
  wire::Reconnect reconnect(std::int32_t card, std::uint32_t initialization, std::uint32_t share = wire::kShared,
                            std::uint32_t protocols = 3) {
    return ask(Command::kReconnect, wire::Reconnect{card, share, protocols, initialization, 0, {}});
  }
  Engine::Client& client() { return m_client; }
  BytesView data(std::size_t after) const { return BytesView(step.answer).subspan(after); }

  std::uint32_t context = 0;
  Step step;
  std::vector<Rv> signals;
  int wakes = 0;
  bool hold = false;

 private:
  Engine& m_engine;
  Engine::Client& m_client;
  Bytes m_message;
};

/// Two readers, "R 00 00" with a card and "R 00 01" empty.
struct EngineBench {
  CardStub card;
  CardStub other;
  Engine engine{{{"R 00 00", &card}, {"R 00 01", &other}}, 1};
  FakeClient admin{engine};
  FakeClient a{engine};
  FakeClient b{engine};

  EngineBench() {
    insert(0);
    card.log();
  }
  void insert(std::size_t reader) {
    REQUIRE(admin.proceed(engine.insert(admin.client(), reader, nullptr, admin.step)) == Verdict::kAnswer);
  }
  void eject(std::size_t reader) { REQUIRE(admin.proceed(engine.eject(admin.client(), reader, admin.step)) == Verdict::kAnswer); }
};

}  // namespace uicclab::test
