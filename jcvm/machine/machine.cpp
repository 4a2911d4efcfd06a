// SPDX-License-Identifier: Apache-2.0
#include "jcvm/machine/machine.hpp"

#include "core/hex.hpp"
#include "jcvm/machine/interpreter.hpp"

namespace uicclab::jcvm::machine {
namespace {

constexpr std::uint16_t kLastNumber = 0x7FFF;

std::string text_of(const cap::Package& package) {
  return to_hex(package.aid.bytes());
}

}  // namespace

Thread::Thread(Machine& machine) : m_machine(machine) {
  m_machine.m_threads.push_back(this);
  m_cells.swap(m_machine.m_spare_cells);
  m_frames.swap(m_machine.m_spare_frames);
}

Thread::~Thread() {
  auto& threads = m_machine.m_threads;
  if (threads.back() == this) {
    threads.pop_back();
  } else {
    std::erase(threads, this);
  }
  m_frames.clear();
  if (m_cells.capacity() > m_machine.m_spare_cells.capacity()) m_cells.swap(m_machine.m_spare_cells);
  if (m_frames.capacity() > m_machine.m_spare_frames.capacity()) m_frames.swap(m_machine.m_spare_frames);
}

Machine::Machine(std::shared_ptr<const Library> library, ObjectStore& store, NativeHost& host, const MachineSettings& settings)
    : m_library(std::move(library)),
      m_host(host),
      m_settings(settings),
      m_heap(store, settings.memory, [this](ClassId number) { return class_with(number); }) {}

Machine::~Machine() = default;

Result<void> Machine::link(std::uint16_t number, const cap::CapFile& file) {
  if (number == 0 || number > kLastNumber) throw SystemError("the number of a load file must be 1 to 32767");
  if (m_packages.contains(number)) return fail(ErrorCode::kRefused, "load file " + std::to_string(number) + " is there already");
  if (package(file.header.package.aid) != nullptr)
    return fail(ErrorCode::kRefused, "package " + text_of(file.header.package) + " is there already");
  std::vector<std::shared_ptr<const Module>> there;
  for (const auto& [other, module] : m_packages) there.push_back(module);
  auto module = m_library->link(file, there);
  if (!module) return tl::unexpected(module.error());
  m_numbers[module->get()] = number;
  m_packages[number] = *std::move(module);
  return {};
}

Result<void> Machine::load(std::uint16_t number, const cap::CapFile& file) {
  if (auto done = link(number, file); !done) return done;
  const Module& module = *m_packages[number];
  Bytes statics = module.static_values;
  std::vector<Ref> arrays;
  const auto give_up = [&]() -> Result<void> {
    for (const Ref array : arrays) m_heap.erase(array);
    m_numbers.erase(&module);
    m_packages.erase(number);
    return fail(ErrorCode::kRefused, "there is no memory for the static fields of package " + text_of(file.header.package));
  };
  if (module.static_values.size() > m_heap.free({number, 0}, Lifetime::kPersistent)) return give_up();
  for (const auto& init : module.static_arrays) {
    const code::ArrayType type = static_array_type(init);
    const Ref array =
        m_heap.make_array(type, static_cast<std::uint32_t>(init.values.size() / element_size(type)), {number, 0}, Lifetime::kPersistent);
    if (array == kNull) return give_up();
    m_heap.write(*m_heap.find(array), 0, init.values);
    for (std::size_t i = 0; i < 4; ++i) statics[4 * arrays.size() + i] = static_cast<std::uint8_t>(array >> (24 - 8 * i));
    arrays.push_back(array);
  }
  m_heap.make_statics(number, module.static_references, std::move(statics));
  return {};
}

Result<void> Machine::attach(std::uint16_t number, const cap::CapFile& file) {
  if (auto done = link(number, file); !done) return done;
  const Module& module = *m_packages[number];
  const Object* statics = m_heap.find(kFirstStatics + number);
  if (statics != nullptr && statics->body.size() == module.static_values.size() && statics->length == module.static_references) return {};
  m_numbers.erase(&module);
  m_packages.erase(number);
  return fail(ErrorCode::kNotFound, "load file " + std::to_string(number) + " has no static fields of its size in the store");
}

Result<void> Machine::unload(std::uint16_t number) {
  const auto found = m_packages.find(number);
  if (found == m_packages.end()) return fail(ErrorCode::kNotFound, "there is no load file " + std::to_string(number));
  for (const auto& [other, module] : m_packages) {
    if (std::ranges::find(module->imports, found->second) != module->imports.end()) {
      return fail(ErrorCode::kRefused, "package " + text_of(module->package) + " imports " + text_of(found->second->package));
    }
  }
  // What its own static fields hold goes with them, unless another object of it is there.
  const Object* statics = m_heap.find(kFirstStatics + number);
  const std::vector<Ref> held = statics == nullptr ? std::vector<Ref>{} : m_heap.references(*statics);
  std::vector<Ref> own;
  for (const Ref ref : m_heap.stored()) {
    const Object* object = Heap::is_statics(ref) ? nullptr : m_heap.find(ref);
    if (object == nullptr) continue;
    const bool its_class = object->class_number >> 16 == number;
    const bool its_array =
        object->owner.package == number && object->owner.instance == 0 && !its_class && std::ranges::find(held, ref) != held.end();
    if (its_array) own.push_back(ref);
    if (its_class || (object->owner.package == number && !its_array)) {
      return fail(ErrorCode::kRefused, "an object of class " + class_name(*object) + " of the package is still there");
    }
  }
  for (const Ref ref : own) m_heap.erase(ref);
  m_heap.erase(kFirstStatics + number);
  m_numbers.erase(found->second.get());
  m_packages.erase(found);
  return {};
}

void Machine::reload() {
  m_heap.reload();
  std::erase_if(m_packages, [&](const auto& one) {
    if (m_heap.find(kFirstStatics + one.first) != nullptr) return false;
    m_numbers.erase(one.second.get());
    return true;
  });
}

const Module* Machine::package(std::uint16_t number) const {
  const auto found = m_packages.find(number);
  return found == m_packages.end() ? nullptr : found->second.get();
}

const Module* Machine::package(const Aid& aid) const {
  const auto found = std::ranges::find_if(m_packages, [&](const auto& one) { return one.second->package.aid == aid; });
  return found == m_packages.end() ? nullptr : found->second.get();
}

std::optional<std::uint16_t> Machine::number_of(const Module& module) const {
  if (module.is_api) return module.api_number;
  const auto found = m_numbers.find(&module);
  if (found == m_numbers.end()) return std::nullopt;
  return found->second;
}

ClassId Machine::number_of(const Class& klass) const {
  return class_id(number_of(*klass.module).value_or(0), klass.index);
}

const Class* Machine::class_with(ClassId number) const {
  const auto package_number = static_cast<std::uint16_t>(number >> 16);
  const std::size_t index = number & 0xFFFF;
  if (package_number >= Library::kFirstNumber) {
    const auto api = m_library->api_with_number(package_number);
    return api != nullptr && index < api->exports.size() ? api->exports[index].klass : nullptr;
  }
  const Module* module = package(package_number);
  return module != nullptr && index < module->classes.size() ? &module->classes[index] : nullptr;
}

void Machine::enter(Thread& thread, const Method& method, Context context, const Cell* self, std::span<const Cell> arguments) {
  stop(thread);
  thread.m_state = RunState::kReady;
  if (Interpreter::push_frame(*this, thread, method, context, self, arguments)) return;
  // One frame that is larger than the whole stack
  thread.m_state = RunState::kThrew;
  thread.m_exception = exception(kSystemException, kNoResource);
}

bool Machine::call_install(Thread& thread, std::uint16_t package_number, const Aid& applet, Context context, Ref parameters,
                           std::int16_t offset, std::int8_t length) {
  const Module* module = package(package_number);
  if (module == nullptr) return false;
  const auto found = std::ranges::find(module->applets, applet, &cap::Applet::aid);
  if (found == module->applets.end()) return false;
  const std::array<Cell, 3> arguments{Cell::reference(parameters), Cell::of(offset), Cell::of(length)};
  return call_static(thread, package_number, found->install_method, context, arguments);
}

bool Machine::call_static(Thread& thread, std::uint16_t package_number, std::uint32_t offset, Context context,
                          std::span<const Cell> arguments) {
  const Module* module = package(package_number);
  const Method* method = module == nullptr ? nullptr : module->method_at(offset);
  if (method == nullptr || method->is_abstract || method->arguments != arguments.size()) return false;
  enter(thread, *method, context, nullptr, arguments);
  return true;
}

bool Machine::call_virtual(Thread& thread, Ref object, ApiClass of, std::uint8_t token, std::span<const Cell> arguments) {
  const Object* found = m_heap.find(object);
  if (found == nullptr) return false;
  const Class& klass = Interpreter::class_of(*this, *found);
  if (!klass.is(m_library->api_class(of)) || token >= klass.public_methods.size()) return false;
  return call(thread, *found, klass.public_methods[token], arguments);
}

bool Machine::call_interface(Thread& thread, Ref object, ApiClass interface, std::uint8_t token, std::span<const Cell> arguments) {
  const Object* found = m_heap.find(object);
  if (found == nullptr) return false;
  const Class& klass = Interpreter::class_of(*this, *found);
  const auto* implemented = klass.implemented(m_library->api_class(interface));
  if (implemented == nullptr || token >= implemented->methods.size()) return false;
  const std::size_t method = implemented->methods[token];
  return method < klass.public_methods.size() && call(thread, *found, klass.public_methods[method], arguments);
}

bool Machine::call(Thread& thread, const Object& object, const Method* method, std::span<const Cell> arguments) {
  if (method == nullptr || method->is_abstract || method->arguments != arguments.size() + 1) return false;
  const Cell self = Cell::reference(object.number);
  enter(thread, *method, object.owner, &self, arguments);
  return true;
}

RunState Machine::run(Thread& thread, std::uint64_t& budget) {
  return Interpreter(*this, thread).run(budget);
}

void Machine::stop(Thread& thread) {
  thread.m_frames.clear();
  thread.m_state = RunState::kFinished;
  thread.m_result = {};
  thread.m_exception = kNull;
  thread.m_pending = kNull;
}

std::string Machine::class_name(const Object& object) const {
  if (const std::string_view name = code::name_of(object.type); !name.empty()) return std::string(name);
  if (object.type == code::kTypeReferences) return object.klass->name + "[]";
  return object.klass == nullptr ? "static fields" : object.klass->name;
}

bool Machine::is_a(Ref object, ApiClass of) {
  const Object* found = m_heap.find(object);
  return found != nullptr && Interpreter::class_of(*this, *found).is(m_library->api_class(of));
}

std::optional<std::int16_t> Machine::reason(Ref exception) {
  const Object* found = m_heap.find(exception);
  if (found == nullptr || (!is_a(exception, kCardRuntimeException) && !is_a(exception, kCardException))) return std::nullopt;
  return static_cast<std::int16_t>(found->u32(0));
}

Ref Machine::exception(ApiClass of, std::int16_t reason) {
  const Class& klass = m_library->api_class(of);
  const ClassId number = number_of(klass);
  OwnException& own = m_exceptions[number];
  Object* object = m_heap.find(own.ref);
  if (object == nullptr) {
    own.ref = m_heap.make_instance(klass, number, kRuntime, Lifetime::kSession);
    own.has_reason = is_a(own.ref, kCardException) || is_a(own.ref, kCardRuntimeException);
    m_heap.grant(own.ref, kTemporaryEntryPoint);
    object = m_heap.find(own.ref);
  }
  if (own.has_reason) m_heap.write_reference(*object, 0, static_cast<std::uint32_t>(std::int32_t{reason}));
  return own.ref;
}

Ref Machine::make(ApiClass of, Context owner, Lifetime lifetime) {
  const Class& klass = m_library->api_class(of);
  return m_heap.make_instance(klass, number_of(klass), owner, lifetime);
}

Ref Machine::make_array(code::ArrayType type, std::uint32_t length, Context owner, Lifetime lifetime) {
  return m_heap.make_array(type, length, owner, lifetime);
}

void Machine::abort_transaction() {
  if (!m_heap.in_transaction()) return;
  const std::vector<Ref> gone = m_heap.abort();
  const auto is_gone = [&](Ref ref) { return std::ranges::binary_search(gone, ref); };
  for (Thread* thread : m_threads) {
    for (Cell& cell : thread->m_cells) {
      if (cell.kind == Kind::kReference && is_gone(cell.ref())) cell.value = 0;
    }
    for (Value* value : {&thread->m_result, &thread->m_value}) {
      if (is_gone(value->ref())) value->number = 0;
    }
    for (Frame& frame : thread->m_frames) {
      if (is_gone(frame.result.ref())) frame.result.number = 0;
      if (is_gone(frame.caught)) frame.caught = kNull;
    }
    if (is_gone(thread->m_exception)) thread->m_exception = kNull;
    if (is_gone(thread->m_pending)) thread->m_pending = kNull;
  }
}

void Machine::reset() {
  for (Thread* thread : m_threads) stop(*thread);
  m_exceptions.clear();
  m_heap.reset();
}

std::size_t Machine::collect(std::span<const Ref> roots) {
  std::vector<Ref> all(roots.begin(), roots.end());
  for (const Thread* thread : m_threads) {
    // What lies above the topmost frame is left over.
    const std::size_t used = thread->m_frames.empty() ? 0 : thread->m_frames.back().top;
    for (std::size_t i = 0; i < used; ++i) {
      if (thread->m_cells[i].kind == Kind::kReference) all.push_back(thread->m_cells[i].ref());
    }
    for (const Frame& frame : thread->m_frames) all.insert(all.end(), {frame.result.ref(), frame.caught});
    all.insert(all.end(), {thread->m_result.ref(), thread->m_exception, thread->m_pending});
  }
  return m_heap.collect(all);
}

}  // namespace uicclab::jcvm::machine
