// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/converter/narrowing.hpp"

#include <algorithm>

namespace uicclab::jcvm::converter {
namespace {

using Kind = JavaKind;

constexpr std::string_view kNames[] = {"+", "-", "*", "/", "%", "-", "<<", ">>", ">>>", "&", "|", "^"};

/// The lower bits of the result depend on more than the lower bits of the first operand.
bool needs_value(Arithmetic operation) {
  return operation == Arithmetic::kDiv || operation == Arithmetic::kRem || operation == Arithmetic::kShr || operation == Arithmetic::kUshr;
}
bool is_shift(Arithmetic operation) {
  return operation == Arithmetic::kShl || operation == Arithmetic::kShr || operation == Arithmetic::kUshr;
}

/// What a comparison is of: the two top values, or the top and 0.
ValueRange right_of(const FlowNode& node) {
  return node.java.kind == Kind::kIf ? ValueRange::of(0) : node.in(0).range;
}
ValueRange left_of(const FlowNode& node) {
  return node.java.kind == Kind::kIf ? node.in(0).range : node.in(1).range;
}
bool comparable_as_shorts(const FlowNode& node) {
  const ValueRange left = left_of(node);
  const ValueRange right = right_of(node);
  if (left.is_short() && right.is_short()) return true;
  const bool equality = node.java.condition == Condition::kEqual || node.java.condition == Condition::kNotEqual;
  return equality && told_apart_by_16_bits(left, right);
}

}  // namespace

Narrowing::Narrowing(const ClassFile& file, const ClassFile::Method& method, const Flow& flow, bool allow_int, Report& report)
    : m_file(file),
      m_method(method),
      m_flow(flow),
      m_allow_int(allow_int),
      m_report(report),
      m_int_groups(flow.groups.size()),
      m_int_locals(method.code->max_locals) {
  std::size_t local = (method.flags & kStatic) == 0 ? 1 : 0;
  const auto signature = signature_of(method.descriptor);
  for (const auto& type : signature->parameters) {
    if (local < m_int_locals.size()) m_int_locals[local] = type == "I";
    ++local;
  }
  const std::size_t before = report.size();
  do {
    m_changed = false;
    for (const FlowNode& node : m_flow.nodes) visit(node);
  } while (m_changed && report.size() == before);
}

bool Narrowing::computes_int(const FlowNode& node) const {
  if (node.java.kind != Kind::kArithmetic) return !node.before.empty() && is_int(node.in(0));
  const Arithmetic operation = node.java.arithmetic;
  const std::size_t value = operation == Arithmetic::kNeg ? 0 : 1;
  if (is_int(node.in(value))) return true;
  return !is_shift(operation) && operation != Arithmetic::kNeg && is_int(node.in(0));
}

void Narrowing::refuse(const FlowNode& node, const std::string& text) {
  m_report.refuse(m_file, m_method.code->line_of(node.java.pc), text);
}

void Narrowing::want_int(const FlowNode& node, const StackValue& value, const std::string& why) {
  const std::uint32_t group = m_flow.groups.find(value.group);
  if (m_int_groups[group]) return;
  if (!m_allow_int) return refuse(node, why);
  m_int_groups[group] = true;
  m_changed = true;
}

void Narrowing::want_local_int(const FlowNode& node, std::size_t local) {
  if (m_int_locals[local]) return;
  if (!m_allow_int)
    return refuse(node, "intermediate value may overflow: the local variable is an int; declare it short, or convert with --int");
  m_int_locals[local] = true;
  m_changed = true;
}

/// Where only a short can be: an index, a length, an argument. The top of the stack can be cut there.
void Narrowing::want_short(const FlowNode& node, const StackValue& value, const std::string& what, bool is_top) {
  if (!value.range.is_short()) {
    return refuse(node,
                  "intermediate value may overflow: " + what + " is " + value.range.text() + ", must fit a short; cast it to (short)");
  }
  if (is_int(value) && !is_top) refuse(node, what + " is an int here; assign it to a short variable first");
}

void Narrowing::argument(const FlowNode& node, const std::string& type, const StackValue& value, bool is_top) {
  if (type == "I") want_int(node, value, "type int: convert with --int");
  if (type == "Z" || type == "B" || type == "S")
    want_short(node, value, "an argument of type " + std::string(type == "S" ? "short" : type == "B" ? "byte" : "boolean"), is_top);
}

void Narrowing::visit(const FlowNode& node) {
  const JavaInstruction& java = node.java;
  const std::string is_int_type = "type int: convert with --int";
  switch (java.kind) {
    case Kind::kLoad:
      // A short local gives a right int only if it holds the value itself.
      if (java.letter == 'I' && is_int(node.out()) && !node.local.is_short()) want_local_int(node, java.local);
      break;
    case Kind::kStore:
      if (java.letter == 'I' && m_int_locals[java.local]) want_int(node, node.in(0), is_int_type);
      break;
    case Kind::kArrayLoad:
      want_short(node, node.in(0), "the index", true);
      break;
    case Kind::kArrayStore:
      want_short(node, node.in(1), "the index", false);
      if (java.letter == 'I') want_int(node, node.in(0), is_int_type);
      break;
    case Kind::kArithmetic:
      arithmetic(node);
      break;
    case Kind::kIf:
    case Kind::kIfCompare:
      compare(node);
      break;
    case Kind::kSwitch:
      if (!told_apart_by_16_bits(node.in(0).range, node.in(0).range)) {
        want_int(node, node.in(0),
                 "intermediate value may overflow: switch of " + node.in(0).range.text() + "; cast it to (short), or convert with --int");
      }
      break;
    case Kind::kReturn:
      if (java.letter == 'I') argument(node, signature_of(m_method.descriptor)->result, node.in(0), true);
      break;
    case Kind::kPutStatic:
    case Kind::kPutField:
      if (node.member.descriptor == "I") want_int(node, node.in(0), is_int_type);
      break;
    case Kind::kNewArray:
    case Kind::kNewReferences:
      want_short(node, node.in(0), "the length", true);
      break;
    case Kind::kInvokeVirtual:
    case Kind::kInvokeSpecial:
    case Kind::kInvokeStatic:
    case Kind::kInvokeInterface: {
      const auto& types = node.signature.parameters;
      for (std::size_t i = 0; i < types.size(); ++i) argument(node, types[i], node.in(types.size() - 1 - i), i + 1 == types.size());
      break;
    }
    default:
      break;
  }
}

void Narrowing::arithmetic(const FlowNode& node) {
  const Arithmetic operation = node.java.arithmetic;
  const bool is_unary = operation == Arithmetic::kNeg;
  const StackValue& value = node.in(is_unary ? 0 : 1);
  const std::string why =
      "intermediate value may overflow: an operand of " + std::string(kNames[static_cast<std::size_t>(operation)]) + " is ";
  const std::string way_out = "; cast it to (short), or convert with --int";
  bool wide = computes_int(node) || (is_int(node.out()) && !node.out().range.is_short());
  const StackValue* inexact = nullptr;
  if (needs_value(operation)) {
    if (!value.range.is_short()) inexact = &value;
    if (!is_shift(operation) && !node.in(0).range.is_short()) inexact = &node.in(0);
  }
  wide = wide || inexact != nullptr;
  const auto want = [&](const StackValue& one) { want_int(node, one, why + (inexact != nullptr ? *inexact : one).range.text() + way_out); };
  if (wide) {
    want(value);
    if (!is_unary) want(node.in(0));
    return;
  }
  // The count of a shift is the top: only its five lower bits matter, and an int is cut.
}

void Narrowing::compare(const FlowNode& node) {
  const bool two = node.java.kind == Kind::kIfCompare;
  const bool wide = is_int(node.in(0)) || (two && is_int(node.in(1)));
  if (!wide && comparable_as_shorts(node)) return;
  const ValueRange range = left_of(node).is_short() ? right_of(node) : left_of(node);
  const std::string why =
      "intermediate value may overflow: a comparison of " + range.text() + "; cast it to (short), or convert with --int";
  want_int(node, node.in(0), why);
  if (two) want_int(node, node.in(1), why);
}

}  // namespace uicclab::jcvm::converter
