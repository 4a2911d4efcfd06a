// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/udp_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/net/address.hpp"

namespace uicclab::lwm2m {
namespace {

constexpr int kBuffer = 4 * 1024 * 1024;  // ten thousand devices may wake up at once

PeerAddress address_in(const sockaddr* address, socklen_t size) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(address);
  return {{bytes, bytes + size}};
}

}  // namespace

Result<UdpSocket> UdpSocket::bind(const std::string& host, std::uint16_t port) {
  const auto found = net::resolve(host, port, SOCK_DGRAM, AI_PASSIVE);
  if (!found) return fail(found.error().code, host + ": " + found.error().text);
  const addrinfo& one = **found;
  net::Fd socket(::socket(one.ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket || ::bind(socket.get(), one.ai_addr, one.ai_addrlen) != 0) {
    return fail(ErrorCode::kIo, host + ":" + std::to_string(port) + ": " + std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
  }
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer);
  const std::uint16_t number = net::local_port(socket.get());
  return UdpSocket(std::move(socket), number);
}

std::optional<Datagram> UdpSocket::receive() {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const ssize_t got = ::recvfrom(descriptor(), m_buffer.data(), m_buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
  if (got < 0) return std::nullopt;
  return Datagram{address_in(reinterpret_cast<const sockaddr*>(&from), size),
                  to_bytes(BytesView(m_buffer).first(static_cast<std::size_t>(got)))};
}

void UdpSocket::send(const PeerAddress& to, BytesView datagram) const {
  ::sendto(descriptor(), datagram.data(), datagram.size(), 0, reinterpret_cast<const sockaddr*>(to.bytes.data()),
           static_cast<socklen_t>(to.bytes.size()));
}

Result<PeerAddress> UdpSocket::address_of(const std::string& host, std::uint16_t port) {
  const auto found = net::resolve(host, port, SOCK_DGRAM);
  if (!found) return fail(found.error().code, host + ": " + found.error().text);
  return address_in((*found)->ai_addr, (*found)->ai_addrlen);
}

std::string text_of(const PeerAddress& address) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  const int error = getnameinfo(reinterpret_cast<const sockaddr*>(address.bytes.data()), static_cast<socklen_t>(address.bytes.size()),
                                host.data(), host.size(), port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
  if (error != 0) return "an unknown address";
  const std::string name(host.data());
  return (name.find(':') != std::string::npos ? "[" + name + "]" : name) + ":" + port.data();
}

}  // namespace uicclab::lwm2m
