// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/converter/program.hpp"

#include <algorithm>
#include <set>

namespace uicclab::jcvm::converter {
namespace {

constexpr unsigned kMostSupers = 256;  // a table of a user may say that a class inherits from itself
constexpr std::string_view kShareable = "javacard/framework/Shareable";

template <typename List, typename Value>
void add_once(List& list, Value value) {
  if (std::ranges::find(list, value) == list.end()) list.push_back(value);
}

}  // namespace

MethodModel* ClassModel::method(std::string_view method_name, std::string_view descriptor) {
  const auto found =
      std::ranges::find_if(methods, [&](const MethodModel& one) { return one.name == method_name && one.descriptor == descriptor; });
  return found == methods.end() ? nullptr : &*found;
}

const MethodModel* ClassModel::method(std::string_view method_name, std::string_view descriptor) const {
  return const_cast<ClassModel*>(this)->method(method_name, descriptor);  // the same search
}

const packages::Package* Api::package_of(std::string_view class_name) const {
  const std::size_t slash = class_name.rfind('/');
  if (slash == std::string_view::npos) return nullptr;
  const std::string_view package = class_name.substr(0, slash);
  const auto found = std::ranges::find(m_more, package, &packages::Package::name);
  return found != m_more.end() ? &*found : packages::package_named(package);
}

const packages::Class* Api::class_named(std::string_view name) const {
  const packages::Package* package = package_of(name);
  return package == nullptr ? nullptr : package->class_named(name);
}

Program::Program(const std::vector<ClassFile>& files, const Api& api, Report& report) : m_api(api) {
  order(files, report);
  for (const auto& model : m_classes) link(*model, report);
}

ClassTarget Program::class_named(std::string_view name) const {
  const auto own = m_by_name.find(name);
  if (own != m_by_name.end()) return {own->second, nullptr};
  return {nullptr, m_api.class_named(name)};
}

/// Each class once all that it inherits from is there; what is left then inherits from itself.
void Program::order(const std::vector<ClassFile>& files, Report& report) {
  std::set<std::string_view> names;
  for (const ClassFile& file : files) {
    if (!names.insert(file.name).second) report.refuse(file, 0, "class " + file.name + " is there twice");
  }
  const auto ready = [&](const ClassFile* file) {
    const auto known = [&](const std::string& name) { return !names.contains(name) || m_by_name.contains(name); };
    return known(file->super) && std::ranges::all_of(file->interfaces, known);
  };
  for (const bool interfaces : {true, false}) {
    std::vector<const ClassFile*> left;
    for (const ClassFile& file : files) {
      if (file.is_interface() == interfaces) left.push_back(&file);
    }
    for (auto next = left.begin(); !left.empty(); left.erase(next)) {
      next = std::ranges::find_if(left, ready);
      if (next == left.end()) break;
      auto model = std::make_unique<ClassModel>();
      model->file = *next;
      if (m_by_name.try_emplace((*next)->name, model.get()).second) m_classes.push_back(std::move(model));
    }
    for (const ClassFile* file : left) report.refuse(*file, 0, "class " + file->name + " inherits from itself");
  }
}

void Program::link(ClassModel& model, Report& report) {
  const ClassFile& file = *model.file;
  const ClassTarget super = class_named(file.super);
  if (!super && (file.flags & kEnum) == 0)
    report.refuse(file, 0, "superclass " + file.super + " of " + file.name + " is in no package that can be imported");
  if (super && super.is_interface()) report.refuse(file, 0, "superclass " + file.super + " of " + file.name + " is an interface");
  if (super.api != nullptr && super.api->is_final) report.refuse(file, 0, "superclass " + file.super + " of " + file.name + " is final");
  if (!super.is_interface()) {
    model.super = const_cast<ClassModel*>(super.own);  // one of m_classes
    model.api_super = super.api;
  }
  for (const std::string& name : file.interfaces) add_interface(model, name, report);
  if (model.super != nullptr && model.super->shareable) model.shareable = true;
  add_members(model);
}

void Program::add_interface(ClassModel& model, const std::string& name, Report& report) {
  const ClassTarget target = class_named(name);
  if (!target.is_interface()) {
    return report.refuse(*model.file, 0, "interface " + name + " of " + model.name() + " is in no package that can be imported");
  }
  if (target.own != nullptr) {
    for (const ClassModel* above : target.own->interfaces) add_once(model.interfaces, above);
    for (const packages::Class* above : target.own->api_interfaces) add_once(model.api_interfaces, above);
    add_once(model.interfaces, target.own);
    model.shareable = model.shareable || target.own->shareable;
    return;
  }
  if (target.api->is_remote) report.refuse(*model.file, 0, "interface " + name + ": remote objects are not supported");
  // A table lists all interfaces above.
  for (const std::string& above : target.api->interfaces) {
    if (const packages::Class* known = m_api.class_named(above); known != nullptr && known->is_interface)
      add_once(model.api_interfaces, known);
  }
  add_once(model.api_interfaces, target.api);
  model.shareable = model.shareable || target.api->is_shareable || target.api->name == kShareable;
}

void Program::add_members(ClassModel& model) {
  for (const auto& field : model.file->fields) {
    FieldModel one;
    one.owner = &model;
    one.java = &field;
    const bool is_final = (field.flags & kStatic) != 0 && (field.flags & kFinal) != 0;
    if (is_final && field.value) {
      const auto* number = model.file->constant(*field.value, JavaConstantTag::kInteger);
      if (number != nullptr) one.constant = number->number;
    }
    model.fields.push_back(std::move(one));
  }
  for (const auto& method : model.file->methods) {
    if (method.name == "<clinit>") continue;  // evaluated
    MethodModel one;
    one.owner = &model;
    one.java = &method;
    one.name = method.name;
    one.descriptor = method.descriptor;
    one.flags = method.flags;
    model.methods.push_back(std::move(one));
  }
}

const FieldModel* Program::own_field(std::string_view owner, std::string_view name) const {
  for (const ClassModel* one = class_named(owner).own; one != nullptr; one = one->super) {
    for (const FieldModel& field : one->fields) {
      if (field.java->name == name) return &field;
    }
    for (const ClassModel* interface : one->interfaces) {
      for (const FieldModel& field : interface->fields) {
        if (field.java->name == name) return &field;
      }
    }
  }
  return nullptr;
}

std::optional<Program::ApiMember> Program::api_field(std::string_view owner, std::string_view name) const {
  const ClassTarget target = class_named(owner);
  const packages::Class* one = target.api;
  for (const ClassModel* own = target.own; own != nullptr && one == nullptr; own = own->super) one = own->api_super;
  for (unsigned step = 0; one != nullptr && step < kMostSupers; ++step) {
    if (const auto* field = one->field(name)) return ApiMember{one, field};
    one = m_api.class_named(one->super);
  }
  return std::nullopt;
}

const MethodModel* Program::own_bound(std::string_view owner, std::string_view name, std::string_view descriptor) const {
  for (const ClassModel* one = class_named(owner).own; one != nullptr; one = one->super) {
    const MethodModel* method = one->method(name, descriptor);
    if (method != nullptr && method->is_bound()) return method;
    if (name == "<init>") return nullptr;  // constructors are not inherited
  }
  return nullptr;
}

std::optional<Program::ApiMember> Program::api_static(std::string_view owner, std::string_view name, std::string_view descriptor) const {
  const ClassTarget target = class_named(owner);
  const packages::Class* one = target.api;
  for (const ClassModel* own = target.own; own != nullptr && one == nullptr && name != "<init>"; own = own->super) one = own->api_super;
  for (unsigned step = 0; one != nullptr && step < kMostSupers; ++step) {
    const auto* method = one->method(name, descriptor);
    if (method != nullptr && method->kind != packages::MemberKind::kVirtual) return ApiMember{one, method};
    one = name == "<init>" ? nullptr : m_api.class_named(one->super);
  }
  return std::nullopt;
}

}  // namespace uicclab::jcvm::converter
