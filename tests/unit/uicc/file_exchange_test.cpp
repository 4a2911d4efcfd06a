// SPDX-License-Identifier: Apache-2.0
#include "uicc/file_exchange.hpp"

#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using uicc::FileExchange;
using uicc::FileKind;

namespace {

struct Store : test::Terminal {
  explicit Store(std::string_view file) : Terminal(test::small_image(), Protocol::kT0), exchange(card) {
    REQUIRE(send("0020000A08 3838383838383838") == "9000");
    REQUIRE(send("00A4080C04" + std::string(file)) == "9000");
  }
  FileExchange exchange;
};

Bytes read(const Result<uicc::ReadContent>& content) {
  REQUIRE(content);
  CHECK_FALSE(content->is_refused());
  return to_bytes(content->bytes);
}

/// Answers each command as it is told, and notes what came.
struct Scripted final : CardPort {
  std::vector<Bytes> answers;
  std::vector<Bytes> commands;

  Result<Atr> reset() override { return Atr{}; }
  void power_off() override {}
  Protocol protocol() const override { return Protocol::kT1; }
  Result<Bytes> transmit(BytesView command) override {
    commands.push_back(to_bytes(command));
    if (commands.size() > answers.size()) return fail(ErrorCode::kIo, "no more answers");
    return answers[commands.size() - 1];
  }
};

}  // namespace

TEST_CASE("All data objects of a BER-TLV EF are read: the tag alone is the data of RETRIEVE DATA (TS 102 221 clause 11.3.1.2)") {
  Store t("7F106F77");
  CHECK(read(t.exchange.read_objects()).empty());
  REQUIRE(t.send("80DB008004 8002AABB") == "9000");
  REQUIRE(t.send("80DB008006 9F5E03010203") == "9000");
  CHECK(read(t.exchange.read_objects()) == to_bytes("8002AABB9F5E03010203"_h));
  CHECK(read(t.exchange.retrieve("9F5E"_h)) == to_bytes("9F5E03010203"_h));
  CHECK(t.exchange.retrieve("81"_h)->status == sw::kReferencedDataNotFound);
}

TEST_CASE("A record of a cyclic EF is written by PREVIOUS and becomes number 1 (TS 102 221 clause 11.1.6.1)") {
  Store t("7F106F39");
  CHECK(t.exchange.update_record(FileKind::kCyclic, 3, "0000AA"_h) == sw::kOk);
  CHECK(read(t.exchange.read_record(1, 3)) == to_bytes("0000AA"_h));
  CHECK(read(t.exchange.read_record(2, 3)) == to_bytes("000003"_h));
  CHECK(t.exchange.read_record(4, 3)->status == sw::kRecordNotFound);
}

TEST_CASE("A transparent EF is read to its end, in pieces of what one answer holds (TS 102 221 clause 11.1.3)") {
  Scripted card;
  FileExchange exchange(card, Channel{2});
  exchange.set_longest(2, 3);
  SUBCASE("the size is known") {
    card.answers = {to_bytes("0102039000"_h), to_bytes("0405 9110"_h)};
    CHECK(read(exchange.read_binary(5)) == to_bytes("0102030405"_h));
    CHECK(card.commands == std::vector<Bytes>{to_bytes("02B0000003"_h), to_bytes("02B0000302"_h)});
  }
  SUBCASE("the size is not known: 6B00 at the end") {
    card.answers = {to_bytes("0102039000"_h), to_bytes("6B00"_h)};
    CHECK(read(exchange.read_binary()) == to_bytes("010203"_h));
  }
  SUBCASE("a refusal leaves what came before it") {
    card.answers = {to_bytes("0102039000"_h), to_bytes("6982"_h)};
    const auto content = exchange.read_binary(5);
    REQUIRE(content);
    CHECK(content->status == sw::kSecurityStatusNotSatisfied);
    CHECK(to_bytes(content->bytes) == to_bytes("010203"_h));
  }
  SUBCASE("6B00 at once is a refusal") {
    card.answers = {to_bytes("6B00"_h)};
    CHECK(exchange.read_binary()->status == sw::kWrongP1P2);
  }
}

TEST_CASE("UPDATE BINARY continues in pieces, also when a proactive command waits (91xx), and ends at the first refusal") {
  Scripted card;
  FileExchange exchange(card);
  exchange.set_longest(2, 2);
  card.answers = {to_bytes("9110"_h), to_bytes("6581"_h)};
  CHECK(exchange.update_binary(0x0100, "010203"_h) == sw::kMemoryProblem);
  CHECK(card.commands == std::vector<Bytes>{to_bytes("00D60100020102"_h), to_bytes("00D601020103"_h)});
}

TEST_CASE("A data object that never ends is refused, and a list of tags that is cut off ends there (TS 102 221 clause 11.3.1)") {
  Scripted card;
  card.answers.assign(2000, to_bytes("AA62F1"_h));
  FileExchange exchange(card);
  CHECK(exchange.retrieve("80"_h).error().code == ErrorCode::kMalformed);
  CHECK(uicc::listed_tags("5C04 80 9F5E 9F"_h).size() == 2);
  CHECK(uicc::listed_tags("5C03 9F8182"_h).empty());
  CHECK(uicc::listed_tags("80"_h).empty());
}
