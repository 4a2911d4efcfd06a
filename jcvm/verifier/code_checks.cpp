// SPDX-License-Identifier: Apache-2.0
// The constants that instructions name: JCVM 3.1 clause 7.5; and that the Reference Location component lists it: clause 6.12.
#include <set>

#include "core/hex.hpp"
#include "jcvm/verifier/checks.hpp"

namespace uicclab::jcvm::verifier {
namespace {

using cap::Constant;
using cap::ConstantKind;
using code::Instruction;
using code::Op;
using code::Operands;

std::string number(std::int64_t value) {
  return std::to_string(value);
}

std::string_view name_of(ConstantKind kind) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"", "a class", "an instance field", "a virtual method", "a super method", "a static field", "a static method"});
  return kNames[static_cast<std::size_t>(kind)];
}

/// The letter behind which getfield, putfield, getstatic and putstatic say the type of the field.
char field_type(const code::Operation& operation) {
  return operation.mnemonic[operation.mnemonic.find('_') + 1];
}

class CodeCheck {
 public:
  CodeCheck(Checks& checks, const MethodBody& method) : m_checks(checks), m_method(method) {}

  void run() {
    for (const Instruction& instruction : m_method.instructions) {
      m_now = &instruction;
      check_int();
      check_local();
      check_operands();
      if (instruction.names_constant()) check_constant();
      check_cases();
    }
  }

 private:
  void wrong(const std::string& text) {
    m_checks.wrong(ErrorCode::kRange,
                   "Method component: method at " + number(m_method.offset) + ", byte " + number(m_now->offset) + ", " +
                       std::string(m_now->operation->mnemonic) + ": " + text,
                   m_now->offset);
  }

  /// The Header says whether type int is used (table 6-4).
  void check_int() {
    const bool int_array = m_now->operation->operands == Operands::kArrayType && m_now->type == code::kTypeInt;
    const bool has_int = (m_checks.file.header.flags & cap::kAccInt) != 0;
    if (!has_int && (m_now->operation->uses_int() || int_array)) wrong("type int, but the Header component has no ACC_INT");
  }

  void check_local() {
    if (!m_now->touches_local()) return;
    const unsigned cells = code::cells(m_now->operation->local[0]);
    const unsigned locals = m_method.header.locals();
    if (m_now->local + cells > locals) wrong("local variable " + number(m_now->local) + ", the method has " + number(locals));
  }

  void check_operands() {
    const auto is_array_of_numbers = [](std::uint8_t type) { return type >= code::kTypeBoolean && type <= code::kTypeInt; };
    switch (m_now->operation->operands) {
      case Operands::kArrayType:
        if (!is_array_of_numbers(m_now->type)) wrong("type " + number(m_now->type) + ", must be 10 (boolean) to 13 (int)");
        break;
      case Operands::kTypeCheck:
        if (m_now->names_constant()) break;
        if (!is_array_of_numbers(m_now->type)) wrong("type " + number(m_now->type) + ", must be 0 or 10 to 14");
        if (m_now->constant != 0) wrong("constant " + number(m_now->constant) + " for an array of numbers, must be 0");
        break;
      case Operands::kStackShuffle:
        check_shuffle();
        break;
      case Operands::kInterface:
        if (m_now->nargs == 0) wrong("no arguments, must take the object");
        break;
      default:
        break;
    }
  }

  /// Clause 7.5, dup_x and swap_x.
  void check_shuffle() {
    const bool dup = m_now->op() == Op::kDupX;
    const bool right = dup ? m_now->m >= 1 && m_now->m <= 4 && (m_now->n == 0 || (m_now->n >= m_now->m && m_now->n <= m_now->m + 4))
                           : m_now->m >= 1 && m_now->m <= 2 && m_now->n >= 1 && m_now->n <= 2;
    if (!right) {
      wrong("m " + number(m_now->m) + ", n " + number(m_now->n) + "; must be " +
            (dup ? "m 1 to 4, n 0 or m to m + 4" : "m 1 or 2, n 1 or 2"));
    }
  }

  /// A lookup is searched by halves: its values must rise (clause 7.5, slookupswitch and ilookupswitch).
  void check_cases() {
    for (std::size_t i = 1; i < m_now->cases.size(); ++i) {
      if (m_now->cases[i - 1].value < m_now->cases[i].value) continue;
      wrong("its values must rise, " + number(m_now->cases[i].value) + " follows " + number(m_now->cases[i - 1].value));
      return;
    }
  }

  void check_constant() {
    if (m_now->constant >= m_checks.file.constants.size()) {
      return wrong("constant " + number(m_now->constant) + ", there are " +
                   number(static_cast<std::int64_t>(m_checks.file.constants.size())));
    }
    const Constant& constant = m_checks.file.constants[m_now->constant];
    if (!m_now->operation->allows(constant.kind)) {
      return wrong("constant " + number(m_now->constant) + " is " + std::string(name_of(constant.kind)));
    }
    switch (constant.kind) {
      case ConstantKind::kClass:
        return check_class(constant);
      case ConstantKind::kInstanceField:
        return check_field(constant);
      case ConstantKind::kStaticField:
        return constant.external() ? check_external_field(constant) : check_static_field(constant);
      case ConstantKind::kStaticMethod:
        return check_static_method(constant);
      default:
        return;
    }
  }

