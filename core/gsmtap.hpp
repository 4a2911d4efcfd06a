// SPDX-License-Identifier: Apache-2.0
// GSMTAP version 2, type SIM: a card's traffic as packets that Wireshark shows (libosmocore gsmtap.h; UDP port 4729).
#pragma once

#include <mutex>
#include <optional>
#include <ostream>

#include "core/net/fd.hpp"
#include "core/trace.hpp"

namespace uicclab {

inline constexpr std::uint16_t kGsmtapPort = 4729;

/// The GSMTAP packet of an event: an exchange (command, data and status word as one string of bytes) or an ATR. Nothing for other
/// events, and for those longer than a UDP datagram can be (65,507 bytes).
std::optional<Bytes> gsmtap_packet(const TraceEvent& event);

/// What a GSMTAP packet of type SIM holds (sub-types of libosmocore's gsmtap.h).
struct GsmtapSim {
  enum SubType : std::uint8_t {
    kApdu = 0,
    kAtr = 1,
    kPpsRequest = 2,
    kPpsResponse = 3,
    kTpduHeader = 4,
    kTpduCommand = 5,
    kTpduResponse = 6,
    kTpduStatus = 7
  };
  std::uint8_t sub_type = kApdu;
  BytesView bytes;  ///< into the packet: an ATR, or command, data and status word as one string
};
/// Errors: kTruncated, kMalformed (a header of fewer than 16 bytes), kUnsupported (another version, another type).
Result<GsmtapSim> parse_gsmtap(BytesView packet);

/// Writes a capture file: packets from UDP port 49152 + number of the card, which keeps several cards apart, to port 4729 on 127.0.0.1.
class PcapTrace final : public TraceSink {
 public:
  /// `out` is binary and outlives the sink. `epoch` is added to the time of every event, to make it one since 1970.
  explicit PcapTrace(std::ostream& out, std::chrono::milliseconds epoch = {});
  /// Thread-safe. Events that cannot be written are omitted: the stream's state shows it.
  void on_event(const TraceEvent& event) override;

 private:
  std::mutex m_mutex;
  std::ostream& m_out;
  std::chrono::milliseconds m_epoch;
};

/// Sends each event as a datagram to 127.0.0.1, for `tshark -i lo` and Wireshark; a listener is not needed.
class GsmtapUdp final : public TraceSink {
 public:
  /// Errors: SystemError if there is no socket to be had.
  explicit GsmtapUdp(std::uint16_t port = kGsmtapPort);
  /// Thread-safe.
  void on_event(const TraceEvent& event) override;

 private:
  net::Fd m_socket;
};

}  // namespace uicclab
