// SPDX-License-Identifier: Apache-2.0
// The sender of a command and its verified keys: the security status of clause 9.3 of ETSI TS 102 221. One command path serves the
// terminal, remote scripts and installed applications; they differ only in the SecurityContext they bring.
#pragma once

#include <vector>

#include "emulator/fs/file_system.hpp"
#include "emulator/restorable.hpp"
#include "emulator/security/pin.hpp"
#include "uicc/access_rule.hpp"

namespace uicclab::emulator {

/// A key that was verified, and, of a local one, the DF that defines it.
struct VerifiedKey {
  KeyReference key;
  FileId scope;
  bool operator==(const VerifiedKey&) const = default;
};
using VerifiedKeys = std::vector<VerifiedKey>;

/// Where the keys of a rule are defined: a local one in the nearest DF above the file that has it, else in the application that is active
/// on the channel (ETSI TS 102 221 clause 9.5.1). Each key is looked up for itself, when it is asked for.
class KeyScope {
 public:
  KeyScope(const FileSystem& files, FileId directory, FileId adf) : m_files(files), m_directory(directory), m_adf(adf) {}
  FileId of(KeyReference key) const { return key.is_local() ? m_files.scope_of(key, m_directory).value_or(m_adf) : m_adf; }

 private:
  const FileSystem& m_files;
  FileId m_directory;
  FileId m_adf;
};

/// Answers whether a key's condition is met now.
class SecurityContext {
 public:
  virtual ~SecurityContext() = default;
  /// `adf` is the ADF of the application that is active on the channel, for local keys; the MF if there is none.
  virtual bool is_satisfied(KeyReference key, FileId adf) const = 0;
  /// A PIN was presented, or is not verified any more; the command's transaction restores the status before.
  virtual void set_verified(KeyReference key, FileId adf, bool verified) = 0;
  /// A wrong value was presented: the key is not verified any more, even if the command fails.
  virtual void revoke(KeyReference key, FileId adf) noexcept = 0;
  /// The status that a transaction restores.
  virtual Restorable<VerifiedKeys>& verified_keys() = 0;
  /// Is the condition of an operation on this file met? By the keys it names, unless the context has rights of its own.
  virtual bool holds(const Condition& condition, FileId /*file*/, const Access& /*access*/, const KeyScope& scope) const {
    return condition.holds([&](KeyReference key) { return is_satisfied(key, scope.of(key)); }, secure_channel_level());
  }
  /// Of the secure channel that the running command came through; 00 if none.
  virtual std::uint8_t secure_channel_level() const { return 0; }
};

/// The terminal's security status: what it verified since the last reset, on whatever channel. A disabled PIN counts as satisfied, or, if
/// it was disabled in favour of the universal PIN, as satisfied when that is (clauses 9.5.2 and 11.1.11).
class TerminalSecurity final : public SecurityContext {
 public:
  explicit TerminalSecurity(const Nvm& nvm) : m_nvm(nvm) {}

  bool is_satisfied(KeyReference key, FileId adf) const override;

  bool is_verified(KeyReference key, FileId adf) const;
  void set_verified(KeyReference key, FileId adf, bool verified) override;
  void revoke(KeyReference key, FileId adf) noexcept override;
  Restorable<VerifiedKeys>& verified_keys() override { return m_verified; }
  /// Local keys of an application whose session is terminated.
  void forget_application(FileId adf);

  void forget() { m_verified.change().clear(); }

  const VerifiedKeys& verified() const { return *m_verified; }

 private:
  static VerifiedKey entry(KeyReference key, FileId adf) { return {key, key.is_local() ? adf : kMfId}; }

  const Nvm& m_nvm;
  Restorable<VerifiedKeys> m_verified;
};

/// The status for a command that came through a secure channel: that of its sender, and what the channel protects.
class ChannelSecurity final : public SecurityContext {
 public:
  ChannelSecurity(SecurityContext& sender, std::uint8_t level) : m_sender(sender), m_level(level) {}

  bool is_satisfied(KeyReference key, FileId adf) const override { return m_sender.is_satisfied(key, adf); }
  void set_verified(KeyReference key, FileId adf, bool verified) override { m_sender.set_verified(key, adf, verified); }
  void revoke(KeyReference key, FileId adf) noexcept override { m_sender.revoke(key, adf); }
  Restorable<VerifiedKeys>& verified_keys() override { return m_sender.verified_keys(); }
  std::uint8_t secure_channel_level() const override { return m_level; }

 private:
  SecurityContext& m_sender;
  std::uint8_t m_level;
};

/// Global key reference of the universal PIN (clause 9.5.1).
inline constexpr KeyReference kUniversalPin{0x11};

}  // namespace uicclab::emulator
