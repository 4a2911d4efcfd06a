// SPDX-License-Identifier: Apache-2.0
// Card content management as the card lends it to security domains: GlobalPlatform Card Specification v2.3.1 (GP) clauses 6.2 to 6.6, 7 and
// 9. The domain checks who talks to it and takes commands apart; the card keeps the registry and its rules.
#pragma once

#include <optional>
#include <vector>

#include "core/apdu.hpp"
#include "gp/card_data.hpp"
#include "gp/install.hpp"
#include "gp/install_parameters.hpp"
#include "gp/key.hpp"
#include "gp/key_purpose.hpp"
#include "gp/load_file_blocks.hpp"
#include "gp/registry_entry.hpp"
#include "jcvm/cap/cap_file.hpp"

namespace uicclab::applet {

class SecureChannel;

/// The keys of a security domain. One without keys of its own for secure channels uses those of the domain that it is associated with,
/// until it has been given some (GP clause 7.3.1 leaves the first keys to the issuer).
class DomainKeys {
 public:
  virtual ~DomainKeys() = default;
  /// Those that it uses, in order of version and identifier.
  virtual std::vector<gp::KeyInformation> list() const = 0;
  /// Those that are its own.
  virtual std::vector<gp::KeyInformation> own() const = 0;
  virtual std::optional<gp::Key> find(KeyVersion version, gp::KeyId id) const = 0;
  virtual gp::SessionVersions session_versions() const = 0;
  /// Changes are those of this domain itself. A version's sequence counter is reset with each PUT KEY.
  virtual void put(const gp::Key& key) = 0;
  virtual void erase(KeyVersion version, gp::KeyId id) = 0;

  virtual std::uint32_t sequence_counter(KeyVersion version) const = 0;
  /// Adds one and commits before it returns, even if the command fails; nothing when FFFFFF is reached.
  virtual std::optional<std::uint32_t> advance_sequence_counter(KeyVersion version) = 0;
};

/// All changes belong to the transaction of the command. Status words common to them: 6985 (this domain may not, or the state forbids it),
/// 6A88 (what is named does not exist), 6A80 (data that cannot be), 6A84 (memory), 6A81 (a token, which no key here could verify).
class CardManager {
 public:
  virtual ~CardManager() = default;

  virtual DomainKeys& keys() = 0;

  virtual bool is_issuer_domain() const = 0;
  virtual gp::CardState card_state() const = 0;
  /// Issuer domain, instances, load files; all of them with the privilege Global Registry, else what is associated with this domain.
  virtual std::vector<gp::RegistryEntry> registry() const = 0;
  virtual gp::CardResources resources() const = 0;
  /// Card capability information (67) of a domain with these protocols.
  virtual Bytes capabilities(const std::vector<gp::SecureChannelProtocol>& protocols) const = 0;

  virtual StatusWord set_card_state(gp::CardState state) = 0;
  /// SET STATUS of an application, or of a security domain with all that is associated with it (GP clause 11.10): the locked bit locks,
  /// a state without it unlocks. Of this domain itself: PERSONALIZED and nothing else.
  virtual StatusWord set_state(const Aid& application, std::uint8_t state, bool with_associated) = 0;
  /// This domain itself was personalised: SELECTABLE becomes PERSONALIZED; nothing for the issuer domain.
  virtual void set_personalized() = 0;
  /// This domain gets another AID (STORE DATA, tag 4F).
  virtual StatusWord rename(const Aid& aid) = 0;

  /// INSTALL [for load] is allowed; the DAPs are right and none is missing that a domain demands; then, with the whole load file, it enters
  /// the registry. `request.hash` has been compared with the load file.
  virtual StatusWord may_load(const gp::InstallForLoad& request) const = 0;
  virtual StatusWord check_daps(const gp::InstallForLoad& request, const std::vector<gp::Dap>& daps) const = 0;
  virtual StatusWord add_load_file(const gp::InstallForLoad& request, const jcvm::cap::CapFile& cap, BytesView components) = 0;

  virtual StatusWord install(const gp::InstallFields& request, bool selectable) = 0;
  virtual StatusWord make_selectable(const gp::InstallFields& request) = 0;
  virtual StatusWord extradite(const gp::InstallFields& request) = 0;
  virtual StatusWord update_registry(const gp::InstallFields& request) = 0;
  /// An application, a security domain or a load file; `related`: with the objects that depend on it.
  virtual StatusWord remove(const gp::DeleteData& request, bool related) = 0;

  /// INSTALL [for personalization] of this application is allowed; then each STORE DATA goes to it, which came through `session` (null:
  /// through none).
  virtual StatusWord may_personalize(const Aid& application) const = 0;
  virtual StatusWord personalize(const Aid& application, const apdu::Command& store_data, SecureChannel* session, Bytes& out) = 0;
};

}  // namespace uicclab::applet
