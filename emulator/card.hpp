// SPDX-License-Identifier: Apache-2.0
// The emulated UICC as the terminal sees it: power, protocol, and the rules of T=0 and T=1 around the command path.
// ETSI TS 102 221 clauses 7.2, 7.3 and 10.1.
#pragma once

#include <array>
#include <memory>

#include "core/card_port.hpp"
#include "core/environment.hpp"
#include "emulator/execution.hpp"

namespace uicclab::emulator {

/// One card. It is off until reset(); what it keeps is in its Nvm.
///
/// Nothing that is thrown leaves it: the answer is 6F00, or 6581 if the medium of its memory failed, and the card is as before the command;
/// without memory even for that it is off.
///
/// The way of a command: transmit() -> class and channel -> GET RESPONSE, or run_transaction() (command_table.hpp) -> present(), which
/// makes of data and status what the protocol lets through: 61xx, 6Cxx, 91xx.
class Card final : public CardPort {
 public:
  /// `random` and `clock` must outlive the card. `store` may be null (memory only).
  Card(std::shared_ptr<const CardImage> image, Random& random, const Clock& clock, std::unique_ptr<NvmStore> store = nullptr);
  ~Card() override;

  /// Another card with the same memory, off and without a store, for a rehearsal: try on it, look, throw it away. It costs a copy of what
  /// the card has written since personalisation. `random` must outlive it; the card's own would be moved on by the rehearsal.
  std::unique_ptr<Card> clone(Random& random) const;

  Result<Atr> reset() override;
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override;
  Result<void> select_protocol(Protocol protocol) override;
  Protocol protocol() const override { return m_session ? m_session->protocol : Protocol::kT0; }

  /// A command that comes from elsewhere than the terminal, on `channel` and with the terminal's security status: `handler` in a
  /// transaction of its own. The card must be on. Errors: as transmit().
  Result<StatusWord> run(ChannelState& channel, const apdu::Command& command, Handler handler);

  /// Another partition (emulator/partition.hpp), in addition to number 0, which the card was made with: it is not in use. The same
  /// ones are added each time the card is made, before its first reset. Its number, from 1.
  std::uint32_t add_partition(std::shared_ptr<const CardImage> image, std::unique_ptr<NvmStore> store = nullptr);
  /// The number of the one that is in use; partition 0 remembers it.
  std::uint32_t partition() const;
  /// Another one is in use now, if the card is on, and after each reset; Session::use_partition() says what becomes of the session.
  /// Errors: kNotFound no such partition; kRefused catBusy: the toolkit session is busy (SGP.22 clause 5.7.16); kIo: the card is off then.
  Result<void> use_partition(std::uint32_t number);

  /// Of the partition in use. Throws SystemError if the card does not have it.
  Nvm& nvm() { return m_session ? m_session->nvm() : in_use(); }
  /// Of all partitions.
  void set_observer(WriteObserver* observer);
  /// Null if the card is off.
  Session* session() { return m_session.get(); }

 private:
  Card(Nvm nvm, Random& random, const Clock& clock);

  struct Waiting {
    Bytes data;
    std::size_t offset = 0;
    StatusWord status;
    std::uint8_t channel = 0;
    bool gsm = false;  ///< of class A0: a shorter GET RESPONSE ends it
    /// Set after 6Cxx: the command that gets it when it is repeated with the right Le. GET RESPONSE gets nothing then.
    std::optional<std::array<std::uint8_t, 4>> header = {};
  };
  /// A command's channel, and by which rules it is answered.
  enum class Rules { kUicc, kGsm, kJcre };
  struct Address {
    std::uint8_t plain = 0;  ///< the class without the channel; secure messaging as in 0X and 8X
    std::uint8_t channel = 0;
    Rules rules = Rules::kUicc;
    std::uint8_t sent = 0;  ///< the class as it came
  };

  using Others = std::vector<std::unique_ptr<Nvm>>;

  Nvm* find(std::uint32_t partition);
  Nvm& in_use();
  Atr start();
  void end_session();
  /// Nothing is selected yet on the basic channel.
  void begin();
  /// In a catch block: what becomes of a command out of which something was thrown. Its transaction has taken everything back.
  Result<StatusWord> after_exception();
  Bytes process(BytesView bytes);
  /// Nothing for a class that no application on this card has.
  std::optional<Address> address_of(std::uint8_t cla) const;
  bool is_repeated(BytesView bytes) const;
  Bytes get_response(BytesView bytes, const std::optional<Address>& to);
  Bytes run_on_channel(const apdu::Command& command, const Address& to);
  Bytes present(const apdu::Command& command, StatusWord status, const Address& to);
  Bytes deliver_waiting(std::size_t size);
  StatusWord with_proactive(StatusWord status) const;

  Nvm m_nvm;
  std::unique_ptr<Others> m_others;  ///< partitions from 1; null: there are none
  Random& m_random;
  const Clock& m_clock;
  std::unique_ptr<Session> m_session;
  std::unique_ptr<Waiting> m_waiting;  ///< data for GET RESPONSE
};

}  // namespace uicclab::emulator
