// SPDX-License-Identifier: Apache-2.0
#include "jcvm/machine/interpreter.hpp"

namespace uicclab::jcvm::machine {

using code::Op;

RunState Interpreter::run(std::uint64_t& budget) {
  if (m_thread.m_state == RunState::kWaiting) m_thread.m_state = RunState::kReady;
  while (m_thread.m_state == RunState::kReady) {
    if (budget == 0) {
      m_thread.m_frames.clear();
      m_thread.m_state = RunState::kOutOfBudget;
      break;
    }
    --budget;
    ++m_thread.m_executed;
    m_frame = &m_thread.m_frames.back();
    if (m_frame->method->is_native) {
      run_native();
    } else if (!execute(m_frame->method->code[m_frame->pc++])) {
      raise();
    }
  }
  return m_thread.m_state;
}

bool Interpreter::throws(ApiClass exception, std::int16_t reason) {
  m_thread.m_pending = m_machine.exception(exception, reason);
  return false;
}

bool Interpreter::jump(std::int32_t target) {
  m_frame->pc = static_cast<std::uint32_t>(target);
  return true;
}

template <typename Function>
bool Interpreter::binary_short(const Function& function) {
  std::int32_t a = 0;
  std::int32_t b = 0;
  return pop_short(b) && pop_short(a) && push_short(function(a, b));
}

template <typename Function>
bool Interpreter::binary_int(const Function& function) {
  std::int32_t a = 0;
  std::int32_t b = 0;
  if (!pop_int(b) || !pop_int(a)) return false;
  // Unsigned: an overflow wraps.
  return push_int(static_cast<std::int32_t>(function(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b))));
}

template <typename Test>
bool Interpreter::branch_short(const Code& code, const Test& test) {
  std::int32_t value = 0;
  if (!pop_short(value)) return false;
  return test(value) ? jump(code.c) : true;
}

template <typename Test>
bool Interpreter::branch_shorts(const Code& code, const Test& test) {
  std::int32_t a = 0;
  std::int32_t b = 0;
  if (!pop_short(b) || !pop_short(a)) return false;
  return test(a, b) ? jump(code.c) : true;
}

bool Interpreter::branch_reference(const Code& code, bool if_null) {
  Ref ref = kNull;
  if (!pop_reference(ref)) return false;
  return (ref == kNull) == if_null ? jump(code.c) : true;
}

bool Interpreter::branch_references(const Code& code, bool if_equal) {
  Ref a = kNull;
  Ref b = kNull;
  if (!pop_reference(b) || !pop_reference(a)) return false;
  return (a == b) == if_equal ? jump(code.c) : true;
}

bool Interpreter::divide_short(bool remainder) {
  std::int32_t a = 0;
  std::int32_t b = 0;
  if (!pop_short(b) || !pop_short(a)) return false;
  if (b == 0) return throws(kArithmeticException);
  return push_short(remainder ? a % b : a / b);
}

bool Interpreter::divide_int(bool remainder) {
  std::int32_t a = 0;
  std::int32_t b = 0;
  if (!pop_int(b) || !pop_int(a)) return false;
  if (b == 0) return throws(kArithmeticException);
  // The lowest int divided by -1 is itself (clause 7.5.37).
  if (b == -1) return push_int(remainder ? 0 : static_cast<std::int32_t>(0U - static_cast<std::uint32_t>(a)));
  return push_int(remainder ? a % b : a / b);
}

bool Interpreter::go(const Code& code, std::int32_t value) {
  const Switch& table = m_frame->method->switches[code.b];
  const auto found = std::ranges::lower_bound(table.cases, value, {}, &Switch::Case::value);
  m_frame->pc = found == table.cases.end() || found->value != value ? table.fallback : found->target;
  return true;
}

