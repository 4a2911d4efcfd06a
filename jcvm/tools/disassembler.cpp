// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/disassembler.hpp"

#include <iomanip>
#include <ostream>
#include <sstream>

#include "core/hex.hpp"

namespace uicclab::jcvm::tools {
namespace {

using code::Instruction;
using code::Operands;

std::string number(std::int64_t value) {
  return std::to_string(value);
}

std::string type_name(std::uint8_t type) {
  const std::string_view name = code::name_of(static_cast<code::ArrayType>(type));
  return name.empty() ? "type " + number(type) : std::string(name);
}

class InstructionText {
 public:
  InstructionText(const Instruction& instruction, const verifier::MethodBody& method, const Names& names, Places places)
      : m_now(instruction), m_method(method), m_names(names), m_absolute(places == Places::kAbsolute) {}

  std::string run() {
    operands();
    std::string out(m_now.operation->mnemonic);
    if (!m_operands.empty()) out += " " + m_operands;
    if (m_remark.empty()) return out;
    constexpr std::size_t kColumn = 24;
    return out + std::string(out.size() < kColumn ? kColumn - out.size() : 2, ' ') + m_remark;
  }

 private:
  std::string target(std::int64_t place) const { return "-> " + number(m_absolute ? place : place - m_method.header.code); }

  void constant() {
    if (m_absolute) m_operands += (m_operands.empty() ? "" : " ") + number(m_now.constant);
    m_remark = m_names.constant(m_now.constant);
  }

  void local(bool in_code) {
    if (in_code) m_operands = number(m_now.local);
    const bool stores = m_now.operation->pushes.empty() && !m_now.operation->pops.empty();
    m_remark = m_names.variable(m_method.offset, stores ? m_now.next() : m_now.offset, m_now.local);
  }

  void operands() {
    switch (m_now.operation->operands) {
      case Operands::kNone:
        if (m_now.touches_local()) local(false);
        break;
      case Operands::kByte:
      case Operands::kShort:
      case Operands::kInt:
        m_operands = number(m_now.value);
        break;
      case Operands::kLocal:
        local(true);
        break;
      case Operands::kLocalByte:
      case Operands::kLocalShort:
        local(true);
        m_operands += " " + number(m_now.value);
        break;
      case Operands::kBranch:
      case Operands::kBranchWide:
        m_operands = target(m_now.target);
        break;
      case Operands::kConstant8:
      case Operands::kConstant16:
        constant();
        break;
      case Operands::kInterface:
        m_operands = number(m_now.nargs) + (m_absolute ? " " + number(m_now.constant) : "") + " " + number(m_now.token);
        m_remark = m_names.interface_method(m_names.class_of(m_now.constant), m_now.token);
        break;
      case Operands::kArrayType:
        m_operands = type_name(m_now.type);
        break;
      case Operands::kTypeCheck:
        if (!m_now.names_constant()) {
          m_operands = type_name(m_now.type);
          break;
        }
        constant();
        if (m_now.type == code::kTypeReferences) m_remark += "[]";
        break;
      case Operands::kStackShuffle:
        m_operands = number(m_now.m) + " " + number(m_now.n);
        break;
      case Operands::kShortTable:
      case Operands::kIntTable:
      case Operands::kShortLookup:
      case Operands::kIntLookup:
        for (const auto& one : m_now.cases) m_operands += number(one.value) + " " + target(one.target) + ", ";
        m_operands += "default " + target(m_now.target);
        break;
    }
  }

  const Instruction& m_now;
  const verifier::MethodBody& m_method;
  const Names& m_names;
  bool m_absolute;
  std::string m_operands;
  std::string m_remark;
};

void write_header(std::ostream& out, const cap::CapFile& file, const Names& names) {
  const cap::Header& header = file.header;
  out << "package " << names.package() << " " << int{header.package.major} << "." << int{header.package.minor} << ", AID "
      << to_hex(header.package.aid.bytes()) << ", format " << int{header.format_major} << "." << int{header.format_minor} << ", flags "
      << to_hex(Bytes{header.flags}) << "\n";
  for (std::size_t i = 0; i < file.imports.size(); ++i) {
    const auto& import = file.imports[i];
    out << "import " << i << "  " << names.import(static_cast<std::uint8_t>(i)) << " " << int{import.major} << "." << int{import.minor}
        << ", AID " << to_hex(import.aid.bytes()) << "\n";
  }
  for (const auto& applet : file.applets) {
    out << "applet " << to_hex(applet.aid.bytes()) << ", install at " << applet.install_method << "  "
        << names.method(applet.install_method) << "\n";
  }
}

void write_constants(std::ostream& out, const cap::CapFile& file, const Names& names) {
  constexpr auto kKinds = std::to_array<std::string_view>({"", "class", "field", "virtual", "super", "static field", "static method"});
  out << "\nconstants\n";
  for (std::size_t i = 0; i < file.constants.size(); ++i) {
    out << std::setw(6) << i << "  " << std::left << std::setw(14) << kKinds[static_cast<std::size_t>(file.constants[i].kind)] << std::right
        << names.constant(i) << "\n";
  }
}

void write_table(std::ostream& out, const char* name, const std::vector<std::uint16_t>& table, std::uint8_t base, const Names& names) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    out << "    " << name << " " << base + i << "  " << (table[i] == 0xFFFF ? "inherited" : names.method(table[i])) << "\n";
  }
}

