// SPDX-License-Identifier: Apache-2.0
#include <set>

#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using test::packed;
using test::Terminal;

namespace {

AccessRule expanded(std::string_view hex) {
  auto rule = AccessRule::from_expanded(*from_hex(hex));
  REQUIRE(rule);
  return *rule;
}
AccessRule compact(std::string_view hex) {
  auto rule = AccessRule::from_compact(*from_hex(hex));
  REQUIRE(rule);
  return *rule;
}

/// Is the operation allowed with these keys satisfied? An operation that the rule does not name is not.
bool allows(const AccessRule& rule, Access access, const std::set<int>& keys, std::uint8_t protection = 0) {
  const Condition* condition = rule.find(access);
  return condition != nullptr && condition->holds([&](KeyReference key) { return keys.contains(key.value); }, protection);
}
bool allows_mode(const AccessRule& rule, std::uint8_t mode, const std::set<int>& keys, std::uint8_t protection = 0) {
  return allows(rule, Access::of_mode(mode), keys, protection);
}

ErrorCode expanded_error(std::string_view hex) {
  const auto rule = AccessRule::from_expanded(*from_hex(hex));
  REQUIRE_FALSE(rule);
  return rule.error().code;
}
ErrorCode compact_error(std::string_view hex) {
  const auto rule = AccessRule::from_compact(*from_hex(hex));
  REQUIRE_FALSE(rule);
  return rule.error().code;
}

/// The small card with one more EF, 2F30, of two bytes and these security attributes.
std::shared_ptr<const CardImage> image_with(SecurityAttributes security) {
  CardSettings settings;
  settings.atr = to_bytes("3B00"_h);
  CardImageBuilder builder(settings);
  const FileId mf = builder.add_file(test::make_file(FileKind::kMf, 0x3F00, kMfId, 1), {});
  FileHeader header = test::make_file(FileKind::kTransparent, 0x2F30, mf, 0, 2);
  header.security = std::move(security);
  builder.add_file(header, Bytes(2, 0x77));
  Bytes always = to_bytes("80017F9000"_h);
  always.resize(32, 0xFF);
  Bytes pin1 = to_bytes("800101A406830101950108"_h);
  pin1.resize(32, 0xFF);
  builder.add_file(test::make_file(FileKind::kLinearFixed, 0x2F06, mf, 1, 64, 32), concat({always, pin1}));
  builder.put(pin_object(KeyReference{0x01}, kMfId), encode_pin(test::make_pin("1234", true, true)));
  builder.put(pin_object(KeyReference{0x0A}, kMfId), encode_pin(test::make_pin("88888888", true, false)));
  return *builder.build();
}
std::string read_with(SecurityAttributes security, const char* key = nullptr) {
  Terminal t(image_with(std::move(security)));
  if (key != nullptr) REQUIRE(t.send(key) == "9000");
  t.send("00A4000C02 2F30");
  return t.send("00B0000002");
}
constexpr const char* kPin1 = "0020000108 31323334FFFFFFFF";
constexpr const char* kAdm1 = "0020000A08 3838383838383838";
using Form = SecurityAttributes::Form;

}  // namespace

