// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/converter/card_code.hpp"

#include <algorithm>

#include "core/reader.hpp"

namespace uicclab::jcvm::converter {
namespace {

using code::Op;
using code::Operands;

constexpr std::size_t kMostCode = 32767;  // distances of branches have 16 bits

/// The codes of the wide forms: ifeq_w is as far behind ifeq as goto_w behind goto; so it is for getfield and putfield.
Op wide_branch(Op op) {
  return static_cast<Op>(static_cast<int>(op) + static_cast<int>(Op::kGotoW) - static_cast<int>(Op::kGoto));
}
Op wide_field(Op op) {
  const bool get = op <= Op::kGetfieldI;
  const int distance = get ? static_cast<int>(Op::kGetfieldAW) - static_cast<int>(Op::kGetfieldA)
                           : static_cast<int>(Op::kPutfieldAW) - static_cast<int>(Op::kPutfieldA);
  return static_cast<Op>(static_cast<int>(op) + distance);
}

class Assembler {
 public:
  Assembler(const CardCode& code, const References& references) : m_code(code), m_references(references) {
    for (const CardInstruction& one : m_code.instructions) {
      Op op = one.op;
      const bool short_index = code::operation(op).operands == Operands::kConstant8;
      if (short_index && m_references.index(*one.symbol) > 0xFF) op = wide_field(op);
      m_ops.push_back(op);
    }
  }

  Result<Assembled> run() {
    do {
      lay_out();
      if (m_out.offsets.back() > kMostCode) {
        return fail(ErrorCode::kRange, "the method has " + std::to_string(m_out.offsets.back()) + " bytes of code, must be at most 32767");
      }
    } while (widen());
    for (std::size_t i = 0; i < m_ops.size(); ++i) write(i);
    m_out.bytes = m_writer.take();
    return std::move(m_out);
  }

 private:
  std::size_t size_of(std::size_t i) const {
    const std::size_t cases = m_code.instructions[i].cases.size();
    switch (code::operation(m_ops[i]).operands) {
      case Operands::kNone:
        return 1;
      case Operands::kByte:
      case Operands::kLocal:
      case Operands::kBranch:
      case Operands::kConstant8:
      case Operands::kArrayType:
      case Operands::kStackShuffle:
        return 2;
      case Operands::kShort:
      case Operands::kLocalByte:
      case Operands::kBranchWide:
      case Operands::kConstant16:
        return 3;
      case Operands::kLocalShort:
      case Operands::kTypeCheck:
        return 4;
      case Operands::kInt:
      case Operands::kInterface:
        return 5;
      case Operands::kShortTable:
        return 7 + 2 * cases;
      case Operands::kIntTable:
        return 11 + 2 * cases;
      case Operands::kShortLookup:
        return 5 + 4 * cases;
      case Operands::kIntLookup:
        return 5 + 6 * cases;
    }
    return 1;
  }

  void lay_out() {
    m_out.offsets.assign(1, 0);
    for (std::size_t i = 0; i < m_ops.size(); ++i) m_out.offsets.push_back(m_out.offsets.back() + size_of(i));
  }

  std::int32_t distance(std::size_t i, std::uint32_t target) const {
    return static_cast<std::int32_t>(m_out.offsets[m_code.start_of(target)]) - static_cast<std::int32_t>(m_out.offsets[i]);
  }

  bool widen() {
    bool changed = false;
    for (std::size_t i = 0; i < m_ops.size(); ++i) {
      if (code::operation(m_ops[i]).operands != Operands::kBranch) continue;
      const std::int32_t way = distance(i, m_code.instructions[i].target);
      if (way >= INT8_MIN && way <= INT8_MAX) continue;
      m_ops[i] = wide_branch(m_ops[i]);
      changed = true;
    }
    return changed;
  }

  void index2(const CardInstruction& one) {
    m_out.byte2_references.push_back(m_writer.size());
    m_writer.u16(m_references.index(*one.symbol));
  }

  void write(std::size_t i) {
    const CardInstruction& one = m_code.instructions[i];
    const auto u16 = [&](std::int64_t value) { m_writer.number(static_cast<std::uint64_t>(value), 2); };
    m_writer.u8(static_cast<std::uint8_t>(m_ops[i]));
    switch (code::operation(m_ops[i]).operands) {
      case Operands::kNone:
        break;
      case Operands::kByte:
      case Operands::kStackShuffle:
        m_writer.number(static_cast<std::uint64_t>(one.value), 1);
        break;
      case Operands::kShort:
        u16(one.value);
        break;
      case Operands::kInt:
        m_writer.number(static_cast<std::uint64_t>(one.value), 4);
        break;
      case Operands::kLocal:
        m_writer.u8(one.local);
        break;
      case Operands::kLocalByte:
        m_writer.u8(one.local).number(static_cast<std::uint64_t>(one.value), 1);
        break;
      case Operands::kLocalShort:
        m_writer.u8(one.local);
        u16(one.value);
        break;
      case Operands::kBranch:
        m_writer.number(static_cast<std::uint64_t>(distance(i, one.target)), 1);
        break;
      case Operands::kBranchWide:
        u16(distance(i, one.target));
        break;
      case Operands::kConstant8:
        m_out.byte_references.push_back(m_writer.size());
        m_writer.u8(static_cast<std::uint8_t>(m_references.index(*one.symbol)));
        break;
      case Operands::kConstant16:
        index2(one);
        break;
      case Operands::kInterface:
        m_writer.u8(one.nargs);
        index2(one);
        m_writer.u8(one.token);
        break;
      case Operands::kArrayType:
        m_writer.u8(one.type);
        break;
      case Operands::kTypeCheck:
        m_writer.u8(one.type);
        one.symbol ? index2(one) : u16(0);
        break;
      case Operands::kShortTable:
      case Operands::kIntTable:
        table(i, one, code::operation(m_ops[i]).operands == Operands::kIntTable ? 4 : 2);
        break;
      case Operands::kShortLookup:
      case Operands::kIntLookup:
        u16(distance(i, one.target));
        u16(static_cast<std::int64_t>(one.cases.size()));
        for (const auto& choice : one.cases) {
          m_writer.number(static_cast<std::uint64_t>(choice.value), code::operation(m_ops[i]).operands == Operands::kIntLookup ? 4 : 2);
          u16(distance(i, choice.target));
        }
        break;
    }
  }

  void table(std::size_t i, const CardInstruction& one, std::size_t width) {
    m_writer.number(static_cast<std::uint64_t>(distance(i, one.target)), 2);
    m_writer.number(static_cast<std::uint64_t>(one.cases.front().value), width);
    m_writer.number(static_cast<std::uint64_t>(one.cases.back().value), width);
    for (const auto& choice : one.cases) m_writer.number(static_cast<std::uint64_t>(distance(i, choice.target)), 2);
  }

  const CardCode& m_code;
  const References& m_references;
  std::vector<Op> m_ops;
  ByteWriter m_writer;
  Assembled m_out;
};

}  // namespace

Result<Assembled> assemble(const CardCode& code, const References& references) {
  return Assembler(code, references).run();
}

}  // namespace uicclab::jcvm::converter
