// SPDX-License-Identifier: Apache-2.0
#include "emulator/command_table.hpp"

#include <algorithm>
#include <array>

#include "emulator/commands/handlers.hpp"
#include "emulator/runtime/instance_context.hpp"
#include "emulator/runtime/jcre.hpp"

namespace uicclab::emulator {
namespace {

// Class bytes of a command: 0X/4X/6X, 8X/CX/EX (ETSI TS 102 221 clause 10.1.1, table 10.3 and clause 10.1.2).
// k80: class 80 alone, as the basic channel is the only one for it.
enum ClassSet : std::uint8_t { k0 = 1, k8 = 2, kBoth = 3, k80 = 6 };
constexpr std::uint8_t kBasicChannelOnly = 4;

// GP clauses D.4.1 and D.4.2: what opens a secure channel.
constexpr std::uint8_t kInitializeUpdate = 0x50;
constexpr std::uint8_t kExternalAuthenticate = 0x82;

struct Entry {
  std::uint8_t ins;
  ClassSet classes;
  Handler handler;
};

// ETSI TS 102 221 table 10.5, ETSI TS 102 222 table 1. INCREASE, RETRIEVE DATA and SET DATA are of class 8X; terminals in the field send
// them as 0X as well.
constexpr auto kEntries = std::to_array<Entry>({
    {0xA4, k0, commands::select},
    {0xF2, k8, commands::status},
    {0xB0, k0, commands::read_binary},
    {0xD6, k0, commands::update_binary},
    {0xB2, k0, commands::read_record},
    {0xDC, k0, commands::update_record},
    {0xA2, k0, commands::search_record},
    {0x32, kBoth, commands::increase},
    {0xCB, kBoth, commands::retrieve_data},
    {0xDB, kBoth, commands::set_data},
    {0x20, k0, commands::verify_pin},
    {0x24, k0, commands::change_pin},
    {0x26, k0, commands::disable_pin},
    {0x28, k0, commands::enable_pin},
    {0x2C, k0, commands::unblock_pin},
    {0x04, k0, commands::deactivate_file},
    {0x44, k0, commands::activate_file},
    {0x84, k0, commands::get_challenge},
    {0xAA, k8, commands::terminal_capability},
    {0x10, k80, commands::terminal_profile},
    {0xC2, k80, commands::envelope},
    {0x12, k80, commands::fetch},
    {0x14, k80, commands::terminal_response},
    {0x70, k0, commands::manage_channel},
    {0x76, k80, commands::suspend_uicc},
    {0xE0, k0, commands::create_file},
    {0xE4, k0, commands::delete_file},
    {0xD4, k8, commands::resize_file},
    {0xE6, k0, commands::terminate_df},
    {0xE8, k0, commands::terminate_ef},
    {0xFE, k0, commands::terminate_card_usage},
});

constexpr auto kIndex = [] {
  std::array<std::uint8_t, 256> index{};
  for (std::size_t i = 0; i < kEntries.size(); ++i) index[kEntries[i].ins] = static_cast<std::uint8_t>(i + 1);
  return index;
}();

StatusWord process(Execution& e, std::uint32_t instance) {
  InstanceContext context(e, instance);
  return context.end_call(e.session.runtime().object(instance).process(context, e.command, e.out));
}

// Commands of the terminal itself, on a channel where an application has a secure channel: they leave it alone.
constexpr bool leaves_session(const Entry& entry) {
  constexpr std::array<std::uint8_t, 4> kOthers{0xF2, 0x70, 0x84, 0xAA};  // STATUS, MANAGE CHANNEL, GET CHALLENGE, TERMINAL CAPABILITY
  return (entry.classes & kBasicChannelOnly) != 0 || std::ranges::find(kOthers, entry.ins) != kOthers.end();
}

constexpr bool is_selection_by_name(const apdu::Command& command) {
  return command.ins == apdu::kSelect && command.p1 == 0x04;
}

// A command in the secure channel that a security domain keeps for the active application: the plain command goes the way of every
// other, with what the channel protects in its security status.
StatusWord execute_in_channel(Execution& e) {
  const auto plain = e.channel.secure->unwrap(e.command);
  if (!plain) return plain.error();
  if (e.command.ins == kInitializeUpdate && e.channel.instance) {
    // A new session begins; the old one still protects the answer (GP clause E.5.1, Amd D clause 7.1.1).
    const auto old = std::move(e.channel.secure);
    apdu::Command command = *plain;
    Execution inside{e.session, e.channel, e.channel_number, e.security, command, e.out};
    const StatusWord status = process(inside, *e.channel.instance);
    if (!status.is_success()) e.out.clear();
    old->wrap(e.out, status);
    return status;
  }
  const Bytes data = to_bytes(plain->data);  // a selection in it destroys the channel
  apdu::Command command = *plain;
  command.data = data;
  ChannelSecurity security(e.security, e.channel.secure->level());
  Execution inside{e.session, e.channel, e.channel_number, security, command, e.out};
  inside.room = e.channel.secure->room(e.command.extended);
  const StatusWord status = command.ins == kExternalAuthenticate ? sw::kInsNotSupported : execute(inside);
  if (!status.is_success()) e.out.clear();
  if (e.channel.secure) e.channel.secure->wrap(e.out, status);
  return status;
}

// A card that is locked or terminated has neither files nor commands of its own any more: applications that may still be selected answer,
// and a terminated card opens no channels either (GP clauses 5.1.1.4 and 5.1.1.5, table 11-1).
StatusWord execute_restricted(Execution& e) {
  const bool plain = !apdu::is_proprietary(e.command.cla) && !apdu::is_secured(e.command.cla);
  if (plain && is_selection_by_name(e.command)) return commands::select(e);
  const bool locked = e.session.runtime().registry().card_state() == gp::CardState::kLocked;
  if (plain && locked && e.command.ins == 0x70) return commands::manage_channel(e);
  const auto instance = e.channel.instance;
  if (!instance || !e.session.runtime().is_selectable(*instance)) return sw::kConditionsNotSatisfied;
  const StatusWord answer = process(e, *instance);
  const bool of_the_card = kIndex[e.command.ins] != 0;
  return answer == sw::kInsNotSupported && of_the_card ? sw::kConditionsNotSatisfied : answer;
}

/// Files whose bodies the command has written.
std::vector<FileId> changed_files(const Session& session, const Transaction& transaction) {
  std::vector<FileId> files = transaction.sealed_bodies();
  (void)session.nvm().pending_touches([&](ObjectId id) {
    if (id.space() == Space::kFileBody) files.push_back(FileId{id.index()});
    return false;
  });
  return files;
}

/// Applications that watch their files learn of what this transaction changed, before it is committed.
void tell_watchers(Execution& e, const Transaction& transaction) {
  Session& session = e.session;
  for (const auto& [number, adf] : session.runtime().watchers()) {
    if (!session.runtime().exists(number)) continue;
    const auto is_in_adf = [&, root = adf](FileId file) { return session.files().is_in(file, root); };
    const auto touches = [&](ObjectId id) { return id.space() == Space::kFileBody && is_in_adf(FileId{id.index()}); };
    if (!session.nvm().pending_touches(touches) && std::ranges::none_of(transaction.sealed_bodies(), is_in_adf)) continue;
    InstanceContext context(session, number, e.channel_number, e.security);
    session.runtime().object(number).on_files_changed(context);
  }
}

}  // namespace

StatusWord execute(Execution& e) {
  if (e.session.runtime().is_restricted()) return execute_restricted(e);
  if (e.session.is_of_jcre(e.channel)) return jcre::execute(e);
  const std::uint8_t cla = e.command.cla;
  const ClassSet own = apdu::is_proprietary(cla) ? k8 : k0;
  const std::uint8_t place = kIndex[e.command.ins];
  const Entry* entry = place != 0 ? &kEntries[place - 1U] : nullptr;
  const bool fits = entry != nullptr && (entry->classes & own) != 0;
  const bool wrong_channel = fits && (entry->classes & kBasicChannelOnly) != 0 && e.channel_number != Channel{0};
  const bool secure = apdu::is_secured(cla);

  const auto instance = e.channel.instance;
  const bool opening = secure && e.command.ins == kExternalAuthenticate;
  const bool protects = secure || e.channel.secure;
  const bool unwraps_itself = protects && instance && e.session.runtime().instance(*instance).module->unwraps_itself();
  if (secure && unwraps_itself) return process(e, *instance);
  const bool in_channel = e.channel.secure && !unwraps_itself;
  if (in_channel && secure && !opening) return execute_in_channel(e);
  const bool demanded = in_channel && e.channel.secure->level() != 0 && !e.room;  // this command should have come through it
  if (demanded && fits && !leaves_session(*entry) && !is_selection_by_name(e.command)) {
    // What is about files must come through the channel: a selection slipped in between would redirect the commands of the session.
    e.channel.secure->terminate();
    return sw::kSecurityStatusNotSatisfied;
  }

  // An application without files (a security domain) owns class 8X and everything with secure messaging before the card does.
  const bool without_files = instance && !e.channel.adf;
  if ((without_files && (secure || own == k8)) || (instance && opening)) {
    const StatusWord answer = process(e, *instance);
    if (answer != sw::kInsNotSupported && answer != sw::kClaNotSupported) return answer;
    e.out.clear();
  }
  if (secure) return sw::kSecureMessagingNotSupported;
  if (fits) return wrong_channel ? sw::kChannelNotSupported : entry->handler(e);
  if (instance && !(without_files && own == k8)) {
    const StatusWord answer = process(e, *instance);
    if (answer != sw::kInsNotSupported || entry == nullptr) return answer;
    e.out.clear();
  }
  return entry != nullptr ? sw::kClaNotSupported : sw::kInsNotSupported;
}

namespace {

// Files are counted by the commands that make them; here it is about keys, instances and what these keep.
bool adds_data(const Session& session) {
  const auto image_count = session.nvm().image().instances().size();
  return session.nvm().pending_touches([&](ObjectId id) {
    const bool installed = id.owner() >= image_count;
    return id.space() == Space::kKeySet || id.space() == Space::kRegistry || id.space() == Space::kCode ||
           ((id.space() == Space::kApplet || id.space() == Space::kToolkit) && installed) || id.space() == Space::kFileHeader;
  });
}

}  // namespace

StatusWord run_transaction(Execution& e, Handler handler, TransactionLevel level) {
  Session& session = e.session;
  Transaction transaction(session, e.channel, e.security, level);
  StatusWord answer = handler(e);
  if (session.nvm().has_pending() && answer.is_success() && adds_data(session) && session.exceeds_memory()) answer = sw::kNotEnoughMemory;
  if (!answer.is_success()) {
    if (!e.data_with_any_status) e.out.clear();
    transaction.rollback();
    return answer;
  }
  if (!session.toolkit().registry().empty()) {
    session.toolkit().after_command(e, changed_files(session, transaction));
    if (level == TransactionLevel::kCommand) session.toolkit().settle();
  }
  if (transaction.has_writes()) tell_watchers(e, transaction);
  transaction.commit();
  return answer;
}

}  // namespace uicclab::emulator
