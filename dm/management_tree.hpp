// SPDX-License-Identifier: Apache-2.0
// The device's management tree (OMA-TS-DM_TND clauses 5 to 7) as a bootstrap fills it (OMA-TS-DM_Bootstrap clause 5.4: a DM message with
// Add and Replace).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::dm {

inline constexpr std::string_view kInteriorFormat = "node";

struct TreeNode {
  std::string format;  ///< "node" for an interior one, "chr", "int", "bool", "b64", ...
  std::string value;
  bool operator==(const TreeNode&) const = default;
};

/// One Add or Replace of a message.
struct TreeCommand {
  bool replace = false;
  std::string uri;
  TreeNode node;
};
struct BootstrapMessage {
  std::string server;  ///< LocURI of SyncHdr's Source
  std::vector<TreeCommand> commands;
};

/// A DM message in XML. Errors: kMalformed; kUnsupported for another command than Add and Replace; kRange for too many.
Result<BootstrapMessage> read_bootstrap(std::string_view xml);

/// The way back: a DM 1.2 message for `device`, in XML.
std::string to_xml(const BootstrapMessage& message, std::string_view device);

class ManagementTree {
 public:
  /// All commands or none. Interior nodes that are missing above a node are made. Errors: kRefused with the DM status: 418 already exists,
  /// 405 below a leaf; kMalformed for an invalid URI; kRange for more than kMost nodes.
  Result<void> apply(const BootstrapMessage& message);
  /// By their URIs, in order.
  const std::map<std::string, TreeNode>& nodes() const { return m_nodes; }

  /// A line for each node: URI, format, value in hexadecimal.
  std::string to_text() const;
  /// Errors: kMalformed, with the line.
  static Result<ManagementTree> parse(std::string_view text);

  static constexpr std::size_t kMost = 1024;
  static constexpr std::size_t kLongestUri = 255;

 private:
  std::map<std::string, TreeNode> m_nodes;
};

/// A node whose value may be a secret, by the last part of its name in any case of letters: AAuthSecret and AAuthData of accounts
/// (OMA-TS-DM_StdObj clause 5.3), ClientPW, ServerPW and the nonces of DM 1.1 (SyncML DM Standardized Objects 1.1 clause 5.2), and
/// passwords, PINs, tokens and keys of other objects.
bool is_secret_node(std::string_view uri);

}  // namespace uicclab::dm
