// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/converter/references.hpp"

#include <algorithm>
#include <numeric>

namespace uicclab::jcvm::converter {
namespace {

using cap::ConstantKind;
using packages::MemberKind;

constexpr std::uint8_t kPackageVisible = 0x80;

std::string key_of(ConstantKind kind, std::string_view owner, std::string_view name = "", std::string_view descriptor = "") {
  return std::to_string(static_cast<int>(kind)) + std::string(owner) + "." + std::string(name) + std::string(descriptor);
}

std::optional<std::uint8_t> token_in(const std::vector<Slot>& table, const MemberName& name) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].name == name.name && table[i].descriptor == name.descriptor) return static_cast<std::uint8_t>(i);
  }
  return std::nullopt;
}

/// By the tables of a class of this package: with the high bit if it is package-visible.
std::optional<std::uint8_t> virtual_token(const ClassModel& model, const MemberName& name) {
  if (const auto token = token_in(model.public_table, name)) return token;
  const auto token = token_in(model.package_table, name);
  return token ? std::optional(static_cast<std::uint8_t>(*token | kPackageVisible)) : std::nullopt;
}

const packages::Member* virtual_member(const packages::Class& one, const MemberName& name) {
  const auto* member = one.method(name.name, name.descriptor);
  return member != nullptr && member->kind == MemberKind::kVirtual ? member : nullptr;
}

/// The class that has the method, not one that inherits it: other verifiers look for it there.
ClassTarget declaring(const ClassModel& model, std::uint8_t token, const MemberName& name) {
  const auto& table = (token & kPackageVisible) != 0 ? model.package_table : model.public_table;
  const Slot& slot = table[token & 0x7FU];
  if (slot.method != nullptr) return {slot.method->owner, nullptr};
  const ClassModel* top = &model;
  while (top->super != nullptr) top = top->super;
  const bool is_api = top->api_super != nullptr && virtual_member(*top->api_super, name) != nullptr;
  return is_api ? ClassTarget{nullptr, top->api_super} : ClassTarget{&model, nullptr};
}

}  // namespace

std::uint8_t Imports::use(const packages::Class& api_class, packages::Version since) {
  const packages::Package* package = m_api.package_of(api_class.name);
  auto found = std::ranges::find(m_list, package->aid, &cap::Package::aid);
  if (found == m_list.end()) {
    m_list.push_back({0, package->version.major, package->aid});
    found = std::prev(m_list.end());
  }
  found->minor = std::max({found->minor, since.minor, api_class.since.minor});
  return static_cast<std::uint8_t>(found - m_list.begin());
}

cap::ClassRef Imports::class_ref(const ClassTarget& target) {
  if (target.own != nullptr) return {target.own->offset};
  if (target.api == nullptr) return {};
  const std::uint8_t package = use(*target.api, target.api->since);
  return {static_cast<std::uint16_t>(0x8000 | package << 8 | target.api->token)};
}

std::size_t References::add(const std::string& key, Reference reference) {
  const auto [place, is_new] = m_by_key.try_emplace(key, m_references.size());
  if (is_new) m_references.push_back(std::move(reference));
  return place->second;
}

std::optional<std::size_t> References::class_named(std::string_view name) {
  const ClassTarget target = m_program.class_named(name);
  if (!target) return std::nullopt;
  m_imports.class_ref(target);
  return add(key_of(ConstantKind::kClass, name), {ConstantKind::kClass, target, nullptr, nullptr, 0, ""});
}

std::optional<std::size_t> References::instance_field(const MemberName& name) {
  const std::string& type = name.descriptor;
  if (const FieldModel* field = m_program.own_field(name.owner, name.name)) {
    if (field->is_static()) return std::nullopt;
    const std::string key = key_of(ConstantKind::kInstanceField, field->owner->name(), name.name);
    return add(key, {ConstantKind::kInstanceField, {field->owner, nullptr}, nullptr, nullptr, field->token, type});
  }
  const auto found = m_program.api_field(name.owner, name.name);
  if (!found || found->member->kind != MemberKind::kField) return std::nullopt;
  m_imports.use(*found->owner, found->member->since);
  const std::string key = key_of(ConstantKind::kInstanceField, found->owner->name, name.name);
  return add(key, {ConstantKind::kInstanceField, {nullptr, found->owner}, nullptr, nullptr, found->member->token, type});
}

std::optional<std::size_t> References::static_field(const MemberName& name) {
  if (const FieldModel* field = m_program.own_field(name.owner, name.name)) {
    if (!field->is_static()) return std::nullopt;
    const std::string key = key_of(ConstantKind::kStaticField, field->owner->name(), name.name);
    return add(key, {ConstantKind::kStaticField, {field->owner, nullptr}, field, nullptr, 0, name.descriptor});
  }
  const auto found = m_program.api_field(name.owner, name.name);
  if (!found || found->member->kind != MemberKind::kStaticField) return std::nullopt;
  m_imports.use(*found->owner, found->member->since);
  const std::string key = key_of(ConstantKind::kStaticField, found->owner->name, name.name);
  return add(key, {ConstantKind::kStaticField, {nullptr, found->owner}, nullptr, nullptr, found->member->token, name.descriptor});
}

