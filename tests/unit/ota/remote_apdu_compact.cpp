// SPDX-License-Identifier: Apache-2.0
#include "ota/remote_apdu_compact.hpp"

#include <doctest/doctest.h>

#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::ota;

namespace {

std::string listed(const CompactScript& script) {
  std::string text;
  for (BytesView command : script.commands) text += (text.empty() ? "" : " ") + to_hex(command);
  return text;
}

std::string listed(std::string_view hex, CommandSet set = CommandSet::kFiles) {
  const Bytes bytes = from_hex(hex).value();
  const auto script = CompactScript::parse(bytes, set);
  return listed(script) + (script.broken ? " broken at " + std::to_string(script.broken->offset) : "");
}

Result<Bytes> built(std::initializer_list<const char*> commands, CommandSet set = CommandSet::kFiles) {
  std::vector<Bytes> bytes;
  for (const char* command : commands) bytes.push_back(from_hex(command).value());
  return build_compact(bytes, set);
}

}  // namespace

TEST_CASE("A compact script is taken apart by P3 (TS 102 226 clause 5.1.1)") {
  CHECK(listed("00A40004023F00 00B0000009") == "00A40004023F00 00B0000009");
  CHECK(listed("00A40004022FE2 00C0000000") == "00A40004022FE2 00C0000000");
  CHECK(listed("00D6000003AABBCC 0044000000") == "00D6000003AABBCC 0044000000");
  CHECK(listed("A0A40000023F00 A0B2010405") == "A0A40000023F00 A0B2010405");
  CHECK(listed("").empty());
}

TEST_CASE("P3 means Le or Lc by the instruction and by whose commands they are (TS 102 226 clauses 7.1 and 8.2)") {
  CHECK(listed("80F2000002 00A40004023F00") == "80F2000002 00A40004023F00");       // STATUS
  CHECK(listed("80F28002024F00", CommandSet::kApplications) == "80F28002024F00");  // GET STATUS
  CHECK(listed("80F2800202 4F00") == "80F2800202 broken at 5");
  CHECK(listed("80CA006602 80E4000002AABB", CommandSet::kApplications) == "80CA006602 80E4000002AABB");  // GET DATA
  CHECK(listed("80CB0080015C 80CB000010 80CB004010") == "80CB0080015C 80CB000010 80CB004010");           // RETRIEVE DATA
  CHECK(listed("80C2000001FF", CommandSet::kApplications) == "80C2000001FF");
}

TEST_CASE("A script that breaks off gives what came before, and the place") {
  CHECK(listed("00A40004023F00 00B0") == "00A40004023F00 broken at 7");
  CHECK(listed("00A40004023F00 00D6000003AABB") == "00A40004023F00 broken at 7");
  CHECK(listed("00A40004") == " broken at 0");
  CHECK(listed("00D60000FF") == " broken at 0");
  const auto script = CompactScript::parse("00"_h, CommandSet::kFiles);
  CHECK(script.broken->code == ErrorCode::kTruncated);
}

TEST_CASE("C-APDUs become a script: P3 is there, a GET RESPONSE follows what answers (TS 102 226 clause 5.1.1)") {
  CHECK(to_hex(built({"00A40004023F00", "00B0000009"}).value()) == "00A40004023F0000B0000009");
  CHECK(to_hex(built({"00A40004023F0000"}).value()) == "00A40004023F0000C0000000");
  CHECK(to_hex(built({"A0A40000023F0010"}).value()) == "A0A40000023F00A0C0000010");
  CHECK(to_hex(built({"00A40004023F0000", "00440000"}).value()) == "00A40004023F000044000000");
  CHECK(to_hex(built({"80F28002024F0000"}, CommandSet::kApplications).value()) == "80F28002024F0000C0000000");
  CHECK(to_hex(built({"0020000100", "00B0000000"}).value()) == "002000010000B0000000");
  CHECK(built({}).value().empty());
}

TEST_CASE("C-APDUs that a script cannot carry are refused, with their number") {
  CHECK(built({"00B0000009", "00A40004023F00"}).error().code == ErrorCode::kRefused);
  CHECK(built({"00A40004023F00", "00A400"}).error().code == ErrorCode::kTruncated);
  CHECK(built({"00A40004023F00", "00A400"}).error().offset == 1);
  CHECK(built({"00A40004023F000000"}).error().code == ErrorCode::kTrailing);
  CHECK(built({"00D6000000000100"}).error().code == ErrorCode::kUnsupported);  // extended
  CHECK(built({"00A4000405"}).error().code == ErrorCode::kUnsupported);        // Le where Lc is read
  CHECK(built({"80F28002024F00"}).error().code == ErrorCode::kUnsupported);    // data for STATUS
  CHECK(build_compact(std::vector<Bytes>(255, to_bytes("00440000"_h)), CommandSet::kFiles));
  CHECK(build_compact(std::vector<Bytes>(256, to_bytes("00440000"_h)), CommandSet::kFiles).error().code == ErrorCode::kRange);
  std::vector<Bytes> with_answer(254, to_bytes("00440000"_h));
  with_answer.push_back(to_bytes("00A40004023F0000"_h));
  CHECK(build_compact(with_answer, CommandSet::kFiles).error().code == ErrorCode::kRange);
}

TEST_CASE("A compact response is count, status and data; what is too long is cut and says 62F1 (TS 102 226 clause 5.1)") {
  const CompactResponse response{2, {0x9000}, to_bytes("0102030405"_h)};
  CHECK(to_hex(response.build()) == "0290000102030405");
  CHECK(CompactResponse::parse(response.build()) == response);
  CHECK(to_hex(response.build(8)) == "0290000102030405");
  CHECK(to_hex(response.build(7)) == "0262F101020304");
  CHECK(to_hex(response.build(3)) == "0262F1");
  CHECK_THROWS_AS(static_cast<void>(response.build(2)), SystemError);
  CHECK(CompactResponse::parse("0190"_h).error().code == ErrorCode::kTruncated);
  CHECK(CompactResponse::parse({}).error().code == ErrorCode::kTruncated);
  CHECK(to_hex(CompactResponse::parse("016132"_h)->status) == "6132");  // what a real card answers to a SELECT alone
}

TEST_CASE("Compact scripts and responses of others are read and written equal") {
  std::size_t scripts = 0;
  for (const test::VectorSet& set : test::load_vectors("ota_worked.txt")) {
    if (set.text("format") != "compact") continue;
    CAPTURE(set.text("id"));
    const CommandSet commands = set.text("tar") == "000000" ? CommandSet::kApplications : CommandSet::kFiles;
    const Bytes data = set.bytes("data");
    const auto script = CompactScript::parse(data, commands);
    CHECK_FALSE(script.broken);
    std::vector<Bytes> apdus;
    for (BytesView command : script.commands) apdus.push_back(to_bytes(command));
    CHECK(build_compact(apdus, commands) == data);
    if (set.has("response_data")) {
      const auto response = CompactResponse::parse(set.bytes("response_data"));
      REQUIRE(response);
      CHECK(response->executed == script.commands.size());
      CHECK(response->status == sw::kOk);
      CHECK(response->build() == set.bytes("response_data"));
    }
    ++scripts;
  }
  CHECK(scripts == 12);
}
