// SPDX-License-Identifier: Apache-2.0
// The platform's side of remote management: secures data, cuts it into short messages, sends them through a terminal and reads what comes
// back. ETSI TS 102 225; 3GPP TS 31.115 clauses 4.2 to 4.4.
#pragma once

#include <memory>

#include "ota/secured_packet_response.hpp"
#include "ota/sms_reassembler.hpp"
#include "ota/sms_terminal.hpp"

namespace uicclab::ota {

/// Where counters come from. A counter that was given out is never given out again, also if it is never sent.
class CounterSource {
 public:
  virtual ~CounterSource() = default;
  /// The next counter for packets under this key version; stored, so that nothing can undo it, before it is returned.
  /// Errors: kRange if there is none left; kIo.
  virtual Result<Cntr> next(std::uint8_t key_version) = 0;
};

/// Counters of a card that is forgotten with the process.
class MemoryCounters final : public CounterSource {
 public:
  /// `last`: used already, under every key version.
  explicit MemoryCounters(Cntr last = {}) { m_last.fill(last); }
  Result<Cntr> next(std::uint8_t key_version) override;

 private:
  std::array<Cntr, 16> m_last{};
};

/// A packet on its way.
struct PreparedPacket {
  Cntr cntr;
  Bytes packet;  ///< from CPL
  std::vector<SmsDeliver> messages;
};

/// What became of a packet.
struct Delivery {
  Cntr cntr;
  std::size_t messages = 0;  ///< short messages that it took
  StatusWord status;         ///< of the last ENVELOPE
  std::optional<ReceivedResponse> response;
  bool by_submit = false;           ///< the response came as SMS-SUBMIT
  std::optional<Error> unreadable;  ///< what came back could not be read, or belongs to another packet

  /// The response says 00.
  bool is_proof() const { return response && !unreadable && response->packet.status == ResponseStatus::kOk; }
};

/// In words: "PoR OK", "no response", "counter low".
std::string meaning(const Delivery& delivery);

class PacketSender {
 public:
  struct Settings {
    PacketHeader header;
    Address originator;                       ///< TP-OA: where a response by SMS-SUBMIT goes
    std::array<std::uint8_t, 7> timestamp{};  ///< TP-SCTS
    std::size_t cc_size = PacketCheck::kMaxSize;
    std::uint16_t reference = 1;  ///< of the first concatenated message; counts up
    Quirks quirks;
  };

  /// `counters` outlives this object.
  PacketSender(Settings settings, PacketKeys keys, CounterSource& counters)
      : m_settings(std::move(settings)), m_keys(std::move(keys)), m_counters(counters) {}

  const Settings& settings() const { return m_settings; }
  /// Data that one packet may hold so that it takes at most so many short messages.
  std::size_t room(std::size_t messages) const;

  /// Takes a counter. Errors: those of the counters and of build_command().
  Result<PreparedPacket> prepare(BytesView data);
  /// Delivers all parts in order. Errors: those of the terminal.
  Result<Delivery> send(const PreparedPacket& packet, SmsTerminal& terminal);
  /// What came back for a packet: the report to its last part and the short messages from the card.
  Delivery judge(const PreparedPacket& packet, const SmsTerminal::Report& report, const std::vector<Bytes>& submitted);

 private:
  void read_response(BytesView user_data, const PreparedPacket& packet, Delivery& delivery);

  Settings m_settings;
  PacketKeys m_keys;
  CounterSource& m_counters;
};

}  // namespace uicclab::ota
