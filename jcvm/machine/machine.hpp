// SPDX-License-Identifier: Apache-2.0
// A Java Card virtual machine of one card: the loaded packages, the heap, and the running thread. JCVM and JCRE 3.1.
//
//   Machine machine(library, store, host, settings);
//   machine.attach(1, file);                       // after power-on, each load file of the card, imported ones first
//   Thread thread(machine);
//   machine.call_virtual(thread, applet, kApplet, 7, {{Cell::reference(apdu)}});
//   std::uint64_t budget = 1'000'000;
//   machine.run(thread, budget);                   // RunState::kFinished ...
#pragma once

#include "jcvm/machine/heap.hpp"
#include "jcvm/machine/library.hpp"
#include "jcvm/machine/thread.hpp"

namespace uicclab::jcvm::machine {

struct MachineSettings {
  MemorySettings memory;
  std::size_t stack_cells = 2048;  ///< of a thread
  std::size_t frames = 200;        ///< calls within each other
};

class Machine {
 public:
  /// The store and the host must live longer.
  Machine(std::shared_ptr<const Library> library, ObjectStore& store, NativeHost& host, const MachineSettings& settings = {});
  ~Machine();

  // Packages. Numbers are 1 to 0x7FFF; a card gives each load file one and never uses it again.

  /// LOAD: links the file and creates its static fields. Errors: Library::link; kRefused (the number or the AID is there already).
  Result<void> load(std::uint16_t number, const cap::CapFile& file);
  /// The same file after power-on: its static fields are in the store. Errors: as load(); kNotFound: they are not.
  Result<void> attach(std::uint16_t number, const cap::CapFile& file);
  /// Errors: kRefused (another package imports it, or an object of one of its classes is there); kNotFound.
  Result<void> unload(std::uint16_t number);
  /// The store was changed from outside (the card rolled back): objects are read again, packages without static fields there are
  /// forgotten, transient contents last.
  void reload();
  /// Null: there is none.
  const Module* package(std::uint16_t number) const;
  const Module* package(const Aid& aid) const;
  std::optional<std::uint16_t> number_of(const Module& module) const;

  // The thread. Each of these starts it again; run() executes it. Arguments are cells without the object.

  /// The install method of an applet, as `context`: the new instance. false: the file has no such applet.
  bool call_install(Thread& thread, std::uint16_t package, const Aid& applet, Context context, Ref parameters, std::int16_t offset,
                    std::int8_t length);
  /// A virtual method by a superclass's token, in the context of the object's owner. false: null, or no object of that class.
  bool call_virtual(Thread& thread, Ref object, ApiClass of, std::uint8_t token, std::span<const Cell> arguments);
  bool call_interface(Thread& thread, Ref object, ApiClass interface, std::uint8_t token, std::span<const Cell> arguments);
  /// A method of a package by its offset in the Method component; for tests and tools.
  bool call_static(Thread& thread, std::uint16_t package, std::uint32_t offset, Context context, std::span<const Cell> arguments);
  /// Executes until the thread ends, waits, or `budget` byte codes are used up, which is lessened by what was used.
  RunState run(Thread& thread, std::uint64_t& budget);
  /// Throws away what runs. A transaction is not touched.
  void stop(Thread& thread);

  // Objects.

  Heap& heap() { return m_heap; }
  const Heap& heap() const { return m_heap; }
  /// "javacard/framework/ISOException"; "byte[]".
  std::string class_name(const Object& object) const;
  bool is_a(Ref object, ApiClass of);
  /// The reason of a CardException or CardRuntimeException.
  std::optional<std::int16_t> reason(Ref exception);
  /// The runtime's own exception of a class, with this reason from now on.
  Ref exception(ApiClass of, std::int16_t reason = 0);
  /// kNull: no memory.
  Ref make(ApiClass of, Context owner, Lifetime lifetime);
  Ref make_array(code::ArrayType type, std::uint32_t length, Context owner, Lifetime lifetime);
  ClassId number_of(const Class& klass) const;
  const Class* class_with(ClassId number) const;

  // Transactions: what JCSystem does, and what the runtime does at the end of a method.

  /// Values and cells of all threads are as JCRE clause 7.6.3 says.
  void abort_transaction();

  // The card's life.

  /// Also ends every thread.
  void reset();
  /// Erases unreachable objects: from `roots` (instances), statics, threads. How many objects.
  std::size_t collect(std::span<const Ref> roots);

  const Library& library() const { return *m_library; }
  NativeHost& host() { return m_host; }
  const MachineSettings& settings() const { return m_settings; }

 private:
  friend class Thread;
  friend class NativeCall;
  friend class Interpreter;

  Result<void> link(std::uint16_t number, const cap::CapFile& file);
  bool call(Thread& thread, const Object& object, const Method* method, std::span<const Cell> arguments);
  void enter(Thread& thread, const Method& method, Context context, const Cell* self, std::span<const Cell> arguments);

  std::shared_ptr<const Library> m_library;  // shared: one for all cards
  NativeHost& m_host;
  MachineSettings m_settings;
  std::map<std::uint16_t, std::shared_ptr<const Module>> m_packages;
  std::unordered_map<const Module*, std::uint16_t> m_numbers;
  Heap m_heap;
  std::vector<Thread*> m_threads;
  // Memory of a thread that has gone, for the next one.
  std::vector<Cell> m_spare_cells;
  std::vector<Frame> m_spare_frames;
  struct OwnException {
    Ref ref = kNull;
    bool has_reason = false;
  };
  std::map<ClassId, OwnException> m_exceptions;
};

}  // namespace uicclab::jcvm::machine
