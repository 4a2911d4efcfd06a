// SPDX-License-Identifier: Apache-2.0
#include "emulator/cat/toolkit_runtime.hpp"

#include <algorithm>

#include "core/comprehension_tlv.hpp"
#include "core/reader.hpp"
#include "emulator/cat/events.hpp"
#include "emulator/cat/proactive.hpp"
#include "emulator/cat/system_commands.hpp"
#include "emulator/runtime/instance_context.hpp"

namespace uicclab::emulator {
namespace {

using applet::EnvelopeAnswer;
using applet::Handled;
using applet::ToolkitError;

// UPDATE BINARY, UPDATE RECORD, INCREASE, SET DATA.
constexpr std::array<std::uint8_t, 4> kUpdates{0xD6, 0xDC, 0x32, 0xDB};
constexpr std::uint16_t kFileUpdateInformation = 0x3B;  // a data object of this event alone

/// The only byte of an object; nothing if it is absent or of another size.
std::optional<std::uint8_t> byte_of(BytesView objects, std::uint16_t tag) {
  const auto value = ctlv::find(objects, tag);
  return value && value->size() == 1 ? std::optional(value->front()) : std::nullopt;
}

/// The place of a channel in CatState::channel_owners by a Channel status object (clause 8.56).
std::optional<std::size_t> channel_of(BytesView objects) {
  const auto status = ctlv::find(objects, object_tag::kChannelStatus);
  if (!status || status->size() != 2 || ((*status)[0] & 0x07) == 0) return std::nullopt;
  return ((*status)[0] & 0x07U) - 1U;
}

std::size_t channels_of(const CatState& state, std::uint32_t instance) {
  return static_cast<std::size_t>(std::ranges::count(state.channel_owners, std::optional(instance)));
}

/// Such an envelope is not unrecognized if nobody is to be told of it.
bool is_known(applet::Event event) {
  const EventRule* rule = rule_of(event);
  return rule != nullptr && (rule->list_code || rule->exclusive || event == applet::Event::kMenuSelectionHelp);
}

/// Is the DF of the file, or the file, one of these? They are paths: a file that is deleted and made again is the same one.
bool is_watched(const FileSystem& files, const std::vector<ToolkitRecord::Watched>& watched, FileId file) {
  const FileId root = files.root_of(file);
  std::vector<Fid> path;
  for (FileId at = file; at != root; at = files.header(at).parent) path.insert(path.begin(), files.header(at).fid);
  const auto is = [&](std::span<const Fid> one) {
    return std::ranges::any_of(watched, [&](const ToolkitRecord::Watched& entry) {
      const bool same_root = root == kMfId ? !entry.adf : entry.adf && files.header(root).aid.begins_with(entry.adf->bytes());
      return same_root && std::ranges::equal(entry.path, one);
    });
  };
  return is(path) || (!path.empty() && is(std::span(path).first(path.size() - 1)));
}

/// What an update wrote, as File Update Information: where, and how many bytes; of a record its number instead. ETSI TS 102 241 clause 6.2.
Bytes update_information(const apdu::Command& command) {
  constexpr std::uint8_t kUpdateBinary = 0xD6;
  constexpr std::uint8_t kWithSfi = 0x80;
  const bool binary = command.ins == kUpdateBinary;
  const bool by_sfi = binary && (command.p1 & kWithSfi) != 0;
  // A record that is not named is the first one, or the current one, whose number the command does not have.
  const unsigned where = by_sfi ? command.p2 : binary ? unsigned{command.p1} << 8 | command.p2 : std::max<unsigned>(command.p1, 1);
  ByteWriter out;
  out.u16(static_cast<std::uint16_t>(where)).u16(static_cast<std::uint16_t>(command.data.size()));
  return out.take();
}

}  // namespace

void ToolkitRuntime::raise_first_command() {
  m_started = true;
  if (m_registry.empty()) return;
  if (m_registry.registered(applet::Event::kFirstCommandAfterAtr).empty()) return;
  Transaction transaction(m_session, m_session.channels[0], m_session.security());
  raise(applet::Event::kFirstCommandAfterAtr);
  transaction.commit();
}

void ToolkitRuntime::terminal_profile(BytesView profile) {
  m_session.cat.set_terminal_profile(profile);
  raise(applet::Event::kProfileDownload);
}

// The receivers of an envelope. One that has no event here, or that no application has registered for, is unrecognized (TS 102 241
// clause 6.2).
Dispatch ToolkitRuntime::dispatch_of(std::uint8_t tag, BytesView data) {
  using enum applet::Event;
  const auto to = [&](applet::Event event, std::vector<std::uint32_t> left) {
    return Dispatch{event, tag, to_bytes(data), std::move(left)};
  };
  const auto to_all = [&](applet::Event event) { return to(event, m_registry.registered(event)); };
  /// The one whose timer, channel or service it is, if it has registered.
  const auto to_owner = [&](applet::Event event, const auto& owns) {
    std::vector<std::uint32_t> left = m_registry.registered(event);
    std::erase_if(left, [&](std::uint32_t instance) { return !owns(instance); });
    return to(event, std::move(left));
  };
  switch (tag) {
    case envelope_tag::kSmsPpDownload:
      return to_all(kUnformattedSmsPp);
    case envelope_tag::kCellBroadcastDownload:
      return to_all(kUnformattedSmsCb);
    case envelope_tag::kMenuSelection: {
      const auto identifier = byte_of(data, object_tag::kItemIdentifier);
      const auto place = identifier ? m_registry.menu_entry(*identifier) : std::nullopt;
      if (!place || !m_registry.item(*place).shown() || !m_registry.may_be_triggered(place->instance)) break;
      const bool help = ctlv::find(data, object_tag::kHelpRequest).has_value();
      if (help && !m_registry.item(*place).entry.help) return to(kMenuSelectionHelp, {});
      return to(help ? kMenuSelectionHelp : kMenuSelection, {place->instance});
    }
    case envelope_tag::kCallControl:
      return to_all(kCallControl);
    case envelope_tag::kMoShortMessageControl:
      return to_all(kMoShortMessageControl);
    case envelope_tag::kUssdDownload:
      return to_all(kUnformattedUssd);
    case envelope_tag::kTimerExpiration: {
      const auto timer = byte_of(data, object_tag::kTimerIdentifier);
      if (!timer || *timer == 0 || *timer > 8) break;
      return to_owner(kTimerExpiration,
                      [&](std::uint32_t instance) { return ((m_registry.find(instance)->timers >> (*timer - 1)) & 1) != 0; });
    }
    case envelope_tag::kEventDownload: {
      const auto code = byte_of(data, object_tag::kEventList);
      const auto event = code ? event_of_list_code(*code) : std::nullopt;
      if (!event) break;
      if (*event == kDataAvailable || *event == kChannelStatus) {
        const auto channel = channel_of(data);
        const auto owner = channel ? m_session.cat.now().channel_owners[*channel] : std::nullopt;
        return to_owner(*event, [&](std::uint32_t instance) { return instance == owner; });
      }
      if (*event == kLocalConnection) {
        const auto service = ctlv::find(data, object_tag::kServiceRecord);  // technology, identifier, record (clause 8.63)
        const unsigned number = service && service->size() >= 2 ? (*service)[1] : 0xFFU;
        const bool declared = number < 8 && ((m_session.cat.now().declared >> number) & 1) != 0;
        return to_owner(*event,
                        [&](std::uint32_t instance) { return declared && ((m_registry.find(instance)->services >> number) & 1) != 0; });
      }
      return to_all(*event);
    }
    default:
      break;
  }
  return to(kUnrecognizedEnvelope, {});
}

StatusWord ToolkitRuntime::envelope(std::uint8_t tag, BytesView data, Bytes& out) {
  Dispatch dispatch = dispatch_of(tag, data);
  if (dispatch.left.empty()) {
    // The card knows it, and nobody wants to be told: nothing is unrecognized then.
    if (!m_registry.empty() && is_known(dispatch.event)) return sw::kOk;
    dispatch.event = applet::Event::kUnrecognizedEnvelope;
    dispatch.left = m_registry.registered(dispatch.event);
  }
  const std::size_t waiting = m_session.cat.now().queue.size();
  EnvelopeAnswer answer(out);
  if (!run(std::move(dispatch), &answer)) return sw::kFunctionNotSupported;
  // A proactive command that was sent goes out, whoever said before that it is busy; behind a warning that was posted, with the next
  // answer.
  const bool sent = m_session.cat.now().queue.size() > waiting;
  return sent && answer.status() == sw::kBusy ? sw::kOk : answer.status();
}

bool ToolkitRuntime::wants_packets(std::uint32_t instance, applet::Event event) {
  const ToolkitRecord* record = m_registry.find(instance);
  return record != nullptr && record->is_set(event);
}

bool ToolkitRuntime::packet(std::uint32_t instance, applet::Event event, std::uint8_t tag, BytesView objects, Bytes& answer) {
  EnvelopeAnswer response(answer);
  return run({event, tag, to_bytes(objects), {instance}}, &response);
}

template <typename Call>
Handled ToolkitRuntime::take_turn(const Turn& turn, const Call& call) {
  struct Restore {
    const Turn*& place;
    const Turn* before;
    ~Restore() { place = before; }
  } const restore{m_turn, m_turn};
  m_turn = &turn;
  InstanceContext context(m_session, turn.instance, Channel{0}, m_session.security());
  const Handled handled = call(m_session.runtime().object(turn.instance), context);
  (void)context.end_call(sw::kOk);
  return handled;
}

bool ToolkitRuntime::is_waiting_for_answer(std::uint32_t instance) const {
  const auto is = [&](const ProactiveCommand& command) { return command.of_event && command.instance == instance; };
  const CatState& state = m_session.cat.now();
  return (state.fetched && is(*state.fetched)) || std::ranges::any_of(state.queue, is);
}

bool ToolkitRuntime::run(Dispatch dispatch, EnvelopeAnswer* answer) {
  // Nobody else can wait while one does; and nobody is handed the proactive handlers when an application ends (TS 102 268 Cre_Mha_Pahd and
  // Cre_Mha_Prhd, test case 24).
  const bool may_wait = !m_session.cat.now().parked && dispatch.event != applet::Event::kApplicationDeselect;
  bool any = false;
  while (!dispatch.left.empty()) {
    const std::uint32_t instance = dispatch.left.front();
    dispatch.left.erase(dispatch.left.begin());
    if (!m_registry.may_be_triggered(instance)) continue;
    const applet::EventCall call{dispatch.event, dispatch.tag, dispatch.data, answer};
    const Handled handled = take_turn({instance, answer, may_wait},
                                      [&](applet::Applet& object, applet::Context& context) { return object.on_event(context, call); });
    any = any || handled != Handled::kIgnored;
    if (answer != nullptr && handled != Handled::kIgnored) answer->end_turn();
    if (handled == Handled::kWaiting && may_wait && is_waiting_for_answer(instance)) {
      m_session.cat.state().change().parked = Parked{instance, std::move(dispatch)};
      return true;
    }
  }
  return any;
}

StatusWord ToolkitRuntime::terminal_response(BytesView response) {
  CatSession& cat = m_session.cat;
  if (!cat.fetched()) return sw::kConditionsNotSatisfied;
  const ProactiveCommand command = *cat.fetched();
  const auto& parked = cat.now().parked;
  const bool resumes = command.of_event && parked && parked->instance == command.instance;
  if (!resumes) {
    for (ctlv::Reader reader(response); !reader.empty();) {
      if (!reader.next()) return sw::kIncorrectData;
    }
  }
  cat.mark_answered();
  note_answer(command, response);
  if (resumes) {
    resume(response);
  } else if (command.instance != kNobody && m_session.runtime().exists(command.instance)) {  // else it was deleted since
    InstanceContext context(m_session, command.instance, Channel{0}, m_session.security());
    m_session.runtime().object(command.instance).on_terminal_response(context, response);
    (void)context.end_call(sw::kOk);
  }
  return sw::kOk;
}

void ToolkitRuntime::resume(BytesView response) {
  CatState& state = m_session.cat.state().change();
  Parked parked = std::move(*state.parked);
  state.parked.reset();
  // One that was locked meanwhile does not come back.
  if (m_registry.may_be_triggered(parked.instance)) {
    const Handled handled = take_turn({parked.instance, nullptr, true}, [&](applet::Applet& object, applet::Context& context) {
      return object.on_terminal_response(context, response);
    });
    if (handled == Handled::kWaiting && is_waiting_for_answer(parked.instance)) {
      m_session.cat.state().change().parked = std::move(parked);
      return;
    }
  }
  run(std::move(parked.dispatch));
}

void ToolkitRuntime::note_answer(const ProactiveCommand& command, BytesView response) {
  const auto view = ProactiveView::of(command.command);
  if (!view || !is_performed(response)) return;
  CatState& state = m_session.cat.state().change();
  if (view->type == command_type::kOpenChannel) {
    if (const auto channel = channel_of(response)) state.channel_owners[*channel] = command.instance;
  } else if (view->type == command_type::kCloseChannel) {
    if (const auto channel = view->channel()) state.channel_owners[*channel - 1U].reset();
  } else if (view->type == command_type::kDeclareService) {
    const auto record = ctlv::find(view->objects, object_tag::kServiceRecord);
    const unsigned mask = record && record->size() >= 2 && (*record)[1] < 8 ? 1U << (*record)[1] : 0U;
    const bool adds = (view->qualifier & 1) == 0;
    state.declared = static_cast<std::uint8_t>(adds ? state.declared | mask : state.declared & ~mask);
  } else if (view->type == command_type::kPollInterval) {
    state.poll_interval = seconds_of(ctlv::find(response, object_tag::kDuration).value_or(BytesView()));
  }
}

void ToolkitRuntime::status_command(Channel channel) {
  if (channel.value < Session::kChannels && !m_registry.empty()) raise(applet::Event::kStatusCommand);
}

void ToolkitRuntime::application_ended(const Aid& aid) {
  if (m_registry.empty() || m_registry.registered(applet::Event::kApplicationDeselect).empty()) return;
  m_session.cat.state().change().ended.push_back(aid);
}

void ToolkitRuntime::tell_of_ended_applications() {
  if (m_session.cat.now().ended.empty()) return;
  for (const Aid& aid : std::exchange(m_session.cat.state().change().ended, {})) {
    Bytes data;
    ctlv::write(data, object_tag::kDevices, std::array{kTerminalDevice, kUiccDevice});
    ctlv::write(data, object_tag::kAid, aid.bytes());
    raise(applet::Event::kApplicationDeselect, data);
  }
}

void ToolkitRuntime::after_command(const Execution& e, const std::vector<FileId>& changed) {
  if (m_registry.empty()) return;
  const auto title = menu_title_file(m_session.files());
  if (title && std::ranges::find(changed, *title) != changed.end()) m_session.cat.state().change().outdated = true;
  tell_of_ended_applications();
  if (e.channel_number.value >= Session::kChannels) return;  // a script's, not the terminal's
  if (changed.empty() || std::ranges::find(kUpdates, e.command.ins) == kUpdates.end()) return;
  for (const FileId file : changed) {
    if (m_session.files().find(file) == nullptr) continue;
    std::vector<std::uint32_t> watching = m_registry.registered(applet::Event::kExternalFileUpdate);
    std::erase_if(watching, [&](std::uint32_t instance) { return !is_watched(m_session.files(), m_registry.find(instance)->files, file); });
    if (watching.empty()) continue;
    Bytes data;
    ctlv::write(data, object_tag::kDevices, std::array{kTerminalDevice, kUiccDevice});
    Bytes list{1};
    append(list, m_session.files().path_of(file));
    ctlv::write(data, object_tag::kFileList, list);
    const FileId root = m_session.files().root_of(file);
    if (root != kMfId) ctlv::write(data, object_tag::kAid, m_session.files().header(root).aid.bytes());
    ctlv::write(data, kFileUpdateInformation, update_information(e.command));
    run({applet::Event::kExternalFileUpdate, 0, std::move(data), std::move(watching)});
  }
}

void ToolkitRuntime::settle() {
  const CatState& state = m_session.cat.now();
  if (!state.profile_seen || state.parked || m_registry.empty()) return;
  // The answer to INSTALL, DELETE or SET STATUS itself stays 9000; the next one has the new menu (TS 102 268 Cre_Tin_Tmal).
  const bool managed = m_session.runtime().registry().changed();
  if (managed) m_session.cat.state().change().outdated = true;
  tell_of_free_session();
  if (state.outdated && !managed && !m_session.cat.is_busy()) tell_terminal();
}

// Each registration is for one time (TS 102 241 clause 6.2). An application that registers again during the event gets it at the end of the
// next command.
void ToolkitRuntime::tell_of_free_session() {
  constexpr auto kFree = applet::Event::kProactiveHandlerAvailable;
  for (const std::uint32_t instance : m_registry.registered(kFree)) {
    if (m_session.cat.now().parked) return;
    RegistryEntry(m_session, instance).clear_event(kFree);
    run({kFree, 0, {}, {instance}});
  }
}

void ToolkitRuntime::tell_terminal() {
  CatSession& cat = m_session.cat;
  CatState& state = cat.state().change();
  const BytesView profile = cat.terminal_profile();
  state.outdated = false;
  const auto tell = [&](std::optional<Bytes>& told, std::optional<Bytes> now) {
    if (told == now) return;
    if (cat.send(*now, kNobody)) told = std::move(now);
  };
  if (has(profile, facility::kSetUpMenu)) {
    auto menu = menu_command(m_session);
    if (!menu && state.menu) menu = empty_menu_command(m_session);
    tell(state.menu, std::move(menu));
  }
  if (has(profile, facility::kSetUpEventList)) {
    const Bytes codes = event_list(m_session);
    if (!codes.empty() || state.events) tell(state.events, event_list_command(codes));
  }
  const int seconds = polling(m_registry);
  if ((seconds != 0 || state.polling) && has(profile, seconds != 0 ? facility::kPollInterval : facility::kPollingOff)) {
    if (state.polling != poll_command(seconds)) state.poll_interval = 0;
    tell(state.polling, poll_command(seconds));
  }
}

void ToolkitRuntime::assume_told() {
  m_started = true;
  if (m_registry.empty() || !m_session.cat.now().profile_seen) return;
  tell_terminal();
  m_session.cat.state().change().queue.clear();
}

bool ToolkitRuntime::may_send(std::uint32_t instance) const {
  const bool in_turn = m_turn != nullptr && m_turn->instance == instance;
  return !(in_turn && !m_turn->may_send) && m_session.cat.room() != 0;
}

ToolkitError ToolkitRuntime::refusal(std::uint32_t instance, BytesView command) const {
  const CatState& state = m_session.cat.now();
  if (!state.profile_seen) return ToolkitError::kTerminalProfileNotAvailable;
  if (!may_send(instance) || !m_session.cat.fits(command)) return ToolkitError::kHandlerNotAvailable;
  const auto view = ProactiveView::of(command);
  if (!view) return ToolkitError::kNone;
  ToolkitRegistry& registry = m_session.toolkit().registry();
  const ToolkitRecord* record = registry.find(instance);
  const bool is_toolkit = record != nullptr;
  // What others ask for (an action of remote management, the card itself) must leave alone what applications were given.
  const auto may_use = [&](unsigned bit, std::uint8_t ToolkitRecord::*bits) {
    if (bit >= 8) return false;
    const auto has_it = [&](const ToolkitRecord& one) { return ((one.*bits >> bit) & 1) != 0; };
    if (is_toolkit) return has_it(*record);
    return std::ranges::none_of(registry.records(), [&](const auto& entry) { return has_it(entry.second); });
  };
  bool allowed = true;
  switch (view->type) {
    case command_type::kPollInterval:
    case command_type::kPollingOff:
    case command_type::kSetUpEventList:
    case command_type::kSetUpMenu:
      allowed = !is_toolkit;  // the card sends them for the applications
      break;
    case command_type::kTimerManagement:
      allowed = may_use(byte_of(view->objects, object_tag::kTimerIdentifier).value_or(0) - 1U, &ToolkitRecord::timers);
      break;
    case command_type::kOpenChannel:
      allowed =
          !is_toolkit || channels_of(state, instance) < ToolkitRegistry::parameters(m_session.runtime().instance(instance)).max_channels;
      break;
    case command_type::kCloseChannel:
    case command_type::kReceiveData:
    case command_type::kSendData: {
      const auto channel = view->channel();
      const auto owner = channel ? state.channel_owners[*channel - 1U] : std::nullopt;
      allowed = channel && (owner == instance || (!is_toolkit && !owner));
      break;
    }
    case command_type::kDeclareService: {
      const auto service = ctlv::find(view->objects, object_tag::kServiceRecord);
      allowed = may_use(service && service->size() >= 2 ? (*service)[1] : 0xFFU, &ToolkitRecord::services);
      break;
    }
    default:
      break;
  }
  return allowed ? ToolkitError::kNone : ToolkitError::kCommandNotAllowed;
}

bool ToolkitRuntime::send(std::uint32_t instance, BytesView command) {
  if (refusal(instance, command) != ToolkitError::kNone) return false;
  const bool in_turn = m_turn != nullptr && m_turn->instance == instance;
  if (in_turn && m_turn->answer != nullptr) m_turn->answer->close();
  return m_session.cat.send(command, instance, in_turn);
}

bool ToolkitRuntime::is_parked(std::uint32_t instance) const {
  const auto& parked = m_session.cat.now().parked;
  return parked && parked->instance == instance;
}

void ToolkitRuntime::forget() noexcept {
  m_registry.forget();
  m_session.cat.state().change_for_good([](CatState& state) { state.outdated = true; });
}

}  // namespace uicclab::emulator
