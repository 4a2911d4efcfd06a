#include "emulator/profile/check.hpp"

namespace uicclab::emulator {

std::string to_text(const Profile& profile, const Finding& finding) {
  std::string text;
  if (finding.place.line != 0) {
    if (!profile.source.empty()) text += profile.source + ":";
    text += (profile.source.empty() ? "line " : "") + std::to_string(finding.place.line) + ": ";
  } else if (!profile.source.empty()) {
    text += profile.source + ": ";
  }
  text += finding.severity == Finding::Severity::kError ? "error: " : "warning: ";
  text += finding.subject + ": " + finding.text;
  if (!finding.clause.empty()) text += " (" + finding.clause + ")";
  return text;
}

}  // namespace uicclab::emulator
