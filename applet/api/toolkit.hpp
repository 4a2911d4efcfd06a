// SPDX-License-Identifier: Apache-2.0
// The card application toolkit as an application uses it: its registrations, the events it gets, and its commands to the terminal.
// ETSI TS 102 241 (UICC API) clauses 6 and 7; 3GPP TS 31.130; ETSI TS 102 223. Numbers and errors are those of the package uicc.toolkit.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/status_word.hpp"
#include "core/types.hpp"

namespace uicclab::applet {

/// What an application can be triggered by (uicc.toolkit.ToolkitConstants, uicc.usim.toolkit.ToolkitConstants).
enum class Event : std::int16_t {
  kUnrecognizedEnvelope = -1,
  kProfileDownload = 1,
  kFormattedSmsPp = 2,
  kUnformattedSmsPp = 4,
  kUnformattedSmsCb = 6,
  kMenuSelection = 7,
  kMenuSelectionHelp = 8,
  kCallControl = 9,
  kMoShortMessageControl = 10,
  kTimerExpiration = 11,
  kMtCall = 12,
  kCallConnected = 13,
  kCallDisconnected = 14,
  kLocationStatus = 15,
  kUserActivity = 16,
  kIdleScreenAvailable = 17,
  kCardReaderStatus = 18,
  kStatusCommand = 19,
  kLanguageSelection = 20,
  kBrowserTermination = 21,
  kDataAvailable = 22,
  kChannelStatus = 23,
  kFormattedSmsCb = 24,
  kAccessTechnologyChange = 25,
  kDisplayParameterChanged = 26,
  kLocalConnection = 27,
  kNetworkSearchModeChange = 28,
  kBrowsingStatus = 29,
  kNetworkRejection = 31,
  kHciConnectivity = 32,
  kCsgCellSelection = 33,
  kFramesInformationChanged = 34,
  kDataConnectionStatusChange = 37,
  kImsRegistration = 119,
  kIncomingImsData = 120,
  kUnformattedUssd = 122,
  kProactiveHandlerAvailable = 123,
  kExternalFileUpdate = 124,
  kApplicationDeselect = 126,
  kFirstCommandAfterAtr = 127,
};

/// Why the toolkit refuses; the reasons of uicc.toolkit.ToolkitException.
enum class ToolkitError : std::uint8_t {
  kNone = 0,
  kHandlerNotAvailable = 2,
  kMenuEntryNotFound = 4,
  kRegistryError = 5,
  kEventNotSupported = 6,
  kEventAlreadyRegistered = 7,
  kTerminalProfileNotAvailable = 9,
  kAllowedLengthExceeded = 10,
  kNoTimerAvailable = 11,
  kInvalidTimerId = 12,
  kEventNotAllowed = 13,
  kBadInputParameter = 14,
  kCommandNotAllowed = 15,
  kNoServiceIdAvailable = 16,
  kInvalidServiceId = 17,
  kTarNotDefined = 18,
};
template <typename T>
using ToolkitResult = tl::expected<T, ToolkitError>;

/// The answer to an ENVELOPE, while it is open: it closes when an application posts it, and when one that the envelope triggered sends a
/// proactive command, as what follows runs in later commands.
class EnvelopeAnswer {
 public:
  explicit EnvelopeAnswer(Bytes& data) : m_data(data) {}
  /// All of the data to be answered, with 9000 or a warning; false if it is closed.
  bool post(BytesView data, StatusWord status = sw::kOk) {
    if (!m_open) return false;
    append(m_data, data);
    m_status = status;
    m_open = false;
    return true;
  }
  /// 9300: the toolkit is busy, the terminal may try again; if another application took the envelope, it has no reason to. No other status
  /// is the application's to choose.
  bool refuse_as_busy() {
    if (m_open) m_busy = true;
    return m_open;
  }
  /// The application's turn is over, another one may be told.
  void end_turn() {
    if (!std::exchange(m_busy, false)) {
      m_taken = true;
    } else {
      m_refused = true;
    }
  }
  void close() { m_open = false; }
  bool is_open() const { return m_open; }
  StatusWord status() const { return m_refused && !m_taken ? sw::kBusy : m_status; }

