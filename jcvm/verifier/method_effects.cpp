// SPDX-License-Identifier: Apache-2.0
// The effect of each instruction on the stack: JCVM 3.1 clause 7.5. Most of it is in operations.def.
#include "jcvm/verifier/method_flow.hpp"

namespace uicclab::jcvm::verifier {
namespace {

using cap::ConstantKind;
using code::Instruction;
using code::Op;

std::string number(std::size_t value) {
  return std::to_string(value);
}

bool is_half(const Type& type) {
  return type.tag == Tag::kIntHigh || type.tag == Tag::kIntLow;
}

/// The letter behind which getfield, putfield, getstatic and putstatic say the type of the field.
char field_letter(const Instruction& now) {
  return now.operation->mnemonic[now.operation->mnemonic.find('_') + 1];
}

bool letter_fits(char letter, const ValueType& type) {
  switch (letter) {
    case 'a':
      return type.letter == 'L';
    case 'b':
      return type.letter == 'Z' || type.letter == 'B';
    case 's':
      return type.letter == 'S';
    default:
      return type.letter == 'I';
  }
}

}  // namespace

bool MethodFlow::refuse(const std::string& text) {
  if (!m_outcome.error) {
    const std::string where = m_now == nullptr ? "" : std::string(m_now->operation->mnemonic) + ": ";
    m_outcome.error = Error{ErrorCode::kMalformed, where + text, m_now == nullptr ? m_method.header.code : m_now->offset};
  }
  return false;
}

bool MethodFlow::push(const Type& type) {
  if (m_state.stack.size() == m_method.header.max_stack) {
    return refuse("one cell more than the " + number(m_method.header.max_stack) + " that the method's stack has");
  }
  m_state.stack.push_back(type);
  return true;
}

bool MethodFlow::push(const ValueType& type) {
  switch (type.letter) {
    case 'V':
      return true;
    case 'L':
      return push(type.reference);
    case 'I':
      return push(kHighType) && push(kLowType);
    default:
      return push(kShortType);
  }
}

bool MethodFlow::push_letter(char letter) {
  if (letter == 's') return push(kShortType);
  if (letter == 'i') return push(kHighType) && push(kLowType);
  return push(of_tag(Tag::kNull));  // aconst_null: all others with a are not by table
}

bool MethodFlow::pop(Type& type, const char* what) {
  if (m_state.stack.empty()) return refuse("the stack is empty, must have " + std::string(what));
  type = m_state.stack.back();
  m_state.stack.pop_back();
  return true;
}

bool MethodFlow::pop_letter(char letter) {
  Type type;
  Type upper;
  switch (letter) {
    case 's':
      if (!pop(type, "a short")) return false;
      return type.tag == Tag::kShort ? true : refuse("the stack must have a short, has " + m_types.text(type));
    case 'i':
      if (!pop(type, "an int") || !pop(upper, "an int")) return false;
      if (type.tag == Tag::kIntLow && upper.tag == Tag::kIntHigh) return true;
      return refuse("the stack must have an int, has " + m_types.text(upper) + " and " + m_types.text(type));
    case 'w':
      if (!pop(type, "a cell")) return false;
      return is_half(type) ? refuse("one cell of an int") : true;
    case 'd':
      if (m_state.stack.size() < 2) return refuse("the stack must have two cells, has " + number(m_state.stack.size()));
      if (splits(m_state.stack.size() - 2) || (is_half(m_state.stack.back()) && m_state.stack.back().tag != Tag::kIntLow))
        return refuse("it takes one cell of an int apart");
      m_state.stack.resize(m_state.stack.size() - 2);
      return true;
    default:
      if (!pop(type, "a reference")) return false;
      return type.is_reference() ? true : refuse("the stack must have a reference, has " + m_types.text(type));
  }
}

bool MethodFlow::pop_value(const ValueType& type) {
  if (type.letter == 'I') return pop_letter('i');
  if (type.letter != 'L') return pop_letter('s');
  Type value;
  if (!pop(value, "a reference")) return false;
  if (m_types.fits(value, type.reference)) return true;
  return refuse("the stack must have " + m_types.text(type) + ", has " + m_types.text(value));
}

/// An instance, or null.
bool MethodFlow::pop_object(Type& object) {
  if (!pop(object, "a reference")) return false;
  if (object.is_reference()) return true;
  return refuse("the stack must have a reference, has " + m_types.text(object));
}

/// An int lies across this place of the stack.
bool MethodFlow::splits(std::size_t place) const {
  return place > 0 && place < m_state.stack.size() && m_state.stack[place].tag == Tag::kIntLow;
}

bool MethodFlow::load(const Instruction& now) {
  const Type type = m_state.locals[now.local];
  const char letter = now.operation->local[0];
  const bool fits = letter == 's'   ? type.tag == Tag::kShort
                    : letter == 'i' ? type.tag == Tag::kIntHigh && m_state.locals[now.local + 1U].tag == Tag::kIntLow
                                    : type.is_reference() || type.tag == Tag::kFresh || type.tag == Tag::kThis;
  if (!fits) {
    return refuse("local variable " + number(now.local) + " must be " +
                  (letter == 's'   ? "a short"
                   : letter == 'i' ? "an int"
                                   : "a reference") +
                  ", is " + m_types.text(type));
  }
  return letter == 'i' ? push_letter('i') : push(type);
}

/// What was half of an int is nothing any more.
void MethodFlow::set_local(std::size_t number, const Type& type) {
  auto& locals = m_state.locals;
  if (locals[number].tag == Tag::kIntLow && number > 0) locals[number - 1] = {};
  if (locals[number].tag == Tag::kIntHigh && number + 1 < locals.size()) locals[number + 1] = {};
  locals[number] = type;
}

bool MethodFlow::store(const Instruction& now) {
  const char letter = now.operation->local[0];
  if (letter == 'i') {
    if (!pop_letter('i')) return false;
    set_local(now.local, {});
    set_local(now.local + 1U, {});
    m_state.locals[now.local] = kHighType;
    m_state.locals[now.local + 1U] = kLowType;
    return true;
  }
  if (letter == 's') {
    if (!pop_letter('s')) return false;
    set_local(now.local, kShortType);
    return true;
  }
  Type value;
  if (!pop(value, "a reference")) return false;
  const bool fits = value.is_reference() || value.tag == Tag::kReturn || value.tag == Tag::kFresh || value.tag == Tag::kThis;
  if (!fits) return refuse("the stack must have a reference or a return address, has " + m_types.text(value));
  set_local(now.local, value);
  return true;
}

void MethodFlow::replace(const Type& from, const Type& to) {
  for (auto* list : {&m_state.locals, &m_state.stack}) std::ranges::replace(*list, from, to);
}

bool MethodFlow::execute(const Instruction& now) {
  const std::string_view mnemonic = now.operation->mnemonic;
  if (!now.operation->local.empty() && !mnemonic.ends_with("_this") && now.op() != Op::kRet) {
    if (mnemonic.find("load") != std::string_view::npos) return load(now);
    if (mnemonic.find("store") != std::string_view::npos) return store(now);
    // sinc, iinc: read and written
    if (!load(now)) return false;
    const std::size_t cells = now.operation->local[0] == 'i' ? 2 : 1;
    m_state.stack.resize(m_state.stack.size() - cells);
    return true;
  }
  if (now.names_constant() || now.operation->pushes.find('*') != std::string_view::npos) return execute_special(now);
  switch (now.op()) {
    case Op::kAaload:
    case Op::kBaload:
    case Op::kSaload:
    case Op::kIaload:
      return load_element(now);
    case Op::kAastore:
    case Op::kBastore:
    case Op::kSastore:
    case Op::kIastore:
      return store_element(now);
    case Op::kArraylength: {
      Type array;
      if (!pop_object(array)) return false;
      if (array.tag == Tag::kObject) return refuse("the stack must have an array, has " + m_types.text(array));
      return push(kShortType);
    }
    case Op::kNewarray:
      return pop_letter('s') && push(Type{Tag::kNumbers, static_cast<code::ArrayType>(now.type), {}, 0});
    case Op::kCheckcast:
    case Op::kInstanceof:
      return execute_special(now);
    case Op::kDup:
    case Op::kDup2:
    case Op::kSwapX:
    case Op::kDupX:
      return shuffle(now);
    case Op::kJsr:
      return push(Type{Tag::kReturn, code::kTypeClass, {}, now.next()});
    case Op::kAthrow:
      return pop_value({'L', object_of(Types::named("java/lang/Throwable"))});
    case Op::kSreturn:
      if (std::string_view("ZBS").find(m_facts.signature.result.letter) == std::string_view::npos)
        return refuse("the method returns " + m_types.text(m_facts.signature.result));
      return pop_letter('s');
    case Op::kIreturn:
    case Op::kAreturn:
      if ((now.op() == Op::kIreturn ? 'I' : 'L') != m_facts.signature.result.letter)
        return refuse("the method returns " + m_types.text(m_facts.signature.result));
      return pop_value(m_facts.signature.result);
    case Op::kReturn:
      if (m_facts.signature.result.letter != 'V') return refuse("the method returns " + m_types.text(m_facts.signature.result));
      if (!m_state.constructed) return refuse("the constructor must have called another one");
      return true;
    default:
      break;
  }
  const std::string_view pops = now.operation->pops;
  for (std::size_t i = pops.size(); i-- > 0;) {
    if (!pop_letter(pops[i])) return false;
  }
  return std::ranges::all_of(now.operation->pushes, [this](char letter) { return push_letter(letter); });
}

bool MethodFlow::load_element(const Instruction& now) {
  Type array;
  if (!pop_letter('s') || !pop_object(array)) return false;
  const bool is_null = array.tag == Tag::kNull;
  const auto numbers = [&](code::ArrayType type) { return array.tag == Tag::kNumbers && array.element == type; };
  switch (now.op()) {
    case Op::kAaload:
      if (is_null) return push(array);
      if (array.tag != Tag::kObjects) break;
      return push(object_of(array.klass));
    case Op::kBaload:
      if (!is_null && !numbers(code::kTypeByte) && !numbers(code::kTypeBoolean)) break;
      return push_letter('s');
    case Op::kSaload:
      if (!is_null && !numbers(code::kTypeShort)) break;
      return push_letter('s');
    default:
      if (!is_null && !numbers(code::kTypeInt)) break;
      return push_letter('i');
  }
  return refuse("the stack must have an array of its type, has " + m_types.text(array));
}

bool MethodFlow::store_element(const Instruction& now) {
  Type array;
  if (!pop_letter(now.op() == Op::kAastore ? 'a' : now.op() == Op::kIastore ? 'i' : 's') || !pop_letter('s') || !pop_object(array))
    return false;
  if (array.tag == Tag::kNull) return true;
  const auto numbers = [&](code::ArrayType type) { return array.tag == Tag::kNumbers && array.element == type; };
  const bool fits = now.op() == Op::kAastore   ? array.tag == Tag::kObjects
                    : now.op() == Op::kBastore ? numbers(code::kTypeByte) || numbers(code::kTypeBoolean)
                    : now.op() == Op::kSastore ? numbers(code::kTypeShort)
                                               : numbers(code::kTypeInt);
  return fits ? true : refuse("the stack must have an array of its type, has " + m_types.text(array));
}

/// dup, dup2, dup_x, swap_x: no int is taken apart.
bool MethodFlow::shuffle(const Instruction& now) {
  auto& stack = m_state.stack;
  const bool swap = now.op() == Op::kSwapX;
  std::size_t upper = now.m;
  std::size_t reach = swap ? std::size_t{now.m} + now.n : now.n == 0 ? now.m : now.n;
  if (now.op() == Op::kDup || now.op() == Op::kDup2) upper = reach = now.op() == Op::kDup ? 1 : 2;
  if (stack.size() < reach) return refuse("the stack must have " + number(reach) + " cells, has " + number(stack.size()));
  if (splits(stack.size() - upper) || splits(stack.size() - reach)) return refuse("it takes one cell of an int apart");
  const auto signed_of = [](std::size_t value) { return static_cast<std::ptrdiff_t>(value); };
  if (swap) {
    std::rotate(stack.end() - signed_of(reach), stack.end() - signed_of(upper), stack.end());
    return true;
  }
  const std::vector<Type> again(stack.end() - signed_of(upper), stack.end());
  if (stack.size() + upper > m_method.header.max_stack) {
    return refuse(number(stack.size() + upper) + " cells, the method's stack has " + number(m_method.header.max_stack));
  }
  stack.insert(stack.end() - signed_of(reach), again.begin(), again.end());
  return true;
}

bool MethodFlow::execute_special(const Instruction& now) {
  switch (now.op()) {
    case Op::kDupX:
    case Op::kSwapX:
      return shuffle(now);
    case Op::kNew: {
      const ClassHandle klass = m_types.handle(m_file.constants[now.constant].class_ref());
      if ((m_members.flags(klass) & cap::kDescriptorAbstract) != 0) return refuse(m_types.text(klass) + " is abstract");
      const Type fresh{Tag::kFresh, code::kTypeClass, klass, now.offset};
      replace(fresh, {});  // one that an earlier round made: it can never be finished
      return push(fresh);
    }
    case Op::kAnewarray: {
      const ClassHandle klass = m_types.handle(m_file.constants[now.constant].class_ref());
      return pop_letter('s') && push(Type{Tag::kObjects, code::kTypeClass, klass, 0});
    }
    case Op::kCheckcast:
    case Op::kInstanceof: {
      Type value;
      if (!pop_object(value)) return false;
      if (now.op() == Op::kInstanceof) return push_letter('s');
      if (!now.names_constant()) return push(Type{Tag::kNumbers, static_cast<code::ArrayType>(now.type), {}, 0});
      const ClassHandle klass = m_types.handle(m_file.constants[now.constant].class_ref());
      return push(Type{now.type == code::kTypeReferences ? Tag::kObjects : Tag::kObject, code::kTypeClass, klass, 0});
    }
    case Op::kInvokevirtual:
    case Op::kInvokespecial:
    case Op::kInvokestatic:
    case Op::kInvokeinterface:
      return execute_call(now);
    default:
      return execute_field(now);
  }
}

/// Private members are the class's; those of this package else everybody's here (clause 4.3.7).
bool MethodFlow::may_use(const ClassHandle& owner, std::uint8_t flags, const std::string& what) {
  if ((flags & cap::kDescriptorPrivate) == 0 || owner == m_facts.owner) return true;
  return refuse(what + " is private to " + m_types.text(owner));
}

/// Of another package: public ones, and protected ones of a superclass in objects of one's own class.
bool MethodFlow::may_use_known(const packages::Member& member, const ClassHandle& owner, const ClassHandle& object) {
  if (!member.is_protected) return true;
  if (!m_types.extends(m_facts.owner, owner)) return refuse(m_types.text(owner) + "." + member.name + " is protected");
  if (object.none() || m_types.extends(object, m_facts.owner)) return true;
  return refuse(m_types.text(owner) + "." + member.name + " is protected: the object must be of " + m_types.text(m_facts.owner) +
                ", is of " + m_types.text(object));
}

bool MethodFlow::execute_field(const Instruction& now) {
  const cap::Constant& constant = m_file.constants[now.constant];
  const auto& type = m_members.field_type(now.constant);
  if (!type) return refuse("constant " + number(now.constant) + " has no type in the Descriptor component");
  if (!letter_fits(field_letter(now), *type)) return refuse("the field is of type " + m_types.text(*type));
  const bool put = now.operation->mnemonic.starts_with("put");
  if (put && !pop_value(*type)) return false;
  const std::string what = "field " + number(constant.token());
  if (constant.is_static()) {
    if (const FieldFacts* facts = constant.external() ? nullptr : m_members.static_field(constant.offset())) {
      if (!may_use(facts->owner, facts->flags, "static field at " + number(constant.offset()))) return false;
      if (put && facts->has(cap::kDescriptorFinal)) return refuse("static field at " + number(constant.offset()) + " is final");
    } else if (constant.external()) {
      const ClassHandle owner = m_types.handle(constant.package(), constant.class_token());
      const auto* member = owner.known == nullptr ? nullptr : owner.known->static_field(constant.token());
      if (member != nullptr && !may_use_known(*member, owner, {})) return false;
    }
    return put || push(*type);
  }
  const ClassHandle klass = m_types.handle(constant.class_ref());
  Type object;
  if (now.operation->mnemonic.ends_with("_this")) {
    if (m_facts.has(cap::kDescriptorStatic) || m_state.locals.empty()) return refuse("the method has no object");
    object = m_state.locals[0];
  } else if (!pop(object, "a reference")) {
    return false;
  }
  // A constructor may fill fields of its own class before it calls the superclass's.
  const bool early = put && object.tag == Tag::kThis && klass == m_facts.owner;
  const bool fits =
      object.tag == Tag::kNull || (object.tag == Tag::kObject && m_types.extends(object.klass, klass) && !m_types.is_interface(klass));
  if (!early && !fits) return refuse("the object must be of " + m_types.text(klass) + ", is " + m_types.text(object));
  if (const FieldFacts* facts = m_members.field(klass, constant.token())) {
    if (!may_use(facts->owner, facts->flags, what)) return false;
    if (put && facts->has(cap::kDescriptorFinal) && !(is_init() && facts->owner == m_facts.owner))
      return refuse(what + " of " + m_types.text(klass) + " is final");
  } else if (klass.known != nullptr) {
    const auto* member = klass.known->instance_field(constant.token());
    if (member != nullptr && !may_use_known(*member, klass, object.klass)) return false;
  }
  return put || push(*type);
}

bool MethodFlow::pop_arguments(const Signature& signature) {
  for (std::size_t i = signature.arguments.size(); i-- > 0;) {
    if (pop_value(signature.arguments[i])) continue;
    m_outcome.error->text += " (argument " + number(i + 1) + ")";
    return false;
  }
  return true;
}

bool MethodFlow::execute_call(const Instruction& now) {
  const cap::Constant& constant = m_file.constants[now.constant];
  if (now.op() == Op::kInvokeinterface) {
    const ClassHandle interface = m_types.handle(constant.class_ref());
    const auto signature = m_members.virtual_signature(interface, now.token);
    if (!signature) {
      m_outcome.unknown = true;
      return false;
    }
    if (signature->cells() + 1 != now.nargs)
      return refuse("it says " + number(now.nargs) + " cells of arguments, the method has " + number(signature->cells() + 1));
    return pop_arguments(*signature) && pop_value({'L', object_of(interface)}) && push(signature->result);
  }
  const auto& signature = m_members.signature(now.constant);
  if (!signature) return refuse("constant " + number(now.constant) + " has no type in the Descriptor component");
  if (now.op() == Op::kInvokespecial) return call_special(now);
  if (now.op() == Op::kInvokestatic) {
    if (!constant.external()) {
      const MethodFacts* facts = m_members.method(constant.offset());
      if (facts == nullptr || !facts->has(cap::kDescriptorStatic))
        return refuse("the method at " + number(constant.offset()) + " is not static");
      if (!may_use(facts->owner, facts->flags, "the method at " + number(constant.offset()))) return false;
    } else {
      const ClassHandle owner = m_types.handle(constant.package(), constant.class_token());
      const auto* member = owner.known == nullptr ? nullptr : owner.known->static_method(constant.token());
      if (member != nullptr && !may_use_known(*member, owner, {})) return false;
    }
    return pop_arguments(*signature) && push(signature->result);
  }
  const ClassHandle klass = m_types.handle(constant.class_ref());
  if (!pop_arguments(*signature)) return false;
  const Type object = m_state.stack.empty() ? Type{} : m_state.stack.back();
  if (!pop_value({'L', object_of(klass)})) return false;
  if (const packages::Member* member = klass.known == nullptr ? nullptr : klass.known->virtual_method(constant.token())) {
    // Object's methods of an array are public.
    if (!may_use_known(*member, klass, object.tag == Tag::kObject ? object.klass : ClassHandle{})) return false;
  }
  return push(signature->result);
}

/// Constructors, private methods, methods of the superclass (clause 7.5, invokespecial).
bool MethodFlow::call_special(const Instruction& now) {
  const cap::Constant& constant = m_file.constants[now.constant];
  const Signature& signature = *m_members.signature(now.constant);
  ClassHandle owner = m_facts.owner;
  if (constant.kind == ConstantKind::kSuperMethod) {
    if (m_types.handle(constant.class_ref()) != m_facts.owner) return refuse("a method of another class's superclass");
  } else if (constant.external()) {
    return call_constructor(m_types.handle(constant.package(), constant.class_token()), signature);
  } else {
    const MethodFacts* facts = m_members.method(constant.offset());
    if (facts == nullptr || facts->has(cap::kDescriptorStatic)) return refuse("the method at " + number(constant.offset()) + " is static");
    if (!may_use(facts->owner, facts->flags, "the method at " + number(constant.offset()))) return false;
    if (facts->has(cap::kDescriptorInit)) return call_constructor(facts->owner, signature);
    if (!facts->has(cap::kDescriptorPrivate))
      return refuse("the method at " + number(constant.offset()) + " is neither private nor a constructor");
    owner = facts->owner;
  }
  return pop_arguments(signature) && pop_value({'L', object_of(owner)}) && push(signature.result);
}

bool MethodFlow::call_constructor(const ClassHandle& owner, const Signature& signature) {
  Type object;
  if (!pop_arguments(signature) || !pop(object, "a new object")) return false;
  const bool own = object.tag == Tag::kThis && (owner == m_facts.owner || owner == m_types.super(m_facts.owner));
  const bool fresh = object.tag == Tag::kFresh && object.klass == owner;
  if (!own && !fresh) return refuse("the stack must have a new object of " + m_types.text(owner) + ", has " + m_types.text(object));
  m_state.constructed = m_state.constructed || own;
  replace(object, object_of(object.klass));
  return true;
}

}  // namespace uicclab::jcvm::verifier
