// SPDX-License-Identifier: Apache-2.0
#include "trace/datagram.hpp"

#include "core/reader.hpp"

namespace uicclab::trace {
namespace {

constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint16_t kIpv6 = 0x86DD;
constexpr std::uint8_t kUdp = 17;

std::optional<Datagram> udp(BytesView bytes, BytesView source) {
  ByteReader reader(bytes);
  const auto from = reader.u16();
  const auto to = reader.u16();
  const auto length = reader.u16();
  if (!from || !to || !length || *length < 8 || *length > bytes.size() || !reader.skip(2)) return std::nullopt;
  return Datagram{source, *from, *to, bytes.subspan(8, *length - std::size_t{8})};
}

std::optional<Datagram> ipv4(BytesView bytes) {
  if (bytes.size() < 20 || bytes[0] >> 4 != 4) return std::nullopt;
  const std::size_t header = std::size_t{4} * (bytes[0] & 0x0F);
  ByteReader reader(bytes.subspan(2));
  std::size_t total = *reader.u16();
  reader.skip(2);
  const std::uint16_t fragment = *reader.u16();
  if (total == 0) total = bytes.size();  // left to the hardware of the sender
  if (header < 20 || total < header || total > bytes.size() || (fragment & 0x3FFF) != 0 || bytes[9] != kUdp) return std::nullopt;
  return udp(bytes.subspan(header, total - header), bytes.subspan(12, 4));
}

std::optional<Datagram> ipv6(BytesView bytes) {
  constexpr std::size_t kHeader = 40;
  if (bytes.size() < kHeader || bytes[0] >> 4 != 6) return std::nullopt;
  const std::size_t length = static_cast<std::size_t>((bytes[4] << 8) | bytes[5]);
  if (length > bytes.size() - kHeader) return std::nullopt;
  const BytesView source = bytes.subspan(8, 16);
  std::uint8_t next = bytes[6];
  bytes = bytes.subspan(kHeader, length);
  // Hop-by-hop options, routing, destination options: RFC 8200 clause 4.
  while (next == 0 || next == 43 || next == 60) {
    if (bytes.size() < 8) return std::nullopt;
    const std::size_t size = 8 * (std::size_t{bytes[1]} + 1);
    if (size > bytes.size()) return std::nullopt;
    next = bytes[0];
    bytes = bytes.subspan(size);
  }
  return next == kUdp ? udp(bytes, source) : std::nullopt;
}

std::optional<Datagram> ip(BytesView bytes) {
  if (bytes.empty()) return std::nullopt;
  return bytes[0] >> 4 == 6 ? ipv6(bytes) : ipv4(bytes);
}

std::optional<Datagram> by_ether_type(std::uint16_t type, BytesView bytes) {
  // VLAN tags: IEEE 802.1Q and 802.1ad.
  while (type == 0x8100 || type == 0x88A8) {
    if (bytes.size() < 4) return std::nullopt;
    type = static_cast<std::uint16_t>((bytes[2] << 8) | bytes[3]);
    bytes = bytes.subspan(4);
  }
  if (type == kIpv4) return ipv4(bytes);
  return type == kIpv6 ? ipv6(bytes) : std::nullopt;
}

/// A header of `size` bytes with an EtherType at `offset`.
std::optional<Datagram> behind(BytesView packet, std::size_t size, std::size_t offset) {
  if (packet.size() < size) return std::nullopt;
  return by_ether_type(static_cast<std::uint16_t>((packet[offset] << 8) | packet[offset + 1]), packet.subspan(size));
}

}  // namespace

std::optional<Datagram> udp_datagram(std::uint32_t link_type, BytesView packet) {
  switch (link_type) {
    case 0:    // BSD loopback: a protocol family in the order of the machine, whose number for IPv6 differs
    case 108:  // the same in network order
      return packet.size() < 4 ? std::nullopt : ip(packet.subspan(4));
    case 1:  // Ethernet
      return behind(packet, 14, 12);
    case 12:   // raw IP of OpenBSD
    case 14:   // and of others
    case 101:  // raw IP
      return ip(packet);
    case 113:  // Linux cooked
      return behind(packet, 16, 14);
    case 228:
      return ipv4(packet);
    case 229:
      return ipv6(packet);
    case 276:  // Linux cooked, version 2
      return behind(packet, 20, 0);
    default:
      return std::nullopt;
  }
}

}  // namespace uicclab::trace
