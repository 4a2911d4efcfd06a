// SPDX-License-Identifier: Apache-2.0
// SELECT and STATUS: ETSI TS 102 221 clauses 8.4, 8.5, 11.1.1 and 11.1.2.
#include "core/ber_tlv.hpp"
#include "core/reader.hpp"
#include "emulator/commands/handlers.hpp"
#include "emulator/runtime/instance_context.hpp"
#include "emulator/runtime/jcre.hpp"
#include "uicc/fcp.hpp"

namespace uicclab::emulator::commands {
namespace {

// P1 of SELECT, table 11.1.
enum SelectionMode : std::uint8_t {
  kByFid = 0x00,
  kChildDf = 0x01,
  kChildEf = 0x02,  // not in the table: ISO/IEC 7816-4 table 39, what generic clients send
  kParentDf = 0x03,
  kByDfName = 0x04,
  kPathFromMf = 0x08,
  kPathFromCurrentDf = 0x09,
};

// P2 of SELECT, table 11.2.
constexpr std::uint8_t kOccurrenceMask = 0x03;
constexpr std::uint8_t kDataMask = 0x1C;
constexpr std::uint8_t kReturnFcp = 0x04;
constexpr std::uint8_t kReturnFci = 0x00;  // ISO/IEC 7816-4; clients of GlobalPlatform cards ask so
constexpr std::uint8_t kNoData = 0x0C;
constexpr std::uint8_t kSessionMask = 0x60;
constexpr std::uint8_t kTerminate = 0x40;

constexpr ber::Tag kUiccCharacteristics = 0x80;

// Data the card computes for the FCP of a DF: UICC characteristics, available memory, supported system commands (clause 11.1.1.4.6).
void append_directory_data(const Execution& e, const FileHeader& header, Bytes& out) {
  if (e.session.nvm().image().settings().choices.given_directory_data) return;
  if (!ber::find(header.proprietary, kUiccCharacteristics)) {
    const std::uint8_t characteristics = uicc_characteristics(e.session, header);
    ber::write(out, kUiccCharacteristics, BytesView{&characteristics, 1});
  }
  const std::uint32_t memory = e.session.free_memory();
  ber::write_header(out, 0x83, 4);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(memory >> shift));
  if (header.kind != FileKind::kDf) append(out, "870101"_h);  // TERMINAL CAPABILITY is supported
}

bool key_enabled(const Execution& e, FileId directory, KeyReference key) {
  const FileId scope = key.is_local() ? e.files().scope_of(key, directory).value_or(kMfId) : kMfId;
  const auto object = e.session.nvm().read(pin_object(key, scope));
  const auto pin = object ? decode_pin_flags(*object) : std::nullopt;
  return pin && pin->enabled;
}

// Answers with the FCP, if it is wanted, and makes the file current; nothing moves if the answer does not fit Le.
StatusWord finish_file(Execution& e, FileId file, std::uint8_t wanted) {
  const FileHeader& header = e.files().header(file);
  if (!is_directory(header.kind) && e.in_use_elsewhere(file)) return sw::kConditionsNotSatisfied;
  const bool terminated = header.life_cycle == LifeCycle::kTerminated;
  if (wanted != kNoData && !terminated) append_fcp(e, file);
  if (!e.out.empty() && !e.le_fits(e.out.size())) return sw::exact_length(e.out.size());
  if (is_directory(header.kind)) {
    e.channel.select_directory(file);
  } else {
    e.channel.select_file(file, header);
  }
  if (terminated) return sw::kFileTerminated;
  // A deactivated file is recognised by its life cycle status in the FCP; a warning would keep a T=0 terminal from the data.
  const bool warns = wanted == kNoData || e.session.nvm().image().settings().choices.deactivated_warning;
  return warns && header.life_cycle == LifeCycle::kDeactivated ? sw::kFileDeactivated : sw::kOk;
}

std::optional<std::uint32_t> pick_occurrence(const Execution& e, const std::vector<std::uint32_t>& matches, std::uint8_t occurrence) {
  if (matches.empty()) return std::nullopt;
  const auto current = e.channel.instance ? std::ranges::find(matches, *e.channel.instance) : matches.end();
  switch (occurrence) {
    case 0:
      return matches.front();
    case 1:
      return matches.back();
    case 2:
      if (current == matches.end()) return matches.front();
      return current + 1 == matches.end() ? std::nullopt : std::optional(*(current + 1));
    default:
      if (current == matches.end()) return matches.back();
      return current == matches.begin() ? std::nullopt : std::optional(*(current - 1));
  }
}

// Local keys count as long as a session of their application is open on some channel (clauses 8.5.1 and 9.4.2).
void forget_local_keys(Execution& e, const ChannelState& channel) {
  if (!channel.adf) return;
  const bool elsewhere =
      std::ranges::any_of(e.session.channels, [&](const ChannelState& c) { return c.open && &c != &channel && c.adf == channel.adf; });
  if (!elsewhere) e.session.security().forget_application(*channel.adf);
}

StatusWord terminate_application(Execution& e, std::uint32_t number) {
  if (e.channel.instance != number) return sw::kConditionsNotSatisfied;
  end_application_session(e, e.channel, e.channel_number);
  e.channel.select_directory(kMfId);
  return sw::kOk;
}

// The application that SELECT by name means. No name at all means the issuer security domain, whatever is selected after a reset (GP clause
// 11.9.2.1).
std::optional<std::uint32_t> named_application(const Execution& e) {
  const auto issuer = e.command.data.empty() ? e.session.runtime().registry().issuer_domain() : std::nullopt;
  return issuer ? issuer : pick_occurrence(e, e.session.runtime().find(e.command.data), e.command.p2 & kOccurrenceMask);
}

// What the application that was selected answers: the FCP of its ADF, or what it put into the answer itself.
StatusWord finish_selection(Execution& e, const InstanceSpec& spec, std::uint8_t wanted, StatusWord answer) {
  if (spec.adf) return finish_file(e, *spec.adf, wanted);
  if (wanted == kNoData) e.out.clear();
  if (!e.out.empty() && !e.le_fits(e.out.size())) return sw::exact_length(e.out.size());
  e.channel.select_directory(kMfId);
  return answer;
}

// The order of the JCRE (3.1 clause 4.5.2): the one that is active is left first, and if the other one refuses, none is active. What was
// told to them is told, whatever the command answers.
StatusWord select_by_jcre(Execution& e, std::uint32_t number, std::uint8_t wanted) {
  const InstanceSpec& spec = e.session.runtime().instance(number);
  e.channel.secure.reset();
  end_application_session(e, e.channel, e.channel_number);
  e.channel.select_directory(kMfId);
  e.session.transaction->keep_selection();
  InstanceContext context(e, number);
  const StatusWord answer = context.end_call(e.session.runtime().object(number).select(context, e.out));
  if (!answer.is_success()) return answer;
  e.channel.instance = number;
  e.channel.adf = spec.adf;
  if (spec.adf) e.channel.select_directory(*spec.adf);
  e.session.transaction->keep_selection();
  if (spec.module->follows_jcre() && !spec.adf) return jcre::process(e);
  return finish_selection(e, spec, wanted, answer);
}

StatusWord select_application(Execution& e) {
  const std::uint8_t p2 = e.command.p2;
  const std::uint8_t wanted = p2 & kDataMask;
  if (e.command.data.size() > Aid::kMaxSize) return sw::kWrongLength;
  const auto number = named_application(e);
  if (!number) return sw::kFileNotFound;
  if ((p2 & kSessionMask) == kTerminate) return terminate_application(e, *number);
  if ((p2 & kSessionMask) != 0) return sw::kIncorrectP1P2;

  const InstanceSpec& spec = e.session.runtime().instance(*number);
  const bool elsewhere = e.session.is_active_elsewhere(*number, e.channel_number, true);
  if (elsewhere && !spec.module->is_multiselectable()) return sw::kConditionsNotSatisfied;
  if (e.session.is_of_jcre(e.channel) || spec.module->follows_jcre()) return select_by_jcre(e, *number, wanted);

  // The application is asked before the one that is active is left: a refused selection changes nothing (clause 11.1.1.1).
  InstanceContext context(e.session, *number, e.channel_number, e.security);
  const StatusWord answer = context.end_call(e.session.runtime().object(*number).select(context, e.out));
  if (!answer.is_success()) return answer;
  const StatusWord status = finish_selection(e, spec, wanted, answer);
  if (!status.is_success()) return status;
  e.channel.secure.reset();
  if (e.channel.instance == *number) {
    forget_local_keys(e, e.channel);  // selected again, its session is reset
  } else {
    end_application_session(e, e.channel, e.channel_number);
  }
  e.channel.instance = number;
  e.channel.adf = spec.adf;
  return status;
}

}  // namespace

