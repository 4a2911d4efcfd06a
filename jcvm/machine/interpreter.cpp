// SPDX-License-Identifier: Apache-2.0
// The loop. Labels as values, which both compilers have, let each operation jump to the next one: much faster than one jump for all of
// them.
#include "jcvm/machine/interpreter.hpp"

#include <limits>

#pragma GCC diagnostic ignored "-Wpedantic"  // labels as values

namespace uicclab::jcvm::machine {
namespace {

constexpr std::size_t kCellSize = 4;  // in the body of an object
constexpr std::int32_t kShift = 0x1F;

bool is_short(const Cell& cell) {
  return cell.kind == Kind::kShort;
}
bool is_reference(const Cell& cell) {
  return cell.kind == Kind::kReference;
}
/// The int whose lower cell is below `top`.
bool is_int(const Cell* top) {
  return top[-1].kind == Kind::kIntLow && top[-2].kind == Kind::kIntHigh;
}
std::int32_t int_below(const Cell* top) {
  return joined_cells(top[-2], top[-1]);
}
void put_short(Cell& cell, std::int32_t value) {
  cell.value = static_cast<std::int16_t>(value);
  cell.kind = Kind::kShort;
}
void put_reference_cell(Cell& cell, Ref ref) {
  cell.value = static_cast<std::int32_t>(ref);
  cell.kind = Kind::kReference;
}
void put_int(Cell* upper, std::int32_t value) {
  upper[0] = high_cell(value);
  upper[1] = low_cell(value);
}
std::uint32_t bits(std::int32_t value) {
  return static_cast<std::uint32_t>(value);
}
std::int32_t as_signed(std::uint32_t value) {
  return static_cast<std::int32_t>(value);
}
std::uint32_t target_of(const Switch& table, std::int32_t value) {
  const auto found = std::ranges::lower_bound(table.cases, value, {}, &Switch::Case::value);
  return found == table.cases.end() || found->value != value ? table.fallback : found->target;
}

}  // namespace

RunState Interpreter::run(std::uint64_t& budget) {
  if (m_thread.m_state == RunState::kWaiting) m_thread.m_state = RunState::kReady;
  while (m_thread.m_state == RunState::kReady) {
    m_frame = &m_thread.m_frames.back();
    if (!m_frame->method->is_native) {
      run_java(budget);
      continue;
    }
    if (budget == 0) {
      m_thread.m_frames.clear();
      m_thread.m_state = RunState::kOutOfBudget;
      break;
    }
    --budget;
    ++m_thread.m_executed;
    run_native();
    budget -= std::min(budget, m_thread.m_moved / kBytesOfAByteCode);
    m_thread.m_moved %= kBytesOfAByteCode;
  }
  return m_thread.m_state;
}

bool Interpreter::throws(ApiClass exception, std::int16_t reason) {
  m_thread.m_pending = m_machine.exception(exception, reason);
  return false;
}

// A label for each operation, most of them two lines: much longer than a function should be, and the registers of the machine
// are its local variables, which is why they are fast.
#define NEXT                            \
  do {                                  \
    if (--left < 0) goto out_of_budget; \
    ++code;                             \
    goto* kLabels[code->op];            \
  } while (false)
// NEXT goes to the one behind it: of a place in the method.
#define BEFORE(place) (first + (place)-1)
#define ROOM(cells) \
  if (sp > end - (cells)) goto not_secure
#define NEED(condition) \
  if (!(condition)) goto not_secure
#define BINARY_SHORT(expression)                          \
  {                                                       \
    NEED(is_short(sp[-1]) && is_short(sp[-2]));           \
    const std::int32_t a = sp[-2].value;                  \
    const std::int32_t b = sp[-1].value;                  \
    --sp;                                                 \
    sp[-1].value = static_cast<std::int16_t>(expression); \
    NEXT;                                                 \
  }
#define BINARY_INT(expression)                       \
  {                                                  \
    NEED(is_int(sp) && is_int(sp - 2));              \
    const std::uint32_t a = bits(int_below(sp - 2)); \
    const std::uint32_t b = bits(int_below(sp));     \
    sp -= 2;                                         \
    put_int(sp - 2, as_signed(expression));          \
    NEXT;                                            \
  }
#define BRANCH_SHORT(comparison)                        \
  {                                                     \
    NEED(is_short(sp[-1]));                             \
    --sp;                                               \
    if (sp->value comparison 0) code = BEFORE(code->c); \
    NEXT;                                               \
  }
#define BRANCH_SHORTS(comparison)                                   \
  {                                                                 \
    NEED(is_short(sp[-1]) && is_short(sp[-2]));                     \
    sp -= 2;                                                        \
    if (sp[0].value comparison sp[1].value) code = BEFORE(code->c); \
    NEXT;                                                           \
  }
#define BRANCH_REFERENCE(comparison)                        \
  {                                                         \
    NEED(is_reference(sp[-1]));                             \
    --sp;                                                   \
    if (sp->ref() comparison kNull) code = BEFORE(code->c); \
    NEXT;                                                   \
  }
#define BRANCH_REFERENCES(comparison)                               \
  {                                                                 \
    NEED(is_reference(sp[-1]) && is_reference(sp[-2]));             \
    sp -= 2;                                                        \
    if (sp[0].ref() comparison sp[1].ref()) code = BEFORE(code->c); \
    NEXT;                                                           \
  }
// Reads an element: `found` and `index` are the array and where in it.
#define ELEMENT(of, type)                                                \
  Object* found = usual_element((of).ref(), index, code::type, package); \
  if (found == nullptr) found = element((of).ref(), index, code::type);  \
  if (found == nullptr) goto threw;                                      \
  const auto place = static_cast<std::size_t>(index)
#define LOAD_ELEMENT(type)                        \
  NEED(is_short(sp[-1]) && is_reference(sp[-2])); \
  const std::int32_t index = sp[-1].value;        \
  ELEMENT(sp[-2], type)
#define STORE_ELEMENT(type, depth)                                    \
  NEED(is_short(sp[-1 - (depth)]) && is_reference(sp[-2 - (depth)])); \
  const std::int32_t index = sp[-1 - (depth)].value;                  \
  ELEMENT(sp[-2 - (depth)], type)
#define FIELD_OF(cell)                                          \
  NEED(is_reference(cell));                                     \
  const Class* const klass = constants[code->b].klass;          \
  Object* found = usual_instance((cell).ref(), klass, package); \
  if (found == nullptr) found = instance((cell).ref(), *klass); \
  if (found == nullptr) goto threw;                             \
  const std::size_t place = static_cast<std::size_t>(code->c) * kCellSize
#define STATICS                                        \
  Object* found = statics(*constants[code->b].module); \
  if (found == nullptr) goto threw;                    \
  const auto place = static_cast<std::size_t>(code->c)
// A fused operation does what several do, or begins with the first of them if this is not the usual case: then each of them does its own.
#define FAST(single, condition) \
  if (!(condition)) goto do_##single
#define NEXT_BEHIND(count) \
  do {                     \
    left -= (count)-1;     \
    code += (count)-1;     \
    NEXT;                  \
  } while (false)
#define FUSED_BRANCH(right, comparison)                                   \
  {                                                                       \
    FAST(Sload, left >= 2 && sp <= end - 2 && is_short(locals[code->a])); \
    const bool jumps = locals[code->a].value comparison(right);           \
    left -= 2;                                                            \
    code = jumps ? BEFORE(code[2].c) : code + 2;                          \
    NEXT;                                                                 \
  }
#define FUSED_FIELD                                                                                 \
  FAST(Aload, left >= 1 && sp <= end - 1 && is_reference(locals[code->a]));                         \
  const Object* found = usual_instance(locals[code->a].ref(), constants[code[1].b].klass, package); \
  FAST(Aload, found != nullptr)
// The frame is as it is while functions of the class look at it.
#define KEEP_FRAME                                            \
  m_frame->pc = static_cast<std::uint32_t>(code + 1 - first); \
  m_frame->top = static_cast<std::uint32_t>(sp - m_thread.m_cells.data())

void Interpreter::run_java(std::uint64_t& budget) {
  static constexpr const void* kLabels[] = {
#define STEP(name) &&do_##name,
#define FUSED(name, ...) &&do_##name,
#include "jcvm/machine/steps.def"
#undef FUSED
#undef STEP
  };
  const std::int64_t given = static_cast<std::int64_t>(std::min<std::uint64_t>(budget, std::numeric_limits<std::int64_t>::max()));
  std::int64_t left = given;
  const Code* code = nullptr;  // the operation that runs
  const Code* first = nullptr;
  const Resolved* constants = nullptr;
  Cell* sp = nullptr;
  Cell* end = nullptr;
  Cell* locals = nullptr;
  std::uint16_t package = 0;

reload:
  m_frame = &m_thread.m_frames.back();
  if (m_frame->method->is_native) goto out;
  {
    const Method& method = *m_frame->method;
    Cell* const cells = m_thread.m_cells.data();
    first = method.code.data();
    code = BEFORE(m_frame->pc);
    package = m_frame->context.package;
    constants = method.module->constants.data();
    sp = cells + m_frame->top;
    end = cells + m_frame->base + method.max_stack;
    locals = cells + m_frame->locals;
  }
  NEXT;

do_Nop:
  NEXT;
do_AconstNull:
  ROOM(1);
  put_reference_cell(*sp++, kNull);
  NEXT;
do_Sspush:
  ROOM(1);
  put_short(*sp++, code->c);
  NEXT;
do_Iipush:
  ROOM(2);
  put_int(sp, code->c);
  sp += 2;
  NEXT;
do_Aload:
  NEED(is_reference(locals[code->a]));
  ROOM(1);
  put_reference_cell(*sp++, locals[code->a].ref());
  NEXT;
do_Sload:
  NEED(is_short(locals[code->a]));
  ROOM(1);
  sp->value = locals[code->a].value;
  sp->kind = Kind::kShort;
  ++sp;
  NEXT;
do_Iload:
  NEED(is_int(locals + code->a + 2));
  ROOM(2);
  put_int(sp, int_below(locals + code->a + 2));
  sp += 2;
  NEXT;
do_Aaload : {
  LOAD_ELEMENT(kTypeReferences);
  --sp;
  put_reference_cell(sp[-1], found->u32(place * kCellSize));
  NEXT;
}
do_Baload : {
  LOAD_ELEMENT(kTypeByte);
  --sp;
  put_short(sp[-1], static_cast<std::int8_t>(found->body[place]));
  NEXT;
}
do_Saload : {
  LOAD_ELEMENT(kTypeShort);
  --sp;
  put_short(sp[-1], static_cast<std::int16_t>(found->u16(place * 2)));
  NEXT;
}
do_Iaload : {
  LOAD_ELEMENT(kTypeInt);
  put_int(sp - 2, as_signed(found->u32(place * kCellSize)));
  NEXT;
}
do_Astore:
  NEED(is_reference(sp[-1]) || sp[-1].kind == Kind::kReturn);
  --sp;
  locals[code->a].value = sp->value;
  locals[code->a].kind = sp->kind;
  NEXT;
do_Sstore:
  NEED(is_short(sp[-1]));
  --sp;
  locals[code->a].value = sp->value;
  locals[code->a].kind = Kind::kShort;
  NEXT;
do_Istore:
  NEED(is_int(sp));
  put_int(locals + code->a, int_below(sp));
  sp -= 2;
  NEXT;
do_Aastore:
  NEED(is_reference(sp[-1]) && is_short(sp[-2]) && is_reference(sp[-3]));
  if (!put_reference_element(sp[-3].ref(), sp[-2].value, sp[-1].ref())) goto threw;
  sp -= 3;
  NEXT;
do_Bastore : {
  NEED(is_short(sp[-1]));
  STORE_ELEMENT(kTypeByte, 1);
  // A boolean array keeps the lowest bit (clause 7.5, bastore).
  if (!put_number<1>(*found, place, found->type == code::kTypeBoolean ? sp[-1].value & 1 : sp[-1].value)) goto threw;
  sp -= 3;
  NEXT;
}
do_Sastore : {
  NEED(is_short(sp[-1]));
  STORE_ELEMENT(kTypeShort, 1);
  if (!put_number<2>(*found, place * 2, sp[-1].value)) goto threw;
  sp -= 3;
  NEXT;
}
do_Iastore : {
  NEED(is_int(sp));
  STORE_ELEMENT(kTypeInt, 2);
  if (!put_number<kCellSize>(*found, place * kCellSize, int_below(sp))) goto threw;
  sp -= 4;
  NEXT;
}
do_Pop:
  NEED(sp[-1].kind != Kind::kEmpty);
  --sp;
  NEXT;
do_Pop2:
  NEED(sp[-1].kind != Kind::kEmpty && sp[-2].kind != Kind::kEmpty);
  sp -= 2;
  NEXT;
do_Dup:
  NEED(sp[-1].kind != Kind::kEmpty);
  ROOM(1);
  sp->value = sp[-1].value;
  sp->kind = sp[-1].kind;
  ++sp;
  NEXT;
do_Dup2:
  NEED(sp[-1].kind != Kind::kEmpty && sp[-2].kind != Kind::kEmpty);
  ROOM(2);
  sp[0] = sp[-2];
  sp[1] = sp[-1];
  sp += 2;
  NEXT;
do_DupX:
  KEEP_FRAME;
  if (!duplicate(code->a, static_cast<unsigned>(code->c))) goto threw;
  sp += code->a;
  NEXT;
do_SwapX:
  KEEP_FRAME;
  if (!swap(code->a, static_cast<unsigned>(code->c))) goto threw;
  NEXT;
do_Sadd:
  BINARY_SHORT(a + b)
do_Iadd:
  BINARY_INT(a + b)
do_Ssub:
  BINARY_SHORT(a - b)
do_Isub:
  BINARY_INT(a - b)
do_Smul:
  BINARY_SHORT(a * b)
do_Imul:
  BINARY_INT(a * b)
do_Sdiv:
  if (is_short(sp[-1]) && is_short(sp[-2]) && sp[-1].value == 0) goto divided_by_zero;
  BINARY_SHORT(a / b)
do_Srem:
  if (is_short(sp[-1]) && is_short(sp[-2]) && sp[-1].value == 0) goto divided_by_zero;
  BINARY_SHORT(a % b)
do_Idiv:
  if (is_int(sp) && is_int(sp - 2) && int_below(sp) == 0) goto divided_by_zero;
  // The lowest int divided by -1 is itself (clause 7.5, idiv).
  BINARY_INT(as_signed(b) == -1 ? 0U - a : bits(as_signed(a) / as_signed(b)))
do_Irem:
  if (is_int(sp) && is_int(sp - 2) && int_below(sp) == 0) goto divided_by_zero;
  BINARY_INT(as_signed(b) == -1 ? 0U : bits(as_signed(a) % as_signed(b)))
do_Sneg:
  NEED(is_short(sp[-1]));
  put_short(sp[-1], -sp[-1].value);
  NEXT;
do_Ineg:
  NEED(is_int(sp));
  put_int(sp - 2, as_signed(0U - bits(int_below(sp))));
  NEXT;
do_Sshl:
  BINARY_SHORT(bits(a) << (b & kShift))
do_Ishl:
  BINARY_INT(a << (b & kShift))
do_Sshr:
  BINARY_SHORT(a >> (b & kShift))
do_Ishr:
  BINARY_INT(bits(as_signed(a) >> (b & kShift)))
do_Sushr:
  BINARY_SHORT(bits(a) >> (b & kShift))
do_Iushr:
  BINARY_INT(a >> (b & kShift))
do_Sand:
  BINARY_SHORT(a & b)
do_Iand:
  BINARY_INT(a & b)
do_Sor:
  BINARY_SHORT(a | b)
do_Ior:
  BINARY_INT(a | b)
do_Sxor:
  BINARY_SHORT(a ^ b)
do_Ixor:
  BINARY_INT(a ^ b)
do_Sinc:
  NEED(is_short(locals[code->a]));
  locals[code->a].value = static_cast<std::int16_t>(locals[code->a].value + code->c);
  NEXT;
do_Iinc:
  NEED(is_int(locals + code->a + 2));
  put_int(locals + code->a, as_signed(bits(int_below(locals + code->a + 2)) + bits(code->c)));
  NEXT;
do_S2b:
  NEED(is_short(sp[-1]));
  sp[-1].value = static_cast<std::int8_t>(sp[-1].value);
  NEXT;
do_S2i:
  NEED(is_short(sp[-1]));
  ROOM(1);
  put_int(sp - 1, sp[-1].value);
  ++sp;
  NEXT;
do_I2b:
  NEED(is_int(sp));
  --sp;
  put_short(sp[-1], static_cast<std::int8_t>(int_below(sp + 1)));
  NEXT;
do_I2s:
  NEED(is_int(sp));
  --sp;
  put_short(sp[-1], int_below(sp + 1));
  NEXT;
do_Icmp : {
  NEED(is_int(sp) && is_int(sp - 2));
  const std::int32_t a = int_below(sp - 2);
  const std::int32_t b = int_below(sp);
  sp -= 3;
  put_short(sp[-1], a < b ? -1 : a > b ? 1 : 0);
  NEXT;
}
do_Ifeq:
  BRANCH_SHORT(==)
do_Ifne:
  BRANCH_SHORT(!=)
do_Iflt:
  BRANCH_SHORT(<)
do_Ifge:
  BRANCH_SHORT(>=)
do_Ifgt:
  BRANCH_SHORT(>)
do_Ifle:
  BRANCH_SHORT(<=)
do_Ifnull:
  BRANCH_REFERENCE(==)
do_Ifnonnull:
  BRANCH_REFERENCE(!=)
do_IfAcmpeq:
  BRANCH_REFERENCES(==)
do_IfAcmpne:
  BRANCH_REFERENCES(!=)
do_IfScmpeq:
  BRANCH_SHORTS(==)
do_IfScmpne:
  BRANCH_SHORTS(!=)
do_IfScmplt:
  BRANCH_SHORTS(<)
do_IfScmpge:
  BRANCH_SHORTS(>=)
do_IfScmpgt:
  BRANCH_SHORTS(>)
do_IfScmple:
  BRANCH_SHORTS(<=)
do_Goto:
  code = BEFORE(code->c);
  NEXT;
do_Jsr:
  ROOM(1);
  sp->value = static_cast<std::int32_t>(code + 1 - first);
  sp->kind = Kind::kReturn;
  ++sp;
  code = BEFORE(code->c);
  NEXT;
do_Ret:
  NEED(locals[code->a].kind == Kind::kReturn);
  code = BEFORE(locals[code->a].value);
  NEXT;
do_Stableswitch:
do_Slookupswitch:
  NEED(is_short(sp[-1]));
  --sp;
  code = BEFORE(target_of(m_frame->method->switches[code->b], sp->value));
  NEXT;
do_Itableswitch:
do_Ilookupswitch:
  NEED(is_int(sp));
  sp -= 2;
  code = BEFORE(target_of(m_frame->method->switches[code->b], int_below(sp + 2)));
  NEXT;
do_Areturn:
  NEED(is_reference(sp[-1]));
  if (!leave_with(Cell::reference(sp[-1].ref()))) goto threw_below;
  goto left_frame;
do_Sreturn:
  NEED(is_short(sp[-1]));
  if (!leave_with(Cell::of(static_cast<std::int16_t>(sp[-1].value)))) goto threw_below;
  goto left_frame;
do_Ireturn:
  NEED(is_int(sp));
  if (!leave(Value::of_int(int_below(sp)))) goto threw_below;
  goto left_frame;
do_Return:
  if (!leave({})) goto threw_below;
left_frame:
  if (m_thread.m_state != RunState::kReady) goto out;
  goto reload;
do_GetstaticA : {
  ROOM(1);
  STATICS;
  put_reference_cell(*sp++, found->u32(place));
  NEXT;
}
do_GetstaticB : {
  ROOM(1);
  STATICS;
  put_short(*sp++, static_cast<std::int8_t>(found->body[place]));
  NEXT;
}
do_GetstaticS : {
  ROOM(1);
  STATICS;
  put_short(*sp++, static_cast<std::int16_t>(found->u16(place)));
  NEXT;
}
do_GetstaticI : {
  ROOM(2);
  STATICS;
  put_int(sp, as_signed(found->u32(place)));
  sp += 2;
  NEXT;
}
do_PutstaticA : {
  NEED(is_reference(sp[-1]));
  if (!may_hold(sp[-1].ref())) goto threw;
  STATICS;
  if (!put_reference(*found, place, sp[-1].ref())) goto threw;
  --sp;
  NEXT;
}
do_PutstaticB : {
  NEED(is_short(sp[-1]));
  STATICS;
  if (!put_number<1>(*found, place, sp[-1].value)) goto threw;
  --sp;
  NEXT;
}
do_PutstaticS : {
  NEED(is_short(sp[-1]));
  STATICS;
  if (!put_number<2>(*found, place, sp[-1].value)) goto threw;
  --sp;
  NEXT;
}
do_PutstaticI : {
  NEED(is_int(sp));
  STATICS;
  if (!put_number<kCellSize>(*found, place, int_below(sp))) goto threw;
  sp -= 2;
  NEXT;
}
do_GetfieldA : {
  FIELD_OF(sp[-1]);
  put_reference_cell(sp[-1], found->u32(place));
  NEXT;
}
do_GetfieldB : {
  FIELD_OF(sp[-1]);
  put_short(sp[-1], static_cast<std::int8_t>(found->u32(place)));
  NEXT;
}
do_GetfieldS : {
  FIELD_OF(sp[-1]);
  put_short(sp[-1], as_signed(found->u32(place)));
  NEXT;
}
do_GetfieldI : {
  ROOM(1);
  FIELD_OF(sp[-1]);
  put_int(sp - 1, as_signed(found->u32(place)));
  ++sp;
  NEXT;
}
do_GetfieldAThis : {
  ROOM(1);
  FIELD_OF(locals[0]);
  put_reference_cell(*sp++, found->u32(place));
  NEXT;
}
do_GetfieldBThis : {
  ROOM(1);
  FIELD_OF(locals[0]);
  put_short(*sp++, static_cast<std::int8_t>(found->u32(place)));
  NEXT;
}
do_GetfieldSThis : {
  ROOM(1);
  FIELD_OF(locals[0]);
  put_short(*sp++, as_signed(found->u32(place)));
  NEXT;
}
do_GetfieldIThis : {
  ROOM(2);
  FIELD_OF(locals[0]);
  put_int(sp, as_signed(found->u32(place)));
  sp += 2;
  NEXT;
}
do_PutfieldA:
  NEED(is_reference(sp[-1]) && is_reference(sp[-2]));
  if (!put_reference_field(*code, sp[-2].ref(), sp[-1].ref())) goto threw;
  sp -= 2;
  NEXT;
do_PutfieldB : {
  NEED(is_short(sp[-1]));
  FIELD_OF(sp[-2]);
  if (!put_number<kCellSize>(*found, place, static_cast<std::int8_t>(sp[-1].value))) goto threw;
  sp -= 2;
  NEXT;
}
do_PutfieldS : {
  NEED(is_short(sp[-1]));
  FIELD_OF(sp[-2]);
  if (!put_number<kCellSize>(*found, place, sp[-1].value)) goto threw;
  sp -= 2;
  NEXT;
}
do_PutfieldI : {
  NEED(is_int(sp));
  FIELD_OF(sp[-3]);
  if (!put_number<kCellSize>(*found, place, int_below(sp))) goto threw;
  sp -= 3;
  NEXT;
}
do_PutfieldAThis:
  NEED(is_reference(sp[-1]) && is_reference(locals[0]));
  if (!put_reference_field(*code, locals[0].ref(), sp[-1].ref())) goto threw;
  --sp;
  NEXT;
do_PutfieldBThis : {
  NEED(is_short(sp[-1]));
  FIELD_OF(locals[0]);
  if (!put_number<kCellSize>(*found, place, static_cast<std::int8_t>(sp[-1].value))) goto threw;
  --sp;
  NEXT;
}
do_PutfieldSThis : {
  NEED(is_short(sp[-1]));
  FIELD_OF(locals[0]);
  if (!put_number<kCellSize>(*found, place, sp[-1].value)) goto threw;
  --sp;
  NEXT;
}
do_PutfieldIThis : {
  NEED(is_int(sp));
  FIELD_OF(locals[0]);
  if (!put_number<kCellSize>(*found, place, int_below(sp))) goto threw;
  sp -= 2;
  NEXT;
}
do_Invokevirtual:
  KEEP_FRAME;
  if (!invoke_virtual(*code)) goto threw;
  goto reload;
do_Invokespecial:
  KEEP_FRAME;
  if (!invoke_special(*code)) goto threw;
  goto reload;
do_Invokestatic:
  KEEP_FRAME;
  if (!invoke_static(*code)) goto threw;
  goto reload;
do_Invokeinterface:
  KEEP_FRAME;
  if (!invoke_interface(*code)) goto threw;
  goto reload;
do_New : {
  ROOM(1);
  const Ref made = make_instance(*code);
  if (made == kNull) goto threw;
  put_reference_cell(*sp++, made);
  NEXT;
}
do_Newarray:
do_Anewarray : {
  NEED(is_short(sp[-1]));
  const Ref made = make_array(*code, sp[-1].value);
  if (made == kNull) goto threw;
  put_reference_cell(sp[-1], made);
  NEXT;
}
do_Arraylength : {
  NEED(is_reference(sp[-1]));
  const Object* found = array(sp[-1].ref());
  if (found == nullptr) goto threw;
  put_short(sp[-1], as_signed(found->length));
  NEXT;
}
do_Athrow:
  NEED(is_reference(sp[-1]));
  throw_object(sp[-1].ref());
  goto threw;
do_Checkcast:
  NEED(is_reference(sp[-1]));
  if (!check_cast(*code, sp[-1].ref())) goto threw;
  NEXT;
do_Instanceof : {
  NEED(is_reference(sp[-1]));
  const auto is = instance_of(*code, sp[-1].ref());
  if (!is) goto threw;
  put_short(sp[-1], *is ? 1 : 0);
  NEXT;
}

do_AloadSload:
  FAST(Aload, left >= 1 && sp <= end - 2 && is_reference(locals[code->a]) && is_short(locals[code[1].a]));
  put_reference_cell(sp[0], locals[code->a].ref());
  put_short(sp[1], locals[code[1].a].value);
  sp += 2;
  NEXT_BEHIND(2);
do_AloadSspush:
  FAST(Aload, left >= 1 && sp <= end - 2 && is_reference(locals[code->a]));
  put_reference_cell(sp[0], locals[code->a].ref());
  put_short(sp[1], code[1].c);
  sp += 2;
  NEXT_BEHIND(2);
do_SloadSload:
  FAST(Sload, left >= 1 && sp <= end - 2 && is_short(locals[code->a]) && is_short(locals[code[1].a]));
  put_short(sp[0], locals[code->a].value);
  put_short(sp[1], locals[code[1].a].value);
  sp += 2;
  NEXT_BEHIND(2);
do_SloadSspush:
  FAST(Sload, left >= 1 && sp <= end - 2 && is_short(locals[code->a]));
  put_short(sp[0], locals[code->a].value);
  put_short(sp[1], code[1].c);
  sp += 2;
  NEXT_BEHIND(2);
do_SloadSadd:
  FAST(Sload, left >= 1 && sp <= end - 1 && is_short(locals[code->a]) && is_short(sp[-1]));
  put_short(sp[-1], sp[-1].value + locals[code->a].value);
  NEXT_BEHIND(2);
do_SaddSstore:
  FAST(Sadd, left >= 1 && is_short(sp[-1]) && is_short(sp[-2]));
  sp -= 2;
  put_short(locals[code[1].a], sp[0].value + sp[1].value);
  NEXT_BEHIND(2);
do_SincGoto:
  FAST(Sinc, left >= 1 && is_short(locals[code->a]));
  put_short(locals[code->a], locals[code->a].value + code->c);
  --left;
  code = BEFORE(code[1].c);
  NEXT;
do_SloadSspushIfScmpeq:
  FUSED_BRANCH(code[1].c, ==)
do_SloadSspushIfScmpne:
  FUSED_BRANCH(code[1].c, !=)
do_SloadSspushIfScmplt:
  FUSED_BRANCH(code[1].c, <)
do_SloadSspushIfScmpge:
  FUSED_BRANCH(code[1].c, >=)
do_SloadSspushIfScmpgt:
  FUSED_BRANCH(code[1].c, >)
do_SloadSspushIfScmple:
  FUSED_BRANCH(code[1].c, <=)
do_SloadSloadIfScmplt:
  FAST(Sload, is_short(locals[code[1].a]));
  FUSED_BRANCH(locals[code[1].a].value, <)
do_SloadSloadIfScmpge:
  FAST(Sload, is_short(locals[code[1].a]));
  FUSED_BRANCH(locals[code[1].a].value, >=)
do_AloadSloadBaload : {
  FAST(Aload, left >= 2 && sp <= end - 2 && is_reference(locals[code->a]) && is_short(locals[code[1].a]));
  const std::int32_t index = locals[code[1].a].value;
  const Object* found = usual_element(locals[code->a].ref(), index, code::kTypeByte, package);
  FAST(Aload, found != nullptr);
  put_short(*sp++, static_cast<std::int8_t>(found->body[static_cast<std::size_t>(index)]));
  NEXT_BEHIND(3);
}
do_AloadSspushBaload : {
  FAST(Aload, left >= 2 && sp <= end - 2 && is_reference(locals[code->a]));
  const Object* found = usual_element(locals[code->a].ref(), code[1].c, code::kTypeByte, package);
  FAST(Aload, found != nullptr);
  put_short(*sp++, static_cast<std::int8_t>(found->body[static_cast<std::size_t>(code[1].c)]));
  NEXT_BEHIND(3);
}
do_AloadSloadSaload : {
  FAST(Aload, left >= 2 && sp <= end - 2 && is_reference(locals[code->a]) && is_short(locals[code[1].a]));
  const std::int32_t index = locals[code[1].a].value;
  const Object* found = usual_element(locals[code->a].ref(), index, code::kTypeShort, package);
  FAST(Aload, found != nullptr);
  put_short(*sp++, static_cast<std::int16_t>(found->u16(static_cast<std::size_t>(index) * 2)));
  NEXT_BEHIND(3);
}
do_SspushBastore : {
  FAST(Sspush, left >= 1 && sp <= end - 1 && is_short(sp[-1]) && is_reference(sp[-2]));
  const std::int32_t index = sp[-1].value;
  Object* found = usual_element(sp[-2].ref(), index, code::kTypeByte, package);
  FAST(Sspush, found != nullptr && found->type == code::kTypeByte && !found->body_stored());
  found->body[static_cast<std::size_t>(index)] = static_cast<std::uint8_t>(code->c);
  sp -= 2;
  NEXT_BEHIND(2);
}
do_AloadGetfieldA : {
  FUSED_FIELD;
  put_reference_cell(*sp++, found->u32(static_cast<std::size_t>(code[1].c) * kCellSize));
  NEXT_BEHIND(2);
}
do_AloadGetfieldB : {
  FUSED_FIELD;
  put_short(*sp++, static_cast<std::int8_t>(found->u32(static_cast<std::size_t>(code[1].c) * kCellSize)));
  NEXT_BEHIND(2);
}
do_AloadGetfieldS : {
  FUSED_FIELD;
  put_short(*sp++, as_signed(found->u32(static_cast<std::size_t>(code[1].c) * kCellSize)));
  NEXT_BEHIND(2);
}

divided_by_zero:
  throws(kArithmeticException);
  goto threw;
not_secure:
  bent();
threw:
  m_frame->pc = static_cast<std::uint32_t>(code + 1 - first);
threw_below:
  raise();
  if (m_thread.m_state == RunState::kReady) goto reload;
  goto out;
out_of_budget:
  left = 0;
  m_thread.m_frames.clear();
  m_thread.m_state = RunState::kOutOfBudget;
out:
  const auto used = static_cast<std::uint64_t>(given - left);
  m_thread.m_executed += used;
  budget -= used;
}

#undef NEXT
#undef ROOM
#undef NEED
#undef BINARY_SHORT
#undef BINARY_INT
#undef BRANCH_SHORT
#undef BRANCH_SHORTS
#undef BRANCH_REFERENCE
#undef BRANCH_REFERENCES
#undef ELEMENT
#undef LOAD_ELEMENT
#undef STORE_ELEMENT
#undef FIELD_OF
#undef STATICS
#undef KEEP_FRAME
#undef BEFORE
#undef FAST
#undef NEXT_BEHIND
#undef FUSED_BRANCH
#undef FUSED_FIELD

}  // namespace uicclab::jcvm::machine
