// SPDX-License-Identifier: Apache-2.0
// The rights on files of an application, and of remote management in its name: its access domains, ETSI TS 102 226 clause 8.2.1.3.2.2.2.
#pragma once

#include "emulator/fs/file_system.hpp"
#include "emulator/registry/registry.hpp"
#include "emulator/security/security_context.hpp"

namespace uicclab::emulator {

/// The security status of one script, or of one view of an application (applet::FileView). Nothing is inherited from the terminal's, nor
/// given to it: PINs that are verified in it count for it.
class DomainSecurity final : public SecurityContext {
 public:
  enum class Domains : std::uint8_t {
    /// By operation: the administrative one for creating, deleting and resizing files. PINs that are verified, or disabled, count too.
    kByOperation,
    /// The same, and nothing but what the domains say (uicc.access.FileView; TS 102 268 Cre_Tin_Acdo).
    kAlone,
    /// The administrative one for everything, and nothing else (uicc.access.fileadministration.AdminFileView).
    kAdministrative,
  };

  /// `instance` is looked up at each use, as what it does may change it.
  DomainSecurity(const Nvm& nvm, const FileSystem& files, const Registry& registry, std::uint32_t instance,
                 Domains domains = Domains::kByOperation)
      : m_files(files), m_registry(registry), m_instance(instance), m_domains(domains), m_own(nvm) {}

  bool is_satisfied(KeyReference key, FileId adf) const override { return m_own.is_satisfied(key, adf); }
  void set_verified(KeyReference key, FileId adf, bool verified) override { m_own.set_verified(key, adf, verified); }
  void revoke(KeyReference key, FileId adf) noexcept override { m_own.revoke(key, adf); }
  Restorable<VerifiedKeys>& verified_keys() override { return m_own.verified_keys(); }
  /// By the access domain for the file system that holds the file; without one, nothing is allowed.
  bool holds(const Condition& condition, FileId file, const Access& access, const KeyScope& scope) const override;

  void forget() { m_own.forget(); }

 private:
  const FileSystem& m_files;
  const Registry& m_registry;
  std::uint32_t m_instance;
  Domains m_domains;
  TerminalSecurity m_own;
};

}  // namespace uicclab::emulator
