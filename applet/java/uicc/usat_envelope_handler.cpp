// SPDX-License-Identifier: Apache-2.0
// USATEnvelopeHandler (uicc.usim.toolkit): where the user data of a short message, or a secured packet, is. 3GPP TS 31.130 annex A; TPDUs
// by 3GPP TS 23.040 clause 9.2.2, packets by ETSI TS 102 225 clause 5.1.
#include "applet/java/uicc/toolkit.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr std::uint8_t kTpduTag = 0x0B;
constexpr std::uint8_t kPageTag = 0x0C;
constexpr std::size_t kPageHeader = 6;
constexpr std::uint8_t kHeaderThere = 0x40;  // TP-UDHI

/// Places in the value of the SMS TPDU, or of the Cell Broadcast Page.
struct Message {
  std::size_t length_at = 0;  ///< TP-UDL; of a page: 0
  std::size_t data_at = 0;    ///< TP-UD
  std::size_t text_at = 0;    ///< behind the user data header
  std::size_t end = 0;
};

/// Where TP-UDL is in an SMS-DELIVER or SMS-SUBMIT.
std::optional<std::size_t> length_place(BytesView tpdu) {
  constexpr std::size_t kTimestamp = 7;
  if (tpdu.empty()) return std::nullopt;
  const unsigned type = tpdu[0] & 0x03;
  const std::size_t address = type == 0 ? 1 : 2;  // behind TP-MR
  if (type > 1 || address >= tpdu.size()) return std::nullopt;
  std::size_t at = address + 2 + (tpdu[address] + 1U) / 2 + 2;  // TP-PID, TP-DCS
  constexpr std::array<std::size_t, 4> kValidity{0, 7, 1, 7};
  at += type == 0 ? kTimestamp : kValidity[(tpdu[0] >> 3) & 0x03];
  return at < tpdu.size() ? std::optional(at) : std::nullopt;
}

std::optional<Message> read_tpdu(BytesView tpdu) {
  const auto at = length_place(tpdu);
  if (!at) return std::nullopt;
  Message message{*at, *at + 1, *at + 1, tpdu.size()};
  if ((tpdu[0] & kHeaderThere) == 0) return message;
  if (message.data_at >= tpdu.size()) return std::nullopt;
  message.text_at = message.data_at + 1 + tpdu[message.data_at];
  return message.text_at <= tpdu.size() ? std::optional(message) : std::nullopt;
}

/// The element with the message is the selected one then. Empty: return failed(), UNAVAILABLE_ELEMENT.
std::optional<Message> message_of(NativeCall& call, TlvList& list, BytesView& value, bool pages) {
  if (const auto tpdu = list.find(kTpduTag)) {
    value = list.value(*tpdu);
    if (const auto message = read_tpdu(value)) return message;
  } else if (const auto page = pages ? list.find(kPageTag) : std::nullopt) {
    value = list.value(*page);
    if (value.size() > kPageHeader) return Message{0, kPageHeader, kPageHeader, value.size()};
  }
  toolkit_refuses(call, kUnavailableElement);
  return std::nullopt;
}

struct Secured {
  std::size_t at = 0;
  std::size_t length = 0;
};

/// CPL, CHL and the header in front of it, padding behind it.
std::optional<Secured> secured_of(NativeCall& call, TlvList& list) {
  constexpr std::size_t kLengths = 3;
  constexpr std::size_t kPaddingCounter = 12;  // of the header
  BytesView value;
  const auto message = message_of(call, list, value, true);
  if (!message) return std::nullopt;
  const BytesView packet = value.subspan(message->text_at);
  if (packet.size() > kLengths + kPaddingCounter) {
    const std::size_t size = (std::size_t{packet[0]} << 8 | packet[1]) + 2U;
    const std::size_t begin = kLengths + packet[2];
    const std::size_t padding = packet[kLengths + kPaddingCounter];
    if (size <= packet.size() && begin + padding <= size) return Secured{message->text_at + begin, size - begin - padding};
  }
  toolkit_refuses(call, kUnavailableElement);
  return std::nullopt;
}

using Place = std::size_t (*)(const Message&, BytesView);

template <Place kPlace>
Outcome of_message(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  BytesView value;
  const auto message = message_of(call, *list, value, false);
  return message ? call.returns(static_cast<std::int16_t>(kPlace(*message, value))) : call.failed();
}

std::size_t udl_place(const Message& message, BytesView /*value*/) {
  return message.length_at;
}
std::size_t data_length(const Message& message, BytesView /*value*/) {
  return message.end - message.data_at;
}
std::size_t text_place(const Message& message, BytesView /*value*/) {
  return message.text_at;
}
std::size_t text_length(const Message& message, BytesView /*value*/) {
  return message.end - message.text_at;
}

template <std::size_t Secured::*kWhat>
Outcome of_packet(NativeCall& call) {
  Handler list(call);
  const auto secured = list ? secured_of(call, *list) : std::nullopt;
  return secured ? call.returns(static_cast<std::int16_t>((*secured).*kWhat)) : call.failed();
}

Outcome get_the_handler(NativeCall& call) {
  return session_of(call).give_handler(call, HandlerKind::kEnvelope);
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"USATEnvelopeHandler", "getItemIdentifier", "()B", item_identifier},
    {"USATEnvelopeHandler", "getChannelIdentifier", "()B", channel_identifier},
    {"USATEnvelopeHandler", "getChannelStatus", "(B)S", channel_status},
    {"USATEnvelopeHandler", "getTPUDLOffset", "()S", of_message<udl_place>},
    {"USATEnvelopeHandler", "getSecuredDataOffset", "()S", of_packet<&Secured::at>},
    {"USATEnvelopeHandler", "getSecuredDataLength", "()S", of_packet<&Secured::length>},
    {"USATEnvelopeHandler", "getUserDataLength", "()S", of_message<data_length>},
    {"USATEnvelopeHandler", "getShortMessageOffset", "()S", of_message<text_place>},
    {"USATEnvelopeHandler", "getShortMessageLength", "()S", of_message<text_length>},
    {"USATEnvelopeHandlerSystem", "getTheHandler", "()Luicc/usim/toolkit/USATEnvelopeHandler;", get_the_handler},
});

}  // namespace

void add_usat_envelope_handler(machine::NativeTable& table) {
  table.add(kUsimToolkitPackage, kMethods);
}

}  // namespace uicclab::applet::java
