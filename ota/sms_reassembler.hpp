// SPDX-License-Identifier: Apache-2.0
// Reassembly of concatenated short messages: 3GPP TS 23.040 clauses 9.2.3.24.1 and 9.2.3.24.8.
#pragma once

#include <vector>

#include "core/environment.hpp"
#include "ota/sms_address.hpp"
#include "ota/sms_user_data.hpp"

namespace uicclab::ota {

/// Collects parts, in any order and of several messages at once, in bounded memory and for a bounded time.
///
/// A message is known by its originator, its reference and the width of the reference. The clauses leave open what is done with parts
/// that do not fit together; here:
/// - a part that came before, unchanged, is a duplicate and changes nothing;
/// - a part that contradicts (another content for the same place, or another total) starts the message again, since the sender has begun
///   to use its reference again; what was there is lost;
/// - a complete message is remembered as long as there is room, so that a late duplicate does not become the first part of the next
///   message; when all its parts have come again it is delivered again (the counter of a secured packet detects a replay);
/// - where room or time end, messages go: complete ones first, then the one that has waited longest.
class Reassembler {
 public:
  struct Limits {
    std::size_t messages = 8;                                  ///< begun or remembered at once, at least 1
    std::size_t bytes = std::size_t{64} * 1024;                ///< of all their parts, headers included
    std::chrono::milliseconds age = std::chrono::minutes(10);  ///< since the latest part
  };

  enum class Event {
    kSingle,     ///< a single part; delivered
    kStored,     ///< more parts are missing
    kDuplicate,  ///< was there before
    kComplete,   ///< was the last one missing; the message is given out
    kRestarted,  ///< contradicted what was there, and is now the only part
    kRefused     ///< longer than all the memory: forgotten
  };

  struct Added {
    Event event;
    /// The whole message: all elements but those of the concatenation, in order of the parts, and the payloads in a row.
    std::optional<UserData> message;
  };

  /// `clock` must outlive this object. Throws SystemError for limits of nothing.
  Reassembler(const Clock& clock, Limits limits);
  explicit Reassembler(const Clock& clock) : Reassembler(clock, Limits()) {}

  Added add(const Address& originator, const UserData& part);

  /// Messages begun and not complete.
  std::size_t pending() const;
  /// What all parts held now take.
  std::size_t bytes() const;
  /// Lets go what is too old; add() does it too.
  void expire();

 private:
  struct Message {
    Address originator;
    Concatenation place;  ///< of any part; its sequence means nothing
    std::vector<std::optional<UserData>> parts;
    std::vector<bool> again;  ///< parts that came once more since it was complete
    std::size_t bytes = 0;
    std::chrono::milliseconds latest{0};
    bool complete = false;
  };

  Message* find(const Address& originator, const Concatenation& place);
  void forget(const Message* message);
  bool make_room(const Message* keep, std::size_t bytes, std::size_t messages);
  Added add_again(Message& message, std::size_t index);

  const Clock& m_clock;
  Limits m_limits;
  std::vector<Message> m_messages;
};

}  // namespace uicclab::ota
