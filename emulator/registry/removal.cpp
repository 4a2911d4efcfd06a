// SPDX-License-Identifier: Apache-2.0
// DELETE on the registry: GP clause 9.5.
#include "emulator/registry/application_files.hpp"
#include "emulator/registry/content_manager.hpp"
#include "emulator/transaction.hpp"

namespace uicclab::emulator {

using gp::Privilege;

bool ContentManager::is_in_use(std::uint32_t number) const {
  const auto adf = m_registry.find(number)->adf;
  return std::ranges::any_of(m_session.channels, [&](const ChannelState& channel) {
    if (!channel.open) return false;
    return channel.instance == number || (adf && m_session.files.root_of(channel.directory) == *adf);
  });
}

StatusWord ContentManager::remove_load_file(std::uint32_t number, const LoadFileRecord& file) {
  const auto domain = file.domain ? file.domain : m_registry.issuer_domain();
  if (domain != m_domain && !has(Privilege::kGlobalDelete)) return sw::kConditionsNotSatisfied;
  if (m_registry.is_imported(file.aid, {number})) return sw::kConditionsNotSatisfied;  // GP clause 9.5.2
  m_registry.remove_load_file(number);
  return sw::kOk;
}

StatusWord ContentManager::remove_instance(std::uint32_t number, bool related, unsigned depth) {
  const InstanceSpec spec = *m_registry.find(number);
  if (depth > 16 || number == m_registry.issuer_domain() || number == m_domain || is_in_use(number)) return sw::kConditionsNotSatisfied;
  if (depth == 0 && !is_associated(spec) && !has(Privilege::kGlobalDelete)) return sw::kConditionsNotSatisfied;
  for (std::uint32_t one : m_registry.instances()) {
    if (one == number || m_registry.find(one)->domain != number) continue;
    if (!related) return sw::kConditionsNotSatisfied;
    if (const StatusWord gone = remove_instance(one, true, depth + 1); gone != sw::kOk) return gone;
  }
  std::vector<std::uint32_t> files;
  for (const auto& [file_number, file] : m_registry.loaded()) {
    if (file.domain == number) files.push_back(file_number);
  }
  if (!files.empty() && !related) return sw::kConditionsNotSatisfied;
  for (std::uint32_t file : files) {
    if (m_registry.is_imported(m_registry.loaded().at(file).aid, files)) return sw::kConditionsNotSatisfied;
  }
  for (std::uint32_t file : files) m_registry.remove_load_file(file);
  if (spec.adf) remove_adf(m_session, *spec.adf);
  m_registry.remove(number);
  settle_privileges(std::nullopt);
  return sw::kOk;
}

StatusWord ContentManager::remove(const gp::DeleteData& request, bool related) {
  ApplicationWrites whole(m_session, TransactionLevel::kCard);
  const StatusWord status = remove_named(request, related);
  if (status == sw::kOk) whole.commit();
  return status;
}

StatusWord ContentManager::remove_named(const gp::DeleteData& request, bool related) {
  if (const StatusWord may = authority(request.token); may != sw::kOk) return may;
  if (const auto number = m_registry.by_aid(request.aid)) return remove_instance(*number, related, 0);
  for (const auto& [number, file] : m_registry.loaded()) {
    if (file.aid == request.aid) return remove_load_file(number, file);
  }
  const auto built_in = m_registry.built_in();
  const bool is_built_in = std::ranges::find(built_in, request.aid, &LoadFileRecord::aid) != built_in.end();
  return is_built_in ? sw::kConditionsNotSatisfied : sw::kReferencedDataNotFound;
}

}  // namespace uicclab::emulator
