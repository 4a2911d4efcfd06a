// SPDX-License-Identifier: Apache-2.0
// Parts of the converter that a class file need not be compiled for. What it makes of Java is tested by test_cap_build.
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "jcvm/tools/converter/class_file.hpp"
#include "jcvm/tools/converter/value_range.hpp"

using namespace uicclab;
using namespace uicclab::jcvm::converter;

namespace {

/// Java's operation on ints (JLS 15.15 to 15.22).
std::int32_t java(Arithmetic operation, std::int32_t left, std::int32_t right) {
  const auto cut = [](std::int64_t value) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(value)); };
  const auto bits = static_cast<unsigned>(right & 31);
  switch (operation) {
    case Arithmetic::kAdd:
      return cut(std::int64_t{left} + right);
    case Arithmetic::kSub:
      return cut(std::int64_t{left} - right);
    case Arithmetic::kMul:
      return cut(std::int64_t{left} * right);
    case Arithmetic::kDiv:
      return cut(std::int64_t{left} / right);
    case Arithmetic::kRem:
      return cut(std::int64_t{left} % right);
    case Arithmetic::kNeg:
      return cut(-std::int64_t{left});
    case Arithmetic::kShl:
      return cut(std::int64_t{left} << bits);
    case Arithmetic::kShr:
      return left >> bits;
    case Arithmetic::kUshr:
      return static_cast<std::int32_t>(static_cast<std::uint32_t>(left) >> bits);
    case Arithmetic::kAnd:
      return left & right;
    case Arithmetic::kOr:
      return left | right;
    case Arithmetic::kXor:
      return left ^ right;
  }
  return 0;
}

}  // namespace

TEST_CASE("ranges: every result of Java's arithmetic lies in the range that is computed for it (JCVM 2.2.2)") {
  constexpr std::int64_t kBounds[] = {INT32_MIN, -65536, -32769, -32768, -129, -128, -3,    -1,    0,
                                      1,         2,      7,      31,     127,  255,  32767, 65535, INT32_MAX};
  std::vector<ValueRange> ranges;
  for (const std::int64_t low : kBounds) {
    for (const std::int64_t high : kBounds) {
      if (low <= high) ranges.push_back({low, high});
    }
  }
  const auto samples = [](ValueRange range) {
    std::vector<std::int32_t> out;
    for (const std::int64_t value : {range.low, range.low + 1, (range.low + range.high) / 2, std::int64_t{0}, std::int64_t{-1},
                                     std::int64_t{5}, range.high - 1, range.high}) {
      if (ValueRange::of(value).within(range)) out.push_back(static_cast<std::int32_t>(value));
    }
    return out;
  };
  std::size_t wrong = 0;
  for (int number = 0; number <= static_cast<int>(Arithmetic::kXor); ++number) {
    const auto operation = static_cast<Arithmetic>(number);
    const bool divides = operation == Arithmetic::kDiv || operation == Arithmetic::kRem;
    for (const ValueRange left : ranges) {
      for (const ValueRange right : ranges) {
        const ValueRange result = result_of(operation, left, right);
        for (const std::int32_t a : samples(left)) {
          for (const std::int32_t b : samples(right)) {
            if (divides && b == 0) continue;
            if (!ValueRange::of(java(operation, a, b)).within(result) && ++wrong < 10) {
              MESSAGE("operation ", number, ": ", a, " of ", left.text(), " and ", b, " of ", right.text(), ": not in ", result.text());
            }
          }
        }
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("ranges: 16 bits distinguish 65536 values, and no more") {
  CHECK(told_apart_by_16_bits({0, 65535}, ValueRange::of(0x9000)));
  CHECK(told_apart_by_16_bits({-32768, 32767}, {0, 255}));
  CHECK_FALSE(told_apart_by_16_bits({0, 65535}, ValueRange::of(-1)));
  CHECK_FALSE(told_apart_by_16_bits({-1, 65535}, ValueRange::of(0)));
}

TEST_CASE("ranges: widening comes to an end") {
  ValueRange range = ValueRange::of(0);
  unsigned steps = 0;
  for (ValueRange next = range; steps < 100; ++steps) {
    next = range.widened(result_of(Arithmetic::kAdd, range, {-1, 1}));
    if (next == range) break;
    range = next;
  }
  CHECK(steps < 12);
  CHECK(range == ValueRange{});
}

TEST_CASE("class files: one that a compiler made, and every beginning of it (JVMS 4)") {
  std::ifstream in("tests/fuzz/corpus/converter/hello", std::ios::binary);
  const Bytes seed((std::istreambuf_iterator<char>(in)), {});
  REQUIRE(seed.size() > 3);
  const BytesView bytes = BytesView(seed).subspan(3);  // behind flags and length
  const auto file = ClassFile::parse(bytes);
  REQUIRE_MESSAGE(file, file.error().text);
  CHECK(file->name == "uicclab/hello/Hello");
  CHECK(file->package() == "uicclab/hello");
  CHECK(file->super == "javacard/framework/Applet");
  CHECK(file->source_file == "Hello.java");
  CHECK(file->version == 52);
  const auto* process = file->method("process", "(Ljavacard/framework/APDU;)V");
  REQUIRE(process != nullptr);
  CHECK(process->code->line_of(0) == 19);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(ClassFile::parse(bytes.first(size)));
  }
}

TEST_CASE("descriptors of methods (JVMS 4.3.3)") {
  const auto signature = signature_of("([BSLcom/a/B;[Lcom/a/C;Z)I");
  REQUIRE(signature);
  CHECK(signature->parameters == std::vector<std::string>{"[B", "S", "Lcom/a/B;", "[Lcom/a/C;", "Z"});
  CHECK(signature->result == "I");
  for (const char* bad : {"", "B", "(B", "(B)", "(V)V", "(L;)V", "(Lcom)V", "([)V", "(B)BB", "(B)["}) {
    CAPTURE(bad);
    CHECK_FALSE(signature_of(bad));
  }
}
