// SPDX-License-Identifier: Apache-2.0
// Decides whether an operation on a file is allowed now: finds the file's access rule (ETSI TS 102 221 clause 9.2) and asks the security
// context. Rules are compiled once and kept until a header or an EF_ARR changes.
#pragma once

#include <unordered_map>

#include "emulator/fs/file.hpp"
#include "emulator/fs/file_system.hpp"
#include "emulator/security/security_context.hpp"
#include "uicc/access_rule.hpp"

namespace uicclab::emulator {

class AccessControl {
 public:
  explicit AccessControl(const FileSystem& files) : m_files(files) {}

  /// `adf`: of the application active on the channel. A file whose rule is missing or cannot be read allows nothing.
  bool allowed(FileId file, const Access& access, const SecurityContext& security, FileId adf) const;

  /// The compiled rule; null if there is none or it is broken.
  const AccessRule* rule(FileId file) const;

  /// To be called when a header changed, or the body of an EF that a rule was read from.
  void forget() { m_rules.clear(); }
  /// A rule was read from this EF's body.
  bool is_rule_source(FileId file) const;

  /// The EF_ARR a referenced rule means: searched from the file's directory up to the MF or ADF (clause 9.2.7).
  static std::optional<FileId> find_arr(const FileSystem& files, FileId file, Fid arr);

 private:
  std::optional<AccessRule> compile(FileId file) const;

  const FileSystem& m_files;
  mutable std::unordered_map<std::uint32_t, std::optional<AccessRule>> m_rules;  // by FileId
  mutable std::vector<FileId> m_sources;
};

}  // namespace uicclab::emulator
