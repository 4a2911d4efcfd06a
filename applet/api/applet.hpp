// SPDX-License-Identifier: Apache-2.0
// The interface of applications on the card, JavaCard-style: an application is installed from a module, selected, given commands,
// deselected, and gets toolkit events. The runtime behind it is emulator/runtime; nothing here depends on it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "applet/api/file_view.hpp"
#include "applet/api/loaded_code.hpp"
#include "applet/api/network_application.hpp"
#include "applet/api/parameters.hpp"
#include "applet/api/remote.hpp"
#include "applet/api/secure_channel.hpp"
#include "applet/api/service.hpp"
#include "applet/api/toolkit.hpp"
#include "core/apdu.hpp"
#include "core/card_port.hpp"
#include "core/environment.hpp"
#include "core/types.hpp"
#include "gp/install_parameters.hpp"
#include "gp/key.hpp"
#include "gp/key_purpose.hpp"
#include "gp/life_cycle.hpp"

namespace uicclab::applet {

class CardManager;

/// Number of one of an instance's private persistent objects; its meaning is the applet's own.
struct Slot {
  std::uint32_t value = 0;
  auto operator<=>(const Slot&) const = default;
};

/// The files of an instance's ADF (or of the MF for an application without one), past the access rules: what the application itself,
/// not the terminal, reads and writes. Writes belong to the transaction of the command. A path is a sequence of two-byte FIDs below the
/// ADF.
class Files {
 public:
  virtual ~Files() = default;
  /// Contents of a transparent EF. Nothing if the file does not exist, is of another kind or is not activated.
  virtual std::optional<Bytes> read_binary(BytesView path) const = 0;
  /// Replaces from `offset`; false if there is no such file or the data does not fit.
  virtual bool update_binary(BytesView path, std::size_t offset, BytesView data) = 0;
  /// Record 1 is the first. Nothing if there is no such file or record.
  virtual std::optional<Bytes> read_record(BytesView path, std::size_t record) const = 0;
  /// Data shorter than the record is padded with FF; false if there is no such file or record, or the data is too long. In a cyclic EF the
  /// oldest record is overwritten and becomes number 1, whatever `record` is (ETSI TS 102 221 clause 8.2.2.3).
  virtual bool update_record(BytesView path, std::size_t record, BytesView data) = 0;
  /// Number of records; 0 if there is no such file.
  virtual std::size_t record_count(BytesView path) const = 0;
};

/// What the runtime lends to an instance for the length of one call. Nothing of it may be kept.
class Context {
 public:
  virtual ~Context() = default;

  virtual const Aid& aid() const = 0;
  virtual Channel channel() const = 0;
  /// The command that runs, as it came: its class byte with channel and secure messaging. Nothing while none runs that was sent on this
  /// channel (a reset, a secured packet).
  virtual std::optional<apdu::Command> command() const { return std::nullopt; }
  virtual Protocol protocol() const { return Protocol::kT0; }
  /// This instance is active on another channel too; or, with `load_file`, any instance of its load file is.
  virtual bool is_active_elsewhere(bool /*load_file*/) const { return false; }

  /// Private persistent object; sees the writes of the running command. The view is good until the next store or erase.
  virtual std::optional<BytesView> load(Slot slot) const = 0;
  /// Final when the command ends with success, all together or not at all; or by the instance's own transaction; or at once, if the module
  /// says so (Module::writes_at_once()).
  virtual void store(Slot slot, BytesView value) = 0;
  virtual void erase(Slot slot) = 0;
  /// For counters that protect: committed before this call returns, even if the command fails.
  virtual void store_now(Slot slot, BytesView value) = 0;

