// SPDX-License-Identifier: Apache-2.0
// Descriptor and Debug components: JCVM 3.1 clauses 6.14 and 6.15.
#include <algorithm>

#include "jcvm/tools/converter/components.hpp"

namespace uicclab::jcvm::converter {
namespace {

constexpr std::uint8_t kPackageVisible = 0x80;
constexpr std::uint16_t kMethodFlags = 0x051F;  // public to final, native, abstract (table 6-26)
constexpr std::uint8_t kLowFlags = 0x1F;        // public to final are the same as in class files

/// Types as nibbles, each once (table 6-23).
class Types {
 public:
  Types(const Program& program, References& references, std::size_t constants)
      : m_program(program), m_references(references), m_base(2 + 2 * constants) {}

  /// Of a field or a method: its place.
  std::uint16_t place(std::string_view descriptor) {
    const auto known = m_places.find(descriptor);
    if (known != m_places.end()) return known->second;
    Bytes nibbles;
    if (const auto signature = signature_of(descriptor)) {
      for (const auto& type : signature->parameters) add(type, nibbles);
      add(signature->result, nibbles);
    } else {
      add(descriptor, nibbles);
    }
    const auto out = static_cast<std::uint16_t>(m_base + m_bytes.size());
    m_bytes.push_back(static_cast<std::uint8_t>(nibbles.size()));
    for (std::size_t i = 0; i < nibbles.size(); i += 2) {
      m_bytes.push_back(static_cast<std::uint8_t>(nibbles[i] << 4 | (i + 1 < nibbles.size() ? nibbles[i + 1] : 0)));
    }
    m_places.emplace(descriptor, out);
    return out;
  }
  Bytes take() { return std::move(m_bytes); }

 private:
  void add(std::string_view type, Bytes& nibbles) {
    const bool is_array = type.starts_with("[");
    if (is_array) type.remove_prefix(1);
    constexpr std::string_view kLetters = "?VZBSI";
    const std::size_t letter = type.starts_with("L") ? 6 : kLetters.find(type.front());
    nibbles.push_back(static_cast<std::uint8_t>(letter + (is_array ? 8 : 0)));
    if (letter != 6) return;
    const std::uint16_t ref = m_references.imports().class_ref(m_program.class_named(type.substr(1, type.size() - 2))).value;
    for (int shift = 12; shift >= 0; shift -= 4) nibbles.push_back(static_cast<std::uint8_t>(ref >> shift & 0x0F));
  }

  const Program& m_program;
  References& m_references;
  std::size_t m_base;
  std::map<std::string, std::uint16_t, std::less<>> m_places;
  Bytes m_bytes;
};

std::uint16_t field_type(Types& types, const std::string& descriptor) {
  constexpr std::string_view kLetters = "??ZBSI";
  const std::size_t letter = descriptor.size() == 1 ? kLetters.find(descriptor) : std::string_view::npos;
  return letter == std::string_view::npos ? types.place(descriptor) : static_cast<std::uint16_t>(0x8000 | letter);
}

cap::Descriptor::Field describe(const ClassModel& model, const FieldModel& field, Types& types) {
  const auto u8 = [](unsigned value) { return static_cast<std::uint8_t>(value); };
  cap::Descriptor::Field out;
  out.token = field.token;
  out.flags = static_cast<std::uint8_t>(field.java->flags & kLowFlags);
  out.type = field_type(types, field.java->descriptor);
  out.reference = field.is_static() ? std::array<std::uint8_t, 3>{0, u8(field.offset >> 8), u8(field.offset & 0xFF)}
                                    : std::array<std::uint8_t, 3>{u8(model.offset >> 8), u8(model.offset & 0xFF), field.token};
  return out;
}

cap::Descriptor::Method describe(const MethodModel& method, Types& types) {
  cap::Descriptor::Method out;
  out.token = method.token == kNoToken && method.package_token != kNoToken
                  ? static_cast<std::uint8_t>(method.package_token | kPackageVisible)
                  : method.token;
  out.flags = static_cast<std::uint8_t>(method.flags & kLowFlags);
  if (method.is_abstract()) out.flags |= cap::kDescriptorAbstractMethod;
  if (method.is_init()) out.flags |= cap::kDescriptorInit;
  out.offset = method.offset;
  out.type = types.place(method.descriptor);
  out.code_size = method.code_size;
  out.handler_count = method.handler_count;
  out.handler_index = method.handler_count == 0 ? std::uint16_t{0} : method.handler_index;
  return out;
}

/// With the methods that it inherits: they have tokens of its own numbering (clause 4.3.7.7).
void describe_interface(const ClassModel& model, Types& types, cap::Descriptor::Class& out) {
  for (std::size_t token = 0; token < model.public_table.size(); ++token) {
    cap::Descriptor::Method method;
    method.token = static_cast<std::uint8_t>(token);
    method.flags = cap::kDescriptorPublic | cap::kDescriptorAbstractMethod;
    method.type = types.place(model.public_table[token].descriptor);
    out.methods.push_back(method);
  }
}

class DebugWriter {
 public:
  DebugWriter(const Program& program, const std::vector<MethodUnit>& units, const Options& options, cap::Debug& out)
      : m_program(program), m_units(units), m_out(out) {
    m_out.package_name = text(options.package);
  }

