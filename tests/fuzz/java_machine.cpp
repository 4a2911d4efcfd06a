// SPDX-License-Identifier: Apache-2.0
// The virtual machine on any CAP file that the linker accepts: whatever its code does, it ends in one of the ways that a run can end, and
// touches nothing but objects. Every method is run, with arguments of every kind, in contexts that may and may not.
#include "jcvm/machine/machine.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::jcvm::machine;

namespace {

std::shared_ptr<const Library> library() {
  static const auto made = std::make_shared<const Library>(NativeTable(), Library::Accept::kEvery);
  return made;
}

/// What has been made so far is what the next method gets.
void run(Machine& vm, const Method& method, Context context, std::vector<Ref>& objects) {
  if (method.is_abstract) return;
  for (const bool references : {true, false}) {
    std::vector<Cell> arguments;
    for (unsigned i = 0; i < method.arguments; ++i) {
      const Ref ref = objects[(i + objects.size() / 2) % objects.size()];
      arguments.push_back(references || i == 0 ? Cell::reference(ref) : Cell::of(static_cast<std::int16_t>(i)));
    }
    Thread thread(vm);
    thread.selected = Context{1, 1};
    if (!vm.call_static(thread, 1, method.offset, context, arguments)) continue;
    std::uint64_t budget = 300;
    const RunState state = vm.run(thread, budget);
    test::require(state == RunState::kFinished || state == RunState::kThrew || state == RunState::kOutOfBudget, "a run ends");
    if (state == RunState::kThrew) test::require(vm.heap().find(thread.exception()) != nullptr, "an exception is an object");
    if (const Ref made = thread.result().ref(); made != kNull && vm.heap().find(made) != nullptr && objects.size() < 32)
      objects.push_back(made);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = jcvm::cap::CapFile::parse({data, size});
  if (!file) return 0;
  MemoryStore store;
  NativeHost host;
  MachineSettings settings;
  settings.memory.persistent = 20000;
  settings.stack_cells = 256;
  settings.frames = 20;
  Machine vm(library(), store, host, settings);
  if (!vm.load(1, *file)) return 0;
  std::vector<Ref> objects{kNull, vm.make_array(jcvm::code::kTypeByte, 20, {1, 1}, Lifetime::kPersistent),
                           vm.make_array(jcvm::code::kTypeShort, 3, {1, 1}, Lifetime::kClearOnDeselect),
                           vm.make(kObject, {2, 1}, Lifetime::kPersistent)};
  const Module& module = *vm.package(1);
  for (const Class& klass : module.classes) {
    if (klass.is_interface || objects.size() > 16) continue;
    const Ref made = vm.heap().make_instance(klass, vm.number_of(klass), {1, 1}, Lifetime::kPersistent);
    if (made != kNull) objects.push_back(made);
  }
  std::size_t count = 0;
  for (const Method& method : module.methods) {
    if (++count > 40) break;
    for (const Context context : {Context{1, 1}, Context{2, 1}, kRuntime}) run(vm, method, context, objects);
  }
  vm.heap().begin();
  for (const Method& method : module.methods) {
    if (++count > 60) break;
    run(vm, method, {1, 1}, objects);
  }
  vm.abort_transaction();
  // The store is what the heap says.
  MemoryStore again(store.sealed());
  Machine other(library(), again, host, settings);
  test::require(other.attach(1, *file).has_value(), "static fields are found again");
  test::require(other.heap().used().persistent == vm.heap().used().persistent, "memory is counted alike");
  vm.collect({});
  vm.reset();
  return 0;
}
