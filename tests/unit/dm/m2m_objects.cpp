// SPDX-License-Identifier: Apache-2.0
// M2MMobj and M2MSIMMobj (TR 33.812 clause 5.1.3.7.3.3): values, descriptions, and what is none.
#include "dm/m2m_objects.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "dm/wbxml.hpp"

using namespace uicclab;
using namespace uicclab::dm;

namespace {

const Bytes kKey{0x30, 0x59};

M2mEquipment equipment() {
  return {"meter-0001", "uicclab-mcim evidence 1\ntre: a\n", kKey, Bytes(16, 1), Bytes(16, 2), M2mState::kRegistered};
}

}  // namespace

TEST_CASE("M2MMobj and M2MSIMMobj go into a tree, to TNDS and WBXML and back with the same values") {
  ManagementTree tree;
  REQUIRE(tree.apply({"", nodes_of(equipment())}));
  const M2mSubscription subscription{"home.example", Bytes(16, 1), Bytes(700, 3), Bytes(71, 4)};
  REQUIRE(tree.apply({"", nodes_of(subscription)}));
  for (const char* root : {kM2mmobj, kM2msimmobj}) {
    const auto wbxml = wbxml_of(*tnds_of(tree, root));
    REQUIRE_MESSAGE(wbxml, wbxml.error().text);
    const auto xml = xml_of(*wbxml);
    REQUIRE_MESSAGE(xml, xml.error().text);
    ManagementTree again;
    REQUIRE(again.apply({"", *read_tnds(*xml)}));
    if (root == kM2mmobj) {
      const auto read = read_m2mmobj(again);
      REQUIRE_MESSAGE(read, read.error().text);
      CHECK(read->device == "meter-0001");
      CHECK(read->evidence == equipment().evidence);
      CHECK(read->platform_key == kKey);
      CHECK(read->registration_nonce == Bytes(16, 1));
      CHECK(read->card_nonce == Bytes(16, 2));
      CHECK(read->state == M2mState::kRegistered);
    } else {
      const auto read = read_m2msimmobj(again);
      REQUIRE_MESSAGE(read, read.error().text);
      CHECK(read->object == Bytes(700, 3));
      CHECK(read->signature == Bytes(71, 4));
    }
  }
}

TEST_CASE("A server may write what the description lets it, nothing else (DM_DDF AccessType)") {
  const auto said = [](TreeCommand one, const char* root, const ObjectDescription& object) {
    const auto good = check_access(std::array{one}, root, object);
    return good ? "" : good.error().text;
  };
  CHECK(said({true, "./M2MMobj/Registration/Nonce", {"b64", ""}}, kM2mmobj, m2mmobj()).empty());
  CHECK(said({true, "./M2MMobj/DeviceId", {"chr", "other"}}, kM2mmobj, m2mmobj()) ==
        "./M2MMobj/DeviceId: Replace is not allowed to a server (DM status 425)");
  CHECK(said({false, "./M2MMobj/New", {"chr", ""}}, kM2mmobj, m2mmobj()) == "./M2MMobj/New: M2MMobj has no such node (DM status 404)");
  CHECK(said({true, "./M2MMobjection", {"chr", ""}}, kM2mmobj, m2mmobj()).empty());
  for (const TreeCommand& one : nodes_of(M2mSubscription{"sho", {}, {}, Bytes(1, 1)})) CHECK(said(one, kM2msimmobj, m2msimmobj()).empty());
}

TEST_CASE("Their descriptions are DDF documents that libwbxml2 knows") {
  for (const ObjectDescription* object : {&m2mmobj(), &m2msimmobj()}) CHECK(wbxml_of(ddf_of(*object)));
}

TEST_CASE("An object with a wrong value, a node too many or too few is refused, with the node") {
  const auto refusal = [](std::vector<TreeCommand> more, const char* without = "") {
    ManagementTree tree;
    auto nodes = nodes_of(equipment());
    std::erase_if(nodes, [&](const TreeCommand& one) { return one.uri.ends_with(without) && *without != '\0'; });
    nodes.insert(nodes.end(), more.begin(), more.end());
    REQUIRE(tree.apply({"", nodes}));
    const auto read = read_m2mmobj(tree);
    return read ? "" : read.error().text;
  };
  CHECK(refusal({}).empty());
  CHECK(refusal({}, "/Evidence").empty());
  CHECK(refusal({}, "/PublicKey") == "./M2MMobj/TRE/PublicKey is missing");
  CHECK(refusal({{true, "./M2MMobj/Extra", {"chr", ""}}}) == "./M2MMobj/Extra: M2MMobj has no such node");
  CHECK(refusal({{true, "./M2MMobj/TRE/PublicKey", {"b64", "@"}}}) == "./M2MMobj/TRE/PublicKey must be base64");
  CHECK(refusal({{true, "./M2MMobj/Registration/State", {"chr", "lost"}}}) ==
        "./M2MMobj/Registration/State must be registered, installed or refused");
  CHECK(read_m2msimmobj(ManagementTree()).error().text == "./M2MSIMMobj is missing");
}
