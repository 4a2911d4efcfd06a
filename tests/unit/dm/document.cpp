// SPDX-License-Identifier: Apache-2.0
// Documents as WBXML and XML, and what a device makes of them.
#include <doctest/doctest.h>

#include "dm/bootstrap_security.hpp"
#include "dm/management_tree.hpp"
#include "dm/wbxml.hpp"

using namespace uicclab;
using namespace uicclab::dm;

namespace {

constexpr std::string_view kHead =
    R"(<?xml version="1.0"?><!DOCTYPE SyncML PUBLIC "-//SYNCML//DTD SyncML 1.2//EN" "http://www.openmobilealliance.org/tech/DTD/OMA-TS-SyncML_RepPro_DTD-V1_2.dtd">)"
    R"(<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>0</SessionID><MsgID>0</MsgID>)"
    R"(<Target><LocURI>dev</LocURI></Target><Source><LocURI>https://dm.example.com</LocURI></Source></SyncHdr><SyncBody>)";

std::string command(std::string_view name, std::string_view uri, std::string_view format, std::string_view data) {
  std::string out = "<" + std::string(name) + "><CmdID>1</CmdID><Item><Target><LocURI>" + std::string(uri) + "</LocURI></Target>";
  out += R"(<Meta><Format xmlns="syncml:metinf">)" + std::string(format) + "</Format></Meta>";
  if (format != "node") out += "<Data>" + std::string(data) + "</Data>";
  return out + "</Item></" + std::string(name) + ">";
}
std::string message(const std::string& commands) {
  return std::string(kHead) + commands + "<Final/></SyncBody></SyncML>";
}
Bytes times(std::size_t count, BytesView what) {
  Bytes out;
  for (std::size_t i = 0; i < count; ++i) append(out, what);
  return out;
}
std::string applied(ManagementTree& tree, const std::string& commands) {
  const auto read = read_bootstrap(message(commands));
  if (!read) return read.error().text;
  const auto done = tree.apply(*read);
  return done ? "" : done.error().text;
}

}  // namespace

TEST_CASE("A document goes to WBXML and back with the same meaning (DM_Security 5.7.2.1)") {
  const std::string xml = message(command("Add", "./DMAcc/a/AppID", "chr", "w7"));
  const auto wbxml = wbxml_of(xml);
  REQUIRE(wbxml);
  CHECK((*wbxml)[0] == 0x02);  // WBXML 1.2
  CHECK(check_wbxml(*wbxml));
  const auto back = xml_of(*wbxml);
  REQUIRE(back);
  const auto message_of_ours = read_bootstrap(*back);
  REQUIRE(message_of_ours);
  CHECK(message_of_ours->server == "https://dm.example.com");
  REQUIRE(message_of_ours->commands.size() == 1);
  CHECK(message_of_ours->commands[0].uri == "./DMAcc/a/AppID");
  CHECK(message_of_ours->commands[0].node == TreeNode{"chr", "w7"});
  CHECK(*wbxml_of(*back) == *wbxml);
  for (std::size_t i = 1; i < wbxml->size(); ++i) (void)xml_of(BytesView(*wbxml).first(i));
}

TEST_CASE("Passwords of DM 1.1 and 1.2 accounts and of other objects are secret nodes (StdObj 5.3)") {
  for (const char* uri :
       {"./DMAcc/a/AppAuth/1/AAuthSecret", "./DMAcc/a/AppAuth/1/AAuthData", "./SyncML/DMAcc/a/ClientPW", "./SyncML/DMAcc/a/ServerPW",
        "./SyncML/DMAcc/a/clientnonce", "./Email/PASSWORD", "./WLAN/a/WPAKey", "AAuthSecret"}) {
    CHECK_MESSAGE(is_secret_node(uri), uri);
  }
  for (const char* uri : {"./DMAcc/a/AppID", "./DMAcc/a/AppAuth/1/AAuthName", "./M2M/TRE/PublicKey", "./M2M/RegistrationNonce", ""}) {
    CHECK_FALSE_MESSAGE(is_secret_node(uri), uri);
  }
}

