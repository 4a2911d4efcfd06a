// SPDX-License-Identifier: Apache-2.0
#include "terminal/terminal.hpp"

#include <algorithm>

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "terminal/text.hpp"
#include "terminal/time.hpp"

namespace uicclab::terminal {
namespace {

constexpr int kMaxCommands = 256;       // of a card that never ends its session
constexpr int kMaxHappenings = 10'000;  // in one advance(): a card can set a timer to nothing again and again
constexpr std::size_t kMaxData = 255;   // of a command: extended lengths are not for toolkit commands
constexpr std::uint8_t kProactivePending = 0x91;

// Templates of envelopes (ETSI TS 101 220 table 7.17).
constexpr std::uint8_t kMenuSelection = 0xD3;
constexpr std::uint8_t kEventDownload = 0xD6;
constexpr std::uint8_t kTimerExpiration = 0xD7;

// Events (clause 8.25).
constexpr std::uint8_t kUserActivity = 0x04;
constexpr std::uint8_t kIdleScreen = 0x05;
constexpr std::uint8_t kDataAvailable = 0x09;
constexpr std::uint8_t kChannelStatusEvent = 0x0A;

// What this terminal can do (clause 5.2): profile download, SMS-PP, menu selection, timer expiration · command result, UCS2 · all of the
// third byte · SELECT ITEM to PROVIDE LOCAL INFORMATION · events up to idle screen · language, data available, channel status, access
// technology ·
// - · timers, date, GET INKEY, idle mode text · DISPLAY TEXT, SEND DTMF, language, LANGUAGE NOTIFICATION, access technology · - · - ·
// channels · seven of them over packet data · - · - · - · TCP and UDP as a client, remote and local.
constexpr auto kProfile = "3B61FF7F7F1D001FAB00001FE20000001B"_h;
constexpr auto kTestNetwork = "00F11000010001"_h;  // 001/01

}  // namespace

Terminal::Terminal(CardPort& card, Settings settings)
    : m_card(card),
      m_link(card),
      m_settings(std::move(settings)),
      m_channels(m_settings.patience, m_settings.only_own_servers),
      m_reassembler(m_clock) {
  if (m_settings.profile.empty()) m_settings.profile = to_bytes(kProfile);
  if (m_settings.location.empty()) m_settings.location = to_bytes(kTestNetwork);
}

void Terminal::forget() {
  m_menu.reset();
  m_idle_text.clear();
  m_events.clear();
  m_poll_interval.reset();
  m_timers.clear();
  m_channels.close_all();
  m_news.clear();
  m_reset_wanted = false;
  m_link.forget();
}

Result<Atr> Terminal::reset() {
  forget();
  auto atr = m_card.reset();
  if (!atr) return atr;
  if (auto started = start(); !started) return tl::unexpected(started.error());
  return atr;
}

void Terminal::power_off() {
  forget();
  m_card.power_off();
}

Result<apdu::Response> Terminal::exchange(BytesView command) {
  Bytes sent = to_bytes(command);
  auto response = m_link.exchange(sent);
  if (response) m_traffic.push_back({std::move(sent), *response});
  return response;
}

Result<void> Terminal::start() {
  const auto response = exchange(apdu::encode({0x80, 0x10, 0x00, 0x00, m_settings.profile, std::nullopt}));
  if (!response) return tl::unexpected(response.error());
  return serve(response->status);
}

Result<Bytes> Terminal::transmit(BytesView command) {
  auto answer = m_card.transmit(command);
  if (!answer) return answer;
  const auto response = apdu::parse_response(*answer);
  if (!response) return answer;
  if (response->status.sw1() != kProactivePending) return answer;
  if (auto served = serve(response->status); !served) return tl::unexpected(served.error());
  return answer;
}

Result<void> Terminal::serve(StatusWord status) {
  if (m_serving) return {};
  m_serving = true;
  const auto ends = [this](Result<void> outcome) {
    m_serving = false;
    return outcome;
  };
  for (int i = 0; i < kMaxCommands; ++i) {
    Result<StatusWord> next = status;
    if (status.sw1() == kProactivePending) {
      next = serve_one(status.sw2());
    } else if (std::exchange(m_reset_wanted, false)) {
      forget();
      if (const auto atr = m_card.reset(); !atr) return ends(tl::unexpected(atr.error()));
      const auto response = exchange(apdu::encode({0x80, 0x10, 0x00, 0x00, m_settings.profile, std::nullopt}));
      next = response ? Result<StatusWord>(response->status) : tl::unexpected(response.error());
    } else {
      const auto told = tell_news();
      if (!told) return ends(tl::unexpected(told.error()));
      if (!*told) return ends({});
      next = **told;
    }
    if (!next) return ends(tl::unexpected(next.error()));
    status = *next;
  }
  return ends(fail(ErrorCode::kMalformed, "the card's proactive session does not end"));
}

Result<StatusWord> Terminal::serve_one(std::uint8_t size) {
  const auto fetched = exchange(Bytes{0x80, 0x12, 0x00, 0x00, size});
  if (!fetched) return tl::unexpected(fetched.error());
  if (fetched->data.empty()) return fetched->status;
  Taken taken = take(fetched->data);
  Answer answer = taken.refused ? Answer::of(*taken.refused) : carry_out(taken.command);
  m_served.push_back({std::move(taken.command), {}});
  if (m_reset_wanted) return sw::kOk;  // a UICC reset is not answered (clause 6.4.7.1)
  Bytes& data = m_served.back().response;
  data = terminal_response(m_served.back().command, answer);
  if (data.size() > kMaxData) data = terminal_response(m_served.back().command, Answer::of(result::kTerminalUnable, 0x00));
  const auto response = exchange(apdu::encode({0x80, 0x14, 0x00, 0x00, data, std::nullopt}));
  if (!response) return tl::unexpected(response.error());
  return response->status;
}

Answer Terminal::carry_out(const ProactiveCommand& command) {
  const auto ruled = m_rule ? m_rule(command) : std::nullopt;
  if (ruled && !ruled->performed()) return *ruled;
  Answer own = (this->*handler_of(static_cast<Type>(command.type())))(command);
  if (!ruled) return own;
  return {ruled->result, ruled->objects.empty() ? own.objects : ruled->objects};
}

Result<apdu::Response> Terminal::envelope(std::uint8_t tag, BytesView objects) {
  const Bytes data = ber::encode(tag, objects);
  if (data.size() > kMaxData) return fail(ErrorCode::kRange, "more data than fits into an envelope");
  auto response = exchange(apdu::encode({0x80, 0xC2, 0x00, 0x00, data, 256}));
  if (!response) return response;
  if (auto served = serve(response->status); !served) return tl::unexpected(served.error());
  return response;
}

Result<apdu::Response> Terminal::select_item(std::uint8_t identifier, bool help) {
  const auto has = [identifier](const Menu::Item& item) { return item.identifier == identifier; };
  if (!m_menu) return fail(ErrorCode::kNotFound, "the card has set up no menu");
  if (std::ranges::none_of(m_menu->items, has)) return fail(ErrorCode::kNotFound, "the menu has no such item");
  Bytes objects;
  ctlv::write(objects, tag::kDevices, std::array{device::kKeypad, device::kCard});
  ctlv::write(objects, tag::kItemIdentifier, std::array{identifier});
  if (help) ctlv::write(objects, tag::kHelpRequest, {}, false);
  return envelope(kMenuSelection, objects);
}

Result<apdu::Response> Terminal::download_event(std::uint8_t event, BytesView more) {
  if (!m_events.contains(event)) return fail(ErrorCode::kNotFound, "the card has not asked for this event");
  // These two are reported once (clauses 7.5.5 and 7.5.6).
  if (event == kUserActivity || event == kIdleScreen) m_events.erase(event);
  const bool from_network = event <= 0x02;  // MT call, call connected, call disconnected
  Bytes objects;
  ctlv::write(objects, tag::kEventList, std::array{event});
  ctlv::write(objects, tag::kDevices, std::array{from_network ? device::kNetwork : device::kTerminal, device::kCard});
  append(objects, more);
  return envelope(kEventDownload, objects);
}

/// One event of the channels, and the card's answer to it; nothing if there is none.
Result<std::optional<StatusWord>> Terminal::tell_news() {
  const bool data = m_events.contains(kDataAvailable);
  const bool status = m_events.contains(kChannelStatusEvent);
  if (m_news.empty() && (data || status)) m_news = m_channels.news(data);
  while (!m_news.empty()) {
    const Channels::News one = m_news.front();
    m_news.erase(m_news.begin());
    if (!(one.dropped ? status : data)) continue;
    Bytes objects;
    ctlv::write(objects, tag::kEventList, std::array{one.dropped ? kChannelStatusEvent : kDataAvailable});
    ctlv::write(objects, tag::kDevices, std::array{device::kTerminal, device::kCard});
    ctlv::write(objects, tag::kChannelStatus, m_channels.status_of(one.channel));
    if (!one.dropped)
      ctlv::write(objects, tag::kChannelDataLength, std::array{static_cast<std::uint8_t>(std::min<std::size_t>(one.available, 0xFF))});
    const auto response = exchange(apdu::encode({0x80, 0xC2, 0x00, 0x00, ber::encode(kEventDownload, objects), 256}));
    if (!response) return tl::unexpected(response.error());
    return std::optional(response->status);
  }
  return std::optional<StatusWord>();
}

Result<void> Terminal::advance(std::chrono::milliseconds time) {
  const auto end = m_clock.now() + time;
  for (int i = 0;; ++i) {
    if (i == kMaxHappenings) return fail(ErrorCode::kMalformed, "too many proactive commands without time advancing");
    const auto timer = std::ranges::min_element(m_timers, {}, [](const auto& one) { return one.second.end; });
    const bool runs_out = timer != m_timers.end() && timer->second.end <= end;
    const bool polls = m_poll_interval && m_next_poll <= end && (!runs_out || m_next_poll < timer->second.end);
    if (!runs_out && !polls) break;
    if (polls) {
      m_clock.advance(m_next_poll - m_clock.now());
      m_next_poll += *m_poll_interval;
      const auto response = exchange("80F2000C00"_h);  // ETSI TS 102 221 clause 11.1.2: no data
      if (!response) return tl::unexpected(response.error());
      if (auto served = serve(response->status); !served) return served;
      continue;
    }
    const auto [identifier, expired] = *timer;
    m_timers.erase(timer);
    m_clock.advance(expired.end - m_clock.now());
    Bytes objects;
    ctlv::write(objects, tag::kDevices, std::array{device::kTerminal, device::kCard});
    ctlv::write(objects, tag::kTimerIdentifier, std::array{identifier});
    ctlv::write(objects, tag::kTimerValue, timer_value(expired.end - expired.started));
    if (const auto response = envelope(kTimerExpiration, objects); !response) return tl::unexpected(response.error());
  }
  m_clock.advance(end - m_clock.now());
  return {};
}

std::vector<Menu::Item> items_of(const ProactiveCommand& command) {
  std::vector<Menu::Item> out;
  for (const auto& [tag, value] : command.objects) {
    if (tag == tag::kItem && !value.empty()) out.push_back({value[0], alpha_of(BytesView(value).subspan(1))});
  }
  return out;
}

std::optional<std::uint8_t> item_named(const std::vector<Menu::Item>& items, std::string_view text) {
  const auto exact = std::ranges::find(items, text, &Menu::Item::text);
  if (exact != items.end()) return exact->identifier;
  const auto begins = [text](const Menu::Item& item) { return item.text.starts_with(text); };
  const auto found = std::ranges::find_if(items, begins);
  if (found == items.end() || std::ranges::count_if(items, begins) != 1) return std::nullopt;
  return found->identifier;
}

}  // namespace uicclab::terminal