bool names_application(const Execution& e) {
  return e.command.data.size() <= Aid::kMaxSize && named_application(e).has_value();
}

void select_implicitly(Session& session, Channel number) {
  const auto instance = session.runtime().implicitly_selected(number);
  const auto has_it = [&](const ChannelState& channel) { return channel.open && channel.instance == instance; };
  if (!instance) return;
  if (!session.runtime().instance(*instance).module->is_multiselectable() && std::ranges::any_of(session.channels, has_it)) return;
  InstanceContext context(session, *instance, number, session.security());
  Bytes nowhere;
  if (!session.runtime().object(*instance).select(context, nowhere).is_success()) return;
  ChannelState& channel = session.channels[number.value];
  channel.instance = instance;
  channel.adf = session.runtime().instance(*instance).adf;
}

void end_application_session(Execution& e, ChannelState& channel, Channel number) {
  if (!channel.instance) return;
  applet::Applet& applet = e.session.runtime().object(*channel.instance);
  if (number == e.channel_number) {
    InstanceContext context(e, *channel.instance);  // it may see the command that ends its session
    applet.deselect(context);
  } else {
    InstanceContext context(e.session, *channel.instance, number, e.security);
    applet.deselect(context);
  }
  forget_local_keys(e, channel);
  // An application session is one of an application with files (TS 102 221 clause 8.5.1).
  const InstanceSpec& left = e.session.runtime().instance(*channel.instance);
  if (left.adf) e.session.toolkit().application_ended(left.aid);
  channel.secure.reset();
  channel.instance.reset();
  channel.adf.reset();
}

