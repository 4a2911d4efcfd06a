// SPDX-License-Identifier: Apache-2.0
// The Java Card runtime environment of a card, as long as it is powered: the machine, the selected applets, the APDU that is processed.
// JCRE 3.1 chapters 3, 4, 8, 9 and 11.
#pragma once

#include <map>

#include "applet/api/applet.hpp"
#include "applet/java/card_store.hpp"
#include "applet/java/security/engine.hpp"
#include "applet/java/uicc/activation.hpp"

namespace uicclab::applet::java {

/// The APDU object (JCRE clause 9.4): states are those of APDU.getCurrentState().
struct ApduState {
  enum : std::int8_t { kInitial, kPartialIncoming, kFullIncoming, kOutgoing, kLengthKnown, kPartialOutgoing, kFullOutgoing };

  std::int8_t state = kInitial;
  Bytes incoming;
  std::size_t received = 0;  ///< of incoming
  std::int16_t data_at = 5;  ///< where the data begin in the buffer: ISO7816.OFFSET_CDATA, OFFSET_EXT_CDATA
  std::int16_t most = 256;   ///< bytes of an answer
  bool no_chaining = false;  ///< setOutgoingNoChaining()
  std::int16_t le = 0;
  std::int32_t promised = 0;  ///< setOutgoingLength()
  bool has_256 = false;       ///< BasicService.setOutputLength(256), which the buffer has as 0
  Bytes sent;

  /// As at the begin of process().
  void begin(BytesView data) {
    Bytes in = std::move(incoming);
    Bytes out = std::move(sent);
    *this = {};
    in.assign(data.begin(), data.end());
    out.clear();
    incoming = std::move(in);
    sent = std::move(out);
  }
};

/// A view of files (uicc.access) in this session.
struct OpenView {
  std::unique_ptr<FileView> files;
  std::uint16_t package = 0;  ///< of the applet that asked for it
  jcvm::machine::Lifetime lifetime = jcvm::machine::Lifetime::kPersistent;
  std::optional<std::size_t> tags_given;    ///< of a list of tags that was begun
  std::optional<std::size_t> data_missing;  ///< bytes of a data object that was begun
};

class Session final : public CodeSession, public jcvm::machine::NativeHost {
 public:
  using Context = jcvm::machine::Context;
  using Ref = jcvm::machine::Ref;

  /// `byte_codes`: of a command, at most.
  Session(std::shared_ptr<const jcvm::machine::Library> library, std::uint64_t byte_codes);
  ~Session() override;

  StatusWord load(CodeServices& services, const LoadFile& file) override;
  StatusWord remove(CodeServices& services, std::span<const std::uint32_t> instances, std::span<const std::uint32_t> files) override;
  void on_transaction_end(bool committed) override;
  std::uint32_t volatile_memory(CodeServices& services, std::uint32_t instance) override;

  // For an applet: what the card asks of it. Each is a call of its own.
  StatusWord install(applet::Context& context, std::uint16_t package, const Aid& module, const Installation& installation);
  StatusWord uninstall(applet::Context& context);
  StatusWord select(applet::Context& context);
  void deselect(applet::Context& context);
  StatusWord process(applet::Context& context, const apdu::Command& command, Bytes& out);
  /// STORE DATA that the security domain passes on: Personalization.processData() or Application.processData() (GP clause 7.3.3).
  StatusWord personalize(applet::Context& context, const apdu::Command& store_data, Bytes& out);
  Handled on_event(applet::Context& context, const EventCall& call);
  Handled on_terminal_response(applet::Context& context, BytesView response);

  bool may_enter(Context caller, Context owner) override;

  // For native methods.
  applet::Context& context() { return *m_context; }
  CardStore& store() { return m_store; }
  jcvm::machine::Machine& machine() { return *m_machine; }
  std::optional<Instance> instance_of(Context context) const;
  std::optional<Instance> instance_named(BytesView aid) const;
  bool is_active(Context instance) const;
  bool is_selecting() const { return m_selecting; }
  /// register(): false: not within install(), done already, or not by the applet's own instance.
  bool register_applet(Ref applet, std::optional<BytesView> name);
  /// Of the open transaction; what register() did in it is undone with it.
  void abort_transaction();
  void request_deletion() { m_deletion = true; }
  /// Applet.reSelectingApplet(): the instance that is selected was the one before.
  bool is_reselecting() const { return m_reselecting; }
  /// When the call of the card ends.
  void erase_after_call(Ref array) { m_global_arrays.push_back(array); }
  ApduState& apdu() { return m_apdu; }
  /// kNull: no APDU is processed.
  Ref apdu_object() const { return m_in_process ? m_apdu_object : jcvm::machine::kNull; }
  Ref apdu_buffer() const { return m_apdu_buffer; }

  // For the toolkit (applet/java/uicc).

