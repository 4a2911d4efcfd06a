// SPDX-License-Identifier: Apache-2.0
// Every method of the API that works on its arguments alone, with arguments that no compiler lets through: objects whose constructor was
// not run, arrays of others, of other kinds, numbers that do not fit. It answers or throws; nobody else's object changes.
#include <set>

#include <doctest/doctest.h>

#include "applet/java/framework/framework.hpp"
#include "core/environment.hpp"
#include "jcvm/packages/package.hpp"
#include "tests/support/java_card.hpp"

using namespace uicclab;
using test::JavaAssembler;
using test::JavaCard;
namespace machine = jcvm::machine;
namespace packages = jcvm::packages;
using jcvm::code::ArrayType;
using machine::Cell;
using machine::Ref;

namespace {

constexpr machine::Context kSelf{1, 1};
constexpr machine::Context kOther{2, 1};

/// Classes of javacard.framework that ask the card: they have tests of their own.
bool asks_the_card(const packages::Class& one) {
  const std::string simple = one.name.substr(one.name.rfind('/') + 1);
  return simple == "APDU" || simple == "JCSystem" || simple == "Applet";
}

struct Call {
  std::string name;
  std::vector<char> types;          ///< of its cells: L, S, or I for both of an int
  std::vector<std::string> wanted;  ///< of each L, what it should be: "[B", or a class
};

/// "([BSI)V" as cells.
void read_cells(Call& call, std::string_view descriptor) {
  std::vector<char>& out = call.types;
  for (std::size_t i = 1; descriptor[i] != ')'; ++i) {
    const bool array = descriptor[i] == '[';
    if (array) ++i;
    const char letter = descriptor[i];
    const std::size_t begin = i + 1;
    if (letter == 'L') i = descriptor.find(';', i);
    if (array || letter == 'L') {
      out.push_back('L');
      call.wanted.push_back(array ? std::string("[") + letter : std::string(descriptor.substr(begin, i - begin)));
    } else {
      out.push_back(letter == 'I' ? 'I' : 'S');
      if (letter == 'I') out.push_back('I');
    }
  }
}

std::string return_of(std::string_view descriptor) {
  const char letter = descriptor[descriptor.find(')') + 1];
  return letter == 'V' ? "return" : letter == 'I' ? "ireturn" : letter == 'L' || letter == '[' ? "areturn" : "sreturn";
}

class Caller {
 public:
  JavaAssembler made;
  std::vector<Call> calls;

  void add(const packages::Package& package) {
    // The assembler has javacard.framework already.
    const bool is_first = package.aid == made.imports.front().aid;
    if (!is_first) made.import_package(to_hex(package.aid.bytes()), package.version.major, 0);
    const auto import = is_first ? 0U : static_cast<unsigned>(made.imports.size() - 1);
    for (const packages::Class& one : package.classes) {
      if (one.is_interface || asks_the_card(one)) continue;
      const std::string name = "C" + std::to_string(import) + "_" + std::to_string(one.token);
      made.external(name, import, one.token);
      for (const packages::Member& member : one.members) add(name, one, member);
    }
  }

 private:
  void add(const std::string& name, const packages::Class& one, const packages::Member& member) {
    const bool is_init = member.kind == packages::MemberKind::kInit;
    const bool is_virtual = member.kind == packages::MemberKind::kVirtual;
    if (!is_init && !is_virtual && member.kind != packages::MemberKind::kStatic) return;
    if (member.is_protected || (is_init && one.is_abstract)) return;
    Call call;
    call.name = name + (is_virtual ? "_v" : "_m") + std::to_string(member.token);
    if (is_virtual) {
      call.types.push_back('L');
      call.wanted.push_back(one.name);
    }
    read_cells(call, member.descriptor);
    std::string text = is_init ? "new #" + name + "; dup; " : "";
    for (std::size_t i = 0; i < call.types.size(); ++i) {
      const char type = call.types[i];
      text += std::string(type == 'L' ? "aload " : type == 'I' ? "iload " : "sload ") + std::to_string(i) + "; ";
      if (type == 'I') ++i;
    }
    text += std::string(is_virtual ? "invokevirtual"
                        : is_init  ? "invokespecial"
                                   : "invokestatic") +
            " #" + name + (is_virtual ? ".v" : ".m") + std::to_string(member.token) + "; " +
            (is_init ? "areturn" : return_of(member.descriptor));
    const auto cells = static_cast<std::uint8_t>(call.types.size());
    made.method(call.name, {.arguments = cells, .stack = static_cast<std::uint8_t>(cells + 2)}, text);
    calls.push_back(std::move(call));
  }
};

}  // namespace

TEST_CASE("attacks: a class that only natives make is none that a file can name (JCVM 6.8)") {
  machine::NativeTable natives;
  applet::java::add_framework(natives);
  JavaCard card(std::make_shared<const machine::Library>(natives, machine::Library::Accept::kEvery));
  for (const unsigned token : {253U, 254U}) {
    JavaAssembler made;
    made.add_class({.name = "A"});
    made.external("Hidden", 0, token);
    made.method("main", {}, "new #Hidden; areturn");
    CHECK_FALSE(card.vm.load(1, made.build()));
  }
}

