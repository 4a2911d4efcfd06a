// SPDX-License-Identifier: Apache-2.0
// A secured packet at the card: its application, its keys, whether it may be executed, and the response. ETSI TS 102 225 clause 5;
// 3GPP TS 31.115 clause 4. However the packet came, and however the response goes, is up to the caller.
#pragma once

#include <functional>

#include "emulator/session.hpp"
#include "ota/secured_packet_command.hpp"

namespace uicclab::emulator {

/// Octets that a response packet may have on either way; 0: there is no such way.
struct AnswerRoom {
  std::size_t report = 0;  ///< at once, in the report of the message
  std::size_t submit = 0;  ///< as a message of its own
};

struct PacketOutcome {
  bool executed = false;
  Bytes report;                ///< response packet to be sent at once; empty: none
  Bytes submit;                ///< response packet that goes as a message of its own; empty: none
  std::uint32_t instance = 0;  ///< that the packet is for
};

/// How a packet becomes an event of an application (3GPP TS 31.130: formatted short messages and cell broadcasts).
struct PacketEvent {
  applet::Event event = applet::Event::kFormattedSmsPp;
  std::uint8_t tag = 0;                            ///< of the ENVELOPE
  std::function<Bytes(BytesView packet)> objects;  ///< its data objects, with this packet in the place of the secured one
};

/// Opens, writes the counter down, executes, answers, in this order. An application that has registered for `event` gets that. `instance`
/// is that which the TAR names (PacketTargets::instance_of()), if there is one.
PacketOutcome receive_packet(Session& session, const ota::ClearCommand& packet, std::optional<std::uint32_t> instance,
                             const AnswerRoom& room, const PacketEvent& event);

}  // namespace uicclab::emulator
