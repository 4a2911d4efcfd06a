// SPDX-License-Identifier: Apache-2.0
#include "cli/test/test_cards.hpp"

#include "cli/card/emulated_card.hpp"
#include "cli/card/t1_port.hpp"
#include "cli/test/script_ports.hpp"
#include "core/crypto/random.hpp"
#include "script/guard_port.hpp"
#include "script/restore_port.hpp"

namespace uicclab::cli {
namespace {

std::unique_ptr<Random> make_random(std::optional<std::uint64_t> seed) {
  if (seed) return std::make_unique<SeededRandom>(*seed);
  return std::make_unique<crypto::SystemRandom>();
}

/// A copy of the card as it was before the run.
class CopiedCard final : public script::TestCard {
 public:
  CopiedCard(const emulator::Card& card, const Keyring& keyring, std::optional<std::uint64_t> seed, bool t1)
      : m_random(make_random(seed)), m_card(card.clone(*m_random)), m_ports(keyring, *m_random, true) {
    if (t1) m_t1.emplace(*m_card);
  }
  CardPort& port() override { return m_t1 ? static_cast<CardPort&>(*m_t1) : *m_card; }
  script::PortMaker& ports() override { return m_ports; }
  Random& random() override { return *m_random; }

 private:
  std::unique_ptr<Random> m_random;
  std::unique_ptr<emulator::Card> m_card;
  std::optional<T1Port> m_t1;
  ScriptPorts m_ports;
};

class CopiedCards final : public TestCards {
 public:
  explicit CopiedCards(const TestCardOption& option)
      : m_cards({{option.card.card.size() > 4 ? option.card.card.substr(4) : ""}, option.card.state, 1, option.seed}),
        m_keyring(Keyring::load(option.keys)),
        m_seed(option.seed),
        m_t1(option.card.t1) {}

  bool many() const override { return true; }
  Result<std::unique_ptr<script::TestCard>> card(std::size_t number) override {
    const auto seed = m_seed ? std::optional(*m_seed + number) : std::nullopt;
    return std::make_unique<CopiedCard>(m_cards[0], m_keyring, seed, m_t1);
  }

 private:
  const EmulatedCards m_cards;
  const Keyring m_keyring;
  std::optional<std::uint64_t> m_seed;
  bool m_t1;
};

/// Lets the host end of a secure channel authenticate itself through the guard.
class GuardedPorts final : public script::PortMaker {
 public:
  GuardedPorts(ScriptPorts& ports, script::GuardPort& guard) : m_ports(ports), m_guard(guard) {}
  Result<std::unique_ptr<CardPort>> secure_channel(CardPort& card, const Options& options) override {
    m_guard.allow_authentication(true);
    auto port = m_ports.secure_channel(card, options);
    m_guard.allow_authentication(false);
    return port;
  }
  Result<std::unique_ptr<CardPort>> over_the_air(CardPort& card, const Options& options) override {
    return m_ports.over_the_air(card, options);
  }

 private:
  ScriptPorts& m_ports;
  script::GuardPort& m_guard;
};

/// The card in a reader; all cases run on it, one after the other.
class OneCard final : public TestCards {
 public:
  explicit OneCard(const TestCardOption& option)
      : m_random(make_random(option.seed)),
        m_keyring(Keyring::load(option.keys)),
        m_ports(m_keyring, *m_random, option.fresh),
        m_fresh(option.fresh) {
    Atr atr;
    m_card = option.card.open_unguarded(atr);
    if (option.before) m_before = option.before(m_card->port());
    CardPort& card = m_before ? *m_before : m_card->port();
    m_restore = std::make_unique<script::RestorePort>(card);
    m_guard = std::make_unique<script::GuardPort>(option.restore ? *m_restore : card);
    m_guarded_ports = std::make_unique<GuardedPorts>(m_ports, *m_guard);
    m_guarded = m_card->is_real() && !option.card.yes_i_know;
    m_restores = option.restore;
  }

