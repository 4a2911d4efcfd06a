// SPDX-License-Identifier: Apache-2.0
// Longer than other files: the effect of each kind of Java's instructions on a frame, and the paths between frames.
#include "jcvm/tools/converter/flow.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace uicclab::jcvm::converter {
namespace {

using Kind = JavaKind;
using ValueKind = StackValue::Kind;

constexpr std::size_t kMostCells = 4U << 20;  // instructions times what a frame holds
constexpr unsigned kJoinsBeforeWidening = 6;
constexpr std::size_t kMostLocals = 255;

struct Frame {
  std::vector<StackValue> stack;
  std::vector<StackValue> locals;
  unsigned joins = 0;
};

StackValue of_type(std::string_view type) {
  StackValue out;
  const bool reference = type.starts_with("L") || type.starts_with("[");
  out.kind = reference ? ValueKind::kReference : ValueKind::kInt;
  if (!reference) out.range = ValueRange::of_type(type.front());
  return out;
}

class Analysis {
 public:
  Analysis(const ClassFile& file, const ClassFile::Method& method) : m_file(file), m_method(method), m_code(*method.code) {}

  Result<Flow> run() {
    auto decoded = decode_java(m_code.bytes);
    if (!decoded) return tl::unexpected(decoded.error());
    m_instructions = *std::move(decoded);
    const std::size_t cells = m_instructions.size() * (std::size_t{m_code.max_stack} + m_code.max_locals + 8);
    if (m_code.max_locals > kMostLocals || cells > kMostCells) {
      return fail(ErrorCode::kRange, "the method is too large: at most 255 local variables, and code in proportion");
    }
    m_groups = Groups(m_instructions.size() * 2 + m_code.handlers.size());
    find_leaders();
    enter();
    while (!m_open.empty() && !m_error) follow(*m_open.begin());
    if (m_error) return tl::unexpected(*m_error);
    Flow out;
    record(out);
    if (m_error) return tl::unexpected(*m_error);
    out.groups = std::move(m_groups);
    return out;
  }

