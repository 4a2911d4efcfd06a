// SPDX-License-Identifier: Apache-2.0
// The registry of the card (GP clause 6.4): executable load files and instances, those of the image and those that were loaded and
// installed since. What was changed lies in NVM, one object each, and is kept parsed here.
#pragma once

#include <map>

#include "emulator/nvm/nvm.hpp"
#include "jcvm/cap/cap_file.hpp"

namespace uicclab::emulator {

/// An executable load file. Built-in ones (what the modules of the card's program belong to) have no number.
struct LoadFileRecord {
  Aid aid;
  std::optional<std::uint32_t> domain;  ///< nothing: the issuer domain
  Bytes version;                        ///< major, minor; empty for built-in ones
  std::vector<Aid> modules;
  std::vector<jcvm::cap::Package> imports;
  std::uint32_t size = 0;  ///< of its components
};

/// What is thrown where an object of the card's memory cannot be read; `what` names it.
SystemError damaged(const std::string& what);

/// Reads see the open transaction; Session::follow_rollback() has it read again.
class Registry {
 public:
  explicit Registry(Nvm& nvm) : m_nvm(nvm) { reload(); }

  /// Numbers of the instances, the image's first. A number is never used again.
  std::vector<std::uint32_t> instances() const;
  /// Null if there is no such instance (any more).
  const InstanceSpec* find(std::uint32_t number) const;
  std::optional<std::uint32_t> by_aid(const Aid& aid) const;
  /// The TARs that `spec` is reached by: those of its toolkit parameters, or, if these name none, the one in an AID of 16 bytes (ETSI
  /// TS 101 220 annex D). Its minimum security level is `spec.uicc.toolkit->minimum_spi1`.
  static std::vector<Tar> tars(const InstanceSpec& spec);
  std::optional<std::uint32_t> by_tar(Tar tar) const;
  std::optional<std::uint32_t> issuer_domain() const { return m_nvm.image().issuer_domain(); }
  /// The number of the domain that `spec` is associated with.
  std::optional<std::uint32_t> domain_of(const InstanceSpec& spec) const { return spec.domain ? spec.domain : issuer_domain(); }
  /// That of the issuer domain; SECURED on a card without one.
  gp::CardState card_state() const;

  std::uint32_t add(InstanceSpec spec);
  void set(std::uint32_t number, InstanceSpec spec);
  /// With its private objects and keys; not its files.
  void remove(std::uint32_t number);

  /// The module of this load file, a built-in one or one that was loaded; null if the card's program has none such.
  struct FoundModule {
    std::shared_ptr<const applet::Module> module;  // shared: as in the catalogue
    std::optional<std::uint32_t> load_file = {};   ///< as InstanceSpec::load_file
  };
  FoundModule module(const Aid& load_file, const Aid& module_aid) const;
  std::vector<LoadFileRecord> built_in() const;
  /// What runs load files; null if the card's program has nothing for it.
  const applet::ManagedCode* managed_code() const { return m_nvm.image().modules().managed.get(); }
  const std::map<std::uint32_t, LoadFileRecord>& loaded() const { return m_loaded; }
  /// A package that serves this import is on the card: one of the platform's, or one that was loaded.
  bool has_package(const jcvm::cap::Package& wanted) const;
  /// A load file that is not among `leaving` imports this one.
  bool is_imported(const Aid& package, const std::vector<std::uint32_t>& leaving) const;
  /// Returns its number.
  std::uint32_t add_load_file(const LoadFileRecord& file, BytesView components);
  /// Those that were loaded, by number; views are good until the next write.
  std::vector<applet::LoadFile> load_files() const;
  void remove_load_file(std::uint32_t number);
  void set_load_file(std::uint32_t number, const LoadFileRecord& file);

  /// Bytes that load files, installed instances, objects of their code and keys of PUT KEY take from the card's memory, without files;
  /// what is reserved for an instance is taken, whether it uses it or not.
  std::uint32_t memory_used() const;
  /// Bytes of an instance's private objects and keys.
  std::uint32_t data_size(std::uint32_t number) const;
  static constexpr std::uint32_t kOverhead = 64;  ///< of each, in addition to the components

  /// Reads everything again from the current Nvm, including the open transaction. Throws SystemError for what cannot be read, and for
  /// an instance whose module the card's program does not have.
  void reload();
  bool changed() const { return m_changed; }
  void committed() noexcept { m_changed = false; }

 private:
  applet::LoadFile components_of(std::uint32_t number, const Aid& aid) const;

  Nvm& m_nvm;
  std::map<std::uint32_t, std::optional<InstanceSpec>> m_private;  ///< installed, changed, and (empty) deleted instances
  std::map<std::uint32_t, LoadFileRecord> m_loaded;
  mutable std::map<std::pair<std::uint32_t, Aid>, std::shared_ptr<const applet::Module>>
      m_managed;                                      ///< of load files, at the first question
  mutable std::optional<gp::CardState> m_card_state;  ///< of the issuer domain, at the first question
  bool m_changed = false;
};

}  // namespace uicclab::emulator
