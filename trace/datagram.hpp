// SPDX-License-Identifier: Apache-2.0
// UDP datagrams inside captured packets: link layers of tcpdump.org, IPv4 (RFC 791), IPv6 (RFC 8200), UDP (RFC 768).
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.hpp"

namespace uicclab::trace {

struct Datagram {
  BytesView source;  ///< address, 4 or 16 bytes
  std::uint16_t source_port = 0;
  std::uint16_t port = 0;  ///< where it goes
  BytesView payload;
};

/// The whole datagram in a packet of this link type: Ethernet (with VLAN tags), BSD loopback, raw IP, Linux cooked v1 and v2. Nothing for
/// any other packet, for fragments, and for what was cut.
std::optional<Datagram> udp_datagram(std::uint32_t link_type, BytesView packet);

}  // namespace uicclab::trace
