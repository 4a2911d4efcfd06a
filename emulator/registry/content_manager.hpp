// SPDX-License-Identifier: Apache-2.0
// Card content management for one security domain: applet::CardManager over the session. GP clauses 6.2 to 6.6, 9.
#pragma once

#include "applet/api/card_manager.hpp"
#include "emulator/registry/domain_keys.hpp"

namespace uicclab::emulator {

struct Session;
class SecurityContext;

class ContentManager final : public applet::CardManager {
 public:
  ContentManager(Session& session, std::uint32_t domain, Channel channel, const SecurityContext& security);

  applet::DomainKeys& keys() override { return m_keys; }
  bool is_issuer_domain() const override;
  gp::CardState card_state() const override;
  std::vector<gp::RegistryEntry> registry() const override;
  gp::CardResources resources() const override;
  Bytes capabilities(const std::vector<gp::SecureChannelProtocol>& protocols) const override;

  StatusWord set_card_state(gp::CardState state) override;
  StatusWord set_state(const Aid& application, std::uint8_t state, bool with_associated) override;
  void set_personalized() override;
  StatusWord rename(const Aid& aid) override;

  StatusWord may_load(const gp::InstallForLoad& request) const override;
  StatusWord check_daps(const gp::InstallForLoad& request, const std::vector<gp::Dap>& daps) const override;
  StatusWord add_load_file(const gp::InstallForLoad& request, const jcvm::cap::CapFile& cap, BytesView components) override;

  /// As remove(), a transaction of the card: nothing in it is final before all of it is.
  StatusWord install(const gp::InstallFields& request, bool selectable) override;
  StatusWord make_selectable(const gp::InstallFields& request) override;
  StatusWord extradite(const gp::InstallFields& request) override;
  StatusWord update_registry(const gp::InstallFields& request) override;
  StatusWord remove(const gp::DeleteData& request, bool related) override;

  StatusWord may_personalize(const Aid& application) const override;
  StatusWord personalize(const Aid& application, const apdu::Command& store_data, applet::SecureChannel* session, Bytes& out) override;

 private:
  const InstanceSpec& self() const;
  bool has(gp::Privilege privilege) const { return self().privileges.has(privilege); }
  /// May this domain manage content now, and is there no token? (GP clauses 9.1 and 9.2)
  StatusWord authority(BytesView token) const;
  bool is_associated(const InstanceSpec& spec) const;
  std::optional<std::uint32_t> domain_named(const Aid& aid, StatusWord& status) const;
  bool aid_is_free(const Aid& aid) const;
  bool is_in_use(std::uint32_t number) const;
  static StatusWord refused(const Error& error);
  StatusWord check_memory(const gp::InstallParameters& parameters) const;
  /// Card Reset and Final Application belong to one application: the new holder takes it from the previous one; when no application has
  /// it any more the issuer domain has it again (GP clauses 6.6.2.4 and 6.6.2.11).
  void settle_privileges(std::optional<std::uint32_t> receiver);
  StatusWord add_instance(const gp::InstallFields& request, bool selectable);
  /// What DELETE takes with it: each instance before those that belong to it.
  struct Removal {
    std::vector<std::uint32_t> instances;
    std::vector<std::uint32_t> files;
  };
  StatusWord collect_named(const gp::DeleteData& request, bool related, Removal& removal) const;
  StatusWord collect_instance(std::uint32_t number, bool related, unsigned depth, Removal& removal) const;
  StatusWord collect_load_file(std::uint32_t number, bool related, unsigned depth, Removal& removal) const;
  StatusWord carry_out(const Removal& removal);
  gp::RegistryEntry entry(std::uint32_t number, const InstanceSpec& spec) const;
  gp::RegistryEntry entry(const LoadFileRecord& file) const;
  Aid aid_of(std::optional<std::uint32_t> number) const;

  Session& m_session;
  Registry& m_registry;
  std::uint32_t m_domain;
  Channel m_channel;
  const SecurityContext& m_security;
  InstanceKeys m_keys;
};

}  // namespace uicclab::emulator
