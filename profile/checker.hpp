// SPDX-License-Identifier: Apache-2.0
// Common state of the parts of check_profile(): the completed profile, its files by path, and the list of findings.
#pragma once

#include <map>

#include "profile/body.hpp"
#include "profile/check.hpp"

namespace uicclab::profile {

class Checker {
 public:
  /// `profile` is complete() and outlives the checker.
  explicit Checker(const Profile& profile) : m_profile(profile) {
    for (const FileSpec& file : profile.files) m_files.emplace(file.path, &file);
  }

  const Profile& profile() const { return m_profile; }
  const FileSpec* find(std::string_view path) const {
    const auto it = m_files.find(path);
    return it == m_files.end() ? nullptr : it->second;
  }

  void warn(SourcePlace place, std::string subject, std::string text, std::string_view clause) {
    m_findings.push_back({Finding::Severity::kWarning, place, std::move(subject), std::move(text), std::string(clause)});
  }
  void warn(const FileSpec& file, std::string text, std::string_view clause) {
    warn(file.place, "file " + file.path, std::move(text), clause);
  }
  std::vector<Finding> take() { return std::move(m_findings); }

 private:
  const Profile& m_profile;
  std::map<std::string_view, const FileSpec*> m_files;
  std::vector<Finding> m_findings;
};

void check_answer_to_reset(Checker& checker);
void check_pins(Checker& checker);
/// FCPs, access rules and key references.
void check_headers(Checker& checker);
/// EF_DIR and the contents that identify card and subscriber.
void check_contents(Checker& checker);
/// Mandatory files, and the files of the services that EF_UST and EF_IST claim.
void check_services(Checker& checker);

}  // namespace uicclab::profile
