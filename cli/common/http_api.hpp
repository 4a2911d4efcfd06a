// SPDX-License-Identifier: Apache-2.0
// The small HTTP interface of `lwm2m serve` and of the roles of `gba`, on a loopback address. HTTP/1.1 (RFC 9112), one request a
// connection. Requests of web pages are refused: those with an Origin, or for another Host. Of too many connections the oldest that does
// not wait for a device gives way.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <poll.h>

#include "core/net/fd.hpp"
#include "core/result.hpp"

namespace uicclab::cli {

struct HttpRequest {
  std::string method, path, body;
  std::string token;  ///< of "Authorization: Bearer" (RFC 6750 clause 2.1)
};
struct HttpAnswer {
  int status = 200;
  std::string json;
};

/// A request whose header and body are there. Nothing: more is to come. `status` is 0, or why it is refused.
struct ParsedHttp {
  HttpRequest request;
  int status = 0;
};
std::optional<ParsedHttp> parse_http(std::string_view bytes);

class HttpApi {
 public:
  using Reply = std::function<void(HttpAnswer)>;
  using Handler = std::function<void(const HttpRequest&, Reply)>;

  /// Throws Exit for an address that is no loopback address or cannot be had.
  HttpApi(const std::string& host, std::uint16_t port, Handler handler);
  std::uint16_t port() const { return m_port; }

  void add_to(std::vector<pollfd>& wait) const;
  /// Reads, answers and writes what can be.
  void serve();

 private:
  struct Connection {
    net::Fd socket;
    std::string in, out;
    bool asked = false, answered = false, over = false;
    std::uint64_t number = 0;
    /// For the device's answer; nothing is read meanwhile.
    bool waits() const { return asked && !answered; }
  };
  void accept_all();
  void read(Connection& connection);
  void answer(Connection& connection, const HttpAnswer& answer);

  net::Fd m_listener;
  std::uint16_t m_port = 0;
  Handler m_handler;
  std::list<Connection> m_connections;
  std::uint64_t m_next = 0;
};

/// The client's side: the answer's body. `patience`: between two pieces of it, without an end if negative. Errors: kIo; kRefused with the
/// body for another status than 200.
Result<std::string> ask_http(const std::string& host, std::uint16_t port, const std::string& method, const std::string& path,
                             const std::string& body, const std::string& token = "",
                             std::chrono::milliseconds patience = std::chrono::milliseconds(-1));

}  // namespace uicclab::cli