  /// The one whose processToolkit() runs; null: none does.
  Activation* activation() { return m_activation; }
  /// getTheHandler() of the System classes.
  jcvm::machine::Outcome give_handler(jcvm::machine::NativeCall& call, HandlerKind kind);
  /// The card's handler that this object is.
  std::optional<HandlerKind> handler_kind(Ref object) const;
  /// The object of an instance's entry in the toolkit registry. Empty: return failed().
  std::optional<Ref> registry_object(jcvm::machine::NativeCall& call, std::uint32_t instance);
  /// Whose entry an object is; nothing: it is no such object.
  std::optional<std::uint32_t> registry_owner(Ref object) const;
  /// The runtime's own object of a class of org.globalplatform, for an instance: a permanent entry point, which goes with the instance.
  /// Cell 0 has its number. Empty: return failed().
  std::optional<Ref> platform_object(jcvm::machine::NativeCall& call, jcvm::machine::ApiClass of, std::uint32_t instance);
  bool is_installing(std::uint32_t instance) const { return m_installing && m_installing->context.instance == instance; }
  /// A comparison with the card's global PIN since the reset.
  enum class PinState : std::uint8_t { kNotSubmitted, kWrong, kVerified };
  PinState& global_pin_state() { return m_global_pin; }
  /// What objects of javacard.security and javacardx.crypto are in the middle of.
  CryptoEngines& engines() { return m_engines; }
  /// UICCPlatform.getTheVolatileByteArray()
  Ref volatile_array();
  /// What is selected in a view, by its object; null: it was not used in this session, or was cleared since.
  OpenView* open_view(Ref view);
  OpenView& keep_view(Ref view, std::unique_ptr<FileView> files, std::uint16_t package, jcvm::machine::Lifetime lifetime);
  void forget_view(Ref view) { m_views.erase(view); }

  static constexpr std::size_t kBuffer = 261;  ///< header, Lc, data, Le

 private:
  class Call;
  struct Installing {
    Context context;
    Aid name;
    bool done = false;
  };

  void prepare(CodeServices& services);
  /// The card takes the command back: objects are read again, the transaction of the applet is none.
  void give_up() noexcept;
  void set_quota(CodeServices& services, Context instance);
  void make_apdu();
  /// `how` begins the thread. The answer of an exception: ISOException its reason, others 6F00.
  template <typename Begin>
  StatusWord run(Context selected, const Begin& begin, std::optional<std::int16_t>* result = nullptr);
  std::optional<std::int16_t> select_now(applet::Context& context, const Instance& instance);
  StatusWord process_now(const Instance& instance, const apdu::Command& command, Bytes& out);
  void collect();
  /// After a thread has ended or was cut off: its answer; what it left behind is cleared away.
  StatusWord settle(jcvm::machine::Thread& thread, jcvm::machine::RunState state, bool& aborted);
  Ref toolkit_object(const Instance& instance);
  Handled go_on(applet::Context& context, std::unique_ptr<Activation> activation, EnvelopeAnswer* answer);
  std::optional<std::uint32_t> platform_owner(Ref object) const;
  void fill_apdu_buffer(const apdu::Command& command, bool extended);
  bool is_on_parked_stack(std::uint32_t instance) const;
  void forget_lost_objects();

  std::shared_ptr<const jcvm::machine::Library> m_library;  // shared: with all sessions
  std::uint64_t m_byte_codes;
  CardStore m_store;
  std::unique_ptr<jcvm::machine::Machine> m_machine;
  bool m_stale = false;     ///< the card took back what was written
  bool m_attached = false;  ///< the card's load files
  bool m_has_quotas = false;
  bool m_unsealed = false;  ///< something was written that the card may take back
  applet::Context* m_context = nullptr;
  std::map<std::uint8_t, Context> m_active;         ///< by channel
  std::vector<std::pair<Ref, Bytes>> m_transients;  ///< before DELETE, which may be taken back
  std::optional<Installing> m_installing;
  bool m_selecting = false;
  std::optional<std::uint8_t> m_selected;  ///< channel: select() was called, the SELECT comes to process()
  bool m_reselecting = false;
  std::optional<std::pair<std::uint8_t, Context>> m_left;  ///< channel and instance that a SELECT has deselected
  std::vector<Ref> m_global_arrays;
  bool m_in_process = false;
  bool m_deletion = false;
  Ref m_apdu_object = jcvm::machine::kNull;
  Ref m_apdu_buffer = jcvm::machine::kNull;
  ApduState m_apdu;
  std::optional<std::pair<Ref, bool>> m_extended;  ///< applet that had the last command: does it take long ones?
  Activation* m_activation = nullptr;
  std::unique_ptr<Activation> m_parked;             ///< it waits for a TERMINAL RESPONSE
  bool m_parks = false;                             ///< since this transaction
  std::array<Ref, 2 * kHandlerKinds> m_handlers{};  ///< those of the UICC API, then those of the SIM API
  Ref m_volatile_array = jcvm::machine::kNull;
  std::map<std::pair<std::uint32_t, bool>, Ref> m_registry_objects;          ///< by instance; true: of the SIM API
  std::map<std::pair<std::uint8_t, std::uint32_t>, Ref> m_platform_objects;  ///< by class and instance
  PinState m_global_pin = PinState::kNotSubmitted;
  CryptoEngines m_engines;
  std::map<Ref, OpenView> m_views;
};

}  // namespace uicclab::applet::java
