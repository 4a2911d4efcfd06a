// SPDX-License-Identifier: Apache-2.0
// FileView: ETSI TS 102 241 annex A. Null and bounds of arrays come first; then what the card's command would say.
#include "applet/java/framework/arrays.hpp"
#include "applet/java/uicc/access.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr std::uint8_t kSelect = 0xA4;
constexpr std::uint8_t kStatus = 0xF2;
constexpr std::uint8_t kReadBinary = 0xB0;
constexpr std::uint8_t kUpdateBinary = 0xD6;
constexpr std::uint8_t kReadRecord = 0xB2;
constexpr std::uint8_t kUpdateRecord = 0xDC;
constexpr std::uint8_t kSearchRecord = 0xA2;
constexpr std::uint8_t kIncrease = 0x32;
constexpr std::uint8_t kDeactivateFile = 0x04;
constexpr std::uint8_t kActivateFile = 0x44;
constexpr std::uint8_t kReturnFcp = 0x04;
constexpr std::uint8_t kNoData = 0x0C;
constexpr std::uint8_t kClassOfUicc = 0x80;

/// REC_ACC_MODE_NEXT, _PREVIOUS, _ABSOLUTE; SIMPLE_SEARCH_START_FORWARD, _BACKWARD, ENHANCED_SEARCH.
enum Mode : std::int8_t { kNext = 2, kPrevious, kAbsolute, kBackward, kEnhanced };

/// Not shareable and in use. DEVIATION: the javadoc has CONDITIONS_OF_USE_NOT_SATISFIED for select(), without a word when; TS 102 268
/// (Test_Api_1_Cont) wants FILE_NOT_FOUND or INTERNAL_ERROR.
constexpr Meanings kOfSelect{.conditions = kInternalError};
constexpr Meanings kOfFile{.bounds = kOutOfFileBoundaries};
constexpr Meanings kOfRecord{.bounds = kOutOfRecordBoundaries};
constexpr Meanings kOfSearch{.bounds = kOutOfRecordBoundaries, .data = kInvalidMode};

apdu::Command command(std::uint8_t ins, std::uint8_t p1 = 0, std::uint8_t p2 = 0, BytesView data = {}) {
  apdu::Command out;
  out.ins = ins;
  out.p1 = p1;
  out.p2 = p2;
  out.data = data;
  return out;
}

/// A record number as P1; what is none is that of a record that no file has.
std::uint8_t record_number(std::int16_t number) {
  constexpr std::uint8_t kNoRecord = 0xFF;
  return number < 0 || number > kNoRecord ? kNoRecord : static_cast<std::uint8_t>(number);
}

/// As a place; a negative one is out of every file's bounds.
std::size_t place(std::int16_t offset) {
  return offset < 0 ? std::size_t{0x10000} : static_cast<std::size_t>(offset);
}

/// What fits into (array, offset, length): how much that is.
Outcome hand_over(NativeCall& call, std::size_t argument, BytesView answer) {
  const BytesView part = answer.first(std::min(answer.size(), static_cast<std::size_t>(call.short_at(argument + 2))));
  if (!call.write_array(argument, call.short_at(argument + 1), part)) return call.failed();
  return call.returns(static_cast<std::int16_t>(part.size()));
}

std::array<std::uint8_t, 2> fid_at(NativeCall& call, std::size_t argument) {
  const auto fid = static_cast<std::uint16_t>(call.short_at(argument));
  return {static_cast<std::uint8_t>(fid >> 8), static_cast<std::uint8_t>(fid)};
}

// Selection

Outcome select_with_fcp(NativeCall& call) {
  if (!call.check_array(1, call.short_at(2), call.short_at(3))) return call.failed();
  View view(call, call.self());
  if (!view) return call.failed();
  Bytes fcp;
  const StatusWord status = view.run(command(kSelect, 0, kReturnFcp, fid_at(call, 0)), fcp);
  return status.is_success() ? hand_over(call, 1, fcp) : uicc_refuses(call, status, kOfSelect);
}

Outcome select_by_fid(NativeCall& call) {
  View view(call, call.self());
  if (!view) return call.failed();
  Bytes nothing;
  const StatusWord status = view.run(command(kSelect, 0, kNoData, fid_at(call, 0)), nothing);
  return status.is_success() ? call.returns() : uicc_refuses(call, status, kOfSelect);
}

Outcome select_by_sfi(NativeCall& call) {
  View view(call, call.self());
  if (!view) return call.failed();
  const StatusWord status = view.select(Sfi{static_cast<std::uint8_t>(call.byte_at(0))});
  return status.is_success() ? call.returns() : uicc_refuses(call, status, kOfSelect);
}

