// SPDX-License-Identifier: Apache-2.0
// A Descriptor component for what JavaAssembler made: types of methods and fields in text, those of constants found from them and from the
// tables of API packages.
//
//   JavaDescriptor types(assembler);
//   types.method("main", "(SLA;)S");                       // static, of the first class that is no interface
//   types.method("A.<init>", "()V", kDescriptorInit);
//   types.field("A", 0, "LA;"); types.static_field(0, "[B");
//   file.descriptor = types.build(file);                   // the file that build() of the assembler gave
#pragma once

#include "jcvm/packages/package.hpp"
#include "jcvm/verifier/structure.hpp"
#include "tests/support/java_assembler.hpp"

namespace uicclab::test {

class JavaDescriptor {
 public:
  explicit JavaDescriptor(const JavaAssembler& assembler) : m_assembler(assembler) {}

  /// Of class "A" if the name is "A.anything", else of the first class.
  void method(const std::string& name, const std::string& type, unsigned flags = cap::kDescriptorPublic | cap::kDescriptorStatic,
              std::uint8_t token = 0xFF) {
    m_methods.push_back({name, type, flags, token});
  }
  /// Of an interface: it has no code.
  void interface_method(const std::string& interface, std::uint8_t token, const std::string& type) {
    m_methods.push_back({interface + ".", type, cap::kDescriptorPublic | cap::kDescriptorAbstractMethod, token});
  }
  void field(const std::string& klass, std::uint8_t token, const std::string& type, unsigned flags = cap::kDescriptorPublic) {
    m_fields.push_back({klass, token, 0, type, flags});
  }
  void static_field(std::uint16_t offset, const std::string& type, unsigned flags = cap::kDescriptorPublic) {
    m_fields.push_back({"", 0xFF, offset, type, flags | cap::kDescriptorStatic});
  }
  void class_flags(const std::string& klass, unsigned flags) { m_flags[klass] = flags; }

  cap::Descriptor build(const cap::CapFile& file) {
    m_file = &file;
    cap::Descriptor out;
    m_base = 2 + 2 * file.constants.size();
    for (const cap::Constant& constant : file.constants) out.constant_types.push_back(type_of(constant));
    const std::string first = first_class();
    for (const auto& info : file.classes.classes) {
      cap::Descriptor::Class& one = out.classes.emplace_back();
      one.self = {info.offset};
      one.flags = static_cast<std::uint8_t>(cap::kDescriptorPublic | (info.is_interface() ? cap::kDescriptorInterface : 0U));
      const std::string name = name_of(info.offset);
      if (const auto found = m_flags.find(name); found != m_flags.end()) one.flags = static_cast<std::uint8_t>(found->second | one.flags);
      for (const Field& field : m_fields) {
        if ((field.klass.empty() ? first : field.klass) != name) continue;
        cap::Descriptor::Field& described = one.fields.emplace_back();
        described.flags = static_cast<std::uint8_t>(field.flags);
        described.token = field.token;
        described.type = field_type(field.type);
        const bool is_static = field.klass.empty();
        described.reference = is_static ? std::array<std::uint8_t, 3>{0, high(field.offset), low(field.offset)}
                                        : std::array<std::uint8_t, 3>{high(info.offset), low(info.offset), field.token};
      }
      for (const Method& method : m_methods) {
        if (class_of(method, first) != name) continue;
        cap::Descriptor::Method& described = one.methods.emplace_back();
        described.flags = static_cast<std::uint8_t>(method.flags);
        described.token = method.token;
        described.type = place(method.type);
        if (info.is_interface()) continue;
        described.offset = static_cast<std::uint16_t>(m_assembler.offset_of(method.name));
        const auto body = jcvm::verifier::walk_method(file.methods, described.offset, file.methods.size());
        if (body && !body->header.is_abstract()) described.code_size = static_cast<std::uint16_t>(body->end - body->header.code);
      }
    }
    out.types = m_types;
    return out;
  }

 private:
  struct Method {
    std::string name, type;
    unsigned flags = 0;
    std::uint8_t token = 0xFF;
  };
  struct Field {
    std::string klass;
    std::uint8_t token = 0xFF;
    std::uint16_t offset = 0;
    std::string type;
    unsigned flags = 0;
  };

  static std::uint8_t high(unsigned value) { return static_cast<std::uint8_t>(value >> 8); }
  static std::uint8_t low(unsigned value) { return static_cast<std::uint8_t>(value); }
  std::string name_of(std::uint16_t offset) const {
    for (const std::string& name : m_assembler.class_names()) {
      if (m_assembler.reference(name).offset() == offset) return name;
    }
    return "";
  }
  std::string first_class() const {
    for (const auto& info : m_file->classes.classes) {
      if (!info.is_interface()) return name_of(info.offset);
    }
    return "";
  }
  static std::string class_of(const Method& method, const std::string& first) {
    const std::size_t dot = method.name.find('.');
    return dot == std::string::npos ? first : method.name.substr(0, dot);
  }
  static bool is_static_numbering(const Method& method) { return (method.flags & (cap::kDescriptorStatic | cap::kDescriptorInit)) != 0; }

