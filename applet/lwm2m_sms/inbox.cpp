// SPDX-License-Identifier: Apache-2.0
#include "applet/lwm2m_sms/inbox.hpp"

#include "core/reader.hpp"

namespace uicclab::applet::lwm2m_sms {

Inbox::Inbox(const Context& context) {
  ByteReader in(context.load(kInboxSlot).value_or(BytesView()));
  while (const auto size = in.u16()) {
    const auto message = in.bytes(*size);
    if (!message) throw SystemError("an inbox that was whole when it was written");
    m_messages.push_back(to_bytes(*message));
    m_bytes += *size;
  }
}

void Inbox::add(Context& context, Bytes message) {
  m_bytes += message.size();
  m_messages.push_back(std::move(message));
  store(context);
}

void Inbox::remove_oldest(Context& context) {
  m_bytes -= m_messages.front().size();
  m_messages.pop_front();
  store(context);
}

void Inbox::store(Context& context) const {
  ByteWriter out;
  for (const Bytes& message : m_messages) out.u16(static_cast<std::uint16_t>(message.size())).bytes(message);
  context.store(kInboxSlot, out.view());
}

}  // namespace uicclab::applet::lwm2m_sms
