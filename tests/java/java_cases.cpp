// SPDX-License-Identifier: Apache-2.0
// The cases of a class with run(number, a, b) on the card's own virtual machine: the same lines as tests/java/host/RunCases.java prints on
// a Java virtual machine. java_cases FILE CLASS CASES, where FILE has the components of the CAP file one behind the other, or is a .cap
// archive, CLASS is com/example/Class, and CASES is the number of the last case.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "jcvm/archive/cap_archive.hpp"
#include "jcvm/machine/machine.hpp"

using namespace uicclab;
using namespace uicclab::jcvm;
using machine::Cell;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr auto kOperands =
    std::to_array<std::int16_t>({0, 1, -1, 2, 3, 7, 100, 127, 128, -128, 255, 256, 1000, 4660, -4660, 27266, 32767, -32768, -28672});

Outcome throw_user_exception(NativeCall& call) {
  return call.throws(machine::kUserException, call.short_at(0));
}

Outcome nothing(NativeCall& call) {
  return call.returns();
}

std::shared_ptr<const machine::Library> library() {
  constexpr auto kMethods = std::to_array<machine::NativeMethod>({
      {"Applet", "<init>", "()V", nothing},
      {"UserException", "throwIt", "(S)V", throw_user_exception},
  });
  machine::NativeTable table;
  table.add("javacard/framework", kMethods);
  return std::make_shared<const machine::Library>(table, machine::Library::Accept::kEvery);
}

/// By the Debug component. Throws SystemError if it has no such method.
std::uint32_t offset_of(const cap::CapFile& file, std::string_view class_name, std::string_view method) {
  if (!file.debug) throw SystemError("the CAP file has no Debug component");
  for (const auto& one : file.debug->classes) {
    if (file.debug->text(one.name) != class_name) continue;
    for (const auto& each : one.methods) {
      if (file.debug->text(each.name) == method) return each.location;
    }
  }
  throw SystemError("the Debug component has no method " + std::string(class_name) + "." + std::string(method));
}

/// "OwnException"
std::string simple_name(const cap::CapFile& file, const machine::Machine& vm, const machine::Object& thrown) {
  std::string name = vm.class_name(thrown);
  const machine::Class& klass = *thrown.klass;
  if (!klass.module->is_api) {
    for (const auto& one : file.debug->classes) {
      if (one.location.offset() == file.classes.classes[klass.index].offset) name = file.debug->text(one.name);
    }
  }
  return name.substr(name.rfind('/') + 1);
}

int run(const char* name, const char* class_name, std::int16_t cases) {
  std::ifstream in(name, std::ios::binary);
  const Bytes bytes((std::istreambuf_iterator<char>(in)), {});
  const auto components = archive::read_components(bytes, archive::Keep::kAll);
  if (!components) throw SystemError(components.error().text);
  const auto file = cap::CapFile::parse(*components);
  if (!file) throw SystemError(file.error().text);
  machine::MemoryStore store;
  machine::NativeHost host;
  machine::Machine vm(library(), store, host);
  if (const auto done = vm.load(1, *file); !done) throw SystemError(done.error().text);
  const std::uint32_t offset = offset_of(*file, class_name, "run");
  machine::Thread thread(vm);
  for (std::int16_t number = 0; number <= cases; ++number) {
    for (const std::int16_t a : kOperands) {
      for (const std::int16_t b : kOperands) {
        const std::array<Cell, 3> operands{Cell::of(number), Cell::of(a), Cell::of(b)};
        vm.call_static(thread, 1, offset, {1, 1}, operands);
        std::uint64_t budget = 10'000'000;
        const auto state = vm.run(thread, budget);
        std::string outcome = "out of budget";
        if (state == machine::RunState::kFinished) outcome = std::to_string(thread.result().number);
        if (state == machine::RunState::kThrew) outcome = simple_name(*file, vm, *vm.heap().find(thread.exception()));
        std::printf("%d %d %d %s\n", number, a, b, outcome.c_str());
        vm.stop(thread);
        vm.collect({});
      }
    }
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count != 4) throw SystemError("usage: java_cases FILE.cap CLASS CASES");
    return run(arguments[1], arguments[2], static_cast<std::int16_t>(std::atoi(arguments[3])));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "java_cases: %s\n", error.what());
    return 1;
  }
}
