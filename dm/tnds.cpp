// SPDX-License-Identifier: Apache-2.0
#include "dm/tnds.hpp"

#include <algorithm>

#include "core/ascii.hpp"
#include "core/utf8.hpp"
#include "dm/xml.hpp"

namespace uicclab::dm {
namespace {

constexpr std::string_view kHead =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!DOCTYPE MgmtTree PUBLIC \"-//OMA//DTD-DM-DDF 1.2//EN\" \"http://www.openmobilealliance.org/tech/DTD/dm_ddf-v1_2.dtd\">\n"
    "<MgmtTree xmlns=\"syncml:dmddf1.2\">\n<VerDTD>1.2</VerDTD>\n";
constexpr std::string_view kRoot = "./";

std::string element(std::string_view name, std::string_view content) {
  return "<" + std::string(name) + ">" + std::string(content) + "</" + std::string(name) + ">";
}
std::string empty_element(std::string_view name) {
  return "<" + std::string(name) + "/>";
}
/// XML 1.0 clause 2.2, of what is UTF-8.
bool is_xml_text(std::string_view text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\n' && c != '\r'; };
  return !first_non_utf8(as_bytes(text)) && std::ranges::none_of(text, control);
}
std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}
std::size_t depth_of(std::string_view path) {
  return path.empty() ? 0 : 1 + static_cast<std::size_t>(std::ranges::count(path, '/'));
}

/// Nodes in a row, each before those below it, become elements within one another.
class Nest {
 public:
  explicit Nest(std::string& out) : m_out(out) {}
  ~Nest() { close_to(0); }
  void open(std::size_t depth, std::string_view name, const std::string& rest) {
    close_to(depth);
    m_out += "<Node>\n" + element("NodeName", xml_text(name)) + "\n" + rest;
    ++m_open;
  }

 private:
  void close_to(std::size_t depth) {
    for (; m_open > depth; --m_open) m_out += "</Node>\n";
  }
  std::string& m_out;
  std::size_t m_open = 0;
};

std::string properties(const ObjectDescription& object, const NodeDescription& node) {
  std::string access;
  for (std::size_t at = 0; at < node.access.size();) {
    const std::size_t end = std::min(node.access.find(' ', at), node.access.size());
    access += empty_element(node.access.substr(at, end - at));
    at = end + 1;
  }
  const bool leaf = node.format != kInteriorFormat;
  const std::string type = leaf                ? element("MIME", "text/plain")
                           : node.path.empty() ? element("DDFName", object.ddf_name)
                                               : element("DDFName", "");
  return element("DFProperties", "\n" + element("AccessType", access) + "\n" + element("Description", xml_text(node.what)) + "\n" +
                                     element("DFFormat", empty_element(node.format)) + "\n" +
                                     element("Occurrence", empty_element(node.optional ? "ZeroOrOne" : "One")) + "\n" +
                                     element("DFType", type) + "\n") +
         "\n";
}

class TndsReader final : public XmlHandler {
 public:
  Result<void> begin(const XmlPath& path) override {
    if (path.size() == 1 && path[0] != "MgmtTree") return fail(ErrorCode::kUnsupported, "no TNDS document: it begins with " + path[0]);
    if (path.back() != "Node") return {};
    if (path.size() > 1 && path[path.size() - 2] != "MgmtTree" && path[path.size() - 2] != "Node") {
      return fail(ErrorCode::kMalformed, "a Node within " + path[path.size() - 2]);
    }
    if (auto named = put_down(); !named) return named;
    m_open.push_back({m_open.empty() ? std::string() : m_open.back().uri, {}, {}, false});
    return {};
  }
  Result<void> end(const XmlPath& path, const std::string& text) override {
    if (m_open.empty()) return {};
    Open& node = m_open.back();
    if (ends_with(path, {"Node", "NodeName"})) node.name = trimmed(text);
    if (ends_with(path, {"Node", "Path"}) && m_open.size() == 1) node.uri = trimmed(text);
    if (ends_with(path, {"Node", "RTProperties", "Format", path.back()})) node.value.format = path.back();
    if (ends_with(path, {"Node", "Value"})) node.value.value = text;
    if (path.back() != "Node") return {};
    if (auto put = put_down(); !put) return put;
    m_open.pop_back();
    return {};
  }
  std::vector<TreeCommand> take() { return std::move(m_nodes); }

 private:
  struct Open {
    std::string uri;  ///< of the node above; of the node itself once it was put down
    std::string name;
    TreeNode value;
    bool done;
  };

