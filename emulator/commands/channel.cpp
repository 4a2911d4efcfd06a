// SPDX-License-Identifier: Apache-2.0
// MANAGE CHANNEL, GET CHALLENGE, TERMINAL CAPABILITY and SUSPEND UICC: ETSI TS 102 221 clauses 11.1.17, 11.1.18, 11.1.19 and 11.1.22.
#include "core/ber_tlv.hpp"
#include "core/reader.hpp"
#include "emulator/commands/handlers.hpp"
#include "emulator/runtime/instance_context.hpp"
#include "emulator/suspension.hpp"
#include "emulator/transaction.hpp"

namespace uicclab::emulator::commands {
namespace {

constexpr std::uint8_t kOpen = 0x00;
constexpr std::uint8_t kClose = 0x80;

StatusWord open_channel(Execution& e) {
  const std::uint8_t wanted = e.command.p2;
  const std::size_t last = std::min<std::size_t>(e.session.nvm().image().settings().logical_channels, Session::kChannels - 1);
  if (wanted > last) return sw::kIncorrectP1P2;
  std::size_t number = wanted;
  if (wanted == 0) {
    for (number = 1; number <= last && e.session.channels[number].open; ++number) {
    }
    if (number > last) return sw::kFunctionNotSupported;  // no channel is free
    if (!e.command.le || !e.le_fits(1)) return sw::exact_length(1);
    e.out.push_back(static_cast<std::uint8_t>(number));
  } else if (e.session.channels[number].open) {
    return sw::kConditionsNotSatisfied;
  }
  const auto instance = e.channel_number != Channel{0} ? e.channel.instance : std::nullopt;
  if (instance && !e.session.runtime().instance(*instance).module->is_multiselectable()) return sw::kConditionsNotSatisfied;
  ChannelState fresh;
  fresh.open = true;
  if (e.channel_number != Channel{0}) {
    // Opened from a channel other than the basic one: it begins at that one's selection (clause 11.1.17.1).
    fresh.directory = e.channel.directory;
    fresh.instance = instance;
    fresh.adf = e.channel.adf;
  }
  const bool anew = !fresh.instance;
  const bool of_jcre = e.session.is_of_jcre(fresh);
  e.session.transaction->save(e.session.channels[number]);
  e.session.channels[number] = std::move(fresh);
  const Channel opened{static_cast<std::uint8_t>(number)};
  if (anew) select_implicitly(e.session, opened);
  if (!of_jcre) return sw::kOk;
  // It is asked, and may refuse: then no channel is opened (JCRE 3.1 clause 4.5.1).
  InstanceContext context(e.session, *instance, opened, e.security);
  Bytes nowhere;
  return context.end_call(e.session.runtime().object(*instance).select(context, nowhere));
}

// Duration: unit and value (table 11.36).
std::optional<std::uint64_t> seconds(BytesView duration) {
  constexpr std::uint64_t units[] = {1, 60, 3600, 86400, 864000};
  if (duration[0] >= std::size(units)) return std::nullopt;
  return units[duration[0]] * duration[1];
}

// The longest duration that can be coded and is no longer than `limit`.
std::array<std::uint8_t, 2> code_duration(std::uint64_t limit) {
  constexpr std::uint64_t units[] = {1, 60, 3600, 86400, 864000};
  std::array<std::uint8_t, 2> best{0, 0};
  std::uint64_t best_seconds = 0;
  for (std::size_t unit = 0; unit < std::size(units); ++unit) {
    const std::uint64_t value = std::min<std::uint64_t>(limit / units[unit], 255);
    if (value * units[unit] > best_seconds) {
      best_seconds = value * units[unit];
      best = {static_cast<std::uint8_t>(unit), static_cast<std::uint8_t>(value)};
    }
  }
  return best;
}

StatusWord suspend(Execution& e) {
  if (e.command.data.size() != 4) return sw::kWrongLength;
  const auto least = seconds(e.command.data.first(2));
  const auto most = seconds(e.command.data.subspan(2));
  if (!least || !most || *most < *least) return sw::kIncorrectData;
  const std::uint64_t limit = e.session.nvm().image().settings().max_suspend_seconds;
  if (*least > limit) return sw::kSuspensionTimeTooLong;
  if (e.session.cat.is_busy()) return sw::kConditionsNotSatisfied;  // a proactive session is going on
  if (e.session.cat.terminal_profile().size() > 0xFFFF) return sw::kConditionsNotSatisfied;
  const auto granted = code_duration(std::min(*most, limit));
  std::array<std::uint8_t, kResumeTokenSize> token{};
  e.session.random.fill(token);
  const auto until = e.session.clock.now() + std::chrono::seconds(*seconds(granted));
  e.session.nvm().write(suspension_object(), encode_suspension(e.session, token, until));
  append(e.out, granted);
  append(e.out, token);
  e.session.suspended = true;
  return sw::kOk;
}

StatusWord resume_session(Execution& e) {
  if (e.command.data.size() != kResumeTokenSize) return sw::kWrongLength;
  const auto kept = e.session.nvm().read(suspension_object());
  if (!kept) return sw::kConditionsNotSatisfied;
  // One try: whatever comes of it, the kept state is gone (clause 11.1.22.1).
  const Bytes object = to_bytes(*kept);
  e.session.nvm().erase(suspension_object());
  e.session.transaction->seal();
  for (ChannelState& channel : e.session.channels) e.session.transaction->save(channel);
  return resume(e.session, object, e.command.data) ? sw::kOk : sw::kConditionsNotSatisfied;
}

}  // namespace

StatusWord manage_channel(Execution& e) {
  const apdu::Command& c = e.command;
  if (!c.data.empty()) return sw::kWrongLength;
  if (c.p1 == kOpen) return open_channel(e);
  if (c.p1 != kClose) return sw::kIncorrectP1P2;
  if (c.p2 == 0 || c.p2 >= Session::kChannels) return sw::kIncorrectP1P2;
  ChannelState& channel = e.session.channels[c.p2];
  if (!channel.open) return sw::kChannelNotSupported;
  e.session.transaction->save(channel);
  end_application_session(e, channel, Channel{c.p2});
  channel = {};
  return sw::kOk;
}

StatusWord get_challenge(Execution& e) {
  const apdu::Command& c = e.command;
  if (c.p1p2() != 0) return sw::kIncorrectP1P2;
  if (!c.data.empty() || !c.le) return sw::kWrongLength;
  e.out.resize(*c.le);
  e.session.random.fill(e.out);
  return sw::kOk;
}

StatusWord terminal_capability(Execution& e) {
  const apdu::Command& c = e.command;
  if (c.p1p2() != 0) return sw::kIncorrectP1P2;
  if (c.data.empty()) return sw::kWrongLength;
  const auto capability = ber::only(c.data, 0xA9);
  if (!capability) return sw::kIncorrectData;
  ber::Reader reader(capability->value);
  while (!reader.empty()) {
    if (!reader.next()) return sw::kIncorrectData;
  }
  e.session.terminal_capability = to_bytes(c.data);
  return sw::kOk;
}

StatusWord suspend_uicc(Execution& e) {
  if (e.session.nvm().image().settings().max_suspend_seconds == 0) return sw::kInsNotSupported;
  if (e.command.p2 != 0) return sw::kIncorrectP1P2;
  e.session.resumable = false;
  switch (e.command.p1) {
    case 0x00:
      return suspend(e);
    case 0x01:
      return resume_session(e);
    default:
      return sw::kIncorrectP1P2;
  }
}

}  // namespace uicclab::emulator::commands
