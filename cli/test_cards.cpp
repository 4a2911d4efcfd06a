#include "cli/test_cards.hpp"

#include "cli/emulated_card.hpp"
#include "core/crypto/random.hpp"

namespace uicclab::cli {
namespace {

/// No keys: the blocks "in scp03" and "over ota" are refused.
class NoPorts final : public script::PortMaker {
 public:
  Result<std::unique_ptr<CardPort>> secure_channel(CardPort&, const Options&) override { return fail(ErrorCode::kIo, "no keys"); }
  Result<std::unique_ptr<CardPort>> over_the_air(CardPort&, const Options&) override { return fail(ErrorCode::kIo, "no keys"); }
};

std::unique_ptr<Random> make_random(std::optional<std::uint64_t> seed) {
  if (seed) return std::make_unique<SeededRandom>(*seed);
  return std::make_unique<crypto::SystemRandom>();
}

/// A copy of the card as it was before the run.
class FreshCard final : public script::TestCard {
 public:
  FreshCard(const emulator::Card& card, std::optional<std::uint64_t> seed) : m_random(make_random(seed)), m_card(card.clone(*m_random)) {}
  CardPort& port() override { return *m_card; }
  script::PortMaker& ports() override { return m_ports; }
  Random& random() override { return *m_random; }

 private:
  std::unique_ptr<Random> m_random;
  std::unique_ptr<emulator::Card> m_card;
  NoPorts m_ports;
};

class FreshCards final : public TestCards {
 public:
  explicit FreshCards(const TestCardOption& option)
      : m_cards({option.card.card.size() > 4 ? option.card.card.substr(4) : "", option.card.state, 1, option.seed}), m_seed(option.seed) {}

  bool many() const override { return true; }
  Result<std::unique_ptr<script::TestCard>> card(std::size_t number) override {
    const auto seed = m_seed ? std::optional(*m_seed + number) : std::nullopt;
    return std::make_unique<FreshCard>(m_cards[0], seed);
  }

 private:
  const EmulatedCards m_cards;
  std::optional<std::uint64_t> m_seed;
};

/// The card in a reader; all cases run on it, one after the other.
class OneCard final : public TestCards {
 public:
  explicit OneCard(const TestCardOption& option) : m_random(make_random(option.seed)) {
    Atr atr;
    m_card = option.card.open(atr);
  }

  bool many() const override { return false; }
  Result<std::unique_ptr<script::TestCard>> card(std::size_t) override { return std::make_unique<Borrowed>(*this); }

 private:
  class Borrowed final : public script::TestCard {
   public:
    explicit Borrowed(OneCard& owner) : m_owner(owner) {}
    CardPort& port() override { return m_owner.m_card->port(); }
    script::PortMaker& ports() override { return m_owner.m_ports; }
    Random& random() override { return *m_owner.m_random; }

   private:
    OneCard& m_owner;
  };

  std::unique_ptr<Random> m_random;
  std::unique_ptr<OpenCard> m_card;
  NoPorts m_ports;
};

}  // namespace

void TestCardOption::add_to(CLI::App& command) {
  card.add_to(command);
  command.add_option("--seed", seed, "Fixed randomness of emulated cards and scripts, so that a run can be repeated");
}

std::unique_ptr<TestCards> open_test_cards(const TestCardOption& option) {
  if (option.card.card == "sim" || option.card.card.starts_with("sim:")) return std::make_unique<FreshCards>(option);
  return std::make_unique<OneCard>(option);
}

}  // namespace uicclab::cli
