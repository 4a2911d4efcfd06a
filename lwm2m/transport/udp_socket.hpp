// SPDX-License-Identifier: Apache-2.0
// The socket of a server: datagrams from and to anybody, IPv4 or IPv6.
#pragma once

#include <optional>
#include <string>

#include "core/net/fd.hpp"
#include "core/result.hpp"
#include "lwm2m/transport/peer.hpp"

namespace uicclab::lwm2m {

struct Datagram {
  PeerAddress from;
  Bytes bytes;
};

class UdpSocket {
 public:
  /// `port` 0: any that is free. Errors: kNotFound for a host without an address, kIo.
  static Result<UdpSocket> bind(const std::string& host, std::uint16_t port);

  int descriptor() const { return m_socket.get(); }
  std::uint16_t port() const { return m_port; }
  /// Nothing if none waits.
  std::optional<Datagram> receive();
  /// What cannot be sent is lost, as datagrams are.
  void send(const PeerAddress& to, BytesView datagram) const;
  /// An address of the same family. Errors: kNotFound.
  static Result<PeerAddress> address_of(const std::string& host, std::uint16_t port);

 private:
  UdpSocket(net::Fd socket, std::uint16_t port) : m_socket(std::move(socket)), m_port(port), m_buffer(65535) {}
  net::Fd m_socket;
  std::uint16_t m_port;
  Bytes m_buffer;
};

/// "127.0.0.1:5683", "[::1]:5683".
std::string text_of(const PeerAddress& address);

}  // namespace uicclab::lwm2m
