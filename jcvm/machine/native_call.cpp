// SPDX-License-Identifier: Apache-2.0
// Operations of native methods on the machine.
#include "jcvm/machine/interpreter.hpp"

namespace uicclab::jcvm::machine {
namespace {

constexpr std::size_t kCellSize = 4;

std::array<std::uint8_t, kCellSize> big_endian(std::int32_t value) {
  const auto bits = static_cast<std::uint32_t>(value);
  return {static_cast<std::uint8_t>(bits >> 24), static_cast<std::uint8_t>(bits >> 16), static_cast<std::uint8_t>(bits >> 8),
          static_cast<std::uint8_t>(bits)};
}

bool is_bytes(const Object& object) {
  return object.type == code::kTypeByte || object.type == code::kTypeBoolean;
}

}  // namespace

NativeCall::NativeCall(Machine& machine, Thread& thread, std::size_t frame) : m_machine(machine), m_thread(thread), m_frame(frame) {}

Heap& NativeCall::heap() {
  return m_machine.heap();
}

NativeHost& NativeCall::host() {
  return m_machine.host();
}

Frame& NativeCall::frame() {
  return m_thread.m_frames[m_frame];
}

const Frame& NativeCall::frame() const {
  return m_thread.m_frames[m_frame];
}

Context NativeCall::caller() const {
  return m_frame == 0 ? kRuntime : m_thread.m_frames[m_frame - 1].context;
}

std::optional<Context> NativeCall::previous() const {
  const Context now = caller();
  for (std::size_t i = m_frame; i-- > 0;) {
    const Context context = m_thread.m_frames[i].context;
    if (context.package == now.package) continue;
    if (context.is_runtime()) return std::nullopt;
    return context;
  }
  return std::nullopt;
}

std::optional<Context> NativeCall::selected() const {
  return m_thread.selected;
}

std::size_t NativeCall::cell_of(std::size_t argument) const {
  const Method& method = *frame().method;
  std::size_t place = frame().locals + (method.is_static ? 0U : 1U);
  for (std::size_t i = 0; i < argument; ++i) place += method.types.at(i) == 'I' ? 2U : 1U;
  return place;
}

Ref NativeCall::self() const {
  return m_thread.m_cells[frame().locals].ref();
}

std::int16_t NativeCall::short_at(std::size_t argument) const {
  return static_cast<std::int16_t>(m_thread.m_cells[cell_of(argument)].value);
}

std::int32_t NativeCall::int_at(std::size_t argument) const {
  const std::size_t place = cell_of(argument);
  return joined_cells(m_thread.m_cells[place], m_thread.m_cells[place + 1]);
}

Ref NativeCall::reference_at(std::size_t argument) const {
  return m_thread.m_cells[cell_of(argument)].ref();
}

const Object* NativeCall::object(Ref ref) {
  if (ref == kNull) {
    throws(kNullPointerException);
    return nullptr;
  }
  const Object* found = heap().find(ref);
  const Context now = caller();
  bool allowed = found != nullptr && (now.is_runtime() || found->owner.package == now.package || found->is_of_everybody());
  if (allowed && found->lifetime == Lifetime::kClearOnDeselect && !now.is_runtime()) {
    allowed = m_thread.selected && m_thread.selected->package == now.package;
  }
  if (!allowed) {
    throws(kSecurityException);
    return nullptr;
  }
  return found;
}

std::optional<BytesView> NativeCall::read_array(std::size_t argument, std::int32_t offset, std::int32_t length) {
  const Object* array = array_for_write(argument, offset, length);
  if (array == nullptr) return std::nullopt;
  return BytesView(array->body).subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
}

std::optional<BytesView> NativeCall::read_array(std::size_t argument) {
  const Object* array = array_for_write(argument, 0, 0);
  if (array == nullptr) return std::nullopt;
  return array->body;
}

bool NativeCall::check_array(std::size_t argument, std::int32_t offset, std::int32_t length) {
  return array_for_write(argument, offset, length) != nullptr;
}

Object* NativeCall::array_for_write(std::size_t argument, std::int32_t offset, std::int32_t length) {
  const Ref ref = reference_at(argument);
  if (object(ref) == nullptr) return nullptr;
  Object* array = heap().find(ref);
  if (!is_bytes(*array)) {
    throws(kSecurityException);
    return nullptr;
  }
  const std::int64_t end = std::int64_t{offset} + length;
  if (offset < 0 || length < 0 || end > std::int64_t{array->length}) {
    throws(kArrayIndexOutOfBoundsException);
    return nullptr;
  }
  charge(static_cast<std::uint64_t>(length));
  return array;
}

void NativeCall::charge(std::uint64_t bytes) {
  m_thread.m_moved += bytes;
}

bool NativeCall::write_array(std::size_t argument, std::int32_t offset, BytesView source) {
  Object* array = array_for_write(argument, offset, static_cast<std::int32_t>(source.size()));
  if (array == nullptr) return false;
  if (heap().write(*array, static_cast<std::size_t>(offset), source)) return true;
  throws(kTransactionException, kTransactionBufferFull);
  return false;
}

bool NativeCall::write_array_now(std::size_t argument, std::int32_t offset, BytesView source) {
  Object* array = array_for_write(argument, offset, static_cast<std::int32_t>(source.size()));
  if (array == nullptr) return false;
  heap().write_now(*array, static_cast<std::size_t>(offset), source);
  return true;
}

namespace {

/// An applet's class that implements the interface has cells of the applet's own where native objects have theirs.
bool has_native_part(const Object& object, const Class& of) {
  if (object.is_array() || !object.klass->is(of)) return false;
  return !of.is_interface || object.klass->module->is_api;
}

}  // namespace

std::size_t NativeCall::place(const Object& object, ApiClass of, unsigned cell) {
  const Class& klass = m_machine.library().api_class(of);
  if (!has_native_part(object, klass) || klass.first_cell + cell >= klass.cells) {
    throw SystemError("a native method used a cell that " + klass.name + " does not have, or another class's object");
  }
  return (klass.first_cell + cell) * kCellSize;
}

Ref NativeCall::reference_in(Ref object, ApiClass of, unsigned cell) {
  const Object& found = need(object);
  return found.u32(place(found, of, cell));
}

std::int32_t NativeCall::number_in(Ref object, ApiClass of, unsigned cell) {
  const Object& found = need(object);
  return static_cast<std::int32_t>(found.u32(place(found, of, cell)));
}

std::size_t NativeCall::bytes_place(const Object& object, ApiClass of, std::size_t& size) {
  const Class& klass = m_machine.library().api_class(of);
  const std::size_t before = klass.super == nullptr ? 0 : klass.super->native_bytes;
  if (!has_native_part(object, klass) || klass.native_bytes == before) {
    throw SystemError("a native method used bytes that " + klass.name + " does not have, or another class's object");
  }
  size = klass.native_bytes - before;
  return object.length * kCellSize + before;
}

Object& NativeCall::need(Ref ref) {
  Object* found = heap().find(ref);
  if (found == nullptr) throw SystemError("a native method used object " + std::to_string(ref) + ", which does not exist");
  return *found;
}

BytesView NativeCall::bytes_in(Ref object, ApiClass of) {
  const Object& found = need(object);
  std::size_t size = 0;
  const std::size_t begin = bytes_place(found, of, size);
  return BytesView(found.body).subspan(begin, size);
}

bool NativeCall::write(Ref object, std::size_t offset, BytesView bytes) {
  if (heap().write(need(object), offset, bytes)) return true;
  throws(kTransactionException, kTransactionBufferFull);
  return false;
}

bool NativeCall::set_reference(Ref object, ApiClass of, unsigned cell, Ref value) {
  return write(object, place(need(object), of, cell), big_endian(static_cast<std::int32_t>(value)));
}

bool NativeCall::set_number(Ref object, ApiClass of, unsigned cell, std::int32_t value) {
  return write(object, place(need(object), of, cell), big_endian(value));
}

void NativeCall::set_number_now(Ref object, ApiClass of, unsigned cell, std::int32_t value) {
  heap().write_now(need(object), place(need(object), of, cell), big_endian(value));
}

namespace {

void check_range(unsigned offset, std::size_t length, std::size_t size) {
  if (offset + length > size) throw SystemError("a native method wrote beyond the bytes of its class");
}

}  // namespace

bool NativeCall::set_bytes(Ref object, ApiClass of, unsigned offset, BytesView value) {
  std::size_t size = 0;
  const std::size_t begin = bytes_place(need(object), of, size);
  check_range(offset, value.size(), size);
  return write(object, begin + offset, value);
}

void NativeCall::set_bytes_now(Ref object, ApiClass of, unsigned offset, BytesView value) {
  std::size_t size = 0;
  const std::size_t begin = bytes_place(need(object), of, size);
  check_range(offset, value.size(), size);
  heap().write_now(need(object), begin + offset, value);
}

/// As much as the byte code `new`, beside what is in it: a native may make many.
std::optional<Ref> NativeCall::made(Ref ref, Lifetime lifetime) {
  charge(kBytesOfAByteCode);
  if (ref != kNull) return ref;
  const bool transient = lifetime != Lifetime::kPersistent;
  throws(kSystemException, transient ? kNoTransientSpace : kNoResource);
  return std::nullopt;
}

std::optional<Ref> NativeCall::make(ApiClass of, Context owner, Lifetime lifetime) {
  return made(m_machine.make(of, owner, lifetime), lifetime);
}

std::optional<Ref> NativeCall::make_array(code::ArrayType type, std::int32_t length, Context owner, Lifetime lifetime) {
  if (!is_length(length)) return std::nullopt;
  return made(m_machine.make_array(type, static_cast<std::uint32_t>(length), owner, lifetime), lifetime);
}

std::optional<Ref> NativeCall::make_object_array(ApiClass of, std::int32_t length, Context owner, Lifetime lifetime) {
  if (!is_length(length)) return std::nullopt;
  const Class& klass = m_machine.library().api_class(of);
  const auto count = static_cast<std::uint32_t>(length);
  return made(heap().make_array(code::kTypeReferences, count, owner, lifetime, &klass, m_machine.number_of(klass)), lifetime);
}

bool NativeCall::is_length(std::int32_t length) {
  constexpr std::int32_t kMost = 0x7FFF;
  if (length > kMost) throw SystemError("a native method made an array of " + std::to_string(length) + " elements");
  if (length > 0) charge(static_cast<std::uint64_t>(length));
  if (length < 0) throws(kNegativeArraySizeException);
  return length >= 0;
}

Outcome NativeCall::returns() {
  m_thread.m_value = {};
  return Outcome::kReturned;
}

Outcome NativeCall::returns(std::int16_t value) {
  m_thread.m_value = Value::of(value);
  return Outcome::kReturned;
}

Outcome NativeCall::returns_int(std::int32_t value) {
  m_thread.m_value = Value::of_int(value);
  return Outcome::kReturned;
}

Outcome NativeCall::returns_reference(Ref value) {
  m_thread.m_value = Value::reference(value);
  return Outcome::kReturned;
}

Outcome NativeCall::throws(ApiClass exception, std::int16_t reason) {
  return throws(m_machine.exception(exception, reason));
}

Outcome NativeCall::throws(Ref exception) {
  m_thread.m_pending = exception;
  return Outcome::kThrew;
}

Outcome NativeCall::calls(const Object& object, const Method* method, std::span<const Cell> arguments, std::uint8_t next_step,
                          Catch catches) {
  if (method == nullptr) throw SystemError("a native method called a method that the object does not have");
  // A bent file's class may have put another method in its place.
  if (method->is_abstract || method->arguments != arguments.size() + 1) return throws(kSecurityException);
  const Cell self = Cell::reference(object.number);
  frame().step = next_step;
  frame().catches = catches == Catch::kAll;
  frame().caught = kNull;
  frame().result = {};
  if (Interpreter::push_frame(m_machine, m_thread, *method, object.owner, &self, arguments)) return Outcome::kCalled;
  frame().catches = false;
  return throws(kSystemException, kNoResource);
}

Outcome NativeCall::calls_virtual(Ref object, ApiClass of, std::uint8_t token, std::span<const Cell> arguments, std::uint8_t next_step,
                                  Catch catches) {
  if (object == kNull) return throws(kNullPointerException);
  const Object& found = need(object);
  const Class& klass = Interpreter::class_of(m_machine, found);
  const bool has = klass.is(m_machine.library().api_class(of)) && token < klass.public_methods.size();
  return calls(found, has ? klass.public_methods[token] : nullptr, arguments, next_step, catches);
}

Outcome NativeCall::calls_interface(Ref object, ApiClass interface, std::uint8_t token, std::span<const Cell> arguments,
                                    std::uint8_t next_step, Catch catches) {
  if (object == kNull) return throws(kNullPointerException);
  const Object& found = need(object);
  const Class& klass = Interpreter::class_of(m_machine, found);
  const auto* implemented = klass.implemented(m_machine.library().api_class(interface));
  const bool has =
      implemented != nullptr && token < implemented->methods.size() && implemented->methods[token] < klass.public_methods.size();
  return calls(found, has ? klass.public_methods[implemented->methods[token]] : nullptr, arguments, next_step, catches);
}

Outcome NativeCall::waits(std::uint8_t next_step) {
  frame().step = next_step;
  return Outcome::kWaiting;
}

std::uint8_t NativeCall::step() const {
  return frame().step;
}

Value NativeCall::result() const {
  return frame().result;
}

Ref NativeCall::caught() const {
  return frame().caught;
}

Cell& NativeCall::scratch(std::size_t index) {
  if (index >= kScratchCells) throw SystemError("a native method used a scratch cell that it does not have");
  Frame& own = frame();
  if (own.top == own.base) {  // it is the first time: there is room for them (push_frame)
    own.top += static_cast<std::uint32_t>(kScratchCells);
    std::fill(m_thread.m_cells.begin() + own.base, m_thread.m_cells.begin() + own.top, Cell{});
  }
  return m_thread.m_cells[own.base + index];
}

}  // namespace uicclab::jcvm::machine