std::uint8_t uicc_characteristics(const Session& session, const FileHeader& header) {
  constexpr std::uint8_t kClockStop = 0x01;  // no preferred level
  constexpr std::uint8_t kUnknown = 0x71;    // an ATR that says nothing
  const auto given = ber::find(header.proprietary, kUiccCharacteristics);
  if (given && given->size() == 1) return given->front();
  const auto told = session.nvm().image().clock_and_class();
  if (!told) return kUnknown;
  return static_cast<std::uint8_t>((*told & 0x07) << 4 | ((*told & 0xC0) != 0 ? kClockStop : 0));
}

void append_fcp(const Execution& e, FileId file) {
  const FileHeader& header = e.files().header(file);
  FcpExtras extras;
  extras.proprietary = [&](Bytes& out) { append_directory_data(e, header, out); };
  extras.key_enabled = [&](KeyReference key) { return key_enabled(e, file, key); };
  if (header.kind != FileKind::kBerTlv) {
    encode_fcp(header, extras, e.out);
    return;
  }
  // The file size of a BER-TLV EF is the current size of its data objects (clause 11.1.1.4.1); tag 86 has the limit.
  FileHeader now = header;
  now.max_size = capacity(header);
  now.size = static_cast<std::uint32_t>(e.files().body(file).size());
  encode_fcp(now, extras, e.out);
}

std::optional<FileId> find_by_fid(const Execution& e, Fid fid) {
  // Clause 8.4.1: the MF, the current ADF, a child of the current DF, the current DF itself, its parent, a sibling of it.
  const FileId here = e.channel.directory;
  if (fid == kMfFid) return kMfId;
  if (fid == kAdfFid) return e.channel.adf;
  if (const auto child = e.files().child(here, fid)) return child;
  const FileHeader& current = e.files().header(here);
  if (current.kind == FileKind::kMf) return std::nullopt;
  if (current.fid == fid) return here;
  if (current.kind == FileKind::kAdf) return std::nullopt;
  if (e.files().header(current.parent).fid == fid) return current.parent;
  const auto sibling = e.files().child(current.parent, fid);
  if (sibling && is_directory(e.files().header(*sibling).kind)) return sibling;
  return std::nullopt;
}

