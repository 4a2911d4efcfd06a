// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/converter/subset.hpp"

#include "jcvm/tools/converter/code_generator.hpp"

namespace uicclab::jcvm::converter {
namespace {

constexpr std::uint16_t kNewest = 52;  // Java 8: later ones have private methods that are called as virtual ones
constexpr unsigned kMostArguments = 255;

/// Why a type cannot be on a card; empty: it can.
std::string refused_type(const Program& program, std::string_view type, bool allow_int) {
  switch (type.front()) {
    case 'V':
    case 'Z':
    case 'B':
    case 'S':
      return {};
    case 'I':
      return allow_int ? "" : "type int: use short, or convert with --int";
    case 'C':
      return "type char is not in the Java Card language; use byte or short";
    case 'J':
      return "type long is not in the Java Card language";
    case 'F':
    case 'D':
      return "types float and double are not in the Java Card language";
    case '[':
      if (type.starts_with("[[")) return "arrays of more than one dimension are not in the Java Card language";
      return refused_type(program, type.substr(1), allow_int);
    default:
      if (type == "Ljava/lang/String;") return "strings are not in the Java Card language; use an array of bytes";
      type = type.substr(1, type.size() - 2);
      return program.class_named(type) ? "" : "class " + std::string(type) + " is in no package that can be imported";
  }
}

class SubsetCheck {
 public:
  SubsetCheck(const Program& program, const ClassModel& model, bool allow_int, Report& report)
      : m_program(program), m_model(model), m_file(*model.file), m_allow_int(allow_int), m_report(report) {}

  void run() {
    if (m_file.version > kNewest) {
      refuse(0, "class file of version " + std::to_string(m_file.version) + ": compile with --release 8");
    }
    if ((m_file.flags & kEnum) != 0) return refuse(0, "enum " + m_file.name + ": enums are not in the Java Card language; use constants");
    if ((m_file.flags & kAnnotation) != 0) refuse(0, "annotation " + m_file.name + ": annotations cannot be in a CAP file");
    for (const auto& field : m_file.fields) {
      if (const std::string reason = refused_type(m_program, field.descriptor, m_allow_int); !reason.empty()) {
        const bool is_inlined = (field.flags & kStatic) != 0 && (field.flags & kFinal) != 0 && field.value;
        if (!is_inlined || field.descriptor != "I") refuse(0, "field " + field.name + ": " + reason);
      }
    }
    for (const auto& method : m_file.methods) check_method(method);
  }

 private:
  void refuse(unsigned line, const std::string& text) { m_report.refuse(m_file, line, text); }

  void check_method(const ClassFile::Method& method) {
    if (method.name == "<clinit>") return;
    const unsigned line = method.code ? method.code->line_of(0) : 0;
    const std::string where = "method " + method.name + ": ";
    if ((method.flags & kNative) != 0) refuse(line, where + "native methods cannot be in a CAP file");
    if ((method.flags & kSynchronized) != 0) refuse(line, where + "synchronized: there are no threads in the Java Card language");
    if (m_model.is_interface() && (method.flags & kAbstract) == 0) {
      refuse(line, where + "methods with code in interfaces are not in the Java Card language");
    }
    if (method.name == "finalize" && method.descriptor == "()V") refuse(line, where + "finalization is not in the Java Card language");
    const auto types = signature_of(method.descriptor);
    unsigned cells = (method.flags & kStatic) == 0 ? 1 : 0;
    for (const auto& type : types->parameters) {
      cells += cells_of(type);
      if (const std::string reason = refused_type(m_program, type, m_allow_int); !reason.empty()) refuse(line, where + reason);
    }
    if (const std::string reason = refused_type(m_program, types->result, m_allow_int); !reason.empty()) refuse(line, where + reason);
    if (cells > kMostArguments) refuse(line, where + std::to_string(cells) + " cells of arguments, must be at most 255");
  }

  const Program& m_program;
  const ClassModel& m_model;
  const ClassFile& m_file;
  bool m_allow_int;
  Report& m_report;
};

}  // namespace

void check_subset(const Program& program, const ClassModel& model, bool allow_int, Report& report) {
  SubsetCheck(program, model, allow_int, report).run();
}

}  // namespace uicclab::jcvm::converter
