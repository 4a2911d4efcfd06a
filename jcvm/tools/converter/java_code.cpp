// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/converter/java_code.hpp"

#include <algorithm>

#include "jcvm/code/operand_reader.hpp"

namespace uicclab::jcvm::converter {
namespace {

using Kind = JavaKind;

/// What an instruction outside the subset is for (JCVM clause 2.2.1, table 2-2); nullptr: it is one of the subset, or none.
const char* outside(std::uint8_t code) {
  const auto one_of = [&](std::initializer_list<int> codes) { return std::ranges::find(codes, code) != codes.end(); };
  const auto from = [&](int first, int last) { return code >= first && code <= last; };
  if (from(9, 10) || one_of({20, 22, 47, 55, 80, 97, 101, 105, 109, 113, 117, 121, 123, 125, 127, 129, 131, 133, 148, 173}) ||
      from(30, 33) || from(63, 66) || from(136, 138) || one_of({140, 143})) {
    return "type long or double is not in the Java Card language; use short, or int with --int";
  }
  if (from(11, 15) || one_of({23,  24,  48,  49,  56,  57,  81,  82,  98,  99,  102, 103, 106, 107, 110, 111,
                              114, 115, 118, 119, 134, 135, 139, 141, 142, 144, 149, 150, 151, 152, 174, 175}) ||
      from(34, 41) || from(67, 74)) {
    return "types float and double are not in the Java Card language";
  }
  if (one_of({52, 85, 146})) return "type char is not in the Java Card language; use byte or short";
  if (one_of({168, 169, 201})) return "jsr and ret: compile with a target of Java 1.6 or later";
  if (code == 186) return "lambdas, method references and string concatenation (invokedynamic) are not in the Java Card language";
  if (one_of({194, 195})) return "synchronized: there are no threads in the Java Card language";
  if (code == 197) return "arrays of more than one dimension are not in the Java Card language";
  return nullptr;
}

class Decoder {
 public:
  explicit Decoder(BytesView code) : m_in(code), m_size(code.size()) {}

  Result<std::vector<JavaInstruction>> run() {
    while (!m_in.empty()) {
      m_now = {};
      m_now.pc = static_cast<std::uint32_t>(m_in.offset());
      const std::uint8_t code = m_in.u8();
      if (const char* reason = outside(code)) return fail(ErrorCode::kUnsupported, reason, m_now.pc);
      if (!one(code)) return fail(ErrorCode::kMalformed, "byte code " + std::to_string(code) + " is not a byte code of Java", m_now.pc);
      if (m_in.truncated()) return fail(ErrorCode::kTruncated, "the code ends within an instruction", m_now.pc);
      m_now.size = static_cast<std::uint32_t>(m_in.offset()) - m_now.pc;
      m_out.push_back(std::move(m_now));
    }
    if (m_out.empty() || !m_out.back().ends()) return fail(ErrorCode::kMalformed, "control leaves the method at its end", m_size);
    for (const auto& instruction : m_out) {
      const bool jumps = instruction.branches() || instruction.kind == Kind::kGoto || instruction.kind == Kind::kSwitch;
      if (jumps && !is_start(instruction.target)) return refuse_target(instruction);
      for (const auto& one : instruction.cases) {
        if (!is_start(one.target)) return refuse_target(instruction);
      }
    }
    return std::move(m_out);
  }

 private:
  bool is_start(std::uint32_t pc) const { return std::ranges::binary_search(m_out, pc, {}, &JavaInstruction::pc); }
  static tl::unexpected<Error> refuse_target(const JavaInstruction& instruction) {
    return fail(ErrorCode::kMalformed, "a jump to where no instruction begins", instruction.pc);
  }

  std::uint32_t to(std::int32_t distance) const { return m_now.pc + static_cast<std::uint32_t>(distance); }

