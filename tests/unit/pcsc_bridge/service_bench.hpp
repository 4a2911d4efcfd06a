// SPDX-License-Identifier: Apache-2.0
// A service in a thread of the test, and a client that speaks the socket protocol itself.
#pragma once

#include <cstdlib>
#include <thread>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "card_stub.hpp"
#include "pcsc_bridge/service.hpp"

namespace uicclab::test {

using namespace pcsc_bridge;
using wire::Command;
using wire::Rv;

/// A directory of the test's own, gone with everything in it at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = "/tmp/uicclab-test-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    m_path = name;
  }
  ~TemporaryDirectory() { (void)!std::system(("rm -r '" + m_path + "'").c_str()); }
  std::string file(const std::string& name) const { return m_path + "/" + name; }
  const std::string& path() const { return m_path; }

 private:
  std::string m_path;
};

/// Two readers, "R 00 00" with a card and "R 00 01" empty, served until the end of the test.
struct ServiceBench {
  TemporaryDirectory directory;
  CardStub card;
  CardStub other;
  Service service{directory.file("sock"), {{"R 00 00", &card}, {"R 00 01", &other, false}}};
  std::thread thread{[this] { service.run(); }};

  ~ServiceBench() {
    service.stop();
    thread.join();
  }
};

class RawClient {
 public:
  explicit RawClient(const Service& service) : m_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(service.socket_path(), address.sun_path);
    REQUIRE(::connect(m_fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    const timeval limit{20, 0};  // a broken service fails the test instead of hanging it
    ::setsockopt(m_fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }

  void send_bytes(BytesView bytes) const { REQUIRE(::send(m_fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == std::ssize(bytes)); }
  template <typename T>
  static Bytes message(Command command, const T& body, BytesView rest = {}) {
    Bytes out;
    wire::write(out, wire::Header{sizeof(T), command});
    wire::write(out, body);
    append(out, rest);
    return out;
  }
  static Bytes message(Command command) {
    Bytes out;
    wire::write(out, wire::Header{0, command});
    return out;
  }
  /// Empty if the service closed the connection.
  Bytes receive(std::size_t size) const {
    Bytes out(size);
    const auto got = ::recv(m_fd.get(), out.data(), size, MSG_WAITALL);
    const bool in_time = got >= 0 || errno == ECONNRESET;
    REQUIRE(in_time);
    out.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return out;
  }
  bool closed() const { return receive(1).empty(); }
  /// Nothing has come so far.
  bool silent() const {
    std::uint8_t byte = 0;
    return ::recv(m_fd.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }
  template <typename T>
  T receive() const {
    const auto bytes = receive(sizeof(T));
    REQUIRE(bytes.size() == sizeof(T));
    return wire::read<T>(bytes);
  }
  template <typename T>
  T ask(Command command, const T& body, BytesView rest = {}) const {
    send_bytes(message(command, body, rest));
    return receive<T>();
  }
  std::int32_t connect(std::string_view reader = "R 00 00") {
    context = ask(Command::kEstablish, wire::Establish{2, 0, {}}).context;
    wire::Connect body;
    body.context = context;
    std::ranges::copy(reader, body.reader.begin());
    body.share = wire::kShared;
    body.protocols = 3;
    const auto answer = ask(Command::kConnect, body);
    REQUIRE(answer.rv == Rv::kSuccess);
    return answer.card;
  }
  static Bytes transmit_message(std::int32_t card, BytesView command) {
    wire::Transmit body;
    body.card = card;
    body.send_protocol = wire::kT0;
    body.send_size = static_cast<std::uint32_t>(command.size());
    body.receive_size = 65538;
    return message(Command::kTransmit, body, command);
  }
  Bytes receive_transmitted() const {
    const auto answer = receive<wire::Transmit>();
    REQUIRE(answer.rv == Rv::kSuccess);
    return receive(answer.receive_size);
  }
  Bytes transmit(std::int32_t card, BytesView command) const {
    send_bytes(transmit_message(card, command));
    return receive_transmitted();
  }
  int fd() const { return m_fd.get(); }
  void die() { m_fd.reset(); }

  std::uint32_t context = 0;

 private:
  net::Fd m_fd;
};

}  // namespace uicclab::test