  /// The instance's own transaction (Java Card Runtime Environment Specification, chapter 7): what it writes between begin and commit, also
  /// into files, is final with the commit, even if the command fails, and taken back by abort. One that is open when the call returns
  /// is aborted, and a command to the instance fails (6F00). In a command that the card does as a whole (INSTALL, DELETE) a commit is final
  /// with the command. False, and nothing done: one is open already (begin), or none is (commit, abort).
  virtual bool begin_transaction() = 0;
  virtual bool commit_transaction() = 0;
  virtual bool abort_transaction() = 0;

  virtual Files& files() = 0;
  /// Those of another application's ADF, if this instance's access parameters give it all rights there (TS 102 226 clause 8.2.1.3.2.2.2);
  /// else null. Valid as long as the context.
  virtual Files* files_of(const Aid& /*application*/) { return nullptr; }
  /// Files by the access rules and this instance's access domains, in the UICC's shared file system (no AID) or in an application's ADF;
  /// null if there is no such ADF. It may be kept until power-off.
  virtual std::unique_ptr<FileView> open_view(const Aid& /*application*/) { return nullptr; }
  virtual Toolkit& toolkit() = 0;
  virtual Random& random() = 0;
  virtual const Clock& clock() const = 0;
  /// The access condition of this key is met now: verified, or disabled.
  virtual bool is_satisfied(KeyReference key) const = 0;
  /// What managed code has of the card (applet/api/loaded_code.hpp), for an instance of a load file; null for built-in ones.
  virtual CodeServices* code() { return nullptr; }
  /// Card content management (applet/api/card_manager.hpp) for a security domain; null for all others.
  virtual CardManager* card_manager() { return nullptr; }
  /// Commands in the name of the sender, while Applet::on_remote_request() runs; null at any other time.
  virtual RemoteCommands* remote_commands() { return nullptr; }
  /// The running command came in a secured packet: the version of the keys that it was checked with.
  virtual std::optional<KeyVersion> secured_by() const { return std::nullopt; }
  /// INITIALIZE UPDATE and EXTERNAL AUTHENTICATE of an application that lets its security domain open a secure channel for it. Commands of
  /// the session then come plain, and their answers are protected on the way out. 6D00 if the domain has no such service.
  virtual StatusWord process_security(const apdu::Command& /*command*/, Bytes& /*out*/) { return sw::kInsNotSupported; }
  /// The secure channel that process_security() began for this instance on this channel, for a module that unwraps its commands itself
  /// (Module::unwraps_itself()); null if none was begun. It is good until the instance is left on the channel.
  virtual SecureChannel* secure_channel() { return nullptr; }
  /// Level of the secure channel that the running command came through (SecureChannel::level()); 00 if none.
  virtual std::uint8_t secure_channel_level() const { return 0; }
  /// Bytes that the answer to the running command may have; by default a size that fits every secure channel.
  virtual std::size_t room() const { return 224; }
  /// An answer of this size goes out with the running command. If not, the terminal gets the right Le (6Cxx) and repeats the command,
  /// which must then find everything as it was (ETSI TS 102 221 clause 7.3.1.1).
  virtual bool fits(std::size_t /*size*/) const { return true; }

  /// Other applications that give this one a service (Applet::service()), in the order of the registry, until `call` has found what it
  /// wants; false if none had it. See the function template use_service().
  virtual bool use_service(ServiceId /*id*/, const ServiceCall& /*call*/) { return false; }
};

/// Context::use_service() by the class of the service: `call(Service&, Context& server) -> bool`.
template <typename ServiceClass, typename Call>
bool use_service(Context& context, const Call& call) {
  return context.use_service(ServiceClass::kId,
                             [&](Service& service, Context& server) { return call(static_cast<ServiceClass&>(service), server); });
}

/// What INSTALL [for install] says of the instance that it makes (GlobalPlatform Card Specification clause 11.5.2.3.2).
struct Installation {
  gp::Privileges privileges;
  BytesView parameters;  ///< application specific parameters: the value of tag C9
};

/// One instance of an application, as long as the card is powered. What it must remember goes through Context::store; members are volatile.
class Applet {
 public:
  virtual ~Applet() = default;
  Applet() = default;
  Applet(const Applet&) = delete;
  Applet& operator=(const Applet&) = delete;

