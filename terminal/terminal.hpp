// SPDX-License-Identifier: Apache-2.0
// A terminal of a mobile network, scripted: ETSI TS 102 223 as a phone would carry it out, without a user and without a network but what
// the script says. ETSI TS 102 221 clause 11.2 (commands), TS 102 223 clauses 5 (profile), 6 (proactive commands), 7 (envelopes).
#pragma once

#include <functional>
#include <map>
#include <set>

#include "core/apdu.hpp"
#include "core/card_port.hpp"
#include "core/environment.hpp"
#include "core/toolkit_link.hpp"
#include "ota/sms_reassembler.hpp"
#include "ota/sms_tpdu.hpp"
#include "terminal/channels.hpp"

namespace uicclab::terminal {

/// What the terminal is.
struct Settings {
  Bytes profile;   ///< of TERMINAL PROFILE; empty: what this terminal can do
  Bytes location;  ///< value of Location information: MCC, MNC, LAC, cell
  std::string imei = "490154203237518";
  std::string language = "en";
  std::uint8_t access_technology = 0x08;     ///< E-UTRAN (clause 8.61)
  std::chrono::seconds time{1767225600};     ///< since 1970 when it is switched on: 2026-01-01
  std::chrono::milliseconds patience{2000};  ///< with the network
  bool only_own_servers = false;             ///< no port of this machine is reached but those of its own servers
};

/// A menu of SET UP MENU.
struct Menu {
  std::string title;
  struct Item {
    std::uint8_t identifier = 0;
    std::string text;
  };
  std::vector<Item> items;
};

/// Stands before a card. Each answer 91xx makes it fetch, do and answer what the card wants, before the caller gets the answer. A reset is
/// followed by TERMINAL PROFILE. Time is virtual: it passes when advance() is called.
class Terminal final : public CardPort {
 public:
  /// An answer of the user or the network to this command; nothing: the terminal's own. It is not asked about commands that are not
  /// understood. A result below 10 goes with what the terminal does by itself; others come instead of it.
  using Rule = std::function<std::optional<Answer>(const ProactiveCommand& command)>;

  /// `card` outlives this object.
  Terminal(CardPort& card, Settings settings);

  void set_rule(Rule rule) { m_rule = std::move(rule); }

  // The card.

  Result<Atr> reset() override;
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override;
  Result<void> select_protocol(Protocol protocol) override { return m_card.select_protocol(protocol); }
  Protocol protocol() const override { return m_card.protocol(); }

  // The user, time and the network. Errors: those of the port; kNotFound for what the card has not asked for.

  /// MENU SELECTION (clause 7.2).
  Result<apdu::Response> select_item(std::uint8_t identifier, bool help = false);
  /// Timers run out (clause 7.4.1), and the card is polled (clause 6.4.6 of TS 102 221's STATUS), in their order.
  Result<void> advance(std::chrono::milliseconds time);
  /// EVENT DOWNLOAD (clause 7.5) with the objects after event list and device identities; only for events of the card's list.
  Result<apdu::Response> download_event(std::uint8_t event, BytesView objects);
  Channels& channels() { return m_channels; }

  // What the card brought about.

  /// A command, and what it was answered: the data field of TERMINAL RESPONSE, empty if there was none.
  struct Served {
    ProactiveCommand command;
    Bytes response;
  };
  const std::vector<Served>& served() const { return m_served; }
  /// Unsolicited commands to the card, and their answers; returned once.
  struct Exchange {
    Bytes command;
    apdu::Response response;
  };
  std::vector<Exchange> take_traffic() { return std::exchange(m_traffic, {}); }
  const Menu* menu() const { return m_menu ? &*m_menu : nullptr; }
  const Bytes& idle_text() const { return m_idle_text; }
  const std::set<std::uint8_t>& events() const { return m_events; }
  std::optional<std::chrono::milliseconds> poll_interval() const { return m_poll_interval; }
  /// TPDUs of SEND SHORT MESSAGE, in order, and the messages that their parts make.
  const std::vector<Bytes>& tpdus() const { return m_tpdus; }
  const std::vector<ota::UserData>& messages() const { return m_messages; }

 private:
  using Handler = Answer (Terminal::*)(const ProactiveCommand&);
  static Handler handler_of(Type type);

  void forget();
  Result<apdu::Response> exchange(BytesView command);
  Result<apdu::Response> envelope(std::uint8_t tag, BytesView objects);
  Result<void> start();
  Result<void> serve(StatusWord status);
  Result<StatusWord> serve_one(std::uint8_t size);
  Result<std::optional<StatusWord>> tell_news();
  Answer carry_out(const ProactiveCommand& command);

  // One for each type; terminal_commands.cpp.
  Answer do_nothing(const ProactiveCommand& command);
  Answer set_poll_interval(const ProactiveCommand& command);
  Answer polling_off(const ProactiveCommand& command);
  Answer set_up_event_list(const ProactiveCommand& command);
  Answer no_network(const ProactiveCommand& command);
  Answer send_short_message(const ProactiveCommand& command);
  Answer send_dtmf(const ProactiveCommand& command);
  Answer no_user(const ProactiveCommand& command);
  Answer set_up_menu(const ProactiveCommand& command);
  Answer provide_local_information(const ProactiveCommand& command);
  Answer timer_management(const ProactiveCommand& command);
  Answer set_up_idle_mode_text(const ProactiveCommand& command);
  Answer refresh(const ProactiveCommand& command);
  Answer open_channel(const ProactiveCommand& command) { return m_channels.open(command); }
  Answer close_channel(const ProactiveCommand& command) { return m_channels.close(command); }
  Answer receive_data(const ProactiveCommand& command) { return m_channels.receive(command); }
  Answer send_data(const ProactiveCommand& command) { return m_channels.send(command); }
  Answer channel_status(const ProactiveCommand&) { return m_channels.status(); }

  std::size_t read_again(BytesView file_list);
  void start_application(BytesView aid);

  struct Timer {
    std::chrono::milliseconds started{0};
    std::chrono::milliseconds end{0};
  };

  CardPort& m_card;
  ToolkitLink m_link;  ///< to that card
  Settings m_settings;
  Rule m_rule;
  Channels m_channels;
  std::vector<Channels::News> m_news;  ///< not reported yet
  ManualClock m_clock;
  ota::Reassembler m_reassembler;
  std::optional<Menu> m_menu;
  Bytes m_idle_text;
  std::set<std::uint8_t> m_events;
  std::optional<std::chrono::milliseconds> m_poll_interval;
  std::chrono::milliseconds m_next_poll{0};
  std::map<std::uint8_t, Timer> m_timers;
  bool m_serving = false;
  bool m_reset_wanted = false;  ///< by REFRESH
  std::vector<Served> m_served;
  std::vector<Exchange> m_traffic;
  std::vector<Bytes> m_tpdus;
  std::vector<ota::UserData> m_messages;
};

/// The identifier of the item with this text, or beginning with it if no other does, in a menu or in SELECT ITEM.
std::optional<std::uint8_t> item_named(const std::vector<Menu::Item>& items, std::string_view text);
std::vector<Menu::Item> items_of(const ProactiveCommand& command);

}  // namespace uicclab::terminal
