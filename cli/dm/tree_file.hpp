// SPDX-License-Identifier: Apache-2.0
// A device's management tree in a file: readable by its owner only, locked from the reading to the writing, replaced as a whole.
#pragma once

#include <string>

#include "core/bytes.hpp"
#include "core/net/fd.hpp"
#include "dm/management_tree.hpp"

namespace uicclab::cli {

class DmTreeFile {
 public:
  /// An empty tree if there is no such file. Throws Exit.
  explicit DmTreeFile(const std::string& path);
  dm::ManagementTree& tree() { return m_tree; }
  /// All commands of a server, or none: those of nodes that a description of this program has must be allowed by it. Errors: as
  /// dm::check_access() and dm::ManagementTree::apply().
  Result<void> apply_from_server(const dm::BootstrapMessage& message);
  /// Throws Exit.
  void keep() const;

 private:
  std::string m_path;
  net::Fd m_lock;
  dm::ManagementTree m_tree;
};

/// The nodes that a document in XML or WBXML brings: of a TNDS document, or the commands of a DM message. `name` is for error texts.
/// Throws Exit.
dm::BootstrapMessage read_dm_document(BytesView document, const std::string& name);

}  // namespace uicclab::cli