TEST_CASE("each local key of a rule is that of the nearest DF that has it, whatever other keys the rule names (clause 9.5.1)") {
  // PIN2 is the ADF's; key 82 a DF's below it. Rule 1: read PIN2, update key 82.
  CardSettings settings;
  settings.atr = to_bytes("3B00"_h);
  CardImageBuilder builder(settings);
  const FileId mf = builder.add_file(test::make_file(FileKind::kMf, 0x3F00, kMfId, 1), {});
  Bytes rule = to_bytes("800101A406830181950108 800102A406830182950108"_h);
  rule.resize(48, 0xFF);
  builder.add_file(test::make_file(FileKind::kLinearFixed, 0x2F06, mf, 1, 48, 48), rule);
  FileHeader adf = test::make_file(FileKind::kAdf, 0x7FD0, mf, 1);
  adf.aid = *Aid::from("A0000000871002FF49FF0589"_h);
  const FileId adf_id = builder.add_file(adf, {});
  const FileId df = builder.add_file(test::make_file(FileKind::kDf, 0x5F3A, adf_id, 1), {});
  builder.add_file(test::make_file(FileKind::kTransparent, 0x4F01, df, 1, 2), Bytes(2, 0x77));
  builder.add_instance({adf.aid, "test", std::make_shared<const test::EchoModule>(), adf_id});
  builder.put(pin_object(KeyReference{0x81}, adf_id), encode_pin(test::make_pin("5678", true, true)));
  builder.put(pin_object(KeyReference{0x82}, df), encode_pin(test::make_pin("2222", true, true)));
  Terminal t(builder.build().value());
  REQUIRE(t.send("00A4040C0CA0000000871002FF49FF0589") == "9000");
  REQUIRE(t.send("00A4090C045F3A4F01") == "9000");
  CHECK(t.send("00B0000002") == "6982");
  CHECK(t.send("002000810835363738FFFFFFFF") == "9000");
  CHECK(t.send("00B0000002") == "77779000");
  CHECK(t.send("00D6000001AA") == "6982");
  CHECK(t.send("002000820832323232FFFFFFFF") == "9000");
  CHECK(t.send("00D6000001AA") == "9000");
}

TEST_CASE(
    "Expanded format: each access mode bit finds its condition, what is not named is never allowed (TS 102 221 clauses 9.2.1 and 9.2.4)") {
  const AccessRule rule = expanded("8001019000 800102A406830101950108 800158A40683010A950108 8401D4A40683010A950108 FFFFFF");
  CHECK(allows_mode(rule, ef_access::kRead, {}));
  CHECK_FALSE(allows_mode(rule, ef_access::kUpdate, {}));
  CHECK(allows_mode(rule, ef_access::kUpdate, {0x01}));
  CHECK_FALSE(allows_mode(rule, ef_access::kUpdate, {0x0A}));
  for (const std::uint8_t mode : {ef_access::kActivate, ef_access::kDeactivate, ef_access::kDelete}) {
    CHECK(allows_mode(rule, mode, {0x0A}));
    CHECK_FALSE(allows_mode(rule, mode, {0x01}));
  }
  CHECK_FALSE(allows_mode(rule, ef_access::kTerminate, {0x01, 0x0A}));
  CHECK_FALSE(allows_mode(rule, ef_access::kWrite, {0x01, 0x0A}));
  CHECK(allows(rule, Access::of_command(0x80, 0xD4), {0x0A}));
  CHECK_FALSE(allows(rule, Access::of_command(0x80, 0xD4), {0x01}));
  CHECK_FALSE(allows(rule, Access::of_command(0x80, 0x32), {0x01, 0x0A}));
}

TEST_CASE("Expanded format: never, OR, AND, NOT and their nesting (ISO/IEC 7816-4 clause 5.4.3.2)") {
  CHECK_FALSE(allows_mode(expanded("80017F9700"), ef_access::kRead, {0x01, 0x0A, 0x81}));
  const AccessRule any = expanded("800101 A010 A406830101950108 A40683010A950108");
  CHECK_FALSE(allows_mode(any, ef_access::kRead, {}));
  CHECK(allows_mode(any, ef_access::kRead, {0x01}));
  CHECK(allows_mode(any, ef_access::kRead, {0x0A}));
  const AccessRule all = expanded("800101 AF10 A406830101950108 A40683010A950108");
  CHECK_FALSE(allows_mode(all, ef_access::kRead, {0x01}));
  CHECK_FALSE(allows_mode(all, ef_access::kRead, {0x0A}));
  CHECK(allows_mode(all, ef_access::kRead, {0x01, 0x0A}));
  const AccessRule none = expanded("800101 A708 A406830101950108");
  CHECK(allows_mode(none, ef_access::kRead, {}));
  CHECK_FALSE(allows_mode(none, ef_access::kRead, {0x01}));
  const AccessRule nested = expanded("800101 A012 A40683010A950108 AF08 A406830101950108");
  CHECK(allows_mode(nested, ef_access::kRead, {0x01}));
  CHECK(allows_mode(nested, ef_access::kRead, {0x0A}));
  CHECK_FALSE(allows_mode(nested, ef_access::kRead, {0x81}));
}

