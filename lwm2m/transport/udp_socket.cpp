// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/udp_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace uicclab::lwm2m {
namespace {

constexpr int kBuffer = 4 * 1024 * 1024;  // ten thousand devices may wake up at once

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

Result<Addresses> resolve(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0) {
    return fail(ErrorCode::kNotFound, host + ": " + gai_strerror(error));
  }
  return Addresses(found, freeaddrinfo);
}

PeerAddress address_in(const sockaddr* address, socklen_t size) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(address);
  return {{bytes, bytes + size}};
}

}  // namespace

Result<UdpSocket> UdpSocket::bind(const std::string& host, std::uint16_t port) {
  const auto found = resolve(host, port, AI_PASSIVE);
  if (!found) return tl::unexpected(found.error());
  const addrinfo& one = **found;
  net::Fd socket(::socket(one.ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket || ::bind(socket.get(), one.ai_addr, one.ai_addrlen) != 0) {
    return fail(ErrorCode::kIo, host + ":" + std::to_string(port) + ": " + std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
  }
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer);
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) net::throw_errno("getsockname");
  const in_port_t number = bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&bound)->sin6_port
                                                       : reinterpret_cast<const sockaddr_in*>(&bound)->sin_port;
  return UdpSocket(std::move(socket), ntohs(number));
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
  const auto found = resolve(host, port, 0);
  if (!found) return tl::unexpected(found.error());
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
