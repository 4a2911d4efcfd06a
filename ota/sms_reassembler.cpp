// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_reassembler.hpp"

#include <algorithm>

namespace uicclab::ota {
namespace {

std::size_t size_of(const UserData& part) {
  return part.header_size() + part.payload.size();
}

UserData joined(const std::vector<std::optional<UserData>>& parts) {
  UserData message;
  for (const auto& part : parts) {
    for (const InformationElement& element : part->header) {
      if (element.id == iei::kConcatenated8 || element.id == iei::kConcatenated16) continue;
      // An element that every part repeats is in the message once.
      if (std::ranges::find(message.header, element) == message.header.end()) message.header.push_back(element);
    }
    append(message.payload, part->payload);
  }
  return message;
}

}  // namespace

Reassembler::Reassembler(const Clock& clock, Limits limits) : m_clock(clock), m_limits(limits) {
  if (limits.messages == 0 || limits.bytes == 0) throw SystemError("a reassembler without memory");
}

Reassembler::Added Reassembler::add(const Address& originator, const UserData& part) {
  expire();
  const auto place = concatenation_of(part);
  if (!place) return {Event::kSingle, part};
  const std::size_t index = place->sequence - 1U;
  Message* message = find(originator, *place);
  bool restarted = false;
  if (message != nullptr) {
    const auto& there = message->parts.size() == place->total ? message->parts[index] : std::nullopt;
    if (there == part) {
      message->latest = m_clock.now();
      return message->complete ? add_again(*message, index) : Added{Event::kDuplicate, std::nullopt};
    }
    if (there || message->parts.size() != place->total) {
      restarted = !message->complete;
      forget(message);
      message = nullptr;
    }
  }
  const std::size_t size = size_of(part);
  if (message == nullptr) {
    if (!make_room(nullptr, size, 1)) return {Event::kRefused, std::nullopt};
    message = &m_messages.emplace_back();
    message->originator = originator;
    message->place = *place;
    message->parts.resize(place->total);
  } else if (!make_room(message, size, 0)) {
    forget(find(originator, *place));
    return {Event::kRefused, std::nullopt};
  } else {
    message = find(originator, *place);  // what made room may have moved it
  }
  message->parts[index] = part;
  message->bytes += size;
  message->latest = m_clock.now();
  if (!std::ranges::all_of(message->parts, [](const auto& p) { return p.has_value(); })) {
    return {restarted ? Event::kRestarted : Event::kStored, std::nullopt};
  }
  message->complete = true;
  message->again.assign(place->total, false);
  return {Event::kComplete, joined(message->parts)};
}

Reassembler::Added Reassembler::add_again(Message& message, std::size_t index) {
  message.again[index] = true;
  if (!std::ranges::all_of(message.again, [](bool came) { return came; })) return {Event::kDuplicate, std::nullopt};
  message.again.assign(message.parts.size(), false);
  return {Event::kComplete, joined(message.parts)};
}

std::size_t Reassembler::pending() const {
  return static_cast<std::size_t>(std::ranges::count_if(m_messages, [](const Message& message) { return !message.complete; }));
}

std::size_t Reassembler::bytes() const {
  std::size_t sum = 0;
  for (const Message& message : m_messages) sum += message.bytes;
  return sum;
}

void Reassembler::expire() {
  const auto now = m_clock.now();
  std::erase_if(m_messages, [&](const Message& message) { return now - message.latest > m_limits.age; });
}

Reassembler::Message* Reassembler::find(const Address& originator, const Concatenation& place) {
  const auto found = std::ranges::find_if(m_messages, [&](const Message& message) {
    return message.originator == originator && message.place.reference == place.reference && message.place.wide == place.wide;
  });
  return found == m_messages.end() ? nullptr : &*found;
}

void Reassembler::forget(const Message* message) {
  m_messages.erase(m_messages.begin() + (message - m_messages.data()));
}

/// Lets messages other than `keep` go until so much more fits; false if even then it does not.
bool Reassembler::make_room(const Message* keep, std::size_t bytes_more, std::size_t messages_more) {
  const std::size_t least = bytes_more + (keep != nullptr ? keep->bytes : 0);
  if (least > m_limits.bytes) return false;
  std::size_t kept = keep != nullptr ? static_cast<std::size_t>(keep - m_messages.data()) : m_messages.size();
  while (bytes() + bytes_more > m_limits.bytes || m_messages.size() + messages_more > m_limits.messages) {
    std::size_t victim = m_messages.size();
    for (std::size_t i = 0; i < m_messages.size(); ++i) {
      if (i == kept) continue;
      const auto rank = [&](std::size_t at) { return std::pair(!m_messages[at].complete, m_messages[at].latest); };
      if (victim == m_messages.size() || rank(i) < rank(victim)) victim = i;
    }
    m_messages.erase(m_messages.begin() + static_cast<std::ptrdiff_t>(victim));
    if (victim < kept) --kept;
  }
  return true;
}

}  // namespace uicclab::ota