  void set(Kind kind, char letter = 0) {
    m_now.kind = kind;
    m_now.letter = letter;
  }
  void constant(std::int32_t value) {
    set(Kind::kConstant);
    m_now.value = value;
  }
  void local(Kind kind, char letter, unsigned number) {
    set(kind, letter);
    m_now.local = static_cast<std::uint16_t>(number);
  }
  void compare(Kind kind, unsigned condition, std::int32_t distance) {
    set(kind);
    m_now.condition = static_cast<Condition>(condition);
    m_now.target = to(distance);
  }
  void indexed(Kind kind) {
    set(kind);
    m_now.index = m_in.u16();
  }

  bool one(std::uint8_t code) {
    const auto from = [&](int first, int last) { return code >= first && code <= last; };
    if (from(2, 8)) return constant(code - 3), true;
    if (from(26, 29)) return local(Kind::kLoad, 'I', code - 26U), true;
    if (from(42, 45)) return local(Kind::kLoad, 'A', code - 42U), true;
    if (from(59, 62)) return local(Kind::kStore, 'I', code - 59U), true;
    if (from(75, 78)) return local(Kind::kStore, 'A', code - 75U), true;
    if (from(87, 95)) return set(static_cast<Kind>(static_cast<int>(Kind::kPop) + code - 87)), true;
    if (from(153, 158)) return compare(Kind::kIf, code - 153U, m_in.s16()), true;
    if (from(159, 164)) return compare(Kind::kIfCompare, code - 159U, m_in.s16()), true;
    if (from(165, 166)) return compare(Kind::kIfReference, code - 165U, m_in.s16()), true;
    if (from(198, 199)) return compare(Kind::kIfNull, code - 198U, m_in.s16()), true;
    switch (code) {
      case 0:
        return true;
      case 1:
        return set(Kind::kNull), true;
      case 16:
        return constant(m_in.s8()), true;
      case 17:
        return constant(m_in.s16()), true;
      case 18:
        set(Kind::kLdc);
        m_now.index = m_in.u8();
        return true;
      case 19:
        return indexed(Kind::kLdc), true;
      case 21:
        return local(Kind::kLoad, 'I', m_in.u8()), true;
      case 25:
        return local(Kind::kLoad, 'A', m_in.u8()), true;
      case 54:
        return local(Kind::kStore, 'I', m_in.u8()), true;
      case 58:
        return local(Kind::kStore, 'A', m_in.u8()), true;
      case 132:
        local(Kind::kIncrement, 'I', m_in.u8());
        m_now.value = m_in.s8();
        return true;
      case 145:
        return set(Kind::kToByte), true;
      case 147:
        return set(Kind::kToShort), true;
      case 167:
        return compare(Kind::kGoto, 0, m_in.s16()), true;
      case 200:
        return compare(Kind::kGoto, 0, m_in.s32()), true;
      case 170:
      case 171:
        return switches(code == 170), true;
      case 188:
        return new_array();
      case 196:
        return wide();
      default:
        return array(code) || arithmetic(code) || member(code);
    }
  }

  bool array(std::uint8_t code) {
    constexpr std::pair<int, char> kLoads[] = {{46, 'I'}, {50, 'A'}, {51, 'B'}, {53, 'S'}};
    for (const auto& [load, letter] : kLoads) {
      if (code == load) return set(Kind::kArrayLoad, letter), true;
      if (code == load + 33) return set(Kind::kArrayStore, letter), true;
    }
    return false;
  }

  bool arithmetic(std::uint8_t code) {
    constexpr std::pair<int, Arithmetic> kAll[] = {{96, Arithmetic::kAdd},  {100, Arithmetic::kSub}, {104, Arithmetic::kMul},
                                                   {108, Arithmetic::kDiv}, {112, Arithmetic::kRem}, {116, Arithmetic::kNeg},
                                                   {120, Arithmetic::kShl}, {122, Arithmetic::kShr}, {124, Arithmetic::kUshr},
                                                   {126, Arithmetic::kAnd}, {128, Arithmetic::kOr},  {130, Arithmetic::kXor}};
    for (const auto& [number, operation] : kAll) {
      if (code != number) continue;
      set(Kind::kArithmetic);
      m_now.arithmetic = operation;
      return true;
    }
    return false;
  }

