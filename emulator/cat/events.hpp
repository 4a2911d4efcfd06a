// SPDX-License-Identifier: Apache-2.0
// The events of the toolkit in one table: the source of each and how to register for it. ETSI TS 102 241 clause 6.2; 3GPP TS 31.130.
#pragma once

#include <span>

#include "applet/api/toolkit.hpp"
#include "emulator/cat/terminal_profile.hpp"

namespace uicclab::emulator {

using applet::Event;

/// Templates of ENVELOPE (ETSI TS 101 220 table 7.17).
namespace envelope_tag {
inline constexpr std::uint8_t kSmsPpDownload = 0xD1;
inline constexpr std::uint8_t kCellBroadcastDownload = 0xD2;
inline constexpr std::uint8_t kMenuSelection = 0xD3;
inline constexpr std::uint8_t kCallControl = 0xD4;
inline constexpr std::uint8_t kMoShortMessageControl = 0xD5;
inline constexpr std::uint8_t kEventDownload = 0xD6;
inline constexpr std::uint8_t kTimerExpiration = 0xD7;
inline constexpr std::uint8_t kUssdDownload = 0xD9;
}  // namespace envelope_tag

/// How an application comes to be registered for an event.
enum class Registering : std::uint8_t {
  kByEvent,   ///< set and cleared as an event
  kByMethod,  ///< goes along with a menu entry, a timer, a service, polling or a file
};

struct EventRule {
  Event event;
  Registering registering = Registering::kByEvent;
  bool exclusive = false;                      ///< one application of the card has it
  std::optional<std::uint8_t> list_code = {};  ///< in the event list of the terminal (TS 102 223 clause 8.25)
  Facility facility{};                         ///< sent by the terminal
  bool needs_tar = false;                      ///< comes in secured packets
};

/// Null: this card knows no such event.
const EventRule* rule_of(Event event);
/// The event of an EVENT DOWNLOAD.
std::optional<Event> event_of_list_code(std::uint8_t code);
std::span<const EventRule> event_rules();

}  // namespace uicclab::emulator
