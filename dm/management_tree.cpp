// SPDX-License-Identifier: Apache-2.0
#include "dm/management_tree.hpp"

#include <algorithm>
#include <array>

#include "core/ascii.hpp"
#include "core/hex.hpp"
#include "dm/xml.hpp"

namespace uicclab::dm {
namespace {

constexpr std::size_t kDeepestUri = 32;

/// Reads a DM message as it is met.
class Reader final : public XmlHandler {
 public:
  Result<void> begin(const XmlPath& path) override {
    if (path.size() == 1 && path[0] != "SyncML") return fail(ErrorCode::kUnsupported, "no DM message: it begins with " + path[0]);
    if (path.size() == 3 && path[1] == "SyncBody") {
      const std::string& command = path[2];
      if (command != "Add" && command != "Replace" && command != "Final") {
        return fail(ErrorCode::kUnsupported, "a bootstrap has Add and Replace, found " + command);
      }
    }
    if (path.back() == "Item") m_item = {path.size() > 2 && path[2] == "Replace", {}, {"chr", {}}};
    return {};
  }
  Result<void> end(const XmlPath& path, const std::string& text) override {
    if (path.size() == 4 && ends_with(path, {"SyncHdr", "Source", "LocURI"})) m_message.server = trimmed(text);
    if (ends_with(path, {"Item", "Target", "LocURI"})) m_item.uri = trimmed(text);
    if (ends_with(path, {"Meta", "Format"})) m_item.node.format = trimmed(text);
    if (ends_with(path, {"Item", "Data"})) m_item.node.value = text;
    if (path.back() == "Item" && ends_with(path, {"SyncML", "SyncBody", m_item.replace ? "Replace" : "Add", "Item"})) {
      if (m_message.commands.size() == ManagementTree::kMost) return fail(ErrorCode::kRange, "too many commands");
      m_message.commands.push_back(m_item);
    }
    return {};
  }
  BootstrapMessage take() { return std::move(m_message); }

 private:
  TreeCommand m_item;
  BootstrapMessage m_message;
};

tl::unexpected<Error> status(const char* code, const std::string& what) {
  return fail(ErrorCode::kRefused, what + " (DM status " + code + ")");
}

/// DM_TND clause 7.7.3; what is kept in a file has no blanks and no line ends in it.
bool is_format(std::string_view format) {
  constexpr auto kFormats =
      std::to_array<std::string_view>({"b64", "bin", "bool", "chr", "date", "float", "int", "node", "null", "time", "xml"});
  return std::ranges::find(kFormats, format) != kFormats.end();
}

bool is_uri(const std::string& uri) {
  if (!uri.starts_with("./") || uri.size() > ManagementTree::kLongestUri || uri.ends_with('/') || uri.find("//") != std::string::npos)
    return false;
  const bool plain = std::ranges::all_of(uri, [](char c) { return c > ' ' && c < 0x7F; });
  return plain && static_cast<std::size_t>(std::ranges::count(uri, '/')) <= kDeepestUri;
}

}  // namespace

Result<BootstrapMessage> read_bootstrap(std::string_view xml) {
  Reader reader;
  if (auto read = read_xml(xml, reader); !read) return tl::unexpected(std::move(read.error()));
  BootstrapMessage message = reader.take();
  if (message.commands.empty()) return fail(ErrorCode::kMalformed, "a bootstrap without Add or Replace");
  return message;
}

std::string to_xml(const BootstrapMessage& message, std::string_view device) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<!DOCTYPE SyncML PUBLIC \"-//SYNCML//DTD SyncML 1.2//EN\" "
      "\"http://www.openmobilealliance.org/tech/DTD/OMA-TS-SyncML_RepPro_DTD-V1_2.dtd\">\n"
      "<SyncML "
      "xmlns=\"SYNCML:SYNCML1.2\">\n<SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID>"
      "<Target><LocURI>" +
      xml_text(device) + "</LocURI></Target><Source><LocURI>" + xml_text(message.server) + "</LocURI></Source></SyncHdr>\n<SyncBody>\n";
  std::size_t number = 0;
  for (const TreeCommand& one : message.commands) {
    const std::string name = one.replace ? "Replace" : "Add";
    out += "<" + name + "><CmdID>" + std::to_string(++number) + "</CmdID><Item><Target><LocURI>" + xml_text(one.uri) +
           "</LocURI></Target><Meta><Format xmlns=\"syncml:metinf\">" + one.node.format + "</Format></Meta>";
    if (one.node.format != kInteriorFormat) out += "<Data>" + xml_text(one.node.value) + "</Data>";
    out += "</Item></" + name + ">\n";
  }
  return out + "<Final/>\n</SyncBody>\n</SyncML>\n";
}

Result<void> ManagementTree::apply(const BootstrapMessage& message) {
  std::map<std::string, TreeNode> nodes = m_nodes;
  for (const TreeCommand& one : message.commands) {
    if (!is_uri(one.uri)) return fail(ErrorCode::kMalformed, "'" + one.uri + "' is no URI of the tree, ./DMAcc/operator");
    if (!is_format(one.node.format)) return fail(ErrorCode::kMalformed, one.uri + ": the format '" + one.node.format + "' is not known");
    for (std::size_t at = one.uri.find('/', 2); at != std::string::npos; at = one.uri.find('/', at + 1)) {
      const auto [above, made] = nodes.try_emplace(one.uri.substr(0, at), TreeNode{std::string(kInteriorFormat), {}});
      if (above->second.format != kInteriorFormat) return status("405", one.uri + ": " + above->first + " is a leaf");
    }
    const auto old = nodes.find(one.uri);
    if (!one.replace && old != nodes.end()) return status("418", one.uri + " is there already");
    const bool was_interior = old != nodes.end() && old->second.format == kInteriorFormat;
    if (old != nodes.end() && was_interior != (one.node.format == kInteriorFormat))
      return status("405", one.uri + ": leaf and interior node");
    nodes[one.uri] = one.node;
    if (nodes.size() > kMost) return fail(ErrorCode::kRange, "more than " + std::to_string(kMost) + " nodes");
  }
  m_nodes = std::move(nodes);
  return {};
}

std::string ManagementTree::to_text() const {
  std::string out;
  for (const auto& [uri, node] : m_nodes) out += uri + " " + node.format + " " + to_hex(as_bytes(node.value)) + "\n";
  return out;
}

Result<ManagementTree> ManagementTree::parse(std::string_view text) {
  ManagementTree out;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    const auto value = second == std::string_view::npos ? fail(ErrorCode::kMalformed, "") : from_hex(line.substr(second + 1));
    const std::string uri(line.substr(0, std::min(first, line.size())));
    const std::string_view format = value ? line.substr(first + 1, second - first - 1) : std::string_view();
    if (!value || !is_uri(uri) || !is_format(format) || out.m_nodes.size() == kMost) {
      return fail(ErrorCode::kMalformed, "line " + std::to_string(number) + " is not URI, format and value of a node");
    }
    out.m_nodes[uri] = {std::string(format), {value->begin(), value->end()}};
  }
  return out;
}

bool is_secret_node(std::string_view uri) {
  const std::string name = lower(uri.substr(uri.rfind('/') + 1));  // of all of it where there is none
  if (name.ends_with("publickey")) return false;
  constexpr auto kEnds = std::to_array<std::string_view>(
      {"secret", "authdata", "pw", "password", "passwd", "passphrase", "pin", "key", "token", "clientnonce", "servernonce"});
  return std::ranges::any_of(kEnds, [&name](std::string_view end) { return name.ends_with(end); });
}

}  // namespace uicclab::dm
