#include "pcsc_bridge/vpcd_client.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace uicclab::pcsc_bridge {

namespace {

constexpr int kFirstPauseMs = 50;
constexpr int kLongestPauseMs = 1000;

void set_tcp_option(int socket, int option) {
  const int yes = 1;
  (void)::setsockopt(socket, IPPROTO_TCP, option, &yes, sizeof(yes));  // only speed is at stake
}

bool send_all(int socket, BytesView bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Waits for a connection under way, or for `stop`. The error of the connection, 0 for none.
int wait_connected(int socket, const net::Event& stop) {
  std::array<pollfd, 2> wait{pollfd{socket, POLLOUT, 0}, pollfd{stop.fd(), POLLIN, 0}};
  while (::poll(wait.data(), wait.size(), -1) < 0) {
    if (errno != EINTR) return errno;
  }
  if (wait[1].revents != 0) return ECANCELED;
  int error = 0;
  socklen_t size = sizeof(error);
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/// A connected socket, or none with the reason in `why`.
net::Fd connect_to(const std::string& host, std::uint16_t port, const net::Event& stop, std::string& why) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0) {
    why = ::gai_strerror(error);
    return net::Fd{};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    net::Fd socket(::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol));
    int error = socket && ::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (socket && error == EINPROGRESS) error = wait_connected(socket.get(), stop);
    if (error == 0 && ::fcntl(socket.get(), F_SETFL, 0) == 0) return socket;
    why = std::generic_category().message(error);
  }
  return net::Fd{};
}

}  // namespace

VpcdClient::VpcdClient(std::string host, std::uint16_t port, CardPort& card, Log log)
    : m_host(std::move(host)),
      m_port(port),
      m_card(card),
      m_log(std::move(log)),
      m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      m_pause_ms(kFirstPauseMs) {
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
    if (!m_stopping) pause();
  }
  m_card.power_off();
}

bool VpcdClient::connect() {
  std::string why;
  net::Fd socket = connect_to(m_host, m_port, m_stop, why);
  if (!socket) {
    if (m_pause_ms == kFirstPauseMs) log("no vpcd at " + m_host + ":" + std::to_string(m_port) + " (" + why + "), trying again");
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
    m_pause_ms = kFirstPauseMs;
    frames.received(static_cast<std::size_t>(got));
    while (const auto payload = frames.next()) {
      const auto answer = card.on_frame(*payload);
      alive = answer.has_value();
      if (!answer) {
        why = "the card failed: " + answer.error().text;
        break;
      }
      alive = send_all(m_socket.get(), *answer);
      if (!alive) break;
    }
    if (frames.in_mid_frame()) set_tcp_option(m_socket.get(), TCP_QUICKACK);
  }
  (void)::shutdown(m_socket.get(), SHUT_RDWR);
  log(m_stopping ? "card removed" : "card removed: " + why);
}

void VpcdClient::pause() {
  pollfd wait{m_stop.fd(), POLLIN, 0};
  (void)::poll(&wait, 1, m_pause_ms);
  m_pause_ms = std::min(2 * m_pause_ms, kLongestPauseMs);
}

}  // namespace uicclab::pcsc_bridge
