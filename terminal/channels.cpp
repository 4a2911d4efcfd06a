// SPDX-License-Identifier: Apache-2.0
#include "terminal/channels.hpp"

#include <algorithm>

namespace uicclab::terminal {
namespace {

// Qualifiers (clause 8.6) and additional information on a BIP error (clause 8.12.11).
constexpr std::uint8_t kImmediate = 0x01;  // OPEN CHANNEL: immediate link establishment; SEND DATA: send now
constexpr std::uint8_t kNoChannel = 0x01;
constexpr std::uint8_t kChannelClosed = 0x02;
constexpr std::uint8_t kInvalidChannel = 0x03;
constexpr std::uint8_t kTransportNotAvailable = 0x06;
constexpr std::uint8_t kNotReachable = 0x07;
// Transport protocol types (clause 8.59): UDP and TCP, UICC in client mode, remote and local connection.
constexpr std::uint8_t kUdpRemote = 0x01;
constexpr std::uint8_t kTcpRemote = 0x02;
constexpr std::uint8_t kUdpLocal = 0x04;
constexpr std::uint8_t kTcpLocal = 0x05;
constexpr std::size_t kMostData = 237;  // in one TERMINAL RESPONSE (clause 8.53)
// Channel status (clause 8.56).
constexpr std::uint8_t kEstablished = 0x80;
constexpr std::uint8_t kLinkDropped = 0x05;

std::uint8_t clamp(std::size_t size) {
  return static_cast<std::uint8_t>(std::min<std::size_t>(size, 0xFF));  // FF: more than 255 (clause 8.54)
}

}  // namespace

Result<void> Channels::add_server(Transport transport, std::uint16_t port, std::optional<Bytes> answer) {
  auto server = LoopbackServer::listen(transport, std::move(answer));
  if (!server) return tl::unexpected(server.error());
  m_servers.insert_or_assign({transport, port}, *std::move(server));
  return {};
}

const LoopbackServer* Channels::server(Transport transport, std::uint16_t port) const {
  const auto found = m_servers.find({transport, port});
  return found == m_servers.end() ? nullptr : &found->second;
}

Answer Channels::open(const ProactiveCommand& command) {
  const Bytes* level = command.find(tag::kTransportLevel);
  if (level == nullptr) return Answer::of(result::kBipError, kTransportNotAvailable);
  if (level->size() != 3) return Answer::of(result::kDataNotUnderstood);
  const std::uint8_t protocol = level->front();
  const bool udp = protocol == kUdpRemote || protocol == kUdpLocal;
  if (!udp && protocol != kTcpRemote && protocol != kTcpLocal) return Answer::of(result::kBipError, kTransportNotAvailable);
  const Bytes& buffer = *command.find(tag::kBufferSize);
  if (buffer.size() != 2) return Answer::of(result::kDataNotUnderstood);
  const auto wanted = static_cast<std::uint16_t>((buffer[0] << 8) | buffer[1]);

  const auto free = std::ranges::find_if(m_channels, [](const auto& one) { return !one; });
  if (free == m_channels.end()) return Answer::of(result::kBipError, kNoChannel);
  Channel channel;
  channel.transport = udp ? Transport::kUdp : Transport::kTcp;
  channel.port = static_cast<std::uint16_t>(((*level)[1] << 8) | (*level)[2]);
  channel.buffer = wanted == 0 ? kMaxBuffer : std::min(wanted, kMaxBuffer);
  if ((command.qualifier() & kImmediate) != 0 && !establish(channel)) return Answer::of(result::kBipError, kNotReachable);
  const std::uint16_t granted = channel.buffer;
  *free = std::move(channel);
  const auto number = static_cast<std::uint8_t>(free - m_channels.begin() + 1);

  Answer out = Answer::of(granted == wanted ? result::kPerformed : result::kModified);
  out.add(tag::kChannelStatus, status_of(number));
  if (const Bytes* bearer = command.find(tag::kBearerDescription)) out.add(tag::kBearerDescription, *bearer);
  out.add(tag::kBufferSize, std::array{static_cast<std::uint8_t>(granted >> 8), static_cast<std::uint8_t>(granted)});
  return out;
}

Result<void> Channels::establish(Channel& channel) const {
  const LoopbackServer* own = server(channel.transport, channel.port);
  if (own == nullptr && m_only_own) return fail(ErrorCode::kRefused, "no server of this terminal's own");
  auto link = Link::open(channel.transport, own != nullptr ? own->port() : channel.port);
  if (!link) return tl::unexpected(link.error());
  channel.link = *std::move(link);
  return {};
}

Channels::Channel* Channels::find(const ProactiveCommand& command) {
  const std::size_t number = command.destination - device::kChannel;
  if (command.destination <= device::kChannel || number > kMaxChannels || !m_channels[number - 1]) return nullptr;
  return &*m_channels[number - 1];
}

Answer Channels::close(const ProactiveCommand& command) {
  if (find(command) == nullptr) return Answer::of(result::kBipError, kInvalidChannel);
  m_channels[command.destination - device::kChannel - 1U].reset();
  return {};
}

Answer Channels::send(const ProactiveCommand& command) {
  Channel* channel = find(command);
  if (channel == nullptr) return Answer::of(result::kBipError, kInvalidChannel);
  const Bytes& data = *command.find(tag::kChannelData);
  if (channel->closed) return Answer::of(result::kBipError, kChannelClosed);
  if (channel->to_send.size() + data.size() > channel->buffer) return Answer::of(result::kTerminalUnable, 0x00);
  append(channel->to_send, data);
  if ((command.qualifier() & kImmediate) != 0) {
    if (!channel->link && !establish(*channel)) return Answer::of(result::kBipError, kNotReachable);
    if (!channel->link->send(channel->to_send)) {
      channel->closed = true;
      return Answer::of(result::kBipError, kChannelClosed);
    }
    channel->to_send.clear();
    channel->expects = true;
  }
  Answer out;
  out.add(tag::kChannelDataLength, std::array{clamp(channel->buffer - channel->to_send.size())});
  return out;
}

Answer Channels::receive(const ProactiveCommand& command) {
  Channel* channel = find(command);
  if (channel == nullptr) return Answer::of(result::kBipError, kInvalidChannel);
  const Bytes& length = *command.find(tag::kChannelDataLength);
  if (length.size() != 1) return Answer::of(result::kDataNotUnderstood);
  collect(*channel, channel->received.empty() && channel->expects ? m_patience : std::chrono::milliseconds(0));
  if (channel->received.empty() && channel->closed) return Answer::of(result::kBipError, kChannelClosed);
  const std::size_t size = std::min({std::size_t{length[0]}, channel->received.size(), kMostData});
  Answer out = Answer::of(size < length[0] ? result::kMissingInformation : result::kPerformed);
  out.add(tag::kChannelData, BytesView(channel->received).first(size));
  channel->received.erase(channel->received.begin(), channel->received.begin() + static_cast<std::ptrdiff_t>(size));
  out.add(tag::kChannelDataLength, std::array{clamp(channel->received.size())});
  if (channel->received.empty() && !channel->later.empty()) {
    channel->received = std::move(channel->later.front());
    channel->later.pop_front();
    channel->told = false;
  }
  return out;
}

Bytes Channels::status_of(std::uint8_t number) const {
  const auto& channel = m_channels.at(number - 1U);
  if (!channel) return {number, 0x00};
  const bool established = channel->link && !channel->closed;
  return {static_cast<std::uint8_t>((established ? kEstablished : 0) | number), channel->closed ? kLinkDropped : std::uint8_t{0}};
}

Answer Channels::status() const {
  Answer out;
  for (std::uint8_t i = 1; i <= kMaxChannels; ++i) {
    if (m_channels[i - 1U]) out.add(tag::kChannelStatus, status_of(i));
  }
  if (out.objects.empty()) out.add(tag::kChannelStatus, Bytes{0x00, 0x00});  // clause 6.8: none is available
  return out;
}

void Channels::collect(Channel& channel, std::chrono::milliseconds timeout) {
  if (!channel.link || channel.closed) return;
  if (const auto own = m_servers.find({channel.transport, channel.port}); own != m_servers.end()) own->second.serve();
  while (auto data = channel.link->receive(timeout, channel.closed)) {
    timeout = std::chrono::milliseconds(0);
    channel.expects = false;
    channel.told = false;
    if (channel.transport == Transport::kTcp || channel.received.empty()) {
      append(channel.received, *data);
    } else {
      channel.later.push_back(*std::move(data));
    }
  }
}

std::vector<Channels::News> Channels::news(bool patiently) {
  std::vector<News> out;
  for (std::uint8_t i = 1; i <= kMaxChannels; ++i) {
    auto& channel = m_channels[i - 1U];
    if (!channel) continue;
    const bool wait = patiently && std::exchange(channel->expects, channel->expects && !patiently);
    collect(*channel, wait ? m_patience : std::chrono::milliseconds(0));
    if (!channel->received.empty() && !std::exchange(channel->told, true)) out.push_back({i, false, channel->received.size()});
    if (channel->closed && !std::exchange(channel->told_closed, true)) out.push_back({i, true, 0});
  }
  return out;
}

}  // namespace uicclab::terminal
