// SPDX-License-Identifier: Apache-2.0
// Which file a command is about, as far as someone beside the card can tell.
#pragma once

#include <array>
#include <map>
#include <string>

#include "core/apdu.hpp"

namespace uicclab::fault {

/// Follows the selections of all logical channels. A file is known by its identifier, and by the application it is in if that was selected
/// by its AID; a file that a command names by SFI, if its FCP went by before.
class SelectedFile {
 public:
  /// After a reset nothing but the MF is selected.
  void reset();
  /// A command and what the card said to it.
  void note(const apdu::Command& command, const apdu::Response& response);
  /// The FCP that a SELECT brought, in its own answer or in that of GET RESPONSE.
  void learn(const apdu::Command& select, BytesView fcp);
  /// Is the command about the file with this path ("3F00/2FE2", "ADF.USIM/6F07")? A SELECT is about the file that it selects.
  bool concerns(const apdu::Command& command, const std::string& path) const;

 private:
  struct Selection {
    std::string root = "3F00";  ///< "ADF.USIM"; empty if it is not known
    std::string file = "3F00";  ///< identifier
  };
  /// What a SELECT asks for, seen from `now`.
  static Selection after(const Selection& now, const apdu::Command& select);
  const Selection& of(const apdu::Command& command) const;

  std::array<Selection, 20> m_channels;                               ///< TS 102 221 clause 8.7
  std::map<std::string, std::map<std::uint8_t, std::string>> m_sfis;  ///< by root, then SFI: identifiers
};

}  // namespace uicclab::fault
