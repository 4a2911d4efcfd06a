// SPDX-License-Identifier: Apache-2.0
// The reader's side of vsmartcard's protocol: we listen as vpcd does, and a third-party virtual card connects to us.
#pragma once

#include <chrono>

#include "core/card_port.hpp"
#include "core/net/fd.hpp"
#include "pcsc_bridge/vpcd_frames.hpp"

namespace uicclab::pcsc_bridge {

struct VpcdTimeouts {
  std::chrono::milliseconds card{10'000};    ///< for a card to connect, in reset()
  std::chrono::milliseconds answer{60'000};  ///< for an answer
};

/// A card that connects to a port on 127.0.0.1. If its connection breaks, the next reset() takes the next card.
class VpcdPort final : public CardPort {
 public:
  /// Listens from here on; port 0 takes a free one. Errors: SystemError if the port is taken.
  explicit VpcdPort(std::uint16_t port, VpcdTimeouts timeouts = {});

  /// Errors: kIo if no card connects in time, or it gives no ATR.
  Result<Atr> reset() override;
  /// Errors: kIo if the card is off, gone or does not answer in time; kRange for commands that the protocol cannot carry (1 byte, over
  /// 65,535).
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override;
  /// The protocol says nothing about it: the card speaks what its ATR names first. Errors: kUnsupported for another one.
  Result<void> select_protocol(Protocol protocol) override;
  Protocol protocol() const override { return m_protocol; }

  std::uint16_t port() const { return m_port; }

 private:
  Result<void> wait_for_card();
  Result<void> send(BytesView frame);
  Result<Bytes> exchange(BytesView frame);
  void drop_card();

  VpcdTimeouts m_timeouts;
  net::Fd m_listener;
  net::Fd m_card;
  std::uint16_t m_port = 0;
  bool m_powered = false;
  Atr m_atr;
  Protocol m_protocol = Protocol::kT0;
  vpcd::FrameReader m_frames;
};

}  // namespace uicclab::pcsc_bridge
