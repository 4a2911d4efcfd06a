// SPDX-License-Identifier: Apache-2.0
// READ BINARY and UPDATE BINARY: ETSI TS 102 221 clauses 11.1.3 and 11.1.4.
#include "emulator/commands/handlers.hpp"

namespace uicclab::emulator::commands {
namespace {

struct Target {
  FileId file;
  std::uint8_t sfi = 0;
  std::size_t offset = 0;
};

// P1 with bit 8: an SFI in bits 5-1, the offset in P2; else a 15-bit offset (table 11.10).
std::optional<Target> find_target(const Execution& e, StatusWord& status) {
  const apdu::Command& c = e.command;
  const bool by_sfi = (c.p1 & 0x80) != 0;
  if (by_sfi && ((c.p1 & 0x60) != 0 || (c.p1 & 0x1F) == 0)) {
    status = sw::kIncorrectP1P2;
    return std::nullopt;
  }
  const auto sfi = static_cast<std::uint8_t>(by_sfi ? c.p1 & 0x1F : 0);
  const auto file = e.target(sfi, status);
  if (!file) return std::nullopt;
  return Target{*file, sfi, by_sfi ? std::size_t{c.p2} : std::size_t{c.p1p2()}};
}

}  // namespace

StatusWord read_binary(Execution& e) {
  if (!e.command.data.empty()) return sw::kWrongLength;
  StatusWord status;
  const auto target = find_target(e, status);
  if (!target) return status;
  if (const auto refused = e.refuse(target->file, {FileKind::kTransparent}, Access::of_mode(ef_access::kRead))) return *refused;
  const BytesView body = e.files().body(target->file);
  if (target->offset >= body.size()) return sw::kWrongP1P2;
  const std::size_t left = body.size() - target->offset;
  const std::size_t size = std::min({left, std::size_t{e.command.le.value_or(256)}, e.room.value_or(left)});
  if (!e.le_fits(size)) return sw::exact_length(size);
  e.make_current(target->file, target->sfi);
  append(e.out, body.subspan(target->offset, size));
  return size == left ? e.read_status(size) : sw::kOk;
}

StatusWord update_binary(Execution& e) {
  if (e.command.data.empty() && !e.part_at) return sw::kWrongLength;
  StatusWord status;
  const auto target = find_target(e, status);
  if (!target) return status;
  if (const auto refused = e.refuse(target->file, {FileKind::kTransparent}, Access::of_mode(ef_access::kUpdate))) return *refused;
  const std::size_t size = e.files().header(target->file).size;
  const std::size_t offset = e.part_at.value_or(target->offset);
  if (e.part_at ? offset > size : offset >= size) return sw::kWrongP1P2;
  if (e.command.data.size() > size - offset) return sw::kWrongLength;
  e.make_current(target->file, target->sfi);
  if (e.command.data.empty()) return sw::kOk;
  Bytes& body = e.files().edit_body(target->file);
  std::ranges::copy(e.command.data, body.begin() + static_cast<std::ptrdiff_t>(offset));
  return sw::kOk;
}

}  // namespace uicclab::emulator::commands
