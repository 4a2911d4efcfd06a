// SPDX-License-Identifier: Apache-2.0
// Files of DF.PHONEBOOK: 3GPP TS 31.102 clause 4.4.2. Most of their identifiers are the card's own choice; EF_PBR says which file is which
// (clause 4.4.2.1).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ef/catalogue.hpp"

namespace uicclab::ef {

/// "3F00/7F10/5F3A", "ADF.USIM/5F3A".
bool is_phonebook(std::string_view directory);

/// The phonebook files of one card's directory. Without add_reference() nothing is known but what identifiers usually mean.
class Phonebook {
 public:
  /// A record of EF_PBR. What cannot be read in it says nothing.
  void add_reference(BytesView record);

  /// What the file with this identifier, "4F3A", is: by EF_PBR; else what cards usually have under this identifier, if that is one thing
  /// only or only one of them can have this structure and record length (no `shape`: all can). Nothing if it stays open.
  FileName name(std::string_view fid, std::optional<Shape> shape) const;
  /// The identifier of a name: by EF_PBR, else the first that is usual.
  std::optional<std::string> fid(std::string_view name) const;
  /// All that EF_PBR names, and all that are usual.
  std::vector<std::string> fids() const;

 private:
  std::map<std::string, FileName, std::less<>> m_references;  ///< no name: EF_PBR gives it several
  std::vector<std::string> m_order;
};

}  // namespace uicclab::ef
