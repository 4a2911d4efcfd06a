// SPDX-License-Identifier: Apache-2.0
// Values and descriptions of management objects as documents (OMA-TS-DM_TNDS, OMA-TS-DM_DDF).
#include "dm/tnds.hpp"

#include <doctest/doctest.h>

#include "dm/wbxml.hpp"
#include "dm/xml.hpp"

using namespace uicclab;
using namespace uicclab::dm;

namespace {

ManagementTree tree_of(std::vector<TreeCommand> commands) {
  ManagementTree tree;
  const auto applied = tree.apply({"", std::move(commands)});
  REQUIRE_MESSAGE(applied, applied.error().text);
  return tree;
}
ManagementTree some_tree() {
  return tree_of({{false, "./M/ab", {"node", ""}},
                  {false, "./M/ab/c", {"chr", "a < b & \"c\" > d"}},
                  {false, "./M/ab-c", {"b64", "QUJD"}},
                  {false, "./M/ab/d/e", {"int", "7"}},
                  {false, "./N", {"chr", "not of M"}}});
}
std::string document(std::string_view nodes) {
  return "<MgmtTree><VerDTD>1.2</VerDTD>" + std::string(nodes) + "</MgmtTree>";
}
std::string refusal(std::string_view xml) {
  const auto read = read_tnds(xml);
  return read ? "" : read.error().text;
}

constexpr std::array kNodes{NodeDescription{"", "node", "Get", false, "an object"}, NodeDescription{"Id", "chr", "Get", false, "who"},
                            NodeDescription{"Key", "b64", "Get Replace", true, "the key"}};
constexpr ObjectDescription kObject{"M", "example.m:1.0", kNodes};

}  // namespace

TEST_CASE("A part of the tree goes to TNDS, to WBXML and back with the same nodes (DM_TNDS 6)") {
  const ManagementTree tree = some_tree();
  const auto xml = tnds_of(tree, "./M", "example.m:1.0");
  REQUIRE(xml);
  CHECK(xml->find("<DDFName>example.m:1.0</DDFName>") != std::string::npos);
  CHECK(xml->find("not of M") == std::string::npos);
  const auto wbxml = wbxml_of(*xml);
  REQUIRE_MESSAGE(wbxml, wbxml.error().text);
  const auto again = xml_of(*wbxml);
  REQUIRE_MESSAGE(again, again.error().text);
  for (const std::string& form : {*xml, *again}) {
    const auto nodes = read_tnds(form);
    REQUIRE_MESSAGE(nodes, nodes.error().text);
    const ManagementTree read = tree_of(*nodes);
    CHECK(read.nodes().size() == 6);
    for (const auto& [uri, node] : read.nodes()) CHECK_MESSAGE(tree.nodes().at(uri) == node, uri);
  }
  const auto below = tnds_of(tree, "./M/ab");
  REQUIRE(below);
  CHECK(tree_of(*read_tnds(*below)).nodes().at("./M/ab/c") == tree.nodes().at("./M/ab/c"));
  CHECK(tnds_of(tree_of({{false, "./B", {"bin", std::string("\0\x01", 2)}}}), "./B").error().text == "./B: a value that XML cannot have");
  CHECK(tnds_of(tree, "./Q").error().code == ErrorCode::kNotFound);
}

TEST_CASE("What is no TNDS document is refused for what it is (DM_TNDS 6)") {
  CHECK(refusal("<SyncML/>") == "no TNDS document: it begins with SyncML");
  CHECK(refusal(document("")) == "a TNDS document without a Node");
  CHECK(refusal(document("<Node/>")) == "a Node without a NodeName");
  CHECK(refusal(document("<Node><NodeName>a/b</NodeName></Node>")) == "a Node without a NodeName");
  CHECK(refusal(document("<Man><Node><NodeName>a</NodeName></Node></Man>")) == "a Node within Man");
  CHECK(refusal("<!DOCTYPE a [<!ENTITY e \"x\">]>" + document("")) == "a document with entity declarations");
  CHECK(refusal(document("<Node><NodeName>a</NodeName>")).starts_with("the document: "));
  std::string many;
  for (int i = 0; i < 1025; ++i) many += "<Node><NodeName>n</NodeName></Node>";
  CHECK(refusal(document(many)) == "too many nodes");
  std::string deep;
  for (int i = 0; i < 70; ++i) deep += "<Node><NodeName>n</NodeName>";
  CHECK(refusal(document(deep)) == "elements more than 64 deep");
  const std::string below = "<Node><NodeName>b</NodeName></Node></Node>";
  CHECK(refusal(document("<Node><NodeName>" + std::string(251, 'n') + "</NodeName>" + below)).empty());
  CHECK(refusal(document("<Node><NodeName>" + std::string(252, 'n') + "</NodeName>" + below)) ==
        "a node with a URI of more than 255 characters");
  const std::string good = *tnds_of(some_tree(), "./M");
  for (std::size_t i = 0; i < good.size() - 1; ++i) CHECK_FALSE(read_tnds(good.substr(0, i)));
}

TEST_CASE("A description is a DDF document, and a tree is checked against it (DM_DDF 6)") {
  const std::string ddf = ddf_of(kObject);
  const auto wbxml = wbxml_of(ddf);
  REQUIRE_MESSAGE(wbxml, wbxml.error().text);
  CHECK(xml_of(*wbxml)->find("<ZeroOrOne/>") != std::string::npos);
  CHECK(ddf.find("<AccessType><Get/><Replace/></AccessType>") != std::string::npos);
  const auto said = [](std::vector<TreeCommand> commands) {
    const auto good = check_object(tree_of(std::move(commands)), "./M", kObject);
    return good ? "" : good.error().text;
  };
  CHECK(said({{false, "./M/Id", {"chr", "x"}}}).empty());
  CHECK(said({{false, "./M/Id", {"chr", "x"}}, {false, "./M/Key", {"b64", ""}}}).empty());
  CHECK(said({{false, "./M/Key", {"b64", ""}}}) == "./M/Id is missing");
  CHECK(said({{false, "./M/Id", {"int", "1"}}}) == "./M/Id: the format must be chr, is int");
  CHECK(said({{false, "./M/Id", {"chr", "x"}}, {false, "./M/Other", {"chr", ""}}}) == "./M/Other: M has no such node");
}

TEST_CASE("Commands go to a DM message, to WBXML and back (DM_Protocol 8)") {
  const BootstrapMessage message{"https://dm.example.com", {{true, "./M", {"node", ""}}, {false, "./M/Id", {"chr", "a & <b>"}}}};
  const auto wbxml = wbxml_of(to_xml(message, "dev & ice"));
  REQUIRE_MESSAGE(wbxml, wbxml.error().text);
  for (const std::string& xml : {to_xml(message, "device"), *xml_of(*wbxml)}) {
    const auto read = read_bootstrap(xml);
    REQUIRE_MESSAGE(read, read.error().text);
    CHECK(read->server == message.server);
    REQUIRE(read->commands.size() == 2);
    CHECK(read->commands[0].replace);
    CHECK_FALSE(read->commands[1].replace);
    CHECK(read->commands[1].node == message.commands[1].node);
  }
}