TEST_CASE("attacks: every API method with arguments that do not fit answers or throws") {
  machine::NativeTable natives;
  applet::java::add_framework(natives);
  const auto library = std::make_shared<const machine::Library>(natives, machine::Library::Accept::kEvery);
  Caller caller;
  caller.made.add_class({.name = "A"});
  for (const char* package : {"javacard/framework", "javacardx/framework/util", "javacardx/framework/util/intx", "javacardx/framework/tlv",
                              "javacardx/framework/math", "javacardx/framework/string"}) {
    caller.add(*packages::package_named(package));
  }
  CHECK(caller.calls.size() > 150);
  JavaCard card(library);
  const auto loaded = card.vm.load(1, caller.made.build());
  REQUIRE_MESSAGE(loaded, loaded.error().text);
  card.thread.selected = kSelf;
  SeededRandom random(7);
  const auto below = [&](std::size_t limit) {
    std::array<std::uint8_t, 2> bytes{};
    random.fill(bytes);
    return (std::size_t{bytes[0]} << 8 | bytes[1]) % limit;
  };
  std::vector<Ref> pool{machine::kNull, Ref{4711}};
  const auto array = [&](ArrayType type, std::uint32_t length, machine::Context owner) {
    pool.push_back(card.vm.make_array(type, length, owner, machine::Lifetime::kPersistent));
    random.fill(card.vm.heap().find(pool.back())->body);
  };
  for (const ArrayType type : {jcvm::code::kTypeBoolean, jcvm::code::kTypeByte, jcvm::code::kTypeShort, jcvm::code::kTypeInt}) {
    array(type, 5, kSelf);
    array(type, 40, kSelf);
  }
  array(jcvm::code::kTypeByte, 5, kOther);
  const Ref foreign = pool.back();
  const Bytes before = card.vm.heap().find(foreign)->body;
  // Without their constructors, hidden classes too
  for (const packages::Package* package :
       {packages::package_named("javacard/framework"), packages::package_named("javacardx/framework/tlv"),
        packages::package_named("javacardx/framework/math")}) {
    for (const auto* classes : {&package->classes, &package->hidden}) {
      for (const packages::Class& one : *classes) {
        if (one.is_interface || one.is_abstract || asks_the_card(one)) continue;
        pool.push_back(card.vm.make({package->name, one.token}, kSelf, machine::Lifetime::kPersistent));
      }
    }
  }
  const auto fits = [&](Ref ref, const std::string& wanted) {
    const machine::Object* object = card.vm.heap().find(ref);
    if (object == nullptr) return false;
    if (wanted.starts_with('[')) {
      const char letter = wanted[1];
      return object->type == (letter == 'B' ? jcvm::code::kTypeByte : letter == 'S' ? jcvm::code::kTypeShort : jcvm::code::kTypeInt);
    }
    const packages::Class* one = packages::class_named(wanted);
    return one != nullptr && card.vm.is_a(ref, {std::string_view(wanted).substr(0, wanted.rfind('/')), one->token});
  };
  // Mostly of the right class, else the interpreter refuses the call.
  const auto choose = [&](const std::string& wanted) {
    std::vector<Ref> right;
    for (const Ref ref : pool) {
      if (fits(ref, wanted)) right.push_back(ref);
    }
    return right.empty() || below(8) == 0 ? pool[below(pool.size())] : right[below(right.size())];
  };
  const std::size_t fixed = pool.size();
  constexpr auto kNumbers = std::to_array<std::int16_t>({-32768, -129, -1, 0, 1, 2, 3, 4, 5, 6, 30, 40, 127, 255, 256, 32767});
  std::set<std::string> answered;
  for (unsigned i = 0; i < 20000; ++i) {
    const Call& call = caller.calls[below(caller.calls.size())];
    std::vector<Cell> arguments;
    std::size_t reference = 0;
    for (std::size_t at = 0; at < call.types.size(); ++at) {
      const std::int16_t number = kNumbers[below(kNumbers.size())];
      if (call.types[at] == 'I') {
        const auto wide = static_cast<std::int32_t>(static_cast<std::uint32_t>(number) * 0x10001U);
        arguments.insert(arguments.end(), {machine::high_cell(wide), machine::low_cell(wide)});
        ++at;
      } else {
        arguments.push_back(call.types[at] == 'L' ? Cell::reference(choose(call.wanted[reference++])) : Cell::of(number));
      }
    }
    const std::string outcome = card.run(caller.made, call.name, arguments);
    REQUIRE(outcome != "not called");
    if (outcome.find("Exception") == std::string::npos) answered.insert(call.name);
    if (outcome == "object") {
      constexpr std::size_t kMore = 60;
      const Ref made = card.thread.result().ref();
      if (pool.size() < fixed + kMore) {
        pool.push_back(made);
      } else {
        pool[fixed + below(kMore)] = made;
      }
    }
    card.vm.stop(card.thread);
    if (i % 500 == 0) card.vm.collect(pool);
  }
  CHECK(card.vm.heap().find(foreign)->body == before);
  // The arguments were not all nonsense.
  CHECK(answered.size() > caller.calls.size() / 2);
}
