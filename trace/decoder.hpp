// SPDX-License-Identifier: Apache-2.0
// Exchanges decoded one after the other: earlier ones determine the meaning of the next (channels, selected files, GET RESPONSE,
// secure channels, short messages in parts). One decoder for one trace.
#pragma once

#include <array>
#include <map>
#include <memory>

#include "ef/followed_selection.hpp"
#include "ota/explain/explain.hpp"
#include "trace/exchange.hpp"
#include "trace/secure_session.hpp"

namespace uicclab::trace {

/// What is known in addition to the trace. Keys are used, never shown.
struct Keys {
  ota::KeySource packets;  ///< for secured short messages; none if empty
  StaticKeys channels;     ///< for secure channel sessions; none if empty
};

/// A logical channel of one card.
struct ChannelMemory {
  ef::Selection selection;
  SecureSession session;
  std::uint8_t level = 0;      ///< of the session that is open, whether its keys are known or not; 0: none
  bool open_function = false;  ///< of the chain of STORE DATA: nothing in it is secret
};

/// A command whose answer is not whole yet: GET RESPONSE brings the rest, or it comes again with another Le.
struct Pending {
  Bytes command;         ///< as it was sent
  Bytes plain;           ///< the same without secure messaging
  bool secured = false;  ///< its answer is protected too
  std::string protocol;  ///< of the secure channel that it came through
  std::string title;
  Bytes data;          ///< of the answer, as far as it has come
  bool again = false;  ///< 6Cxx: the same command follows
};

/// All that is remembered of one card. Its size does not grow with the trace.
struct CardMemory {
  explicit CardMemory(const Keys& keys) : messages(keys.packets) {}

  std::array<ChannelMemory, 20> channels;
  std::map<std::uint8_t, Pending> pending;  ///< by channel
  ef::FileNames names;
  ota::Explainer messages;
  SecretMemory secrets;
};

struct Taking;

class Decoder {
 public:
  /// Cards beyond so many share one memory.
  static constexpr std::size_t kMaxCards = 256;

  explicit Decoder(Keys keys = {}) : m_keys(std::move(keys)) {}

  Exchange decode(const RecordedEvent& event);

 private:
  void exchange(const RecordedEvent& event, CardMemory& card, Exchange& out);
  void whole_answer(Taking& taking, const Pending& command, bool continued, StatusWord status);

  Keys m_keys;
  std::map<unsigned, std::unique_ptr<CardMemory>> m_cards;
  std::size_t m_count = 0;
};

}  // namespace uicclab::trace
