// SPDX-License-Identifier: Apache-2.0
// A CAP file of format 2.1 from methods in text, for tests of the virtual machine.
//
//   JavaAssembler cap;
//   cap.add_class({.name = "A", .super = "Object", .cells = 2});
//   cap.method("add", {.arguments = 2, .stack = 2}, "sload_0; sload_1; sadd; sreturn");
//   const cap::CapFile file = cap.build();     // encoded and parsed again
//
// Statements end with ';' or a line. "here:" is a label; ".catch from to handler Class" (or any) a handler. Operands: numbers, labels, and
// constants: #A a class, #A.f3 its field, #A.v7 its virtual method, #A.p0 a package-visible one, #A.u7 the superclass's, #A.m1 a static
// method of an imported class, #A.x1 a static field of one, #static8 a static field of this package, @add a method of this package.
#pragma once

#include <map>
#include <sstream>

#include "core/hex.hpp"
#include "jcvm/cap/cap_file.hpp"
#include "jcvm/code/instruction.hpp"

namespace uicclab::test {

namespace cap = jcvm::cap;
namespace code = jcvm::code;

class JavaAssembler {
 public:
  struct ClassSpec {
    std::string name;
    std::string super = "Object";  ///< empty: an interface
    std::uint8_t cells = 0;
    std::uint8_t first_reference = 0xFF;
    std::uint8_t references = 0;
    std::uint8_t base = 1;
    std::vector<std::string> methods;  ///< public ones from token `base` on; "": inherited
    std::uint8_t package_base = 0;
    std::vector<std::string> package_methods;
    std::vector<std::pair<std::string, Bytes>> interfaces;
    std::vector<std::string> superinterfaces;
    bool shareable = false;
  };
  struct MethodSpec {
    std::uint8_t arguments = 0;
    std::uint8_t locals = 0;
    std::uint8_t stack = 4;
    bool is_abstract = false;
  };

  std::string package = "F0000000A1";
  std::vector<cap::Package> imports;
  cap::StaticField statics;
  std::vector<cap::Applet> applets;  ///< install_method is filled in by install_methods
  std::vector<std::string> install_methods;
  std::vector<std::pair<std::string, std::vector<std::string>>> exports;  ///< class and its static methods
  std::map<std::string, std::vector<std::uint16_t>> exported_fields;
  bool with_int = true;

  JavaAssembler() {
    import_package("A0000000620101", 1, 0);
    import_package("A0000000620001", 1, 0);
    external("Object", 1, 0);
    external("Throwable", 1, 1);
    external("Applet", 0, 3);
    external("Shareable", 0, 2);
  }
  void import_package(const std::string& aid, std::uint8_t major, std::uint8_t minor) {
    imports.push_back({minor, major, *Aid::from(*from_hex(aid))});
  }
  void external(const std::string& name, unsigned import, unsigned token) {
    m_externals[name] = {static_cast<std::uint16_t>(0x8000 | import << 8 | token)};
  }
  void add_class(ClassSpec spec) { m_classes.push_back(std::move(spec)); }
  void method(const std::string& name, MethodSpec spec, const std::string& text) { m_methods.push_back({name, spec, text}); }
  std::uint32_t offset_of(const std::string& name) const { return m_offsets.at(name); }

  cap::CapFile build() {
    lay_out_classes();
    for (const bool last : {false, true}) {
      constant("#Object", last);  // no handler can name constant 0
      assemble(last);
      // A method that nothing names is none.
      for (const MethodText& method : m_methods) {
        if (!method.spec.is_abstract) constant("@" + method.name, last);
      }
    }
    m_file.header.package = {0, 1, *Aid::from(*from_hex(package))};
    m_file.header.flags = static_cast<std::uint8_t>((with_int ? cap::kAccInt : 0) | (exports.empty() ? 0 : cap::kAccExport) |
                                                    (applets.empty() ? 0 : cap::kAccApplet));
    m_file.imports = imports;
    m_file.static_fields = statics;
    m_file.applets = applets;
    for (std::size_t i = 0; i < applets.size(); ++i)
      m_file.applets[i].install_method = static_cast<std::uint16_t>(offset_of(install_methods[i]));
    fill_classes();
    for (const auto& [name, methods] : exports) {
      cap::ExportedClass& out = m_file.exports.emplace_back();
      out.class_offset = reference(name).offset();
      out.static_fields = exported_fields[name];
      for (const auto& method : methods) out.static_methods.push_back(static_cast<std::uint16_t>(offset_of(method)));
    }
    m_file.references = locate();
    m_file.order = {1, 2, 4, 6, 7, 8, 5, 9};
    if (!applets.empty()) m_file.order.insert(m_file.order.begin() + 3, 3);
    if (!exports.empty()) m_file.order.push_back(10);
    fill_directory();
    const Bytes bytes = m_file.encode();
    auto parsed = cap::CapFile::parse(bytes);
    if (!parsed) throw SystemError("assembled CAP file: " + parsed.error().text);
    return *std::move(parsed);
  }

