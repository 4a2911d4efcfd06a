// SPDX-License-Identifier: Apache-2.0
// ProactiveHandler and ProactiveResponseHandler: ETSI TS 102 241 clause 6.4 and annex A; commands by ETSI TS 102 223 clauses 6.6, 8.6, 9.4.
#include "applet/java/uicc/toolkit.hpp"
#include "core/ber_tlv.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

// Tags of data objects, without and with the comprehension required bit; devices; types of commands.
constexpr std::uint8_t kResultTag = 0x03;
constexpr std::uint8_t kTextStringTag = 0x0D;
constexpr std::uint8_t kChannelDataTag = 0x36;
constexpr std::uint8_t kDetailsTag = 0x81;
constexpr std::uint8_t kDevicesTag = 0x82;
constexpr std::uint8_t kTextTag = 0x8D;
constexpr std::uint8_t kResponseLengthTag = 0x91;
constexpr std::uint8_t kUicc = 0x81;
constexpr std::uint8_t kTerminal = 0x82;
constexpr std::uint8_t kDisplay = 0x02;
constexpr std::uint8_t kFirstChannel = 0x20;
constexpr std::uint8_t kMoreTime = 0x02;
constexpr std::uint8_t kDisplayText = 0x21;
constexpr std::uint8_t kGetInkey = 0x22;
constexpr std::uint8_t kGetInput = 0x23;
constexpr std::uint8_t kCloseChannel = 0x41;
constexpr std::uint8_t kProactiveCommand = 0xD0;

template <HandlerKind kKind>
Outcome get_the_handler(NativeCall& call) {
  return session_of(call).give_handler(call, kKind);
}

/// Details and devices of a new command; the number is always 1, as one command is on its way at a time.
void begin(TlvList& list, std::uint8_t type, std::uint8_t qualifier, std::uint8_t to) {
  list.clear();
  const std::array<std::uint8_t, 3> details{1, type, qualifier};
  const std::array devices{kUicc, to};
  list.append_tlv(kDetailsTag, {details});
  list.append_tlv(kDevicesTag, {devices});
}

std::uint8_t unsigned_at(NativeCall& call, std::size_t argument) {
  return static_cast<std::uint8_t>(call.byte_at(argument));
}

Outcome init(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  begin(*list, unsigned_at(call, 0), unsigned_at(call, 1), unsigned_at(call, 2));
  return call.returns();
}

/// (qualifier, coding, array, offset, length): a command with a text. An empty one has no coding either (TS 102 223 clause 8.15).
bool begin_text(NativeCall& call, Handler& list, std::uint8_t type, std::uint8_t to) {
  const auto text = call.read_array(2, call.short_at(3), call.short_at(4));
  if (!text) return false;
  const Bytes copy = to_bytes(*text);
  const TlvList before = *list;
  begin(*list, type, unsigned_at(call, 0), to);
  const std::array coding{unsigned_at(call, 1)};
  const BytesView with = copy.empty() ? BytesView() : BytesView(coding);
  if (copy.size() < 0xFF && list->append_tlv(kTextTag, {with, copy})) return true;
  *list = before;
  toolkit_refuses(call, kHandlerOverflow);
  return false;
}

template <std::uint8_t kType, std::uint8_t kTo>
Outcome init_text(NativeCall& call) {
  Handler list(call);
  return list && begin_text(call, list, kType, kTo) ? call.returns() : call.failed();
}

Outcome init_get_input(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  const TlvList before = *list;
  if (!begin_text(call, list, kGetInput, kTerminal)) return call.failed();
  const std::array lengths{static_cast<std::uint8_t>(call.short_at(5)), static_cast<std::uint8_t>(call.short_at(6))};
  if (list->append_tlv(kResponseLengthTag, {lengths})) return call.returns();
  *list = before;
  return toolkit_refuses(call, kHandlerOverflow);
}

Outcome init_close_channel(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  begin(*list, kCloseChannel, 0x00, static_cast<std::uint8_t>(kFirstChannel + unsigned_at(call, 0)));
  return call.returns();
}

Outcome init_more_time(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  begin(*list, kMoreTime, 0x00, kTerminal);
  return call.returns();
}

/// The answer that an activation goes on with.
Outcome general_result(NativeCall& call, TlvList& response) {
  const auto value = element_of(call, response, kResultTag, 1);
  return value ? call.returns(static_cast<std::int16_t>(static_cast<std::int8_t>(value->front()))) : call.failed();
}

/// An open transaction is aborted before the applet waits: what it would commit is nobody's to hold over several commands.
Outcome send(NativeCall& call) {
  constexpr std::uint8_t kAnswered = 1;
  Session& session = session_of(call);
  if (call.step() == kAnswered) {
    TlvList& response = session.activation()->response;
    const Outcome outcome = general_result(call, response);
    response.selected.reset();
    return outcome;
  }
  Handler list(call);
  if (!list) return call.failed();
  const Bytes command = ber::encode(kProactiveCommand, list->bytes);
  Toolkit& toolkit = session.context().toolkit();
  if (const ToolkitError why = toolkit.refusal(command); why != ToolkitError::kNone) {
    const bool allowed = why == ToolkitError::kTerminalProfileNotAvailable;
    return toolkit_refuses(call, allowed ? kHandlerNotAvailable : static_cast<std::int16_t>(why));
  }
  session.abort_transaction();
  toolkit.send(command);
  return call.waits(kAnswered);
}

