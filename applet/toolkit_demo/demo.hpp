// SPDX-License-Identifier: Apache-2.0
// A toolkit application with a menu: texts, input, a short message, the location, a timer, an exchange over a channel. ETSI TS 102 223
// clauses 6.4 and 7; what happens is asked for step by step, each answer of the terminal leads to the next command.
#pragma once

#include <array>

#include "applet/api/applet.hpp"
#include "ota/sms_address.hpp"

namespace uicclab::applet::toolkit_demo {

inline constexpr Slot kOptionsSlot{1};

/// Entries of the menu, in their order.
inline constexpr std::array<std::string_view, 6> kMenu{"Greeting", "Your name", "Send a message", "Where am I", "Remind me", "Exchange"};
inline constexpr std::uint8_t kLongestEntry = 16;

/// What an instance was installed with.
struct Options {
  std::string title = "uicclab demo";
  ota::Address number = *ota::Address::from_number("+15550100");
  std::uint16_t port = 4001;
  bool tcp = false;

  Bytes encode() const;
  /// nullopt if the object is malformed.
  static std::optional<Options> decode(BytesView object);
};

class Demo final : public Applet {
 public:
  StatusWord process(Context& context, const apdu::Command& command, Bytes& out) override;
  Handled on_event(Context& context, const EventCall& call) override;
  Handled on_terminal_response(Context& context, BytesView response) override;

 private:
  /// A parsed terminal response.
  struct Response {
    std::uint8_t type = 0;
    bool performed = false;
    BytesView objects;
  };
  using Item = void (Demo::*)(Context&, const Options&);
  using Follow = void (Demo::*)(Context&, const Options&, const Response&);

  void greet(Context& context, const Options& options);
  void ask_name(Context& context, const Options& options);
  void send_message(Context& context, const Options& options);
  void ask_location(Context& context, const Options& options);
  void ask_time(Context& context, const Options& options);
  void open_channel(Context& context, const Options& options);

  void got_name(Context& context, const Options& options, const Response& response);
  void message_went(Context& context, const Options& options, const Response& response);
  void got_location(Context& context, const Options& options, const Response& response);
  void got_time(Context& context, const Options& options, const Response& response);
  void timer_runs(Context& context, const Options& options, const Response& response);
  void channel_opened(Context& context, const Options& options, const Response& response);
  void data_went(Context& context, const Options& options, const Response& response);
  void data_came(Context& context, const Options& options, const Response& response);
  void channel_closed(Context& context, const Options& options, const Response& response);

  void time_is_over(Context& context, const Options& options, const Response& response);

  void send(Context& context, std::uint8_t type, std::uint8_t qualifier, std::uint8_t to, BytesView objects, Follow follow = nullptr);
  void display(Context& context, std::string_view text);
  /// The turn ends, or waits for the answer to what was sent in it.
  Handled end_turn() const { return m_waits ? Handled::kWaiting : Handled::kDone; }

  Follow m_follow = nullptr;  ///< what the next terminal response leads to
  bool m_waits = false;       ///< a command was sent in this turn
  std::uint8_t m_channel = 0;
  Bytes m_received;
};

}  // namespace uicclab::applet::toolkit_demo