  void run() {
    for (const auto& model : m_program.classes()) m_out.classes.push_back(one(*model));
  }

 private:
  std::uint16_t text(const std::string& words) {
    const auto [place, is_new] = m_strings.try_emplace(words, m_out.strings.size());
    if (is_new) m_out.strings.push_back(words);
    return static_cast<std::uint16_t>(place->second);
  }

  cap::Debug::Class one(const ClassModel& model) {
    cap::Debug::Class out;
    out.name = text(model.name());
    constexpr std::uint16_t kSuper = 0x20;  // of class files; here it says "remote" (table 6-24)
    constexpr std::uint16_t kShareable = 0x0800;
    out.flags = static_cast<std::uint16_t>((model.file->flags & ~kSuper) | (model.shareable ? kShareable : 0));
    out.location = {model.offset};
    out.super_name = text(model.file->super);
    out.source_file = text(model.file->source_file);
    // As many as in the Class component.
    for (const packages::Class* interface : model.api_interfaces) out.interface_names.push_back(text(interface->name));
    for (const ClassModel* interface : model.interfaces) out.interface_names.push_back(text(interface->name()));
    for (const FieldModel& field : model.fields) {
      const std::uint32_t contents = field.constant      ? static_cast<std::uint32_t>(*field.constant)
                                     : field.is_static() ? field.offset
                                                         : field.token;
      out.fields.push_back({text(field.java->name), text(field.java->descriptor), field.java->flags, contents});
    }
    for (const MethodModel& method : model.methods) {
      cap::Debug::Method described;
      described.name = text(method.name);
      described.descriptor = text(method.descriptor);
      described.flags = method.flags & kMethodFlags;
      described.location = method.is_abstract() ? std::uint16_t{0} : method.offset;
      described.body_size = method.code_size;
      const auto unit = std::ranges::find(m_units, &method,
                                          [](const MethodUnit& candidate) { return static_cast<const MethodModel*>(candidate.method); });
      if (unit != m_units.end() && !method.is_abstract()) {
        described.header_size = static_cast<std::uint8_t>(unit->header_size());
        if (unit->code) places(*unit, described);
      }
      out.methods.push_back(std::move(described));
    }
    return out;
  }

  void places(const MethodUnit& unit, cap::Debug::Method& out) {
    const auto& java = *unit.method->java->code;
    const auto place = [&](std::size_t pc) { return unit.assembled->offsets[unit.code->start_of(static_cast<std::uint32_t>(pc))]; };
    const auto u16 = [](std::size_t value) { return static_cast<std::uint16_t>(value); };
    for (std::size_t i = 0; i < java.lines.size(); ++i) {
      const std::size_t start = place(java.lines[i].start);
      const std::size_t end = i + 1 < java.lines.size() ? place(java.lines[i + 1].start) : unit.assembled->bytes.size();
      if (start < end) out.lines.push_back({u16(start), u16(end - 1), java.lines[i].line});
    }
    for (const auto& variable : java.variables) {
      if (variable.index >= unit.code->local_cells.size()) continue;
      const std::size_t start = place(variable.start);
      const std::size_t end = place(std::size_t{variable.start} + variable.length);
      if (start >= end) continue;
      out.variables.push_back({static_cast<std::uint8_t>(unit.code->local_cells[variable.index]), text(variable.name),
                               text(variable.descriptor), u16(start), u16(end - start)});
    }
  }

  const Program& m_program;
  const std::vector<MethodUnit>& m_units;
  cap::Debug& m_out;
  std::map<std::string, std::size_t> m_strings;
};

}  // namespace

void write_descriptor(const Program& program, References& references, cap::CapFile& file) {
  cap::Descriptor& out = file.descriptor.emplace();
  Types types(program, references, file.constants.size());
  for (const Reference* one : references.in_order()) {
    out.constant_types.push_back(one->kind == cap::ConstantKind::kClass ? std::uint16_t{0xFFFF} : types.place(one->descriptor));
  }
  for (const auto& model : program.classes()) {
    cap::Descriptor::Class described;
    described.token = model->token;
    described.flags = static_cast<std::uint8_t>(model->file->flags & (kPublic | kFinal));
    if (model->is_interface()) described.flags |= cap::kDescriptorInterface;
    if (model->is_abstract()) described.flags |= cap::kDescriptorAbstract;  // interfaces too (table 6-20)
    described.self = {model->offset};
    // Also what its interfaces extend, as in the Class component; an interface says so only there.
    if (const cap::ClassInfo* info = model->is_interface() ? nullptr : file.classes.at(model->offset)) {
      for (const auto& implemented : info->interfaces) described.interfaces.push_back(implemented.interface);
    }
    for (const FieldModel& field : model->fields) {
      if (!field.constant) described.fields.push_back(describe(*model, field, types));
    }
    if (model->is_interface()) {
      describe_interface(*model, types, described);
    } else {
      for (const MethodModel& method : model->methods) described.methods.push_back(describe(method, types));
    }
    out.classes.push_back(std::move(described));
  }
  out.types = types.take();
}

void write_debug(const Program& program, const std::vector<MethodUnit>& units, const Options& options, cap::CapFile& file) {
  DebugWriter(program, units, options, file.debug.emplace()).run();
}

}  // namespace uicclab::jcvm::converter
