#include "cli/smpp_server.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "cli/commands.hpp"

namespace uicclab::cli {
namespace {

using ota::smpp::Session;

constexpr std::size_t kMaxConnections = 64;
constexpr std::size_t kMaxOutput = 1 << 20;  // of a client that does not read
constexpr std::chrono::milliseconds kTimeToBind{30'000};

}  // namespace

SmppServer::SmppServer(const std::string& address, std::uint16_t port, Session::Host& host, const Clock& clock, Session::Limits limits)
    : m_host(host), m_clock(clock), m_limits(limits), m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &place.sin_addr) != 1) throw Exit{kUsage, "'" + address + "' is no IPv4 address"};
  const int yes = 1;
  socklen_t size = sizeof(place);
  if (!m_listener || ::setsockopt(m_listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
      ::bind(m_listener.get(), reinterpret_cast<const sockaddr*>(&place), sizeof(place)) != 0 || ::listen(m_listener.get(), 16) != 0 ||
      ::getsockname(m_listener.get(), reinterpret_cast<sockaddr*>(&place), &size) != 0) {
    throw Exit{kEnvironment, "cannot listen at " + address + ":" + std::to_string(port) + ": " + std::strerror(errno)};
  }
  m_port = ntohs(place.sin_port);
  m_host.route = [this](const std::string& system_id, std::vector<ota::smpp::ShortMessage> messages) {
    route(system_id, std::move(messages));
  };
}

void SmppServer::route(const std::string& system_id, std::vector<ota::smpp::ShortMessage> messages) {
  auto& held = m_held[system_id];
  for (auto& message : messages) {
    if (held.size() < m_limits.queue) held.push_back(std::move(message));
  }
}

/// What is held goes to whoever receives under that system id.
void SmppServer::hand_out() {
  for (auto& [system_id, held] : m_held) {
    for (Connection& connection : m_connections) {
      if (!connection.session.receives() || connection.session.system_id() != system_id) continue;
      while (!held.empty() && connection.session.deliver(held.front())) held.pop_front();
    }
  }
}

void SmppServer::accept_client() {
  net::Fd socket(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket || m_connections.size() >= kMaxConnections) return;
  const int yes = 1;
  (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  m_connections.push_back({std::move(socket), Session(m_host, m_clock, m_limits), m_clock.now(), {}, false});
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
  }
  const bool closed = connection.session.state() == Session::State::kClosed && connection.output.empty();
  if (closed || connection.output.size() > kMaxOutput) connection.broken = true;
}

void SmppServer::run(int stop) {
  for (;;) {
    std::vector<pollfd> waits{{stop, POLLIN, 0}, {m_listener.get(), POLLIN, 0}};
    bool unbound = false;
    for (Connection& connection : m_connections) {
      unbound = unbound || connection.session.state() == Session::State::kOpen;
      const short events = connection.output.empty() ? POLLIN : POLLOUT;  // who does not read is not read from
      waits.push_back({connection.socket.get(), events, 0});
    }
    if (::poll(waits.data(), waits.size(), unbound ? static_cast<int>(kTimeToBind.count()) : -1) < 0 && errno != EINTR) {
      throw SystemError(std::string("poll: ") + std::strerror(errno));
    }
    if (waits[0].revents != 0) return;
    std::size_t i = 2;
    for (Connection& connection : m_connections) {
      if (waits[i++].revents != 0 && connection.output.empty()) read(connection);
    }
    if (waits[1].revents != 0) accept_client();
    hand_out();
    for (Connection& connection : m_connections) {
      write(connection);
      const bool late = connection.session.state() == Session::State::kOpen && m_clock.now() - connection.since >= kTimeToBind;
      connection.broken = connection.broken || late;
    }
    m_connections.remove_if([](const Connection& connection) { return connection.broken; });
  }
}

}  // namespace uicclab::cli