// A table of 90 rows that are one line each: longer than a function should be, shorter than 90 functions.
bool Interpreter::execute(const Code& code) {
  std::int32_t value = 0;
  Ref ref = kNull;
  Cell cell;
  constexpr std::int32_t kShift = 0x1F;
  switch (static_cast<Op>(code.op)) {
    case Op::kNop:
      return true;
    case Op::kAconstNull:
      return push_reference(kNull);
    case Op::kSspush:
      return push_short(code.c);
    case Op::kAload:
      return load(code.a, Kind::kReference);
    case Op::kSload:
      return load(code.a, Kind::kShort);
    case Op::kAstore:
      return store(code.a, Kind::kReference, Kind::kReturn);
    case Op::kSstore:
      return store(code.a, Kind::kShort, Kind::kShort);
    case Op::kPop:
      return pop(cell);
    case Op::kPop2:
      return pop(cell) && pop(cell);
    case Op::kDup:
      return duplicate(1, 0);
    case Op::kDup2:
      return duplicate(2, 0);
    case Op::kDupX:
      return duplicate(code.a, static_cast<unsigned>(code.c));
    case Op::kSwapX:
      return swap(code.a, static_cast<unsigned>(code.c));
    case Op::kSadd:
      return binary_short([](std::int32_t a, std::int32_t b) { return a + b; });
    case Op::kSsub:
      return binary_short([](std::int32_t a, std::int32_t b) { return a - b; });
    case Op::kSmul:
      return binary_short([](std::int32_t a, std::int32_t b) { return a * b; });
    case Op::kSdiv:
      return divide_short(false);
    case Op::kSrem:
      return divide_short(true);
    case Op::kSneg:
      return pop_short(value) && push_short(-value);
    case Op::kSshl:
      return binary_short(
          [](std::int32_t a, std::int32_t b) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) << (b & kShift)); });
    case Op::kSshr:
      return binary_short([](std::int32_t a, std::int32_t b) { return a >> (b & kShift); });
    case Op::kSushr:
      return binary_short(
          [](std::int32_t a, std::int32_t b) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) >> (b & kShift)); });
    case Op::kSand:
      return binary_short([](std::int32_t a, std::int32_t b) { return a & b; });
    case Op::kSor:
      return binary_short([](std::int32_t a, std::int32_t b) { return a | b; });
    case Op::kSxor:
      return binary_short([](std::int32_t a, std::int32_t b) { return a ^ b; });
    case Op::kSinc:
      if (local(code.a).kind != Kind::kShort) return insecure();
      local(code.a).value = static_cast<std::int16_t>(local(code.a).value + code.c);
      return true;
    case Op::kS2b:
      return pop_short(value) && push_short(static_cast<std::int8_t>(value));
    case Op::kS2i:
      return pop_short(value) && push_int(value);
    case Op::kIfeq:
      return branch_short(code, [](std::int32_t a) { return a == 0; });
    case Op::kIfne:
      return branch_short(code, [](std::int32_t a) { return a != 0; });
    case Op::kIflt:
      return branch_short(code, [](std::int32_t a) { return a < 0; });
    case Op::kIfge:
      return branch_short(code, [](std::int32_t a) { return a >= 0; });
    case Op::kIfgt:
      return branch_short(code, [](std::int32_t a) { return a > 0; });
    case Op::kIfle:
      return branch_short(code, [](std::int32_t a) { return a <= 0; });
    case Op::kIfnull:
      return branch_reference(code, true);
    case Op::kIfnonnull:
      return branch_reference(code, false);
    case Op::kIfAcmpeq:
      return branch_references(code, true);
    case Op::kIfAcmpne:
      return branch_references(code, false);
    case Op::kIfScmpeq:
      return branch_shorts(code, [](std::int32_t a, std::int32_t b) { return a == b; });
    case Op::kIfScmpne:
      return branch_shorts(code, [](std::int32_t a, std::int32_t b) { return a != b; });
    case Op::kIfScmplt:
      return branch_shorts(code, [](std::int32_t a, std::int32_t b) { return a < b; });
    case Op::kIfScmpge:
      return branch_shorts(code, [](std::int32_t a, std::int32_t b) { return a >= b; });
    case Op::kIfScmpgt:
      return branch_shorts(code, [](std::int32_t a, std::int32_t b) { return a > b; });
    case Op::kIfScmple:
      return branch_shorts(code, [](std::int32_t a, std::int32_t b) { return a <= b; });
    case Op::kGoto:
      return jump(code.c);
    case Op::kJsr:
      if (!push({static_cast<std::int32_t>(m_frame->pc), Kind::kReturn})) return false;
      return jump(code.c);
    case Op::kRet:
      return local(code.a).kind == Kind::kReturn ? jump(local(code.a).value) : insecure();
    case Op::kStableswitch:
    case Op::kSlookupswitch:
      return pop_short(value) && go(code, value);
    case Op::kAreturn:
      return pop_reference(ref) && leave(Value::reference(ref));
    case Op::kSreturn:
      return pop_short(value) && leave(Value::of(static_cast<std::int16_t>(value)));
    case Op::kReturn:
      return leave({});
    default:
      return static_cast<Op>(code.op) >= Op::kGetstaticA ? execute_object(code) : execute_int(code);
  }
}

