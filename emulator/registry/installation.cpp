// SPDX-License-Identifier: Apache-2.0
// INSTALL on the registry: GP clauses 9.3 (installation), 9.4 (extradition), 9.4.2 (registry update), 6.6 (privileges).
#include "emulator/registry/application_files.hpp"
#include "emulator/registry/content_manager.hpp"
#include "emulator/registry/given_privileges.hpp"
#include "emulator/runtime/instance_context.hpp"

namespace uicclab::emulator {
namespace {

using gp::Privilege;
using gp::Privileges;

bool only_of(Privileges privileges, Privileges allowed) {
  return (privileges.bits() & ~allowed.bits()) == 0;
}

}  // namespace

StatusWord ContentManager::install(const gp::InstallFields& request, bool selectable) {
  ApplicationWrites whole(m_session, TransactionLevel::kCard);
  const StatusWord status = add_instance(request, selectable);
  if (status == sw::kOk) whole.commit();
  return status;
}

StatusWord ContentManager::add_instance(const gp::InstallFields& request, bool selectable) {
  if (const StatusWord may = authority(request.token); may != sw::kOk) return may;
  if (request.first.empty() || request.second.empty() || !request.privileges) return sw::kIncorrectData;
  const auto names_it = [&](const LoadFileRecord& file) {
    return file.aid == request.first && std::ranges::find(file.modules, request.second) != file.modules.end();
  };
  const bool is_loaded = std::ranges::any_of(m_registry.loaded(), [&](const auto& loaded) { return names_it(loaded.second); });
  const auto [module, load_file] = m_registry.module(request.first, request.second);
  if (load_file && !is_loaded) return sw::kReferencedDataNotFound;
  // DEVIATION: a load file whose code this program cannot run is kept, but not installed (docs/conformance.md).
  if (!module) return is_loaded ? sw::kFunctionNotSupported : sw::kReferencedDataNotFound;
  if (!module->installable()) return sw::kConditionsNotSatisfied;
  const Aid aid = request.third.empty() ? request.second : request.third;
  if (!aid_is_free(aid)) return sw::kConditionsNotSatisfied;

  const bool is_domain = module->is_security_domain();
  if (request.privileges->has(Privilege::kSecurityDomain) != is_domain) return sw::kIncorrectData;
  if (!only_of(*request.privileges, is_domain ? kForDomains : kForApplications)) return sw::kIncorrectData;
  const auto parameters = gp::InstallParameters::parse(request.parameters);
  if (!parameters) return refused(parameters.error());
  if (const StatusWord enough = check_memory(*parameters); enough != sw::kOk) return enough;
  const Bytes given = parameters->application.value_or(Bytes{});
  const auto objects = module->install(given);
  if (!objects) return sw::kIncorrectData;
  const auto files = adf_template(m_session.nvm().image(), *module);
  if (module->has_files() && !files) return sw::kConditionsNotSatisfied;

  InstanceSpec spec{aid, {}, module, std::nullopt, *request.privileges, selectable ? gp::kSelectable : gp::kInstalled, m_domain};
  spec.load_file = load_file;
  spec.memory_quota = parameters->memory;
  spec.reserved_memory = parameters->reserved_memory.value_or(0);
  spec.reserved_volatile = parameters->reserved_volatile.value_or(0);
  spec.volatile_quota = parameters->volatile_memory;
  spec.implicit_selection = parameters->implicit_selection;
  spec.uicc = parameters->uicc.value_or(gp::UiccParameters{});
  // A TAR names one application (ETSI TS 102 226 clause 8.2.1.3.2.2.1).
  if (std::ranges::any_of(Registry::tars(spec), [&](Tar tar) { return m_registry.by_tar(tar).has_value(); })) return sw::kIncorrectData;
  // So does the identifier of a menu entry, 01 to 7F or left to the card.
  if (spec.uicc.toolkit && !m_session.toolkit().registry().settle_identifiers(spec.uicc.toolkit->menu)) return sw::kIncorrectData;
  if (module->has_files()) {
    if (adf_cost(m_session.nvm().image(), *files) > m_session.free_memory()) return sw::kNotEnoughMemory;
    spec.adf = copy_adf(m_session, *files, aid);
  }
  const std::uint32_t number = m_registry.add(std::move(spec));
  for (const auto& [slot, value] : *objects) m_session.nvm().write(ObjectId(Space::kApplet, number, slot.value), value);
  if (!m_session.toolkit().registry().install(number)) return sw::kIncorrectData;
  settle_privileges(number);
  InstanceContext context(m_session, number, m_channel, m_security);
  return context.end_call(m_session.runtime().object(number).install(context, {*request.privileges, given}));
}

StatusWord ContentManager::make_selectable(const gp::InstallFields& request) {
  if (const StatusWord may = authority(request.token); may != sw::kOk) return may;
  const auto number = request.third.empty() ? std::nullopt : m_registry.by_aid(request.third);
  if (!number) return sw::kReferencedDataNotFound;
  InstanceSpec spec = *m_registry.find(*number);
  if (!is_associated(spec) && !is_issuer_domain()) return sw::kConditionsNotSatisfied;
  const bool first = spec.life_cycle == gp::kInstalled;
  const auto gives = request.privileges.value_or(Privileges{});
  // Beside the step itself, the default selection may be given (clause 11.5.2.3.3).
  if (!only_of(gives, Privileges::from_bits(spec.privileges.bits() | Privileges{Privilege::kCardReset}.bits()))) return sw::kIncorrectData;
  if (!first && !gives.has(Privilege::kCardReset)) return sw::kConditionsNotSatisfied;
  if (gp::is_locked(spec.life_cycle)) return sw::kConditionsNotSatisfied;
  if (first) spec.life_cycle = gp::kSelectable;
  spec.privileges = Privileges::from_bits(spec.privileges.bits() | gives.bits());
  m_registry.set(*number, std::move(spec));
  settle_privileges(number);
  return sw::kOk;
}

void ContentManager::settle_privileges(std::optional<std::uint32_t> receiver) {
  const auto issuer = m_registry.issuer_domain();
  const auto change = [&](std::uint32_t number, Privilege privilege, bool give) {
    InstanceSpec spec = *m_registry.find(number);
    const std::uint32_t bit = Privileges{privilege}.bits();
    spec.privileges = Privileges::from_bits(give ? spec.privileges.bits() | bit : spec.privileges.bits() & ~bit);
    m_registry.set(number, std::move(spec));
  };
  for (const Privilege privilege : {Privilege::kCardReset, Privilege::kFinalApplication}) {
    const bool moved = receiver && m_registry.find(*receiver)->privileges.has(privilege);
    bool held = moved;
    for (std::uint32_t number : m_registry.instances()) {
      if (number == receiver || !m_registry.find(number)->privileges.has(privilege)) continue;
      if (moved) change(number, privilege, false);
      held = true;
    }
    if (!held && issuer) change(*issuer, privilege, true);
  }
}

StatusWord ContentManager::extradite(const gp::InstallFields& request) {
  if (const StatusWord may = authority(request.token); may != sw::kOk) return may;
  if (request.first.empty() || request.third.empty()) return sw::kIncorrectData;
  StatusWord status = sw::kOk;
  const auto to = domain_named(request.first, status);
  if (!to) return status;
  for (const auto& [number, file] : m_registry.loaded()) {
    if (file.aid != request.third) continue;
    if (file.domain != m_domain && !is_issuer_domain()) return sw::kConditionsNotSatisfied;
    LoadFileRecord moved = file;
    moved.domain = to;
    m_registry.set_load_file(number, moved);
    return sw::kOk;
  }
  const auto number = m_registry.by_aid(request.third);
  if (!number) return sw::kReferencedDataNotFound;
  InstanceSpec spec = *m_registry.find(*number);
  if (number == m_registry.issuer_domain() || number == m_domain) return sw::kConditionsNotSatisfied;
  if (!is_associated(spec) && !is_issuer_domain()) return sw::kConditionsNotSatisfied;
  // A domain cannot be moved below itself.
  for (std::optional<std::uint32_t> above = to; above && above != m_registry.issuer_domain();) {
    if (above == number) return sw::kConditionsNotSatisfied;
    above = m_registry.domain_of(*m_registry.find(*above));
  }
  spec.domain = to;
  m_registry.set(*number, std::move(spec));
  return sw::kOk;
}

StatusWord ContentManager::update_registry(const gp::InstallFields& request) {
  if (const StatusWord may = authority(request.token); may != sw::kOk) return may;
  const auto number = request.third.empty() ? std::nullopt : m_registry.by_aid(request.third);
  if (!number) return sw::kReferencedDataNotFound;
  if (number == m_registry.issuer_domain()) return sw::kConditionsNotSatisfied;
  if (!request.first.empty() && request.first != aid_of(m_registry.domain_of(*m_registry.find(*number)))) {
    if (const StatusWord moved = extradite(request); moved != sw::kOk) return moved;
  }
  InstanceSpec spec = *m_registry.find(*number);
  if (!is_associated(spec) && !is_issuer_domain()) return sw::kConditionsNotSatisfied;
  const auto parameters = gp::InstallParameters::parse(request.parameters);
  if (!parameters) return refused(parameters.error());
  if (!parameters->implicit_selection.empty()) {
    spec.implicit_selection = parameters->implicit_selection;
    m_registry.set(*number, spec);
  }
  if (request.privileges) {
    const bool is_domain = spec.module->is_security_domain();
    if (request.privileges->has(Privilege::kSecurityDomain) != is_domain) return sw::kIncorrectData;
    if (!only_of(*request.privileges, is_domain ? kForDomains : kForApplications)) return sw::kIncorrectData;
    spec.privileges = *request.privileges;
    m_registry.set(*number, std::move(spec));
    settle_privileges(number);
  }
  return sw::kOk;
}

}  // namespace uicclab::emulator
