// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/converter/export_table.hpp"

#include <algorithm>
#include <sstream>

#include "core/hex.hpp"

namespace uicclab::jcvm::converter {
namespace {

class TableWriter {
 public:
  TableWriter(const Program& program, const Options& options) : m_program(program), m_options(options) {}

  std::string run() {
    m_out << "# What package " << m_options.package << " exports.\npackage " << m_options.package << " "
          << unsigned{m_options.version.major} << "." << unsigned{m_options.version.minor} << " " << to_hex(m_options.aid.bytes()) << "\n";
    std::vector<const ClassModel*> exported;
    for (const auto& model : m_program.classes()) {
      if (model->is_exported) exported.push_back(model.get());
    }
    std::ranges::sort(exported, {}, &ClassModel::token);
    for (const ClassModel* model : exported) class_(*model);
    return m_out.str();
  }

 private:
  /// Names of the table's own package are written without the package.
  std::string name_of(const std::string& name) const {
    return name.starts_with(m_options.package + "/") ? name.substr(m_options.package.size() + 1) : name;
  }

  void class_(const ClassModel& model) {
    m_out << "\n" << (model.is_interface() ? "interface " : "class ") << unsigned{model.token} << " " << name_of(model.name());
    if (!model.is_interface() && model.is_abstract()) m_out << " abstract";
    if ((model.file->flags & kFinal) != 0) m_out << " final";
    if (model.shareable) m_out << " shareable";
    if (!model.is_interface()) m_out << " extends " << super_of(model);
    const char* word = model.is_interface() ? " extends " : " implements ";
    for (const packages::Class* interface : model.api_interfaces) interface_name(interface->name, word);
    for (const ClassModel* interface : model.interfaces) {
      if (interface->is_exported) interface_name(interface->name(), word);
    }
    m_out << "\n";
    for (const FieldModel& field : model.fields) this->field(field);
    for (const MethodModel& method : model.methods) bound(method);
    for (std::size_t i = 0; i < model.public_table.size(); ++i) slot(model, i);
  }

  void interface_name(const std::string& name, const char*& word) {
    m_out << word << name_of(name);
    word = " ";
  }

  /// A class that others cannot name is passed over; what is inherited of it is listed.
  std::string super_of(const ClassModel& model) const {
    const ClassModel* step = &model;
    while (step->super != nullptr) {
      step = step->super;
      if (step->is_exported) return name_of(step->name());
    }
    return step->api_super == nullptr ? "java/lang/Object" : step->api_super->name;
  }

  void flags(std::uint16_t flags) {
    if ((flags & kProtected) != 0) m_out << " protected";
    if ((flags & kFinal) != 0) m_out << " final";
    if ((flags & kAbstract) != 0) m_out << " abstract";
    m_out << "\n";
  }

  void field(const FieldModel& field) {
    if ((field.java->flags & (kPublic | kProtected)) == 0) return;
    if (field.constant) {
      m_out << "  const " << field.java->name << " " << field.java->descriptor << " " << *field.constant << "\n";
      return;
    }
    m_out << (field.is_static() ? "  static-field " : "  field ") << unsigned{field.token} << " " << field.java->name << " "
          << field.java->descriptor;
    flags(field.java->flags);
  }

  void bound(const MethodModel& method) {
    if ((!method.is_static() && !method.is_init()) || method.token == kNoToken) return;
    m_out << (method.is_init() ? "  init " : "  static ") << unsigned{method.token} << " ";
    if (!method.is_init()) m_out << method.name << " ";
    m_out << method.descriptor;
    flags(method.flags & kProtected);
  }

  void slot(const ClassModel& model, std::size_t token) {
    const Slot& slot = model.public_table[token];
    m_out << "  virtual " << token << " " << slot.name << " " << slot.descriptor;
    flags(slot.method != nullptr ? slot.method->flags : inherited_flags(model, slot));
  }

  static std::uint16_t inherited_flags(const ClassModel& model, const Slot& slot) {
    const ClassModel* step = &model;
    while (step->super != nullptr) step = step->super;
    const auto* member = step->api_super == nullptr ? nullptr : step->api_super->method(slot.name, slot.descriptor);
    if (member == nullptr) return 0;
    return static_cast<std::uint16_t>((member->is_protected ? kProtected : 0) | (member->is_final ? kFinal : 0) |
                                      (member->is_abstract ? kAbstract : 0));
  }

  const Program& m_program;
  const Options& m_options;
  std::ostringstream m_out;
};

}  // namespace

std::string export_table(const Program& program, const Options& options) {
  return TableWriter(program, options).run();
}

}  // namespace uicclab::jcvm::converter
