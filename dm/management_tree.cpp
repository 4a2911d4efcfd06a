// SPDX-License-Identifier: Apache-2.0
#include "dm/management_tree.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <expat.h>

#include "core/ascii.hpp"
#include "core/hex.hpp"
#include "dm/wbxml.hpp"

namespace uicclab::dm {
namespace {

constexpr std::size_t kLongestUri = 255, kDeepestUri = 32;
constexpr std::string_view kInterior = "node";

/// Reads a DM message as expat meets it. Names are taken without prefixes: libwbxml2 writes none.
class Reader {
 public:
  Result<BootstrapMessage> read(std::string_view xml) {
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, void (*)(XML_Parser)> parser(XML_ParserCreate("UTF-8"), XML_ParserFree);
    if (!parser) throw SystemError("expat: no parser");
    m_parser = parser.get();
    XML_SetUserData(m_parser, this);
    XML_SetElementHandler(
        m_parser, [](void* self, const char* name, const char**) { static_cast<Reader*>(self)->begin(name); },
        [](void* self, const char*) { static_cast<Reader*>(self)->end(); });
    XML_SetCharacterDataHandler(m_parser, [](void* self, const char* text, int size) {
      static_cast<Reader*>(self)->m_text.append(text, static_cast<std::size_t>(size));
    });
    // No entities of the document's own: nothing grows, nothing is fetched.
    XML_SetEntityDeclHandler(m_parser,
                             [](void* self, const char*, int, const char*, int, const char*, const char*, const char*, const char*) {
                               static_cast<Reader*>(self)->stop(ErrorCode::kRefused, "a document with entity declarations");
                             });
    const auto status = XML_Parse(m_parser, xml.data(), static_cast<int>(std::min<std::size_t>(xml.size(), 16 * kLongestDocument)), 1);
    if (m_error) return tl::unexpected(*m_error);
    if (status != XML_STATUS_OK)
      return fail(ErrorCode::kMalformed, std::string("the document: ") + XML_ErrorString(XML_GetErrorCode(m_parser)));
    if (m_message.commands.empty()) return fail(ErrorCode::kMalformed, "a bootstrap without Add or Replace");
    return std::move(m_message);
  }

 private:
  void stop(ErrorCode code, std::string text) {
    if (!m_error) m_error = Error{code, std::move(text)};
    XML_StopParser(m_parser, XML_FALSE);
  }
  bool is_in(std::initializer_list<std::string_view> path) const {
    return m_path.size() >= path.size() && std::ranges::equal(path, std::span(m_path).last(path.size()));
  }

  void begin(const char* name) {
    m_text.clear();
    m_path.emplace_back(name);
    if (m_path.size() > kDeepestDocument) return stop(ErrorCode::kRange, "elements more than 64 deep");
    if (m_path.size() == 1 && m_path[0] != "SyncML") return stop(ErrorCode::kUnsupported, "no DM message: it begins with " + m_path[0]);
    if (m_path.size() == 3 && m_path[1] == "SyncBody") {
      const std::string& command = m_path[2];
      if (command != "Add" && command != "Replace" && command != "Final") {
        return stop(ErrorCode::kUnsupported, "a bootstrap has Add and Replace, found " + command);
      }
    }
    if (m_path.back() == "Item") m_item = {m_path.size() > 2 && m_path[2] == "Replace", {}, {"chr", {}}};
  }
  void end() {
    if (m_path.size() == 4 && is_in({"SyncHdr", "Source", "LocURI"})) m_message.server = trimmed(m_text);
    if (is_in({"Item", "Target", "LocURI"})) m_item.uri = trimmed(m_text);
    if (is_in({"Meta", "Format"})) m_item.node.format = trimmed(m_text);
    if (is_in({"Item", "Data"})) m_item.node.value = m_text;
    if (m_path.back() == "Item" && is_in({"SyncML", "SyncBody", m_item.replace ? "Replace" : "Add", "Item"})) {
      if (m_message.commands.size() == ManagementTree::kMost) return stop(ErrorCode::kRange, "too many commands");
      m_message.commands.push_back(m_item);
    }
    m_text.clear();
    m_path.pop_back();
  }

  XML_Parser m_parser = nullptr;
  std::vector<std::string> m_path;
  std::string m_text;
  TreeCommand m_item;
  BootstrapMessage m_message;
  std::optional<Error> m_error;
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
  if (!uri.starts_with("./") || uri.size() > kLongestUri || uri.ends_with('/') || uri.find("//") != std::string::npos) return false;
  const bool plain = std::ranges::all_of(uri, [](char c) { return c > ' ' && c < 0x7F; });
  return plain && static_cast<std::size_t>(std::ranges::count(uri, '/')) <= kDeepestUri;
}

}  // namespace

Result<BootstrapMessage> read_bootstrap(std::string_view xml) {
  return Reader().read(xml);
}

Result<void> ManagementTree::apply(const BootstrapMessage& message) {
  std::map<std::string, TreeNode> nodes = m_nodes;
  for (const TreeCommand& one : message.commands) {
    if (!is_uri(one.uri)) return fail(ErrorCode::kMalformed, "'" + one.uri + "' is no URI of the tree, ./DMAcc/operator");
    if (!is_format(one.node.format)) return fail(ErrorCode::kMalformed, one.uri + ": the format '" + one.node.format + "' is not known");
    for (std::size_t at = one.uri.find('/', 2); at != std::string::npos; at = one.uri.find('/', at + 1)) {
      const auto [above, made] = nodes.try_emplace(one.uri.substr(0, at), TreeNode{std::string(kInterior), {}});
      if (above->second.format != kInterior) return status("405", one.uri + ": " + above->first + " is a leaf");
    }
    const auto old = nodes.find(one.uri);
    if (!one.replace && old != nodes.end()) return status("418", one.uri + " is there already");
    const bool was_interior = old != nodes.end() && old->second.format == kInterior;
    if (old != nodes.end() && was_interior != (one.node.format == kInterior)) return status("405", one.uri + ": leaf and interior node");
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