  /// Of a class of this package, or one that was imported.
  cap::ClassRef reference(const std::string& name) const {
    if (const auto found = m_externals.find(name); found != m_externals.end()) return found->second;
    for (std::size_t i = 0; i < m_classes.size(); ++i) {
      if (m_classes[i].name == name) return {m_file.classes.classes.at(i).offset};
    }
    throw SystemError("assembler: no class " + name);
  }
  std::vector<std::string> class_names() const {
    std::vector<std::string> out;
    for (const ClassSpec& one : m_classes) out.push_back(one.name);
    return out;
  }

 private:
  using ClassRef = cap::ClassRef;
  struct MethodText {
    std::string name;
    MethodSpec spec;
    std::string text;
  };
  struct Catch {
    std::string from, to, target, type;
  };

  void lay_out_classes() {
    auto& classes = m_file.classes.classes;
    for (const ClassSpec& spec : m_classes) {
      cap::CapFile before;
      before.classes.classes = classes;
      before.order = {6};
      classes.emplace_back().offset = static_cast<std::uint16_t>(before.encode(cap::Component::kClass).size() - 3);  // tag and size
      cap::ClassInfo& info = classes.back();
      if (spec.super.empty()) {
        info.flags = cap::kAccInterface;
        info.superinterfaces.resize(spec.superinterfaces.size());
      } else {
        info.declared_instance_size = spec.cells;
        info.first_reference_token = spec.first_reference;
        info.reference_count = spec.references;
        info.public_table_base = spec.base;
        info.package_table_base = spec.package_base;
        info.public_methods.resize(spec.methods.size());
        info.package_methods.resize(spec.package_methods.size());
        for (const auto& one : spec.interfaces) info.interfaces.push_back({{}, one.second});
      }
      if (spec.shareable) info.flags |= cap::kAccShareable;
    }
  }
  void fill_classes() {
    for (std::size_t i = 0; i < m_classes.size(); ++i) {
      const ClassSpec& spec = m_classes[i];
      cap::ClassInfo& info = m_file.classes.classes[i];
      for (std::size_t k = 0; k < spec.superinterfaces.size(); ++k) info.superinterfaces[k] = reference(spec.superinterfaces[k]);
      if (spec.super.empty()) continue;
      info.super = reference(spec.super);
      const auto offset = [&](const std::string& name) {
        return name.empty() ? std::uint16_t{0xFFFF} : static_cast<std::uint16_t>(offset_of(name));
      };
      for (std::size_t k = 0; k < spec.methods.size(); ++k) info.public_methods[k] = offset(spec.methods[k]);
      for (std::size_t k = 0; k < spec.package_methods.size(); ++k) info.package_methods[k] = offset(spec.package_methods[k]);
      for (std::size_t k = 0; k < spec.interfaces.size(); ++k) info.interfaces[k].interface = reference(spec.interfaces[k].first);
    }
  }

  /// Twice: the first time for the places of methods.
  void assemble(bool last) {
    auto& component = m_file.methods;
    std::size_t handlers = 0;
    for (const MethodText& method : m_methods) {
      for (std::size_t at = method.text.find(".catch"); at != std::string::npos; at = method.text.find(".catch", at + 1)) ++handlers;
    }
    component.handlers.assign(handlers, {});
    component.methods.clear();
    std::size_t handler = 0;
    for (const MethodText& method : m_methods) {
      m_offsets[method.name] = component.size();
      const MethodSpec& spec = method.spec;
      append(component.methods,
             Bytes{static_cast<std::uint8_t>(0x80 | (spec.is_abstract ? 0x40 : 0)), spec.stack, spec.arguments, spec.locals});
      std::map<std::string, std::uint32_t> labels;
      for (const bool second : {false, true}) {
        const std::uint32_t begin = component.size();
        std::vector<Catch> catches;
        const Bytes code = statements(method.text, begin, labels, catches, second, last);
        if (!second) continue;
        append(component.methods, code);
        for (const Catch& one : catches) {
          cap::ExceptionHandler& out = component.handlers[handler++];
          out.start = static_cast<std::uint16_t>(labels.at(one.from));
          out.length = static_cast<std::uint16_t>(labels.at(one.to) - labels.at(one.from));
          out.handler = static_cast<std::uint16_t>(labels.at(one.target));
          out.catch_type = one.type == "any" ? std::uint16_t{0} : constant("#" + one.type, last);
        }
      }
    }
  }

