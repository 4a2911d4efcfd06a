// SPDX-License-Identifier: Apache-2.0
// Classes, their tables and hierarchy, constants and exports: JCVM 3.1 clauses 6.8, 6.9, 6.13.
#include "core/hex.hpp"
#include "jcvm/verifier/checks.hpp"

namespace uicclab::jcvm::verifier {
namespace {

using cap::ClassInfo;
using cap::ClassRef;
using cap::Constant;
using cap::ConstantKind;

constexpr unsigned kMostMethods = 128;  // clause 4.3.7.6: a token has seven bits
constexpr std::uint16_t kInherited = 0xFFFF;

std::string number(std::size_t value) {
  return std::to_string(value);
}

class ClassCheck {
 public:
  ClassCheck(Checks& checks, const ClassInfo& one)
      : m_checks(checks), m_class(one), m_where("Class component, class at " + number(one.offset)) {}

  void run() {
    if (m_class.is_interface()) return check_interfaces(m_class.superinterfaces);
    check_super();
    check_tables();
    check_fields();
    std::vector<ClassRef> refs;
    for (const auto& implemented : m_class.interfaces) refs.push_back(implemented.interface);
    check_interfaces(refs);
    for (const auto& implemented : m_class.interfaces) check_index(implemented);
  }

 private:
  void wrong(const std::string& text) { m_checks.wrong(ErrorCode::kMalformed, m_where + ": " + text, m_class.offset); }

  /// Superclasses and superinterfaces of this package come before: no cycle is possible (clause 6.9.2).
  bool comes_before(ClassRef ref) {
    if (ref.external() || ref.offset() < m_class.offset) return true;
    wrong("it refers to byte " + number(ref.offset()) + ": what it inherits from must come before it");
    return false;
  }

  void check_super() {
    if (m_class.super.none() || !comes_before(m_class.super)) return;
    const auto interface = m_checks.is_interface(m_class.super, m_where + ": its superclass");
    if (interface && *interface) wrong("its superclass, " + m_checks.name(m_class.super) + ", is an interface");
    const packages::Class* known = m_checks.external(m_class.super);
    if (known != nullptr && known->is_final) wrong("its superclass, " + known->name + ", is final");
  }

  void check_interfaces(const std::vector<ClassRef>& refs) {
    for (const ClassRef ref : refs) {
      if (!comes_before(ref)) continue;
      const auto interface = m_checks.is_interface(ref, m_where + ": an interface of it");
      if (interface && !*interface) wrong(m_checks.name(ref) + " is a class, must be an interface");
    }
  }

  void check_table(const std::vector<std::uint16_t>& table, std::uint8_t base, std::optional<unsigned> inherited, const char* what) {
    if (base + table.size() > kMostMethods) wrong(number(base + table.size()) + std::string(what) + " methods, must be at most 128");
    // Between the methods of the superclass and the table no token may be without a method.
    if (inherited && base > *inherited) {
      wrong("its table of" + std::string(what) + " methods begins with token " + number(base) + ", the superclass has " +
            number(*inherited));
    }
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (table[i] == kInherited) {
        // Only what a superclass of another package has can be left out.
        if (inherited && base + i >= *inherited) wrong("method " + number(base + i) + " has no code and is not inherited");
        continue;
      }
      const auto header = m_checks.file.methods.header_at(table[i]);
      if (header && header->nargs == 0) wrong("method " + number(base + i) + " takes no argument, must take its object");
    }
  }

  void check_tables() {
    const bool top = m_class.super.none();
    check_table(m_class.public_methods, m_class.public_table_base, top ? 0U : m_checks.public_methods(m_class.super), " public");
    check_table(m_class.package_methods, m_class.package_table_base, top ? 0U : m_checks.package_methods(m_class.super),
                " package-visible");
  }

  /// Tokens of fields count from 0 in each class, references are among them in one piece (clause 4.3.7.5).
  void check_fields() {
    const unsigned size = m_class.declared_instance_size;
    if (m_class.reference_count > 0 && unsigned{m_class.first_reference_token} + m_class.reference_count > size) {
      wrong(number(m_class.reference_count) + " references from field " + number(m_class.first_reference_token) + " on, it has " +
            number(size) + " cells");
    }
  }

