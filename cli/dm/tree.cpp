// SPDX-License-Identifier: Apache-2.0
// uicclab dm tree, tnds, apply: a device's management tree, and documents out of it and into it.
#include <filesystem>
#include <iostream>

#include "cli/common/file_lock.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/dm/dm.hpp"
#include "cli/dm/tree_file.hpp"
#include "core/visible.hpp"
#include "dm/m2m_objects.hpp"
#include "dm/wbxml.hpp"

namespace uicclab::cli {
namespace {

struct TreeOptions {
  std::string tree, node, document, output;
  bool secrets = false, wbxml = false;
};

dm::ManagementTree existing_tree(const std::string& path) {
  if (!std::filesystem::exists(path)) throw Exit{kEnvironment, path + ": no tree: uicclab dm receive makes one"};
  return std::move(DmTreeFile(path).tree());
}

int show(const TreeOptions& options) {
  const dm::ManagementTree tree = existing_tree(options.tree);
  for (const auto& [uri, node] : tree.nodes()) {
    const bool hidden = dm::is_secret_node(uri) && !options.secrets;
    std::cout << uri << "  " << node.format;
    if (node.format != dm::kInteriorFormat) std::cout << "  " << (hidden ? "(hidden)" : visible(node.value));
    std::cout << "\n";
  }
  return kOk;
}

/// May hold passwords: a file is its owner's alone, standard output need not be.
void refuse_secrets_on_output(const dm::ManagementTree& tree, const TreeOptions& options) {
  if (!options.output.empty() || options.secrets) return;
  for (const auto& [uri, node] : tree.nodes()) {
    if (uri != options.node && !uri.starts_with(options.node + "/")) continue;
    if (node.value.empty() || !dm::is_secret_node(uri)) continue;
    throw Exit{kUsage, uri + " may be a secret: --output FILE makes a file that its owner alone can read, --secrets prints it"};
  }
}

int tnds(const TreeOptions& options) {
  const dm::ManagementTree tree = existing_tree(options.tree);
  refuse_secrets_on_output(tree, options);
  const auto xml = dm::tnds_of(tree, options.node);
  if (!xml) throw Exit{kUsage, options.tree + ": " + xml.error().text};
  if (options.wbxml) {
    const auto wbxml = dm::wbxml_of(*xml);
    if (!wbxml) throw Exit{kCheckFailed, wbxml.error().text};
    if (options.output.empty()) throw Exit{kUsage, "--wbxml needs --output: it is not text"};
    write_private(options.output, *wbxml);
  } else if (options.output.empty()) {
    std::cout << *xml;
  } else {
    write_private(options.output, as_bytes(*xml));
  }
  return kOk;
}

int apply(const TreeOptions& options) {
  const auto message = read_dm_document(read_input(options.document, kObjectFile), options.document);
  DmTreeFile file(options.tree);
  if (const auto applied = file.apply_from_server(message); !applied)
    throw Exit{kCheckFailed, options.document + ": " + applied.error().text};
  file.keep();
  std::cout << message.commands.size() << " commands carried out, the tree has " << file.tree().nodes().size() << " nodes\n";
  return kOk;
}

}  // namespace

DmTreeFile::DmTreeFile(const std::string& path) : m_path(path), m_lock(lock_file(path)) {
  if (!std::filesystem::exists(path)) return;
  auto tree = dm::ManagementTree::parse(read_input_text(path, kObjectFile));
  if (!tree) throw Exit{kUsage, path + ": " + tree.error().text};
  m_tree = *std::move(tree);
}

Result<void> DmTreeFile::apply_from_server(const dm::BootstrapMessage& message) {
  for (const auto& [root, object] : {std::pair{dm::kM2mmobj, &dm::m2mmobj()}, {dm::kM2msimmobj, &dm::m2msimmobj()}}) {
    if (auto allowed = dm::check_access(message.commands, root, *object); !allowed) return allowed;
  }
  return m_tree.apply(message);
}

void DmTreeFile::keep() const {
  write_private(m_path, as_bytes(m_tree.to_text()));
}

dm::BootstrapMessage read_dm_document(BytesView document, const std::string& name) {
  const bool is_wbxml = dm::check_wbxml(document).has_value();
  auto xml = is_wbxml ? dm::xml_of(document) : Result<std::string>(std::string(document.begin(), document.end()));
  if (!xml) throw Exit{kUsage, name + ": " + xml.error().text};
  auto nodes = dm::read_tnds(*xml);
  if (nodes) return {{}, *std::move(nodes)};
  if (nodes.error().code != ErrorCode::kUnsupported) throw Exit{kUsage, name + ": " + nodes.error().text};
  auto message = dm::read_bootstrap(*xml);
  if (!message) throw Exit{kUsage, name + ": " + message.error().text};
  return *std::move(message);
}

void add_dm_tree(App& dm, Action& action) {
  const auto options = std::make_shared<TreeOptions>();  // shared with the callbacks, which outlive this function
  auto* showing = dm.add_subcommand("tree", "Print a device's management tree");
  showing->add_option("TREE", options->tree, "File with the tree")->required();
  showing->add_flag("--secrets", options->secrets, "Print passwords, too");
  set_example(*showing, "  uicclab dm tree device.tree");
  showing->callback([options, &action] { action = [options] { return show(*options); }; });

  auto* writing = dm.add_subcommand("tnds", "A node of a management tree and all below it as a TNDS document");
  writing->add_option("TREE", options->tree, "File with the tree")->required();
  writing->add_option("NODE", options->node, "The node, ./M2MMobj")->required();
  writing->add_option("-o,--output", options->output, "The document; without it standard output");
  writing->add_flag("--wbxml", options->wbxml, "As WBXML in place of XML");
  writing->add_flag("--secrets", options->secrets, "Print passwords, too");
  set_example(*writing, "  uicclab dm tnds device.tree ./M2MMobj -o m2mmobj.xml");
  writing->callback([options, &action] { action = [options] { return tnds(*options); }; });

  auto* applying = dm.add_subcommand("apply",
                                     "Carry out what a DM server sent: a DM message or a TNDS document, in XML or WBXML. Nothing in "
                                     "the file says who sent it: a DM session does");
  applying->add_option("DOCUMENT", options->document, "File with the document")->required();
  applying->add_option("--tree", options->tree, "File with the device's management tree")->required();
  set_example(*applying, "  uicclab dm apply m2msimmobj.xml --tree device.tree");
  applying->callback([options, &action] { action = [options] { return apply(*options); }; });
}

}  // namespace uicclab::cli