  bool member(std::uint8_t code) {
    constexpr std::pair<int, Kind> kIndexed[] = {{178, Kind::kGetStatic},     {179, Kind::kPutStatic},       {180, Kind::kGetField},
                                                 {181, Kind::kPutField},      {182, Kind::kInvokeVirtual},   {183, Kind::kInvokeSpecial},
                                                 {184, Kind::kInvokeStatic},  {185, Kind::kInvokeInterface}, {187, Kind::kNew},
                                                 {189, Kind::kNewReferences}, {192, Kind::kCheckCast},       {193, Kind::kInstanceOf}};
    for (const auto& [number, kind] : kIndexed) {
      if (code != number) continue;
      indexed(kind);
      if (kind == Kind::kInvokeInterface) m_in.u16();  // the count of arguments, which follows from the descriptor, and 0
      return true;
    }
    constexpr std::pair<int, char> kReturns[] = {{172, 'I'}, {176, 'A'}, {177, 'V'}};
    for (const auto& [number, letter] : kReturns) {
      if (code == number) return set(Kind::kReturn, letter), true;
    }
    if (code == 190) return set(Kind::kArrayLength), true;
    if (code == 191) return set(Kind::kThrow), true;
    return false;
  }

  bool new_array() {
    constexpr std::pair<int, char> kTypes[] = {{4, 'Z'}, {5, 'C'}, {6, 'F'}, {7, 'D'}, {8, 'B'}, {9, 'S'}, {10, 'I'}, {11, 'J'}};
    const std::uint8_t type = m_in.u8();
    for (const auto& [number, letter] : kTypes) {
      if (type == number) return set(Kind::kNewArray, letter), true;
    }
    return m_in.truncated();
  }

  bool wide() {
    const std::uint8_t code = m_in.u8();
    const std::uint16_t number = m_in.u16();
    constexpr std::pair<int, std::pair<Kind, char>> kWide[] = {{21, {Kind::kLoad, 'I'}},
                                                               {25, {Kind::kLoad, 'A'}},
                                                               {54, {Kind::kStore, 'I'}},
                                                               {58, {Kind::kStore, 'A'}},
                                                               {132, {Kind::kIncrement, 'I'}}};
    for (const auto& [plain, what] : kWide) {
      if (code != plain) continue;
      local(what.first, what.second, number);
      if (what.first == Kind::kIncrement) m_now.value = m_in.s16();
      return true;
    }
    return m_in.truncated();
  }

  void switches(bool is_table) {
    set(Kind::kSwitch);
    m_now.is_table = is_table;
    while (m_in.offset() % 4 != 0 && !m_in.truncated()) m_in.u8();
    m_now.target = to(m_in.s32());
    if (is_table) {
      const std::int64_t low = m_in.s32();
      const std::int64_t high = m_in.s32();
      for (std::int64_t value = low; value <= high && !m_in.truncated(); ++value) {
        const std::uint32_t target = to(m_in.s32());
        if (!m_in.truncated()) m_now.cases.push_back({static_cast<std::int32_t>(value), target});
      }
      return;
    }
    for (std::int64_t count = m_in.s32(); count > 0 && !m_in.truncated(); --count) {
      const std::int32_t value = m_in.s32();
      const std::uint32_t target = to(m_in.s32());
      if (!m_in.truncated()) m_now.cases.push_back({value, target});
    }
  }

  code::OperandReader m_in;
  std::size_t m_size;
  JavaInstruction m_now;
  std::vector<JavaInstruction> m_out;
};

}  // namespace

Result<std::vector<JavaInstruction>> decode_java(BytesView code) {
  return Decoder(code).run();
}

}  // namespace uicclab::jcvm::converter