bool Interpreter::execute_int(const Code& code) {
  std::int32_t value = 0;
  std::int32_t other = 0;
  constexpr std::uint32_t kShift = 0x1F;
  const auto as_signed = [](std::uint32_t bits) { return static_cast<std::int32_t>(bits); };
  switch (static_cast<Op>(code.op)) {
    case Op::kIipush:
      return push_int(code.c);
    case Op::kIload:
      return load_int(code.a);
    case Op::kIstore:
      return store_int(code.a);
    case Op::kAaload:
      return get_element(code::kTypeReferences);
    case Op::kBaload:
      return get_element(code::kTypeByte);
    case Op::kSaload:
      return get_element(code::kTypeShort);
    case Op::kIaload:
      return get_element(code::kTypeInt);
    case Op::kAastore:
      return put_reference_element();
    case Op::kBastore:
      return put_element(code::kTypeByte);
    case Op::kSastore:
      return put_element(code::kTypeShort);
    case Op::kIastore:
      return put_element(code::kTypeInt);
    case Op::kIadd:
      return binary_int([](std::uint32_t a, std::uint32_t b) { return a + b; });
    case Op::kIsub:
      return binary_int([](std::uint32_t a, std::uint32_t b) { return a - b; });
    case Op::kImul:
      return binary_int([](std::uint32_t a, std::uint32_t b) { return a * b; });
    case Op::kIdiv:
      return divide_int(false);
    case Op::kIrem:
      return divide_int(true);
    case Op::kIneg:
      return pop_int(value) && push_int(as_signed(0U - static_cast<std::uint32_t>(value)));
    case Op::kIshl:
      return binary_int([](std::uint32_t a, std::uint32_t b) { return a << (b & kShift); });
    case Op::kIshr:
      return binary_int([&](std::uint32_t a, std::uint32_t b) { return static_cast<std::uint32_t>(as_signed(a) >> (b & kShift)); });
    case Op::kIushr:
      return binary_int([](std::uint32_t a, std::uint32_t b) { return a >> (b & kShift); });
    case Op::kIand:
      return binary_int([](std::uint32_t a, std::uint32_t b) { return a & b; });
    case Op::kIor:
      return binary_int([](std::uint32_t a, std::uint32_t b) { return a | b; });
    case Op::kIxor:
      return binary_int([](std::uint32_t a, std::uint32_t b) { return a ^ b; });
    case Op::kIinc:
      if (!local_int(code.a, value)) return false;
      set_local_int(code.a, as_signed(static_cast<std::uint32_t>(value) + static_cast<std::uint32_t>(code.c)));
      return true;
    case Op::kI2b:
      return pop_int(value) && push_short(static_cast<std::int8_t>(value));
    case Op::kI2s:
      return pop_int(value) && push_short(value);
    case Op::kIcmp:
      return pop_int(other) && pop_int(value) && push_short(value < other ? -1 : value > other ? 1 : 0);
    case Op::kItableswitch:
    case Op::kIlookupswitch:
      return pop_int(value) && go(code, value);
    case Op::kIreturn:
      return pop_int(value) && leave(Value::of_int(value));
    default:
      return insecure();
  }
}

bool Interpreter::execute_object(const Code& code) {
  switch (static_cast<Op>(code.op)) {
    case Op::kGetstaticA:
      return get_static(code, 'a');
    case Op::kGetstaticB:
      return get_static(code, 'b');
    case Op::kGetstaticS:
      return get_static(code, 's');
    case Op::kGetstaticI:
      return get_static(code, 'i');
    case Op::kPutstaticA:
      return put_static(code, 'a');
    case Op::kPutstaticB:
      return put_static(code, 'b');
    case Op::kPutstaticS:
      return put_static(code, 's');
    case Op::kPutstaticI:
      return put_static(code, 'i');
    case Op::kGetfieldA:
      return get_field(code, 'a', false);
    case Op::kGetfieldB:
      return get_field(code, 'b', false);
    case Op::kGetfieldS:
      return get_field(code, 's', false);
    case Op::kGetfieldI:
      return get_field(code, 'i', false);
    case Op::kPutfieldA:
      return put_field(code, 'a', false);
    case Op::kPutfieldB:
      return put_field(code, 'b', false);
    case Op::kPutfieldS:
      return put_field(code, 's', false);
    case Op::kPutfieldI:
      return put_field(code, 'i', false);
    case Op::kGetfieldAThis:
      return get_field(code, 'a', true);
    case Op::kGetfieldBThis:
      return get_field(code, 'b', true);
    case Op::kGetfieldSThis:
      return get_field(code, 's', true);
    case Op::kGetfieldIThis:
      return get_field(code, 'i', true);
    case Op::kPutfieldAThis:
      return put_field(code, 'a', true);
    case Op::kPutfieldBThis:
      return put_field(code, 'b', true);
    case Op::kPutfieldSThis:
      return put_field(code, 's', true);
    case Op::kPutfieldIThis:
      return put_field(code, 'i', true);
    case Op::kInvokevirtual:
      return invoke_virtual(code);
    case Op::kInvokespecial:
      return invoke_special(code);
    case Op::kInvokestatic:
      return invoke_static(code);
    case Op::kInvokeinterface:
      return invoke_interface(code);
    case Op::kNew:
      return make_instance(code);
    case Op::kNewarray:
    case Op::kAnewarray:
      return make_array(code);
    case Op::kArraylength:
      return array_length();
    case Op::kAthrow:
      return throw_object();
    case Op::kCheckcast:
      return check_cast(code);
    case Op::kInstanceof:
      return instance_of(code);
    default:
      return insecure();
  }
}

}  // namespace uicclab::jcvm::machine
