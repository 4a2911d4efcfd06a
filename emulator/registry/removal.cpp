// SPDX-License-Identifier: Apache-2.0
// DELETE on the registry: GP clause 9.5; of applications that were loaded, JCRE clause 11.3.4.
#include "emulator/registry/application_files.hpp"
#include "emulator/registry/content_manager.hpp"
#include "emulator/runtime/instance_context.hpp"

namespace uicclab::emulator {

using gp::Privilege;

bool ContentManager::is_in_use(std::uint32_t number) const {
  if (m_session.toolkit().is_parked(number)) return true;
  const auto adf = m_registry.find(number)->adf;
  return std::ranges::any_of(m_session.channels, [&](const ChannelState& channel) {
    if (!channel.open) return false;
    return channel.instance == number || (adf && m_session.files().is_in(channel.directory, *adf));
  });
}

StatusWord ContentManager::collect_load_file(std::uint32_t number, bool related, unsigned depth, Removal& removal) const {
  removal.files.push_back(number);
  for (std::uint32_t one : m_registry.instances()) {
    if (m_registry.find(one)->load_file != number || std::ranges::find(removal.instances, one) != removal.instances.end()) continue;
    if (!related) return sw::kConditionsNotSatisfied;
    if (const StatusWord may = collect_instance(one, true, depth + 1, removal); may != sw::kOk) return may;
  }
  return sw::kOk;
}

StatusWord ContentManager::collect_instance(std::uint32_t number, bool related, unsigned depth, Removal& removal) const {
  const InstanceSpec& spec = *m_registry.find(number);
  if (depth > 16 || number == m_registry.issuer_domain() || number == m_domain || is_in_use(number)) return sw::kConditionsNotSatisfied;
  if (depth == 0 && !is_associated(spec) && !has(Privilege::kGlobalDelete)) return sw::kConditionsNotSatisfied;
  removal.instances.push_back(number);
  for (std::uint32_t one : m_registry.instances()) {
    if (m_registry.find(one)->domain != number || std::ranges::find(removal.instances, one) != removal.instances.end()) continue;
    if (!related) return sw::kConditionsNotSatisfied;
    if (const StatusWord may = collect_instance(one, true, depth + 1, removal); may != sw::kOk) return may;
  }
  for (const auto& [file_number, file] : m_registry.loaded()) {
    if (file.domain != number || std::ranges::find(removal.files, file_number) != removal.files.end()) continue;
    if (!related) return sw::kConditionsNotSatisfied;
    if (const StatusWord may = collect_load_file(file_number, true, depth + 1, removal); may != sw::kOk) return may;
  }
  return sw::kOk;
}

StatusWord ContentManager::remove(const gp::DeleteData& request, bool related) {
  ApplicationWrites whole(m_session, TransactionLevel::kCard);
  Removal removal;
  StatusWord status = collect_named(request, related, removal);
  if (status == sw::kOk) status = carry_out(removal);
  if (status == sw::kOk) whole.commit();
  return status;
}

StatusWord ContentManager::collect_named(const gp::DeleteData& request, bool related, Removal& removal) const {
  if (const StatusWord may = authority(request.token); may != sw::kOk) return may;
  if (const auto number = m_registry.by_aid(request.aid)) return collect_instance(*number, related, 0, removal);
  for (const auto& [number, file] : m_registry.loaded()) {
    if (file.aid != request.aid) continue;
    const auto domain = file.domain ? file.domain : m_registry.issuer_domain();
    if (domain != m_domain && !has(Privilege::kGlobalDelete)) return sw::kConditionsNotSatisfied;
    return collect_load_file(number, related, 0, removal);
  }
  const auto built_in = m_registry.built_in();
  const bool is_built_in = std::ranges::find(built_in, request.aid, &LoadFileRecord::aid) != built_in.end();
  return is_built_in ? sw::kConditionsNotSatisfied : sw::kReferencedDataNotFound;
}

// Every application is notified before any is deleted: one may still release objects that another one holds.
StatusWord ContentManager::carry_out(const Removal& removal) {
  for (std::uint32_t file : removal.files) {
    if (m_registry.is_imported(m_registry.loaded().at(file).aid, removal.files)) return sw::kConditionsNotSatisfied;  // clause 9.5.2
  }
  std::vector<std::uint32_t> managed;
  for (std::uint32_t number : removal.instances) {
    InstanceContext context(m_session, number, m_channel, m_security);
    const StatusWord answer = context.end_call(m_session.runtime().object(number).uninstall(context));
    if (answer != sw::kOk) return answer;
    if (m_registry.find(number)->load_file) managed.push_back(number);
  }
  const bool of_code = !managed.empty() || !removal.files.empty();
  if (of_code && m_registry.managed_code() != nullptr) {
    CardCode services(m_session);
    const StatusWord answer = services.session().remove(services, managed, removal.files);
    if (answer != sw::kOk) return answer;
  }
  for (std::uint32_t number : removal.instances) {
    const auto adf = m_registry.find(number)->adf;
    if (adf) remove_adf(m_session, *adf);
    m_registry.remove(number);
  }
  for (std::uint32_t file : removal.files) m_registry.remove_load_file(file);
  settle_privileges(std::nullopt);
  return sw::kOk;
}

}  // namespace uicclab::emulator