TEST_CASE("Expanded format: secure messaging by direction and kind (ISO/IEC 7816-4 tables 33 and 35)") {
  constexpr std::uint8_t kLevels[] = {0x00, 0x01, 0x03, 0x11, 0x13, 0x33};
  const auto levels = [&](std::string_view condition) {
    const AccessRule rule = expanded("800101 " + std::string(condition));
    std::set<int> enough;
    for (const std::uint8_t level : kLevels) {
      if (allows_mode(rule, ef_access::kRead, {}, level)) enough.insert(level);
    }
    return enough;
  };
  CHECK(levels("B403950110") == std::set<int>{0x01, 0x03, 0x11, 0x13, 0x33});
  CHECK(levels("B403950120") == std::set<int>{0x11, 0x13, 0x33});
  CHECK(levels("B803950110") == std::set<int>{0x03, 0x13, 0x33});
  CHECK(levels("B803950120") == std::set<int>{0x33});
  CHECK(levels("AF0AB403950130B803950130") == std::set<int>{0x33});
  CHECK(levels("A00AB403950120B803950110") == std::set<int>{0x03, 0x11, 0x13, 0x33});
  const AccessRule with_pin = expanded("800101 AF0D A406830101950108 B403950130");
  CHECK_FALSE(allows_mode(with_pin, ef_access::kRead, {0x01}));
  CHECK_FALSE(allows_mode(with_pin, ef_access::kRead, {}, 0x33));
  CHECK(allows_mode(with_pin, ef_access::kRead, {0x01}, 0x33));
  CHECK(expanded_error("800101 B400") == ErrorCode::kUnsupported);
  CHECK(expanded_error("800101 B403950100") == ErrorCode::kUnsupported);
  CHECK(expanded_error("800101 B403950138") == ErrorCode::kUnsupported);
  CHECK(expanded_error("800101 B80495023030") == ErrorCode::kUnsupported);
  CHECK(expanded_error("800101 B406830101950130") == ErrorCode::kUnsupported);
}

TEST_CASE("Expanded format: several conditions after one access mode: one is enough (ISO/IEC 7816-4 clause 5.4.3.2)") {
  const AccessRule rule = expanded("800103 A406830101950108 A40683010A950108 A40683010B950108");
  for (const int key : {0x01, 0x0A, 0x0B}) CHECK(allows_mode(rule, ef_access::kUpdate, {key}));
  CHECK_FALSE(allows_mode(rule, ef_access::kUpdate, {0x0C}));
}

TEST_CASE("Expanded format: one condition for several access modes in a row (clause 9.2.4)") {
  const AccessRule rule = expanded("800101 8401D4 A406830101950108 800102 9000");
  CHECK(allows_mode(rule, ef_access::kRead, {0x01}));
  CHECK(allows(rule, Access::of_command(0x80, 0xD4), {0x01}));
  CHECK_FALSE(allows(rule, Access::of_command(0x80, 0xD4), {}));
  CHECK(allows_mode(rule, ef_access::kUpdate, {}));
}

TEST_CASE("Expanded format: commands described by any part of their header, several in a list (ISO/IEC 7816-4 table 32)") {
  const AccessRule list = expanded("8402D432 9000");
  CHECK(allows(list, Access::of_command(0x80, 0xD4), {}));
  CHECK(allows(list, Access::of_command(0x80, 0x32), {}));
  CHECK_FALSE(allows(list, Access::of_command(0x80, 0x33), {}));
  const AccessRule with_class = expanded("8C0280D4 9000");
  CHECK(allows(with_class, Access::of_command(0x80, 0xD4), {}));
  CHECK_FALSE(allows(with_class, Access::of_command(0x00, 0xD4), {}));
  const AccessRule whole = expanded("8F0480D40000 9000");
  CHECK(allows(whole, Access::of_command(0x80, 0xD4), {}));
  CHECK_FALSE(allows(whole, Access{0, 0x80, 0xD4, 0x01, 0x00}, {}));
}

