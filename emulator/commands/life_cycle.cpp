// SPDX-License-Identifier: Apache-2.0
// DEACTIVATE and ACTIVATE FILE: ETSI TS 102 221 clauses 11.1.14 and 11.1.15; TERMINATE: ETSI TS 102 222 clauses 6.7 to 6.9.
#include "emulator/commands/handlers.hpp"

namespace uicclab::emulator::commands {
namespace {

// The EF that P1 and the data mean, or the current one if there is no data.
std::optional<FileId> find_ef(const Execution& e, StatusWord& status) {
  const apdu::Command& c = e.command;
  const bool by_path = c.p1 == 0x08 || c.p1 == 0x09;
  if (c.p2 != 0 || (c.p1 != 0 && !by_path)) {
    status = sw::kIncorrectP1P2;
    return std::nullopt;
  }
  if (c.data.empty()) {
    status = sw::kNoEfSelected;
    return e.channel.file;
  }
  if (c.data.size() % 2 != 0 || (!by_path && c.data.size() != 2)) {
    status = sw::kWrongLength;
    return std::nullopt;
  }
  status = sw::kFileNotFound;
  if (by_path) return find_by_path(e, c.p1 == 0x08 ? kMfId : e.channel.directory, c.data);
  return find_by_fid(e, fid_at(c.data));
}

StatusWord change_ef(Execution& e, std::uint8_t access, LifeCycle next) {
  StatusWord status;
  const auto file = find_ef(e, status);
  if (!file) return status;
  FileHeader header = e.files().header(*file);
  if (is_directory(header.kind)) return sw::kIncompatibleFileStructure;
  if (header.life_cycle == LifeCycle::kTerminated) return sw::kConditionsNotSatisfied;
  if (!e.allowed(*file, Access::of_mode(access))) return sw::kSecurityStatusNotSatisfied;
  // The EF that the command was applied to becomes the current one (clauses 11.1.14.1 and 11.1.15.1).
  if (e.channel.file != *file) e.channel.select_file(*file, header);
  if (header.life_cycle == next) return sw::kOk;
  header.life_cycle = next;
  e.files().set_header(*file, std::move(header));
  return sw::kOk;
}

StatusWord terminate(Execution& e, bool directory) {
  const apdu::Command& c = e.command;
  if (c.p1p2() != 0) return sw::kIncorrectP1P2;
  if (c.data.size() != 2) return sw::kWrongLength;
  const auto file = find_by_fid(e, fid_at(c.data));
  if (!file) return sw::kFileNotFound;
  FileHeader header = e.files().header(*file);
  if (is_directory(header.kind) != directory || header.kind == FileKind::kMf) return sw::kIncompatibleFileStructure;
  if (!e.allowed(*file, Access::of_mode(ef_access::kTerminate))) return sw::kSecurityStatusNotSatisfied;
  header.life_cycle = LifeCycle::kTerminated;
  e.files().set_header(*file, std::move(header));
  return sw::kOk;
}

}  // namespace

StatusWord deactivate_file(Execution& e) {
  return change_ef(e, ef_access::kDeactivate, LifeCycle::kDeactivated);
}

StatusWord activate_file(Execution& e) {
  return change_ef(e, ef_access::kActivate, LifeCycle::kActivated);
}

StatusWord terminate_df(Execution& e) {
  return terminate(e, true);
}

StatusWord terminate_ef(Execution& e) {
  return terminate(e, false);
}

StatusWord terminate_card_usage(Execution& e) {
  if (e.command.p1p2() != 0) return sw::kIncorrectP1P2;
  if (!e.command.data.empty()) return sw::kWrongLength;
  if (!e.allowed(kMfId, Access::of_mode(df_access::kTerminate))) return sw::kSecurityStatusNotSatisfied;
  e.session.nvm().write(ObjectId(Space::kCard, 0, static_cast<std::uint32_t>(CardObject::kTerminated)), "01"_h);
  return sw::kOk;
}

}  // namespace uicclab::emulator::commands
