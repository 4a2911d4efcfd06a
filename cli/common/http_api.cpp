// SPDX-License-Identifier: Apache-2.0
#include "cli/common/http_api.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <utility>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "cli/common/commands.hpp"
#include "core/ascii.hpp"
#include "core/json.hpp"
#include "core/net/address.hpp"
#include "core/net/connection.hpp"

namespace uicclab::cli {
namespace {

constexpr std::size_t kLongestRequest = 128 * 1024;
constexpr std::size_t kMostConnections = 64;

/// A page that a browser loaded from elsewhere reaches a loopback port under a name of its own, which may look like an address:
/// 127.evil.example.
bool is_loopback_name(std::string_view host) {
  const std::size_t colon = host.starts_with('[') ? host.find(']') + 1 : std::min(host.find(':'), host.size());
  const std::string name = lower(host.substr(0, colon));
  in_addr address{};
  const bool loopback = inet_pton(AF_INET, name.c_str(), &address) == 1 && ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
  return name == "localhost" || name == "[::1]" || loopback;
}

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 413:
      return "Content Too Large";
    default:
      return "Error";
  }
}

}  // namespace

std::optional<ParsedHttp> parse_http(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (std::min(end, bytes.size()) > kLongestRequest) return ParsedHttp{{}, 413};
  if (end == std::string_view::npos) return std::nullopt;
  ParsedHttp out;
  std::string_view head = bytes.substr(0, end);
  const std::size_t line_end = std::min(head.find("\r\n"), head.size());
  const std::string_view line = head.substr(0, line_end);
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos || !line.substr(second + 1).starts_with("HTTP/1.")) return ParsedHttp{{}, 400};
  out.request.method = line.substr(0, first);
  out.request.path = line.substr(first + 1, second - first - 1);
  std::size_t length = 0;
  bool local = false, named = false;
  for (std::size_t at = line_end; at < head.size();) {
    at += 2;
    const std::size_t stop = std::min(head.find("\r\n", at), head.size());
    const std::string_view field = head.substr(at, stop - at);
    at = stop;
    const std::size_t colon = std::min(field.find(':'), field.size());
    const std::string name = lower(field.substr(0, colon));
    const std::string_view value = trimmed(colon < field.size() ? field.substr(colon + 1) : std::string_view());
    if (name == "origin") return ParsedHttp{{}, 403};
    if (name == "host") {
      if (std::exchange(named, true)) return ParsedHttp{{}, 400};  // RFC 9112 clause 3.2
      local = is_loopback_name(value);
    }
    constexpr std::string_view kBearer = "Bearer ";
    if (name == "authorization" && value.starts_with(kBearer)) out.request.token = value.substr(kBearer.size());
    if (name == "transfer-encoding") return ParsedHttp{{}, 400};
    if (name != "content-length") continue;
    const auto [stopped, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (error != std::errc() || stopped != value.data() + value.size()) return ParsedHttp{{}, 400};
    if (length > kLongestRequest) return ParsedHttp{{}, 413};
  }
  if (!local) return ParsedHttp{{}, 403};
  const std::string_view body = bytes.substr(end + 4);
  if (body.size() < length) return std::nullopt;
  out.request.body = body.substr(0, length);
  return out;
}

