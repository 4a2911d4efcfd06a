// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "core/net/address.hpp"
#include "lwm2m/transport/datagram_link.hpp"

namespace uicclab::lwm2m {
namespace {

constexpr std::size_t kLargestDatagram = 65535;

tl::unexpected<Error> failed(const char* what, int error) {
  if (error == ECONNREFUSED) return fail(ErrorCode::kIo, "nobody listens there (ICMP port unreachable)");
  return fail(ErrorCode::kIo, std::string(what) + ": " + std::strerror(error));  // NOLINT(concurrency-mt-unsafe): one thread
}

/// To this port of any address of the host; 0: true, and nothing is done.
bool bind_to(int socket, int family, std::uint16_t port) {
  if (port == 0) return true;
  if (family == AF_INET) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

}  // namespace

Result<std::unique_ptr<UdpLink>> UdpLink::connect(const std::string& host, std::uint16_t port, std::uint16_t local_port) {
  const auto found = net::resolve(host, port, SOCK_DGRAM);
  if (!found) return fail(found.error().code, "the server " + host + ": " + found.error().text);
  int last = EADDRNOTAVAIL;
  for (const addrinfo* one = found->get(); one != nullptr; one = one->ai_next) {
    net::Fd socket(::socket(one->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket && bind_to(socket.get(), one->ai_family, local_port) && ::connect(socket.get(), one->ai_addr, one->ai_addrlen) == 0) {
      return std::unique_ptr<UdpLink>(new UdpLink(std::move(socket)));
    }
    last = errno;
  }
  return failed("UDP", last);
}

Result<void> UdpLink::send(BytesView datagram) {
  if (::send(descriptor(), datagram.data(), datagram.size(), 0) < 0) return failed("sending", errno);
  return {};
}

Result<bool> UdpLink::wait(std::chrono::milliseconds within) const {
  pollfd one{descriptor(), POLLIN, 0};
  const int ready = ::poll(&one, 1, static_cast<int>(std::max<std::int64_t>(within.count(), 0)));
  if (ready < 0 && errno != EINTR) return failed("waiting", errno);
  return ready > 0;
}

Result<std::optional<Bytes>> UdpLink::receive(std::chrono::milliseconds within) {
  const auto ready = wait(within);
  if (!ready) return tl::unexpected(ready.error());
  if (!*ready) return std::nullopt;
  Bytes out(kLargestDatagram);
  const ssize_t size = ::recv(descriptor(), out.data(), out.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (size < 0) return failed("receiving", errno);
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace uicclab::lwm2m