  /// INSTALL has made this instance; what Module::install() made of the parameters is there. Nothing is final before the command ends: a
  /// status other than 9000 refuses the command, and leaves nothing. By default that is all.
  virtual StatusWord install(Context& context, const Installation& installation);
  /// DELETE is about to remove this instance with its private objects and files. A status other than 9000 refuses it: nothing goes.
  virtual StatusWord uninstall(Context& context);

  /// Called after SELECT by AID found this instance. A status other than success refuses the selection. `out` is the FCI for an application
  /// without an ADF; one with an ADF leaves it empty and the runtime answers with the FCP.
  virtual StatusWord select(Context& context, Bytes& out);
  virtual void deselect(Context& context);

  /// A command that the card's own table does not hold. The class byte comes without the channel; secure messaging bits stay.
  /// `out` is empty on entry and reaches the terminal only with a success or warning status. Unknown instructions answer 6D00.
  virtual StatusWord process(Context& context, const apdu::Command& command, Bytes& out) = 0;

  /// A STORE DATA command that this application's security domain passes on after INSTALL [for personalization], plain (GP clause 7.3.3).
  /// As it stands it goes to process().
  virtual StatusWord personalize(Context& context, const apdu::Command& store_data, Bytes& out);

  /// An event that this instance has registered for (applet/api/toolkit_module.hpp). kIgnored: it was not for this instance.
  virtual Handled on_event(Context& context, const EventCall& call);
  /// Answer to a proactive command of this instance: the data of TERMINAL RESPONSE, which may be malformed if the instance waits for it.
  /// kWaiting: it has sent another command, and its turn that began with an event is not over.
  virtual Handled on_terminal_response(Context& context, BytesView response);

  /// A short message with a secured packet for a TAR of this instance, whose module opens packets itself; as it came, put together again.
  /// The answer to the ENVELOPE. Nothing: the card opens it.
  virtual std::optional<StatusWord> on_packet(Context& context, const PacketMessage& message);
  /// The running command, which succeeds, changed files of this instance's ADF, or of one that its access parameters let it at; its module
  /// watches them. What is written here belongs to the same transaction. Watchers are notified in the order of the registry, each once.
  virtual void on_files_changed(Context& context);
  /// A service that this application gives `client`; empty: the card itself asks. An object of the class whose kId this is, which lives as
  /// long as the applet. Null, the default: none.
  virtual Service* service(const Aid& client, ServiceId id);

  /// A secure channel for an application that this security domain is asked for (Context::process_security()); null by default.
  virtual std::unique_ptr<SecureChannel> make_secure_channel() const;

  /// Data of a secured packet for a TAR of this instance; returns the data of the response. Nothing: it takes none. The transaction is not
  /// that of a command: what is to be written goes through Context::remote_commands().
  virtual std::optional<Bytes> on_remote_request(Context& context, const RemoteRequest& request);

  /// A transaction has ended in which this instance was called: its writes are final, or were taken back (but for what was final before).
  /// Members that stand on them follow. Commands of a remote script end one each, while on_remote_request() runs. After something was
  /// thrown the object is destroyed, and made again at its next use; also if it throws here.
  virtual void on_transaction_end(bool committed);
};

/// Initial private objects of an instance.
using InitialObjects = std::vector<std::pair<Slot, Bytes>>;

/// How the registry of GlobalPlatform has an instance that a profile makes.
struct Registration {
  gp::Privileges privileges;
  std::uint8_t life_cycle = gp::kSelectable;
  std::vector<gp::Key> keys;  ///< of a security domain
  gp::UiccParameters uicc;    ///< TARs, minimum security level, access to files
};

/// A module of an executable load file: what instances are made of (GlobalPlatform Card Specification clause 6.2).
class Module {
 public:
  virtual ~Module() = default;
  Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  /// Short name for profiles: "usim".
  virtual std::string_view name() const = 0;
  virtual Aid load_file_aid() const = 0;
  virtual Aid module_aid() const = 0;

