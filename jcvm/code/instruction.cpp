// SPDX-License-Identifier: Apache-2.0
#include "jcvm/code/instruction.hpp"

#include "jcvm/code/operand_reader.hpp"

namespace uicclab::jcvm::code {
namespace {

class Decoder {
 public:
  Decoder(BytesView code, std::uint32_t offset) : m_in(code) { m_out.offset = offset; }

  Result<Instruction> run() {
    const std::uint8_t code = m_in.u8();
    if (m_in.truncated()) return fail(ErrorCode::kTruncated, "the code ends: an instruction must follow", m_out.offset);
    m_out.operation = operation(code);
    if (m_out.operation == nullptr) {
      return fail(ErrorCode::kMalformed, "byte code " + to_hex(Bytes{code}) + ", must be 00 to B8", m_out.offset);
    }
    operands();
    const std::string name(m_out.operation->mnemonic);
    if (m_in.truncated()) return fail(ErrorCode::kTruncated, "the code ends within the operands of " + name, m_out.offset);
    if (m_empty_range) return fail(ErrorCode::kMalformed, name + ": its lowest value is above its highest", m_out.offset);
    if (const std::string_view local = m_out.operation->local; !local.empty() && local[1] != '?') {
      m_out.local = static_cast<std::uint8_t>(local[1] - '0');
    }
    m_out.size = static_cast<std::uint32_t>(m_in.offset());
    return std::move(m_out);
  }

 private:
  std::int64_t target16() { return std::int64_t{m_out.offset} + m_in.s16(); }

  void operands() {
    switch (m_out.operation->operands) {
      case Operands::kNone:
        break;
      case Operands::kByte:
        m_out.value = m_in.s8();
        break;
      case Operands::kShort:
        m_out.value = m_in.s16();
        break;
      case Operands::kInt:
        m_out.value = m_in.s32();
        break;
      case Operands::kLocal:
        m_out.local = m_in.u8();
        break;
      case Operands::kLocalByte:
        m_out.local = m_in.u8();
        m_out.value = m_in.s8();
        break;
      case Operands::kLocalShort:
        m_out.local = m_in.u8();
        m_out.value = m_in.s16();
        break;
      case Operands::kBranch:
        m_out.target = std::int64_t{m_out.offset} + m_in.s8();
        break;
      case Operands::kBranchWide:
        m_out.target = target16();
        break;
      case Operands::kConstant8:
        m_out.constant = m_in.u8();
        break;
      case Operands::kConstant16:
        m_out.constant = m_in.u16();
        break;
      case Operands::kInterface:
        m_out.nargs = m_in.u8();
        m_out.constant = m_in.u16();
        m_out.token = m_in.u8();
        break;
      case Operands::kArrayType:
        m_out.type = m_in.u8();
        break;
      case Operands::kTypeCheck:
        m_out.type = m_in.u8();
        m_out.constant = m_in.u16();
        break;
      case Operands::kStackShuffle: {
        const std::uint8_t both = m_in.u8();
        m_out.m = static_cast<std::uint8_t>(both >> 4);
        m_out.n = both & 0x0F;
        break;
      }
      case Operands::kShortTable:
        table([&] { return m_in.s16(); });
        break;
      case Operands::kIntTable:
        table([&] { return m_in.s32(); });
        break;
      case Operands::kShortLookup:
        lookup([&] { return m_in.s16(); });
        break;
      case Operands::kIntLookup:
        lookup([&] { return m_in.s32(); });
        break;
    }
  }

  template <typename Value>
  void table(Value value) {
    m_out.target = target16();
    const std::int64_t lowest = value();
    const std::int64_t highest = value();
    m_empty_range = lowest > highest;
    for (std::int64_t i = lowest; i <= highest && !m_in.truncated(); ++i) {
      const std::int64_t target = target16();
      if (!m_in.truncated()) m_out.cases.push_back({static_cast<std::int32_t>(i), target});
    }
  }

  template <typename Value>
  void lookup(Value value) {
    m_out.target = target16();
    const std::uint16_t count = m_in.u16();
    for (std::uint16_t i = 0; i < count && !m_in.truncated(); ++i) {
      const std::int32_t match = value();
      const std::int64_t target = target16();
      if (!m_in.truncated()) m_out.cases.push_back({match, target});
    }
  }

  OperandReader m_in;
  Instruction m_out;
  bool m_empty_range = false;
};

}  // namespace

bool Instruction::names_constant() const {
  if (operation->operands == Operands::kTypeCheck) return type == kTypeClass || type == kTypeReferences;
  return operation->names_constant();
}

std::uint32_t Instruction::constant_place() const {
  const bool behind_a_byte = operation->operands == Operands::kInterface || operation->operands == Operands::kTypeCheck;
  return offset + (behind_a_byte ? 2 : 1);
}

Result<Instruction> decode(BytesView code, std::uint32_t offset) {
  return Decoder(code, offset).run();
}

}  // namespace uicclab::jcvm::code
