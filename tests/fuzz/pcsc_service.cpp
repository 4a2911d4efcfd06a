// SPDX-License-Identifier: Apache-2.0
// The service's engine: three lying clients, two cards that come and go, commands that take their time. Whatever happens, nobody waits for
// a free card, the books of the readers are right, and everything is given back at the end.
//
// Input: one byte of action, then what it needs: 0-2 a message of this client as it comes over the socket (bit 7: with its own handle in
// it), 4-6 this client dies and comes anew, 8-11 the card of reader 0 or 1 is put in or taken out, 12 the oldest command under way ends.
#include <array>
#include <cstring>
#include <optional>

#include "core/reader.hpp"
#include "pcsc_bridge/engine.hpp"
#include "tests/support/fuzz.hpp"

namespace {

using namespace uicclab;
using namespace uicclab::pcsc_bridge;
using test::require;

/// Answers with as many bytes as P2 says, fails if P1 is FF.
class Card final : public CardPort {
 public:
  Result<Atr> reset() override { return Atr{0x3B, 0x80, 0x80, 0x01, 0x01}; }
  Result<Bytes> transmit(BytesView command) override {
    if (command.size() > 3 && command[2] == 0xFF) return fail(ErrorCode::kIo, "torn");
    return Bytes(command.size() > 3 ? command[3] : 2);
  }
  void power_off() override {}
  Result<void> select_protocol(Protocol) override { return {}; }
};

class FuzzClient final : public Peer {
 public:
  explicit FuzzClient(Engine& engine) : m_engine(engine) { come(); }

  void signal(BytesView bytes) override { require(bytes.size() == sizeof(wire::WaitEnd), "a signal is one structure"); }
  void wake() override { m_woken = true; }

  /// Not in the middle of an operation.
  bool idle() const { return m_state == State::kIdle; }
  bool working() const { return m_state == State::kCard; }
  bool works_with(const FuzzClient& other) const { return working() && other.working() && m_step.task.port == other.m_step.task.port; }

  void send(BytesView message, bool own_handle) {
    m_message = to_bytes(message);
    // Every request about a card begins with its handle.
    if (own_handle && m_handle && m_message.size() >= sizeof(wire::Header) + sizeof(*m_handle)) {
      std::memcpy(m_message.data() + sizeof(wire::Header), &*m_handle, sizeof(*m_handle));
    }
    m_dying = false;
    start();
  }
  void die() {
    if (m_state == State::kCard) return;
    m_dying = true;
    start();
  }
  void work() {
    m_step.result = run(m_step.task);
    proceed(m_engine.finish(*m_client, m_step));
  }
  /// Tries again what it was woken for. True if it did.
  bool retry() {
    if (m_state != State::kParked || !std::exchange(m_woken, false)) return false;
    start();
    return true;
  }

 private:
  enum class State { kIdle, kParked, kCard };

  void come() {
    m_client = &m_engine.add(*this);
    m_handle.reset();
    m_state = State::kIdle;
    wire::Establish establish;
    Bytes message;
    wire::write(message, wire::Header{sizeof(establish), wire::Command::kEstablish});
    wire::write(message, establish);
    require(m_engine.handle(*m_client, message, m_step) == Verdict::kAnswer, "a context is there at once");
    m_context = wire::read<wire::Establish>(m_step.answer).context;
  }
  void start() {
    if (!m_dying && wire::read<wire::Header>(m_message).command == wire::Command::kConnect) {
      std::memcpy(m_message.data() + sizeof(wire::Header), &m_context, sizeof(m_context));
    }
    proceed(m_dying ? m_engine.close(*m_client, m_step) : m_engine.handle(*m_client, m_message, m_step));
  }
  void proceed(Verdict verdict) {
    m_state = verdict == Verdict::kPark ? State::kParked : verdict == Verdict::kCard ? State::kCard : State::kIdle;
    if (verdict == Verdict::kDrop) return die();
    if (verdict != Verdict::kAnswer) return;
    if (m_dying) {
      m_engine.remove(*m_client);
      return come();
    }
    if (wire::read<wire::Header>(m_message).command != wire::Command::kConnect) return;
    const auto answer = wire::read<wire::Connect>(m_step.answer);
    if (answer.rv == wire::Rv::kSuccess) m_handle = answer.card;
  }

  Engine& m_engine;
  Engine::Client* m_client = nullptr;
  Step m_step;
  Bytes m_message;
  std::uint32_t m_context = 0;
  std::optional<std::int32_t> m_handle;
  State m_state = State::kIdle;
  bool m_dying = false;
  bool m_woken = false;
};

class Bench {
 public:
  void run(ByteReader in) {
    while (const auto action = in.u8()) {
      const unsigned number = *action & 0x3F;
      if (number < 3) {
        auto& client = m_clients[number];
        const auto size = wire::message_size(in.rest());
        if (!size || *size == 0) return;
        const auto message = in.bytes(*size);
        if (!message) return;
        if (client.idle()) client.send(*message, (*action & 0x80) != 0);
      } else if (number >= 4 && number < 7) {
        m_clients[number - 4].die();
      } else if (number >= 8 && number < 12) {
        move_card(number & 1, (number & 2) != 0);
      } else if (number == 12) {
        work_once();
      }
      settle();
      require(!m_clients[0].works_with(m_clients[1]) && !m_clients[0].works_with(m_clients[2]) && !m_clients[1].works_with(m_clients[2]),
              "a card does one thing at a time");
    }
    finish();
  }

 private:
  void move_card(std::size_t reader, bool insert) {
    if (std::ranges::any_of(m_clients, &FuzzClient::working)) return;  // the administrator would wait
    Step step;
    Administrator nobody;
    auto& admin = m_engine.add(nobody);
    auto verdict = insert ? m_engine.insert(admin, reader, nullptr, step) : m_engine.eject(admin, reader, step);
    if (verdict == Verdict::kCard) {
      step.result = pcsc_bridge::run(step.task);
      verdict = m_engine.finish(admin, step);
    }
    if (verdict == Verdict::kPark) m_engine.close(admin, step);
    m_engine.remove(admin);
  }
  bool work_once() {
    const auto working = std::ranges::find_if(m_clients, &FuzzClient::working);
    if (working == m_clients.end()) return false;
    working->work();
    return true;
  }
  void settle() {
    for (bool again = true; again;) {
      again = false;
      for (auto& client : m_clients) again = client.retry() || again;
    }
  }
  void finish() {
    do {
      settle();
    } while (work_once());
    for (auto& client : m_clients) {
      client.die();
      do {
        settle();
      } while (work_once());
      require(client.idle(), "who dies does not wait for ever");
    }
    for (std::size_t i = 0; i < m_engine.reader_count(); ++i) require(m_engine.state(i).sharing == 0, "nobody uses the reader");
  }

  struct Administrator final : Peer {
    void signal(BytesView) override {}
    void wake() override {}
  };

  std::array<Card, 2> m_cards;
  Engine m_engine{{{"R 00 00", &m_cards[0]}, {"R 00 01", &m_cards[1]}}, 1};
  std::array<FuzzClient, 3> m_clients{FuzzClient{m_engine}, FuzzClient{m_engine}, FuzzClient{m_engine}};
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  Bench().run(ByteReader({data, size}));
  return 0;
}
