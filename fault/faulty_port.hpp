// SPDX-License-Identifier: Apache-2.0
// A card with which things go wrong, by rules that come and go while it is in use.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>

#include "core/card_port.hpp"
#include "fault/rule.hpp"
#include "fault/selected_file.hpp"

namespace uicclab::fault {

/// Before any card. Without rules a command goes straight through; only what SELECT selects is followed, for the rules that may come. GET
/// RESPONSE, and the repetition that 6Cxx asks for, belong to the command before them: a rule sees one command
/// and its whole answer, under T=0 as under T=1.
///
/// Threads: the functions of CardPort as always by one caller at a time; those about rules by anybody at any time.
class FaultyPort final : public CardPort {
 public:
  /// Lets the power of the card go at the k-th write from now; 0: at none.
  using CutAtWrite = std::function<void(std::uint32_t k)>;

  /// `card` outlives this object. `cut_at_write` is empty for a card whose writes are not visible.
  explicit FaultyPort(CardPort& card, CutAtWrite cut_at_write = {}) : m_card(card), m_cut_at_write(std::move(cut_at_write)) {}

  // Rules.

  /// The number by which the rule is known. Errors: kUnsupported for "cut write" before a card that cannot do it.
  Result<std::uint32_t> add(Rule rule);
  /// False if there is no such rule. A delay of it that goes on ends.
  bool remove(std::uint32_t number);
  void clear();
  /// The card does not answer a reset, nor anything else, as if it lay in the reader the wrong way round.
  void mute(bool muted) { m_muted = muted; }
  /// No delay any more, now and later: whoever stops the service must not wait for one.
  void release();

  struct Listed {
    std::uint32_t number = 0;
    std::string text;
    std::uint64_t seen = 0;  ///< commands that met the conditions, apart from nth, times and chance
    std::uint64_t done = 0;  ///< of them, those with which it went wrong
  };
  std::vector<Listed> list() const;

  // The card.

  Result<Atr> reset() override;
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override;
  Result<void> select_protocol(Protocol protocol) override { return m_card.select_protocol(protocol); }
  Protocol protocol() const override { return m_card.protocol(); }

 private:
  struct Active {
    Rule rule;
    std::uint32_t number = 0;
    std::uint64_t seen = 0;
    std::uint64_t done = 0;
    SeededRandom random;
  };
  /// What goes wrong with the command under way.
  struct Fired {
    Action action;
    std::uint32_t number = 0;
    std::uint64_t seed = 0;  ///< of random values
  };
  using AllFired = std::vector<Fired>;

  AllFired match(BytesView bytes, const apdu::Command& command);
  Result<Bytes> carry_out(BytesView bytes, AllFired fired);
  Result<Bytes> mutate(BytesView bytes, Bytes answer, const AllFired& fired);
  Bytes serve_rest(BytesView get_response);
  void wait(const Fired& fired);
  void forget_command();
  void count_rules() { m_has_rules = !m_rules.empty(); }

  CardPort& m_card;
  CutAtWrite m_cut_at_write;

  mutable std::mutex m_mutex;  ///< of the rules
  std::condition_variable m_changed;
  std::list<Active> m_rules;
  std::atomic<bool> m_has_rules = false;
  std::uint32_t m_last_number = 0;
  bool m_released = false;
  std::atomic<bool> m_muted = false;

  // The caller's alone.
  SelectedFile m_files;
  Bytes m_asked;                            ///< the command that GET RESPONSE belongs to
  std::optional<apdu::Response> m_waiting;  ///< an answer of ours, for GET RESPONSE
  AllFired m_again;                         ///< for the repetition of m_asked with the right Le
};

}  // namespace uicclab::fault