  void check_index(const ClassInfo::Implemented& implemented) {
    const auto methods = m_checks.public_methods({m_class.offset});
    for (const std::uint8_t token : implemented.index) {
      if (methods && token >= *methods) wrong("an interface's method is its method " + number(token) + ", it has " + number(*methods));
    }
    const packages::Class* known = m_checks.external(implemented.interface);
    if (known == nullptr) return;
    const auto count = static_cast<std::size_t>(std::ranges::count_if(
        known->members, [](const packages::Member& member) { return member.kind == packages::MemberKind::kVirtual; }));
    // A package made for an older version of the interface knows of fewer methods.
    if (implemented.index.size() > count) {
      wrong(known->name + " has " + number(count) + " methods, the class maps " + number(implemented.index.size()));
    }
  }

  Checks& m_checks;
  const ClassInfo& m_class;
  std::string m_where;
};

class ConstantCheck {
 public:
  ConstantCheck(Checks& checks, std::size_t index)
      : m_checks(checks), m_constant(checks.file.constants[index]), m_where("Constant Pool component, constant " + number(index)) {}

  void run() {
    if (m_constant.is_static()) return m_constant.external() ? external_static() : internal_static();
    const auto interface = m_checks.is_interface(m_constant.class_ref(), m_where);
    if (m_constant.kind == ConstantKind::kClass) {
      if (m_constant.info[2] != 0) wrong("padding " + number(m_constant.info[2]) + ", must be 0");
      return;
    }
    if (!interface) return;
    if (*interface) return wrong("it names a member of an interface, " + m_checks.name(m_constant.class_ref()));
    m_constant.kind == ConstantKind::kInstanceField ? field() : method();
  }

 private:
  void wrong(const std::string& text) { m_checks.wrong(ErrorCode::kRange, m_where + ": " + text); }

  void field() {
    const ClassInfo* one = m_checks.internal(m_constant.class_ref());
    if (one != nullptr && m_constant.token() >= one->declared_instance_size) {
      wrong("field " + number(m_constant.token()) + " of " + m_checks.name(m_constant.class_ref()) + ", which declares " +
            number(one->declared_instance_size) + " cells");
    }
    const packages::Class* known = m_checks.external(m_constant.class_ref());
    if (known != nullptr && known->instance_field(m_constant.token()) == nullptr)
      wrong(known->name + " has no field " + number(m_constant.token()));
  }

  void method() {
    const bool package_visible = (m_constant.token() & 0x80) != 0;
    const unsigned token = m_constant.token() & 0x7F;
    if (package_visible && m_constant.class_ref().external()) {
      return wrong("package-visible method " + number(token) + " of another package");
    }
    const packages::Class* known = m_checks.external(m_constant.class_ref());
    if (known != nullptr) {
      if (known->virtual_method(static_cast<std::uint8_t>(token)) == nullptr) wrong(known->name + " has no method " + number(token));
      return;
    }
    ClassRef ref = m_constant.class_ref();
    if (m_constant.kind == ConstantKind::kSuperMethod) {
      // The class is the one whose superclass is asked.
      const ClassInfo* one = m_checks.internal(ref);
      if (one == nullptr) return wrong("a super method must name a class of this package");
      ref = one->super;
      if (ref.none()) return wrong("a super method of a class without a superclass");
    }
    const auto count = package_visible ? m_checks.package_methods(ref) : m_checks.public_methods(ref);
    if (count && token >= *count) {
      wrong((package_visible ? "package-visible method " : "method ") + number(token) + " of " + m_checks.name(ref) + ", which has " +
            number(*count));
    }
  }

  void internal_static() {
    if (m_constant.info[0] != 0) wrong("padding " + number(m_constant.info[0]) + ", must be 0");
    if (m_constant.kind == ConstantKind::kStaticField && m_constant.offset() >= m_checks.file.static_fields.image_size) {
      wrong("static field at " + number(m_constant.offset()) + ", the image has " + number(m_checks.file.static_fields.image_size) +
            " bytes");
    }
    // A method is walked; what is wrong about it is said there.
  }

