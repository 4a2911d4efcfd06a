// SPDX-License-Identifier: Apache-2.0
#include "cli/serve/served_cards.hpp"

#include "cli/gp/applet_files.hpp"

namespace uicclab::cli {
namespace {

/// "2 cards of profile "default", memory kept in my.card"; "2 cards of profiles "a", "b"".
std::string describe(const EmulatedCards& cards, const EmulatedCards::Options& options) {
  std::string out = std::to_string(cards.size()) + (cards.size() == 1 ? " card" : " cards");
  const bool several = options.profiles.size() > 1;
  out += several ? " of profiles " : " of profile ";
  for (std::size_t i = 0; i < (several ? cards.size() : 1); ++i) out += (i == 0 ? "\"" : ", \"") + cards.image(i).settings().name + "\"";
  return out + (options.state.empty() ? "" : ", memory kept in " + options.state);
}

/// One of ours, for card management before anybody else has it.
class OwnCard final : public OpenCard {
 public:
  explicit OwnCard(emulator::Card& card) : m_card(card) {
    if (auto on = m_card.reset(); !on) throw Exit{kEnvironment, on.error().text};
  }
  ~OwnCard() override { m_card.power_off(); }
  CardPort& port() override { return m_card; }
  emulator::Card* emulated() override { return &m_card; }

 private:
  emulator::Card& m_card;
};

}  // namespace

void ServedCardsOption::add_cards_to(App& command) {
  command.add_option("--cards", cards.count, "Number of readers, each with a card in it; default: 1, or one for each --profile")
      ->check(Range{1, kMaxReaders});
  command
      .add_option("--profile", cards.profiles,
                  "Personalisation profile; default: the built-in test card; may be repeated: one reader for each")
      ->allow_extra_args(false)
      ->take_all();
  command.add_option("--state", cards.state, "Keep the cards' memory in this SQLite file; default: the memory is lost at the end");
  command.add_option("--card", card, "Serve a card that is not emulated: pcsc[:NAME] or vpcd:PORT");
}

void ServedCardsOption::add_to(App& command) {
  add_cards_to(command);
  via.add_to(command);
  command.add_flag("--fresh", fresh, "Cards for 'uicclab test --fresh': three resets in a row return them to their initial state");
  command.add_option("--fault", faults, "RULE: faults of the cards, as for 'uicclab ctl fault add' (docs/faults.md)")
      ->allow_extra_args(false)
      ->take_all();
  command
      .add_option("--applet", applets,
                  "FILE.cap[,NAME=VALUE]: load a CAP file and install its applets first, all or that of module=AID; aid=AID names it, "
                  "params=HEX is for its "
                  "install(), verify=strict refuses code whose types do not fit (keys: --keys); may be repeated")
      ->allow_extra_args(false)
      ->take_all();
  via.link.security.add_keys_to(command);
}

ServedCards::ServedCards(const ServedCardsOption& option) {
  if (option.given) {
    m_opened = option.given->open(m_atrs.emplace_back());
    m_ports.push_back(&m_opened->port());
    m_description = option.given->description;
  } else if (option.card.empty()) {
    m_emulated.emplace(option.cards);
    install_applets(option);
    for (std::size_t i = 0; i < m_emulated->size(); ++i) {
      emulator::Card& card = (*m_emulated)[i];
      if (option.fresh) {
        m_ports.push_back(m_fresh.emplace_back(std::make_unique<FreshCard>(card, m_random)).get());
      } else {
        m_ports.push_back(m_bench.emplace_back(std::make_unique<BenchCard>(card)).get());
      }
    }
    m_description = describe(*m_emulated, option.cards);
    for (std::size_t i = 0; i < m_emulated->size(); ++i) m_atrs.push_back(m_emulated->image(i).settings().atr);
  } else {
    if (!option.cards.profiles.empty() || !option.cards.state.empty() || option.cards.count.value_or(1) != 1 || option.fresh ||
        !option.applets.empty()) {
      throw Exit{kUsage,
                 "--card serves one existing card: --profile, --state, --cards, --fresh and --applet are not possible ('uicclab gp "
                 "install' loads a CAP file onto such a card)"};
    }
    CardOption other;
    other.card = option.card;
    m_opened = other.open_unguarded(m_atrs.emplace_back());
    m_ports.push_back(&m_opened->port());
    m_description = "the card of " + option.card;
  }
  if (option.via.is_set()) {
    for (CardPort*& port : m_ports) {
      port =
          &m_over_the_air.emplace_back(std::make_unique<OverTheAir>(*port, option.via, m_emulated && option.cards.state.empty()))->port();
    }
    m_description += ", over the air to " + option.via.security().tar;
  }
  add_faults(option.faults);
}

void ServedCards::install_applets(const ServedCardsOption& option) {
  if (option.applets.empty()) return;
  const AppletFiles files(option.applets);
  KeySource keys;
  keys.from = option.via.link.security.keys;
  keys.key_card = option.via.link.security.key_card;
  for (std::size_t i = 0; i < m_emulated->size(); ++i) {
    OwnCard card((*m_emulated)[i]);
    m_applets = files.install(card, keys);
  }
}

void ServedCards::add_faults(const std::vector<std::string>& rules) {
  for (std::size_t i = 0; i < m_ports.size(); ++i) {
    fault::FaultyPort::CutAtWrite cut;
    if (BenchCard* card = bench(i)) cut = [card](std::uint32_t k) { card->cut_at_write(k); };
    m_faults.push_back(std::make_unique<fault::FaultyPort>(*m_ports[i], cut));
    m_ports[i] = m_faults.back().get();
    for (const std::string& text : rules) {
      auto rule = fault::Rule::parse(text);
      const auto added = rule ? m_faults.back()->add(*std::move(rule)) : tl::unexpected(rule.error());
      if (!added) throw Exit{kUsage, "--fault '" + text + "': " + added.error().text};
    }
  }
}

ServedCards::~ServedCards() = default;

}  // namespace uicclab::cli