  void check_class(const Constant& constant) {
    const cap::ClassRef ref = constant.class_ref();
    const cap::ClassInfo* one = m_checks.internal(ref);
    const packages::Class* known = m_checks.external(ref);
    if (one == nullptr && known == nullptr) return;  // reported already, or unknown
    const bool interface = one != nullptr ? one->is_interface() : known->is_interface;
    if (m_now->op() == Op::kNew && interface) wrong(m_checks.name(ref) + " is an interface");
    if (m_now->op() == Op::kNew && known != nullptr && known->is_abstract) wrong(known->name + " is abstract");
    if (m_now->op() != Op::kInvokeinterface) return;
    if (!interface) return wrong(m_checks.name(ref) + " is a class, must be an interface");
    if (known != nullptr && known->virtual_method(m_now->token) == nullptr) wrong(known->name + " has no method " + number(m_now->token));
  }

  /// The class says which of its fields are references (clause 6.9.2): the type of the instruction must fit.
  void check_field(const Constant& constant) {
    const bool of_this = m_now->operation->mnemonic.ends_with("_this");
    if (of_this && m_method.header.nargs == 0) wrong("the method has no object");
    const cap::ClassInfo* one = m_checks.internal(constant.class_ref());
    if (one == nullptr) return;
    const unsigned token = constant.token();
    const char type = field_type(*m_now->operation);
    const bool reference = token >= one->first_reference_token && token < unsigned{one->first_reference_token} + one->reference_count;
    if (reference != (type == 'a')) wrong("field " + number(token) + " is " + (reference ? "a reference" : "no reference"));
    if (type == 'i' && token + 2 > one->declared_instance_size)
      wrong("an int needs two cells, field " + number(token) + " is the last one of its class");
  }

  /// References first, then bytes, shorts and ints as they come (clause 6.11).
  void check_static_field(const Constant& constant) {
    const cap::StaticField& fields = m_checks.file.static_fields;
    const unsigned references = 2U * fields.reference_count;
    const unsigned offset = constant.offset();
    const char type = field_type(*m_now->operation);
    if (type == 'a') {
      if (offset >= references || offset % 2 != 0)
        wrong("static field at " + number(offset) + ", references are the even ones below " + number(references));
      return;
    }
    const unsigned size = type == 'b' ? 1 : type == 's' ? 2 : 4;
    if (offset < references || offset + size > fields.image_size) {
      wrong("static field at " + number(offset) + ", numbers are from " + number(references) + " to " + number(fields.image_size - 1));
    }
  }

  void check_external_field(const Constant& constant) {
    const packages::Class* known = m_checks.external(constant.package(), constant.class_token());
    const auto* field = known == nullptr ? nullptr : known->static_field(constant.token());
    if (field == nullptr) return;
    const char first = field->descriptor.front();
    const char type = first == 'L' || first == '[' ? 'a' : first == 'S' ? 's' : first == 'I' ? 'i' : 'b';
    if (type != field_type(*m_now->operation)) wrong(known->name + "." + field->name + " is of type " + field->descriptor);
    if (field->is_final && m_now->operation->mnemonic.starts_with("put")) wrong(known->name + "." + field->name + " is final");
  }

  void check_static_method(const Constant& constant) {
    if (!constant.external()) {
      const auto header = m_checks.file.methods.header_at(constant.offset());
      if (header && header->is_abstract()) wrong("the method at " + number(constant.offset()) + " is abstract");
      if (header && m_now->op() == Op::kInvokespecial && header->nargs == 0)
        wrong("the method at " + number(constant.offset()) + " takes no object");
      return;
    }
    const packages::Class* known = m_checks.external(constant.package(), constant.class_token());
    const auto* method = known == nullptr ? nullptr : known->static_method(constant.token());
    if (method == nullptr) return;
    const bool special = m_now->op() == Op::kInvokespecial;
    if (special != (method->kind == packages::MemberKind::kInit))
      wrong(known->name + "." + method->name + " is " + (special ? "no constructor" : "a constructor"));
  }

  Checks& m_checks;
  const MethodBody& m_method;
  const Instruction* m_now = nullptr;
};

}  // namespace

void check_code(Checks& checks, const MethodBody& method) {
  CodeCheck(checks, method).run();
}

void check_references(Checks& checks, const Structure& structure) {
  const cap::ReferenceLocation& listed = checks.file.references;
  const auto as_set = [](BytesView distances) {
    const auto offsets = cap::ReferenceLocation::offsets(distances);
    return std::set<std::uint32_t>(offsets.begin(), offsets.end());
  };
  const auto bytes = as_set(listed.byte_distances);
  const auto shorts = as_set(listed.byte2_distances);
  const auto require = [&](const std::set<std::uint32_t>& list, std::uint32_t place, const char* width) {
    checks.require(
        list.contains(place), ErrorCode::kMalformed,
        "Reference Location component: the constant at byte " + number(place) + " of the Method component must be in the list of " + width,
        place);
  };
  for (const MethodBody& method : structure.methods) {
    for (const Instruction& instruction : method.instructions) {
      if (!instruction.names_constant()) continue;
      instruction.constant_is_short() ? require(bytes, instruction.constant_place(), "one-byte indices")
                                      : require(shorts, instruction.constant_place(), "two-byte indices");
    }
  }
  const auto& handlers = checks.file.methods.handlers;
  for (std::size_t i = 0; i < handlers.size(); ++i) {
    if (handlers[i].catch_type != 0) require(shorts, static_cast<std::uint32_t>(1 + 8 * i + 6), "two-byte indices");
  }
}

}  // namespace uicclab::jcvm::verifier
