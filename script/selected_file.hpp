// SPDX-License-Identifier: Apache-2.0
// Which file is selected, as recordings write it: for the names in them, and for cards that answer from one.
#pragma once

#include <map>
#include <string>

#include "core/status_word.hpp"
#include "ef/followed_selection.hpp"

namespace uicclab::script {

/// Follows SELECT and short file identifiers on each channel (ETSI TS 102 221 clauses 8.4 and 8.5). Whether a file is a directory is taken
/// from its identifier, so that no FCP has to be read.
class SelectedFiles {
 public:
  /// The card was reset: the MF, on every channel.
  void reset() { m_channels.clear(); }
  /// What this command selected, if it did.
  void follow(BytesView command, StatusWord status);

  /// Of the channel of this class byte: "3F00/2FE2", "ADF.USIM/6F07", "A000000151000000" for an application without a name,
  /// "3F00/sfi:02" for a file that was named by its short identifier.
  std::string path(std::uint8_t cla) const;
  /// The directory of that.
  std::string directory(std::uint8_t cla) const;

 private:
  struct Channel {
    ef::Selection selection;
    std::string short_name;  ///< "sfi:02"; empty: the file was selected
  };
  std::map<std::uint8_t, Channel> m_channels;
};

}  // namespace uicclab::script