 private:
  Bytes& m_data;
  StatusWord m_status = sw::kOk;
  bool m_open = true;
  bool m_busy = false;     ///< in the turn that runs
  bool m_refused = false;  ///< by one whose turn is over
  bool m_taken = false;    ///< by another one
};

/// An event for an application.
struct EventCall {
  Event event = Event::kUnrecognizedEnvelope;
  std::uint8_t tag = 0;              ///< BER-TLV tag of the ENVELOPE; 00: the event came without one
  BytesView data;                    ///< its data objects, or those that the card makes for the event
  EnvelopeAnswer* answer = nullptr;  ///< null: there is nothing to be answered (any more)
};

/// How an application ends its turn. kWaiting: it has sent a proactive command and goes on in on_terminal_response(); until then other
/// commands are carried out, and other applications may be triggered, but none of them can send.
enum class Handled : std::uint8_t { kIgnored, kDone, kWaiting };

/// An entry of the terminal's menu (uicc.toolkit.ToolkitRegistry.initMenuEntry).
struct MenuEntry {
  Bytes text;
  std::uint8_t next_action = 0;           ///< type of the proactive command that follows, 00: not given
  bool help = false;                      ///< help can be asked for
  std::uint8_t icon_qualifier = 0;        ///< 00: the icon explains itself; 01: text is shown with it
  std::optional<std::uint8_t> icon = {};  ///< record of EF_IMG
};

/// The entry of one application in the toolkit registry. Changes are writes of the application: final with its other writes.
class ToolkitEntry {
 public:
  static constexpr int kNoPolling = 0;
  static constexpr int kSystemPolling = -1;
  static constexpr int kMaxPolling = 15300;  ///< seconds

  virtual ~ToolkitEntry() = default;

  virtual bool is_set(Event event) const = 0;
  /// Another application of the same or a higher priority level has registered for it.
  virtual bool has_rival(Event event) const = 0;
  /// A list that is refused changes nothing.
  virtual ToolkitError set_events(std::span<const Event> events) = 0;
  ToolkitError set_event(Event event) { return set_events({&event, 1}); }
  virtual ToolkitError clear_event(Event event) = 0;

  /// The next entry of the install parameters, in their order; its identifier.
  virtual ToolkitResult<std::uint8_t> init_menu_entry(const MenuEntry& entry) = 0;
  virtual ToolkitError change_menu_entry(std::uint8_t identifier, const MenuEntry& entry) = 0;
  virtual ToolkitError enable_menu_entry(std::uint8_t identifier, bool enabled) = 0;
  /// Four bytes (ETSI TS 102 223 clause 8.72 without tag and length).
  virtual ToolkitError set_menu_text_attribute(std::uint8_t identifier, BytesView attribute) = 0;
  /// Which of the install parameters' entries it is, from 0.
  virtual std::optional<std::size_t> menu_index(std::uint8_t identifier) const = 0;
  /// Title of the menu if EF_SUME has none: that of the first application which names one.
  virtual void set_menu_title(std::string_view title) = 0;

  /// 1 to 8; registers for kTimerExpiration.
  virtual ToolkitResult<std::uint8_t> allocate_timer() = 0;
  virtual ToolkitError release_timer(std::uint8_t timer) = 0;
  /// Those that it has; bit 1: timer 1.
  virtual std::uint8_t timers() const = 0;
  /// 0 to 7; registers for kLocalConnection.
  virtual ToolkitResult<std::uint8_t> allocate_service() = 0;
  virtual ToolkitError release_service(std::uint8_t service) = 0;

  /// Seconds, kNoPolling or kSystemPolling; registers for kStatusCommand or takes that back.
  virtual ToolkitError request_poll_interval(int seconds) = 0;
  /// What the terminal polls with, seconds; 0 if the application is not registered.
  virtual int poll_interval() const = 0;

  /// kExternalFileUpdate of these files, which may be made later: paths as in a File List (ETSI TS 102 223 clause 8.18), below the ADF or
  /// the MF; a DF means the EFs in it. kBadInputParameter: a malformed list; kRegistryError: more files than an application may have.
  virtual ToolkitError register_files(BytesView list, const std::optional<Aid>& adf) = 0;
  virtual ToolkitError deregister_files(BytesView list, const std::optional<Aid>& adf) = 0;
};

/// What an application asks of the terminal.
class Toolkit {
 public:
  virtual ~Toolkit() = default;
  /// Queues a proactive command (BER-TLV D0 and its data objects); false if refusal() names a reason. The terminal response comes back
  /// through Applet::on_terminal_response.
  virtual bool send(BytesView proactive_command) = 0;
  /// Why send() would not take this command: no TERMINAL PROFILE, another application holds the proactive session, a full queue, a command
  /// that is the card's to send, a timer, channel or service of somebody else.
  virtual ToolkitError refusal(BytesView /*proactive_command*/) const { return ToolkitError::kNone; }
  /// send() would take a command that is allowed, in this turn and at this time.
  virtual bool may_send() const { return true; }
  /// Data of the last TERMINAL PROFILE; empty before it.
  virtual BytesView terminal_profile() const = 0;
  /// Null: not a toolkit application (ToolkitModule).
  virtual ToolkitEntry* entry() { return nullptr; }
};

}  // namespace uicclab::applet
