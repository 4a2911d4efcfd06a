// SPDX-License-Identifier: Apache-2.0
#include "cli/serve/control_server.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace uicclab::cli {
namespace {

constexpr std::size_t kMaxConnections = 16;
constexpr std::size_t kMaxLine = 65536;

/// False if the other end has gone.
bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Puts what comes behind `line`; false at the end.
bool receive(int socket, std::string& line) {
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    line.append(buffer.data(), static_cast<std::size_t>(got));
    return line.size() <= kMaxLine;
  }
}

}  // namespace

std::string control_socket_of(const std::string& service_socket) {
  return service_socket + ".ctl";
}

struct ControlServer::Connection {
  net::Fd socket;
  std::atomic<bool> idle = true;  ///< it waits for a request
  std::atomic<bool> ended = false;
  bool dropped = false;  ///< of the server's thread alone: its place was given to another
  std::thread thread;
};

ControlServer::ControlServer(std::string path, Control& control)
    : m_control(control), m_listener(std::move(path)), m_thread([this] { run(); }) {}

ControlServer::~ControlServer() {
  m_stop.set();
  m_thread.join();
}

bool ControlServer::make_room() {
  if (m_connections.size() < kMaxConnections) return true;
  const bool underway = std::ranges::any_of(m_connections, [](const Connection& one) { return one.dropped; });
  const auto idle = std::ranges::find_if(m_connections, [](const Connection& one) { return one.idle.load(); });
  if (!underway && idle != m_connections.end()) {
    idle->dropped = true;
    ::shutdown(idle->socket.get(), SHUT_RDWR);
  }
  return false;
}

void ControlServer::run() {
  bool room = true;
  for (;;) {
    // While a place is being made, the listener is looked at again when a connection has ended, or after a while.
    constexpr int kPause = 100;
    std::array<pollfd, 3> wait{pollfd{m_stop.fd(), POLLIN, 0}, pollfd{m_ended.fd(), POLLIN, 0},
                               pollfd{room ? m_listener.fd() : -1, POLLIN, 0}};
    if (::poll(wait.data(), wait.size(), room ? -1 : kPause) < 0) continue;
    room = true;
    if (wait[0].revents != 0) break;
    if (wait[1].revents != 0) {
      m_ended.clear();
      m_connections.remove_if([](Connection& one) {
        if (one.ended) one.thread.join();
        return one.ended.load();
      });
    }
    if (wait[2].revents == 0) continue;
    room = make_room();
    if (!room) continue;
    net::Fd socket(::accept4(m_listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) {
      room = errno != EMFILE && errno != ENFILE && errno != ENOMEM && errno != ENOBUFS;
      continue;
    }
    Connection& connection = m_connections.emplace_back();
    connection.socket = std::move(socket);
    try {
      connection.thread = std::thread([this, &connection] { serve(connection); });
    } catch (const std::exception&) {  // no thread for one more: the client sees its connection closed
      m_connections.pop_back();
    }
  }
  for (Connection& one : m_connections) {
    ::shutdown(one.socket.get(), SHUT_RDWR);
    one.thread.join();
  }
}

void ControlServer::serve(Connection& connection) {
  const int socket = connection.socket.get();
  try {
    std::string text;
    while (receive(socket, text)) {
      connection.idle = false;
      bool alive = true;
      for (auto end = text.find('\n'); alive && end != std::string::npos; end = text.find('\n')) {
        alive = send_all(socket, m_control.answer(text.substr(0, end)) + "\n");
        text.erase(0, end + 1);
      }
      if (!alive) break;
      connection.idle = true;
    }
  } catch (const std::exception&) {  // no memory: this connection goes, the others stay
  }
  ::shutdown(socket, SHUT_RDWR);
  connection.ended = true;
  m_ended.set();
}

Result<std::string> ask_control(const std::string& path, const std::string& request) {
  const auto gone = [&path](const char* what) { return fail(ErrorCode::kIo, what + (" at " + path) + ": " + std::strerror(errno)); };
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return fail(ErrorCode::kIo, "the path of the socket is too long: " + path);
  std::copy(path.begin(), path.end(), address.sun_path);
  const net::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return gone("no 'uicclab run' listens");
  }
  if (!send_all(socket.get(), request + "\n")) return gone("the request could not be sent");
  std::string answer;
  while (answer.find('\n') == std::string::npos) {
    if (!receive(socket.get(), answer)) return fail(ErrorCode::kIo, "'uicclab run' ended before it answered");
  }
  answer.erase(answer.find('\n'));
  return answer;
}

}  // namespace uicclab::cli
