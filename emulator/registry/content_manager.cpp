// SPDX-License-Identifier: Apache-2.0
#include "emulator/registry/content_manager.hpp"

#include "emulator/registry/given_privileges.hpp"
#include "emulator/runtime/instance_context.hpp"
#include "jcvm/packages/package.hpp"

namespace uicclab::emulator {
namespace {

using gp::CardState;
using gp::Privilege;

}  // namespace

ContentManager::ContentManager(Session& session, std::uint32_t domain, Channel channel, const SecurityContext& security)
    : m_session(session),
      m_registry(session.runtime().registry()),
      m_domain(domain),
      m_channel(channel),
      m_security(security),
      m_keys(session.nvm(), m_registry, domain) {}

const InstanceSpec& ContentManager::self() const {
  return *m_registry.find(m_domain);
}

bool ContentManager::is_issuer_domain() const {
  return m_registry.issuer_domain() == m_domain;
}

CardState ContentManager::card_state() const {
  return m_registry.card_state();
}

Aid ContentManager::aid_of(std::optional<std::uint32_t> number) const {
  const InstanceSpec* spec = number ? m_registry.find(*number) : nullptr;
  return spec != nullptr ? spec->aid : Aid{};
}

bool ContentManager::is_associated(const InstanceSpec& spec) const {
  return m_registry.domain_of(spec) == m_domain;
}

gp::RegistryEntry ContentManager::entry(std::uint32_t number, const InstanceSpec& spec) const {
  using Kind = gp::RegistryEntry::Kind;
  gp::RegistryEntry out;
  out.kind = number == m_registry.issuer_domain() ? Kind::kIssuerDomain : Kind::kApplication;
  out.aid = spec.aid;
  out.life_cycle = spec.life_cycle;
  out.privileges = spec.privileges;
  out.implicit_selection = spec.implicit_selection;
  out.load_file = spec.module->load_file_aid();
  out.domain = aid_of(m_registry.domain_of(spec));
  return out;
}

gp::RegistryEntry ContentManager::entry(const LoadFileRecord& file) const {
  gp::RegistryEntry out;
  out.kind = gp::RegistryEntry::Kind::kLoadFile;
  out.aid = file.aid;
  out.life_cycle = gp::kLoaded;
  out.domain = aid_of(file.domain ? file.domain : m_registry.issuer_domain());
  out.version = file.version;
  out.modules = file.modules;
  return out;
}

std::vector<gp::RegistryEntry> ContentManager::registry() const {
  const bool all = has(Privilege::kGlobalRegistry);
  std::vector<gp::RegistryEntry> out;
  for (std::uint32_t number : m_registry.instances()) {
    const InstanceSpec& spec = *m_registry.find(number);
    if (all || number == m_domain || is_associated(spec)) out.push_back(entry(number, spec));
  }
  const auto files = [&](const LoadFileRecord& file) {
    const auto domain = file.domain ? file.domain : m_registry.issuer_domain();
    if (all || domain == m_domain) out.push_back(entry(file));
  };
  for (const LoadFileRecord& file : m_registry.built_in()) files(file);
  for (const auto& [number, file] : m_registry.loaded()) files(file);
  return out;
}

gp::CardResources ContentManager::resources() const {
  return {static_cast<std::uint16_t>(m_registry.instances().size()), m_session.free_memory(), m_session.free_volatile_memory()};
}

Bytes ContentManager::capabilities(const std::vector<gp::SecureChannelProtocol>& protocols) const {
  return gp::encode_capabilities(protocols, kForDomains, kForApplications);
}

StatusWord ContentManager::set_card_state(CardState state) {
  const auto step = gp::card_transition(card_state(), state);
  if (!step) return sw::kConditionsNotSatisfied;
  if (step->needs ? !has(*step->needs) : !is_issuer_domain()) return sw::kConditionsNotSatisfied;
  const auto issuer = m_registry.issuer_domain();
  if (!issuer) return sw::kConditionsNotSatisfied;
  InstanceSpec spec = *m_registry.find(*issuer);
  spec.life_cycle = static_cast<std::uint8_t>(state);
  m_registry.set(*issuer, std::move(spec));
  return sw::kOk;
}

StatusWord ContentManager::set_state(const Aid& application, std::uint8_t state, bool with_associated) {
  const auto number = m_registry.by_aid(application);
  if (!number) return sw::kReferencedDataNotFound;
  const bool locked = gp::is_locked(state);
  const InstanceSpec& target = *m_registry.find(*number);
  if (number == m_registry.issuer_domain()) return sw::kConditionsNotSatisfied;
  if (number == m_domain) {  // PERSONALIZED is a state that a domain gives to itself (clause 5.3.2.3)
    if (state != gp::kPersonalized || with_associated || target.life_cycle != gp::kSelectable) return sw::kConditionsNotSatisfied;
    set_personalized();
    return sw::kOk;
  }
  if (!is_associated(target) && !has(Privilege::kGlobalLock)) return sw::kConditionsNotSatisfied;
  if (with_associated && !target.privileges.has(Privilege::kSecurityDomain)) return sw::kConditionsNotSatisfied;
  if (gp::is_locked(target.life_cycle) == locked) return sw::kConditionsNotSatisfied;
  for (std::uint32_t one : m_registry.instances()) {
    InstanceSpec spec = *m_registry.find(one);
    if (one != *number && !(with_associated && spec.domain == *number)) continue;
    const std::uint8_t unlocked = spec.life_cycle & ~gp::kLockedBit;
    spec.life_cycle = static_cast<std::uint8_t>(locked ? unlocked | gp::kLockedBit : unlocked);
    m_registry.set(one, std::move(spec));
  }
  return sw::kOk;
}

void ContentManager::set_personalized() {
  if (is_issuer_domain() || self().life_cycle != gp::kSelectable) return;
  InstanceSpec spec = self();
  spec.life_cycle = gp::kPersonalized;
  m_registry.set(m_domain, std::move(spec));
}

StatusWord ContentManager::rename(const Aid& aid) {
  if (aid == self().aid) return sw::kOk;
  if (!aid_is_free(aid)) return sw::kConditionsNotSatisfied;
  InstanceSpec spec = self();
  spec.aid = aid;
  m_registry.set(m_domain, std::move(spec));
  return sw::kOk;
}

/// Packages of the API are load files of the card, too, if none that GET STATUS lists (GP clause 9.3.5).
bool ContentManager::aid_is_free(const Aid& aid) const {
  if (m_registry.by_aid(aid)) return false;
  const jcvm::packages::Package* platform = jcvm::packages::package_with(aid);
  if (platform != nullptr && platform->implemented) return false;
  const auto is = [&](const LoadFileRecord& file) { return file.aid == aid; };
  return std::ranges::none_of(m_registry.built_in(), is) &&
         std::ranges::none_of(m_registry.loaded(), [&](const auto& loaded) { return is(loaded.second); });
}

StatusWord ContentManager::authority(BytesView token) const {
  if (!token.empty()) return sw::kFunctionNotSupported;  // there is no token verification key: delegated management ends here
  const CardState state = card_state();
  if (state == CardState::kLocked || state == CardState::kTerminated) return sw::kConditionsNotSatisfied;
  return has(Privilege::kAuthorizedManagement) ? sw::kOk : sw::kConditionsNotSatisfied;
}

std::optional<std::uint32_t> ContentManager::domain_named(const Aid& aid, StatusWord& status) const {
  const auto number = m_registry.by_aid(aid);
  if (!number) {
    status = sw::kReferencedDataNotFound;
    return std::nullopt;
  }
  const InstanceSpec& spec = *m_registry.find(*number);
  const bool usable = number == m_registry.issuer_domain() || gp::is_selectable(spec.life_cycle);
  if (!spec.privileges.has(Privilege::kSecurityDomain) || !usable) {
    status = sw::kConditionsNotSatisfied;
    return std::nullopt;
  }
  status = sw::kOk;
  return number;
}

StatusWord ContentManager::refused(const Error& error) {
  return error.code == ErrorCode::kUnsupported ? sw::kFunctionNotSupported : sw::kIncorrectData;
}

// What a load file needs at least, an application's quotas, which must be there when it is installed, and what is reserved for it (GP
// clause 9.7, table 11-49).
StatusWord ContentManager::check_memory(const gp::InstallParameters& parameters) const {
  const gp::CardResources left = resources();
  const std::uint32_t data = std::max(parameters.memory.value_or(0), parameters.reserved_memory.value_or(0));
  const std::uint64_t wanted = std::uint64_t{parameters.code_memory.value_or(0)} + data;
  const std::uint32_t wanted_volatile = std::max(parameters.volatile_memory.value_or(0), parameters.reserved_volatile.value_or(0));
  const bool enough = wanted <= left.non_volatile_free && wanted_volatile <= left.volatile_free;
  return enough ? sw::kOk : sw::kNotEnoughMemory;
}

StatusWord ContentManager::may_load(const gp::InstallForLoad& request) const {
  if (const StatusWord may = authority(request.token); may != sw::kOk) return may;
  StatusWord status = sw::kOk;
  if (!request.domain.empty() && !domain_named(request.domain, status)) return status;
  if (!aid_is_free(request.load_file)) return sw::kConditionsNotSatisfied;
  const auto parameters = gp::InstallParameters::parse(request.parameters);
  return parameters ? check_memory(*parameters) : refused(parameters.error());
}

StatusWord ContentManager::add_load_file(const gp::InstallForLoad& request, const jcvm::cap::CapFile& cap, BytesView components) {
  if (const StatusWord may = may_load(request); may != sw::kOk) return may;
  if (cap.header.package.aid != request.load_file) return sw::kIncorrectData;
  const auto missing = [&](const jcvm::cap::Package& package) { return !m_registry.has_package(package); };
  if (std::ranges::any_of(cap.imports, missing)) return sw::kIncorrectData;  // JCVM clauses 4.5.2 and 6.7; GP clause 11.6.3.2
  if (components.size() + Registry::kOverhead > m_session.free_memory()) return sw::kNotEnoughMemory;
  LoadFileRecord file{request.load_file, m_domain, {cap.header.package.major, cap.header.package.minor}, {}, cap.imports, 0};
  if (!request.domain.empty()) file.domain = m_registry.by_aid(request.domain);
  for (const auto& applet : cap.applets) file.modules.push_back(applet.aid);
  file.size = static_cast<std::uint32_t>(components.size());
  ApplicationWrites whole(m_session, TransactionLevel::kCard);
  const std::uint32_t number = m_registry.add_load_file(file, components);
  if (m_registry.managed_code() != nullptr) {
    CardCode services(m_session);
    const StatusWord linked = services.session().load(services, {number, file.aid, components});
    if (linked != sw::kOk) return linked;
  }
  whole.commit();
  return sw::kOk;
}

StatusWord ContentManager::may_personalize(const Aid& application) const {
  const auto number = m_registry.by_aid(application);
  if (!number) return sw::kReferencedDataNotFound;
  const InstanceSpec& spec = *m_registry.find(*number);
  if (card_state() == CardState::kLocked || card_state() == CardState::kTerminated) return sw::kConditionsNotSatisfied;
  if (number == m_domain || !is_associated(spec) || !gp::is_selectable(spec.life_cycle)) return sw::kConditionsNotSatisfied;
  return sw::kOk;
}

StatusWord ContentManager::personalize(const Aid& application, const apdu::Command& store_data, applet::SecureChannel* session,
                                       Bytes& out) {
  if (const StatusWord may = may_personalize(application); may != sw::kOk) return may;
  const std::uint32_t number = *m_registry.by_aid(application);
  InstanceContext context(m_session, number, m_channel, m_security);
  context.lend_channel(session);
  return context.end_call(m_session.runtime().object(number).personalize(context, store_data, out));
}

}  // namespace uicclab::emulator