TEST_CASE("Expanded format refuses what is malformed (clause 9.2.4)") {
  CHECK(expanded_error("800101") == ErrorCode::kTruncated);                    // no condition
  CHECK(expanded_error("9000 800101") == ErrorCode::kMalformed);               // no access mode before it
  CHECK(expanded_error("8002010290 00") == ErrorCode::kMalformed);             // an access mode of two bytes
  CHECK(expanded_error("800101A000") == ErrorCode::kMalformed);                // an empty template
  CHECK(expanded_error("800101A403950108") == ErrorCode::kMalformed);          // no key reference
  CHECK(expanded_error("800101B406830101950108") == ErrorCode::kUnsupported);  // secure messaging
  CHECK(expanded_error("8001019E0140") == ErrorCode::kUnsupported);
  CHECK(expanded_error("8001019E00") == ErrorCode::kMalformed);
  CHECK(expanded_error("8C0180 9000") == ErrorCode::kMalformed);  // half a description
  CHECK(expanded_error("8400 9000") == ErrorCode::kMalformed);
  CHECK_FALSE(AccessRule::from_expanded(*from_hex("800101A406830101")));  // cut short
  std::string deep = "9000";
  for (int i = 0; i < 12; ++i) deep = "A0" + to_hex(std::array{static_cast<std::uint8_t>(deep.size() / 2)}) + deep;
  CHECK(expanded_error("800101" + deep) == ErrorCode::kMalformed);
  CHECK(AccessRule::from_expanded({}).has_value());
}

TEST_CASE("Compact format: one condition byte for each access mode bit, from the highest (clause 9.2.3)") {
  const AccessRule rule = compact("43 20 10 00");  // delete: external authentication, update: user authentication, read: always
  CHECK(allows_mode(rule, ef_access::kDelete, {0x0A}));
  CHECK_FALSE(allows_mode(rule, ef_access::kDelete, {0x01}));
  CHECK(allows_mode(rule, ef_access::kUpdate, {0x01}));
  CHECK_FALSE(allows_mode(rule, ef_access::kUpdate, {0x0A}));
  CHECK(allows_mode(rule, ef_access::kRead, {}));
  CHECK_FALSE(allows_mode(rule, ef_access::kTerminate, {0x01, 0x0A}));
  // Bit 8: bits 7 to 4 are proprietary, bits 3 to 1 are not. The low bits of a condition name a key.
  const AccessRule proprietary = compact("BB 1A1A1A1A 11 11");
  CHECK(allows_mode(proprietary, ef_access::kRead, {0x01}));
  CHECK_FALSE(allows_mode(proprietary, ef_access::kRead, {0x0A}));
  CHECK_FALSE(allows_mode(proprietary, ef_access::kActivate, {0x01, 0x0A}));
  CHECK(allows_mode(compact("03 1A 11"), ef_access::kUpdate, {0x0A}));
  CHECK_FALSE(allows_mode(compact("03 1A 11"), ef_access::kUpdate, {0x01}));
  const AccessRule both = compact("03 30 B0");
  CHECK(allows_mode(both, ef_access::kUpdate, {0x01}));
  CHECK_FALSE(allows_mode(both, ef_access::kRead, {0x01}));
  CHECK(allows_mode(both, ef_access::kRead, {0x01, 0x0A}));
  CHECK_FALSE(allows_mode(compact("01 FF"), ef_access::kRead, {0x01, 0x0A}));
}

TEST_CASE("Compact format refuses what is malformed (clause 9.2.3)") {
  CHECK(compact_error("") == ErrorCode::kTruncated);
  CHECK(compact_error("03 00") == ErrorCode::kTruncated);
  CHECK(compact_error("01 0000") == ErrorCode::kTrailing);
  CHECK(compact_error("01 40") == ErrorCode::kUnsupported);
  CHECK(compact_error("01 01") == ErrorCode::kMalformed);
  CHECK(compact_error("83 00") == ErrorCode::kMalformed);
}

