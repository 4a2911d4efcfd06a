// SPDX-License-Identifier: Apache-2.0
// Tokens of classes, fields and methods, and the tables of virtual methods: JCVM 3.1 clauses 4.3.7.1 to 4.3.7.7, 6.9.2.
#include <algorithm>

#include "jcvm/tools/converter/program.hpp"

namespace uicclab::jcvm::converter {
namespace {

constexpr std::size_t kMostVirtual = 128;  // clause 4.3.7.6: seven bits
constexpr std::size_t kMostFields = 255;
constexpr std::size_t kMostInterfaces = 15;

class TokenMaker {
 public:
  TokenMaker(ClassModel& model, Report& report) : m_model(model), m_report(report) {}

  void run() {
    m_model.is_interface() ? interface_methods() : class_methods();
    instance_fields();
    static_members();
    const std::size_t interfaces = m_model.interfaces.size() + m_model.api_interfaces.size();
    if (interfaces > kMostInterfaces) wrong(std::to_string(interfaces) + " interfaces, must be at most 15");
  }

 private:
  void wrong(const std::string& text) { m_report.refuse(*m_model.file, 0, "class " + m_model.name() + ": " + text); }

  static Slot* find(std::vector<Slot>& table, std::string_view name, std::string_view descriptor) {
    const auto found = std::ranges::find_if(table, [&](const Slot& slot) { return slot.name == name && slot.descriptor == descriptor; });
    return found == table.end() ? nullptr : &*found;
  }
  static std::uint8_t place(const std::vector<Slot>& table, const Slot* slot) { return static_cast<std::uint8_t>(slot - table.data()); }

  /// An interface's methods and those of the ones above it have one numbering (clause 4.3.7.7).
  void interface_methods() {
    auto& table = m_model.public_table;
    const auto add = [&](const std::string& name, const std::string& descriptor, MethodModel* method) {
      if (Slot* slot = find(table, name, descriptor)) {
        if (method != nullptr) slot->method = method;
      } else {
        table.push_back({name, descriptor, method});
      }
    };
    for (const packages::Class* above : m_model.api_interfaces) {
      for (const auto& member : above->members) {
        if (member.kind == packages::MemberKind::kVirtual) add(member.name, member.descriptor, nullptr);
      }
    }
    for (const ClassModel* above : m_model.interfaces) {
      for (const Slot& slot : above->public_table) add(slot.name, slot.descriptor, nullptr);
    }
    for (MethodModel& method : m_model.methods) add(method.name, method.descriptor, &method);
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (table[i].method != nullptr) table[i].method->token = static_cast<std::uint8_t>(i);
    }
    if (table.size() > kMostVirtual) wrong(std::to_string(table.size()) + " methods, must be at most 128");
  }

  void inherit() {
    if (m_model.super != nullptr) {
      m_model.public_table = m_model.super->public_table;
      m_model.package_table = m_model.super->package_table;
      return;
    }
    if (m_model.api_super == nullptr) return;
    for (unsigned token = 0; token <= 0x7F; ++token) {
      if (m_model.api_super->inheritable && token >= *m_model.api_super->inheritable) break;
      const auto* member = m_model.api_super->virtual_method(static_cast<std::uint8_t>(token));
      if (member == nullptr) break;
      m_model.public_table.push_back({member->name, member->descriptor, nullptr});
    }
  }

  void class_methods() {
    inherit();
    const std::size_t inherited = m_model.public_table.size();
    const std::size_t package_inherited = m_model.package_table.size();
    m_model.public_base = inherited;
    m_model.package_base = package_inherited;
    for (MethodModel& method : m_model.methods) {
      if (method.is_virtual()) virtual_method(method);
    }
    if (m_model.is_abstract()) leave_to_subclasses();
    if (m_model.public_table.size() > kMostVirtual) {
      wrong(std::to_string(m_model.public_table.size()) + " public and protected methods, must be at most 128");
    }
    if (m_model.package_table.size() > kMostVirtual) {
      wrong(std::to_string(m_model.package_table.size()) + " package-visible methods, must be at most 128");
    }
  }

  /// A method that is package-visible in the superclass and public here has both tokens: who calls it by the superclass uses the one.
  void virtual_method(MethodModel& method) {
    if (Slot* slot = find(m_model.package_table, method.name, method.descriptor)) {
      take(m_model.package_table, m_model.package_base, *slot, method, method.package_token);
    } else if (!method.is_exported()) {
      m_model.package_table.push_back({method.name, method.descriptor, nullptr});
      take(m_model.package_table, m_model.package_base, m_model.package_table.back(), method, method.package_token);
    }
    if (!method.is_exported()) return;
    Slot* slot = find(m_model.public_table, method.name, method.descriptor);
    if (slot == nullptr) {
      m_model.public_table.push_back({method.name, method.descriptor, nullptr});
      slot = &m_model.public_table.back();
    }
    take(m_model.public_table, m_model.public_base, *slot, method, method.token);
  }

