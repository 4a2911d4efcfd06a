// SPDX-License-Identifier: Apache-2.0
#include "cli/card/card_option.hpp"

#include "cli/card/cloned_card.hpp"
#include "cli/card/emulated_card.hpp"
#include "cli/card/replay_card.hpp"
#include "cli/card/t1_port.hpp"
#include "cli/common/app_with_card.hpp"
#include "core/crypto/random.hpp"
#include "pcsc_bridge/pcsc_reader_port.hpp"
#include "pcsc_bridge/vpcd_port.hpp"

namespace uicclab::cli {
namespace {

class CopiedCard final : public OpenCard {
 public:
  explicit CopiedCard(const emulator::Card& card) : m_card(card.clone(m_random)) {}
  CardPort& port() override { return *m_card; }
  emulator::Card* emulated() override { return m_card.get(); }

 private:
  crypto::SystemRandom m_random;
  std::unique_ptr<emulator::Card> m_card;
};

class SimCard final : public OpenCard {
 public:
  SimCard(const std::string& profile, const std::string& state) : m_cards({{profile}, state, 1, std::nullopt}) {}
  CardPort& port() override { return m_cards[0]; }
  emulator::Card* emulated() override { return &m_cards[0]; }
  std::unique_ptr<OpenCard> clone() const override { return std::make_unique<CopiedCard>(m_cards[0]); }

 private:
  EmulatedCards m_cards;
};

class OtherCard final : public OpenCard {
 public:
  explicit OtherCard(std::unique_ptr<CardPort> port) : m_port(std::move(port)) {}
  ~OtherCard() override { m_port->power_off(); }
  CardPort& port() override { return *m_port; }
  std::unique_ptr<OpenCard> clone() const override { return std::make_unique<ClonedCard>(*m_port); }
  bool is_real() const override { return true; }

 private:
  std::unique_ptr<CardPort> m_port;
};

class BorrowedCard final : public OpenCard {
 public:
  BorrowedCard(CardPort& port, bool real) : m_port(port), m_real(real) {}
  CardPort& port() override { return m_port; }
  bool is_real() const override { return m_real; }

 private:
  CardPort& m_port;
  bool m_real;
};

class TracedCard final : public OpenCard {
 public:
  TracedCard(std::unique_ptr<OpenCard> card, TraceSink& sink) : m_card(std::move(card)), m_port(m_card->port(), sink, m_clock) {}
  CardPort& port() override { return m_port; }
  std::unique_ptr<OpenCard> clone() const override { return m_card->clone(); }
  bool is_real() const override { return m_card->is_real(); }

 private:
  std::unique_ptr<OpenCard> m_card;
  SystemClock m_clock;
  TracePort m_port;
};

class GuardedCard final : public OpenCard {
 public:
  explicit GuardedCard(std::unique_ptr<OpenCard> card) : m_card(std::move(card)), m_guard(m_card->port()) {}
  CardPort& port() override { return m_guard; }
  std::unique_ptr<OpenCard> clone() const override { return m_card->clone(); }
  bool is_real() const override { return m_card->is_real(); }
  script::GuardPort* guard() override { return &m_guard; }

 private:
  std::unique_ptr<OpenCard> m_card;
  script::GuardPort m_guard;
};

class CardAtT1 final : public OpenCard {
 public:
  explicit CardAtT1(std::unique_ptr<OpenCard> card) : m_card(std::move(card)), m_port(m_card->port()) {}
  CardPort& port() override { return m_port; }
  std::unique_ptr<OpenCard> clone() const override {
    auto copy = m_card->clone();
    return copy == nullptr ? nullptr : std::make_unique<CardAtT1>(std::move(copy));
  }
  emulator::Card* emulated() override { return m_card->emulated(); }
  bool is_real() const override { return m_card->is_real(); }

 private:
  std::unique_ptr<OpenCard> m_card;
  T1Port m_port;
};

unsigned port_number(const std::string& text) {
  try {
    std::size_t used = 0;
    const unsigned long value = std::stoul(text, &used);
    if (used == text.size() && value >= 1 && value <= 65535) return static_cast<unsigned>(value);
  } catch (const std::logic_error&) {  // no number at all: the same message
  }
  throw Exit{kUsage, "'" + text + "' is not a TCP port: vpcd:PORT, for example vpcd:35963"};
}

void add_danger(App& command, bool& yes_i_know) {
  command.add_flag("--yes-i-know", yes_i_know,
                   "Allow operations that can permanently block a real card: wrong PINs and keys, TERMINATE, keys, content, life cycle");
}

std::unique_ptr<OpenCard> make(const std::string& card, const std::string& state) {
  const std::size_t colon = card.find(':');
  const std::string kind = card.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : card.substr(colon + 1);
  if (kind == "sim") return std::make_unique<SimCard>(rest, state);
  if (!state.empty()) throw Exit{kUsage, "--state keeps an emulated card: --card sim"};
  if (kind == "pcsc") {
    auto port = pcsc_bridge::PcscReaderPort::open(rest);
    if (!port) throw Exit{kEnvironment, port.error().text};
    return std::make_unique<OtherCard>(std::move(*port));
  }
  if (kind == "vpcd")
    return std::make_unique<OtherCard>(std::make_unique<pcsc_bridge::VpcdPort>(static_cast<std::uint16_t>(port_number(rest))));
  if (kind == "replay") return open_replay(rest);
  throw Exit{kUsage, "--card " + card + ": it must be sim[:PROFILE], pcsc[:NAME], vpcd:PORT or replay:[loose:]FILE"};
}

}  // namespace

void CardOption::add_to(App& command) {
  if (AppWithCard* shell = AppWithCard::above(command)) {
    borrowed = &shell->card;
    borrowed_real = shell->is_real;
    add_danger(command, yes_i_know);
    return;
  }
  command
      .add_option("--card", card,
                  "sim[:PROFILE] an emulated card, pcsc[:NAME] a reader whose name contains NAME, vpcd:PORT a card that connects to us, "
                  "replay:[loose:]FILE a recording")
      ->capture_default_str();
  command.add_option("--state", state, "Keep the emulated card's memory in this SQLite file");
  command.add_flag("--t1", t1, "Use T=1; an error if the card or the reader does not support it");
  add_danger(command, yes_i_know);
}

std::unique_ptr<OpenCard> CardOption::open(Atr& atr, TraceSink* trace) const {
  auto opened = open_unguarded(atr, trace);
  if (opened->is_real() && !yes_i_know) opened = std::make_unique<GuardedCard>(std::move(opened));
  return opened;
}

std::unique_ptr<OpenCard> CardOption::open_unguarded(Atr& atr, TraceSink* trace) const {
  std::unique_ptr<OpenCard> opened;
  if (borrowed != nullptr) {
    opened = std::make_unique<BorrowedCard>(*borrowed, borrowed_real);
  } else {
    opened = make(card, state);
  }
  if (trace != nullptr) opened = std::make_unique<TracedCard>(std::move(opened), *trace);
  if (t1) opened = std::make_unique<CardAtT1>(std::move(opened));
  auto answer = opened->port().reset();
  if (!answer) throw Exit{kEnvironment, answer.error().text};
  atr = std::move(*answer);
  return opened;
}

}  // namespace uicclab::cli
