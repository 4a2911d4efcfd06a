// SPDX-License-Identifier: Apache-2.0
// Fused operations do what the single ones do: random programs of the byte codes that are fused, with locals of the wrong kind, foreign,
// null and transient arrays, stacks that are too small, branches into the middle, and a budget that ends anywhere.
#include <set>

#include <doctest/doctest.h>

#include "core/environment.hpp"
#include "tests/support/java_card.hpp"

using namespace uicclab;
using namespace uicclab::jcvm::machine;
using test::JavaAssembler;
using test::JavaCard;

namespace {

constexpr unsigned kLocals = 14;
constexpr Context kOwn{1, 1};
constexpr Context kForeign{2, 1};
constexpr std::uint8_t kFirstFused = static_cast<std::uint8_t>(Step::kAloadSload);

std::shared_ptr<const Library> library(Library::Translation translation) {
  return std::make_shared<const Library>(NativeTable(), Library::Accept::kEvery, translation);
}

/// Class A: field 0 a reference, 1 a short, 2 a byte.
JavaAssembler program(const std::string& text, unsigned arguments, unsigned stack) {
  JavaAssembler cap;
  cap.add_class({.name = "A", .cells = 3, .first_reference = 0, .references = 1});
  cap.add_class({.name = "B", .super = "A"});
  cap.method("main", {.arguments = static_cast<std::uint8_t>(arguments), .locals = 1, .stack = static_cast<std::uint8_t>(stack)}, text);
  return cap;
}

/// Statements of a few byte codes each, with labels between them all; at the end a value that depends on the locals.
std::string random_text(SeededRandom& random) {
  const auto pick = [&](unsigned count) { return static_cast<unsigned>(random.next() % count); };
  constexpr unsigned kShorts = 4;  // the first locals; then references
  const auto number = [&] { return std::to_string(pick(16) == 0 ? pick(kLocals) : pick(kShorts)); };
  const auto reference = [&] { return std::to_string(pick(16) == 0 ? pick(kLocals) : kShorts + pick(kLocals - kShorts)); };
  const auto value = [&] { return std::to_string(static_cast<int>(pick(14)) - 3); };
  const auto label = [&] { return "l" + std::to_string(pick(40)); };
  std::vector<std::string> codes;
  const auto add = [&](std::initializer_list<std::string> more) { codes.insert(codes.end(), more); };
  static constexpr auto kCompare = std::to_array<const char*>({"eq", "ne", "lt", "ge", "gt", "le"});
  while (codes.size() < 40) {
    switch (pick(12)) {
      case 0:
        add({"aload " + reference(), "sload " + number(), "baload", "sstore " + number()});
        break;
      case 1:
        add({"aload " + reference(), "sspush " + value(), "baload", "sstore " + number()});
        break;
      case 2:
        add({"aload " + reference(), "sload " + number(), "saload", "sstore " + number()});
        break;
      case 3:
        add({"aload " + reference(), "sload " + number(), "sspush " + value(), "bastore"});
        break;
      case 4:
        add({"aload " + reference(), "getfield_s #A.f1", "sstore " + number()});
        break;
      case 5:
        add({"aload " + reference(), "getfield_b #A.f2", "sstore " + number()});
        break;
      case 6:
        add({"aload " + reference(), "getfield_a #A.f0", "pop"});
        break;
      case 7:
        add({"sload " + number(), "sspush " + value(), std::string("if_scmp") + kCompare[pick(6)] + " " + label()});
        break;
      case 8:
        add({"sload " + number(), "sload " + number(), std::string("if_scmp") + (pick(2) == 0 ? "lt " : "ge ") + label()});
        break;
      case 9:
        add({"sload " + number(), pick(2) == 0 ? "sload " + number() : "sspush " + value(), "sload " + number(), "sadd", "sadd",
             "sstore " + number()});
        break;
      case 10:
        add({"aload " + reference(), "sspush " + value(), "sload " + number(), "bastore"});
        break;
      default:
        add({"sinc " + number() + " " + value(), "goto " + label()});
    }
  }
  std::string text;
  for (std::size_t i = 0; i < codes.size(); ++i) text += (i < 40 ? "l" + std::to_string(i) + ": " : "") + codes[i] + "; ";
  return text + "sload 0; sload 1; sadd; sreturn";
}

/// What a program did with a budget, in words, and the store behind it.
std::vector<std::string> outcomes(const JavaAssembler& cap, const jcvm::cap::CapFile& file, std::shared_ptr<const Library> with,
                                  bool in_transaction, std::set<std::uint8_t>* steps) {
  JavaCard card(std::move(with));
  REQUIRE(card.vm.load(1, file));
  for (const Code& code : card.vm.package(1)->methods.front().code) {
    if (steps != nullptr) steps->insert(code.op);
    if (steps == nullptr) CHECK(code.op < kFirstFused);
  }
  const auto array = [&](jcvm::code::ArrayType type, Context owner, Lifetime lifetime) {
    return Cell::reference(card.vm.make_array(type, 6, owner, lifetime));
  };
  const auto object = [&](std::size_t klass, Context owner) {
    const Class& linked = card.vm.package(1)->classes[klass];
    return Cell::reference(card.vm.heap().make_instance(linked, card.vm.number_of(linked), owner, Lifetime::kPersistent));
  };
  const std::vector<Cell> arguments{Cell::of(1),
                                    Cell::of(3),
                                    Cell::of(5),
                                    Cell::of(-1),
                                    array(jcvm::code::kTypeByte, kOwn, Lifetime::kClearOnReset),
                                    array(jcvm::code::kTypeByte, kOwn, Lifetime::kPersistent),
                                    array(jcvm::code::kTypeBoolean, kOwn, Lifetime::kClearOnReset),
                                    array(jcvm::code::kTypeShort, kOwn, Lifetime::kClearOnReset),
                                    array(jcvm::code::kTypeByte, kOwn, Lifetime::kClearOnDeselect),
                                    array(jcvm::code::kTypeByte, kForeign, Lifetime::kPersistent),
                                    object(0, kOwn),
                                    object(1, kOwn),
                                    object(0, kForeign),
                                    Cell::reference(kNull)};
  REQUIRE(arguments.size() == kLocals);
  if (in_transaction) card.vm.heap().begin();
  std::vector<std::string> out;
  for (const std::uint64_t budget : {1U, 2U, 3U, 4U, 5U, 7U, 10U, 13U, 18U, 25U, 60U, 300U}) {
    for (const bool selected : {true, false}) {
      card.thread.selected = selected ? std::optional(kOwn) : std::nullopt;
      REQUIRE(card.vm.call_static(card.thread, 1, cap.offset_of("main"), kOwn, arguments));
      std::uint64_t left = budget;
      card.vm.run(card.thread, left);
      out.push_back(card.outcome() + ", " + std::to_string(left) + " left, " + std::to_string(card.thread.executed()) + " done, bent " +
                    std::to_string(card.thread.bent()));
    }
  }
  for (const Cell& cell : arguments) {
    if (cell.kind == Kind::kReference && cell.ref() != kNull) out.push_back(to_hex(card.vm.heap().find(cell.ref())->body));
  }
  if (in_transaction) card.vm.abort_transaction();
  for (const auto& [number, value] : card.store.sealed()) out.push_back(std::to_string(number) + ": " + to_hex(value));
  out.push_back(std::to_string(card.store.seals()));
  return out;
}

}  // namespace

TEST_CASE("fused operations do what single ones do: result, exception, budget, objects (JCVM 7.5)") {
  const auto fused = library(Library::Translation::kFused);
  const auto single = library(Library::Translation::kSingle);
  std::set<std::uint8_t> steps;
  SeededRandom random(1);
  for (int i = 0; i < 200; ++i) {
    const std::string text = random_text(random);
    CAPTURE(text);
    const unsigned stack = random.next() % 4 == 0 ? 1 + static_cast<unsigned>(random.next() % 3) : 4;
    JavaAssembler cap = program(text, kLocals, stack);
    const auto file = cap.build();
    const bool in_transaction = random.next() % 4 == 0;
    CHECK(outcomes(cap, file, fused, in_transaction, &steps) == outcomes(cap, file, single, in_transaction, nullptr));
  }
#define STEP(name)
#define FUSED(name, ...) CHECK_MESSAGE(steps.contains(static_cast<std::uint8_t>(Step::k##name)), #name);
#include "jcvm/machine/steps.def"
#undef FUSED
#undef STEP
}
