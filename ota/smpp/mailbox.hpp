// SPDX-License-Identifier: Apache-2.0
// Messages that wait for the receivers of one system id. A session takes messages out and puts back those that were not answered, so that
// none is lost with a connection.
#pragma once

#include <deque>

#include "ota/smpp/pdu.hpp"

namespace uicclab::ota::smpp {

class Mailbox {
 public:
  /// `limit`: messages from which on nothing new is taken on for this system id.
  explicit Mailbox(std::size_t limit) : m_limit(limit) {}

  /// A message submitted now would find no room for its response: ESME_RMSGQFUL.
  bool is_full() const { return m_waiting.size() >= m_limit; }
  std::size_t size() const { return m_waiting.size(); }

  /// What a submitted message brought back, also over the limit: it was taken on before. False if a card sends without end (twice the
  /// limit).
  bool add(ShortMessage message) {
    if (m_waiting.size() >= 2 * m_limit) return false;
    m_waiting.push_back(std::move(message));
    return true;
  }

  std::optional<ShortMessage> take() {
    if (m_waiting.empty()) return std::nullopt;
    ShortMessage first = std::move(m_waiting.front());
    m_waiting.pop_front();
    return first;
  }
  /// A message that was taken and not answered: it is the next again.
  void put_back(ShortMessage message) { m_waiting.push_front(std::move(message)); }

 private:
  std::size_t m_limit;
  std::deque<ShortMessage> m_waiting;
};

}  // namespace uicclab::ota::smpp
