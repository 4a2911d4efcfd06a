// SPDX-License-Identifier: Apache-2.0
// Data authentication patterns (DAP) of load files: GP clauses 6.6.1 (privileges), 9.2.1, C.3. Keys that PUT KEY takes can verify them: AES
// by CMAC, triple DES by the MAC of clause B.1.2.2. The statuses are ours.
#include "core/crypto/aes.hpp"
#include "core/crypto/des.hpp"
#include "emulator/registry/content_manager.hpp"
#include "emulator/session.hpp"
#include "gp/key_purpose.hpp"

namespace uicclab::emulator {
namespace {

using gp::Privilege;

bool verifies(const gp::Key& key, BytesView hash, BytesView signature) {
  if (key.type == gp::kAesKey) {
    const auto aes = crypto::AesKey::from(key.value.clone());
    return aes && crypto::constant_time_equal(crypto::AesCmac(*aes).compute(hash), signature);
  }
  auto des = crypto::RetailMac::from(key.value);
  constexpr crypto::Bytes8 kZeros{};
  return des && crypto::constant_time_equal(des->compute(kZeros, {hash}, crypto::MacPadding::k80), signature);
}

}  // namespace

StatusWord ContentManager::check_daps(const gp::InstallForLoad& request, const std::vector<gp::Dap>& daps) const {
  if (!daps.empty() && request.hash.empty()) return sw::kIncorrectData;  // clause 11.5.2.3.1
  std::vector<std::uint32_t> content;
  for (const gp::Dap& dap : daps) {
    const auto number = m_registry.by_aid(dap.domain);
    if (!number) return sw::kReferencedDataNotFound;
    const InstanceSpec& domain = *m_registry.find(*number);
    if (!domain.privileges.has(Privilege::kDapVerification) || !gp::is_selectable(domain.life_cycle)) return sw::kConditionsNotSatisfied;
    constexpr gp::KeyId kVerification{1};
    const auto key = InstanceKeys(m_session.nvm(), m_registry, *number).find(gp::kDapKeyVersion, kVerification);
    if (!key) return sw::kConditionsNotSatisfied;
    if (!verifies(*key, request.hash, dap.signature)) return sw::kIncorrectData;
    content.push_back(*number);
  }
  // One that verifies what is loaded into it, and one that verifies everything, must have been asked.
  const auto into = request.domain.empty() ? std::optional(m_domain) : m_registry.by_aid(request.domain);
  const bool missing = std::ranges::any_of(m_registry.instances(), [&](std::uint32_t number) {
    const gp::Privileges privileges = m_registry.find(number)->privileges;
    const bool demands =
        privileges.has(Privilege::kMandatedDapVerification) || (number == into && privileges.has(Privilege::kDapVerification));
    return demands && std::ranges::find(content, number) == content.end();
  });
  return missing ? sw::kConditionsNotSatisfied : sw::kOk;
}

}  // namespace uicclab::emulator
