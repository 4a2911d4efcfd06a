// SPDX-License-Identifier: Apache-2.0
// The table of byte codes and the decoder (JCVM 3.1 chapter 7).
#include "jcvm/code/instruction.hpp"

#include <limits>

#include <doctest/doctest.h>

#include "core/hex.hpp"

using namespace uicclab;
using namespace uicclab::jcvm::code;

namespace {

Instruction decoded(const std::string& hex, std::uint32_t offset = 100) {
  const auto out = decode(*from_hex(hex), offset);
  REQUIRE_MESSAGE(out, out.error().text);
  return *out;
}

}  // namespace

TEST_CASE("185 byte codes by number and by name (JCVM table 7-1)") {
  CHECK(operation(0xB8) == operation_named("putfield_i_this"));
  CHECK(operation(0xB9) == nullptr);
  CHECK(operation(0xFE) == nullptr);
  CHECK(operation_named("impdep1") == nullptr);
  for (unsigned code = 0; code < kOperationCount; ++code) {
    const Operation* one = operation(static_cast<std::uint8_t>(code));
    REQUIRE(one != nullptr);
    CHECK(operation_named(one->mnemonic) == one);
    CHECK((one->local.empty() || one->local.size() == 2));
  }
  // Some fixed points, as the specification numbers them.
  const std::pair<unsigned, const char*> fixed[] = {{0x10, "bspush"},
                                                    {0x25, "baload"},
                                                    {0x3B, "pop"},
                                                    {0x41, "sadd"},
                                                    {0x5B, "s2b"},
                                                    {0x60, "ifeq"},
                                                    {0x70, "goto"},
                                                    {0x73, "stableswitch"},
                                                    {0x7A, "return"},
                                                    {0x83, "getfield_a"},
                                                    {0x8B, "invokevirtual"},
                                                    {0x8F, "new"},
                                                    {0x93, "athrow"},
                                                    {0x94, "checkcast"},
                                                    {0x98, "ifeq_w"},
                                                    {0xA8, "goto_w"},
                                                    {0xAD, "getfield_a_this"},
                                                    {0x8E, "invokeinterface"}};
  for (const auto& [code, name] : fixed) CHECK(operation(static_cast<std::uint8_t>(code))->mnemonic == name);
}

TEST_CASE("operands: values, locals, branches, constants (JCVM 7.5)") {
  CHECK(decoded("10FF").value == -1);
  CHECK(decoded("118000").value == -32768);
  CHECK(decoded("14FFFFFFFE").value == -2);
  CHECK(decoded("1A").local == 2);
  CHECK(decoded("1507").local == 7);
  CHECK(decoded("5903FE").value == -2);
  CHECK(decoded("960380FF").value == -32513);
  CHECK(decoded("70FE").target == 98);
  CHECK(decoded("A80100").target == 356);
  CHECK(decoded("60F0", 3).target == -13);
  CHECK(decoded("8305").constant == 5);
  CHECK(decoded("AD05").local == 0);
  CHECK(decoded("8B0102").constant == 0x102);
  const auto interface = decoded("8E02010304");
  CHECK(interface.nargs == 2);
  CHECK(interface.constant == 0x103);
  CHECK(interface.token == 4);
  CHECK(interface.size == 5);
  CHECK(interface.constant_place() == 102);
  const auto shuffle = decoded("3F24");
  CHECK(shuffle.m == 2);
  CHECK(shuffle.n == 4);
  CHECK(decoded("94000003").names_constant());
  CHECK(decoded("940E0003").names_constant());
  CHECK_FALSE(decoded("940B0000").names_constant());
}

TEST_CASE("switches: tables and lookups of short and int (JCVM 7.5)") {
  const auto table = decoded("73 0010 FFFF 0001 0002 0004 FFF0");
  REQUIRE(table.cases.size() == 3);
  CHECK(table.target == 116);
  CHECK(table.cases[0].value == -1);
  CHECK(table.cases[2].target == 84);
  CHECK(table.size == 13);
  const auto wide = decoded("74 0010 7FFFFFFE 7FFFFFFF 0002 0004");
  REQUIRE(wide.cases.size() == 2);
  CHECK(wide.cases[1].value == 0x7FFFFFFF);
  const auto lookup = decoded("75 0010 0002 8000 0002 0005 0003");
  REQUIRE(lookup.cases.size() == 2);
  CHECK(lookup.cases[0].value == -32768);
  CHECK(lookup.cases[1].target == 103);
  CHECK(decoded("76 0010 0001 80000000 0002").cases.at(0).value == std::numeric_limits<std::int32_t>::min());
  CHECK(decoded("75 0010 0000").cases.empty());
}

TEST_CASE("no such code, cut operands and empty ranges are refused, a huge table too (JCVM 7.5)") {
  const auto code = [](const std::string& hex) { return decode(*from_hex(hex), 7).error().code; };
  CHECK(code("") == ErrorCode::kTruncated);
  CHECK(code("B9") == ErrorCode::kMalformed);
  CHECK(code("FE") == ErrorCode::kMalformed);
  CHECK(code("10") == ErrorCode::kTruncated);
  CHECK(code("8B01") == ErrorCode::kTruncated);
  CHECK(code("73 0010 0001 0000 0002") == ErrorCode::kMalformed);
  CHECK(code("74 0010 80000000 7FFFFFFF 0002") == ErrorCode::kTruncated);
  CHECK(code("75 0010 FFFF 0001 0002") == ErrorCode::kTruncated);
  CHECK(decode(*from_hex("B9"), 7).error().offset == 7);
}

TEST_CASE("operations that need ACC_INT are those with int operands (JCVM 6.4, table 6-4)") {
  for (const char* name :
       {"iadd", "iload_0", "istore", "iinc", "s2i", "i2b", "ireturn", "itableswitch", "getfield_i_this", "iaload", "icmp"}) {
    CHECK(operation_named(name)->uses_int());
  }
  for (const char* name : {"sadd", "dup2", "pop2", "invokevirtual", "newarray", "sinc"}) CHECK_FALSE(operation_named(name)->uses_int());
}
