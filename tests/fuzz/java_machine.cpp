// SPDX-License-Identifier: Apache-2.0
// The virtual machine on any CAP file that the linker accepts: whatever its code does, it ends in one of the ways that a run can end, and
// touches nothing but objects. Every method is run, with arguments of every kind, in contexts that may and may not; with single operations
// all is as with fused ones.
#include "jcvm/machine/machine.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::jcvm::machine;

namespace {

std::shared_ptr<const Library> library(Library::Translation translation) {
  static const auto fused = std::make_shared<const Library>(NativeTable(), Library::Accept::kEvery);
  static const auto single = std::make_shared<const Library>(NativeTable(), Library::Accept::kEvery, Library::Translation::kSingle);
  return translation == Library::Translation::kFused ? fused : single;
}

/// What a method came to.
struct Outcome {
  RunState state;
  Value result;
  Ref exception;
  std::uint64_t executed;
  std::uint64_t bent;
  bool operator==(const Outcome&) const = default;
};

/// What has been made so far is what the next method gets.
void run(Machine& vm, const Method& method, Context context, std::vector<Ref>& objects, std::vector<Outcome>& outcomes) {
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
    outcomes.push_back({state, thread.result(), thread.exception(), thread.executed(), thread.bent()});
    if (const Ref made = thread.result().ref(); made != kNull && vm.heap().find(made) != nullptr && objects.size() < 32)
      objects.push_back(made);
  }
}

struct Run {
  std::vector<Outcome> outcomes;
  std::map<std::uint32_t, Bytes> store;
};

std::optional<Run> run_all(const jcvm::cap::CapFile& file, Library::Translation translation) {
  const auto with = library(translation);
  MemoryStore store;
  NativeHost host;
  MachineSettings settings;
  settings.memory.persistent = 20000;
  settings.stack_cells = 256;
  settings.frames = 20;
  Machine vm(with, store, host, settings);
  if (!vm.load(1, file)) return std::nullopt;
  std::vector<Ref> objects{kNull, vm.make_array(jcvm::code::kTypeByte, 20, {1, 1}, Lifetime::kPersistent),
                           vm.make_array(jcvm::code::kTypeShort, 3, {1, 1}, Lifetime::kClearOnDeselect),
                           vm.make(kObject, {2, 1}, Lifetime::kPersistent)};
  const Module& module = *vm.package(1);
  for (const Class& klass : module.classes) {
    if (klass.is_interface || objects.size() > 16) continue;
    const Ref made = vm.heap().make_instance(klass, vm.number_of(klass), {1, 1}, Lifetime::kPersistent);
    if (made != kNull) objects.push_back(made);
  }
  Run out;
  std::size_t count = 0;
  for (const Method& method : module.methods) {
    if (++count > 40) break;
    for (const Context context : {Context{1, 1}, Context{2, 1}, kRuntime}) run(vm, method, context, objects, out.outcomes);
  }
  vm.heap().begin();
  for (const Method& method : module.methods) {
    if (++count > 60) break;
    run(vm, method, {1, 1}, objects, out.outcomes);
  }
  vm.abort_transaction();
  // The store is what the heap says.
  out.store = store.sealed();
  MemoryStore again(store.sealed());
  Machine other(with, again, host, settings);
  test::require(other.attach(1, file).has_value(), "static fields are found again");
  test::require(other.heap().used().persistent == vm.heap().used().persistent, "memory is counted alike");
  vm.collect({});
  vm.reset();
  return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = jcvm::cap::CapFile::parse({data, size});
  if (!file) return 0;
  const auto fused = run_all(*file, Library::Translation::kFused);
  if (!fused) return 0;
  const auto single = run_all(*file, Library::Translation::kSingle);
  test::require(single.has_value(), "a file that links does so with single operations");
  test::require(fused->outcomes == single->outcomes, "fused operations come to what single ones do");
  test::require(fused->store == single->store, "fused operations write what single ones do");
  return 0;
}
