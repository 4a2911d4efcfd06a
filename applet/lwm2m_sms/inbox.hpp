// SPDX-License-Identifier: Apache-2.0
// CoAP messages that wait for the device, in persistent memory: a message acknowledged to the network survives a power cut.
#pragma once

#include <deque>

#include "applet/api/applet.hpp"

namespace uicclab::applet::lwm2m_sms {

inline constexpr Slot kInboxSlot{2};

class Inbox {
 public:
  static constexpr std::size_t kMaxMessages = 8;
  static constexpr std::size_t kMaxBytes = 8192;
  static constexpr std::size_t kMaxMessage = 2048;  ///< of one, with the number it came from

  explicit Inbox(const Context& context);

  bool empty() const { return m_messages.empty(); }
  /// The longest message would not find room.
  bool is_full() const { return m_messages.size() == kMaxMessages || m_bytes + kMaxMessage > kMaxBytes; }
  /// There must be one.
  BytesView oldest() const { return m_messages.front(); }
  /// Not more than kMaxMessage, and only if it is not full. In the transaction of the running command, as remove_oldest().
  void add(Context& context, Bytes message);
  void remove_oldest(Context& context);

 private:
  void store(Context& context) const;

  std::deque<Bytes> m_messages;
  std::size_t m_bytes = 0;
};

}  // namespace uicclab::applet::lwm2m_sms