std::optional<FileId> find_by_path(const Execution& e, FileId from, BytesView path) {
  if (path.empty() || path.size() % 2 != 0) return std::nullopt;
  FileId at = from;
  for (std::size_t i = 0; i < path.size(); i += 2) {
    const Fid fid = fid_at(path, i);
    if (!is_directory(e.files().header(at).kind)) return std::nullopt;
    if (i == 0 && from == kMfId && fid == kAdfFid) {
      if (!e.channel.adf) return std::nullopt;
      at = *e.channel.adf;
      continue;
    }
    const auto next = e.files().child(at, fid);
    if (!next) return std::nullopt;
    at = *next;
  }
  return at;
}

StatusWord select(Execution& e) {
  const apdu::Command& c = e.command;
  const std::uint8_t wanted = c.p2 & kDataMask;
  if ((c.p2 & 0x80) != 0) return sw::kIncorrectP1P2;
  if (wanted != kReturnFcp && wanted != kReturnFci && wanted != kNoData) return sw::kIncorrectP1P2;
  if (c.p1 == kByDfName) return select_application(e);
  if ((c.p2 & ~kDataMask) != 0) return sw::kIncorrectP1P2;

  std::optional<FileId> file;
  switch (c.p1) {
    case kByFid:
      if (c.data.empty()) {
        file = kMfId;
        break;
      }
      if (c.data.size() != 2) return sw::kWrongLength;
      file = find_by_fid(e, fid_at(c.data));
      break;
    case kChildDf:
      if (c.data.size() != 2) return sw::kWrongLength;
      file = e.files().child(e.channel.directory, fid_at(c.data));
      if (file && !is_directory(e.files().header(*file).kind)) file.reset();
      break;
    case kChildEf:
      if (c.data.size() != 2) return sw::kWrongLength;
      file = e.files().child(e.channel.directory, fid_at(c.data));
      if (file && is_directory(e.files().header(*file).kind)) file.reset();
      break;
    case kParentDf:
      if (!c.data.empty()) return sw::kWrongLength;
      if (e.channel.directory == kMfId) return sw::kFileNotFound;
      file = e.files().header(e.channel.directory).parent;
      break;
    case kPathFromMf:
    case kPathFromCurrentDf:
      if (c.data.empty() || c.data.size() % 2 != 0) return sw::kWrongLength;
      file = find_by_path(e, c.p1 == kPathFromMf ? kMfId : e.channel.directory, c.data);
      break;
    default:
      return sw::kIncorrectP1P2;
  }
  if (!file) return sw::kFileNotFound;
  const StatusWord status = finish_file(e, *file, wanted);
  // On the basic channel the MF is where a UICC begins: an application that has no place among the files is left (clause 8.4.1).
  const bool without_files = e.channel.instance && !e.channel.adf;
  if (status.is_success() && *file == kMfId && c.p1 == kByFid && e.channel_number == Channel{0} && without_files) {
    end_application_session(e, e.channel, e.channel_number);
  }
  return status;
}

StatusWord status(Execution& e) {
  const apdu::Command& c = e.command;
  if (!c.data.empty()) return sw::kWrongLength;
  if (c.p1 > 2) return sw::kIncorrectP1P2;
  switch (c.p2) {
    case 0x00:
      append_fcp(e, e.channel.directory);
      break;
    case 0x01:
      if (!e.channel.instance) return sw::kReferencedDataNotFound;
      ber::write(e.out, 0x84, e.session.runtime().instance(*e.channel.instance).aid.bytes());
      break;
    case 0x0C:
      break;
    default:
      return sw::kIncorrectP1P2;
  }
  if (c.p2 != 0x0C && !e.le_fits(e.out.size())) return sw::exact_length(e.out.size());
  e.session.toolkit().status_command(e.channel_number);
  return sw::kOk;
}

}  // namespace uicclab::emulator::commands
