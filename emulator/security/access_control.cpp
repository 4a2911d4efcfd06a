// SPDX-License-Identifier: Apache-2.0
#include "emulator/security/access_control.hpp"

#include <algorithm>

namespace uicclab::emulator {

bool AccessControl::allowed(FileId file, const Access& access, const SecurityContext& security, FileId adf) const {
  const AccessRule* compiled = rule(file);
  const Condition* condition = compiled != nullptr ? compiled->find(access) : nullptr;
  if (condition == nullptr) return false;
  const FileHeader& header = m_files.header(file);
  const FileId directory = is_directory(header.kind) || header.kind == FileKind::kMf ? file : header.parent;
  return security.holds(*condition, file, access, KeyScope(m_files, directory, adf));
}

const AccessRule* AccessControl::rule(FileId file) const {
  auto it = m_rules.find(file.value);
  if (it == m_rules.end()) it = m_rules.emplace(file.value, compile(file)).first;
  return it->second ? &*it->second : nullptr;
}

bool AccessControl::is_rule_source(FileId file) const {
  return std::ranges::find(m_sources, file) != m_sources.end();
}

std::optional<FileId> AccessControl::find_arr(const FileSystem& files, FileId file, Fid arr) {
  // An EF's rule is searched in its directory and then upwards; that of a DF from its parent upwards, that of the MF in the MF itself.
  const FileHeader& header = files.header(file);
  FileId at = header.kind == FileKind::kMf ? kMfId : header.parent;
  for (;;) {
    if (const auto found = files.child(at, arr)) return found;
    const FileHeader& directory = files.header(at);
    if (directory.kind == FileKind::kMf) return std::nullopt;
    // DEVIATION: clause 9.2.7 ends the search at the ADF; cards in the field refer from below an ADF to EF_ARR 2F06 of the MF as well.
    at = directory.parent;
  }
}

std::optional<AccessRule> AccessControl::compile(FileId file) const {
  const SecurityAttributes& security = m_files.header(file).security;
  const auto keep = [](Result<AccessRule> rule) { return rule ? std::optional(std::move(*rule)) : std::nullopt; };
  switch (security.form) {
    case SecurityAttributes::Form::kNone:
      return std::nullopt;
    case SecurityAttributes::Form::kCompact:
      return keep(AccessRule::from_compact(security.value));
    case SecurityAttributes::Form::kExpanded:
      return keep(AccessRule::from_expanded(security.value));
    case SecurityAttributes::Form::kReferenced:
      break;
  }
  // Tag 8B: FID of EF_ARR and record, or FID and pairs of security environment and record; SE 01 is the one in force (clause 9.2.5).
  const Bytes& reference = security.value;
  if (reference.size() < 3) return std::nullopt;
  const Fid fid = fid_at(reference);
  std::uint8_t record = 0;
  if (reference.size() == 3) {
    record = reference[2];
  } else {
    for (std::size_t i = 2; i + 1 < reference.size(); i += 2) {
      if (reference[i] == 0x01 || reference[i] == 0x00) {
        record = reference[i + 1];
        break;
      }
    }
  }
  const auto arr = find_arr(m_files, file, fid);
  if (!arr) return std::nullopt;
  const FileHeader& header = m_files.header(*arr);
  if (header.kind != FileKind::kLinearFixed || record == 0 || record > header.record_count) return std::nullopt;
  const FileId source = m_files.body_owner(*arr);
  if (!is_rule_source(source)) m_sources.push_back(source);
  const BytesView body = m_files.body(*arr);
  return keep(AccessRule::from_expanded(body.subspan(std::size_t{header.record_length} * (record - 1U), header.record_length)));
}

}  // namespace uicclab::emulator
