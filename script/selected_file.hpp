// SPDX-License-Identifier: Apache-2.0
// Which file is selected, as far as commands and their status words tell: for names in recordings, and for cards that answer from one.
#pragma once

#include <map>
#include <string>

#include "core/bytes.hpp"
#include "core/status_word.hpp"

namespace uicclab::script {

/// "ADF.USIM" for an AID that begins as those of USIMs do, its digits for one that nobody knows (ETSI TS 101 220 annex E).
std::string application_name(BytesView aid);

/// Follows SELECT and short file identifiers on each channel (ETSI TS 102 221 clauses 8.4 and 8.5). Whether a file is a directory is taken
/// from its identifier: 3Fxx, 5Fxx and 7Fxx are (clause 8.6); so no FCP has to be read.
class SelectedFiles {
 public:
  /// The card was reset: the MF, on every channel.
  void reset() { m_paths.clear(); }
  /// What this command selected, if it did.
  void follow(BytesView command, StatusWord status);

  /// Of the channel of this class byte: "3F00/2FE2", "ADF.USIM/6F07", "A000000151000000" for an application without a name,
  /// "3F00/sfi:02" for a file that was named by its short identifier.
  const std::string& path(std::uint8_t cla) const;
  /// The directory of that.
  std::string directory(std::uint8_t cla) const;

 private:
  std::map<std::uint8_t, std::string> m_paths;
  std::map<std::uint8_t, std::string> m_applications;  ///< last ADF that was selected
};

}  // namespace uicclab::script