TEST_CASE("XML, empty and other documents are refused for what they are (DM_Security 5.7.2.1)") {
  CHECK(check_wbxml({}).error().code == ErrorCode::kTruncated);
  for (const char* xml : {"<SyncML/>", " \n<?xml", "\xEF\xBB\xBF<a/>"})
    CHECK(check_wbxml(as_bytes(xml)).error().code == ErrorCode::kRefused);
  CHECK(check_wbxml(as_bytes("hello world")).error().code == ErrorCode::kMalformed);
  CHECK(check_wbxml(Bytes(kLongestDocument + 1, 3)).error().code == ErrorCode::kRange);
  CHECK(wbxml_of("<no").error().code == ErrorCode::kMalformed);
  CHECK(wbxml_of(std::string(kLongestDocument + 1, ' ')).error().code == ErrorCode::kRange);
  CHECK(xml_of(concat({"0300006A00"_h, Bytes(60'000, 0x45)})).error().code == ErrorCode::kRange);
  CHECK_FALSE(xml_of("03006A00"_h));
}

TEST_CASE("No document hides how deep and how long it is (WAP-192 5, 7.1)") {
  const auto refusal = [](BytesView head, BytesView body) {
    const auto xml = xml_of(concat({head, body}));
    return xml ? ErrorCode::kNotFound : xml.error().code;
  };
  const Bytes deep(100, 0x45);
  CHECK(refusal("02016A9080808000"_h, deep) == ErrorCode::kMalformed);  // a string table of 2^32 bytes, whose low 32 bits are 0
  CHECK(refusal("000100"_h, deep) == ErrorCode::kRange);                // version 1.0 has no character set
  CHECK(refusal("0201877700"_h, deep) == ErrorCode::kMalformed);        // UTF-16: strings end at two zeros
  CHECK(refusal("02016A0461006200"_h, times(100, "C5040101"_h)) == ErrorCode::kRange);  // an attribute by its name
  CHECK(refusal("02016A00"_h, times(100, "C50101"_h)) == ErrorCode::kMalformed);        // END in the place of an attribute
  CHECK(refusal("02016A00"_h, times(100, "C50000000145"_h)) == ErrorCode::kMalformed);  // two code pages before one
  CHECK(refusal("02016A00"_h, concat({"4540"_h, deep})) == ErrorCode::kMalformed);      // an extension, which has a text or not
  const Bytes repeated = concat({"02016A9739"_h, Bytes(3000, 'a'), "00"_h});
  CHECK(refusal(repeated, concat({"45"_h, times(30, "8300"_h), "01"_h})) == ErrorCode::kRange);
  CHECK(refusal("02016A00"_h, concat({"45C3A001"_h, Bytes(4097, 0x45), "01"_h})) == ErrorCode::kRange);  // could be a document
}

TEST_CASE("The MIME type belongs to the security method (DM_Security 5.7.2.1, ProvBoot 5.4)") {
  for (const auto& [media, sec, good] :
       std::initializer_list<std::tuple<std::string_view, DmSec, bool>>{{kDmMediaType, DmSec::kNetworkIdGba, true},
                                                                        {kDmMediaType, DmSec::kUserPin, true},
                                                                        {kCpMediaType, DmSec::kUserPin, true},
                                                                        {kCpMediaType, DmSec::kNetwPin, true},
                                                                        {kCpMediaType, DmSec::kNetworkId, false},
                                                                        {kDmMediaType, DmSec::kNetwPin, false},
                                                                        {"text/plain", DmSec::kUserPin, false}}) {
    CHECK(check_media_type({std::string(media), sec, ""}).has_value() == good);
  }
}

TEST_CASE("IMSI and ESN together are no secret (DM_Security 5.7.2.3.1)") {
  DmSecret both;
  both.imsi = "001010000000001";
  both.esn = "80123456";
  CHECK(mac_key(DmSec::kNetworkId, both).error().code == ErrorCode::kRefused);
}

TEST_CASE("A bootstrap is carried out as a whole or not at all (DM_TND 5 to 7)") {
  ManagementTree tree;
  CHECK(applied(tree, command("Add", "./DMAcc/a", "node", "") + command("Add", "./DMAcc/a/AppID", "chr", "w7")) == "");
  CHECK(tree.nodes().size() == 3);
  CHECK(tree.nodes().at("./DMAcc").format == "node");
  const std::string before = tree.to_text();
  CHECK(applied(tree, command("Add", "./New/x", "chr", "1") + command("Add", "./DMAcc/a", "node", "")) ==
        "./DMAcc/a is there already (DM status 418)");
  CHECK(applied(tree, command("Add", "./DMAcc/a/AppID/x", "chr", "1")).ends_with("(DM status 405)"));
  CHECK(applied(tree, command("Replace", "./DMAcc/a", "chr", "1")).ends_with("(DM status 405)"));
  for (const char* uri : {"", "DMAcc", "./", "./a//b", "./a/", "/a", "./a b"}) CHECK(applied(tree, command("Add", uri, "chr", "1")) != "");
  for (const char* format : {"", "chr\n./x", "text"}) CHECK(applied(tree, command("Add", "./b", format, "1")) != "");
  CHECK(tree.to_text() == before);
  CHECK(applied(tree, command("Replace", "./DMAcc/a/AppID", "chr", "w8")) == "");
  CHECK(tree.nodes().at("./DMAcc/a/AppID").value == "w8");
  const auto again = ManagementTree::parse(tree.to_text());
  REQUIRE(again);
  CHECK(again->nodes() == tree.nodes());
  for (const char* bad : {"x", "./a chr zz\n", "./a chr\n", "a chr 00\n"}) CHECK_FALSE(ManagementTree::parse(bad));
}

TEST_CASE("Messages that are no bootstrap are refused") {
  ManagementTree tree;
  CHECK(applied(tree, "") == "a bootstrap without Add or Replace");
  CHECK(applied(tree, command("Delete", "./DMAcc", "node", "")) == "a bootstrap has Add and Replace, found Delete");
  CHECK(read_bootstrap("<a/>").error().text == "no DM message: it begins with a");
  CHECK(read_bootstrap("<SyncML>").error().code == ErrorCode::kMalformed);
  CHECK(read_bootstrap(R"(<!DOCTYPE a [<!ENTITY b "c">]><SyncML>&b;</SyncML>)").error().code == ErrorCode::kRefused);
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<SyncML>";
  CHECK(read_bootstrap(deep).error().code == ErrorCode::kRange);
  CHECK(is_secret_node("./DMAcc/a/AppAuth/1/AAuthSecret"));
  CHECK_FALSE(is_secret_node("./DMAcc/a/AppID"));
}
