// SPDX-License-Identifier: Apache-2.0
// Byte codes become operations of fixed width. Those that differ only in how they write an operand become one: sconst_3 is sspush, aload_0
// is aload, ifeq_w is ifeq, getfield_a_w is getfield_a. What the operands of an operation are:
//   a   number of a local variable; type of an array; m of dup_x and swap_x; cells of arguments of invokeinterface
//   b   index of a constant, or of a switch
//   c   a value; an increment; where a branch goes; n; token of an interface's method; the place of a field
#include <map>

#include "jcvm/machine/linker.hpp"

namespace uicclab::jcvm::machine {
namespace {

using code::Instruction;
using code::Op;
using code::Operands;

std::uint8_t number(Op op) {
  return static_cast<std::uint8_t>(op);
}

/// The first of the codes that do the same, and by how much this one is behind it.
struct Family {
  Op first;
  Op last;
  Op general;
};

constexpr auto kFamilies = std::to_array<Family>({
    {Op::kSconstM1, Op::kSconst5, Op::kSspush},
    {Op::kIconstM1, Op::kIconst5, Op::kIipush},
    {Op::kBspush, Op::kBspush, Op::kSspush},
    {Op::kBipush, Op::kSipush, Op::kIipush},
    {Op::kAload0, Op::kAload3, Op::kAload},
    {Op::kSload0, Op::kSload3, Op::kSload},
    {Op::kIload0, Op::kIload3, Op::kIload},
    {Op::kAstore0, Op::kAstore3, Op::kAstore},
    {Op::kSstore0, Op::kSstore3, Op::kSstore},
    {Op::kIstore0, Op::kIstore3, Op::kIstore},
    {Op::kSincW, Op::kSincW, Op::kSinc},
    {Op::kIincW, Op::kIincW, Op::kIinc},
    {Op::kGotoW, Op::kGotoW, Op::kGoto},
});

Op general(Op op) {
  const auto within = [&](Op first, Op last) { return op >= first && op <= last; };
  for (const Family& family : kFamilies) {
    if (within(family.first, family.last)) return family.general;
  }
  const auto shifted = [&](Op from, Op to) { return static_cast<Op>(number(op) - number(from) + number(to)); };
  if (within(Op::kIfeqW, Op::kIfScmpleW)) return shifted(Op::kIfeqW, Op::kIfeq);
  if (within(Op::kGetfieldAW, Op::kGetfieldIW)) return shifted(Op::kGetfieldAW, Op::kGetfieldA);
  if (within(Op::kPutfieldAW, Op::kPutfieldIW)) return shifted(Op::kPutfieldAW, Op::kPutfieldA);
  return op;
}

/// By byte code.
constexpr auto kSteps = [] {
  std::array<Step, 256> out{};
#define STEP(name) out[static_cast<std::size_t>(Op::k##name)] = Step::k##name;
#define FUSED(name, ...)
#include "jcvm/machine/steps.def"
#undef FUSED
#undef STEP
  return out;
}();

/// The letter of getfield, putfield, getstatic and putstatic; 0 of others.
char field_type(Op op) {
  const bool field = (op >= Op::kGetstaticA && op <= Op::kPutfieldI) || (op >= Op::kGetfieldAW && op <= Op::kPutfieldIThis);
  const std::string_view mnemonic = code::operation(op).mnemonic;
  return field ? mnemonic[mnemonic.find('_') + 1] : '\0';
}

class Translator {
 public:
  Translator(const verifier::MethodBody& body, const cap::CapFile& file, const Module& module, Method& method)
      : m_body(body), m_file(file), m_module(module), m_method(method) {}

  Result<void> run() {
    std::uint32_t index = 0;
    for (const Instruction& instruction : m_body.instructions) m_index[instruction.offset] = index++;
    for (const Instruction& instruction : m_body.instructions) {
      auto code = one(instruction);
      if (!code)
        return fail(
            code.error().code,
            "method at " + std::to_string(m_body.offset) + ", byte " + std::to_string(instruction.offset) + ": " + code.error().text,
            instruction.offset);
      m_method.code.push_back(*code);
      m_method.offsets.push_back(instruction.offset);
    }
    for (const std::uint16_t handler : m_body.handlers) {
      if (auto done = add(m_file.methods.handlers[handler]); !done) return done;
    }
    return {};
  }

 private:
  std::uint32_t target(std::int64_t offset) const { return m_index.at(static_cast<std::uint32_t>(offset)); }
  /// The first operation from this offset on.
  std::uint32_t from(std::uint32_t offset) const {
    const auto found = m_index.lower_bound(offset);
    return found == m_index.end() ? static_cast<std::uint32_t>(m_index.size()) : found->second;
  }