TEST_CASE("A file's attributes can be referenced, compact, expanded or none (clauses 9.2.3 to 9.2.6)") {
  CHECK(read_with({Form::kReferenced, to_bytes("2F0601"_h)}) == "77779000");
  CHECK(read_with({Form::kReferenced, to_bytes("2F0602"_h)}) == "6982");
  CHECK(read_with({Form::kReferenced, to_bytes("2F0602"_h)}, kPin1) == "77779000");
  CHECK(read_with({Form::kReferenced, to_bytes("2F06 0102 0001"_h)}) == "6982");  // SE 01: record 2
  CHECK(read_with({Form::kReferenced, to_bytes("2F06 0101 0002"_h)}) == "77779000");
  CHECK(read_with({Form::kCompact, to_bytes("0100"_h)}) == "77779000");
  CHECK(read_with({Form::kCompact, to_bytes("0110"_h)}) == "6982");
  CHECK(read_with({Form::kCompact, to_bytes("0110"_h)}, kPin1) == "77779000");
  CHECK(read_with({Form::kExpanded, to_bytes("800101A40683010A950108"_h)}, kPin1) == "6982");
  CHECK(read_with({Form::kExpanded, to_bytes("800101A40683010A950108"_h)}, kAdm1) == "77779000");
  CHECK(read_with({Form::kNone, {}}, kAdm1) == "6982");
}

TEST_CASE("A reference that leads nowhere, or to a broken rule, allows nothing (clause 9.2.5)") {
  for (const char* reference : {"2F0603", "2F0600", "2F9901", "2F3001", "2F06", "2F06020102"}) {
    CAPTURE(reference);
    CHECK(read_with({Form::kReferenced, *from_hex(reference)}, kAdm1) == "6982");
  }
  CHECK(read_with({Form::kExpanded, to_bytes("800101A4"_h)}, kAdm1) == "6982");
  CHECK(read_with({Form::kCompact, to_bytes("01"_h)}, kAdm1) == "6982");
}

TEST_CASE("A change of EF_ARR counts at once, and not if the command was refused (clause 9.2.7)") {
  Terminal t;
  t.send("0020000A08 3838383838383838");
  t.send("00A4000C02 2FE2");
  CHECK(t.send("00B0000001") == "989000");
  t.send("00A4000C02 2F06");
  std::string record = packed("800101A406830101950108 80015AA40683010A950108");
  record.resize(96, 'F');
  CHECK(t.send("00DC010430" + record) == "9000");
  t.send("00A4000C02 2FE2");
  CHECK(t.send("00B0000001") == "6982");
  t.send("0020000108 31323334FFFFFFFF");
  CHECK(t.send("00B0000001") == "989000");
}

TEST_CASE("EF_ARR is searched in the file's directory first, then upwards (clause 9.2.7)") {
  Terminal t;
  t.send("0020000A08 3838383838383838");
  t.send("00A4080C04 7F10 5F3A");
  t.send("00A4000C02 4F01");
  CHECK(t.send("00B0000001") == "119000");  // rule 1 of the MF
  // An EF_ARR of the same identifier in DF 7F10, whose record 1 allows nothing.
  t.send("00A4000C02 7F10");
  CHECK(t.send("00E0000024 6222 8205 42210005 01 83022F06 A507 C10580017F9700 8A0105 8B032F0604 80020005 8800") == "9000");
  CHECK(t.send("00B2010405") == "6982");  // its own rule is looked for in itself, and has no record 4
  t.send("00A4000C02 5F3A");
  t.send("00A4000C02 4F01");
  CHECK(t.send("00B0000001") == "6982");
  t.send("00A4000C02 7F10");
  t.card.reset();
  CHECK(t.send("00A4080C06 7F10 5F3A 4F01") == "9000");
  CHECK(t.send("00B0000001") == "6982");
  t.send("0020000A08 3838383838383838");
  t.send("00A4000C02 7F10");
  CHECK(t.send("00E4000002 2F06") == "9000");  // the directory's rule lets its children be deleted
  t.send("00A4080C06 7F10 5F3A 4F01");
  CHECK(t.send("00B0000001") == "119000");
}