  void external_static() {
    if (m_constant.package() >= m_checks.file.imports.size()) {
      return wrong("package " + number(m_constant.package()) + ", there are " + number(m_checks.file.imports.size()) + " imports");
    }
    if (!m_checks.knows(m_constant.package())) return;
    const std::string name = m_checks.name(m_constant.package(), m_constant.class_token());
    const packages::Class* known = m_checks.external(m_constant.package(), m_constant.class_token());
    if (known == nullptr) return wrong("there is no " + name);
    const bool is_field = m_constant.kind == ConstantKind::kStaticField;
    const auto* member = is_field ? known->static_field(m_constant.token()) : known->static_method(m_constant.token());
    if (member == nullptr) wrong(name + " has no static " + (is_field ? "field " : "method ") + number(m_constant.token()));
  }

  Checks& m_checks;
  const Constant& m_constant;
  std::string m_where;
};

}  // namespace

std::string Checks::name(std::uint8_t package, std::uint8_t token) const {
  if (const packages::Class* known = external(package, token)) return known->name;
  if (knows(package)) return "class " + number(token) + " of " + m_imports[package]->name;
  return "class " + number(token) + " of import " + number(package);
}

std::string Checks::name(ClassRef ref) const {
  if (ref.none()) return "no class";
  return ref.external() ? name(ref.package(), ref.class_token()) : "the class at " + number(ref.offset());
}

std::optional<bool> Checks::is_interface(ClassRef ref, const std::string& where) {
  if (ref.none()) {
    wrong(ErrorCode::kRange, where + ": there must be a class");
    return std::nullopt;
  }
  if (!ref.external()) {
    const ClassInfo* one = internal(ref);
    if (one != nullptr) return one->is_interface();
    wrong(ErrorCode::kRange, where + ": no class or interface begins at byte " + number(ref.offset()) + " of the Class component");
    return std::nullopt;
  }
  if (ref.package() >= file.imports.size()) {
    wrong(ErrorCode::kRange, where + ": package " + number(ref.package()) + ", there are " + number(file.imports.size()) + " imports");
    return std::nullopt;
  }
  if (!knows(ref.package())) return std::nullopt;
  const packages::Class* known = external(ref);
  if (known == nullptr) {
    wrong(ErrorCode::kRange, where + ": there is no " + name(ref));
    return std::nullopt;
  }
  return known->is_interface;
}

std::optional<unsigned> Checks::public_methods(ClassRef ref) const {
  if (const ClassInfo* one = internal(ref)) return static_cast<unsigned>(one->public_table_base + one->public_methods.size());
  const packages::Class* known = external(ref);
  if (known == nullptr) return std::nullopt;
  return static_cast<unsigned>(
      std::ranges::count_if(known->members, [](const packages::Member& member) { return member.kind == packages::MemberKind::kVirtual; }));
}

std::optional<unsigned> Checks::package_methods(ClassRef ref) const {
  if (const ClassInfo* one = internal(ref)) return static_cast<unsigned>(one->package_table_base + one->package_methods.size());
  return ref.external() ? std::optional(0U) : std::nullopt;
}

void check_classes(Checks& checks) {
  bool classes_begun = false;
  for (const ClassInfo& one : checks.file.classes.classes) {
    checks.require(!one.is_interface() || !classes_begun, ErrorCode::kMalformed,
                   "Class component: the interface at " + number(one.offset) + " must come before the classes", one.offset);
    classes_begun = classes_begun || !one.is_interface();
    ClassCheck(checks, one).run();
  }
}

void check_constants(Checks& checks) {
  for (std::size_t i = 0; i < checks.file.constants.size(); ++i) ConstantCheck(checks, i).run();
}

void check_exports(Checks& checks) {
  for (std::size_t i = 0; i < checks.file.exports.size(); ++i) {
    const cap::ExportedClass& exported = checks.file.exports[i];
    const std::string where = "Export component, class " + number(i);
    const ClassInfo* one = checks.file.classes.at(exported.class_offset);
    if (one == nullptr) {
      checks.wrong(ErrorCode::kRange,
                   where + ": no class or interface begins at byte " + number(exported.class_offset) + " of the Class component");
      continue;
    }
    checks.require(!one->is_interface() || exported.static_methods.empty(), ErrorCode::kMalformed,
                   where + ": an interface with static methods");
    for (const std::uint16_t offset : exported.static_fields) {
      checks.require(
          offset < checks.file.static_fields.image_size, ErrorCode::kRange,
          where + ": static field at " + number(offset) + ", the image has " + number(checks.file.static_fields.image_size) + " bytes");
    }
  }
}

}  // namespace uicclab::jcvm::verifier
