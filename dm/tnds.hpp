// SPDX-License-Identifier: Apache-2.0
// Parts of a management tree as documents: values (OMA-TS-DM_TNDS 1.2, tree and description serialisation) and descriptions of management
// objects (DDF: OMA-TS-DM_DDF 1.2), both below MgmtTree. As WBXML by wbxml_of(), which knows their document type.
#pragma once

#include <span>

#include "dm/management_tree.hpp"

namespace uicclab::dm {

/// A node of a management object as its description has it.
struct NodeDescription {
  std::string_view path;  ///< below the object's root: "Registration/Nonce"; empty: the root
  std::string_view format;
  std::string_view access;  ///< commands, in DDF's names, with blanks between them: "Get Replace"
  bool optional = false;    ///< Occurrence ZeroOrOne, otherwise One
  std::string_view what;    ///< Description
};
struct ObjectDescription {
  std::string_view name;      ///< of the root node: "M2MMobj"
  std::string_view ddf_name;  ///< management object identifier
  std::span<const NodeDescription> nodes;
};

/// The DDF document. Nodes above others come before them.
std::string ddf_of(const ObjectDescription& object);

/// Values of the node `uri` and of all below it, as a TNDS document. Errors: kNotFound for a node that is not in the tree;
/// kUnsupported for a value that XML cannot have.
Result<std::string> tnds_of(const ManagementTree& tree, const std::string& uri, std::string_view ddf_name = "");
/// The nodes of a TNDS document in XML, as Replace commands: those of an existing tree are overwritten. Where a node has no Path it is
/// below the root. Errors: kMalformed; kUnsupported for another document; kRange for too many nodes, and for too long a
/// URI.
Result<std::vector<TreeCommand>> read_tnds(std::string_view xml);

/// A DM server's commands for nodes at and below `root` are those that the object's description allows; other nodes are not looked at.
/// Errors: kRefused with the DM status: 425 for a command that is not allowed, 404 for a node that the object does not have.
Result<void> check_access(std::span<const TreeCommand> commands, const std::string& root, const ObjectDescription& object);

/// The values at `root` ("./M2MMobj") are those of the object: nothing that it does not describe, each with its format, all that it must
/// have. Errors: kMalformed, with the node.
Result<void> check_object(const ManagementTree& tree, const std::string& root, const ObjectDescription& object);

}  // namespace uicclab::dm
