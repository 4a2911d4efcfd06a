// SPDX-License-Identifier: Apache-2.0
#include "script/replay_port.hpp"

#include <algorithm>
#include <array>

#include "core/apdu.hpp"
#include "core/atr.hpp"
#include "core/hex.hpp"
#include "script/explain.hpp"

namespace uicclab::script {
namespace {

constexpr std::size_t kHeader = 5;
/// Commands whose answer depends on the selected file: ETSI TS 102 221 clause 11.1.
constexpr std::array<std::uint8_t, 12> kNeedsSelection{0xB0, 0xB2, 0xD6, 0xDC, 0xA2, 0x32, 0xCB, 0xDB, 0x04, 0x44, 0xF2, 0xD4};

/// A command without the Le behind its data.
BytesView essence(BytesView command) {
  const auto parsed = apdu::parse(command);
  if (!parsed || parsed->kind() != apdu::Case::k4) return command;
  return command.first(static_cast<std::size_t>(parsed->data.data() - command.data()) + parsed->data.size());
}

bool is_from_the_top(BytesView command) {
  return command[2] == 0x04 || command[2] == 0x08 || (command.size() >= 7 && command[5] == 0x3F && command[6] == 0x00);
}

bool depends_on_file(BytesView command) {
  if (command.size() < 4) return false;
  if (command[1] == apdu::kSelect) return !is_from_the_top(command);
  return std::ranges::find(kNeedsSelection, command[1]) != kNeedsSelection.end();
}

StatusWord status_of(BytesView answer) {
  return {static_cast<std::uint16_t>((answer[answer.size() - 2] << 8) | answer.back())};
}

std::string words(BytesView command) {
  return describe_command(command) + " (" + to_hex(command) + ")";
}

/// What a command is found by. `before`: the key of the last command that was no GET RESPONSE, which this changes.
std::string context_key(const SelectedFiles& files, BytesView command, std::string& before) {
  if (command.size() > 1 && command[1] == apdu::kGetResponse) {
    before += "+";
    return before;
  }
  const std::uint8_t cla = command.empty() ? std::uint8_t{0} : command[0];
  const bool selects = command.size() > 1 && command[1] == apdu::kSelect;
  before = (selects ? files.directory(cla) : files.path(cla)) + " " + to_hex(essence(command));
  return before;
}

}  // namespace

ReplayPort::ReplayPort(Recording recording, ReplayOptions options) : m_recording(std::move(recording)), m_options(std::move(options)) {
  m_atr = m_recording.atr;
  if (m_options.loose) index();
}

void ReplayPort::index() {
  for (std::size_t i = 0; i < m_recording.events.size(); ++i) {
    const Recorded& event = m_recording.events[i];
    if (event.kind == Recorded::Kind::kReset) m_files.reset();
    if (event.kind != Recorded::Kind::kExchange) continue;
    m_in_context[context_key(m_files, event.command, m_before)] = i;
    m_anywhere[to_hex(essence(event.command))] = i;
    m_files.follow(event.command, status_of(event.answer));
  }
  m_files.reset();
  m_before.clear();
}

Place ReplayPort::last_place() const {
  return m_recording.events.empty() ? Place{m_recording.file, 1, 1} : m_recording.events.back().place;
}

Bytes ReplayPort::deviate(const Place& place, std::string text) {
  ++m_deviations;
  if (m_options.on_deviation) m_options.on_deviation({place, std::move(text)});
  return {m_options.status.sw1(), m_options.status.sw2()};
}

Bytes ReplayPort::refuse_masked(const Recorded& event, BytesView command) {
  return deviate(event.place, "the data of " + describe_command(command) +
                                  " was masked when it was recorded, so this value cannot be checked: give it with --set " + event.masked +
                                  "=VALUE, or record with --with-secrets");
}

Result<Atr> ReplayPort::reset() {
  const auto& events = m_recording.events;
  m_on = true;
  const auto info = parse_atr(m_atr);
  m_protocol = info && info->first_protocol == 1 ? Protocol::kT1 : Protocol::kT0;
  m_files.reset();
  m_before.clear();
  if (m_options.loose) return m_atr;
  while (m_next < events.size() && events[m_next].kind == Recorded::Kind::kPowerOff) ++m_next;
  const bool at_reset = m_next < events.size() && events[m_next].kind == Recorded::Kind::kReset;
  if (m_fresh && !at_reset) return m_atr;
  if (!at_reset) {
    const auto is_reset = [](const Recorded& one) { return one.kind == Recorded::Kind::kReset; };
    const auto next = std::find_if(events.begin() + static_cast<std::ptrdiff_t>(m_next), events.end(), is_reset);
    const bool begun = m_next > 0 && m_next < events.size();
    if (begun) (void)deviate(events[m_next].place, "a reset, where the recording has " + words(events[m_next].command));
    // Without a further reset it starts again; a recording without any begins with a command.
    const auto first = next != events.end() ? next : std::find_if(events.begin(), events.end(), is_reset);
    m_next = first == events.end() ? 0 : static_cast<std::size_t>(first - events.begin());
  }
  if (m_next < events.size() && events[m_next].kind == Recorded::Kind::kReset) {
    if (!events[m_next].answer.empty()) m_atr = events[m_next].answer;
    ++m_next;
  }
  m_fresh = true;
  return m_atr;
}

Result<void> ReplayPort::select_protocol(Protocol protocol) {
  const auto atr = parse_atr(m_atr);
  if (protocol == Protocol::kT0 || (atr && atr->offers(protocol))) {
    m_protocol = protocol;
    return {};
  }
  return fail(ErrorCode::kUnsupported, "the recorded answer to reset does not offer this protocol");
}

Result<Bytes> ReplayPort::transmit(BytesView command) {
  if (!m_on) return fail(ErrorCode::kIo, "the card is off");
  Bytes answer = m_options.loose ? loose(command) : strict(command);
  m_warned = answer.size() == 2 && status_of(answer).is_warning();
  return answer;
}

Bytes ReplayPort::strict(BytesView command) {
  const auto& events = m_recording.events;
  const auto is_exchange = [&] { return m_next < events.size() && events[m_next].kind == Recorded::Kind::kExchange; };
  // One reset is as good as several; a protocol was chosen, or not.
  while (m_next < events.size() && !is_exchange() && (m_fresh || events[m_next].kind == Recorded::Kind::kProtocol)) ++m_next;
  m_fresh = false;
  if (m_next == events.size() && asks_behind_warning(command)) return {0x6F, 0x00};
  if (m_next == events.size()) return deviate(last_place(), words(command) + ", where the recording has ended");
  const Recorded& event = events[m_next];
  if (!is_exchange())
    return deviate(event.place,
                   words(command) + ", where the recording has " + (event.kind == Recorded::Kind::kReset ? "a reset" : "power off"));
  const bool masked = !event.masked.empty();
  const bool same = masked ? command.size() >= event.command.size() && equal(command.first(event.command.size()), event.command)
                           : equal(essence(command), essence(event.command));
  if (!same && asks_behind_warning(command)) return {0x6F, 0x00};
  if (!same) return deviate(event.place, words(command) + ", where the recording has " + words(event.command));
  ++m_next;
  return masked ? refuse_masked(event, command) : event.answer;
}

Bytes ReplayPort::loose(BytesView command) {
  const Recorded* event = nullptr;
  const auto look = [&](const std::map<std::string, std::size_t>& map, const std::string& key) {
    const auto found = map.find(key);
    if (event == nullptr && found != map.end()) event = &m_recording.events[found->second];
  };
  const std::string key = context_key(m_files, command, m_before);
  look(m_in_context, key);
  const bool is_get_response = command.size() > 1 && command[1] == apdu::kGetResponse;
  if (!depends_on_file(command) && !is_get_response) look(m_anywhere, to_hex(essence(command)));
  if (event == nullptr && command.size() > kHeader) {
    const auto masked = std::ranges::find_if(m_recording.events, [&](const Recorded& one) {
      return !one.masked.empty() && one.command.size() <= command.size() && equal(command.first(one.command.size()), one.command);
    });
    if (masked != m_recording.events.end()) return refuse_masked(*masked, command);
  }
  if (event == nullptr && asks_behind_warning(command)) return {0x6F, 0x00};
  if (event == nullptr) {
    return deviate(last_place(), words(command) + " with " + m_files.path(command.empty() ? std::uint8_t{0} : command[0]) +
                                     " selected is not in the recording");
  }
  m_files.follow(command, status_of(event->answer));
  return event->answer;
}

}  // namespace uicclab::script
