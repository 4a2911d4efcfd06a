// SPDX-License-Identifier: Apache-2.0
// The SMS security of LwM2M on the card: OMA-TS-LightweightM2M 1.0 clauses 7.2.2.2 (smartcard end-point), 7.2.2.3 (packets), and the device
// end-point of the SMS session-key CR. CoAP messages in secured packets under the session keys stored with EF_LWM2M_Bootstrap. The
// commands are ours: docs/formats/lwm2m-sms.md.
#pragma once

#include <deque>
#include <optional>

#include "applet/api/applet.hpp"
#include "applet/api/store_data.hpp"
#include "applet/lwm2m_sms/inbox.hpp"
#include "applet/lwm2m_sms/session_keys.hpp"
#include "applet/lwm2m_sms/settings.hpp"
#include "ota/sms_reassembler.hpp"

namespace uicclab::applet::lwm2m_sms {

inline constexpr Slot kSinceSlot{3};  ///< digest of the session keys, and when they were first seen

class SmsSecurity final : public Applet {
 public:
  StatusWord select(Context& context, Bytes& out) override;
  StatusWord process(Context& context, const apdu::Command& command, Bytes& out) override;
  /// An ENVELOPE. 9000 whether the packet is accepted or not; 9300 while the inbox is full.
  std::optional<StatusWord> on_packet(Context& context, const PacketMessage& message) override;
  void on_files_changed(Context& context) override;
  Handled on_terminal_response(Context& context, BytesView response) override;

 private:
  /// A SEND SHORT MESSAGE that waits for the one before.
  struct Part {
    Bytes command;
    bool last = false;  ///< of its packet
  };

  StatusWord read(Context& context, const apdu::Command& command, Bytes& out) const;
  StatusWord remove(Context& context, const apdu::Command& command);
  StatusWord store(Context& context, const apdu::Command& command);
  StatusWord send(Context& context, BytesView message);
  StatusWord ask_to_send(Context& context, const std::vector<Bytes>& tpdus);
  StatusWord take_over(Context& context, BytesView tpdu);

  StoreDataBlocks m_blocks{Inbox::kMaxMessage};
  std::deque<Bytes> m_packets;   ///< SMS-SUBMIT TPDUs for the device to send
  std::deque<Part> m_parts;      ///< for the card to ask the terminal for
  std::optional<bool> m_asked;   ///< a SEND SHORT MESSAGE is not answered yet; true: the last part of its packet
  std::uint8_t m_reference = 0;  ///< of concatenated messages
  ManualClock m_clock;           ///< of the reassembler: parts are let go for room, not for age
  ota::Reassembler m_received{m_clock, {.messages = 4, .bytes = 4 * Inbox::kMaxMessage, .age = std::chrono::hours(1)}};
};

}  // namespace uicclab::applet::lwm2m_sms
