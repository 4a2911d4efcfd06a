// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/vpcd_client.hpp"

#include <cerrno>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace uicclab::pcsc_bridge {

namespace {

void set_tcp_option(int socket, int option) {
  const int yes = 1;
  (void)::setsockopt(socket, IPPROTO_TCP, option, &yes, sizeof(yes));  // only speed is at stake
}

}  // namespace

VpcdClient::VpcdClient(std::string host, std::uint16_t port, CardPort& card, Log log)
    : m_host(std::move(host)),
      m_port(port),
      m_card(card),
      m_log(std::move(log)),
      m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (!m_socket) net::throw_errno("socket");
}

void VpcdClient::log(const std::string& text) const {
  if (m_log) m_log(text);
}

void VpcdClient::stop() noexcept {
  const int saved = errno;
  m_stopping = true;
  m_stop.set();
  (void)::shutdown(m_socket.get(), SHUT_RDWR);
  errno = saved;
}

void VpcdClient::run() {
  while (!m_stopping) {
    if (connect()) serve();
    if (!m_stopping) m_pause.wait(m_stop);
  }
  m_card.power_off();
}

bool VpcdClient::connect() {
  std::string why;
  net::Fd socket = net::connect_tcp(m_host, m_port, m_stop, why);
  if (!socket) {
    if (m_pause.is_first()) log("no vpcd at " + m_host + ":" + std::to_string(m_port) + " (" + why + "), trying again");
    return false;
  }
  set_tcp_option(socket.get(), TCP_NODELAY);
  if (::dup3(socket.get(), m_socket.get(), O_CLOEXEC) < 0) net::throw_errno("dup3");
  return !m_stopping;  // a stop() before dup3() has shut down the socket before this one
}

void VpcdClient::serve() {
  vpcd::CardSide card(m_card);
  if (const auto started = card.start(); !started) {
    log("the card does not answer a reset: " + started.error().text);
    (void)::shutdown(m_socket.get(), SHUT_RDWR);
    return;
  }
  log("card inserted at " + m_host + ":" + std::to_string(m_port));
  vpcd::FrameReader frames;
  std::string why = "vpcd closed the connection";
  for (bool alive = true; alive;) {
    const auto space = frames.space();
    const auto got = ::recv(m_socket.get(), space.data(), space.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    m_pause.begin_anew();
    frames.received(static_cast<std::size_t>(got));
    while (const auto payload = frames.next()) {
      const auto answer = card.on_frame(*payload);
      alive = answer.has_value();
      if (!answer) {
        why = "the card failed: " + answer.error().text;
        break;
      }
      alive = net::send_all(m_socket.get(), *answer);
      if (!alive) break;
    }
    if (frames.in_mid_frame()) set_tcp_option(m_socket.get(), TCP_QUICKACK);
  }
  (void)::shutdown(m_socket.get(), SHUT_RDWR);
  log(m_stopping ? "card removed" : "card removed: " + why);
}

}  // namespace uicclab::pcsc_bridge