  static void take(std::vector<Slot>& table, std::size_t& base, Slot& slot, MethodModel& method, std::uint8_t& token) {
    slot.method = &method;
    token = place(table, &slot);
    base = std::min<std::size_t>(base, token);
  }

  /// Every method of an interface needs a token of the class that implements it.
  void leave_to_subclasses() {
    const auto need = [&](const std::string& name, const std::string& descriptor) {
      if (find(m_model.public_table, name, descriptor) != nullptr) return;
      MethodModel method;
      method.owner = &m_model;
      method.name = name;
      method.descriptor = descriptor;
      method.flags = kPublic | kAbstract;
      m_model.methods.push_back(std::move(method));
      virtual_method(m_model.methods.back());
    };
    for (const ClassModel* interface : m_model.interfaces) {
      for (const Slot& slot : interface->public_table) need(slot.name, slot.descriptor);
    }
    for (const packages::Class* interface : m_model.api_interfaces) {
      for (const auto& member : interface->members) {
        if (member.kind == packages::MemberKind::kVirtual) need(member.name, member.descriptor);
      }
    }
  }

  /// Clause 4.3.7.5, table 4-6: public and protected numbers, ints, references; then the others the other way round. So all references are
  /// in one piece.
  void instance_fields() {
    std::size_t next = 0;
    const auto give = [&](bool is_visible, auto matches) {
      for (FieldModel& field : m_model.fields) {
        if (field.is_static() || ((field.java->flags & (kPublic | kProtected)) != 0) != is_visible || !matches(field)) continue;
        if (field.is_reference()) {
          if (m_model.reference_count == 0) m_model.first_reference = static_cast<std::uint8_t>(next);
          ++m_model.reference_count;
        }
        field.token = static_cast<std::uint8_t>(next);
        next += field.java->descriptor == "I" ? 2 : 1;
      }
    };
    const auto number = [](const FieldModel& field) { return !field.is_reference() && field.java->descriptor != "I"; };
    const auto integer = [](const FieldModel& field) { return field.java->descriptor == "I"; };
    const auto reference = [](const FieldModel& field) { return field.is_reference(); };
    give(true, number);
    give(true, integer);
    give(true, reference);
    give(false, reference);
    give(false, number);
    give(false, integer);
    if (next > kMostFields) return wrong(std::to_string(next) + " cells of fields, must be at most 255");
    m_model.instance_size = static_cast<std::uint8_t>(next);
  }

  /// Static members that can be seen have tokens (clauses 4.3.7.3, 4.3.7.4), in the Descriptor also if the package exports nothing.
  void static_members() {
    if ((m_model.file->flags & kPublic) == 0) return;
    std::size_t fields = 0;
    for (FieldModel& field : m_model.fields) {
      const bool visible = field.is_static() && !field.constant && (field.java->flags & (kPublic | kProtected)) != 0;
      if (visible) field.token = static_cast<std::uint8_t>(fields++);
    }
    std::size_t methods = 0;
    for (MethodModel& method : m_model.methods) {
      if ((method.is_static() || method.is_init()) && method.is_exported()) method.token = static_cast<std::uint8_t>(methods++);
    }
    if (fields > kMostFields || methods > kMostFields) wrong("too many static members to export, must be at most 255");
  }

  ClassModel& m_model;
  Report& m_report;
};

}  // namespace

void assign_tokens(Program& program, Exported exported, Report& report) {
  const auto is_visible = [](const ClassModel& model) { return (model.file->flags & kPublic) != 0; };
  for (const auto& model : program.classes()) {
    model->is_exported = is_visible(*model) &&
                         (exported == Exported::kAll || (exported == Exported::kShareable && model->is_interface() && model->shareable));
    TokenMaker(*model, report).run();
  }
  // Exported classes come first: their place in the Export component is their token (clause 6.13).
  std::size_t classes = 0;
  for (const bool exported_ones : {true, false}) {
    for (const auto& model : program.classes()) {
      if (is_visible(*model) && model->is_exported == exported_ones) model->token = static_cast<std::uint8_t>(classes++);
    }
  }
  if (classes > kMostFields) report.refuse(std::to_string(classes) + " public classes, must be at most 255");
}

}  // namespace uicclab::jcvm::converter
