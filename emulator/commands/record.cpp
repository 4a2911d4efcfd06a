// SPDX-License-Identifier: Apache-2.0
// READ RECORD, UPDATE RECORD and INCREASE: ETSI TS 102 221 clauses 8.2.2.2, 8.2.2.3, 11.1.5, 11.1.6 and 11.1.8.
#include "emulator/commands/handlers.hpp"

namespace uicclab::emulator::commands {
namespace {

// P2, bits 3-1 (table 11.12).
enum RecordMode : std::uint8_t { kNext = 0x02, kPrevious = 0x03, kAbsolute = 0x04 };

// The record a command means, without moving the pointer; 0 if there is none.
std::uint8_t pick_record(const Execution& e, FileId file) {
  const std::uint8_t mode = e.command.p2 & 0x07;
  const std::uint8_t p1 = e.command.p1;
  const FileHeader& header = e.files().header(file);
  const auto count = static_cast<std::uint8_t>(header.record_count);
  const std::uint8_t pointer = e.record_pointer(file, e.command.p2 >> 3);
  const bool cyclic = header.kind == FileKind::kCyclic;
  switch (mode) {
    case kNext:
      if (pointer == 0) return 1;
      if (pointer < count) return static_cast<std::uint8_t>(pointer + 1);
      return cyclic ? 1 : 0;
    case kPrevious:
      if (pointer == 0) return count;
      if (pointer > 1) return static_cast<std::uint8_t>(pointer - 1);
      return cyclic ? count : 0;
    default: {
      const std::uint8_t number = p1 == 0 ? pointer : p1;
      return number <= count ? number : 0;
    }
  }
}

bool valid_mode(std::uint8_t mode, std::uint8_t p1) {
  return mode == kAbsolute || ((mode == kNext || mode == kPrevious) && p1 == 0);
}

}  // namespace

StatusWord read_record(Execution& e) {
  const apdu::Command& c = e.command;
  if (!c.data.empty()) return sw::kWrongLength;
  const std::uint8_t mode = c.p2 & 0x07;
  if (!valid_mode(mode, c.p1) || (c.p2 >> 3) == 31) return sw::kIncorrectP1P2;
  StatusWord status;
  const auto file = e.target(c.p2 >> 3, status);
  if (!file) return status;
  if (const auto refused = e.refuse(*file, {FileKind::kLinearFixed, FileKind::kCyclic}, Access::of_mode(ef_access::kRead))) return *refused;
  const std::uint8_t record = pick_record(e, *file);
  if (record == 0) return sw::kRecordNotFound;
  const std::size_t length = e.files().header(*file).record_length;
  if (!e.le_fits(length)) return sw::exact_length(length);
  e.make_current(*file, c.p2 >> 3);
  if (mode != kAbsolute) e.channel.record = record;
  append(e.out, e.files().record(*file, record));
  return e.read_status(length);
}

StatusWord update_record(Execution& e) {
  const apdu::Command& c = e.command;
  if (c.data.empty() && !e.part_at) return sw::kWrongLength;
  const std::uint8_t mode = c.p2 & 0x07;
  if (!valid_mode(mode, c.p1) || (c.p2 >> 3) == 31) return sw::kIncorrectP1P2;
  StatusWord status;
  const auto file = e.target(c.p2 >> 3, status);
  if (!file) return status;
  if (const auto refused = e.refuse(*file, {FileKind::kLinearFixed, FileKind::kCyclic}, Access::of_mode(ef_access::kUpdate)))
    return *refused;
  const FileHeader& header = e.files().header(*file);
  const std::size_t length = header.record_length;
  const bool cyclic = header.kind == FileKind::kCyclic;
  if (cyclic && mode != kPrevious) return sw::kIncorrectP1P2;  // clause 11.1.6.1: cyclic files only by PREVIOUS
  if (e.part_at ? *e.part_at > length || c.data.size() > length - *e.part_at : c.data.size() != length) return sw::kWrongLength;
  const std::uint8_t record = cyclic ? std::uint8_t{1} : pick_record(e, *file);
  if (record == 0) return sw::kRecordNotFound;
  e.make_current(*file, c.p2 >> 3);
  if (e.part_at) {
    // In a cyclic EF the rest is that of the oldest record, which this one takes the place of.
    Bytes whole = to_bytes(e.files().record(*file, cyclic ? static_cast<std::uint8_t>(header.record_count) : record));
    std::ranges::copy(c.data, whole.begin() + static_cast<std::ptrdiff_t>(*e.part_at));
    e.files().update_record(*file, record, whole);
  } else {
    e.files().update_record(*file, record, c.data);
  }
  if (mode != kAbsolute) e.channel.record = record;
  return sw::kOk;
}

StatusWord increase(Execution& e) {
  const apdu::Command& c = e.command;
  if (c.p2 != 0) return sw::kIncorrectP1P2;
  const bool by_sfi = (c.p1 & 0x80) != 0;
  if ((by_sfi && ((c.p1 & 0x60) != 0 || (c.p1 & 0x1F) == 0)) || (!by_sfi && c.p1 != 0)) return sw::kIncorrectP1P2;
  if (c.data.empty() || c.data.size() > 127) return sw::kWrongLength;
  StatusWord status;
  const auto sfi = static_cast<std::uint8_t>(by_sfi ? c.p1 & 0x1F : 0);
  const auto file = e.target(sfi, status);
  if (!file) return status;
  if (const auto refused = e.refuse(*file, {FileKind::kCyclic}, Access::of_command(0x80, 0x32))) return *refused;
  const std::size_t length = e.files().header(*file).record_length;
  if (c.data.size() > length) return sw::kWrongLength;

  Bytes sum = to_bytes(e.files().record(*file, 1));
  unsigned carry = 0;
  for (std::size_t i = 0; i < length; ++i) {
    const unsigned added = i < c.data.size() ? c.data[c.data.size() - 1 - i] : 0U;
    const unsigned digit = sum[length - 1 - i] + added + carry;
    sum[length - 1 - i] = static_cast<std::uint8_t>(digit);
    carry = digit >> 8;
  }
  if (carry != 0) return sw::kMaximumReached;

  e.make_current(*file, sfi);
  e.files().update_record(*file, 1, sum);
  e.channel.record = 1;
  append(e.out, sum);
  append(e.out, c.data);
  return sw::kOk;
}

}  // namespace uicclab::emulator::commands