  /// The innermost node, whose own properties come before the nodes below it.
  Result<void> put_down() {
    if (m_open.empty() || m_open.back().done) return {};
    Open& node = m_open.back();
    if (node.name.empty() || node.name.find('/') != std::string::npos) return fail(ErrorCode::kMalformed, "a Node without a NodeName");
    if (m_nodes.size() == ManagementTree::kMost) return fail(ErrorCode::kRange, "too many nodes");
    std::string above = node.uri.empty() || node.uri == "." ? std::string(kRoot) : node.uri;
    if (!above.ends_with('/')) above += '/';
    if (!above.starts_with(kRoot)) above = std::string(kRoot) + above;
    node.uri = above + node.name;
    // Here already: each node below would repeat the text, up to the size of the document.
    if (node.uri.size() > ManagementTree::kLongestUri) return fail(ErrorCode::kRange, "a node with a URI of more than 255 characters");
    if (node.value.format.empty()) node.value.format = "chr";
    if (node.value.format == kInteriorFormat) node.value.value.clear();
    m_nodes.push_back({true, node.uri, node.value});
    node.done = true;
    return {};
  }

  std::vector<Open> m_open;
  std::vector<TreeCommand> m_nodes;
};

}  // namespace

std::string ddf_of(const ObjectDescription& object) {
  std::string out(kHead);
  {
    Nest nest(out);
    for (const NodeDescription& node : object.nodes) {
      nest.open(depth_of(node.path), node.path.empty() ? object.name : last_part(node.path), properties(object, node));
    }
  }
  return out + "</MgmtTree>\n";
}

Result<std::string> tnds_of(const ManagementTree& tree, const std::string& uri, std::string_view ddf_name) {
  const auto first = tree.nodes().find(uri);
  if (first == tree.nodes().end()) return fail(ErrorCode::kNotFound, uri + ": the tree has no such node");
  std::string out(kHead);
  {
    // Each node before those below it, and these before its neighbours: "ab/c" before "ab-c", where the tree has them the other way round.
    std::vector<std::string_view> names;
    for (const auto& [name, node] : tree.nodes()) {
      if (name == uri || name.starts_with(uri + "/")) names.emplace_back(name);
    }
    const auto slash_first = [](char a, char b) { return (a == '/' ? '\0' : a) < (b == '/' ? '\0' : b); };
    std::ranges::sort(names, [&](std::string_view a, std::string_view b) {
      return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), slash_first);
    });
    Nest nest(out);
    for (const std::string_view name : names) {
      const TreeNode& node = tree.nodes().find(std::string(name))->second;
      std::string format = element("Format", empty_element(node.format));
      if (name == uri && !ddf_name.empty()) format += element("Type", element("DDFName", xml_text(ddf_name)));
      std::string rest = element("RTProperties", format) + "\n";
      if (name == uri && uri.rfind('/') > 1) rest = element("Path", xml_text(uri.substr(0, uri.rfind('/')))) + "\n" + rest;
      if (!is_xml_text(node.value)) return fail(ErrorCode::kUnsupported, std::string(name) + ": a value that XML cannot have");
      if (node.format != kInteriorFormat) rest += element("Value", xml_text(node.value)) + "\n";
      nest.open(depth_of(name) - depth_of(uri), last_part(name), rest);
    }
  }
  return out + "</MgmtTree>\n";
}

Result<std::vector<TreeCommand>> read_tnds(std::string_view xml) {
  TndsReader reader;
  if (auto read = read_xml(xml, reader); !read) return tl::unexpected(std::move(read.error()));
  auto nodes = reader.take();
  if (nodes.empty()) return fail(ErrorCode::kMalformed, "a TNDS document without a Node");
  return nodes;
}

Result<void> check_access(std::span<const TreeCommand> commands, const std::string& root, const ObjectDescription& object) {
  for (const TreeCommand& one : commands) {
    if (one.uri != root && !one.uri.starts_with(root + "/")) continue;
    const std::string_view below = one.uri == root ? std::string_view() : std::string_view(one.uri).substr(root.size() + 1);
    const auto row = std::ranges::find(object.nodes, below, &NodeDescription::path);
    if (row == object.nodes.end())
      return fail(ErrorCode::kRefused, one.uri + ": " + std::string(object.name) + " has no such node (DM status 404)");
    const std::string_view command = one.replace ? "Replace" : "Add";
    if (row->access.find(command) != std::string_view::npos) continue;
    return fail(ErrorCode::kRefused, one.uri + ": " + std::string(command) + " is not allowed to a server (DM status 425)");
  }
  return {};
}

Result<void> check_object(const ManagementTree& tree, const std::string& root, const ObjectDescription& object) {
  for (const auto& [uri, node] : tree.nodes()) {
    if (uri != root && !uri.starts_with(root + "/")) continue;
    const std::string_view below = uri == root ? std::string_view() : std::string_view(uri).substr(root.size() + 1);
    const auto row = std::ranges::find(object.nodes, below, &NodeDescription::path);
    if (row == object.nodes.end()) return fail(ErrorCode::kMalformed, uri + ": " + std::string(object.name) + " has no such node");
    if (row->format != node.format) {
      return fail(ErrorCode::kMalformed, uri + ": the format must be " + std::string(row->format) + ", is " + node.format);
    }
  }
  for (const NodeDescription& row : object.nodes) {
    const std::string uri = row.path.empty() ? root : root + "/" + std::string(row.path);
    if (row.optional || tree.nodes().contains(uri)) continue;
    return fail(ErrorCode::kMalformed, uri + " is missing");
  }
  return {};
}

}  // namespace uicclab::dm
