// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/names.hpp"

#include "core/hex.hpp"

namespace uicclab::jcvm::tools {
namespace {

using cap::ClassInfo;
using cap::ClassRef;
using cap::Constant;
using cap::ConstantKind;

constexpr std::uint16_t kStaticFlag = 0x0008;  // of the Debug component (JCVM table 6-25), as in class files
constexpr std::uint16_t kFinalFlag = 0x0010;

std::string number(std::size_t value) {
  return std::to_string(value);
}

const packages::Member* inherited(const packages::Class* one, std::uint8_t token) {
  return one == nullptr ? nullptr : one->virtual_method(token);
}

}  // namespace

Names::Names(const cap::CapFile& file) : m_file(file) {
  name_by_debug();
  name_by_tables();
  name_by_descriptor();
}

void Names::name_by_debug() {
  if (!m_file.debug) return;
  const cap::Debug& debug = *m_file.debug;
  for (const auto& one : debug.classes) {
    const std::string name(debug.text(one.name));
    m_classes.try_emplace(one.location.offset(), name);
    for (const auto& method : one.methods) {
      const bool has_code = (one.flags & 0x0200) == 0;  // not an interface
      if (!has_code) continue;
      const std::string full = name + "." + std::string(debug.text(method.name)) + std::string(debug.text(method.descriptor));
      m_methods.try_emplace(method.location, Method{full, &one, &method, std::uint32_t{method.location} + method.header_size});
    }
    for (const auto& field : one.fields) {
      const std::string full = name + "." + std::string(debug.text(field.name));
      const std::string_view type = debug.text(field.descriptor);
      const bool is_reference = type.starts_with("L") || type.starts_with("[");
      if ((field.flags & kStaticFlag) == 0) {
        m_fields.try_emplace({one.location.offset(), static_cast<std::uint8_t>(field.contents)}, full);
      } else if ((field.flags & kFinalFlag) == 0 || is_reference) {  // others are constants, whose value is there
        m_static_fields.try_emplace(static_cast<std::uint16_t>(field.contents), full);
      }
    }
  }
}

/// Methods that override one of the API have its name; the others the token.
void Names::name_by_tables() {
  for (const ClassInfo& one : m_file.classes.classes) {
    const std::string name = class_name({one.offset});
    for (std::size_t i = 0; i < one.public_methods.size(); ++i) {
      if (one.public_methods[i] == 0xFFFF) continue;
      m_methods.try_emplace(
          one.public_methods[i],
          Method{virtual_method({one.offset}, static_cast<std::uint8_t>(one.public_table_base + i)), nullptr, nullptr, 0});
    }
    for (std::size_t i = 0; i < one.package_methods.size(); ++i) {
      if (one.package_methods[i] == 0xFFFF) continue;
      m_methods.try_emplace(one.package_methods[i], Method{name + ".package" + number(one.package_table_base + i), nullptr, nullptr, 0});
    }
  }
  for (const auto& applet : m_file.applets)
    m_methods.try_emplace(applet.install_method, Method{"install@" + number(applet.install_method), nullptr, nullptr, 0});
}

/// What is left: the class of a method and what it takes, and whether it is a constructor.
void Names::name_by_descriptor() {
  if (!m_file.descriptor) return;
  for (const auto& one : m_file.descriptor->classes) {
    if ((one.flags & cap::kDescriptorInterface) != 0) continue;
    for (const auto& method : one.methods) {
      const std::string what = (method.flags & cap::kDescriptorInit) != 0 ? "<init>" : "method@" + number(method.offset);
      m_methods.try_emplace(method.offset, Method{class_name(one.self) + "." + what + type(method.type), nullptr, nullptr, 0});
    }
  }
}

std::string Names::package() const {
  if (m_file.debug) return std::string(m_file.debug->text(m_file.debug->package_name));
  if (m_file.header.name && !m_file.header.name->empty()) return *m_file.header.name;
  return to_hex(m_file.header.package.aid.bytes());
}

std::string Names::import(std::uint8_t package) const {
  if (package >= m_file.imports.size()) return "import" + number(package);
  const packages::Package* table = packages::package_with(m_file.imports[package].aid);
  return table == nullptr ? to_hex(m_file.imports[package].aid.bytes()) : table->name;
}

const packages::Class* Names::external(std::uint8_t package, std::uint8_t token) const {
  if (package >= m_file.imports.size()) return nullptr;
  const packages::Package* table = packages::package_with(m_file.imports[package].aid);
  return table == nullptr ? nullptr : table->class_with(token);
}

std::string Names::external_name(std::uint8_t package, std::uint8_t token) const {
  const packages::Class* known = external(package, token);
  return known == nullptr ? import(package) + ".class" + number(token) : known->name;
}

std::string Names::class_name(ClassRef ref) const {
  if (ref.none()) return "none";
  if (ref.external()) return external_name(ref.package(), ref.class_token());
  const auto found = m_classes.find(ref.offset());
  return found == m_classes.end() ? "class@" + number(ref.offset()) : found->second;
}

std::string Names::method(std::uint32_t offset) const {
  const auto found = m_methods.find(offset);
  return found == m_methods.end() ? "method@" + number(offset) : found->second.name;
}

/// The class that has the code first, then the table of the superclass in another package.
std::string Names::virtual_method(ClassRef ref, std::uint8_t token) const {
  const bool package_visible = (token & 0x80) != 0;
  const unsigned index = token & 0x7FU;
  ClassRef step = ref;
  for (const ClassInfo* one = m_file.classes.at(step.offset()); !step.external() && one != nullptr;
       one = m_file.classes.at(step.offset())) {
    const auto& table = package_visible ? one->package_methods : one->public_methods;
    const unsigned base = package_visible ? one->package_table_base : one->public_table_base;
    if (index >= base && index < base + table.size() && table[index - base] != 0xFFFF) {
      const auto found = m_methods.find(table[index - base]);
      if (found != m_methods.end()) return found->second.name;
    }
    step = one->super;
    if (step.none()) break;
  }
  const packages::Member* member =
      step.external() && !package_visible ? inherited(external(step.package(), step.class_token()), token) : nullptr;
  if (member != nullptr) return class_name(ref) + "." + member->name + member->descriptor;
  return class_name(ref) + (package_visible ? ".package" : ".virtual") + number(index);
}

std::string Names::interface_method(ClassRef interface, std::uint8_t token) const {
  const packages::Member* member =
      interface.external() ? inherited(external(interface.package(), interface.class_token()), token) : nullptr;
  return class_name(interface) + "." + (member == nullptr ? "method" + number(token) : member->name + member->descriptor);
}

std::string Names::instance_field(ClassRef ref, std::uint8_t token) const {
  if (ref.external()) {
    const packages::Class* known = external(ref.package(), ref.class_token());
    const packages::Member* field = known == nullptr ? nullptr : known->instance_field(token);
    return class_name(ref) + "." + (field == nullptr ? "field" + number(token) : field->name);
  }
  const auto found = m_fields.find({ref.offset(), token});
  return found == m_fields.end() ? class_name(ref) + ".field" + number(token) : found->second;
}

std::string Names::static_field(std::uint16_t offset) const {
  const auto found = m_static_fields.find(offset);
  return found == m_static_fields.end() ? "static@" + number(offset) : found->second;
}

ClassRef Names::class_of(std::size_t constant) const {
  const bool is_class = constant < m_file.constants.size() && m_file.constants[constant].kind == ConstantKind::kClass;
  return is_class ? m_file.constants[constant].class_ref() : ClassRef{};
}

std::string Names::constant(std::size_t index) const {
  if (index >= m_file.constants.size()) return "constant" + number(index);
  const Constant& constant = m_file.constants[index];
  switch (constant.kind) {
    case ConstantKind::kClass:
      return class_name(constant.class_ref());
    case ConstantKind::kInstanceField:
      return instance_field(constant.class_ref(), constant.token());
    case ConstantKind::kVirtualMethod:
      return virtual_method(constant.class_ref(), constant.token());
    case ConstantKind::kSuperMethod: {
      const ClassInfo* one = constant.class_ref().external() ? nullptr : m_file.classes.at(constant.class_ref().offset());
      return "super " + virtual_method(one == nullptr ? constant.class_ref() : one->super, constant.token());
    }
    case ConstantKind::kStaticField:
    case ConstantKind::kStaticMethod:
      break;
  }
  const bool is_field = constant.kind == ConstantKind::kStaticField;
  if (!constant.external()) return is_field ? static_field(constant.offset()) : method(constant.offset());
  const packages::Class* known = external(constant.package(), constant.class_token());
  const packages::Member* member = known == nullptr ? nullptr
                                   : is_field       ? known->static_field(constant.token())
                                                    : known->static_method(constant.token());
  const std::string owner = external_name(constant.package(), constant.class_token()) + ".";
  if (member == nullptr) return owner + (is_field ? "static-field" : "static") + number(constant.token());
  return owner + member->name + (is_field ? "" : member->descriptor);
}

/// Nibbles of types (JCVM table 6-23): a reference is followed by four more, its class.
std::string Names::type(std::uint16_t offset) const {
  const auto nibbles = m_file.descriptor ? m_file.descriptor->type_at(offset) : Result<Bytes>(fail(ErrorCode::kNotFound, ""));
  if (!nibbles) return "";
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < nibbles->size(); ++i) {
    const std::uint8_t nibble = (*nibbles)[i];
    constexpr std::string_view kLetters = "?VZBSI";
    const bool array = nibble >= 0xA;
    const std::uint8_t element = array ? static_cast<std::uint8_t>(nibble - 8) : nibble;  // A boolean, B byte, C short, D int, E reference
    std::string part = array ? "[" : "";
    if (element == 6) {
      std::uint16_t ref = 0;
      for (std::size_t k = 1; k <= 4; ++k) ref = static_cast<std::uint16_t>(ref << 4 | (i + k < nibbles->size() ? (*nibbles)[i + k] : 0));
      i += 4;
      part += "L" + class_name({ref}) + ";";
    } else {
      part += element < kLetters.size() ? kLetters[element] : '?';
    }
    parts.push_back(std::move(part));
  }
  if (parts.empty()) return "";
  std::string arguments;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) arguments += parts[i];
  return "(" + arguments + ")" + parts.back();
}

const Names::Method* Names::debugged(std::uint32_t offset) const {
  const auto found = m_methods.find(offset);
  return found == m_methods.end() || found->second.debug == nullptr ? nullptr : &found->second;
}

std::string Names::source_line(std::uint32_t method, std::uint32_t instruction) const {
  const Method* known = debugged(method);
  if (known == nullptr || instruction < known->code) return "";
  const std::uint32_t at = instruction - known->code;
  for (const auto& line : known->debug->lines) {
    if (at >= line.start && at <= line.end)
      return std::string(m_file.debug->text(known->debug_class->source_file)) + ":" + number(line.line);
  }
  return "";
}

std::string Names::variable(std::uint32_t method, std::uint32_t place, std::uint8_t local) const {
  const Method* known = debugged(method);
  if (known == nullptr || place < known->code) return "";
  const std::uint32_t at = place - known->code;
  for (const auto& variable : known->debug->variables) {
    if (variable.index == local && at >= variable.start && at < std::uint32_t{variable.start} + variable.length) {
      return std::string(m_file.debug->text(variable.name));
    }
  }
  return "";
}

}  // namespace uicclab::jcvm::tools
