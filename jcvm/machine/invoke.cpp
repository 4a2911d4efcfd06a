// SPDX-License-Identifier: Apache-2.0
// Frames: methods are entered, left and unwound, natives are run. Context switches: JCRE 3.1 clauses 6.2.3, 6.2.8.4 to 6.2.8.6.
#include "jcvm/machine/interpreter.hpp"

namespace uicclab::jcvm::machine {

/// A thread has as many cells as it once needed, in steps; false: more than it may have.
bool Interpreter::make_room(const Machine& machine, Thread& thread, std::size_t cells) {
  const std::size_t most = machine.settings().stack_cells;
  if (cells > most) return false;
  constexpr std::size_t kStep = 32;
  if (cells > thread.m_cells.size()) thread.m_cells.resize(std::min(most, cells + kStep));
  return true;
}

bool Interpreter::push_frame(Machine& machine, Thread& thread, const Method& method, Context context) {
  auto& frames = thread.m_frames;
  const std::uint32_t end = frames.empty() ? method.arguments : frames.back().top;
  const std::uint32_t locals = end - method.arguments;
  // One empty cell between them: interpreter.hpp.
  const std::uint32_t base = locals + method.locals + 1;
  const std::uint32_t limit = base + (method.is_native ? static_cast<std::uint32_t>(NativeCall::kScratchCells) : method.max_stack);
  if ((limit > thread.m_cells.size() && !make_room(machine, thread, limit)) || frames.size() >= machine.settings().frames) return false;
  // What is above the top is never read before it is written.
  for (std::uint32_t cell = end; cell < base; ++cell) thread.m_cells[cell] = Cell{};
  if (!frames.empty()) frames.back().top = locals;
  Frame& frame = frames.emplace_back();
  frame.method = &method;
  frame.context = context;
  frame.locals = locals;
  frame.base = frame.top = base;
  return true;
}

bool Interpreter::push_frame(Machine& machine, Thread& thread, const Method& method, Context context, const Cell* self,
                             std::span<const Cell> arguments) {
  const std::size_t begin = thread.m_frames.empty() ? 0 : thread.m_frames.back().top;
  const std::size_t count = arguments.size() + (self == nullptr ? 0 : 1);
  if (count != method.arguments || !make_room(machine, thread, begin + count)) return false;
  auto cell = thread.m_cells.begin() + static_cast<std::ptrdiff_t>(begin);
  if (self != nullptr) *cell++ = *self;
  std::ranges::copy(arguments, cell);
  if (!thread.m_frames.empty()) thread.m_frames.back().top += method.arguments;
  if (push_frame(machine, thread, method, context)) return true;
  if (!thread.m_frames.empty()) thread.m_frames.back().top = static_cast<std::uint32_t>(begin);
  return false;
}

const Class& Interpreter::class_of(const Machine& machine, const Object& object) {
  return object.is_array() ? machine.library().api_class(kObject) : *object.klass;
}

/// The reference below the other arguments; kNull, and an exception, if it is not a reference.
Ref Interpreter::receiver(unsigned arguments) {
  if (arguments == 0 || m_frame->top - m_frame->base < arguments) {
    bent();
    return kNull;
  }
  const Cell cell = m_thread.m_cells[m_frame->top - arguments];
  if (cell.kind != Kind::kReference) {
    bent();
    return kNull;
  }
  if (cell.ref() == kNull) throws(kNullPointerException);
  return cell.ref();
}

/// The context in which a method of the object runs; nullopt: the caller may not call it. `interface`: of invokeinterface.
std::optional<Context> Interpreter::context_for(const Object& object, const Class* interface) {
  const Context now = m_frame->context;
  if (object.owner.package == now.package) return object.owner;
  if ((object.privileges & (kPermanentEntryPoint | kTemporaryEntryPoint)) != 0) return object.owner;
  if (object.has(kGlobalArray)) return now;
  if (now.is_runtime()) return object.owner;
  const bool shared = interface != nullptr && interface->is_shareable && !object.is_array() && object.klass->is_shareable;
  if (shared && m_machine.host().may_enter(now, object.owner)) return object.owner;
  return std::nullopt;
}

bool Interpreter::invoke(const Method* method, unsigned arguments, Context context) {
  // An abstract method in a class that is not, or one with other arguments than the caller's class said, is a bent file's.
  if (method == nullptr || method->is_abstract || method->arguments != arguments) return bent();
  if (m_frame->top - m_frame->base < arguments) return bent();
  if (m_frame->method->has_jsr) {
    const auto end = m_thread.m_cells.begin() + m_frame->top;
    if (std::any_of(end - arguments, end, [](const Cell& cell) { return cell.kind == Kind::kReturn; })) return bent();
  }
  return push_frame(m_machine, m_thread, *method, context) ? true : throws(kSystemException, kNoResource);
}

bool Interpreter::invoke_virtual(const Code& code) {
  const Resolved& called = constant(code);
  const bool package_visible = (called.place & 0x80) != 0;
  const std::size_t token = called.place & 0x7F;
  const Method& declared = *(package_visible ? called.klass->package_methods : called.klass->public_methods)[token];
  const Ref ref = receiver(declared.arguments);
  if (ref == kNull) return false;
  const Object* found = object(ref);
  if (found == nullptr) return false;
  const Class* klass = &class_of(m_machine, *found);
  if (!klass->is(*called.klass)) return bent();
  const auto context = context_for(*found, nullptr);
  if (!context) return insecure();
  if (package_visible) {
    // Tokens of package-visible methods are each package's own: those of the nearest superclass in this package count.
    while (klass->module != m_frame->method->module) klass = klass->super;
  }
  const auto& table = package_visible ? klass->package_methods : klass->public_methods;
  return invoke(token < table.size() ? table[token] : nullptr, declared.arguments, *context);
}

/// Constructors, private methods and methods of a superclass: of one's own objects, and of those that the caller may call.
bool Interpreter::invoke_special(const Code& code) {
  const Method* method = constant(code).method;
  const Ref ref = receiver(method->arguments);
  if (ref == kNull) return false;
  const Object* found = object(ref);
  if (found == nullptr) return false;
  if (const Class* klass = constant(code).klass; klass != nullptr && !class_of(m_machine, *found).is(*klass)) return bent();
  if (!m_frame->context.is_runtime() && found->owner.package != m_frame->context.package) return insecure();
  return invoke(method, method->arguments, m_frame->context);
}

bool Interpreter::invoke_static(const Code& code) {
  const Method* method = constant(code).method;
  return invoke(method, method->arguments, m_frame->context);
}

bool Interpreter::invoke_interface(const Code& code) {
  const Ref ref = receiver(code.a);
  if (ref == kNull) return false;
  const Object* found = object(ref);
  if (found == nullptr) return false;
  const Class& interface = *constant(code).klass;
  const Class& klass = class_of(m_machine, *found);
  const Class::Implemented* implemented = klass.implemented(interface);
  const auto token = static_cast<std::size_t>(code.c);
  if (implemented == nullptr || token >= implemented->methods.size()) return insecure();
  const std::size_t method = implemented->methods[token];
  if (method >= klass.public_methods.size()) return insecure();
  const auto context = context_for(*found, &interface);
  return context ? invoke(klass.public_methods[method], code.a, *context) : insecure();
}

bool Interpreter::leave(const Value& value) {
  m_thread.m_frames.pop_back();
  if (m_thread.m_frames.empty()) {
    m_thread.m_state = RunState::kFinished;
    m_thread.m_result = value;
    return true;
  }
  m_frame = &m_thread.m_frames.back();
  if (!m_frame->method->is_native) return push_value(value);
  m_frame->result = value;
  m_frame->catches = false;
  return true;
}

/// Each argument is what the descriptor says, so that no native has to look: clause 7.5, invokestatic, demands it of the file.
bool Interpreter::arguments_fit(const Frame& frame) {
  const Method& method = *frame.method;
  std::uint32_t place = frame.locals;
  if (!method.is_static) {
    const Cell cell = m_thread.m_cells[place++];
    const Object* self = cell.kind == Kind::kReference ? m_heap.find(cell.ref()) : nullptr;
    if (self == nullptr || !class_of(m_machine, *self).is(*method.owner)) return false;
  }
  for (std::size_t i = 0; i < method.types.size(); ++i) {
    const Cell cell = m_thread.m_cells[place++];
    if (method.types[i] == 'I') {
      if (cell.kind != Kind::kIntHigh || m_thread.m_cells[place++].kind != Kind::kIntLow) return false;
      continue;
    }
    if (method.types[i] != 'L') {
      if (cell.kind != Kind::kShort) return false;
      continue;
    }
    if (cell.kind != Kind::kReference) return false;
    if (cell.ref() == kNull) continue;
    const Object* object = m_heap.find(cell.ref());
    if (object == nullptr || Heap::is_statics(cell.ref())) return false;
    const Class* klass = method.classes[i];
    if (method.arrays[i] != code::kTypeClass) {
      if (object->type != method.arrays[i] || (klass != nullptr && !object->klass->is(*klass))) return false;
    } else if (klass != nullptr && !class_of(m_machine, *object).is(*klass)) {
      return false;
    }
  }
  return true;
}

void Interpreter::run_native() {
  const Method& method = *m_frame->method;
  if (m_frame->step == 0 && m_frame->caught == kNull && !arguments_fit(*m_frame)) {
    insecure();
    return raise();
  }
  if (method.native == nullptr) {
    m_machine.host().absent(method.name);
    throws(kSystemException, kIllegalUse);
    return raise();
  }
  NativeCall call(m_machine, m_thread, m_thread.m_frames.size() - 1);
  switch (method.native(call)) {
    case Outcome::kReturned:
      if (!leave(m_thread.m_value)) raise();
      return;
    case Outcome::kThrew:
      return raise();
    case Outcome::kCalled:
      return;
    case Outcome::kWaiting:
      m_thread.m_state = RunState::kWaiting;
      return;
  }
}

/// The pending exception goes to the nearest frame that catches it.
void Interpreter::raise() {
  const Ref exception = m_thread.m_pending;
  m_thread.m_pending = kNull;
  const Object* thrown = m_heap.find(exception);
  while (!m_thread.m_frames.empty()) {
    Frame& frame = m_thread.m_frames.back();
    if (frame.method->is_native) {
      if (frame.catches) {
        frame.catches = false;
        frame.caught = exception;
        return;
      }
    } else if (frame.method->max_stack > 0 && thrown != nullptr) {
      const std::uint32_t place = frame.pc - 1;
      const auto found = std::ranges::find_if(frame.method->handlers, [&](const Handler& one) {
        return one.first <= place && place < one.end && (one.any || thrown->klass->is(*one.klass));
      });
      if (found != frame.method->handlers.end()) {
        frame.pc = found->target;
        frame.top = frame.base;
        m_thread.m_cells[frame.top++] = Cell::reference(exception);
        return;
      }
    }
    m_thread.m_frames.pop_back();
  }
  m_thread.m_state = RunState::kThrew;
  m_thread.m_exception = exception;
}

}  // namespace uicclab::jcvm::machine
