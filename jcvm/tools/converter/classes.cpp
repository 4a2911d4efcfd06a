// SPDX-License-Identifier: Apache-2.0
// Class, Constant Pool, Static Field and Export components: JCVM 3.1 clauses 6.8, 6.9, 6.11 and 6.13.
#include <algorithm>

#include "jcvm/tools/converter/components.hpp"

namespace uicclab::jcvm::converter {
namespace {

std::vector<std::uint16_t> table_of(const std::vector<Slot>& table, std::size_t base) {
  std::vector<std::uint16_t> out;
  for (std::size_t i = base; i < table.size(); ++i) out.push_back(table[i].method == nullptr ? 0xFFFF : table[i].method->offset);
  return out;
}

std::uint8_t token_of(const ClassModel& model, std::string_view name, std::string_view descriptor) {
  for (std::size_t i = 0; i < model.public_table.size(); ++i) {
    if (model.public_table[i].name == name && model.public_table[i].descriptor == descriptor) return static_cast<std::uint8_t>(i);
  }
  return 0;  // a compiler does not leave a method of an interface out
}

cap::ClassInfo interface_info(const ClassModel& model, References& references) {
  cap::ClassInfo out;
  out.flags = static_cast<std::uint8_t>(cap::kAccInterface | (model.shareable ? cap::kAccShareable : 0));
  for (const packages::Class* above : model.api_interfaces) out.superinterfaces.push_back(references.imports().class_ref({nullptr, above}));
  for (const ClassModel* above : model.interfaces) out.superinterfaces.push_back({above->offset});
  return out;
}

cap::ClassInfo class_info(const ClassModel& model, References& references) {
  cap::ClassInfo out;
  out.flags = model.shareable ? cap::kAccShareable : 0;
  out.super = references.imports().class_ref({model.super, model.api_super});
  out.declared_instance_size = model.instance_size;
  out.first_reference_token = model.first_reference;
  out.reference_count = model.reference_count;
  out.public_table_base = static_cast<std::uint8_t>(model.public_base);
  out.package_table_base = static_cast<std::uint8_t>(model.package_base);
  out.public_methods = table_of(model.public_table, model.public_base);
  out.package_methods = table_of(model.package_table, model.package_base);
  for (const packages::Class* interface : model.api_interfaces) {
    cap::ClassInfo::Implemented one{references.imports().class_ref({nullptr, interface}), {}};
    for (unsigned token = 0; token <= 0xFF; ++token) {
      const auto* member = interface->virtual_method(static_cast<std::uint8_t>(token));
      if (member == nullptr) break;
      references.imports().use(*interface, member->since);
      one.index.push_back(token_of(model, member->name, member->descriptor));
    }
    out.interfaces.push_back(std::move(one));
  }
  for (const ClassModel* interface : model.interfaces) {
    cap::ClassInfo::Implemented one{{interface->offset}, {}};
    for (const Slot& slot : interface->public_table) one.index.push_back(token_of(model, slot.name, slot.descriptor));
    out.interfaces.push_back(std::move(one));
  }
  return out;
}

std::size_t size_of(const cap::ClassInfo& one) {
  if (one.is_interface()) return 1 + 2 * one.superinterfaces.size();
  std::size_t out = 10 + 2 * (one.public_methods.size() + one.package_methods.size());
  for (const auto& interface : one.interfaces) out += 3 + interface.index.size();
  return out;
}

}  // namespace

void write_classes(const Program& program, References& references, cap::CapFile& file) {
  std::size_t next = file.header.format_minor >= 2 ? 2 : 0;  // behind the empty signature pool
  for (const auto& model : program.classes()) {
    model->offset = static_cast<std::uint16_t>(next);
    auto info = model->is_interface() ? interface_info(*model, references) : class_info(*model, references);
    info.offset = model->offset;
    next += size_of(info);
    file.classes.classes.push_back(std::move(info));
  }
}

void write_constants(References& references, cap::CapFile& file) {
  for (const Reference* one : references.in_order()) {
    cap::Constant constant;
    constant.kind = one->kind;
    const auto u8 = [](unsigned value) { return static_cast<std::uint8_t>(value); };
    if (constant.is_static() && one->target.own != nullptr) {
      const std::uint16_t offset = one->field != nullptr ? one->field->offset : one->method->offset;
      constant.info = {0, u8(offset >> 8), u8(offset & 0xFF)};
    } else {
      const std::uint16_t target = references.imports().class_ref(one->target).value;
      constant.info = {u8(target >> 8), u8(target & 0xFF), one->token};
    }
    file.constants.push_back(constant);
  }
}

void write_static_fields(const StaticImage& image, cap::CapFile& file) {
  cap::StaticField& out = file.static_fields;
  for (const FieldModel* field : image.arrays) {
    constexpr std::string_view kTypes = "ZBSI";  // from 2 on
    out.array_init.push_back({static_cast<std::uint8_t>(2 + kTypes.find(field->java->descriptor[1])), *field->array});
  }
  out.reference_count = static_cast<std::uint16_t>(image.arrays.size() + image.references.size());
  for (const FieldModel* field : image.zeroes)
    out.default_value_count = static_cast<std::uint16_t>(out.default_value_count + field->size());
  for (const FieldModel* field : image.numbers) {
    for (unsigned i = field->size(); i-- > 0;) out.non_default_values.push_back(static_cast<std::uint8_t>(*field->value >> (8 * i)));
  }
  out.image_size = static_cast<std::uint16_t>(2U * out.reference_count + out.default_value_count + out.non_default_values.size());
}

void write_exports(const Program& program, cap::CapFile& file) {
  std::vector<const ClassModel*> exported;
  for (const auto& model : program.classes()) {
    if (model->is_exported) exported.push_back(model.get());
  }
  std::ranges::sort(exported, {}, &ClassModel::token);
  for (const ClassModel* model : exported) {
    cap::ExportedClass out;
    out.class_offset = model->offset;
    for (const FieldModel& field : model->fields) {
      if (field.is_static() && field.token != kNoToken) out.static_fields.push_back(field.offset);  // in the order of their tokens
    }
    for (const MethodModel& method : model->methods) {
      if ((method.is_static() || method.is_init()) && method.token != kNoToken) out.static_methods.push_back(method.offset);
    }
    file.exports.push_back(std::move(out));
  }
}

}  // namespace uicclab::jcvm::converter