// ProactiveResponseHandler

Outcome get_general_result(NativeCall& call) {
  Handler list(call);
  return list ? general_result(call, *list) : call.failed();
}

/// The value of an element behind its first byte; an empty one has none.
std::optional<BytesView> behind_first(NativeCall& call, Handler& list, std::uint8_t tag) {
  const auto value = element_of(call, *list, tag, 0);
  return value && !value->empty() ? value->subspan(1) : value;
}

template <std::uint8_t kTag>
Outcome length_behind_first(NativeCall& call) {
  Handler list(call);
  const auto value = list ? behind_first(call, list, kTag) : std::nullopt;
  return value ? call.returns(static_cast<std::int16_t>(value->size())) : call.failed();
}

Outcome copy_to(NativeCall& call, BytesView from, std::int16_t length) {
  if (static_cast<std::size_t>(length) > from.size()) return toolkit_refuses(call, kOutOfTlvBoundaries);
  const Bytes part = to_bytes(from.first(static_cast<std::size_t>(length)));
  return call.write_array(0, call.short_at(1), part) ? call.returns(static_cast<std::int16_t>(call.short_at(1) + length)) : call.failed();
}

Outcome copy_additional_information(NativeCall& call) {
  Handler list(call);
  if (!list || !call.check_array(0, call.short_at(1), call.short_at(2))) return call.failed();
  const auto value = behind_first(call, list, kResultTag);
  return value ? copy_to(call, *value, call.short_at(2)) : call.failed();
}

Outcome text_coding(NativeCall& call) {
  Handler list(call);
  const auto value = list ? element_of(call, *list, kTextStringTag, 1) : std::nullopt;
  return value ? call.returns(static_cast<std::int16_t>(static_cast<std::int8_t>(value->front()))) : call.failed();
}

Outcome copy_text(NativeCall& call) {
  Handler list(call);
  if (!list || !call.check_array(0, 0, 0)) return call.failed();
  const auto value = behind_first(call, list, kTextStringTag);
  return value ? copy_to(call, *value, static_cast<std::int16_t>(value->size())) : call.failed();
}

Outcome copy_channel_data(NativeCall& call) {
  Handler list(call);
  if (!list || !call.check_array(0, call.short_at(1), call.short_at(2))) return call.failed();
  const auto value = element_of(call, *list, kChannelDataTag, 0);
  return value ? copy_to(call, *value, call.short_at(2)) : call.failed();
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"ProactiveHandler", "init", "(BBB)V", init},
    {"ProactiveHandler", "send", "()B", send},
    {"ProactiveHandler", "initDisplayText", "(BB[BSS)V", init_text<kDisplayText, kDisplay>},
    {"ProactiveHandler", "initGetInkey", "(BB[BSS)V", init_text<kGetInkey, kTerminal>},
    {"ProactiveHandler", "initGetInput", "(BB[BSSSS)V", init_get_input},
    {"ProactiveHandler", "initCloseChannel", "(B)V", init_close_channel},
    {"ProactiveHandler", "initMoreTime", "()V", init_more_time},
    {"ProactiveHandlerSystem", "getTheHandler", "()Luicc/toolkit/ProactiveHandler;", get_the_handler<HandlerKind::kProactive>},
    {"ProactiveResponseHandler", "getGeneralResult", "()B", get_general_result},
    {"ProactiveResponseHandler", "getAdditionalInformationLength", "()S", length_behind_first<kResultTag>},
    {"ProactiveResponseHandler", "copyAdditionalInformation", "([BSS)S", copy_additional_information},
    {"ProactiveResponseHandler", "getItemIdentifier", "()B", item_identifier},
    {"ProactiveResponseHandler", "getTextStringLength", "()S", length_behind_first<kTextStringTag>},
    {"ProactiveResponseHandler", "getTextStringCodingScheme", "()B", text_coding},
    {"ProactiveResponseHandler", "copyTextString", "([BS)S", copy_text},
    {"ProactiveResponseHandler", "getChannelIdentifier", "()B", channel_identifier},
    {"ProactiveResponseHandler", "getChannelStatus", "(B)S", channel_status},
    {"ProactiveResponseHandler", "copyChannelData", "([BSS)S", copy_channel_data},
    {"ProactiveResponseHandlerSystem", "getTheHandler", "()Luicc/toolkit/ProactiveResponseHandler;",
     get_the_handler<HandlerKind::kProactiveResponse>},
});

}  // namespace

void add_proactive_handlers(machine::NativeTable& table) {
  table.add(kToolkitPackage, kMethods);
}

}  // namespace uicclab::applet::java