void write_classes(std::ostream& out, const cap::CapFile& file, const Names& names) {
  out << "\n";
  for (const auto& one : file.classes.classes) {
    out << (one.is_interface() ? "interface " : "class ") << names.class_name({one.offset}) << " at " << one.offset;
    if (one.is_shareable()) out << ", shareable";
    if (one.is_remote()) out << ", remote";
    for (const auto& super : one.superinterfaces) out << ", extends " << names.class_name(super);
    if (one.is_interface()) {
      out << "\n";
      continue;
    }
    if (!one.super.none()) out << ", extends " << names.class_name(one.super);
    out << ", " << int{one.declared_instance_size} << " cells";
    if (one.reference_count != 0)
      out << ", " << int{one.reference_count} << " references from field " << int{one.first_reference_token} << " on";
    out << "\n";
    for (const auto& implemented : one.interfaces) {
      out << "    implements " << names.class_name(implemented.interface);
      for (std::size_t i = 0; i < implemented.index.size(); ++i) out << (i == 0 ? ": " : ", ") << i << " is " << int{implemented.index[i]};
      out << "\n";
    }
    write_table(out, "virtual", one.public_methods, one.public_table_base, names);
    write_table(out, "package", one.package_methods, one.package_table_base, names);
  }
}

void write_static_fields(std::ostream& out, const cap::CapFile& file) {
  const cap::StaticField& fields = file.static_fields;
  out << "\nstatic fields: " << fields.image_size << " bytes, " << fields.reference_count << " references, " << fields.array_init.size()
      << " arrays with values\n";
  for (const auto& array : fields.array_init) {
    out << "    " << type_name(static_cast<std::uint8_t>(array.type + 8)) << " " << to_hex(array.values) << "\n";
  }
  if (!fields.non_default_values.empty()) out << "    values " << to_hex(fields.non_default_values) << "\n";
}

void write_exports(std::ostream& out, const cap::CapFile& file, const Names& names) {
  for (std::size_t i = 0; i < file.exports.size(); ++i) {
    const auto& exported = file.exports[i];
    out << "export " << i << "  " << names.class_name({exported.class_offset}) << "\n";
    for (std::size_t k = 0; k < exported.static_methods.size(); ++k)
      out << "    static " << k << "  " << names.method(exported.static_methods[k]) << "\n";
    for (std::size_t k = 0; k < exported.static_fields.size(); ++k)
      out << "    static field " << k << "  at " << exported.static_fields[k] << "\n";
  }
}

}  // namespace

std::string text_of(const Instruction& instruction, const verifier::MethodBody& method, const Names& names, Places places) {
  return InstructionText(instruction, method, names, places).run();
}

void write_method(std::ostream& out, const cap::CapFile& file, const verifier::MethodBody& method, const Names& names) {
  const cap::MethodHeader& header = method.header;
  out << "method " << names.method(method.offset) << " at " << method.offset;
  if (header.is_abstract()) {
    out << ", abstract\n";
    return;
  }
  out << ": stack " << int{header.max_stack} << ", arguments " << int{header.nargs} << ", locals " << int{header.max_locals} << "\n";
  std::string line;
  std::uint32_t next = header.code;
  for (const Instruction& instruction : method.instructions) {
    if (instruction.offset != next) out << "    " << next << " to " << instruction.offset - 1 << ": never reached\n";
    next = instruction.next();
    if (const std::string now = names.source_line(method.offset, instruction.offset); now != line && !now.empty())
      out << "  " << (line = now) << "\n";
    out << std::setw(8) << instruction.offset << "  " << text_of(instruction, method, names, Places::kAbsolute) << "\n";
  }
  for (const std::uint16_t index : method.handlers) {
    const cap::ExceptionHandler& handler = file.methods.handlers[index];
    out << "    from " << handler.start << " to " << handler.start + handler.length - 1 << " -> " << handler.handler << "  "
        << (handler.catch_type == 0 ? "any exception" : names.constant(handler.catch_type)) << "\n";
  }
}

void write_dump(std::ostream& out, const cap::CapFile& file, const verifier::Structure& structure) {
  const Names names(file);
  write_header(out, file, names);
  write_constants(out, file, names);
  write_classes(out, file, names);
  write_static_fields(out, file);
  write_exports(out, file, names);
  for (const auto& method : structure.methods) {
    out << "\n";
    write_method(out, file, method, names);
  }
}

}  // namespace uicclab::jcvm::tools
