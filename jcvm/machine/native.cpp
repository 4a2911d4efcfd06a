// SPDX-License-Identifier: Apache-2.0
#include "jcvm/machine/native.hpp"

#include "jcvm/machine/interpreter.hpp"
#include "jcvm/packages/package.hpp"

namespace uicclab::jcvm::machine {
namespace {

std::string full_name(const packages::Package& package, std::string_view class_name) {
  return package.name + "/" + std::string(class_name);
}

const packages::Class& table_class(std::string_view package, std::string_view class_name) {
  const packages::Package* table = packages::package_named(package);
  if (table == nullptr) throw SystemError("native methods of " + std::string(package) + ": there is no such package table");
  const packages::Class* found = table->native_class(class_name);
  if (found == nullptr) throw SystemError("native methods: " + full_name(*table, class_name) + " is not in the package's table");
  return *found;
}

const Aid& aid_of(std::string_view package) {
  return packages::package_named(package)->aid;
}

// java.lang, whole.

Outcome nothing(NativeCall& call) {
  return call.returns();
}

Outcome same_object(NativeCall& call) {
  return call.returns(static_cast<std::int16_t>(call.self() == call.reference_at(0) ? 1 : 0));
}

}  // namespace

NativeTable::NativeTable() {
  const packages::Package* lang = packages::package_named("java/lang");
  if (lang == nullptr) throw SystemError("the package table of java/lang is missing");
  for (const auto& one : lang->classes) {
    m_functions[{lang->aid, one.token, false, 0}] = nothing;  // the constructor
  }
  m_functions[{lang->aid, kObject.token, true, 0}] = same_object;
  layout("javacard/framework", "CardException", {.numbers = 1});
  layout("javacard/framework", "CardRuntimeException", {.numbers = 1});
}

void NativeTable::add(std::string_view package, std::span<const NativeMethod> methods) {
  for (const NativeMethod& method : methods) {
    const packages::Class& one = table_class(package, method.class_name);
    const packages::Member* member = one.method(method.method, method.descriptor);
    const auto name = [&] { return one.name + "." + std::string(method.method) + std::string(method.descriptor); };
    if (member == nullptr) throw SystemError("native methods: " + name() + " is not in the package's table");
    const Key key{aid_of(package), one.token, member->kind == packages::MemberKind::kVirtual, member->token};
    if (!m_functions.emplace(key, method.function).second) throw SystemError("native methods: " + name() + " is there twice");
  }
}

void NativeTable::layout(std::string_view package, std::string_view class_name, const NativeLayout& layout) {
  m_layouts[{aid_of(package), table_class(package, class_name).token, false, 0}] = layout;
}

void NativeTable::same_as(std::string_view package, std::string_view class_name, std::string_view other_package,
                          std::string_view other_class) {
  const packages::Class& other = table_class(other_package, other_class);
  for (const packages::Member& member : table_class(package, class_name).members) {
    const auto same = [&](const packages::Member& one) {
      return one.kind == member.kind && one.name == member.name && one.descriptor == member.descriptor;
    };
    const auto found = std::ranges::find_if(other.members, same);
    if (found == other.members.end()) continue;
    const bool is_virtual = member.kind == packages::MemberKind::kVirtual;
    const NativeFunction taken = function(aid_of(other_package), other.token, is_virtual, found->token);
    if (taken != nullptr) add(package, std::array{NativeMethod{class_name, member.name, member.descriptor, taken}});
  }
}

NativeFunction NativeTable::function(const Aid& package, std::uint8_t class_token, bool is_virtual, std::uint8_t token) const {
  const auto found = m_functions.find({package, class_token, is_virtual, token});
  return found == m_functions.end() ? nullptr : found->second;
}

NativeLayout NativeTable::layout_of(const Aid& package, std::uint8_t class_token) const {
  const auto found = m_layouts.find({package, class_token, false, 0});
  return found == m_layouts.end() ? NativeLayout{} : found->second;
}

bool NativeTable::has_layout(const Aid& package, std::uint8_t class_token) const {
  return m_layouts.contains({package, class_token, false, 0});
}

}  // namespace uicclab::jcvm::machine
