// SPDX-License-Identifier: Apache-2.0
#include "core/net/address.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include "core/net/fd.hpp"

namespace uicclab::net {

Result<Addresses> resolve(const std::string& host, std::uint16_t port, int type, int flags) {
  addrinfo hints{};
  hints.ai_socktype = type;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0) {
    return fail(ErrorCode::kNotFound, ::gai_strerror(error));
  }
  return Addresses(found, &::freeaddrinfo);
}

std::uint16_t local_port(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0) throw_errno("getsockname");
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&bound)->sin6_port
                                           : reinterpret_cast<const sockaddr_in*>(&bound)->sin_port);
}

}  // namespace uicclab::net