  Result<Code> one(const Instruction& instruction) {
    Code out;
    out.op = static_cast<std::uint8_t>(kSteps[number(general(instruction.op()))]);
    if (instruction.op() == Op::kJsr) m_method.has_jsr = true;
    out.a = instruction.touches_local() ? instruction.local : instruction.type;
    out.b = instruction.constant;
    out.c = constant_value(instruction.op(), instruction.value);
    switch (instruction.operation->operands) {
      case Operands::kBranch:
      case Operands::kBranchWide:
        out.c = static_cast<std::int32_t>(target(instruction.target));
        break;
      case Operands::kInterface:
        out.a = instruction.nargs;
        out.c = instruction.token;
        break;
      case Operands::kStackShuffle:
        out.a = instruction.m;
        out.c = instruction.n;
        break;
      case Operands::kShortTable:
      case Operands::kIntTable:
      case Operands::kShortLookup:
      case Operands::kIntLookup:
        out.b = add_switch(instruction);
        break;
      default:
        break;
    }
    if (const char type = field_type(instruction.op()); type != '\0') return field(out, type);
    return out;
  }

  static std::int32_t constant_value(Op op, std::int32_t value) {
    if (op >= Op::kSconstM1 && op <= Op::kSconst5) return number(op) - number(Op::kSconst0);
    if (op >= Op::kIconstM1 && op <= Op::kIconst5) return number(op) - number(Op::kIconst0);
    return value;
  }

  std::uint16_t add_switch(const Instruction& instruction) {
    Switch& out = m_method.switches.emplace_back();
    out.fallback = target(instruction.target);
    for (const auto& one : instruction.cases) out.cases.push_back({one.value, target(one.target)});
    return static_cast<std::uint16_t>(m_method.switches.size() - 1);
  }

  /// The kind of the field is what the class says, whichever package it is of.
  Result<Code> field(Code out, char type) const {
    const Resolved& constant = m_module.constants[out.b];
    if (constant.klass != nullptr) {
      out.c = static_cast<std::int32_t>(constant.place);
      if (constant.klass->references[constant.place] != (type == 'a'))
        return fail(ErrorCode::kMalformed, "the field is not of type " + std::string(1, type));
      if (type == 'i' && (constant.place + 1 >= constant.klass->cells || constant.klass->references[constant.place + 1]))
        return fail(ErrorCode::kRange, "an int needs two cells");
      return out;
    }
    // Offsets in the static field image are of references of two bytes, the body has four.
    const Module& owner = *constant.module;
    const std::uint32_t references = owner.static_references;
    const std::uint32_t offset = constant.place;
    if (type == 'a') {
      if (offset % 2 != 0 || offset / 2 >= references)
        return fail(ErrorCode::kRange, "static field at " + std::to_string(offset) + " is no reference");
      out.c = static_cast<std::int32_t>(offset * 2);
      return out;
    }
    const std::uint32_t size = type == 'b' ? 1 : type == 's' ? 2 : 4;
    const std::uint32_t place = offset + references * 2;
    if (offset < references * 2 || place + size > owner.static_values.size())
      return fail(ErrorCode::kRange, "static field at " + std::to_string(offset) + " is no number");
    out.c = static_cast<std::int32_t>(place);
    return out;
  }

  Result<void> add(const cap::ExceptionHandler& handler) {
    Handler& out = m_method.handlers.emplace_back();
    out.first = from(handler.start);
    out.end = from(std::uint32_t{handler.start} + handler.length);
    out.target = target(handler.handler);
    out.any = handler.catch_type == 0;
    if (out.any) return {};
    const std::size_t type = handler.catch_type;
    if (type >= m_file.constants.size() || m_file.constants[type].kind != cap::ConstantKind::kClass) {
      return fail(ErrorCode::kRange,
                  "exception handler at " + std::to_string(handler.start) + ": constant " + std::to_string(type) + " is no class");
    }
    out.klass = m_module.constants[type].klass;
    return {};
  }

  const verifier::MethodBody& m_body;
  const cap::CapFile& m_file;
  const Module& m_module;
  Method& m_method;
  std::map<std::uint32_t, std::uint32_t> m_index;
};

}  // namespace

Result<void> translate(const verifier::MethodBody& body, const cap::CapFile& file, const Module& module, Method& method) {
  return Translator(body, file, module, method).run();
}

}  // namespace uicclab::jcvm::machine
