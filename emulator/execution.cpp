// SPDX-License-Identifier: Apache-2.0
#include "emulator/execution.hpp"

#include <algorithm>

#include "core/ber_tlv.hpp"

namespace uicclab::emulator {

bool is_terminated(const FileSystem& files, const FileHeader& file) {
  for (const FileHeader* at = &file;; at = &files.header(at->parent)) {
    if (at->life_cycle == LifeCycle::kTerminated) return true;
    if (at->kind == FileKind::kMf || at->kind == FileKind::kAdf) return false;
  }
}

std::optional<FileId> Execution::target(std::uint8_t sfi, StatusWord& status) const {
  if (sfi == 0) {
    if (!channel.file) status = sw::kNoEfSelected;
    return channel.file;
  }
  const auto file = sfi <= 30 ? files().child_by_sfi(channel.directory, Sfi{sfi}) : std::nullopt;
  if (!file) {
    status = sw::kFileNotFound;
    return std::nullopt;
  }
  if (in_use_elsewhere(*file)) {
    status = sw::kConditionsNotSatisfied;
    return std::nullopt;
  }
  return file;
}

bool Execution::in_use_elsewhere(FileId file) const {
  if (files().header(file).shareable) return false;
  const auto has_it = [&](const ChannelState& other) { return &other != &channel && other.file == file; };
  return std::ranges::any_of(session.channels, [&](const ChannelState& other) { return other.open && has_it(other); }) ||
         std::ranges::any_of(session.views, [&](const ChannelState* view) { return has_it(*view); });
}

std::optional<StatusWord> Execution::refuse(FileId file, std::initializer_list<FileKind> kinds, const Access& access) const {
  const FileHeader& header = files().header(file);
  if (std::ranges::find(kinds, header.kind) == kinds.end()) return sw::kIncompatibleFileStructure;
  if (is_terminated(files(), header)) return sw::kConditionsNotSatisfied;
  if (header.life_cycle == LifeCycle::kDeactivated) {
    // Special file information (tag C0), bit 7: readable and updatable when deactivated (clause 11.1.1.4.6.9).
    const auto special = ber::find(header.proprietary, 0xC0);
    const bool usable = special && special->size() == 1 && ((*special)[0] & 0x40) != 0;
    if (!usable) return sw::kReferencedDataInvalidated;
  }
  if (!allowed(file, access)) return sw::kSecurityStatusNotSatisfied;
  return std::nullopt;
}

}  // namespace uicclab::emulator
