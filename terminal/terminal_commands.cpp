// SPDX-License-Identifier: Apache-2.0
// The terminal's own execution of each command: ETSI TS 102 223 clause 6.4.
#include <algorithm>
#include <array>
#include <chrono>

#include "core/hex.hpp"
#include "terminal/terminal.hpp"
#include "terminal/text.hpp"
#include "terminal/time.hpp"

namespace uicclab::terminal {
namespace {

constexpr std::uint8_t kNoCause = 0x00;
constexpr std::uint8_t kNotInSpeechCall = 0x07;  // clause 8.12.2

/// IMEI (kind A) and IMEISV (kind 3) as swapped digits, as a mobile identity has them (3GPP TS 24.008 clause 10.5.1.4): 8 or 9 bytes.
Bytes identity(char kind, const std::string& digits) {
  Bytes out;
  std::string all = kind + digits;
  if (all.size() % 2 != 0) all += 'F';
  for (std::size_t i = 0; i + 1 < all.size(); i += 2) append(out, from_hex(std::string{all[i + 1], all[i]}).value_or(Bytes{0xFF}));
  return out;
}

}  // namespace

Terminal::Handler Terminal::handler_of(Type type) {
  struct Entry {
    Type type;
    Handler handler;
  };
  static constexpr std::array<Entry, 25> kHandlers{{{Type::kRefresh, &Terminal::refresh},
                                                    {Type::kMoreTime, &Terminal::do_nothing},
                                                    {Type::kPollInterval, &Terminal::set_poll_interval},
                                                    {Type::kPollingOff, &Terminal::polling_off},
                                                    {Type::kSetUpEventList, &Terminal::set_up_event_list},
                                                    {Type::kSetUpCall, &Terminal::no_network},
                                                    {Type::kSendSs, &Terminal::no_network},
                                                    {Type::kSendUssd, &Terminal::no_network},
                                                    {Type::kSendShortMessage, &Terminal::send_short_message},
                                                    {Type::kSendDtmf, &Terminal::send_dtmf},
                                                    {Type::kPlayTone, &Terminal::do_nothing},
                                                    {Type::kDisplayText, &Terminal::do_nothing},
                                                    {Type::kGetInkey, &Terminal::no_user},
                                                    {Type::kGetInput, &Terminal::no_user},
                                                    {Type::kSelectItem, &Terminal::no_user},
                                                    {Type::kSetUpMenu, &Terminal::set_up_menu},
                                                    {Type::kProvideLocalInformation, &Terminal::provide_local_information},
                                                    {Type::kTimerManagement, &Terminal::timer_management},
                                                    {Type::kSetUpIdleModeText, &Terminal::set_up_idle_mode_text},
                                                    {Type::kLanguageNotification, &Terminal::do_nothing},
                                                    {Type::kOpenChannel, &Terminal::open_channel},
                                                    {Type::kCloseChannel, &Terminal::close_channel},
                                                    {Type::kReceiveData, &Terminal::receive_data},
                                                    {Type::kSendData, &Terminal::send_data},
                                                    {Type::kGetChannelStatus, &Terminal::channel_status}}};
  const auto found = std::ranges::find(kHandlers, type, &Entry::type);
  return found == kHandlers.end() ? &Terminal::do_nothing : found->handler;
}

Answer Terminal::do_nothing(const ProactiveCommand&) {
  return {};
}

Answer Terminal::no_user(const ProactiveCommand&) {
  return Answer::of(result::kNoUserResponse);
}

Answer Terminal::no_network(const ProactiveCommand&) {
  return Answer::of(result::kNetworkUnable, kNoCause);
}

Answer Terminal::send_dtmf(const ProactiveCommand&) {
  return Answer::of(result::kTerminalUnable, kNotInSpeechCall);
}

// Clauses 6.4.6 and 8.8: the terminal says which interval it takes; this one takes what is asked for.
Answer Terminal::set_poll_interval(const ProactiveCommand& command) {
  const Bytes& duration = *command.find(tag::kDuration);
  const auto time = duration_of(duration);
  if (!time || time->count() == 0) return Answer::of(result::kDataNotUnderstood);
  m_poll_interval = *time;
  m_next_poll = m_clock.now() + *time;
  Answer out;
  out.add(tag::kDuration, duration);
  return out;
}

Answer Terminal::polling_off(const ProactiveCommand&) {
  m_poll_interval.reset();
  return {};
}

// Clause 6.4.16: the list takes the place of the one before; an empty one ends it.
Answer Terminal::set_up_event_list(const ProactiveCommand& command) {
  const Bytes& list = *command.find(tag::kEventList);
  m_events = {list.begin(), list.end()};
  return {};
}

// Clause 6.4.10; 3GPP TS 23.040.
Answer Terminal::send_short_message(const ProactiveCommand& command) {
  const Bytes& tpdu = *command.find(tag::kSmsTpdu);
  m_tpdus.push_back(tpdu);
  const auto submit = ota::SmsSubmit::parse(tpdu);
  if (!submit) return {};  // SMS-COMMAND, or what the network would refuse
  const auto part = submit->body.parsed_user_data();
  if (!part) return {};
  if (auto added = m_reassembler.add(submit->destination, *part); added.message) m_messages.push_back(*std::move(added.message));
  return {};
}

// Clause 6.4.8: a menu takes the place of the one before; one item without text removes it.
Answer Terminal::set_up_menu(const ProactiveCommand& command) {
  const Bytes& first = *command.find(tag::kItem);
  m_menu.reset();
  if (first.empty()) return {};
  m_menu = Menu{alpha_of(*command.find(tag::kAlphaIdentifier)), items_of(command)};
  return {};
}

Answer Terminal::set_up_idle_mode_text(const ProactiveCommand& command) {
  m_idle_text = *command.find(tag::kTextString);
  return {};
}

// Clauses 6.4.15 and 8.6: what is asked for is in the qualifier.
Answer Terminal::provide_local_information(const ProactiveCommand& command) {
  Answer out;
  switch (command.qualifier()) {
    case 0x00:
      out.add(tag::kLocation, m_settings.location);
      return out;
    case 0x01:
      out.add(tag::kImei, identity('A', m_settings.imei));
      return out;
    case 0x03:
      out.add(tag::kDateTime, date_time(m_settings.time + std::chrono::duration_cast<std::chrono::seconds>(m_clock.now())));
      return out;
    case 0x04:
      out.add(tag::kLanguage, as_bytes(m_settings.language));
      return out;
    case 0x06:
      out.add(tag::kAccessTechnology, std::array{m_settings.access_technology});
      return out;
    case 0x08:
      out.add(tag::kImeisv, identity('3', m_settings.imei.substr(0, 14) + "01"));
      return out;
    default:
      return Answer::of(result::kBeyondCapabilities);
  }
}

// Clauses 6.4.21 and 8.38.
Answer Terminal::timer_management(const ProactiveCommand& command) {
  constexpr std::uint8_t kStart = 0x00;
  constexpr std::uint8_t kDeactivate = 0x01;
  constexpr std::uint8_t kCurrent = 0x02;
  constexpr std::uint8_t kTimers = 8;
  const Bytes& identifier = *command.find(tag::kTimerIdentifier);
  if (identifier.size() != 1 || identifier[0] == 0 || identifier[0] > kTimers) return Answer::of(result::kDataNotUnderstood);
  const auto now = m_clock.now();
  const auto timer = m_timers.find(identifier[0]);
  Answer out;
  out.add(tag::kTimerIdentifier, identifier);
  if (command.qualifier() == kStart) {
    const Bytes* value = command.find(tag::kTimerValue);
    if (value == nullptr) return Answer::of(result::kValuesMissing);
    const auto time = timer_value_of(*value);
    if (!time) return Answer::of(result::kDataNotUnderstood);
    m_timers[identifier[0]] = {now, now + *time};
    return out;
  }
  if (command.qualifier() != kDeactivate && command.qualifier() != kCurrent) return Answer::of(result::kDataNotUnderstood);
  if (timer == m_timers.end()) return {Bytes{result::kTimerContradiction}, out.objects};
  out.add(tag::kTimerValue, timer_value(timer->second.end - now));
  if (command.qualifier() == kDeactivate) m_timers.erase(timer);
  return out;
}

// Clause 6.4.7; modes: clause 8.6.
Answer Terminal::refresh(const ProactiveCommand& command) {
  enum Mode : std::uint8_t { kInitFull, kFiles, kInitFiles, kInit, kUiccReset, kApplicationReset, kSessionReset };
  const std::uint8_t mode = command.qualifier();
  if (mode > kSessionReset) return Answer::of(result::kBeyondCapabilities);
  if (mode == kUiccReset) {
    m_reset_wanted = true;
    return {};
  }
  const Bytes* list = command.find(tag::kFileList);
  if (mode == kFiles && list == nullptr) return Answer::of(result::kValuesMissing);
  const Bytes* aid = command.find(tag::kAid);
  const std::size_t read = list != nullptr ? read_again(*list) : 0;
  if (mode != kFiles)
    start_application(aid != nullptr && (mode == kApplicationReset || mode == kSessionReset) ? BytesView(*aid) : BytesView());
  // 03: more files were read than the command listed; a terminal that reads what was listed has performed it.
  return mode == kInitFull && read == 0 ? Answer::of(result::kAdditionalFilesRead) : Answer();
}

/// Files of the list, whose paths begin at the MF (clause 8.18), as far as they let themselves be read.
std::size_t Terminal::read_again(BytesView file_list) {
  std::size_t read = 0;
  Bytes path;
  const auto read_one = [&] {
    if (path.empty()) return;
    const auto selected = exchange(apdu::encode({0x00, 0xA4, 0x08, 0x04, path, 256}));
    if (selected && selected->status.is_success()) {
      ++read;
      (void)exchange("00B0000000"_h);
    }
    path.clear();
  };
  for (std::size_t i = 1; i + 1 < file_list.size(); i += 2) {
    if (file_list[i] == 0x3F && file_list[i + 1] == 0x00) {
      read_one();
    } else {
      append(path, file_list.subspan(i, 2));
    }
  }
  read_one();
  return read;
}

/// The terminal's own start with the application: STATUS that says "initialised" (ETSI TS 102 221 clause 11.1.2), after a selection that
/// ended its session where the mode wants it (clause 11.1.1: termination, activation).
void Terminal::start_application(BytesView aid) {
  if (!aid.empty()) {
    (void)exchange(apdu::encode({0x00, 0xA4, 0x04, 0x4C, aid, std::nullopt}));
    (void)exchange(apdu::encode({0x00, 0xA4, 0x04, 0x0C, aid, std::nullopt}));
  }
  (void)exchange("80F2010C00"_h);
}

}  // namespace uicclab::terminal