  /// What the constant names says its type.
  std::uint16_t type_of(const cap::Constant& constant) {
    if (constant.kind == cap::ConstantKind::kClass) return 0xFFFF;
    const bool is_field = constant.kind == cap::ConstantKind::kInstanceField || constant.kind == cap::ConstantKind::kStaticField;
    if (constant.external()) {
      const bool by_token = constant.is_static();
      const cap::ClassRef ref = constant.class_ref();
      const auto& import = m_file->imports.at(by_token ? constant.package() : ref.package());
      const auto* klass = jcvm::packages::package_with(import.aid)->class_with(by_token ? constant.class_token() : ref.class_token());
      const auto* member = by_token && is_field ? klass->static_field(constant.token())
                           : by_token           ? klass->static_method(constant.token())
                           : is_field           ? klass->instance_field(constant.token())
                                                : klass->virtual_method(constant.token());
      if (member == nullptr) throw SystemError("described CAP file: no such member of " + klass->name);
      return is_field ? field_type(member->descriptor) : place(member->descriptor);
    }
    if (constant.kind == cap::ConstantKind::kStaticField) {
      for (const Field& field : m_fields) {
        if (field.klass.empty() && field.offset == constant.offset()) return field_type(field.type);
      }
    } else if (is_field) {
      for (const Field& field : m_fields) {
        if (field.klass == name_of(constant.class_ref().offset()) && field.token == constant.token()) return field_type(field.type);
      }
    } else if (constant.is_static()) {
      for (const Method& method : m_methods) {
        if (!method.name.ends_with('.') && m_assembler.offset_of(method.name) == constant.offset()) return place(method.type);
      }
    } else {
      // The class that is named, or one that it inherits from.
      for (const Method& method : m_methods) {
        if (!is_static_numbering(method) && method.token == constant.token()) return place(method.type);
      }
    }
    return place("()V");
  }

  std::uint16_t field_type(const std::string& type) {
    constexpr std::string_view kLetters = "??ZBSI";
    const std::size_t letter = type.size() == 1 ? kLetters.find(type) : std::string_view::npos;
    return letter == std::string_view::npos ? place(type) : static_cast<std::uint16_t>(0x8000U | letter);
  }

  /// Of "LA;", "[S" or "(SB)V".
  std::uint16_t place(const std::string& text) {
    Bytes nibbles;
    std::string_view rest = text;
    while (!rest.empty()) {
      constexpr std::string_view kLetters = "?VZBSI";
      if (rest.front() == '(' || rest.front() == ')') {
        rest.remove_prefix(1);
        continue;
      }
      const bool array = rest.front() == '[';
      if (array) rest.remove_prefix(1);
      const bool is_class = rest.front() == 'L';
      nibbles.push_back(static_cast<std::uint8_t>((is_class ? 6 : kLetters.find(rest.front())) + (array ? 8 : 0)));
      if (!is_class) {
        rest.remove_prefix(1);
        continue;
      }
      const std::size_t end = rest.find(';');
      const std::uint16_t ref = reference(std::string(rest.substr(1, end - 1)));
      for (int shift = 12; shift >= 0; shift -= 4) nibbles.push_back(static_cast<std::uint8_t>(ref >> shift & 0x0F));
      rest.remove_prefix(end + 1);
    }
    const auto out = static_cast<std::uint16_t>(m_base + m_types.size());
    m_types.push_back(static_cast<std::uint8_t>(nibbles.size()));
    for (std::size_t i = 0; i < nibbles.size(); i += 2)
      m_types.push_back(static_cast<std::uint8_t>(nibbles[i] << 4 | (i + 1 < nibbles.size() ? nibbles[i + 1] : 0)));
    return out;
  }
  std::uint16_t reference(const std::string& name) const {
    for (std::size_t i = 0; i < m_file->imports.size(); ++i) {
      const auto* package = jcvm::packages::package_with(m_file->imports[i].aid);
      const auto* klass = package == nullptr ? nullptr : package->class_named(name);
      if (klass != nullptr && klass->name == name) return static_cast<std::uint16_t>(0x8000U | i << 8 | klass->token);
    }
    return m_assembler.reference(name).value;
  }

  const JavaAssembler& m_assembler;
  const cap::CapFile* m_file = nullptr;
  std::vector<Method> m_methods;
  std::vector<Field> m_fields;
  std::map<std::string, unsigned> m_flags;
  std::size_t m_base = 0;
  Bytes m_types;
};

}  // namespace uicclab::test
