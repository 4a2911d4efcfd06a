// SPDX-License-Identifier: Apache-2.0
// A Java Card virtual machine with a store in memory, and what a method did in words.
#pragma once

#include "jcvm/machine/machine.hpp"
#include "tests/support/java_assembler.hpp"

namespace uicclab::test {

namespace machine = jcvm::machine;

inline std::shared_ptr<const machine::Library> shared_library() {
  static const auto library = std::make_shared<const machine::Library>(machine::NativeTable(), machine::Library::Accept::kEvery);
  return library;
}

struct JavaCard {
  explicit JavaCard(std::shared_ptr<const machine::Library> with = shared_library(), machine::MachineSettings settings = {})
      : library(std::move(with)), vm(library, store, host, settings), thread(vm) {}

  /// Runs a static method of package 1 and says how it ended: "5", "int 5", "null", "object", "void", "ArithmeticException",
  /// "SystemException 5", "waiting", "out of budget".
  std::string run(const JavaAssembler& cap, const std::string& method, std::vector<machine::Cell> arguments = {}, std::uint16_t package = 1,
                  machine::Context context = {1, 1}) {
    if (!vm.call_static(thread, package, cap.offset_of(method), context, arguments)) return "not called";
    return go();
  }
  std::string go(std::uint64_t budget = 100000) {
    vm.run(thread, budget);
    return outcome();
  }
  std::string outcome() {
    switch (thread.state()) {
      case machine::RunState::kFinished:
        return text(thread.result());
      case machine::RunState::kThrew:
        return name(thread.exception());
      case machine::RunState::kWaiting:
        return "waiting";
      case machine::RunState::kOutOfBudget:
        return "out of budget";
      case machine::RunState::kReady:
        return "ready";
    }
    return "";
  }
  std::string name(machine::Ref exception) {
    const machine::Object* object = vm.heap().find(exception);
    if (object == nullptr) return "an exception that does not exist";
    std::string out = vm.class_name(*object);
    out.erase(0, out.rfind('/') + 1);
    const auto reason = vm.reason(exception);
    return reason ? out + " " + std::to_string(*reason) : out;
  }
  static std::string text(const machine::Value& value) {
    switch (value.type) {
      case machine::Value::Type::kVoid:
        return "void";
      case machine::Value::Type::kShort:
        return std::to_string(value.number);
      case machine::Value::Type::kInt:
        return "int " + std::to_string(value.number);
      case machine::Value::Type::kReference:
        return value.ref() == 0 ? "null" : "object";
    }
    return "";
  }

  machine::MemoryStore store;
  machine::NativeHost host;
  std::shared_ptr<const machine::Library> library;
  machine::Machine vm;
  machine::Thread thread;
};

}  // namespace uicclab::test