Outcome get_status(NativeCall& call) {
  if (!call.check_array(0, call.short_at(1), call.short_at(2))) return call.failed();
  View view(call, call.self());
  if (!view) return call.failed();
  apdu::Command status_command = command(kStatus);
  status_command.cla = kClassOfUicc;
  Bytes fcp;
  const StatusWord status = view.run(status_command, fcp);
  return status.is_success() ? hand_over(call, 0, fcp) : uicc_refuses(call, status);
}

// Transparent EFs

/// (offset in the file, array, offset, length)
Outcome read_binary(NativeCall& call) {
  const std::int16_t length = call.short_at(3);
  if (!call.check_array(1, call.short_at(2), length)) return call.failed();
  View view(call, call.self());
  if (!view) return call.failed();
  const std::int16_t offset = std::max<std::int16_t>(call.short_at(0), 0);
  apdu::Command read = command(kReadBinary, static_cast<std::uint8_t>(offset >> 8), static_cast<std::uint8_t>(offset));
  read.le = static_cast<std::uint32_t>(length);
  read.extended = true;
  Bytes data;
  const StatusWord status = view.run(read, data);
  if (!status.is_success()) return uicc_refuses(call, status, kOfFile);
  if (call.short_at(0) < 0 || data.size() < static_cast<std::size_t>(length)) return uicc_refuses(call, kOutOfFileBoundaries);
  if (!call.write_array(1, call.short_at(2), data)) return call.failed();
  return call.returns(static_cast<std::int16_t>(call.short_at(2) + length));
}

Outcome update_binary(NativeCall& call) {
  const auto array = call.read_array(1, call.short_at(2), call.short_at(3));
  if (!array) return call.failed();
  const Bytes data = to_bytes(*array);
  View view(call, call.self());
  if (!view) return call.failed();
  const StatusWord status = view.update(command(kUpdateBinary, 0, 0, data), place(call.short_at(0)));
  return status.is_success() ? call.returns() : uicc_refuses(call, status, kOfFile);
}

// Records

bool is_mode(std::int8_t mode) {
  return mode == kNext || mode == kPrevious || mode == kAbsolute;
}

/// The record number counts in ABSOLUTE mode alone, which is CURRENT without one.
apdu::Command on_record(NativeCall& call, std::uint8_t ins, BytesView data = {}) {
  const std::int8_t mode = call.byte_at(1);
  return command(ins, mode == kAbsolute ? record_number(call.short_at(0)) : std::uint8_t{0}, static_cast<std::uint8_t>(mode), data);
}

/// (record, mode, offset in the record, array, offset, length)
Outcome read_record(NativeCall& call) {
  const std::int16_t length = call.short_at(5);
  if (!call.check_array(3, call.short_at(4), length)) return call.failed();
  View view(call, call.self());
  if (!view) return call.failed();
  if (!is_mode(call.byte_at(1))) return uicc_refuses(call, kInvalidMode);
  const FileView::Position before = view.position();
  Bytes record;
  const StatusWord status = view.run(on_record(call, kReadRecord), record);
  if (!status.is_success()) return uicc_refuses(call, status, kOfRecord);
  const std::size_t offset = place(call.short_at(2));
  const auto size = static_cast<std::size_t>(length);
  if (offset > record.size() || size > record.size() - offset) {
    view.restore(before);
    return uicc_refuses(call, kOutOfRecordBoundaries);
  }
  if (!call.write_array(3, call.short_at(4), BytesView(record).subspan(offset, size))) return call.failed();
  return call.returns(static_cast<std::int16_t>(call.short_at(4) + length));
}

Outcome update_record(NativeCall& call) {
  const auto array = call.read_array(3, call.short_at(4), call.short_at(5));
  if (!array) return call.failed();
  const Bytes data = to_bytes(*array);
  View view(call, call.self());
  if (!view) return call.failed();
  if (!is_mode(call.byte_at(1))) return uicc_refuses(call, kInvalidMode);
  const StatusWord status = view.update(on_record(call, kUpdateRecord, data), place(call.short_at(2)));
  return status.is_success() ? call.returns() : uicc_refuses(call, status, kOfRecord);
}

/// 6A83 is the answer to a pattern that is nowhere, and to a search that begins at a record that is not there.
bool begins_nowhere(NativeCall& call, View& view) {
  constexpr int kNextRecord = 6;  // of the search indication, bits 3 to 1: from here on the record pointer counts
  const bool from_pointer = call.byte_at(0) == kEnhanced && (call.short_at(2) >> 8 & 0x07) >= kNextRecord;
  Bytes record;
  return !from_pointer && view.run(command(kReadRecord, record_number(call.short_at(1)), kAbsolute), record) == sw::kRecordNotFound;
}