  /// Turns the parameters of a profile into the instance's private objects. Errors name the key.
  virtual Result<InitialObjects> personalise(const Parameters& parameters) const = 0;
  /// The same for privileges, life cycle and keys; an application like others by default.
  virtual Result<Registration> registration(const Parameters& parameters) const;
  /// What parameters that are right will not do, for people who check a profile; `opens`: key versions for sessions on this card.
  virtual std::vector<std::string> remarks(const Parameters& parameters, gp::SessionVersions opens) const;
  /// Its instances are security domains: only they can have the privilege, and get a CardManager.
  virtual bool is_security_domain() const { return false; }
  /// Its instances have an ADF: INSTALL gives them a copy of that which the profile made for the first one.
  virtual bool has_files() const { return false; }
  /// An instance may be active on several logical channels at once, and together with others of its load file; otherwise SELECT on a second
  /// one, and opening one from where it is active, are refused (6985).
  virtual bool is_multiselectable() const { return true; }
  /// Its instances are applications of the Java Card Runtime Environment (JCRE 3.1 chapter 4). While one without an ADF is active on a
  /// channel:
  /// - Applet::process() gets every command, as it came (with the class byte of Context::command(), classes 1X, 9X, AX and BX too), but
  ///   SELECT by the name of an application that is there, MANAGE CHANNEL, GET RESPONSE while an answer waits for it, and, on the basic
  ///   channel once TERMINAL PROFILE came, ENVELOPE, FETCH and TERMINAL RESPONSE of class 80; STATUS is the card's if it answers 6D00 or
  ///   6E00;
  /// - what is in `out` goes out with any status; under T=0 it waits for the right Le after 6Cxx: process() is not called again.
  /// SELECT calls deselect() of the one that is active before select() of the other, if either of them is such an application: if that
  /// refuses, none is active. Then process() gets the SELECT too, and its answer is that of the command, whatever it is.
  virtual bool follows_jcre() const { return false; }
  /// Applet::process() gets each command with secure messaging as it came and protects its own answer, by Context::secure_channel(), as
  /// applets on GlobalPlatform's Card API do (SecureChannel.unwrap() and wrap()); which commands may come in plain is its decision too.
  /// Otherwise the card unwraps before and wraps after it.
  virtual bool unwraps_itself() const { return follows_jcre(); }
  /// Secured packets for its TARs go to Applet::on_packet(), before the card looks for keys.
  virtual bool opens_packets() const { return false; }
  /// Applet::on_files_changed() is called.
  virtual bool watches_files() const { return false; }
  /// What an instance writes outside its own transaction (Context::begin_transaction()) is final at once: a command that fails does not
  /// take it back. As in Java Card; otherwise it is final with the command's success.
  virtual bool writes_at_once() const { return false; }
  /// INSTALL [for install] may make instances; otherwise only a profile can.
  virtual bool installable() const { return true; }
  /// Turns the application specific parameters of INSTALL (tag C9) into the instance's private objects. By default they are those of a
  /// profile as a text, "algorithm=xor;k=00112233445566778899AABBCCDDEEFF": whole numbers, true and false are read as such.
  virtual Result<InitialObjects> install(BytesView parameters) const;

  /// An instance, at its first use after power-on.
  virtual std::unique_ptr<Applet> make() const = 0;
};

/// The modules a card can have; who personalises the card hands it in, so that the runtime knows no concrete applet.
struct ModuleCatalogue : std::vector<std::shared_ptr<const Module>> {  // shared: one catalogue serves every card
  using vector::vector;
  std::shared_ptr<const ManagedCode> managed;  ///< shared: as the modules. Null: code that is loaded cannot be run
};

}  // namespace uicclab::applet
