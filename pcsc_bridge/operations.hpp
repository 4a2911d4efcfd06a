// SPDX-License-Identifier: Apache-2.0
// The operations of the engine, one pair of functions for each: the first half decides what the card has to do, the second one what
// became of it. Nothing but the engine's own files includes this.
#pragma once

#include "pcsc_bridge/reader.hpp"

namespace uicclab::pcsc_bridge {

class Engine::Operations {
 public:
  using Start = Client::Continuation;

  Operations(Engine& engine, Client& client, Step& step) : m_engine(engine), m_client(client), m_step(step) { step.answer.clear(); }

  /// Null for a command that does not exist.
  static Start start_of(wire::Command command);
  /// What has to follow every first or second half.
  Verdict settle(Verdict verdict);

  // About the card: operations_card.cpp.
  Verdict connect();
  Verdict finish_connect();
  Verdict reconnect();
  Verdict finish_reconnect();
  Verdict disconnect();
  Verdict finish_disconnect();
  Verdict begin();
  Verdict end();
  Verdict finish_end();
  Verdict transmit();
  Verdict finish_transmit();
  Verdict release();
  Verdict close();
  Verdict finish_give_back();
  Verdict insert(std::size_t reader, CardPort* card);
  Verdict finish_insert();
  Verdict eject(std::size_t reader);
  Verdict finish_eject();
  Verdict reset(std::size_t reader);
  Verdict finish_reset();
  Verdict unplug(std::size_t reader);
  Verdict plug(std::size_t reader);
  Verdict power_down(std::size_t reader);
  Verdict finish_power_down();

  // About what the service knows: operations_query.cpp.
  Verdict version();
  Verdict establish();
  Verdict cancel();
  Verdict status();
  Verdict control();
  Verdict get_attribute();
  Verdict set_attribute();
  Verdict readers_state();
  Verdict readers_size();
  Verdict readers_array();
  Verdict reader_events();
  Verdict wait();
  Verdict stop_waiting();

 private:
  template <typename T>
  T request() const {
    return wire::read<T>(m_client.message.subspan(sizeof(wire::Header)));
  }
  /// What follows the structure T.
  template <typename T>
  BytesView announced() const {
    return m_client.message.subspan(sizeof(wire::Header) + sizeof(T));
  }
  template <typename T>
  Verdict reply(T answer, wire::Rv rv) {
    answer.rv = rv;
    wire::write(m_step.answer, answer);
    return Verdict::kAnswer;
  }

  Verdict park() const { return Verdict::kPark; }
  /// The card is this operation's from here to its second half, if it is free.
  bool take_card(Reader& reader, Client::Continuation finish);
  Verdict run_card(Reader& reader);
  void use_card_result(Reader& reader);
  wire::Rv card_failure() const;

  /// Why there is no such handle: kInvalidValue where its reader was unplugged, as in pcscd.
  wire::Rv missing(std::int32_t handle) const;
  void tell_if_idle(const Reader& reader) const;
  /// kSharingViolation if somebody else holds the lock.
  wire::Rv check_lock(const Handle& handle) const;
  wire::Rv check_event(const Handle& handle) const;
  void set_event(Reader& reader, Handle::Event event);
  void set_sharing(Reader& reader, std::int32_t sharing);
  void notify_waiting();
  Verdict write_states(std::size_t count);
  void open_handle(Reader& reader, wire::Connect& answer);
  void drop_handle(std::int32_t id);
  std::int32_t new_number();

  Verdict give_back();

  Engine& m_engine;
  Client& m_client;
  Step& m_step;
};

}  // namespace uicclab::pcsc_bridge
