// SPDX-License-Identifier: Apache-2.0
// Where a client's secure channel ends before a card that is secured in another way, over the air for example: the client opens a session
// with this port (Amd D clause 7.1), its plain commands go on to the port below, and their responses come back protected.
#pragma once

#include "core/card_port.hpp"
#include "scp03/card_session.hpp"

namespace uicclab::scp03 {

/// Commands without secure messaging pass unchanged. The keys of PUT KEY are deciphered and enciphered again for the card
/// below.
class GatewayPort final : public CardPort {
 public:
  struct Settings {
    KeySet keys;
    Mode mode;
    Aid domain;
    std::unique_ptr<KeyCipher> below;  ///< how the card below wants its new keys; without it PUT KEY is refused with 6985
  };
  /// `port` and `random` outlive this object. The sequence counter starts again with it.
  GatewayPort(CardPort& port, Settings settings, Random& random) : m_port(port), m_settings(std::move(settings)), m_random(random) {}

  Result<Atr> reset() override;
  /// Answers at once, whatever the protocol. Errors: those of the port.
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override;
  Result<void> select_protocol(Protocol protocol) override { return m_port.select_protocol(protocol); }
  Protocol protocol() const override { return m_port.protocol(); }

 private:
  class Counter final : public SequenceCounter {
   public:
    std::optional<std::uint32_t> advance() override { return ++m_value; }

   private:
    std::uint32_t m_value = 0;
  };

  Result<Bytes> transmit_secured(const apdu::Command& command);
  Result<apdu::Response> put_key(const apdu::Command& plain);

  CardPort& m_port;
  Settings m_settings;
  Random& m_random;
  Counter m_counter;
  CardSession m_session;
};

}  // namespace uicclab::scp03
