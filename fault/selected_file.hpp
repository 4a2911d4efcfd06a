// SPDX-License-Identifier: Apache-2.0
// The file of a command, as far as it can be known from outside the card.
#pragma once

#include <array>
#include <string>

#include "core/apdu.hpp"
#include "ef/followed_selection.hpp"

namespace uicclab::fault {

/// Follows the selections of all logical channels. A file is known by its identifier, and by the application it is in if that was selected
/// by its AID; a file that a command names by SFI, if its FCP went by before.
class SelectedFile {
 public:
  /// After a reset nothing but the MF is selected.
  void reset() { m_channels.fill({}); }
  /// A command and what the card said to it.
  void note(const apdu::Command& command, const apdu::Response& response);
  /// The FCP that a SELECT brought, in its own answer or in that of GET RESPONSE.
  void learn(const apdu::Command& select, BytesView fcp);
  /// Is the command about the file with this path ("3F00/2FE2", "ADF.USIM/6F07")? A SELECT is about the file that it selects.
  bool concerns(const apdu::Command& command, const std::string& path) const;

 private:
  std::array<ef::Selection, 20> m_channels;  ///< TS 102 221 clause 8.7
  ef::FileNames m_names;
};

}  // namespace uicclab::fault
