// SPDX-License-Identifier: Apache-2.0
#include "emulator/bench.hpp"

#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using namespace uicclab::literals;
using emulator::Part;
using test::Terminal;

namespace {

std::vector<Bytes> select(std::initializer_list<std::string_view> commands) {
  std::vector<Bytes> out;
  for (const std::string_view command : commands) out.push_back(*from_hex(command));
  return out;
}

ErrorCode code_of(const Result<void>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

}  // namespace

TEST_CASE("test bench: a file is written past its access rules, on a card that is on or off, and survives a reset") {
  Terminal t;
  const auto iccid = select({"00A40804022FE200"});
  CHECK(emulator::write_file(t.card, iccid, {}, "1122"_h));
  CHECK(t.exchange("00B0820002") == "11229000");
  CHECK(emulator::write_file(t.card, iccid, {8, 0}, "3344"_h));
  t.card.power_off();
  CHECK(emulator::write_file(t.card, iccid, {2, 0}, "55"_h));
  CHECK(t.card.session() == nullptr);
  REQUIRE(t.card.reset());
  CHECK(t.exchange("00B082000A") == "112255010000000033449000");
}

TEST_CASE("test bench: records, files of an application, and rules that change") {
  Terminal t;
  const auto records = select({"00A40804047F106F3A00"});
  CHECK(emulator::write_file(t.card, records, {0, 2}, "AABB"_h));
  CHECK(t.send("00A4080C047F106F3A") == "9000");
  CHECK(t.send("00B2020406") == "AABBFFFFFFFF9000");
  CHECK(emulator::write_file(t.card, select({"00A4040407A000000087100200", "00A40904026F0700"}), {}, "01"_h));
  // EF_ARR: rule 2, which EF 2F05 names, lets everybody read.
  CHECK(t.send("00A4080C022F05") == "9000");
  CHECK(t.send("00B0000001") == "6982");
  CHECK(emulator::write_file(t.card, select({"00A40804022F0600"}), {0, 2}, "8001019000"_h));
  CHECK(t.send("00B0000001") == "FF9000");
}

TEST_CASE("test bench: content that cannot be written is refused, and nothing is written") {
  Terminal t;
  const auto iccid = select({"00A40804022FE200"});
  CHECK(code_of(emulator::write_file(t.card, iccid, {0, 0}, Bytes(11))) == ErrorCode::kRange);
  CHECK(code_of(emulator::write_file(t.card, iccid, {11, 0}, "01"_h)) == ErrorCode::kRange);
  CHECK(code_of(emulator::write_file(t.card, iccid, {0, 1}, "01"_h)) == ErrorCode::kNotFound);
  const auto records = select({"00A40804047F106F3A00"});
  CHECK(code_of(emulator::write_file(t.card, records, {0, 0}, "01"_h)) == ErrorCode::kNotFound);
  CHECK(code_of(emulator::write_file(t.card, records, {0, 5}, "01"_h)) == ErrorCode::kNotFound);
  CHECK(code_of(emulator::write_file(t.card, records, {1, 1}, "01"_h)) == ErrorCode::kUnsupported);
  CHECK(code_of(emulator::write_file(t.card, records, {0, 1}, Bytes(7))) == ErrorCode::kRange);
  CHECK(code_of(emulator::write_file(t.card, select({"00A40804022FFF00"}), {}, "01"_h)) == ErrorCode::kNotFound);
  CHECK(code_of(emulator::write_file(t.card, select({"00A4040407A000000087100900"}), {}, "01"_h)) == ErrorCode::kNotFound);
  CHECK(code_of(emulator::write_file(t.card, select({"00A40804027F1000"}), {}, "01"_h)) == ErrorCode::kUnsupported);
  CHECK(code_of(emulator::write_file(t.card, select({"00A40804047F106F7700"}), {}, "01"_h)) == ErrorCode::kUnsupported);
  CHECK(t.exchange("00B082000A") == "988812010000000000019000");
}

TEST_CASE("test bench: a REFRESH of the card itself is fetched and answered (TS 102 223 clause 6.4.7)") {
  Terminal t;
  const auto refresh = "D009810301010482028182"_h;
  CHECK(code_of(emulator::queue_proactive(t.card, refresh)) == ErrorCode::kRefused);
  CHECK(t.send("8010000004FFFFFFFF") == "9000");
  CHECK(emulator::queue_proactive(t.card, refresh));
  CHECK(t.send("80F2000C00") == "910B");
  CHECK(t.send("801200000B") == to_hex(refresh) + "9000");
  CHECK(t.send("801400000C810301010482028281830100") == "9000");
  t.card.power_off();
  CHECK(code_of(emulator::queue_proactive(t.card, refresh)) == ErrorCode::kRefused);
}