  bool many() const override { return false; }
  OpenCard* shared() override { return m_card.get(); }
  Result<std::unique_ptr<script::TestCard>> card(std::size_t) override {
    if (m_fresh) {  // off, this resets it twice, and the case once more (cli/card/fresh_card.hpp)
      if (const auto reset = m_card->port().reset(); !reset) return tl::unexpected(reset.error());
    }
    return std::make_unique<Borrowed>(*this);
  }

 private:
  class Borrowed final : public script::TestCard {
   public:
    explicit Borrowed(OneCard& owner) : m_owner(owner) {}
    CardPort& port() override { return m_owner.port(); }
    Result<void> finish() override { return m_owner.m_restore->restore(); }
    script::PortMaker& ports() override {
      return m_owner.m_guarded ? static_cast<script::PortMaker&>(*m_owner.m_guarded_ports) : m_owner.m_ports;
    }
    Random& random() override { return *m_owner.m_random; }

   private:
    OneCard& m_owner;
  };

  std::unique_ptr<Random> m_random;
  const Keyring m_keyring;
  ScriptPorts m_ports;
  CardPort& port() {
    if (m_guarded) return *m_guard;
    if (m_restores) return *m_restore;
    return m_before ? *m_before : m_card->port();
  }

  std::unique_ptr<OpenCard> m_card;
  std::unique_ptr<CardPort> m_before;
  std::unique_ptr<script::RestorePort> m_restore;
  std::unique_ptr<script::GuardPort> m_guard;
  std::unique_ptr<GuardedPorts> m_guarded_ports;
  bool m_fresh;
  bool m_guarded = true;
  bool m_restores = false;
};

/// A copy that was made for a rehearsal.
class CopyInUse final : public TestCards {
 public:
  CopyInUse(CardPort& copy, const TestCardOption& option)
      : m_copy(copy), m_random(make_random(option.seed)), m_keyring(Keyring::load(option.keys)), m_ports(m_keyring, *m_random, true) {}
  bool many() const override { return false; }
  Result<std::unique_ptr<script::TestCard>> card(std::size_t) override { return std::make_unique<Borrowed>(*this); }

 private:
  class Borrowed final : public script::TestCard {
   public:
    explicit Borrowed(CopyInUse& owner) : m_owner(owner) {}
    CardPort& port() override { return m_owner.m_copy; }
    script::PortMaker& ports() override { return m_owner.m_ports; }
    Random& random() override { return *m_owner.m_random; }

   private:
    CopyInUse& m_owner;
  };

  CardPort& m_copy;
  std::unique_ptr<Random> m_random;
  const Keyring m_keyring;
  ScriptPorts m_ports;
};

}  // namespace

std::unique_ptr<TestCards> cards_of_copy(CardPort& copy, const TestCardOption& option) {
  return std::make_unique<CopyInUse>(copy, option);
}

void TestCardOption::add_to(App& command) {
  card.add_to(command);
  command
      .add_option("--keys", keys,
                  "Keyring file (TOML) for the blocks 'in scp03' and 'over ota'; 'default' has the keys of the built-in test card")
      ->capture_default_str();
  command.add_flag("--fresh", fresh, "The card in the reader is one of 'uicclab run --fresh': each case begins with its original state");
  command.add_flag("--restore", restore,
                   "Restore on the card in the reader what UPDATE BINARY and UPDATE RECORD change; skip cases that change more");
  command.add_option("--seed", seed, "Fixed randomness of emulated cards and scripts, so that a run can be repeated");
}

std::unique_ptr<TestCards> open_test_cards(const TestCardOption& option) {
  const bool emulated = option.card.card == "sim" || option.card.card.starts_with("sim:");
  if (emulated && (option.fresh || option.restore))
    throw Exit{kUsage, "--fresh and --restore are for a card in a reader; an emulated card is a copy in each case anyway"};
  if (emulated && !option.before) return std::make_unique<CopiedCards>(option);
  return std::make_unique<OneCard>(option);
}

}  // namespace uicclab::cli
