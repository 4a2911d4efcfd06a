// SPDX-License-Identifier: Apache-2.0
// The runtime of the applications: which instances the card has, and their volatile objects. Concrete applications are known to it only as
// modules (applet/api).
#pragma once

#include <memory>
#include <vector>

#include "emulator/registry/registry.hpp"

namespace uicclab::emulator {

struct Session;

class Runtime {
 public:
  explicit Runtime(Nvm& nvm) : m_registry(nvm) {}

  Registry& registry() { return m_registry; }
  const Registry& registry() const { return m_registry; }

  /// Numbers of all instances, in the order of the registry.
  std::vector<std::uint32_t> numbers() const { return m_registry.instances(); }
  bool exists(std::uint32_t number) const { return m_registry.find(number) != nullptr; }
  /// It must exist.
  const InstanceSpec& instance(std::uint32_t number) const { return *m_registry.find(number); }
  /// The card is locked or terminated: only applications with the privilege Final Application are left (GP clauses 5.1.1.4, 5.1.1.5).
  bool is_restricted() const;
  /// May the instance be selected, and get commands, in its life cycle state and the card's? (GP clauses 5.1 and 5.3)
  bool is_selectable(std::uint32_t number) const;

  /// Who is active on a channel before anything is selected there (GP clause 6.4.1): on a card that is locked or terminated the Final
  /// Application; else who has an implicit selection of this channel by contact; on the basic channel who was given Card Reset.
  /// The issuer domain, whose Card Reset is the default, does not count: a UICC begins with the MF (ETSI TS 102 221 clause 8.4.1).
  std::optional<std::uint32_t> implicitly_selected(Channel channel) const;

  /// Numbers of the instances that can be selected and whose AID begins with `partial`, in the order of the registry.
  std::vector<std::uint32_t> find(BytesView partial) const;
  /// The ADF of the application `adf`, if `instance` may do everything there: its own, or by its access parameters.
  std::optional<FileId> open_adf(const InstanceSpec& instance, const Aid& adf) const;
  /// First instance of the module with this name.
  std::optional<std::uint32_t> by_module(std::string_view name) const;

  /// A transaction begins: what object() is asked for from now on has a part in it. The place is for tell_end().
  std::size_t begin(bool outermost) {
    if (outermost) m_called.clear();
    return m_first_called = m_called.size();
  }
  /// The transaction that began at `first` has ended: the applications that took part are notified. If something was thrown, or throws
  /// here, their objects are not to be used again.
  void tell_end(std::size_t first, bool committed, bool thrown) noexcept {
    if (first < m_called.size()) tell_called(first, committed, thrown);
  }
  /// The outer transaction, which began at `first`, goes on. Without one nothing of applications is running: what is not to be used again,
  /// and objects of instances that are no more, are destroyed.
  void go_back_to(std::size_t first, bool outermost) noexcept {
    m_first_called = first;
    if (!outermost) return;
    m_called.clear();
    if (m_sweep) sweep();
  }

  /// An instance whose module watches the files of an ADF: its own, or one that its access parameters let it at.
  struct Watcher {
    std::uint32_t instance;
    FileId adf;
  };
  const std::vector<Watcher>& watchers();
  /// Instances were made, changed or deleted.
  void forget_watchers() noexcept {
    m_watchers.reset();
    m_sweep = true;
  }

  /// The instance's object, made at its first use in this session.
  applet::Applet& object(std::uint32_t number);
  /// What managed code keeps in this session, made at its first use. The image has some.
  applet::CodeSession& code();

 private:
  static constexpr std::uint32_t kCode = 0xFFFFFFFF;  ///< in m_called: the session of managed code
  void note_call(std::uint32_t number);
  void tell_called(std::size_t first, bool committed, bool thrown) noexcept;
  void sweep() noexcept;
  struct Object {
    std::unique_ptr<applet::Applet> applet;
    bool broken = false;  ///< its state is unknown
  };

  Registry m_registry;
  std::unique_ptr<applet::CodeSession> m_code;  // outlives its applets
  bool m_code_broken = false;
  std::map<std::uint32_t, Object> m_objects;
  std::vector<std::uint32_t> m_called;             ///< with a part in the open transactions, the outermost one's first
  std::size_t m_first_called = 0;                  ///< of the innermost transaction
  bool m_sweep = false;                            ///< there may be objects to destroy
  std::optional<std::vector<Watcher>> m_watchers;  ///< found at the first question
};

}  // namespace uicclab::emulator
