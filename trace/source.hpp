// SPDX-License-Identifier: Apache-2.0
// Where the events of a trace come from: capture files, logs in text, datagrams as they arrive.
#pragma once

#include <istream>
#include <map>
#include <memory>
#include <optional>

#include "core/gsmtap.hpp"
#include "core/net/fd.hpp"
#include "core/trace_reading.hpp"

namespace uicclab::trace {

/// Events one after the other.
class Source {
 public:
  virtual ~Source() = default;
  /// Nothing at the end. An error ends the source and says where: an offset in a capture, in the text the line of a log.
  virtual Result<std::optional<RecordedEvent>> next() = 0;
  /// The number of skipped items that are not about a card: other packets, lines of other logs.
  virtual std::size_t passed_over() const = 0;
};

/// The source for what the stream holds, by its first bytes: pcap or pcapng with GSMTAP to `port`, or a log (log.hpp).
/// `in` is binary and outlives the source.
std::unique_ptr<Source> open_source(std::istream& in, std::uint16_t port = kGsmtapPort);

/// Makes events of GSMTAP packets: an ATR, or an exchange, also one that comes in pieces (header, data, status word). Each sender is a
/// card, in the order in which they appear.
class GsmtapEvents {
 public:
  /// Senders beyond so many share the last number.
  static constexpr std::size_t kMaxCards = 256;

  /// Nothing for what is no GSMTAP of a card, and for a piece that does not end an exchange.
  std::optional<RecordedEvent> event(BytesView sender, BytesView packet);
  /// The packet before was a piece of an exchange: nothing was passed over.
  bool took_piece() const { return m_took_piece; }

 private:
  std::optional<RecordedEvent> piece(unsigned card, const GsmtapSim& sim);
  std::optional<std::size_t> size_of_command(unsigned card, BytesView exchange);

  std::map<Bytes, unsigned> m_cards;
  std::map<unsigned, RecordedEvent> m_pieces;
  bool m_took_piece = false;
  std::map<unsigned, Bytes> m_refused;  ///< the command of each card that was answered 6Cxx just now
};

/// Receives GSMTAP datagrams on 127.0.0.1.
class LiveSource final : public Source {
 public:
  /// Port 0: any. Errors: SystemError if the port cannot be had.
  explicit LiveSource(std::uint16_t port);

  std::uint16_t port() const;
  /// Waits. Nothing once stop() was called.
  Result<std::optional<RecordedEvent>> next() override;
  std::size_t passed_over() const override { return m_passed_over; }
  /// Ends next(), also from a signal handler.
  void stop();

 private:
  GsmtapEvents m_events;
  std::size_t m_passed_over = 0;
  net::Fd m_socket;
};

}  // namespace uicclab::trace
