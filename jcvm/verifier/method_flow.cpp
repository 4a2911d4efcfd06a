// SPDX-License-Identifier: Apache-2.0
#include "jcvm/verifier/method_flow.hpp"

namespace uicclab::jcvm::verifier {
namespace {

using code::Flow;
using code::Instruction;
using code::Op;

constexpr std::size_t kMostSteps = 400'000;    // of a method: far beyond what 64 KB of code without tricks need
constexpr std::size_t kMostCells = 8'000'000;  // in all states that are kept: the same of memory
constexpr std::size_t kDeepestSubroutine = 8;  // jsr within each other

}  // namespace

MethodFlow::Outcome MethodFlow::run() {
  begin();
  for (std::size_t steps = 0; !m_open.empty() && !m_outcome.error; ++steps) {
    const std::size_t cells = m_states.size() * (m_method.header.locals() + std::size_t{m_method.header.max_stack});
    if (steps == kMostSteps || cells > kMostCells) {
      refuse("too many paths through the method to follow");
      break;
    }
    const Place place = m_open.front();
    m_open.pop_front();
    follow(place);
  }
  return m_outcome;
}

void MethodFlow::begin() {
  m_now = m_method.at(m_method.header.code);
  State first;
  const auto add = [&](const ValueType& type) {
    if (type.letter == 'I') {
      first.locals.insert(first.locals.end(), {kHighType, kLowType});
    } else {
      first.locals.push_back(type.letter == 'L' ? type.reference : kShortType);
    }
  };
  if (!m_facts.has(cap::kDescriptorStatic)) {
    const bool top = m_facts.owner.own == nullptr || m_facts.owner.own->super.none();
    first.constructed = !is_init() || top;
    first.locals.push_back({first.constructed ? Tag::kObject : Tag::kThis, code::kTypeClass, m_facts.owner, 0});
  }
  for (const ValueType& type : m_facts.signature.arguments) add(type);
  if (first.locals.size() != m_method.header.nargs) {
    refuse("the header says " + std::to_string(m_method.header.nargs) + " cells of arguments, the Descriptor component " +
           std::to_string(first.locals.size()));
    return;
  }
  if (is_init() && m_facts.signature.result.letter != 'V') {
    refuse("a constructor must return nothing");
    return;
  }
  first.locals.resize(m_method.header.locals());
  enter({}, m_method.header.code, first);
}

void MethodFlow::follow(const Place& place) {
  const Instruction* now = m_method.at(place.second);
  if (now == nullptr) return;  // the structure refuses it
  m_now = now;
  m_state = m_states.at(place);
  enter_handlers(place, m_state);
  if (!execute(*now)) return;
  // A handler may also come after what the instruction wrote.
  if (now->touches_local()) enter_handlers(place, m_state);
  const auto& open = place.first;
  switch (now->operation->flow) {
    case Flow::kNext:
      return enter(open, now->next(), m_state);
    case Flow::kBranch:
      enter(open, now->target, m_state);
      return enter(open, now->next(), m_state);
    case Flow::kJump:
      return enter(open, now->target, m_state);
    case Flow::kSwitch:
      for (const auto& one : now->cases) enter(open, one.target, m_state);
      return enter(open, now->target, m_state);
    case Flow::kCall: {
      if (open.size() >= kDeepestSubroutine) {
        refuse("subroutines call each other more than " + std::to_string(kDeepestSubroutine) + " deep");
        return;
      }
      auto inside = open;
      inside.push_back(now->next());
      return enter(std::move(inside), now->target, m_state);
    }
    case Flow::kEnd:
      if (now->op() != Op::kRet) return;
      const Type& address = m_state.locals[now->local];
      const auto found = std::ranges::find(open, address.place);
      if (address.tag != Tag::kReturn || found == open.end()) {
        refuse("local variable " + std::to_string(now->local) + " must be the return address of a subroutine that is open, is " +
               m_types.text(address));
        return;
      }
      return enter({open.begin(), found}, address.place, m_state);
  }
}

void MethodFlow::enter(std::vector<std::uint32_t> open, std::int64_t offset, const State& state) {
  const Place place{std::move(open), static_cast<std::uint32_t>(offset)};
  const auto [found, is_new] = m_states.try_emplace(place, state);
  if (!is_new && !merge(found->second, state)) return;
  if (std::ranges::find(m_open, place) == m_open.end()) m_open.push_back(place);
}

void MethodFlow::enter_handlers(const Place& place, const State& state) {
  for (const std::uint16_t index : m_method.handlers) {
    const cap::ExceptionHandler& handler = m_file.methods.handlers[index];
    if (place.second < handler.start || place.second >= std::uint32_t{handler.start} + handler.length) continue;
    const ClassHandle throwable = Types::named("java/lang/Throwable");
    ClassHandle caught = throwable;
    if (handler.catch_type != 0) {
      const bool is_class =
          handler.catch_type < m_file.constants.size() && m_file.constants[handler.catch_type].kind == cap::ConstantKind::kClass;
      if (is_class) caught = m_types.handle(m_file.constants[handler.catch_type].class_ref());
      if (!is_class || caught.none() || !m_types.extends(caught, throwable)) {
        refuse("exception handler " + std::to_string(index) + " must catch a subclass of java/lang/Throwable");
        return;
      }
    }
    if (m_method.header.max_stack == 0) {
      refuse("exception handler " + std::to_string(index) + " needs a stack of one cell, the method has none");
      return;
    }
    State caught_state{state.locals, {object_of(caught)}, state.constructed};
    enter(place.first, handler.handler, caught_state);
  }
}

/// true: something changed.
bool MethodFlow::merge(State& into, const State& from) {
  if (into == from) return false;
  if (into.stack.size() != from.stack.size()) {
    refuse("paths meet after it with " + std::to_string(into.stack.size()) + " and with " + std::to_string(from.stack.size()) +
           " cells on the stack");
    return false;
  }
  const State before = into;
  for (std::size_t i = 0; i < into.locals.size(); ++i) into.locals[i] = m_types.merged(into.locals[i], from.locals[i]);
  for (std::size_t i = 0; i < into.stack.size(); ++i) into.stack[i] = m_types.merged(into.stack[i], from.stack[i]);
  into.constructed = into.constructed && from.constructed;
  return into != before;
}

}  // namespace uicclab::jcvm::verifier
