// SPDX-License-Identifier: Apache-2.0
#include "cli/serve/smpp_server.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "cli/common/commands.hpp"

namespace uicclab::cli {
namespace {

using ota::smpp::Session;

constexpr std::size_t kMaxOutput = 1 << 20;           // of a client that does not read
constexpr std::chrono::milliseconds kPatience{1000};  // with a client whose place is wanted

}  // namespace

SmppServer::SmppServer(const std::string& address, std::uint16_t port, const Session::Host& host, ota::smpp::MessageCentre& centre,
                       const Clock& clock, Session::Limits limits)
    : m_host(host),
      m_centre(centre),
      m_clock(clock),
      m_limits(limits),
      m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &place.sin_addr) != 1) throw Exit{kUsage, "'" + address + "' is not an IPv4 address"};
  const int yes = 1;
  socklen_t size = sizeof(place);
  if (!m_listener || ::setsockopt(m_listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
      ::bind(m_listener.get(), reinterpret_cast<const sockaddr*>(&place), sizeof(place)) != 0 || ::listen(m_listener.get(), 128) != 0 ||
      ::getsockname(m_listener.get(), reinterpret_cast<sockaddr*>(&place), &size) != 0) {
    throw Exit{kEnvironment, "cannot listen on " + address + ":" + std::to_string(port) + ": " + std::strerror(errno)};
  }
  m_port = ntohs(place.sin_port);
}

/// Since when the client keeps us waiting: with a bind_*, a response, or output that it does not read.
std::optional<std::chrono::milliseconds> SmppServer::waits_since(const Connection& connection) const {
  auto since = connection.session.waits_since();
  if (!connection.output.empty()) since = std::min(since.value_or(connection.written), connection.written);
  return since;
}

/// A place for one more client, if necessary that of the client that was idle longest; clients without a bind go first. False if a
/// place may be free later; the client waits outside until then.
bool SmppServer::make_room() {
  if (m_connections.size() < kMaxConnections) return true;
  std::optional<std::pair<bool, std::chrono::milliseconds>> slowest;  // is bound, since when
  Connection* found = nullptr;
  for (Connection& connection : m_connections) {
    const auto since = waits_since(connection);
    if (!since || m_clock.now() - *since < kPatience) continue;
    const std::pair order{connection.session.state() != Session::State::kOpen, *since};
    if (slowest && order >= *slowest) continue;
    slowest = order;
    found = &connection;
  }
  if (found == nullptr) return false;
  found->session.close("closed: all " + std::to_string(kMaxConnections) + " places are taken, and this client was idle longest");
  m_connections.remove_if([&](const Connection& connection) { return &connection == found; });
  return true;
}

/// The next client, if one is there. True if it has to wait until a place is free.
bool SmppServer::accept_client() {
  pollfd waiting{m_listener.get(), POLLIN, 0};
  if (::poll(&waiting, 1, 0) != 1) return false;
  const bool room = make_room();
  if (!room && std::ranges::any_of(m_connections, [&](const Connection& one) { return waits_since(one).has_value(); })) return true;
  net::Fd socket(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) return false;
  if (!room) {
    m_host.log("a client was refused: " + std::to_string(kMaxConnections) + " others are connected, and none of them is idle");
    return false;
  }
  const int yes = 1;
  (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  m_connections.emplace_back(std::move(socket), m_host, m_clock, m_limits);
  return false;
}

void SmppServer::read(Connection& connection) {
  std::array<std::uint8_t, 65536> buffer;
  const ssize_t size = ::recv(connection.socket.get(), buffer.data(), buffer.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) {
    connection.broken = true;
    return;
  }
  connection.session.receive(BytesView(buffer).first(static_cast<std::size_t>(size)));
}

void SmppServer::write(Connection& connection) {
  if (connection.output.empty()) connection.written = m_clock.now();
  append(connection.output, connection.session.take_output());
  while (!connection.output.empty()) {
    const ssize_t size = ::send(connection.socket.get(), connection.output.data(), connection.output.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) break;
    if (size <= 0) {
      connection.broken = true;
      return;
    }
    connection.output.erase(connection.output.begin(), connection.output.begin() + size);
    connection.written = m_clock.now();
  }
  const bool closed = connection.session.state() == Session::State::kClosed && connection.output.empty();
  if (closed || connection.output.size() > kMaxOutput) connection.broken = true;
}

/// Timers, and output that the client does not read.
void SmppServer::check(Connection& connection) {
  connection.session.check_timers();
  if (!connection.output.empty() && m_clock.now() - connection.written >= m_limits.response) {
    connection.session.close("closed: the client does not read");
    connection.broken = true;
  }
}

/// Until the next timer, in milliseconds.
int SmppServer::poll_timeout(bool client_waits) const {
  auto next = std::chrono::milliseconds::max();
  const auto now = m_clock.now();
  if (const auto due = m_centre.next_due()) next = *due;
  for (const Connection& connection : m_connections) {
    if (connection.broken) return 0;
    next = std::min(next, connection.session.next_timer() - now);
    if (!connection.output.empty()) next = std::min(next, connection.written + m_limits.response - now);
    if (const auto since = waits_since(connection); since && client_waits) next = std::min(next, *since + kPatience - now);
  }
  constexpr std::chrono::milliseconds kLongest{60'000};  // the wall clock, by which messages are due, may jump
  return static_cast<int>(std::clamp(next, std::chrono::milliseconds(0), kLongest).count());
}

void SmppServer::run(int stop) {
  bool client_waits = false;
  for (;;) {
    // A client that has to wait for a place does not wake us: the timer of the slow ones does.
    std::vector<pollfd> waits{{stop, POLLIN, 0}, {m_listener.get(), static_cast<short>(client_waits ? 0 : POLLIN), 0}};
    for (Connection& connection : m_connections) {
      const short events = connection.output.empty() ? POLLIN : POLLOUT;  // who does not read is not read from
      waits.push_back({connection.socket.get(), events, 0});
    }
    if (::poll(waits.data(), waits.size(), poll_timeout(client_waits)) < 0 && errno != EINTR) {
      throw SystemError(std::string("poll: ") + std::strerror(errno));
    }
    if (waits[0].revents != 0) return;
    std::size_t i = 2;
    for (Connection& connection : m_connections) {
      const bool ready = waits[i++].revents != 0;
      if (ready && connection.output.empty()) read(connection);
      check(connection);
    }
    // What the broken ones did not answer is in the mailboxes before the others are served.
    m_connections.remove_if([](const Connection& connection) { return connection.broken; });
    client_waits = accept_client();
    m_centre.run_due();
    for (Connection& connection : m_connections) {
      connection.session.send_waiting();
      write(connection);
    }
  }
}

}  // namespace uicclab::cli
