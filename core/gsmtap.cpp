// SPDX-License-Identifier: Apache-2.0
#include "core/gsmtap.hpp"

#include <array>

#include <netinet/in.h>
#include <sys/socket.h>

#include "core/reader.hpp"

namespace uicclab {

namespace {

constexpr std::size_t kMaxDatagram = 65507;
constexpr std::size_t kIpSize = 20;
constexpr std::size_t kUdpSize = 8;

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kHeaderWords = 4;
constexpr std::uint8_t kTypeSim = 4;

Bytes header(GsmtapSim::SubType sub_type) {
  ByteWriter out;
  out.u8(kVersion).u8(kHeaderWords).u8(kTypeSim).u8(0);  // timeslot
  out.u16(0).u8(0).u8(0).u32(0);                         // ARFCN, signal, noise, frame number: of a radio
  out.u8(sub_type).u8(0).u8(0).u8(0);                    // antenna, sub-slot, reserved
  return out.take();
}

/// Internet checksum (RFC 1071) of an even number of bytes.
std::uint16_t checksum(BytesView bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum += static_cast<std::uint32_t>((bytes[i] << 8) | bytes[i + 1]);
  while ((sum >> 16) != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

/// IPv4 (RFC 791) and UDP (RFC 768, without a checksum) in front of a payload.
Bytes datagram(std::uint16_t source_port, BytesView payload) {
  const auto ip_header = [&](std::uint16_t sum) {
    ByteWriter out;
    out.u8(0x45).u8(0).u16(static_cast<std::uint16_t>(kIpSize + kUdpSize + payload.size()));
    out.u32(0).u8(64).u8(IPPROTO_UDP).u16(sum).u32(INADDR_LOOPBACK).u32(INADDR_LOOPBACK);
    return out.take();
  };
  ByteWriter out;
  out.bytes(ip_header(checksum(ip_header(0))));
  out.u16(source_port).u16(kGsmtapPort).u16(static_cast<std::uint16_t>(kUdpSize + payload.size())).u16(0);
  out.bytes(payload);
  return out.take();
}

void write(std::ostream& out, BytesView bytes) {
  out.write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
}

}  // namespace

std::optional<Bytes> gsmtap_packet(const TraceEvent& event) {
  if (event.kind != TraceEvent::Kind::kExchange && event.kind != TraceEvent::Kind::kReset) return std::nullopt;
  const bool atr = event.kind == TraceEvent::Kind::kReset;
  auto packet = concat({header(atr ? GsmtapSim::kAtr : GsmtapSim::kApdu), event.command, event.answer});
  if (packet.size() > kMaxDatagram) return std::nullopt;
  return packet;
}

Result<GsmtapSim> parse_gsmtap(BytesView packet) {
  ByteReader reader(packet);
  const auto version = reader.u8();
  const auto words = reader.u8();
  const auto type = reader.u8();
  if (!version || !words || !type) return fail(ErrorCode::kTruncated, "a GSMTAP header ends too early", packet.size());
  if (*version != kVersion) return fail(ErrorCode::kUnsupported, "GSMTAP version " + std::to_string(*version), 0);
  if (*words < kHeaderWords) return fail(ErrorCode::kMalformed, "a GSMTAP header of " + std::to_string(*words) + " words", 1);
  if (*type != kTypeSim) return fail(ErrorCode::kUnsupported, "GSMTAP of type " + std::to_string(*type) + ", which is not SIM", 2);
  constexpr std::size_t kSubTypeOffset = 12;
  if (packet.size() < std::size_t{*words} * 4) return fail(ErrorCode::kTruncated, "a GSMTAP header ends too early", packet.size());
  return GsmtapSim{packet[kSubTypeOffset], packet.subspan(std::size_t{*words} * 4)};
}

PcapTrace::PcapTrace(std::ostream& out, std::chrono::milliseconds epoch) : m_out(out), m_epoch(epoch) {
  constexpr std::uint32_t kMagic = 0xA1B2C3D4;  // microseconds; the order of its bytes says in which order the numbers are
  constexpr std::uint32_t kSnapLength = 0x40000;
  constexpr std::uint32_t kLinkTypeRaw = 101;  // IPv4 without a link layer
  write(m_out, ByteWriter().u32(kMagic).u16(2).u16(4).u32(0).u32(0).u32(kSnapLength).u32(kLinkTypeRaw).view());
  m_out.flush();
}

void PcapTrace::on_event(const TraceEvent& event) {
  const auto packet = gsmtap_packet(event);
  if (!packet) return;
  constexpr unsigned kFirstPort = 49152;
  const auto ip = datagram(static_cast<std::uint16_t>(kFirstPort + event.card % 16384), *packet);
  const auto time = (event.time + m_epoch).count();
  ByteWriter record;
  record.u32(static_cast<std::uint32_t>(time / 1000)).u32(static_cast<std::uint32_t>(time % 1000 * 1000));
  record.u32(static_cast<std::uint32_t>(ip.size())).u32(static_cast<std::uint32_t>(ip.size())).bytes(ip);
  const std::lock_guard lock(m_mutex);
  write(m_out, record.view());
  m_out.flush();
}

GsmtapUdp::GsmtapUdp(std::uint16_t port) : m_socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!m_socket || ::connect(m_socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw SystemError("no UDP socket for GSMTAP");
  }
}

void GsmtapUdp::on_event(const TraceEvent& event) {
  const auto packet = gsmtap_packet(event);
  if (packet) (void)::send(m_socket.get(), packet->data(), packet->size(), MSG_DONTWAIT | MSG_NOSIGNAL);  // a lost one is no harm
}

}  // namespace uicclab
