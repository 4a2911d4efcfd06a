// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/vpcd_port.hpp"

#include <cerrno>
#include <system_error>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "core/atr.hpp"

namespace uicclab::pcsc_bridge {

namespace {

using Clock = std::chrono::steady_clock;

tl::unexpected<Error> io_error(const std::string& text) {
  return fail(ErrorCode::kIo, text);
}

/// False if nothing can be read (or accepted) before the deadline.
bool wait_readable(int fd, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wait{fd, POLLIN, 0};
    const int ready = ::poll(&wait, 1, left < 0 ? 0 : static_cast<int>(left));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

}  // namespace

VpcdPort::VpcdPort(std::uint16_t port, VpcdTimeouts timeouts)
    : m_timeouts(timeouts), m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  if (!m_listener) net::throw_errno("socket");
  const int yes = 1;
  (void)::setsockopt(m_listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(m_listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 || ::listen(m_listener.get(), 1) != 0 ||
      ::getsockname(m_listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    net::throw_errno("cannot listen at 127.0.0.1:" + std::to_string(port));
  }
  m_port = ntohs(address.sin_port);
}

Result<void> VpcdPort::wait_for_card() {
  const auto deadline = Clock::now() + m_timeouts.card;
  while (!m_card) {
    if (!wait_readable(m_listener.get(), deadline)) {
      return io_error("no card has connected to 127.0.0.1:" + std::to_string(m_port));
    }
    m_card = net::Fd(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }
  const int yes = 1;
  (void)::setsockopt(m_card.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  return {};
}

void VpcdPort::drop_card() {
  m_card.reset();
  m_frames.clear();
  m_powered = false;
}

Result<void> VpcdPort::send(BytesView frame) {
  const timeval limit{std::max(std::chrono::ceil<std::chrono::seconds>(m_timeouts.answer), std::chrono::seconds(1)).count(), 0};
  (void)::setsockopt(m_card.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  while (!frame.empty()) {
    const auto sent = ::send(m_card.get(), frame.data(), frame.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) {
      drop_card();
      return io_error("the virtual card closed its connection");
    }
    frame = frame.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<Bytes> VpcdPort::exchange(BytesView frame) {
  if (auto sent = send(frame); !sent) return tl::unexpected(sent.error());
  const auto deadline = Clock::now() + m_timeouts.answer;
  for (;;) {
    if (const auto payload = m_frames.next()) {
      auto answer = to_bytes(*payload);
      // An unexpected answer would be taken for the answer to the next command.
      if (m_frames.in_mid_frame()) {
        drop_card();
        return io_error("the virtual card sent more than one answer");
      }
      return answer;
    }
    if (m_frames.in_mid_frame()) {
      const int yes = 1;
      (void)::setsockopt(m_card.get(), IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof(yes));
    }
    if (!wait_readable(m_card.get(), deadline)) {
      drop_card();
      return io_error("the virtual card did not answer in time");
    }
    const auto space = m_frames.space();
    const auto got = ::recv(m_card.get(), space.data(), space.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      drop_card();
      return io_error("the virtual card closed its connection");
    }
    m_frames.received(static_cast<std::size_t>(got));
  }
}

Result<Atr> VpcdPort::reset() {
  if (auto connected = wait_for_card(); !connected) return tl::unexpected(connected.error());
  const auto power = m_powered ? vpcd::Control::kReset : vpcd::Control::kOn;
  if (auto sent = send(vpcd::frame(power)); !sent) return tl::unexpected(sent.error());
  auto atr = exchange(vpcd::frame(vpcd::Control::kAtr));
  if (atr && atr->empty()) {
    drop_card();
    return io_error("the virtual card has no ATR");
  }
  if (atr) {
    m_powered = true;
    m_atr = *atr;
    m_protocol = parse_atr(m_atr).value_or(AtrInfo{}).first_protocol == 1 ? Protocol::kT1 : Protocol::kT0;
  }
  return atr;
}

Result<Bytes> VpcdPort::transmit(BytesView command) {
  if (!m_card || !m_powered) return io_error("the virtual card is off or gone");
  if (command.size() < 2 || command.size() > vpcd::kMaxPayload) return fail(ErrorCode::kRange, "vpcd carries commands of 2 to 65535 bytes");
  auto answer = exchange(vpcd::frame(command));
  if (answer && answer->size() < 2) return io_error("the virtual card answered without a status word");
  return answer;
}

void VpcdPort::power_off() {
  if (m_card && m_powered) (void)send(vpcd::frame(vpcd::Control::kOff));
  m_powered = false;
}

Result<void> VpcdPort::select_protocol(Protocol protocol) {
  const auto info = parse_atr(m_atr).value_or(AtrInfo{});
  if (info.first_protocol == static_cast<std::uint8_t>(protocol)) return {};
  return fail(ErrorCode::kUnsupported, "vpcd cannot select a protocol other than the first one of the ATR");
}

}  // namespace uicclab::pcsc_bridge