 private:
  std::size_t index_of(std::uint32_t pc) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(m_instructions, pc, {}, &JavaInstruction::pc) - m_instructions.begin());
  }
  bool is_start(std::uint32_t pc) const { return std::ranges::binary_search(m_instructions, pc, {}, &JavaInstruction::pc); }

  void wrong(ErrorCode code, std::string text) {
    if (!m_error) m_error = Error{code, std::move(text), m_pc};
  }

  void find_leaders() {
    m_leaders.insert(0);
    for (const auto& one : m_instructions) {
      if (one.branches() || one.kind == Kind::kGoto || one.kind == Kind::kSwitch) m_leaders.insert(one.target);
      for (const auto& choice : one.cases) m_leaders.insert(choice.target);
    }
    for (const auto& handler : m_code.handlers) {
      if (!is_start(handler.handler) || !is_start(handler.start))
        wrong(ErrorCode::kMalformed, "an exception handler within an instruction");
      m_leaders.insert(handler.handler);
    }
  }

  /// The frame at the first instruction: this and the parameters (JVMS 2.6.1).
  void enter() {
    Frame frame;
    frame.locals.resize(m_code.max_locals);
    std::vector<StackValue> parameters;
    if ((m_method.flags & kStatic) == 0) parameters.push_back(of_type("L"));
    const auto signature = signature_of(m_method.descriptor);
    for (const auto& type : signature->parameters) parameters.push_back(of_type(type));
    if (parameters.size() > frame.locals.size()) return wrong(ErrorCode::kMalformed, "more parameters than local variables");
    std::ranges::copy(parameters, frame.locals.begin());
    join(0, frame);
  }

  StackValue joined(const StackValue& old, const StackValue& more, bool widen) {
    StackValue out = old;
    if (old.kind != more.kind) {
      out.kind = ValueKind::kNone;
      out.range = {};
    } else if (old.is_int()) {
      out.range = widen ? old.range.widened(more.range) : old.range.joined(more.range);
    }
    return out;
  }

  /// What comes to a leader, and whether that is new there.
  void join(std::uint32_t pc, const Frame& more) {
    const auto [place, is_first] = m_frames.try_emplace(pc, more);
    if (is_first) {
      m_open.insert(pc);
      return;
    }
    Frame& old = place->second;
    if (old.stack.size() != more.stack.size()) return wrong(ErrorCode::kMalformed, "two ways to here leave stacks of different depth");
    bool changed = false;
    const bool widen = old.joins > kJoinsBeforeWidening;
    const auto each = [&](std::vector<StackValue>& mine, const std::vector<StackValue>& theirs, bool on_stack) {
      for (std::size_t i = 0; i < mine.size(); ++i) {
        if (on_stack) m_groups.join(mine[i].group, theirs[i].group);
        const StackValue value = joined(mine[i], theirs[i], widen);
        changed = changed || value != mine[i];
        mine[i] = value;
      }
    };
    each(old.stack, more.stack, true);
    each(old.locals, more.locals, false);
    if (!changed) return;
    ++old.joins;
    m_open.insert(pc);
  }

  /// From a leader to the next one.
  void follow(std::uint32_t leader) {
    m_open.erase(leader);
    Frame frame = m_frames.at(leader);
    frame.joins = 0;
    for (std::size_t i = index_of(leader); i < m_instructions.size() && !m_error; ++i) {
      const JavaInstruction& now = m_instructions[i];
      m_pc = now.pc;
      if (now.pc != leader && m_leaders.contains(now.pc)) return join(now.pc, frame);
      to_handlers(frame);
      FlowNode node;
      step(i, frame, node);
      if (m_error) return;
      to_targets(m_instructions[i], frame);
      if (now.ends()) return;
    }
  }

  void to_targets(const JavaInstruction& now, const Frame& frame) {
    if (now.branches() || now.kind == Kind::kGoto || now.kind == Kind::kSwitch) join(now.target, frame);
    for (const auto& one : now.cases) join(one.target, frame);
  }

  void to_handlers(const Frame& frame) {
    for (std::size_t i = 0; i < m_code.handlers.size(); ++i) {
      const auto& handler = m_code.handlers[i];
      if (m_pc < handler.start || m_pc >= handler.end) continue;
      Frame caught;
      caught.locals = frame.locals;
      StackValue thrown = of_type("L");
      thrown.group = static_cast<std::uint32_t>(m_instructions.size() * 2 + i);
      caught.stack.push_back(thrown);
      join(handler.handler, caught);
    }
  }

  // One instruction.

  StackValue pop(ValueKind kind) {
    if (m_frame->stack.empty()) {
      wrong(ErrorCode::kMalformed, "nothing is on the stack");
      return {};
    }
    StackValue out = m_frame->stack.back();
    m_frame->stack.pop_back();
    ++m_node->popped;
    if (kind != ValueKind::kNone && out.kind != kind) wrong(ErrorCode::kMalformed, "a value of another type is on the stack");
    return out;
  }
  StackValue pop_int() { return pop(ValueKind::kInt); }
  StackValue pop_reference() { return pop(ValueKind::kReference); }
  StackValue pop_type(std::string_view type) { return pop(of_type(type).kind); }
  void push_back(StackValue value) {
    m_frame->stack.push_back(value);
    ++m_node->pushed;
    if (m_frame->stack.size() > std::size_t{m_code.max_stack})
      wrong(ErrorCode::kMalformed, "more values are on the stack than max_stack allows");
  }
  void push(StackValue value) {
    value.group = static_cast<std::uint32_t>(m_index * 2);
    push_back(value);
  }
  void push_int(ValueRange range) { push({ValueKind::kInt, range, 0}); }
  void push_reference() { push({ValueKind::kReference, {}, 0}); }
  void push_type(std::string_view type) {
    if (type != "V") push(of_type(type));
  }
  StackValue* local(std::size_t number) {
    if (number < m_frame->locals.size()) return &m_frame->locals[number];
    wrong(ErrorCode::kMalformed, "local variable " + std::to_string(number));
    return nullptr;
  }

  void step(std::size_t index, Frame& frame, FlowNode& node) {
    m_index = index;
    m_frame = &frame;
    m_node = &node;
    JavaInstruction& now = m_instructions[index];
    if (now.kind == Kind::kLdc) load_constant(now);
    switch (now.kind) {
      case Kind::kNop:
      case Kind::kGoto:
      case Kind::kLdc:
        break;
      case Kind::kNull:
        push_reference();
        break;
      case Kind::kConstant:
        push_int(ValueRange::of(now.value));
        break;
      case Kind::kLoad:
        load(now);
        break;
      case Kind::kStore:
        if (StackValue* place = local(now.local)) *place = pop(now.letter == 'I' ? ValueKind::kInt : ValueKind::kReference);
        break;
      case Kind::kIncrement:
        increment(now);
        break;
      case Kind::kArrayLoad:
        pop_int();
        pop_reference();
        push_type(now.letter == 'A' ? "L" : std::string_view(&now.letter, 1));
        break;
      case Kind::kArrayStore:
        pop(now.letter == 'A' ? ValueKind::kReference : ValueKind::kInt);
        pop_int();
        pop_reference();
        break;
      case Kind::kPop:
      case Kind::kPop2:
      case Kind::kDup:
      case Kind::kDupX1:
      case Kind::kDupX2:
      case Kind::kDup2:
      case Kind::kDup2X1:
      case Kind::kDup2X2:
      case Kind::kSwap:
        shuffle(now.kind);
        break;
      case Kind::kArithmetic:
        arithmetic(now.arithmetic);
        break;
      case Kind::kToByte:
      case Kind::kToShort: {
        const ValueRange target = ValueRange::of_type(now.kind == Kind::kToByte ? 'B' : 'S');
        const ValueRange value = pop_int().range;
        push_int(value.within(target) ? value : target);
        break;
      }
      case Kind::kIfCompare:
        pop_int();
        pop_int();
        break;
      case Kind::kIfReference:
        pop_reference();
        pop_reference();
        break;
      case Kind::kIfNull:
        pop_reference();
        break;
      case Kind::kIf:
      case Kind::kSwitch:
        pop_int();
        break;
      case Kind::kReturn:
        if (now.letter != 'V') pop(now.letter == 'I' ? ValueKind::kInt : ValueKind::kReference);
        if ((now.letter == 'V') != m_method.descriptor.ends_with(")V")) wrong(ErrorCode::kMalformed, "a return of another type");
        break;
      case Kind::kGetStatic:
      case Kind::kPutStatic:
      case Kind::kGetField:
      case Kind::kPutField:
        field(now);
        break;
      case Kind::kInvokeVirtual:
      case Kind::kInvokeSpecial:
      case Kind::kInvokeStatic:
      case Kind::kInvokeInterface:
        invoke(now);
        break;
      case Kind::kNew:
        class_name(now);
        push_reference();
        break;
      case Kind::kNewArray:
        pop_int();
        push_reference();
        break;
      case Kind::kNewReferences:
        class_name(now);
        pop_int();
        push_reference();
        break;
      case Kind::kArrayLength:
        pop_reference();
        push_int({0, INT16_MAX});
        break;
      case Kind::kThrow:
        pop_reference();
        break;
      case Kind::kCheckCast:
        class_name(now);
        pop_reference();
        push_reference();
        break;
      case Kind::kInstanceOf:
        class_name(now);
        pop_reference();
        push_int({0, 1});
        break;
    }
  }

  /// What cannot be in the code of a card is refused; a number becomes a kConstant.
  void load_constant(JavaInstruction& now) {
    const auto* number = m_file.constant(now.index, JavaConstantTag::kInteger);
    if (number != nullptr) {
      now.kind = Kind::kConstant;
      now.value = number->number;
      return;
    }
    switch (m_file.tag_of(now.index)) {
      case JavaConstantTag::kString:
        return wrong(ErrorCode::kUnsupported, "strings are not in the Java Card language; use an array of bytes");
      case JavaConstantTag::kFloat:
        return wrong(ErrorCode::kUnsupported, "type float is not in the Java Card language");
      case JavaConstantTag::kClass:
        return wrong(ErrorCode::kUnsupported, "class literals are not in the Java Card language");
      default:
        return wrong(ErrorCode::kMalformed, "ldc of constant " + std::to_string(now.index));
    }
  }

  void load(const JavaInstruction& now) {
    const StackValue* place = local(now.local);
    if (place == nullptr) return;
    if (place->kind != (now.letter == 'I' ? ValueKind::kInt : ValueKind::kReference)) {
      return wrong(ErrorCode::kMalformed, "local variable " + std::to_string(now.local) + " is of another type");
    }
    m_node->local = place->range;
    push(*place);
  }

  void increment(const JavaInstruction& now) {
    StackValue* place = local(now.local);
    if (place == nullptr) return;
    if (!place->is_int()) return wrong(ErrorCode::kMalformed, "local variable " + std::to_string(now.local) + " is not an int");
    m_node->local = place->range;
    place->range = result_of(Arithmetic::kAdd, place->range, ValueRange::of(now.value));
  }

  void arithmetic(Arithmetic operation) {
    const ValueRange right = operation == Arithmetic::kNeg ? ValueRange() : pop_int().range;
    const ValueRange left = pop_int().range;
    push_int(result_of(operation, left, right));
  }

  /// Without long and double, every value is of one word for Java.
  void shuffle(Kind kind) {
    const bool two = kind == Kind::kDup2 || kind == Kind::kDup2X1 || kind == Kind::kDup2X2 || kind == Kind::kPop2;
    const std::size_t below = kind == Kind::kDupX1 || kind == Kind::kDup2X1 ? 1 : kind == Kind::kDupX2 || kind == Kind::kDup2X2 ? 2 : 0;
    std::vector<StackValue> top;
    std::vector<StackValue> under;
    for (int i = 0; i < (two || kind == Kind::kSwap ? 2 : 1); ++i) top.insert(top.begin(), pop(ValueKind::kNone));
    for (std::size_t i = 0; i < below; ++i) under.insert(under.begin(), pop(ValueKind::kNone));
    if (m_error || kind == Kind::kPop || kind == Kind::kPop2) return;
    if (kind == Kind::kSwap) {
      push_back(top[1]);
      push_back(top[0]);
      return;
    }
    for (const auto* part : {&top, &under, &top}) {
      for (const auto& value : *part) push_back(value);
    }
  }

  bool member(const JavaInstruction& now) {
    auto found = m_file.member_at(now.index);
    if (!found) {
      wrong(ErrorCode::kMalformed, "constant " + std::to_string(now.index) + " must be a field or method");
      return false;
    }
    m_node->member = *std::move(found);
    return true;
  }

  void field(const JavaInstruction& now) {
    if (!member(now)) return;
    const std::string& type = m_node->member.descriptor;
    if (type.empty() || first_type(type) != type) return wrong(ErrorCode::kMalformed, "a field of type '" + type + "'");
    const bool is_put = now.kind == Kind::kPutStatic || now.kind == Kind::kPutField;
    if (is_put) pop_type(type);
    if (now.kind == Kind::kGetField || now.kind == Kind::kPutField) pop_reference();
    if (!is_put) push_type(type);
  }

  void invoke(const JavaInstruction& now) {
    if (!member(now)) return;
    auto types = signature_of(m_node->member.descriptor);
    if (!types) return wrong(ErrorCode::kMalformed, "a method of type '" + m_node->member.descriptor + "'");
    for (std::size_t i = types->parameters.size(); i-- > 0;) pop_type(types->parameters[i]);
    if (now.kind != Kind::kInvokeStatic) pop_reference();
    push_type(types->result);
    m_node->signature = *std::move(types);
  }

  void class_name(const JavaInstruction& now) {
    auto name = m_file.class_at(now.index);
    if (!name) return wrong(ErrorCode::kMalformed, "constant " + std::to_string(now.index) + " must be a class");
    m_node->class_name = *std::move(name);
  }

  /// Once more through all that was reached, with the frames as they are now.
  void record(Flow& out) {
    Frame frame;
    bool reached = false;
    for (std::size_t i = 0; i < m_instructions.size() && !m_error; ++i) {
      m_pc = m_instructions[i].pc;
      FlowNode node;
      if (const auto known = m_frames.find(m_pc); known != m_frames.end()) {
        frame = known->second;
        reached = true;
        node.joins = true;
      }
      if (!reached) continue;
      node.before = frame.stack;
      step(i, frame, node);
      node.after = frame.stack;
      node.java = m_instructions[i];
      reached = !node.java.ends();
      out.nodes.push_back(std::move(node));
    }
  }

  const ClassFile& m_file;
  const ClassFile::Method& m_method;
  const ClassFile::Code& m_code;
  std::vector<JavaInstruction> m_instructions;
  std::set<std::uint32_t> m_leaders;
  std::map<std::uint32_t, Frame> m_frames;
  std::set<std::uint32_t> m_open;
  Groups m_groups;
  std::optional<Error> m_error;
  std::uint32_t m_pc = 0;
  std::size_t m_index = 0;
  Frame* m_frame = nullptr;
  FlowNode* m_node = nullptr;
};

}  // namespace

Groups::Groups(std::size_t count) : m_parent(count) {
  std::iota(m_parent.begin(), m_parent.end(), 0U);
}

std::uint32_t Groups::find(std::uint32_t group) const {
  while (m_parent[group] != group) group = m_parent[group] = m_parent[m_parent[group]];
  return group;
}

void Groups::join(std::uint32_t a, std::uint32_t b) {
  m_parent[find(a)] = find(b);
}

Result<Flow> analyse(const ClassFile& file, const ClassFile::Method& method) {
  return Analysis(file, method).run();
}

}  // namespace uicclab::jcvm::converter
