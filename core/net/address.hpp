// SPDX-License-Identifier: Apache-2.0
// Addresses of hosts by name or number, and the port that a socket has.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <netdb.h>

#include "core/result.hpp"

namespace uicclab::net {

/// What getaddrinfo() found: at least one; follow ai_next for the others.
using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

/// `type`: SOCK_STREAM or SOCK_DGRAM; `flags` as for getaddrinfo(). Error: kNotFound with the resolver's words alone.
Result<Addresses> resolve(const std::string& host, std::uint16_t port, int type, int flags = 0);

/// The port that an IPv4 or IPv6 socket is bound to. Throws SystemError.
std::uint16_t local_port(int socket);

}  // namespace uicclab::net
