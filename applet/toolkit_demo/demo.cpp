// SPDX-License-Identifier: Apache-2.0
#include "applet/toolkit_demo/demo.hpp"

#include <array>
#include <bit>

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "core/reader.hpp"
#include "ota/sms_tpdu.hpp"

namespace uicclab::applet::toolkit_demo {
namespace {

// Types of commands (ETSI TS 102 223 clause 9.4), tags of data objects (ETSI TS 101 220 table 7.23), devices (clause 8.7).
namespace type {
constexpr std::uint8_t kSendShortMessage = 0x13;
constexpr std::uint8_t kPlayTone = 0x20;
constexpr std::uint8_t kDisplayText = 0x21;
constexpr std::uint8_t kGetInput = 0x23;
constexpr std::uint8_t kSelectItem = 0x24;
constexpr std::uint8_t kProvideLocalInformation = 0x26;
constexpr std::uint8_t kTimerManagement = 0x27;
constexpr std::uint8_t kOpenChannel = 0x40;
constexpr std::uint8_t kCloseChannel = 0x41;
constexpr std::uint8_t kReceiveData = 0x42;
constexpr std::uint8_t kSendData = 0x43;
}  // namespace type
namespace tag {
constexpr std::uint16_t kDetails = 0x01;
constexpr std::uint16_t kDevices = 0x02;
constexpr std::uint16_t kResult = 0x03;
constexpr std::uint16_t kAlphaIdentifier = 0x05;
constexpr std::uint16_t kSmsTpdu = 0x0B;
constexpr std::uint16_t kTextString = 0x0D;
constexpr std::uint16_t kItem = 0x0F;
constexpr std::uint16_t kItemIdentifier = 0x10;
constexpr std::uint16_t kResponseLength = 0x11;
constexpr std::uint16_t kLocation = 0x13;
constexpr std::uint16_t kTimerIdentifier = 0x24;
constexpr std::uint16_t kTimerValue = 0x25;
constexpr std::uint16_t kBearerDescription = 0x35;
constexpr std::uint16_t kChannelData = 0x36;
constexpr std::uint16_t kChannelDataLength = 0x37;
constexpr std::uint16_t kChannelStatus = 0x38;
constexpr std::uint16_t kBufferSize = 0x39;
constexpr std::uint16_t kTransportLevel = 0x3C;
constexpr std::uint16_t kOtherAddress = 0x3E;
}  // namespace tag
constexpr std::uint8_t kCard = 0x81;
constexpr std::uint8_t kTerminal = 0x82;
constexpr std::uint8_t kNetwork = 0x83;
constexpr std::uint8_t kDisplay = 0x02;
constexpr std::uint8_t kEarpiece = 0x03;
constexpr std::uint8_t kChannel = 0x20;

constexpr std::uint8_t k8BitText = 0x04;
constexpr std::uint8_t kWaitForUser = 0x81;  // DISPLAY TEXT: high priority, the user clears it
constexpr std::uint8_t kImmediately = 0x01;  // OPEN CHANNEL and SEND DATA
constexpr std::uint8_t kReplyBuffer = 200;

void object(Bytes& out, std::uint16_t tag, BytesView value) {
  ctlv::write(out, tag, value);
}

void text(Bytes& out, std::uint16_t tag, std::string_view words) {
  object(out, tag, concat({std::array{k8BitText}, as_bytes(words)}));
}

void item(Bytes& out, std::uint8_t identifier, std::string_view words) {
  object(out, tag::kItem, concat({std::array{identifier}, as_bytes(words)}));
}

}  // namespace

Bytes Options::encode() const {
  return ByteWriter().lv(as_bytes(title)).lv(ota::build_address_value(number)).u16(port).u8(tcp ? 1 : 0).take();
}

std::optional<Options> Options::decode(BytesView bytes) {
  ByteReader reader(bytes);
  const auto title = reader.lv();
  const auto number = reader.lv();
  const auto port = reader.u16();
  const auto tcp = reader.u8();
  if (!title || !number || !port || !tcp) return std::nullopt;
  const auto address = ota::parse_address_value(*number);
  if (!address) return std::nullopt;
  return Options{std::string(title->begin(), title->end()), *address, *port, *tcp != 0};
}

void Demo::send(Context& context, std::uint8_t type, std::uint8_t qualifier, std::uint8_t to, BytesView objects, Follow follow) {
  Bytes inside;
  object(inside, tag::kDetails, std::array<std::uint8_t, 3>{1, type, qualifier});
  object(inside, tag::kDevices, std::array{kCard, to});
  append(inside, objects);
  m_waits = context.toolkit().send(ber::encode(0xD0, inside));
  if (m_waits) m_follow = follow;  // else another command of this instance is still on its way, or none
}

void Demo::display(Context& context, std::string_view words) {
  Bytes objects;
  text(objects, tag::kTextString, words);
  send(context, type::kDisplayText, kWaitForUser, kDisplay, objects);
}

StatusWord Demo::process(Context& /*context*/, const apdu::Command& /*command*/, Bytes& /*out*/) {
  return sw::kInsNotSupported;
}

// ETSI TS 102 223 clauses 7.2 and 7.4.1.
Handled Demo::on_event(Context& context, const EventCall& call) {
  static constexpr std::array<Item, kMenu.size()> kItems{&Demo::greet,        &Demo::ask_name, &Demo::send_message,
                                                         &Demo::ask_location, &Demo::ask_time, &Demo::open_channel};
  const auto options = Options::decode(context.load(kOptionsSlot).value_or(BytesView()));
  ToolkitEntry* const entry = context.toolkit().entry();
  if (!options || entry == nullptr) return Handled::kIgnored;
  m_waits = false;
  if (call.event == Event::kTimerExpiration) {
    send(context, type::kPlayTone, 0x00, kEarpiece, {}, &Demo::time_is_over);
    return end_turn();
  }
  const auto chosen = call.event == Event::kMenuSelection ? ctlv::find(call.data, tag::kItemIdentifier) : std::nullopt;
  const auto index = chosen && chosen->size() == 1 ? entry->menu_index(chosen->front()) : std::nullopt;
  if (!index || *index >= kItems.size()) return Handled::kIgnored;
  (this->*kItems.at(*index))(context, *options);
  return end_turn();
}

Handled Demo::on_terminal_response(Context& context, BytesView response) {
  const Follow follow = std::exchange(m_follow, nullptr);
  m_waits = false;
  const auto options = Options::decode(context.load(kOptionsSlot).value_or(BytesView()));
  const auto details = ctlv::find(response, tag::kDetails);
  const auto result = ctlv::find(response, tag::kResult);
  if (follow == nullptr || !options || !details || details->size() != 3 || !result || result->empty()) return Handled::kDone;
  (this->*follow)(context, *options, {(*details)[1], result->front() < 0x10, response});
  return end_turn();
}

void Demo::time_is_over(Context& context, const Options&, const Response&) {
  display(context, "Time is over");
}

void Demo::greet(Context& context, const Options&) {
  display(context, "Hello from the card");
}

void Demo::ask_name(Context& context, const Options&) {
  Bytes objects;
  text(objects, tag::kTextString, "Your name?");
  object(objects, tag::kResponseLength, std::array<std::uint8_t, 2>{1, 20});
  send(context, type::kGetInput, 0x01, kTerminal, objects, &Demo::got_name);
}

void Demo::got_name(Context& context, const Options&, const Response& response) {
  const auto name = ctlv::find(response.objects, tag::kTextString);
  if (!response.performed || !name || name->size() < 2) return display(context, "No name");
  display(context, "Hello " + std::string(name->begin() + 1, name->end()));
}

void Demo::send_message(Context& context, const Options& options) {
  ota::SmsSubmit submit;
  submit.destination = options.number;
  submit.body = {};
  submit.body.pid = ota::pid::kShortMessage;
  submit.body.dcs = k8BitText;
  submit.body.user_data = to_bytes(as_bytes("Hello from the card"));
  const auto tpdu = submit.build();
  if (!tpdu) return;
  Bytes objects;
  object(objects, tag::kAlphaIdentifier, as_bytes("Sending"));
  object(objects, tag::kSmsTpdu, *tpdu);
  send(context, type::kSendShortMessage, 0x00, kNetwork, objects, &Demo::message_went);
}

void Demo::message_went(Context& context, const Options&, const Response& response) {
  display(context, response.performed ? "Sent" : "Not sent");
}

void Demo::ask_location(Context& context, const Options&) {
  send(context, type::kProvideLocalInformation, 0x00, kTerminal, {}, &Demo::got_location);
}

// Location information (clause 8.19): MCC and MNC as in 3GPP TS 24.008, area, cell.
void Demo::got_location(Context& context, const Options&, const Response& response) {
  const auto location = ctlv::find(response.objects, tag::kLocation);
  if (!response.performed || !location || location->size() < 7) return display(context, "No network");
  const std::string plmn = to_hex(location->first(3));
  const std::string mnc = std::string{plmn[5], plmn[4]} + (plmn[2] == 'F' ? "" : std::string{plmn[2]});
  display(context, "Network " + std::string{plmn[1], plmn[0], plmn[3]} + "/" + mnc + ", cell " + to_hex(location->subspan(5)));
}

void Demo::ask_time(Context& context, const Options&) {
  Bytes objects;
  object(objects, tag::kAlphaIdentifier, as_bytes("When?"));
  item(objects, 1, "In 1 minute");
  item(objects, 5, "In 5 minutes");
  send(context, type::kSelectItem, 0x00, kTerminal, objects, &Demo::got_time);
}

void Demo::got_time(Context& context, const Options&, const Response& response) {
  const auto minutes = ctlv::find(response.objects, tag::kItemIdentifier);
  if (!response.performed || !minutes || minutes->size() != 1 || minutes->front() > 9) return display(context, "No reminder");
  ToolkitEntry* const entry = context.toolkit().entry();
  const unsigned timers = entry != nullptr ? entry->timers() : 0U;
  if (timers == 0) return display(context, "No reminder");
  Bytes objects;
  object(objects, tag::kTimerIdentifier, std::array{static_cast<std::uint8_t>(std::countr_zero(timers) + 1)});
  object(objects, tag::kTimerValue, std::array<std::uint8_t, 3>{0, static_cast<std::uint8_t>(minutes->front() << 4), 0});
  send(context, type::kTimerManagement, 0x00, kTerminal, objects, &Demo::timer_runs);
}

void Demo::timer_runs(Context& context, const Options&, const Response& response) {
  if (!response.performed) display(context, "No reminder");
}

void Demo::open_channel(Context& context, const Options& options) {
  Bytes objects;
  object(objects, tag::kBearerDescription, std::array<std::uint8_t, 1>{0x03});  // the default bearer
  object(objects, tag::kBufferSize, std::array<std::uint8_t, 2>{0x02, 0x00});
  const std::uint8_t protocol = options.tcp ? 0x02 : 0x01;
  object(objects, tag::kTransportLevel,
         std::array{protocol, static_cast<std::uint8_t>(options.port >> 8), static_cast<std::uint8_t>(options.port)});
  object(objects, tag::kOtherAddress, std::array<std::uint8_t, 5>{0x21, 127, 0, 0, 1});
  m_received.clear();
  send(context, type::kOpenChannel, kImmediately, kTerminal, objects, &Demo::channel_opened);
}

void Demo::channel_opened(Context& context, const Options&, const Response& response) {
  const auto status = ctlv::find(response.objects, tag::kChannelStatus);
  if (!response.performed || !status || status->size() != 2) return display(context, "No channel");
  m_channel = static_cast<std::uint8_t>(kChannel | ((*status)[0] & 0x07));
  Bytes objects;
  object(objects, tag::kChannelData, as_bytes("Hello from the card"));
  send(context, type::kSendData, kImmediately, m_channel, objects, &Demo::data_went);
}

void Demo::data_went(Context& context, const Options&, const Response& response) {
  if (!response.performed) return send(context, type::kCloseChannel, 0x00, m_channel, {}, &Demo::channel_closed);
  Bytes objects;
  object(objects, tag::kChannelDataLength, std::array{kReplyBuffer});
  send(context, type::kReceiveData, 0x00, m_channel, objects, &Demo::data_came);
}

void Demo::data_came(Context& context, const Options&, const Response& response) {
  const auto data = ctlv::find(response.objects, tag::kChannelData);
  if (response.performed && data) m_received = to_bytes(*data);
  send(context, type::kCloseChannel, 0x00, m_channel, {}, &Demo::channel_closed);
}

void Demo::channel_closed(Context& context, const Options&, const Response&) {
  display(context, m_received.empty() ? "No answer" : "Got: " + std::string(m_received.begin(), m_received.end()));
}

}  // namespace uicclab::applet::toolkit_demo
