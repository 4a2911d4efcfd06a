// SPDX-License-Identifier: Apache-2.0
// SEARCH RECORD: ETSI TS 102 221 clause 11.1.7.
#include "emulator/commands/handlers.hpp"

namespace uicclab::emulator::commands {
namespace {

// P2, bits 3-1 (table 11.14).
enum SearchMode : std::uint8_t { kForwardFromP1 = 0x04, kBackwardFromP1 = 0x05, kEnhanced = 0x06 };

struct Search {
  BytesView pattern;
  bool forward = true;
  bool from_pointer = false;          ///< begin next to the record pointer, not at P1
  std::size_t offset = 0;             ///< look from here in each record ...
  std::optional<std::uint8_t> after;  ///< ... or behind the first byte of this value
};

// Search indication of two bytes, then the string (table 11.15).
std::optional<Search> parse_enhanced(BytesView data) {
  if (data.size() < 3) return std::nullopt;
  Search search;
  search.pattern = data.subspan(2);
  switch (data[0] >> 3) {
    case 0:
      search.offset = data[1];
      break;
    case 1:
      search.after = data[1];
      break;
    default:
      return std::nullopt;
  }
  switch (data[0] & 0x07) {
    case 4:
      break;
    case 5:
      search.forward = false;
      break;
    case 6:
      search.from_pointer = true;
      break;
    case 7:
      search.from_pointer = true;
      search.forward = false;
      break;
    default:
      return std::nullopt;
  }
  return search;
}

bool matches(BytesView record, const Search& search) {
  std::size_t start = search.offset;
  if (search.after) {
    const auto mark = std::ranges::find(record, *search.after);
    if (mark == record.end()) return false;
    start = static_cast<std::size_t>(mark - record.begin()) + 1;
  }
  if (start >= record.size()) return false;
  return !std::ranges::search(record.subspan(start), search.pattern).empty();
}

}  // namespace

StatusWord search_record(Execution& e) {
  const apdu::Command& c = e.command;
  const std::uint8_t mode = c.p2 & 0x07;
  const auto sfi = static_cast<std::uint8_t>(c.p2 >> 3);
  if ((mode != kForwardFromP1 && mode != kBackwardFromP1 && mode != kEnhanced) || sfi == 31) return sw::kIncorrectP1P2;
  if (c.data.empty()) return sw::kWrongLength;
  Search search;
  search.pattern = c.data;
  search.forward = mode != kBackwardFromP1;
  if (mode == kEnhanced) {
    const auto parsed = parse_enhanced(c.data);
    if (!parsed) return sw::kIncorrectData;
    search = *parsed;
  }

  StatusWord status;
  const auto file = e.target(sfi, status);
  if (!file) return status;
  if (const auto refused = e.refuse(*file, {FileKind::kLinearFixed, FileKind::kCyclic}, Access::of_mode(ef_access::kRead))) return *refused;
  const FileHeader& header = e.files().header(*file);
  if (search.pattern.size() > header.record_length) return sw::kWrongLength;

  const int count = header.record_count;
  const int pointer = e.record_pointer(*file, sfi);
  const int step = search.forward ? 1 : -1;
  int record = 0;
  if (search.from_pointer) {
    record = pointer != 0 ? pointer + step : search.forward ? 1 : count;
  } else {
    record = c.p1 != 0 ? c.p1 : pointer;
    if (record == 0 || record > count) return sw::kRecordNotFound;
  }
  const BytesView body = e.files().body(*file);
  for (; record >= 1 && record <= count; record += step) {
    const auto start = static_cast<std::size_t>(record - 1) * header.record_length;
    if (matches(body.subspan(start, header.record_length), search)) e.out.push_back(static_cast<std::uint8_t>(record));
  }
  // Clause 11.1.7 in its later editions: no match is 6A83, not the warning 6282 of the older ones.
  if (e.out.empty()) return sw::kRecordNotFound;
  e.make_current(*file, sfi);
  e.channel.record = e.out.front();
  return sw::kOk;
}

}  // namespace uicclab::emulator::commands
