// SPDX-License-Identifier: Apache-2.0
#include "emulator/cat/events.hpp"

#include <algorithm>
#include <array>

namespace uicclab::emulator {
namespace {

using enum Event;

constexpr EventRule own(Event event) {
  return {event};
}
constexpr EventRule by_method(Event event) {
  return {event, Registering::kByMethod};
}
constexpr EventRule exclusive(Event event) {
  return {event, Registering::kByEvent, true};
}
constexpr EventRule formatted(Event event) {
  return {event, Registering::kByEvent, false, {}, {}, true};
}
constexpr EventRule listed(Event event, std::uint8_t code, Facility facility) {
  return {event, Registering::kByEvent, false, code, facility};
}

constexpr auto kRules = std::to_array<EventRule>({
    own(kUnrecognizedEnvelope),
    own(kProfileDownload),
    formatted(kFormattedSmsPp),
    own(kUnformattedSmsPp),
    own(kUnformattedSmsCb),
    formatted(kFormattedSmsCb),
    by_method(kMenuSelection),
    by_method(kMenuSelectionHelp),
    exclusive(kCallControl),
    exclusive(kMoShortMessageControl),
    by_method(kTimerExpiration),
    listed(kMtCall, 0x00, {5, 2}),
    listed(kCallConnected, 0x01, {5, 3}),
    listed(kCallDisconnected, 0x02, {5, 4}),
    listed(kLocationStatus, 0x03, {5, 5}),
    listed(kUserActivity, 0x04, {5, 6}),
    listed(kIdleScreenAvailable, 0x05, {5, 7}),
    listed(kCardReaderStatus, 0x06, {5, 8}),
    by_method(kStatusCommand),
    listed(kLanguageSelection, 0x07, {6, 1}),
    listed(kBrowserTermination, 0x08, {6, 2}),
    listed(kDataAvailable, 0x09, {6, 3}),
    listed(kChannelStatus, 0x0A, {6, 4}),
    listed(kAccessTechnologyChange, 0x0B, {6, 5}),
    listed(kDisplayParameterChanged, 0x0C, {6, 6}),
    {kLocalConnection, Registering::kByMethod, false, std::uint8_t{0x0D}, {6, 7}},
    listed(kNetworkSearchModeChange, 0x0E, {6, 8}),
    listed(kBrowsingStatus, 0x0F, {25, 1}),
    listed(kNetworkRejection, 0x12, {25, 5}),
    listed(kHciConnectivity, 0x13, {25, 6}),
    listed(kCsgCellSelection, 0x15, {26, 1}),
    listed(kFramesInformationChanged, 0x10, {25, 3}),
    listed(kDataConnectionStatusChange, 0x1D, facility::kSetUpEventList),  // its own bit is not known here
    listed(kImsRegistration, 0x17, facility::kSetUpEventList),
    listed(kIncomingImsData, 0x18, facility::kSetUpEventList),
    own(kUnformattedUssd),
    own(kProactiveHandlerAvailable),
    by_method(kExternalFileUpdate),
    own(kApplicationDeselect),
    own(kFirstCommandAfterAtr),
});

}  // namespace

const EventRule* rule_of(Event event) {
  const auto* const rule = std::ranges::find(kRules, event, &EventRule::event);
  return rule == kRules.end() ? nullptr : rule;
}

std::optional<Event> event_of_list_code(std::uint8_t code) {
  const auto* const rule = std::ranges::find(kRules, std::optional(code), &EventRule::list_code);
  return rule == kRules.end() ? std::nullopt : std::optional(rule->event);
}

std::span<const EventRule> event_rules() {
  return kRules;
}

}  // namespace uicclab::emulator