std::optional<std::size_t> References::bound_method(const MemberName& name) {
  if (const MethodModel* method = m_program.own_bound(name.owner, name.name, name.descriptor)) {
    const std::string key = key_of(ConstantKind::kStaticMethod, method->owner->name(), name.name, name.descriptor);
    return add(key, {ConstantKind::kStaticMethod, {method->owner, nullptr}, nullptr, method, 0, name.descriptor});
  }
  const auto found = m_program.api_static(name.owner, name.name, name.descriptor);
  if (!found) return std::nullopt;
  m_imports.use(*found->owner, found->member->since);
  const std::string key = key_of(ConstantKind::kStaticMethod, found->owner->name, name.name, name.descriptor);
  return add(key, {ConstantKind::kStaticMethod, {nullptr, found->owner}, nullptr, nullptr, found->member->token, name.descriptor});
}

bool References::is_private(const ClassModel& from, const MemberName& name) {
  const MethodModel* method = name.owner == from.name() ? from.method(name.name, name.descriptor) : nullptr;
  return method != nullptr && method->is_private();
}

std::optional<std::size_t> References::virtual_method(const MemberName& name) {
  ClassTarget target = m_program.class_named(name.owner);
  if (target.own != nullptr) {
    const auto token = virtual_token(*target.own, name);
    if (!token || target.own->is_interface()) return std::nullopt;
    target = declaring(*target.own, *token, name);
    const std::string& owner = target.own == nullptr ? target.api->name : target.own->name();
    const std::string key = key_of(ConstantKind::kVirtualMethod, owner, name.name, name.descriptor);
    if (target.own != nullptr) return add(key, {ConstantKind::kVirtualMethod, target, nullptr, nullptr, *token, name.descriptor});
  }
  const std::string key =
      key_of(ConstantKind::kVirtualMethod, target.api == nullptr ? name.owner : target.api->name, name.name, name.descriptor);
  const auto* member = target.api == nullptr ? nullptr : virtual_member(*target.api, name);
  if (member == nullptr) return std::nullopt;
  m_imports.use(*target.api, member->since);
  return add(key, {ConstantKind::kVirtualMethod, target, nullptr, nullptr, member->token, name.descriptor});
}

std::optional<std::size_t> References::super_method(const ClassModel& from, const MemberName& name) {
  std::optional<std::uint8_t> token;
  if (from.super != nullptr) token = virtual_token(*from.super, name);
  if (from.super == nullptr && from.api_super != nullptr) {
    const auto* member = virtual_member(*from.api_super, name);
    if (member != nullptr) {
      m_imports.use(*from.api_super, member->since);
      token = member->token;
    }
  }
  if (!token) return std::nullopt;
  const std::string key = key_of(ConstantKind::kSuperMethod, from.name(), name.name, name.descriptor);
  return add(key, {ConstantKind::kSuperMethod, {&from, nullptr}, nullptr, nullptr, *token, name.descriptor});
}

std::optional<References::InterfaceMethod> References::interface_method(const MemberName& name) {
  const ClassTarget target = m_program.class_named(name.owner);
  const auto symbol = target.is_interface() ? class_named(name.owner) : std::nullopt;
  if (!symbol) return std::nullopt;
  if (target.own != nullptr) {
    const auto token = token_in(target.own->public_table, name);
    return token ? std::optional(InterfaceMethod{*symbol, *token}) : std::nullopt;
  }
  const auto* member = virtual_member(*target.api, name);
  if (member == nullptr) return std::nullopt;
  m_imports.use(*target.api, member->since);
  return InterfaceMethod{*symbol, member->token};
}

std::optional<std::int32_t> References::constant(const MemberName& name) const {
  if (const FieldModel* field = m_program.own_field(name.owner, name.name)) return field->constant;
  const auto found = m_program.api_field(name.owner, name.name);
  return found && found->member->kind == MemberKind::kConstant ? std::optional(found->member->value) : std::nullopt;
}

void References::finish() {
  const auto rank = [&](std::size_t symbol) {
    const ConstantKind kind = m_references[symbol].kind;
    return kind == ConstantKind::kInstanceField ? 0 : kind == ConstantKind::kClass ? 2 : 1;
  };
  std::vector<std::size_t> order(m_references.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, rank);
  if (!order.empty() && rank(order.front()) == 2) {
    m_references.push_back(m_references[order.front()]);
    order.insert(order.begin(), m_references.size() - 1);
  }
  m_index.resize(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) m_index[order[i]] = static_cast<std::uint16_t>(i);
}

std::vector<const Reference*> References::in_order() const {
  std::vector<const Reference*> out(m_references.size());
  for (std::size_t i = 0; i < m_references.size(); ++i) out[m_index[i]] = &m_references[i];
  return out;
}

}  // namespace uicclab::jcvm::converter