HttpApi::HttpApi(const std::string& host, std::uint16_t port, Handler handler) : m_handler(std::move(handler)) {
  if (!is_loopback_name(host.find(':') != std::string::npos ? "[" + host + "]" : host)) {
    throw Exit{kUsage, host + " is not a loopback address; anyone who reaches the HTTP interface may use it"};
  }
  const auto found = net::resolve(host, port, SOCK_STREAM, AI_PASSIVE);
  if (!found) throw Exit{kUsage, host + ": " + found.error().text};
  const addrinfo& first = **found;
  m_listener = net::Fd(::socket(first.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int yes = 1;
  setsockopt(m_listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (!m_listener || ::bind(m_listener.get(), first.ai_addr, first.ai_addrlen) != 0 || ::listen(m_listener.get(), 64) != 0) {
    throw Exit{kEnvironment,
               "HTTP at " + host + ":" + std::to_string(port) + ": " + std::strerror(errno)};  // NOLINT(concurrency-mt-unsafe)
  }
  m_port = net::local_port(m_listener.get());
}

void HttpApi::add_to(std::vector<pollfd>& wait) const {
  wait.push_back({m_listener.get(), POLLIN, 0});
  for (const Connection& one : m_connections) {
    if (one.waits()) continue;
    wait.push_back({one.socket.get(), static_cast<short>(one.out.empty() ? POLLIN : POLLOUT), 0});
  }
}

void HttpApi::accept_all() {
  while (true) {
    net::Fd socket(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    if (m_connections.size() >= kMostConnections) {
      const auto slow = std::ranges::find_if(m_connections, [](const Connection& one) { return !one.waits(); });
      if (slow == m_connections.end()) continue;
      m_connections.erase(slow);
    }
    Connection& one = m_connections.emplace_back();
    one.socket = std::move(socket);
    one.number = m_next++;
  }
}

void HttpApi::answer(Connection& connection, const HttpAnswer& answer) {
  if (connection.answered) return;
  connection.answered = true;
  connection.out = "HTTP/1.1 " + std::to_string(answer.status) + " " + reason_of(answer.status) +
                   "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(answer.json.size() + 1) +
                   "\r\nConnection: close\r\n\r\n" + answer.json + "\n";
}

void HttpApi::read(Connection& connection) {
  std::array<char, 8192> buffer{};
  bool ended = false;
  while (!ended && connection.in.size() <= 3 * kLongestRequest) {
    const ssize_t size = ::recv(connection.socket.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EAGAIN) break;
    ended = size <= 0;  // of a client that shuts down its direction the request may be whole
    if (!ended) connection.in.append(buffer.data(), static_cast<std::size_t>(size));
  }
  const auto parsed = parse_http(connection.in);
  if (!parsed) {
    connection.over = ended;
    return;
  }
  connection.asked = true;
  if (parsed->status != 0) return answer(connection, {parsed->status, Json::object().set("error", "the request is refused").text()});
  m_handler(parsed->request, [this, number = connection.number](const HttpAnswer& result) {
    const auto there = std::ranges::find(m_connections, number, &Connection::number);
    if (there != m_connections.end()) answer(*there, result);
  });
}

void HttpApi::serve() {
  accept_all();
  for (Connection& one : m_connections) {
    if (!one.asked) read(one);
    while (!one.out.empty()) {
      const ssize_t sent = ::send(one.socket.get(), one.out.data(), one.out.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) break;
      if (sent <= 0) {
        one.over = true;
        break;
      }
      one.out.erase(0, static_cast<std::size_t>(sent));
    }
    one.over = one.over || (one.answered && one.out.empty());
  }
  std::erase_if(m_connections, [](const Connection& one) { return one.over; });
}

Result<std::string> ask_http(const std::string& host, std::uint16_t port, const std::string& method, const std::string& path,
                             const std::string& body, const std::string& token, std::chrono::milliseconds patience) {
  const net::Event never;
  std::string why;
  const net::Fd socket = net::connect_tcp(host, port, never, why, static_cast<int>(patience.count()));
  if (!socket) return fail(ErrorCode::kIo, "nobody answers at " + host + ":" + std::to_string(port) + ": " + why);
  const std::string request = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" +
                              (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") +
                              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  if (!net::send_all(socket.get(), as_bytes(request))) return fail(ErrorCode::kIo, "the server closed the connection");
  std::string answer;
  std::array<char, 8192> buffer{};
  while (answer.size() < 64U * 1024 * 1024) {
    pollfd wait{socket.get(), POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(patience.count())) == 0) return fail(ErrorCode::kIo, "no answer in time");
    const ssize_t size = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size <= 0) break;
    answer.append(buffer.data(), static_cast<std::size_t>(size));
  }
  const std::size_t end = answer.find("\r\n\r\n");
  if (end == std::string::npos || !answer.starts_with("HTTP/1.1 ")) return fail(ErrorCode::kIo, "no answer in HTTP");
  std::string text = answer.substr(end + 4);
  while (text.ends_with('\n')) text.pop_back();
  if (answer.substr(9, 3) != "200") return fail(ErrorCode::kRefused, text);
  return text;
}

}  // namespace uicclab::cli