  Bytes statements(const std::string& text, std::uint32_t begin, std::map<std::string, std::uint32_t>& labels, std::vector<Catch>& catches,
                   bool second, bool last) {
    Bytes out;
    std::string line;
    std::string all = text;
    std::ranges::replace(all, ';', '\n');
    std::istringstream lines(all);
    while (std::getline(lines, line)) {
      std::istringstream words(line);
      std::string word;
      while (words >> word && word.ends_with(':')) labels[word.substr(0, word.size() - 1)] = begin + static_cast<std::uint32_t>(out.size());
      if (!words) continue;
      if (word == ".catch") {
        Catch one;
        words >> one.from >> one.to >> one.target >> one.type;
        catches.push_back(one);
        continue;
      }
      const code::Operation* operation = code::operation_named(word);
      if (operation == nullptr) throw SystemError("assembler: no byte code " + word);
      std::vector<std::string> operands;
      for (std::string operand; words >> operand;) operands.push_back(operand);
      instruction(out, *operation, operands, begin, labels, second, last);
    }
    return out;
  }

  void instruction(Bytes& out, const code::Operation& operation, const std::vector<std::string>& operands, std::uint32_t begin,
                   const std::map<std::string, std::uint32_t>& labels, bool second, bool last) {
    using code::Operands;
    const std::uint32_t here = begin + static_cast<std::uint32_t>(out.size());
    const auto number = [&](std::int64_t value, unsigned size) {
      for (unsigned i = size; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    };
    const auto value = [&](std::size_t i) { return std::stoll(operands.at(i), nullptr, 0); };
    const auto distance = [&](std::size_t i) -> std::int64_t {
      const std::string& label = operands.at(i);
      if (!second) return 0;
      return std::int64_t{labels.at(label)} - here;
    };
    out.push_back(static_cast<std::uint8_t>(operation.op));
    switch (operation.operands) {
      case Operands::kNone:
        break;
      case Operands::kByte:
      case Operands::kLocal:
      case Operands::kArrayType:
        number(value(0), 1);
        break;
      case Operands::kShort:
        number(value(0), 2);
        break;
      case Operands::kInt:
        number(value(0), 4);
        break;
      case Operands::kLocalByte:
        number(value(0), 1);
        number(value(1), 1);
        break;
      case Operands::kLocalShort:
        number(value(0), 1);
        number(value(1), 2);
        break;
      case Operands::kBranch:
        number(distance(0), 1);
        break;
      case Operands::kBranchWide:
        number(distance(0), 2);
        break;
      case Operands::kConstant8:
        number(constant(operands.at(0), last), 1);
        break;
      case Operands::kConstant16:
        number(constant(operands.at(0), last), 2);
        break;
      case Operands::kInterface:
        number(value(0), 1);
        number(constant(operands.at(1), last), 2);
        number(value(2), 1);
        break;
      case Operands::kTypeCheck:
        number(value(0), 1);
        number(operands.size() > 1 ? constant(operands.at(1), last) : 0, 2);
        break;
      case Operands::kStackShuffle:
        number(value(0) << 4 | value(1), 1);
        break;
      case Operands::kShortTable:
      case Operands::kIntTable: {  // default low high labels...
        const unsigned size = operation.operands == Operands::kShortTable ? 2 : 4;
        number(distance(0), 2);
        number(value(1), size);
        number(value(2), size);
        for (std::size_t i = 3; i < operands.size(); ++i) number(distance(i), 2);
        break;
      }
      case Operands::kShortLookup:
      case Operands::kIntLookup: {  // default, pairs of value and label
        const unsigned size = operation.operands == Operands::kShortLookup ? 2 : 4;
        number(distance(0), 2);
        number(static_cast<std::int64_t>((operands.size() - 1) / 2), 2);
        for (std::size_t i = 1; i + 1 < operands.size(); i += 2) {
          number(value(i), size);
          number(distance(i + 1), 2);
        }
        break;
      }
    }
  }

  std::uint16_t constant(const std::string& text, bool last) {
    const auto found = m_constants.find(text);
    std::size_t index = found == m_constants.end() ? m_file.constants.size() : found->second;
    if (found == m_constants.end()) {
      m_constants[text] = index;
      m_file.constants.emplace_back();
    }
    if (last) m_file.constants[index] = make_constant(text);
    return static_cast<std::uint16_t>(index);
  }
  cap::Constant make_constant(const std::string& text) const {
    using cap::ConstantKind;
    const auto u8 = [](unsigned value) { return static_cast<std::uint8_t>(value); };
    if (text.starts_with('@')) {
      const std::uint32_t offset = offset_of(text.substr(1));
      return {ConstantKind::kStaticMethod, {0, u8(offset >> 8), u8(offset)}};
    }
    if (text.starts_with("#static")) {
      const unsigned offset = static_cast<unsigned>(std::stoul(text.substr(7)));
      return {ConstantKind::kStaticField, {0, u8(offset >> 8), u8(offset)}};
    }
    const std::size_t dot = text.find('.');
    const ClassRef ref = reference(text.substr(1, dot == std::string::npos ? dot : dot - 1));
    if (dot == std::string::npos) return {ConstantKind::kClass, {u8(ref.value >> 8U), u8(ref.value), 0}};
    const char kind = text[dot + 1];
    const unsigned token = static_cast<unsigned>(std::stoul(text.substr(dot + 2)));
    const ConstantKind as = kind == 'f'   ? ConstantKind::kInstanceField
                            : kind == 'u' ? ConstantKind::kSuperMethod
                            : kind == 'm' ? ConstantKind::kStaticMethod
                            : kind == 'x' ? ConstantKind::kStaticField
                                          : ConstantKind::kVirtualMethod;
    return {as, {u8(ref.value >> 8U), u8(ref.value), u8(kind == 'p' ? token | 0x80 : token)}};
  }

  /// Clause 6.12.
  cap::ReferenceLocation locate() const {
    std::vector<std::uint32_t> bytes, shorts;
    for (std::size_t i = 0; i < m_file.methods.handlers.size(); ++i) {
      if (m_file.methods.handlers[i].catch_type != 0) shorts.push_back(static_cast<std::uint32_t>(1 + 8 * i + 6));
    }
    for (std::size_t i = 0; i < m_methods.size(); ++i) {
      const std::uint32_t end = i + 1 < m_methods.size() ? m_offsets.at(m_methods[i + 1].name) : m_file.methods.size();
      for (std::uint32_t at = m_offsets.at(m_methods[i].name) + 4; at < end;) {
        const auto decoded = code::decode(m_file.methods.from(at), at);
        if (!decoded) throw SystemError("assembler: " + decoded.error().text);
        if (decoded->names_constant()) (decoded->constant_is_short() ? bytes : shorts).push_back(decoded->constant_place());
        at = decoded->next();
      }
    }
    const auto distances = [](const std::vector<std::uint32_t>& places) {
      Bytes out;
      std::uint32_t before = 0;
      for (const std::uint32_t place : places) {
        std::uint32_t left = place - before;
        for (; left >= 0xFF; left -= 0xFF) out.push_back(0xFF);
        out.push_back(static_cast<std::uint8_t>(left));
        before = place;
      }
      return out;
    };
    return {distances(bytes), distances(shorts)};
  }

  void fill_directory() {
    m_file.directory.sizes.assign(11, 0);
    m_file.directory.image_size = statics.image_size;
    m_file.directory.array_init_count = static_cast<std::uint16_t>(statics.array_init.size());
    for (const auto& init : statics.array_init)
      m_file.directory.array_init_size = static_cast<std::uint16_t>(m_file.directory.array_init_size + init.values.size());
    m_file.directory.import_count = static_cast<std::uint8_t>(imports.size());
    m_file.directory.applet_count = static_cast<std::uint8_t>(applets.size());
    for (unsigned tag = 1; tag <= 11; ++tag) {
      const Bytes one = m_file.encode(static_cast<cap::Component>(tag));
      m_file.directory.sizes[tag - 1] = static_cast<std::uint16_t>(one.empty() ? 0 : one.size() - 3);
    }
  }

  cap::CapFile m_file;
  std::vector<ClassSpec> m_classes;
  std::vector<MethodText> m_methods;
  std::map<std::string, ClassRef> m_externals;
  std::map<std::string, std::uint32_t> m_offsets;
  std::map<std::string, std::size_t> m_constants;
};

}  // namespace uicclab::test
