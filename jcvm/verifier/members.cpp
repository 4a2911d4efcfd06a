// SPDX-License-Identifier: Apache-2.0
#include "jcvm/verifier/members.hpp"

namespace uicclab::jcvm::verifier {
namespace {

using cap::ConstantKind;
using cap::Descriptor;

constexpr std::uint8_t kNoToken = 0xFF;
constexpr std::uint16_t kPrimitive = 0x8000;
constexpr std::uint16_t kInherited = 0xFFFF;

std::string number(std::size_t value) {
  return std::to_string(value);
}

bool is_virtual(const Descriptor::Method& method) {
  constexpr std::uint8_t kOthers = cap::kDescriptorStatic | cap::kDescriptorInit | cap::kDescriptorPrivate;
  return (method.flags & kOthers) == 0 && method.token != kNoToken;
}

}  // namespace

Members::Members(const cap::CapFile& file, const Types& types, const Wrong& wrong) : m_file(file), m_types(types), m_wrong(wrong) {
  read_classes();
  read_constants();
  check_overrides();
  check_interfaces();
  check_statics();
  check_installs();
}

std::optional<ValueType> Members::field_at(std::uint16_t type) const {
  constexpr std::string_view kLetters = "??ZBSI";
  if ((type & kPrimitive) != 0) {
    const std::size_t letter = type & 0x7FFFU;
    if (letter < 2 || letter >= kLetters.size()) return std::nullopt;
    return ValueType{kLetters[letter], {}};
  }
  const auto nibbles = m_file.descriptor->type_at(type);
  return nibbles ? m_types.field(*nibbles) : std::nullopt;
}

std::optional<Signature> Members::method_at(std::uint16_t type) const {
  const auto nibbles = m_file.descriptor->type_at(type);
  return nibbles ? m_types.method(*nibbles) : std::nullopt;
}

void Members::read_classes() {
  for (const Descriptor::Class& one : m_file.descriptor->classes) {
    const ClassHandle owner = m_types.handle(one.self);
    const std::string where = "Descriptor component, class at " + number(one.self.offset());
    if (owner.own == nullptr) continue;  // the structure says so
    m_flags[owner.own] = one.flags;
    for (const auto& field : one.fields) {
      const auto type = field_at(field.type);
      if (!type) {
        m_wrong(ErrorCode::kMalformed, where + ": " + number(field.type) + " is no type of a field");
        continue;
      }
      const bool is_static = (field.flags & cap::kDescriptorStatic) != 0;
      // As in a constant.
      const cap::Constant place{is_static ? ConstantKind::kStaticField : ConstantKind::kInstanceField, field.reference};
      if (is_static) {
        m_static_fields[place.offset()] = {owner, field.flags, *type};
      } else {
        m_fields[{owner.own, place.token()}] = {owner, field.flags, *type};
      }
    }
    for (const auto& method : one.methods) {
      const auto signature = method_at(method.type);
      if (!signature) {
        m_wrong(ErrorCode::kMalformed, where + ": " + number(method.type) + " is no type of a method");
        continue;
      }
      const MethodFacts facts{owner, method.flags, method.token, *signature};
      if ((one.flags & cap::kDescriptorInterface) == 0) m_methods.insert_or_assign(method.offset, facts);
      if (is_virtual(method)) m_virtual.insert_or_assign({owner.own, method.token}, facts);
    }
  }
}

const MethodFacts* Members::method(std::uint32_t offset) const {
  const auto found = m_methods.find(offset);
  return found == m_methods.end() ? nullptr : &found->second;
}

const FieldFacts* Members::static_field(std::uint16_t offset) const {
  const auto found = m_static_fields.find(offset);
  return found == m_static_fields.end() ? nullptr : &found->second;
}

const FieldFacts* Members::field(const ClassHandle& klass, std::uint8_t token) const {
  const auto found = m_fields.find({klass.own, token});
  return found == m_fields.end() ? nullptr : &found->second;
}

std::uint8_t Members::flags(const ClassHandle& klass) const {
  const auto found = m_flags.find(klass.own);
  return found == m_flags.end() ? std::uint8_t{0} : found->second;
}

const MethodFacts* Members::virtual_method(const ClassHandle& klass, std::uint8_t token) const {
  for (ClassHandle step = klass; step.own != nullptr; step = m_types.super(step)) {
    const auto found = m_virtual.find({step.own, token});
    if (found != m_virtual.end()) return &found->second;
    if (step.own->is_interface()) return nullptr;
  }
  return nullptr;
}

std::optional<Signature> Members::virtual_signature(const ClassHandle& klass, std::uint8_t token) const {
  if (const MethodFacts* facts = virtual_method(klass, token)) return facts->signature;
  ClassHandle step = klass;
  while (step.own != nullptr && !step.own->is_interface()) step = m_types.super(step);
  if (step.known == nullptr) return std::nullopt;
  // Tokens of methods that a later version of the superclass added are free for the classes of CAP formats 2.1 and 2.2.
  if (klass.own != nullptr && step.known->inheritable && token >= *step.known->inheritable) return std::nullopt;
  const packages::Member* member = step.known->virtual_method(token);
  return member == nullptr ? std::nullopt : Types::method(member->descriptor);
}

void Members::read_constants() {
  m_field_types.resize(m_file.constants.size());
  m_signatures.resize(m_file.constants.size());
  const auto& listed = m_file.descriptor->constant_types;
  for (std::size_t i = 0; i < std::min(listed.size(), m_file.constants.size()); ++i) {
    const ConstantKind kind = m_file.constants[i].kind;
    if (kind == ConstantKind::kClass) continue;
    const bool is_field = kind == ConstantKind::kInstanceField || kind == ConstantKind::kStaticField;
    if (is_field) m_field_types[i] = field_at(listed[i]);
    if (!is_field) m_signatures[i] = method_at(listed[i]);
    if (is_field ? !m_field_types[i] : !m_signatures[i]) {
      m_wrong(ErrorCode::kMalformed, "Descriptor component: " + number(listed[i]) + " is no type of constant " + number(i) +
                                         ", which is a " + (is_field ? "field" : "method"));
    } else {
      check_constant(i);
    }
  }
}

void Members::check_constant(std::size_t index) {
  if (m_field_types[index]) check_field_constant(index, *m_field_types[index]);
  if (m_signatures[index]) check_method_constant(index, *m_signatures[index]);
}

void Members::check_field_constant(std::size_t index, const ValueType& type) {
  const cap::Constant& constant = m_file.constants[index];
  const std::string where = "Descriptor component, constant " + number(index) + ": ";
  std::optional<ValueType> is;
  if (constant.external() || constant.kind == ConstantKind::kInstanceField) {
    const ClassHandle klass =
        constant.is_static() ? m_types.handle(constant.package(), constant.class_token()) : m_types.handle(constant.class_ref());
    if (klass.unknown != 0xFFFF) return;
    if (klass.own != nullptr) {
      const FieldFacts* facts = field(klass, constant.token());
      if (facts == nullptr) return m_wrong(ErrorCode::kMalformed, where + "no class describes field " + number(constant.token()));
      is = facts->type;
    } else if (klass.known != nullptr) {
      const auto* member =
          constant.is_static() ? klass.known->static_field(constant.token()) : klass.known->instance_field(constant.token());
      if (member != nullptr) is = Types::field(member->descriptor);
    }
  } else {
    const FieldFacts* facts = static_field(constant.offset());
    if (facts == nullptr)
      return m_wrong(ErrorCode::kMalformed, where + "no class describes the static field at " + number(constant.offset()));
    is = facts->type;
  }
  if (is && *is != type)
    m_wrong(ErrorCode::kMalformed, where + "type " + m_types.text(type) + ", the field is of type " + m_types.text(*is));
}

void Members::check_method_constant(std::size_t index, const Signature& type) {
  const cap::Constant& constant = m_file.constants[index];
  const std::string where = "Descriptor component, constant " + number(index) + ": ";
  std::optional<Signature> is;
  if (!constant.is_static()) {
    ClassHandle klass = m_types.handle(constant.class_ref());
    if (constant.kind == ConstantKind::kSuperMethod) klass = m_types.super(klass);
    is = virtual_signature(klass, constant.token());
  } else if (!constant.external()) {
    const MethodFacts* facts = method(constant.offset());
    if (facts == nullptr) return m_wrong(ErrorCode::kMalformed, where + "no class describes the method at " + number(constant.offset()));
    is = facts->signature;
  } else {
    const ClassHandle klass = m_types.handle(constant.package(), constant.class_token());
    const auto* member = klass.known == nullptr ? nullptr : klass.known->static_method(constant.token());
    if (member != nullptr) is = Types::method(member->descriptor);
  }
  if (is && *is != type)
    m_wrong(ErrorCode::kMalformed, where + "type " + m_types.text(type) + ", the method is of type " + m_types.text(*is));
}

/// A method takes the place of one of the same type, which is not final (clauses 6.9.2 and 4.3.7.6); its table says the same as the
/// Descriptor.
void Members::check_overrides() {
  for (const cap::ClassInfo& info : m_file.classes.classes) {
    if (info.is_interface()) continue;
    const ClassHandle klass{&info, nullptr, kInherited};
    const std::string where = "Class component, class at " + number(info.offset) + ": ";
    if ((flags(m_types.super(klass)) & cap::kDescriptorFinal) != 0) m_wrong(ErrorCode::kMalformed, where + "its superclass is final");
    for (const bool package_visible : {false, true}) {
      const auto& table = package_visible ? info.package_methods : info.public_methods;
      for (std::size_t i = 0; i < table.size(); ++i) {
        if (table[i] == kInherited) continue;
        const std::size_t base = package_visible ? info.package_table_base : info.public_table_base;
        const auto token = static_cast<std::uint8_t>((base + i) | (package_visible ? 0x80U : 0U));
        const MethodFacts* facts = method(table[i]);
        if (facts == nullptr) continue;  // said already
        const auto refuse = [&](const std::string& text) {
          m_wrong(ErrorCode::kMalformed, where + "method " + number(token & 0x7F) + ", at " + number(table[i]) + ", " + text);
        };
        if (!m_types.extends(klass, facts->owner)) refuse("is of another class");
        if (facts->has(cap::kDescriptorStatic | cap::kDescriptorInit)) refuse("is static or a constructor");
        const MethodFacts* overridden = virtual_method(m_types.super(klass), token);
        const ClassHandle super = m_types.super(klass);
        const bool is_free = super.known != nullptr && super.known->inheritable && token >= *super.known->inheritable;
        const auto inherited = is_free ? std::nullopt : virtual_signature(super, token);
        if (inherited && *inherited != facts->signature) {
          refuse("is of type " + m_types.text(facts->signature) + ", the superclass's is of type " + m_types.text(*inherited));
        }
        if (overridden != nullptr && overridden->has(cap::kDescriptorFinal) && overridden->owner != facts->owner)
          refuse("takes the place of a final one");
      }
    }
  }
}

/// The virtual method that implements one of an interface has its type (clause 6.9.2, implemented_interface_info).
void Members::check_interfaces() {
  for (const cap::ClassInfo& info : m_file.classes.classes) {
    const ClassHandle klass{&info, nullptr, kInherited};
    for (const auto& implemented : info.interfaces) {
      const ClassHandle interface = m_types.handle(implemented.interface);
      for (std::size_t token = 0; token < implemented.index.size(); ++token) {
        const auto wanted = virtual_signature(interface, static_cast<std::uint8_t>(token));
        const auto is = virtual_signature(klass, implemented.index[token]);
        if (!wanted || !is || *wanted == *is) continue;
        m_wrong(ErrorCode::kMalformed, "Class component, class at " + number(info.offset) + ": its method " +
                                           number(implemented.index[token]) + " is of type " + m_types.text(*is) + ", method " +
                                           number(token) + " of " + m_types.text(interface) + " of type " + m_types.text(*wanted));
      }
    }
  }
}

/// The first references are the arrays that the Static Field component fills (clause 6.11).
void Members::check_statics() {
  constexpr std::uint8_t kBoolean = 2;
  for (std::size_t i = 0; i < m_file.static_fields.array_init.size(); ++i) {
    const FieldFacts* facts = static_field(static_cast<std::uint16_t>(2 * i));
    const auto element = static_cast<code::ArrayType>(m_file.static_fields.array_init[i].type - kBoolean + code::kTypeBoolean);
    if (facts == nullptr) continue;  // a field that no constant names
    const Type array{Tag::kNumbers, element, {}, 0};
    if (facts->type.letter == 'L' && m_types.fits(array, facts->type.reference)) continue;
    m_wrong(ErrorCode::kMalformed, "Static Field component: array " + number(i) + " is " + m_types.text(array) + ", its field is of type " +
                                       m_types.text(facts->type));
  }
}

void Members::check_installs() {
  const auto wanted = Types::method("([BSB)V");
  for (const auto& applet : m_file.applets) {
    const MethodFacts* facts = method(applet.install_method);
    if (facts == nullptr) continue;
    if (facts->signature == *wanted && facts->has(cap::kDescriptorStatic)) continue;
    m_wrong(ErrorCode::kMalformed, "Applet component: the install method at " + number(applet.install_method) +
                                       " must be static and of type " + m_types.text(*wanted));
  }
}

}  // namespace uicclab::jcvm::verifier