/// An enhanced search from an offset on, where the pattern ends behind the record.
bool fits_nowhere(NativeCall& call, const View& view) {
  const auto indication = static_cast<std::uint16_t>(call.short_at(2));
  const bool from_offset = call.byte_at(0) == kEnhanced && indication >> 11 == 0;
  return from_offset && (indication & 0xFFU) + static_cast<std::size_t>(call.short_at(5)) > view.current().record_length;
}

/// (mode, record, indication, pattern, offset, length, response, offset, length)
Outcome search_record(NativeCall& call) {
  const auto pattern = call.read_array(3, call.short_at(4), call.short_at(5));
  if (!pattern) return call.failed();
  Bytes data;
  const std::int8_t mode = call.byte_at(0);
  if (mode == kEnhanced) {
    const auto indication = static_cast<std::uint16_t>(call.short_at(2));
    data = {static_cast<std::uint8_t>(indication >> 8), static_cast<std::uint8_t>(indication)};
  }
  append(data, *pattern);
  const auto response = elements_at(call, 6, call.short_at(7), call.short_at(8), machine::kSecurityException, 0);
  if (!response) return call.failed();
  View view(call, call.self());
  if (!view) return call.failed();
  if (mode != kAbsolute && mode != kBackward && mode != kEnhanced) return uicc_refuses(call, kInvalidMode);
  Bytes found;
  const StatusWord status = view.run(command(kSearchRecord, record_number(call.short_at(1)), static_cast<std::uint8_t>(mode), data), found);
  if (status == sw::kRecordNotFound && !begins_nowhere(call, view)) {
    return fits_nowhere(call, view) ? uicc_refuses(call, kOutOfRecordBoundaries) : call.returns(std::int16_t{0});
  }
  if (!status.is_success()) return uicc_refuses(call, status, kOfSearch);
  Bytes numbers;
  for (const std::uint8_t number : BytesView(found).first(std::min(found.size(), response->bytes / 2))) append(numbers, Bytes{0, number});
  if (!write_elements(call, *response, numbers, true)) return call.failed();
  return call.returns(static_cast<std::int16_t>(numbers.size() / 2));
}

/// (increase, offset, length, response, offset). Nothing is done if the new record does not fit into the response.
Outcome increase(NativeCall& call) {
  const auto array = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!array) return call.failed();
  const Bytes by = array->empty() ? Bytes(1) : to_bytes(*array);  // increased by 0, the record is repeated
  if (!call.check_array(3, call.short_at(4), 0)) return call.failed();
  View view(call, call.self());
  if (!view) return call.failed();
  const std::size_t length = view.current().record_length;
  if (!call.check_array(3, call.short_at(4), static_cast<std::int32_t>(length))) return call.failed();
  apdu::Command add = command(kIncrease, 0, 0, by);
  add.cla = kClassOfUicc;
  Bytes answer;
  const StatusWord status = view.run(add, answer);
  if (!status.is_success()) return uicc_refuses(call, status);
  answer.resize(std::min(answer.size(), length));  // behind it is what was added
  return call.write_array(3, call.short_at(4), answer) ? call.returns(static_cast<std::int16_t>(answer.size())) : call.failed();
}

// Life cycle

template <std::uint8_t kIns>
Outcome change_life_cycle(NativeCall& call) {
  View view(call, call.self());
  if (!view) return call.failed();
  Bytes nothing;
  const StatusWord status = view.run(command(kIns), nothing);
  return status.is_success() ? call.returns() : uicc_refuses(call, status);
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"", "select", "(S[BSS)S", select_with_fcp},
    {"", "select", "(S)V", select_by_fid},
    {"", "select", "(B)V", select_by_sfi},
    {"", "status", "([BSS)S", get_status},
    {"", "readBinary", "(S[BSS)S", read_binary},
    {"", "updateBinary", "(S[BSS)V", update_binary},
    {"", "readRecord", "(SBS[BSS)S", read_record},
    {"", "updateRecord", "(SBS[BSS)V", update_record},
    {"", "searchRecord", "(BSS[BSS[SSS)S", search_record},
    {"", "increase", "([BSS[BS)S", increase},
    {"", "deactivateFile", "()V", change_life_cycle<kDeactivateFile>},
    {"", "activateFile", "()V", change_life_cycle<kActivateFile>},
});

}  // namespace

void add_file_view(machine::NativeTable& table) {
  add_to_views(table, {"BERTLVFileView", "AdminBERTLVFileView"}, kMethods);
}

}  // namespace uicclab::applet::java
