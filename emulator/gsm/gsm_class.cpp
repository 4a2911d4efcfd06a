// SPDX-License-Identifier: Apache-2.0
#include "emulator/gsm/gsm_class.hpp"

#include <array>

#include "core/reader.hpp"
#include "emulator/command_table.hpp"
#include "emulator/commands/handlers.hpp"
#include "emulator/runtime/instance_context.hpp"

namespace uicclab::emulator::gsm {
namespace {

constexpr std::string_view kUsim = "usim";
constexpr KeyReference kChv1{0x01};
constexpr KeyReference kChv2{0x81};

constexpr std::uint8_t kNever = 0x0F;

// Administrative levels 4 to E (TS 51.011 clause 9.3): ADM1 to ADM5 are 4 to 8, ADM6 to ADM10 9 to D.
std::uint8_t key_nibble(KeyReference key) {
  if (key == kChv1) return 0x01;
  if (key == kChv2) return 0x02;
  const auto low = static_cast<std::uint8_t>(key.value & 0x7F);
  if (low < 0x0A || low > 0x0E) return 0x04;  // another PIN: class A0 has no name for it
  return static_cast<std::uint8_t>(low - 0x0A + (key.is_local() ? 0x09 : 0x04));
}

// Access conditions as nibbles (TS 51.011 clause 9.3): 0 ALW, 1 CHV1, 2 CHV2, 4 to E ADM, F NEV. Of conditions joined by OR the least is
// told, of those joined by AND the most.
std::uint8_t access_nibble(const Condition* condition) {
  if (condition == nullptr) return kNever;
  const auto of_part = [](const Condition& part) { return access_nibble(&part); };
  switch (condition->kind) {
    case Condition::Kind::kAlways:
      return 0x00;
    case Condition::Kind::kKey:
      return key_nibble(condition->key);
    case Condition::Kind::kAny:
      return of_part(*std::ranges::min_element(condition->parts, {}, of_part));
    case Condition::Kind::kAll:
      return of_part(*std::ranges::max_element(condition->parts, {}, of_part));
    case Condition::Kind::kNever:
    case Condition::Kind::kSecureMessaging:  // class A0 has none
    case Condition::Kind::kNone:
      return kNever;
  }
  return kNever;
}

std::uint8_t access_byte(const AccessRule* rule, Access high, Access low) {
  if (rule == nullptr) return 0xFF;
  return static_cast<std::uint8_t>((access_nibble(rule->find(high)) << 4) | access_nibble(rule->find(low)));
}

Bytes ef_information(const Session& session, FileId file, const FileHeader& header) {
  const AccessRule* rule = session.access().rule(file);
  const bool cyclic = header.kind == FileKind::kCyclic;
  const Access increase = Access::of_command(0x80, 0x32);
  ByteWriter out;
  out.u16(0).u16(static_cast<std::uint16_t>(std::min<std::uint32_t>(header.size, 0xFFFF))).u16(header.fid.value);
  out.u8(0x04).u8(cyclic && rule != nullptr && rule->find(increase) != nullptr ? 0x40 : 0x00);
  out.u8(access_byte(rule, Access::of_mode(ef_access::kRead), Access::of_mode(ef_access::kUpdate)));
  out.u8(static_cast<std::uint8_t>(access_byte(rule, increase, increase) | 0x0F));
  out.u8(access_byte(rule, Access::of_mode(ef_access::kActivate), Access::of_mode(ef_access::kDeactivate)));
  out.u8(header.life_cycle == LifeCycle::kActivated ? 0x01 : 0x00).u8(0x02);
  out.u8(cyclic ? 0x03 : header.kind == FileKind::kLinearFixed ? 0x01 : 0x00);
  out.u8(has_records(header.kind) ? static_cast<std::uint8_t>(header.record_length) : 0x00);
  return out.take();
}

// Status byte of a CHV or UNBLOCK CHV: bit 8 initialised, bits 4-1 the tries left.
std::uint8_t chv_status(const std::optional<PinRecord>& pin, bool unblock) {
  if (!pin || (unblock && pin->max_puk_tries == 0)) return 0x00;
  return static_cast<std::uint8_t>(0x80 | ((unblock ? pin->puk_tries : pin->tries) & 0x0F));
}

// File characteristics (clause 9.2.1): clock stop as in the UICC characteristics, the clock of the algorithm in bit 2, in bits 7 to 5 the
// lowest supply voltage (3GPP TS 11.12 and 11.18: 000 5 V, 001 3 V, 011 1,8 V), CHV1 disabled in bit 8.
std::uint8_t file_characteristics(const Session& session, const FileHeader& header, bool chv1_enabled) {
  constexpr std::uint8_t kClassB = 0x20;
  constexpr std::uint8_t kClassC = 0x40;
  constexpr std::uint8_t kClockStop = 0x0D;
  constexpr std::uint8_t kFastClock = 0x02;
  const std::uint8_t uicc = commands::uicc_characteristics(session, header);
  const int voltage = (uicc & kClassC) != 0 ? 0x30 : (uicc & kClassB) != 0 ? 0x10 : 0x00;
  return static_cast<std::uint8_t>((uicc & kClockStop) | kFastClock | voltage | (chv1_enabled ? 0x00 : 0x80));
}

Bytes df_information(const Session& session, FileId file, const FileHeader& header, FileId adf) {
  const auto pin_of = [&](KeyReference key) {
    const auto object = session.nvm().read(pin_object(key, adf));
    return object ? decode_pin(*object) : std::nullopt;
  };
  const auto chv1 = pin_of(kChv1);
  const auto chv2 = pin_of(kChv2);
  // Number of CHVs, UNBLOCK CHVs and administrative codes.
  std::uint8_t codes = 0;
  for (const auto& chv : {chv1, chv2}) {
    if (chv) codes = static_cast<std::uint8_t>(codes + (chv->max_puk_tries != 0 ? 2 : 1));
  }
  for (std::uint8_t adm = 0x0A; adm <= 0x0E; ++adm) {
    for (const std::uint8_t local : {std::uint8_t{0x00}, std::uint8_t{0x80}}) {
      if (pin_of(KeyReference{static_cast<std::uint8_t>(adm | local)})) ++codes;
    }
  }
  std::uint8_t directories = 0;
  std::uint8_t files = 0;
  for (FileId child : session.files().children(file)) {
    const FileHeader& below = session.files().header(child);
    if (below.kind == FileKind::kAdf) continue;
    ++(is_directory(below.kind) ? directories : files);
  }
  ByteWriter out;
  out.u16(0).u16(static_cast<std::uint16_t>(std::min<std::uint32_t>(session.free_memory(), 0xFFFF))).u16(header.fid.value);
  out.u8(header.kind == FileKind::kMf ? 0x01 : 0x02).fill(5, 0x00).u8(0x09);
  out.u8(file_characteristics(session, header, chv1 && chv1->enabled)).u8(directories).u8(files).u8(codes).u8(0x00);
  out.u8(chv_status(chv1, false)).u8(chv_status(chv1, true)).u8(chv_status(chv2, false)).u8(chv_status(chv2, true));
  return out.take();
}

// Status words of TS 102 221 in the words of TS 51.011 clause 9.4.
StatusWord translate(StatusWord status, bool chv_command) {
  if (status.sw1() == 0x63) return (status.value & 0x0F) == 0 ? StatusWord{0x9840} : StatusWord{0x9804};
  if (status.sw1() == 0x6C) return {static_cast<std::uint16_t>(0x6700 | status.sw2())};
  switch (status.value) {
    case 0x6982:
      return {0x9804};
    case 0x6983:
      return {0x9840};
    case 0x6984:
      return {static_cast<std::uint16_t>(chv_command ? 0x9808 : 0x9810)};
    case 0x6985:
      return {static_cast<std::uint16_t>(chv_command ? 0x9808 : 0x6F00)};
    case 0x6981:
      return {0x9408};
    case 0x6986:
      return {0x9400};
    case 0x6A80:
    case 0x6A81:
      return {0x6F00};
    case 0x6A82:
      return {0x9404};
    case 0x6A83:
    case 0x6B00:
      return {0x9402};
    case 0x6A86:
    case 0x6A87:
      return {0x6B00};
    case 0x6A88:
      return {0x9802};
    case 0x6282:
    case 0x6283:
    case 0x6285:
      return sw::kOk;
    case 0x9862:
      return {0x9804};
    default:
      return status;
  }
}

struct Translation {
  std::uint8_t ins;
  std::uint8_t cla;  ///< of the command that takes its place
  bool chv = false;  ///< P2 is a CHV number
};

// Commands of TS 51.011 table 9 that map one to one.
constexpr auto kTranslations = std::to_array<Translation>({
    {0xB0, 0x00},
    {0xD6, 0x00},
    {0xB2, 0x00},
    {0xDC, 0x00},
    {0x32, 0x80},
    {0x04, 0x00},
    {0x44, 0x00},
    {0x10, 0x80},
    {0xC2, 0x80},
    {0x12, 0x80},
    {0x14, 0x80},
    {0x20, 0x00, true},
    {0x24, 0x00, true},
    {0x26, 0x00, true},
    {0x28, 0x00, true},
    {0x2C, 0x00, true},
});

// Forms of the commands of TS 102 221 that a SIM does not have: EFs by SFI, by identifier or by path, an INCREASE by another length.
std::optional<StatusWord> refuse_form(const apdu::Command& c) {
  switch (c.ins) {
    case 0xB0:
    case 0xD6:
      if ((c.p1 & 0x80) != 0) return StatusWord{0x9402};
      break;
    case 0xB2:
    case 0xDC:
      if ((c.p2 & 0xF8) != 0) return sw::kWrongP1P2;
      break;
    case 0x32:
      if (c.p1p2() != 0) return sw::kWrongP1P2;
      if (c.data.size() != 3) return StatusWord{0x6703};
      break;
    case 0x04:
    case 0x44:
      if (c.p1p2() != 0) return sw::kWrongP1P2;
      if (!c.data.empty()) return sw::kWrongLength;
      break;
    default:
      break;
  }
  return std::nullopt;
}

StatusWord select(Execution& e) {
  if (e.command.p1p2() != 0) return sw::kWrongP1P2;
  if (e.command.data.size() != 2) return {0x6702};
  apdu::Command plain = e.command;
  plain.cla = 0x00;
  plain.p2 = 0x0C;
  Execution inner{e.session, e.channel, e.channel_number, e.security, plain, e.out, e.secured_by};
  const StatusWord status = translate(commands::select(inner), false);
  // Of a cyclic EF the record updated last is current (TS 51.011 clause 8.1).
  if (e.channel.file && e.files().header(*e.channel.file).kind == FileKind::kCyclic && status == sw::kOk) e.channel.record = 1;
  if (status == sw::kOk) append(e.out, file_information(e.session, e.channel.file.value_or(e.channel.directory), e.channel.adf_or_mf()));
  return status;
}

StatusWord status(Execution& e) {
  if (e.command.p1p2() != 0) return sw::kWrongP1P2;
  Bytes information = file_information(e.session, e.channel.directory, e.channel.adf_or_mf());
  const bool longer = e.command.le && *e.command.le > information.size();
  if (longer && !e.le_is_limit()) return {static_cast<std::uint16_t>(0x6700 | information.size())};
  if (e.command.le && !longer) information.resize(*e.command.le);
  append(e.out, information);
  return sw::kOk;
}

// SEEK (clause 8.10): type 1 finds the record, type 2 says its number; mode in the low half of P2.
StatusWord seek(Execution& e) {
  const std::uint8_t type = e.command.p2 >> 4;
  const std::uint8_t mode = e.command.p2 & 0x0F;
  if (e.command.p1 != 0 || type > 1 || mode > 3) return sw::kWrongP1P2;
  if (e.command.data.empty()) return sw::kWrongLength;
  if (!e.channel.file) return {0x9400};
  // Modes: 0 from the beginning forward, 1 from the end backward, 2 from the next forward, 3 from the previous backward.
  constexpr std::array<std::uint8_t, 4> indication{0x04, 0x05, 0x06, 0x07};
  const FileHeader& header = e.files().header(*e.channel.file);
  Bytes data{indication[mode], 0x00};
  append(data, e.command.data);
  apdu::Command plain;
  plain.ins = 0xA2;
  plain.p1 = mode == 1 ? static_cast<std::uint8_t>(header.record_count) : std::uint8_t{1};
  plain.p2 = 0x06;
  plain.data = data;
  Execution inner{e.session, e.channel, e.channel_number, e.security, plain, e.out, e.secured_by};
  StatusWord found = commands::search_record(inner);
  if (found == sw::kRecordNotFound) found = {0x9404};
  if (!found.is_success()) return translate(found, false);
  e.out.resize(type == 1 ? 1 : 0);
  return sw::kOk;
}

// RUN GSM ALGORITHM (clause 8.16) is a service of the subscriber's application: the one that is active if it has the algorithm, else the
// first that has it, with an ADF or without.
StatusWord run_gsm_algorithm(Execution& e) {
  if (e.command.p1p2() != 0) return sw::kWrongP1P2;
  if (e.command.data.size() != 16) return {0x6710};
  StatusWord status = sw::kInsNotSupported;
  std::vector<std::uint32_t> numbers = e.session.runtime().numbers();
  if (e.channel.instance) numbers.insert(numbers.begin(), *e.channel.instance);
  for (const std::uint32_t number : numbers) {
    if (!e.session.runtime().is_selectable(number)) continue;
    auto* const algorithm = static_cast<applet::GsmAlgorithm*>(e.session.runtime().object(number).service({}, applet::GsmAlgorithm::kId));
    if (algorithm == nullptr) continue;
    InstanceContext context(e.session, number, e.channel_number, e.security, e.secured_by);
    status = algorithm->run_gsm_algorithm(context, e.command.data, e.out);
    if (status != sw::kInsNotSupported) break;
  }
  return status.is_success() ? status : translate(status, false);
}

// CHV1 and CHV2 are 01 and 02, to UNBLOCK CHV 00 and 02 (clause 8.13); administrative codes have the numbers that the profile gives.
std::optional<KeyReference> key_of_chv(const Session& session, const apdu::Command& command) {
  const bool unblock = command.ins == 0x2C;
  if (command.p2 == 0x02) return kChv2;
  if (command.p2 == (unblock ? 0x00 : 0x01)) return kChv1;
  const auto& adm = session.nvm().image().settings().choices.gsm_adm;
  const auto found = std::ranges::find(adm, command.p2, &ChvOfAdm::chv);
  return found != adm.end() ? std::optional(found->key) : std::nullopt;
}

StatusWord run_command(Execution& e) {
  switch (e.command.ins) {
    case 0xA4:
      return select(e);
    case 0xF2:
      return status(e);
    case 0xA2:
      return seek(e);
    case 0x88:
      return run_gsm_algorithm(e);
    case 0xFA:
      return e.command.data.empty() ? sw::kOk : sw::kWrongLength;  // SLEEP: obsolete, and nothing to do
    default:
      break;
  }
  const auto* it = std::ranges::find(kTranslations, e.command.ins, &Translation::ins);
  if (it == kTranslations.end()) return sw::kInsNotSupported;
  if (const auto refused = refuse_form(e.command)) return *refused;
  apdu::Command plain = e.command;
  plain.cla = it->cla;
  if (it->chv) {
    if (plain.p1 != 0) return sw::kWrongP1P2;
    const auto key = key_of_chv(e.session, plain);
    if (!key) return sw::kWrongP1P2;
    plain.p2 = key->value;
    if (plain.data.empty()) return sw::kWrongLength;  // no query of the counter in this class
  }
  Execution inner{e.session, e.channel, e.channel_number, e.security, plain, e.out, e.secured_by};
  return translate(execute(inner), it->chv);
}

}  // namespace

Bytes file_information(const Session& session, FileId file, FileId adf) {
  const FileHeader& header = session.files().header(file);
  return is_directory(header.kind) ? df_information(session, file, header, adf) : ef_information(session, file, header);
}

namespace {

/// A SIM has no applications: CHV2 is that of the USIM, for this command only.
class BorrowedUsim {
 public:
  BorrowedUsim(const Session& session, ChannelState& channel) : m_channel(channel), m_borrowed(!channel.instance), m_adf(channel.adf) {
    if (!m_borrowed) return;
    const auto usim = session.runtime().by_module(kUsim);
    if (!usim) return;
    channel.instance = usim;
    channel.adf = session.runtime().instance(*usim).adf;
  }
  ~BorrowedUsim() {
    if (!m_borrowed) return;
    m_channel.instance.reset();
    m_channel.adf = m_adf;
  }
  BorrowedUsim(const BorrowedUsim&) = delete;
  BorrowedUsim& operator=(const BorrowedUsim&) = delete;

 private:
  ChannelState& m_channel;
  bool m_borrowed;
  std::optional<FileId> m_adf;
};

}  // namespace

StatusWord run(Execution& e, TransactionLevel level) {
  if (e.session.runtime().is_restricted()) return sw::kConditionsNotSatisfied;
  const BorrowedUsim usim(e.session, e.channel);
  return run_transaction(e, run_command, level);
}

}  // namespace uicclab::emulator::gsm
