// SPDX-License-Identifier: Apache-2.0
// What the data-flow verifier passes never trips the interpreter's checks of kinds, stack and classes: every method is run with arguments
// of the types that the Descriptor says, and meets nothing that correct code never does.
#include "jcvm/verifier/data_flow.hpp"

#include "jcvm/machine/machine.hpp"
#include "jcvm/verifier/members.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::jcvm::machine;
namespace verifier = jcvm::verifier;
namespace cap = jcvm::cap;

namespace {

constexpr Context kInstance{1, 1};

std::shared_ptr<const Library> library() {
  static const auto made = std::make_shared<const Library>(NativeTable(), Library::Accept::kEvery);
  return made;
}

class Arguments {
 public:
  Arguments(Machine& vm, const cap::CapFile& file, const verifier::Members& members, std::uint8_t seed)
      : m_vm(vm), m_file(file), m_members(members), m_seed(seed) {}

  std::vector<Cell> of(const verifier::MethodFacts& facts) {
    std::vector<Cell> out;
    if (!facts.has(cap::kDescriptorStatic)) out.push_back(Cell::reference(instance(facts.owner)));
    for (const auto& type : facts.signature.arguments) {
      if (type.letter == 'I') {
        out.insert(out.end(), {high_cell(next()), low_cell(next())});
      } else if (type.letter != 'L') {
        out.push_back(Cell::of(static_cast<std::int16_t>(next())));
      } else {
        out.push_back(Cell::reference(reference(type.reference)));
      }
    }
    return out;
  }

 private:
  std::int32_t next() {
    m_seed = static_cast<std::uint8_t>(m_seed * 5 + 3);
    return m_seed % 4 == 0 ? 0 : m_seed % 7 - 2;
  }
  Ref reference(const verifier::Type& type) {
    if (next() == 0) return kNull;
    if (type.tag == verifier::Tag::kNumbers) return m_vm.make_array(type.element, 3, kInstance, Lifetime::kClearOnReset);
    return type.tag == verifier::Tag::kObject ? instance(type.klass) : kNull;
  }
  /// Of a class of the file that can have instances; else null.
  Ref instance(const verifier::ClassHandle& klass) {
    const auto& all = m_file.classes.classes;
    const bool abstract = (m_members.flags(klass) & cap::kDescriptorAbstract) != 0;
    if (klass.own == nullptr || klass.own->is_interface() || abstract) return kNull;
    const Class& linked = m_vm.package(std::uint16_t{1})->classes[static_cast<std::size_t>(klass.own - all.data())];
    return m_vm.heap().make_instance(linked, m_vm.number_of(linked), kInstance, Lifetime::kPersistent);
  }

  Machine& m_vm;
  const cap::CapFile& m_file;
  const verifier::Members& m_members;
  std::uint8_t m_seed;
};

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

/// Mostly single bytes of code and types: what changes sizes hardly ever stays a CAP file.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  constexpr std::size_t kHead = 3;  // tag and size
  if (seed % 8 == 0) return LLVMFuzzerMutate(data, size, most);
  for (std::size_t at = 0; at + kHead < size;) {
    const std::size_t length = std::size_t{data[at + 1]} << 8 | data[at + 2];
    const auto tag = static_cast<cap::Component>(data[at]);
    if (tag == (seed % 8 == 1 ? cap::Component::kDescriptor : cap::Component::kMethod) && length > 0 && at + kHead + length <= size) {
      for (unsigned i = 0; i <= seed % 3; ++i) {
        seed = seed * 1103515245 + 12345;
        data[at + kHead + (seed >> 8) % length] = static_cast<std::uint8_t>((seed >> 24) % 0xB9);
      }
      return size;
    }
    at += kHead + length;
  }
  return LLVMFuzzerMutate(data, size, most);
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = cap::CapFile::parse({data, size});
  if (!file || !file->descriptor) return 0;
  const auto imports = verifier::known_imports(*file);
  const auto structure = verifier::check_structure(*file, imports);
  if (!structure.sound()) return 0;
  const auto flow =
      verifier::check_data_flow(*file, imports, structure, [](std::uint32_t offset) { return "method " + std::to_string(offset); });
  test::require(flow.errors.size() <= verifier::kMostErrors, "the list of errors is bounded");
  if (!flow.correct() || flow.unknown > 0) return 0;
  MemoryStore store;
  NativeHost host;
  MachineSettings settings;
  settings.memory.persistent = 20000;
  settings.stack_cells = 512;
  settings.frames = 20;
  Machine vm(library(), store, host, settings);
  if (!vm.load(1, *file)) return 0;
  const verifier::Types types(*file, imports);
  const verifier::Members::Wrong nothing = [](ErrorCode, const std::string&) {};
  const verifier::Members members(*file, types, nothing);
  Arguments arguments(vm, *file, members, data[size / 2]);
  std::size_t count = 0;
  for (const auto& body : structure.methods) {
    const verifier::MethodFacts* facts = members.method(body.offset);
    if (facts == nullptr || body.header.is_abstract() || ++count > 60) continue;
    Thread thread(vm);
    thread.selected = kInstance;
    if (!vm.call_static(thread, 1, body.offset, kInstance, arguments.of(*facts))) continue;
    std::uint64_t budget = 500;
    vm.run(thread, budget);
    test::require(thread.bent() == 0, "verified code does nothing that correct code never does");
    if (vm.heap().in_transaction()) vm.abort_transaction();
  }
  return 0;
}
